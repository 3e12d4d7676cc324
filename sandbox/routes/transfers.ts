import { requesterOf } from '../http/request-context';
import type { CoriolisContext, CoriolisRoutes } from '../http/request-context';
import { makeListPage } from '../http/list-page';
import type { SortColumns } from '../http/list-page';
import { requirePermission } from '../http/require-permission';
import {
  readLatin1PathParam,
  makeActionHandler,
  makeHandlerWithBody,
  makeHandlerWithoutBody,
} from '../http/wsgi-handlers';
import { runRequestBodyCheck } from '../world/request-body-check';
import { readQueryFlag, wantsTaskInfo } from '../http/query-parameters';
import type { Action, Transfer } from '../world/model';
import { pythonStr } from '../python/value-texts';
import { startDiskDeletion, startUpdateExecution } from '../world/transfers/executions';
import { checkNewTransfer, checkTransferChanges } from '../world/transfers/transfer-checks';
import { createTransfer, deleteTransfer, requireTransfer } from '../world/transfers/transfers';
import type { World } from '../world/world';
import { executionView, transferView } from './json-views';

/**
 * Statuses by which transfers can be filtered. The server compares the last execution's status, but accepts statuses of
 * *tasks* (docs/reference/coriolis-api.md §7.3).
 */
const FILTER_STATUSES = [
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
];

/** Sort columns of transfers and deployments. */
export const ACTION_SORT_COLUMNS: SortColumns<Action> = {
  id: (action) => action.id,
  base_id: (action) => action.id,
  created_at: (action) => action.createdAt,
  updated_at: (action) => action.updatedAt,
  deleted_at: (action) => action.deletedAt,
  last_execution_status: (action) => action.lastExecutionStatus,
  origin_endpoint_id: (action) => action.originEndpointId,
  destination_endpoint_id: (action) => action.destinationEndpointId,
  notes: (action) => (action.notes === null ? null : pythonStr(action.notes)),
  user_id: (action) => action.userId,
  project_id: (action) => action.projectId,
  clone_disks: (action) => action.cloneDisks,
  skip_os_morphing: (action) => action.skipOsMorphing,
};
const TRANSFER_COLUMNS: SortColumns<Transfer> = {
  ...ACTION_SORT_COLUMNS,
  scenario: (transfer) => transfer.scenario,
};

/** Routes of `/transfers` (docs/reference/coriolis-api.md §7). */
export function addTransferRoutes(routes: CoriolisRoutes, world: World): void {
  const list = (context: CoriolisContext): Response => {
    requirePermission(context, 'transfers:list');
    const showDeleted = readQueryFlag(context, 'show_deleted');
    const transfers = makeListPage(context, {
      newestFirst: world.transfers.newestFirst(context.get('projectId')),
      isVisible: (transfer) => showDeleted || transfer.deletedAt === null,
      filterableStatus: {
        accepted: FILTER_STATUSES,
        what: 'task status',
        of: ({ lastExecutionStatus }) => lastExecutionStatus,
      },
      columns: TRANSFER_COLUMNS,
    });
    const show = wantsTaskInfo(context);
    return context.json({
      transfers: transfers.map((transfer) =>
        transferView(transfer, { executions: show, info: show ? 'clear' : 'none' }),
      ),
    });
  };
  routes.get('/transfers', makeHandlerWithoutBody(list));
  routes.get('/transfers/detail', makeHandlerWithoutBody(list));

  routes.post(
    '/transfers',
    makeHandlerWithBody((context, body) => {
      requirePermission(context, 'transfers:create');
      const requester = requesterOf(context);
      const fields = runRequestBodyCheck('transfer', 'creation', () =>
        checkNewTransfer(world, requester, body),
      );
      return context.json({ transfer: transferView(createTransfer(world, requester, fields)) });
    }),
  );

  routes.get(
    '/transfers/:id',
    makeHandlerWithoutBody((context) => {
      requirePermission(context, 'transfers:show');
      const info = wantsTaskInfo(context) ? 'masked' : 'none';
      const transfer = requireTransfer(world, context.get('projectId'), readLatin1PathParam(context, 'id'));
      return context.json({
        transfer: transferView(transfer, { executions: world.features.executionsInTransfers, info }),
      });
    }),
  );

  routes.put(
    '/transfers/:id',
    makeHandlerWithBody((context, body) => {
      requirePermission(context, 'transfers:update');
      const requester = requesterOf(context);
      const [transfer, changes] = runRequestBodyCheck('transfer', 'update', () => {
        const found = requireTransfer(world, requester.projectId, readLatin1PathParam(context, 'id'));
        return [found, checkTransferChanges(world, found, body)] as const;
      });
      return context.json({
        execution: executionView(startUpdateExecution(world, requester, transfer, changes)),
      });
    }),
  );

  routes.delete(
    '/transfers/:id',
    makeHandlerWithoutBody((context) => {
      requirePermission(context, 'transfers:delete');
      deleteTransfer(world, context.get('projectId'), readLatin1PathParam(context, 'id'));
      return context.body(null, 204);
    }),
  );

  routes.post(
    '/transfers/:id/actions',
    makeActionHandler({
      'delete-disks': (context) => {
        requirePermission(context, 'transfers:delete_disks');
        const execution = startDiskDeletion(world, requesterOf(context), readLatin1PathParam(context, 'id'));
        return context.json({ execution: executionView(execution) });
      },
    }),
  );
}
