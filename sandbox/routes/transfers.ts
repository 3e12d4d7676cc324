import { jsonBody, requestedAction, requireFields, unwrap } from '../http/body';
import { requesterOf } from '../http/context';
import type { CoriolisContext, CoriolisRoutes } from '../http/context';
import { page, queryStatus } from '../http/paging';
import type { Columns } from '../http/paging';
import { requirePermission } from '../http/policy';
import { queryFlag, queryTaskInfo } from '../http/query';
import type { Action, Transfer } from '../world/model';
import { pythonText } from '../python/text';
import { deleteTransferDisks, updateTransfer } from '../world/transfers/executions';
import {
  createTransfer,
  deleteTransfer,
  requireTransfer,
  transferToUpdate,
} from '../world/transfers/transfers';
import type { World } from '../world/world';
import { executionView, transferView } from './views';

/** The server compares the status of a transfer's last execution, but accepts the statuses of *tasks* (coriolis-api.md §7.3). */
const FILTER_STATUSES = [
  'SCHEDULED',
  'PENDING',
  'STARTING',
  'RUNNING',
  'SYNCING',
  'CANCELLING',
  'CANCELLING_AFTER_COMPLETION',
  'COMPLETED',
  'ERROR',
  'FAILED_TO_SCHEDULE',
  'UNSCHEDULED',
  'CANCELED',
  'FORCE_CANCELED',
  'CANCELED_AFTER_COMPLETION',
  'CANCELED_FOR_DEBUGGING',
  'STRANDED_AFTER_DEADLOCK',
  'FAILED_TO_CANCEL',
  'EXECUTE_ON_ERROR_ONLY',
];

/** What lists of transfers and of deployments can be sorted by. */
export const ACTION_COLUMNS: Columns<Action> = {
  id: (action) => action.id,
  base_id: (action) => action.id,
  created_at: (action) => action.createdAt,
  updated_at: (action) => action.updatedAt,
  deleted_at: (action) => action.deletedAt,
  last_execution_status: (action) => action.lastExecutionStatus,
  origin_endpoint_id: (action) => action.originEndpointId,
  destination_endpoint_id: (action) => action.destinationEndpointId,
  notes: (action) => (action.notes === null ? null : pythonText(action.notes)),
  user_id: (action) => action.userId,
  project_id: (action) => action.projectId,
  clone_disks: (action) => action.cloneDisks,
  skip_os_morphing: (action) => action.skipOsMorphing,
};
const TRANSFER_COLUMNS: Columns<Transfer> = { ...ACTION_COLUMNS, scenario: (transfer) => transfer.scenario };

/** `/transfers` (coriolis-api.md §7). */
export function addTransferRoutes(routes: CoriolisRoutes, world: World): void {
  const list = (context: CoriolisContext): Response => {
    requirePermission(context, 'transfers:list');
    const status = queryStatus(context, { accepted: FILTER_STATUSES, what: 'task status' });
    const showDeleted = queryFlag(context, 'show_deleted');
    const transfers = page(context, {
      newestFirst: world.transfers.newestFirst(context.get('projectId')),
      visible: (transfer) => showDeleted || transfer.deletedAt === null,
      wanted: (transfer) => status === undefined || transfer.lastExecutionStatus === status,
      columns: TRANSFER_COLUMNS,
    });
    const show = queryTaskInfo(context);
    return context.json({
      transfers: transfers.map((transfer) =>
        transferView(transfer, { executions: show, info: show ? 'clear' : 'none' }),
      ),
    });
  };
  routes.get('/transfers', list);
  routes.get('/transfers/detail', list);

  routes.post('/transfers', async (context) => {
    requirePermission(context, 'transfers:create');
    const body = unwrap(await jsonBody(context), 'transfer', 'transfer creation');
    requireFields(body, ['origin_endpoint_id', 'destination_endpoint_id'], 'transfer creation');
    return context.json({ transfer: transferView(createTransfer(world, requesterOf(context), body)) });
  });

  routes.get('/transfers/:id', (context) => {
    requirePermission(context, 'transfers:show');
    const transfer = requireTransfer(world, context.get('projectId'), context.req.param('id'));
    const info = queryTaskInfo(context) ? 'masked' : 'none';
    return context.json({
      transfer: transferView(transfer, { executions: world.features.executionsInTransfers, info }),
    });
  });

  routes.put('/transfers/:id', async (context) => {
    requirePermission(context, 'transfers:update');
    const requester = requesterOf(context);
    const id = context.req.param('id');
    const body = await jsonBody(context);
    transferToUpdate(world, requester, id);
    const execution = updateTransfer(world, requester, id, unwrap(body, 'transfer', 'transfer update'));
    return context.json({ execution: executionView(execution) });
  });

  routes.delete('/transfers/:id', (context) => {
    requirePermission(context, 'transfers:delete');
    deleteTransfer(world, context.get('projectId'), context.req.param('id'));
    return context.body(null, 204);
  });

  routes.post('/transfers/:id/actions', async (context) => {
    requestedAction(await jsonBody(context), ['delete-disks']);
    requirePermission(context, 'transfers:delete_disks');
    const execution = deleteTransferDisks(world, requesterOf(context), context.req.param('id'));
    return context.json({ execution: executionView(execution) });
  });
}
