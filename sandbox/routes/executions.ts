import { requesterOf } from '../http/request-context';
import type { CoriolisContext, CoriolisRoutes } from '../http/request-context';
import { readPage } from '../http/paging';
import type { SortColumns } from '../http/paging';
import { requirePermission } from '../http/permissions';
import { forceOption, latin1Param, withActions, withBody, withoutBody } from '../http/wsgi-handlers';
import { get, isTruthy } from '../python/values';
import { requireLockableId } from '../world/database';
import { deployAfter } from '../world/deployments/auto-deployment';
import { transferRecords } from '../world/model';
import type { Execution } from '../world/model';
import { remoteNotFound } from '../world/refusal';
import {
  cancelExecution,
  deleteExecution,
  executeTransfer,
  findExecution,
  executionNotFoundText,
} from '../world/transfers/executions';
import { findTransfer } from '../world/transfers/transfers';
import { newestFirst } from '../world/collection';
import type { World } from '../world/world';
import { executionView } from './views';

/**
 * Statuses by which executions and deployments can be filtered (docs/reference/coriolis-api.md §8). The server refuses
 * UNEXECUTED and PENDING.
 */
export const EXECUTION_STATUSES = [
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
    const id = latin1Param(context, 'transfer');
    const known = world.features.watcherQuirks ? findTransfer(world, projectId, id) : world.transfers.get(id);
    const transfer = known?.projectId === projectId ? known : undefined;
    return transfer ? transferRecords(transfer).executions.filter(({ deletedAt }) => deletedAt === null) : [];
  };

  routes.get(
    base,
    withoutBody((context) => {
      requirePermission(context, 'transfer_executions:list');
      const executions = readPage(context, {
        newestFirst: newestFirst(executionsOf(context)),
        visible: () => true,
        status: { accepted: EXECUTION_STATUSES, what: 'task execution status', of: ({ status }) => status },
        columns: COLUMNS,
      });
      return context.json({ executions: executions.map(executionView) });
    }),
  );

  routes.get(
    `${base}/detail`,
    withoutBody((context) => {
      requirePermission(context, 'transfer_executions:show');
      return context.json({ executions: newestFirst(executionsOf(context)).map(executionView) });
    }),
  );

  routes.post(
    base,
    withBody((context, body) => {
      requirePermission(context, 'transfer_executions:create');
      const wanted = get(body, 'execution', {});
      const shutdownInstances = isTruthy(get(wanted, 'shutdown_instances', false));
      const autoDeploy = isTruthy(get(wanted, 'auto_deploy', false));
      const requester = requesterOf(context);
      const transferId = latin1Param(context, 'transfer');
      const execution = executeTransfer(world, requester, transferId, { shutdownInstances });
      if (autoDeploy) deployAfter(world, requester, execution.actionId, execution);
      return context.json({ execution: executionView(execution) });
    }),
  );

  routes.get(
    `${base}/:id`,
    withoutBody((context) => {
      requirePermission(context, 'transfer_executions:show');
      const [transfer, id] = [
        latin1Param(context, 'transfer'),
        requireLockableId(latin1Param(context, 'id')),
      ];
      const execution = findExecution(world, context.get('projectId'), transfer, id);
      if (!execution) throw remoteNotFound(executionNotFoundText(transfer, id));
      return context.json({ execution: executionView(execution) });
    }),
  );

  routes.delete(
    `${base}/:id`,
    withoutBody((context) => {
      requirePermission(context, 'transfer_executions:delete');
      deleteExecution(
        world,
        context.get('projectId'),
        latin1Param(context, 'transfer'),
        latin1Param(context, 'id'),
      );
      return context.body(null, 204);
    }),
  );

  routes.post(
    `${base}/:id/actions`,
    withActions({
      cancel: (context, options) => {
        requirePermission(context, 'transfer_executions:cancel');
        const [transfer, id] = [latin1Param(context, 'transfer'), latin1Param(context, 'id')];
        cancelExecution(world, context.get('projectId'), transfer, id, forceOption(options));
        return context.body(null, 204);
      },
    }),
  );
}
