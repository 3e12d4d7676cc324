import { requesterOf } from '../http/request-context';
import type { CoriolisContext, CoriolisRoutes } from '../http/request-context';
import { makeListPage } from '../http/list-page';
import type { SortColumns } from '../http/list-page';
import { requirePermission } from '../http/require-permission';
import {
  readForceOption,
  readLatin1PathParam,
  makeActionHandler,
  makeHandlerWithBody,
  makeHandlerWithoutBody,
} from '../http/wsgi-handlers';
import { getFromDict, isPythonTruthy } from '../python/value-operations';
import { requireLockableId } from '../world/database-values';
import { planAutoDeployment } from '../world/deployments/auto-deployment';
import { historyRecordsOf } from '../world/model';
import type { Execution } from '../world/model';
import { notFoundWithClassName } from '../world/api-error';
import {
  cancelExecution,
  deleteExecution,
  executeTransfer,
  findExecution,
  makeExecutionNotFoundText,
} from '../world/transfers/executions';
import { findTransfer } from '../world/transfers/transfers';
import { sortNewestFirst } from '../world/object-collection';
import type { World } from '../world/world';
import { executionView } from './json-views';

/**
 * Statuses by which executions and deployments can be filtered (docs/reference/coriolis-api.md §8). The server refuses
 * UNEXECUTED and PENDING.
 */
export const FILTERABLE_STATUSES = [
  'RUNNING',
  'CANCELLING',
  'AWAITING_MINION_ALLOCATIONS',
  'COMPLETED',
  'CANCELED',
  'ERROR',
  'CANCELED_FOR_DEBUGGING',
  'DEADLOCKED',
  'ERROR_ALLOCATING_MINIONS',
];

const COLUMNS: SortColumns<Execution> = {
  id: (execution) => execution.id,
  action_id: (execution) => execution.actionId,
  number: (execution) => execution.number,
  status: (execution) => execution.status,
  type: (execution) => execution.type,
  created_at: (execution) => execution.createdAt,
  updated_at: (execution) => execution.updatedAt,
  deleted_at: (execution) => execution.deletedAt,
};

/** Routes of `/transfers/{id}/executions` (docs/reference/coriolis-api.md §8). */
export function addExecutionRoutes(routes: CoriolisRoutes, world: World): void {
  const base = '/transfers/:transfer/executions';

  /** Executions of a transfer; none for an unknown or deleted one. */
  const executionsOf = (context: CoriolisContext): Execution[] => {
    const projectId = context.get('projectId');
    const id = requireLockableId(readLatin1PathParam(context, 'transfer'));
    const known = world.features.watcherQuirks ? findTransfer(world, projectId, id) : world.transfers.get(id);
    const transfer = known?.projectId === projectId ? known : undefined;
    return transfer
      ? historyRecordsOf(transfer).executions.filter(({ deletedAt }) => deletedAt === null)
      : [];
  };

  routes.get(
    base,
    makeHandlerWithoutBody((context) => {
      requirePermission(context, 'transfer_executions:list');
      const executions = makeListPage(context, {
        newestFirst: sortNewestFirst(executionsOf(context)),
        isVisible: () => true,
        filterableStatus: {
          accepted: FILTERABLE_STATUSES,
          what: 'task execution status',
          of: ({ status }) => status,
        },
        columns: COLUMNS,
      });
      return context.json({ executions: executions.map(executionView) });
    }),
  );

  routes.get(
    `${base}/detail`,
    makeHandlerWithoutBody((context) => {
      requirePermission(context, 'transfer_executions:show');
      return context.json({ executions: sortNewestFirst(executionsOf(context)).map(executionView) });
    }),
  );

  routes.post(
    base,
    makeHandlerWithBody((context, body) => {
      requirePermission(context, 'transfer_executions:create');
      const wanted = getFromDict(body, 'execution', {});
      const shutdownInstances = isPythonTruthy(getFromDict(wanted, 'shutdown_instances', false));
      const autoDeploy = isPythonTruthy(getFromDict(wanted, 'auto_deploy', false));
      const requester = requesterOf(context);
      const transferId = readLatin1PathParam(context, 'transfer');
      const execution = executeTransfer(world, requester, transferId, { shutdownInstances });
      if (autoDeploy) planAutoDeployment(world, requester, execution.actionId, execution);
      return context.json({ execution: executionView(execution) });
    }),
  );

  routes.get(
    `${base}/:id`,
    makeHandlerWithoutBody((context) => {
      requirePermission(context, 'transfer_executions:show');
      const [transfer, id] = [
        readLatin1PathParam(context, 'transfer'),
        requireLockableId(readLatin1PathParam(context, 'id')),
      ];
      const execution = findExecution(world, context.get('projectId'), transfer, id);
      if (!execution) throw notFoundWithClassName(makeExecutionNotFoundText(transfer, id));
      return context.json({ execution: executionView(execution) });
    }),
  );

  routes.delete(
    `${base}/:id`,
    makeHandlerWithoutBody((context) => {
      requirePermission(context, 'transfer_executions:delete');
      deleteExecution(
        world,
        context.get('projectId'),
        readLatin1PathParam(context, 'transfer'),
        readLatin1PathParam(context, 'id'),
      );
      return context.body(null, 204);
    }),
  );

  routes.post(
    `${base}/:id/actions`,
    makeActionHandler({
      cancel: (context, options) => {
        requirePermission(context, 'transfer_executions:cancel');
        const [transfer, id] = [readLatin1PathParam(context, 'transfer'), readLatin1PathParam(context, 'id')];
        cancelExecution(world, context.get('projectId'), transfer, id, readForceOption(options));
        return context.body(null, 204);
      },
    }),
  );
}
