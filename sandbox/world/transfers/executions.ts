import { omitUndefined } from '../../json-object';
import { PlatformCapability } from '../../platforms/platform';
import {
  NOTES_COLUMN,
  normaliseId,
  requireLockableId,
  toStoredRequiredFlag,
  toStoredText,
} from '../database-values';
import { readConnection } from '../endpoints/read-connection';
import { requireEndpoint } from '../endpoints/endpoints';
import type { RunningExecution } from '../runs/running-execution';
import { isActiveExecutionStatus, historyRecordsOf } from '../model';
import type { Deployment, Execution, ExecutionType, Task, Transfer, Requester } from '../model';
import type { JsonObject } from '../../json-object';
import { isPythonTruthy } from '../../python/value-operations';
import { minionDemandsOfTransfer } from '../minions/minion-allocation';
import type { MinionDemand } from '../minions/minion-allocation';
import { refuseUnfitPools } from '../minions/pool-references';
import { makeDiskDeletionPlan, makeTasks, makeSyncPlan, makeTransferUpdatePlan } from '../runs/task-plans';
import type { TaskPlan } from '../runs/task-plans';
import { ApiError, badRequest, internalError, notFound } from '../api-error';
import { startRun } from '../minions/start-run';
import { hasPoolFields } from './transfer-checks';
import type { UpdatedTransfer } from './transfer-checks';
import {
  findTransfer,
  refuseBusyTransfer,
  refuseNeverExecutedTransfer,
  requireTransfer,
  toStoredPoolId,
} from './transfers';
import { requireTrust } from './require-trust';
import { hasWorker, unavailableWithClassName } from '../installation/workers';
import type { World } from '../world';

/** Starts a sync (docs/reference/coriolis-api.md §8). */
export function executeTransfer(
  world: World,
  requester: Requester,
  id: string,
  options: { shutdownInstances: boolean },
): Execution {
  const transfer = requireTransfer(world, requester.projectId, id);
  refuseBusyTransfer(world, transfer);
  world.licensing.refuseUnlicensed(id);
  refuseUnfitPools(world, transfer, transfer);
  return runTransfer(world, requester, transfer, {
    type: 'transfer_execution',
    plan: makeSyncPlan({
      ...options,
      originPool: transfer.originMinionPoolId !== null,
      destinationPool: transfer.destinationMinionPoolId !== null,
    }),
    changes: {},
    demands: minionDemandsOfTransfer(world, transfer.projectId, transfer),
  });
}

/** Starts the deletion of the replicated disks. */
export function startDiskDeletion(world: World, requester: Requester, id: string): Execution {
  const transfer = findTransfer(world, requester.projectId, requireLockableId(id));
  if (!transfer) throw notFound(`Transfer with ID '${id}' not found.`);
  refuseBusyTransfer(world, transfer);
  const { info } = historyRecordsOf(transfer);
  if (!transfer.instances.some((instance) => (info[String(instance)]?.volumes_info ?? []).length > 0)) {
    throw badRequest(
      `Transfer '${id}' does not have volumes information for any instances. Ensure that the transfer has been executed successfully priorly`,
    );
  }
  return runTransfer(world, requester, transfer, {
    type: 'transfer_disks_delete',
    plan: makeDiskDeletionPlan(),
    changes: {},
  });
}

/**
 * Starts an update whose body was checked: the new values are stored when its execution completes, except user scripts
 * (docs/reference/coriolis-api.md §7.5).
 */
export function startUpdateExecution(
  world: World,
  requester: Requester,
  transfer: Transfer,
  next: UpdatedTransfer,
): Execution {
  const { pools } = next;
  if (hasPoolFields(pools)) refuseUnfitUpdatePools(world, transfer, pools);
  refuseBusyTransfer(world, transfer);
  refuseNeverExecutedTransfer(world, transfer);
  if (isPythonTruthy(next.userScripts)) transfer.userScripts = next.userScripts;
  return runTransfer(world, requester, transfer, {
    type: 'transfer_update',
    plan: makeTransferUpdatePlan(),
    changes: next.requestedChanges,
    endIsLost: () => storedChanges(next) === undefined,
    completed: () => {
      const stored = storedChanges(next);
      if (!stored) return;
      Object.assign(transfer, stored);
      copyUpdateToInfo(transfer);
    },
  });
}

/** Refuses unusable pools of an update. The text of the 404 for an unknown pool lacks the class of the exception. */
function refuseUnfitUpdatePools(world: World, transfer: Transfer, pools: JsonObject): void {
  try {
    refuseUnfitPools(world, transfer, {
      ...transfer,
      originMinionPoolId: pools['origin_minion_pool_id'],
      destinationMinionPoolId: pools['destination_minion_pool_id'],
      osMorphingPools: pools['instance_osmorphing_minion_pool_mappings'],
    });
  } catch (error) {
    if (error instanceof ApiError && error.kind === 'notFound') {
      throw notFound(error.message.replace(/^\w+_Remote: /, ''));
    }
    throw error;
  }
}

/**
 * Changes of an update as the database stores them; undefined when the database refuses a value. The API shows no error
 * then.
 */
function storedChanges(next: UpdatedTransfer): Partial<Transfer> | undefined {
  const { pools } = next;
  const morphing = pools['instance_osmorphing_minion_pool_mappings'];
  try {
    return {
      sourceEnvironment: next.sourceEnvironment,
      destinationEnvironment: next.destinationEnvironment,
      networkMap: next.networkMap,
      storageMappings: next.storageMappings,
      notes: toStoredText(next.notes, NOTES_COLUMN),
      cloneDisks: toStoredRequiredFlag(next.cloneDisks),
      skipOsMorphing: toStoredRequiredFlag(next.skipOsMorphing),
      ...('origin_minion_pool_id' in pools && {
        originMinionPoolId: toStoredPoolId(pools['origin_minion_pool_id']),
      }),
      ...('destination_minion_pool_id' in pools && {
        destinationMinionPoolId: toStoredPoolId(pools['destination_minion_pool_id']),
      }),
      ...omitUndefined({ osMorphingPools: morphing }),
    };
  } catch (error) {
    if (error instanceof ApiError) return undefined;
    throw error;
  }
}

/** Copies the updated fields into the `info` of each instance, from which later deployments take them. */
function copyUpdateToInfo(transfer: Transfer): void {
  for (const info of Object.values(historyRecordsOf(transfer).info)) {
    info['network_map'] = transfer.networkMap;
    info['storage_mappings'] = transfer.storageMappings;
    info['user_scripts'] = { global: {}, instances: {}, ...transfer.userScripts };
    info['notes'] = transfer.notes;
    info['clone_disks'] = transfer.cloneDisks;
    info['skip_os_morphing'] = transfer.skipOsMorphing;
  }
}

/**
 * Stores an execution, then starts it. When the server cannot create a Keystone trust for the caller, the execution
 * stays as an orphan that never runs (docs/reference/coriolis-api.md §17, trap 32).
 */
function runTransfer(
  world: World,
  requester: Requester,
  transfer: Transfer,
  wanted: {
    type: ExecutionType;
    plan: TaskPlan;
    changes: JsonObject;
    /** Minion machines that the execution needs. */
    demands?: readonly MinionDemand[];
    /** Whether the database refuses the result of the execution; default false. */
    endIsLost?: () => boolean;
    completed?: () => void;
  },
): Execution {
  const { executions, info } = historyRecordsOf(transfer);
  const id = world.makeId();
  const execution: Execution = {
    id,
    actionId: transfer.id,
    type: wanted.type,
    status: 'UNEXECUTED',
    number: (executions.at(-1)?.number ?? 0) + 1,
    tasks: makeTasks(wanted.plan, {
      executionId: id,
      instances: transfer.instances,
      createdAt: world.serverSeconds(),
      random: world.random,
    }),
    createdAt: world.serverSeconds(),
    updatedAt: null,
    deletedAt: null,
  };
  executions.push(execution);
  // Only the first execution updates the transfer, even as an orphan (docs/reference/watching.md §1).
  transfer.updatedAt ??= world.serverSeconds();
  requireTrust(world, requester, execution);
  const run: RunningExecution = {
    ...makeTaskContext(world, transfer, requester.userId),
    execution,
    info,
    changes: wanted.changes,
    ...(wanted.endIsLost && { failsToRecordEnd: wanted.endIsLost }),
    onFinished: (status) => {
      if (status === 'COMPLETED') wanted.completed?.();
      world.recordFinishedRun({ execution, transferId: transfer.id, projectId: transfer.projectId });
    },
  };
  startRun(world, run, wanted.demands ?? []);
  refuseWithoutWorker(execution);
  return execution;
}

/** Answers the request for an execution whose first tasks found no worker. @throws ApiError 503 with the reason */
export function refuseWithoutWorker(execution: Execution): void {
  if (isActiveExecutionStatus(execution.status)) return;
  const task = execution.tasks.find(({ status }) => status === 'FAILED_TO_SCHEDULE');
  if (task) throw unavailableWithClassName('NoSuitableWorkerServiceError', task.exceptionDetails ?? '');
}

/**
 * Makes the data that the tasks of a transfer or a deployment work with.
 * @param userId the user on whose behalf the tasks work
 */
export function makeTaskContext<T extends Transfer | Deployment>(
  world: World,
  action: T,
  userId = action.userId,
) {
  const origin = requireEndpoint(world, action.projectId, action.originEndpointId);
  const target = requireEndpoint(world, action.projectId, action.destinationEndpointId);
  const source = world.platform(origin.type);
  const destination = world.platform(target.type);
  if (!source || !destination) throw internalError();
  return {
    action,
    readConnectionOf: (side: 'source' | 'destination') =>
      readConnection(world, side === 'source' ? origin : target, { projectId: action.projectId, userId }),
    hasWorker: (side: 'source' | 'destination') =>
      side === 'source'
        ? hasWorker(world, origin, PlatformCapability.TRANSFER_EXPORT)
        : hasWorker(world, target, PlatformCapability.TRANSFER_IMPORT),
    source,
    destination,
    sourceEnvironment: action.sourceEnvironment,
    destinationEnvironment: action.destinationEnvironment,
    networkMap: action.networkMap,
  };
}

/** Finds an execution that is not deleted, of a transfer that is not deleted. */
export function findExecution(
  world: World,
  projectId: string,
  transferId: string,
  id: string,
): Execution | undefined {
  const transfer = findTransfer(world, projectId, transferId);
  if (!transfer) return undefined;
  return historyRecordsOf(transfer).executions.find(
    (execution) => normaliseId(execution.id) === normaliseId(id) && execution.deletedAt === null,
  );
}

export function cancelExecution(
  world: World,
  projectId: string,
  transferId: string,
  id: string,
  force: boolean,
): void {
  const execution = findExecution(world, projectId, transferId, requireLockableId(id));
  if (!execution) throw notFound(makeExecutionNotFoundText(transferId, id));
  if (!isActiveExecutionStatus(execution.status)) {
    throw badRequest(`Transfer '${transferId}' has no running execution to cancel.`);
  }
  if (execution.status === 'CANCELLING' && !force) {
    throw badRequest(
      `Transfer '${transferId}' is already being cancelled. Please use the force option if you'd like to force-cancel it.`,
    );
  }
  world.engine.cancel(execution, force);
}

export function deleteExecution(world: World, projectId: string, transferId: string, id: string): void {
  const execution = findExecution(world, projectId, transferId, requireLockableId(id));
  if (!execution) throw notFound(makeExecutionNotFoundText(transferId, id));
  if (isActiveExecutionStatus(execution.status)) {
    throw badRequest(
      `Cannot delete execution '${id}' for Transfer '${transferId}' as it is currently in '${execution.status}' state.`,
    );
  }
  execution.deletedAt = world.serverSeconds();
}

export function makeExecutionNotFoundText(transferId: string, id: string): string {
  return `Execution with ID '${id}' for Transfer '${transferId}' not found.`;
}

/** Lists the tasks of an execution that the API shows: not those that only run after an error. */
export function listVisibleTasks(execution: Execution): Task[] {
  return execution.tasks.filter((task) => task.status !== 'EXECUTE_ON_ERROR_ONLY');
}
