import { outcomeOf, purposeOf } from './status';
import { secondsBetween, formatIsoTime, parseServerTime } from './timestamps';
import type { Deployment, Execution } from './api-objects';

/**
 * Last usable copy of a transfer: the newest completed sync whose disks were since neither deleted nor consumed by a
 * deployment. The time of the copy is the start of that sync, because what a machine writes later is not in it. The
 * transfer's `updated_at` and status are not used, because they change for other reasons too
 * (docs/reference/coriolis-domain.md §9).
 */
export interface LastCopy {
  /** Start of the sync, ISO 8601 with a zone: "2026-11-22T15:44:13Z". */
  readonly at: string;
  readonly executionId: string;
  /** Number of the sync among the executions of its transfer. */
  readonly number: number;
}

/** Reason why a transfer has no usable copy. */
export type NoCopyReason = 'never_synced' | 'disks_deleted' | 'deployed_without_clones';

/** A transfer's last usable copy, or the reason why it has none. */
export type CopyState =
  { readonly copy: LastCopy; readonly reason: null } | { readonly copy: null; readonly reason: NoCopyReason };

/** Last usable copy of a transfer in results; time and age are null without one. */
export interface LastCopyFacts {
  readonly last_copy_at: string | null;
  readonly last_copy_age_seconds: number | null;
  readonly no_copy_reason: NoCopyReason | 'not_looked_up' | null;
}

/** Fields of a deployment that decide whether it consumed the disks of its transfer. */
export type DeploymentDiskFields = Pick<
  Deployment,
  'id' | 'clone_disks' | 'last_execution_status' | 'created_at' | 'updated_at' | 'deployer_id' | 'tasks'
>;

const newestFirst = (one: Execution, other: Execution): number => other.number - one.number;

/**
 * Finds the last usable copy of a transfer from its executions and deployments.
 *
 * @param executions all executions of the transfer, or the newest ones back to the last completed sync, in any order
 * @param deployments deployments made from the transfer. Those that clone the disks do not affect the copy
 */
export function computeCopyState(
  executions: readonly Execution[],
  deployments: readonly DeploymentDiskFields[] = [],
): CopyState {
  const history = [...executions].sort(newestFirst);
  const sync = history.find(isCompletedSync);
  if (sync === undefined) return { copy: null, reason: 'never_synced' };
  const deleted = history.some(
    (execution) => execution.number > sync.number && mayHaveDeletedDisks(execution),
  );
  if (deleted) return { copy: null, reason: 'disks_deleted' };
  if (deployments.some((deployment) => consumedCopyOf(deployment, sync))) {
    return { copy: null, reason: 'deployed_without_clones' };
  }
  const begun = parseServerTime(sync.created_at);
  if (begun === null) return { copy: null, reason: 'never_synced' };
  return { copy: { at: formatIsoTime(begun), executionId: sync.id, number: sync.number }, reason: null };
}

/**
 * Age of the copy at `now` (milliseconds since 1970, the server's clock), in whole seconds since the start of its sync;
 * null without a copy.
 */
export const computeCopyAgeSeconds = ({ copy }: CopyState, now: number): number | null =>
  copy === null ? null : secondsBetween(copy.at, formatIsoTime(now));

/** Whether an execution is a sync that completed. */
export const isCompletedSync = ({ type, status }: Pick<Execution, 'type' | 'status'>): boolean =>
  purposeOf(type) === 'sync' && outcomeOf(status) === 'completed';

/**
 * Whether an execution may have deleted disks. A failed or canceled deletion may have deleted some of them, so it
 * counts. A deletion that never started (UNEXECUTED) does not count.
 */
export const mayHaveDeletedDisks = ({ type, status }: Execution): boolean =>
  purposeOf(type) === 'disks_delete' && status !== 'UNEXECUTED';

/**
 * Whether a deployment consumed the disks of the sync: Coriolis forgets the disks when a deployment without clones
 * completes. An auto-deployment is created before its sync ends. Therefore its end is compared with the end of the
 * sync, not its creation. Before that, `deployer_id` tells whether it waited for this sync.
 */
function consumedCopyOf(deployment: DeploymentDiskFields, sync: Execution): boolean {
  if (!deploysWithoutClones(deployment)) return false;
  if (outcomeOf(deployment.last_execution_status) !== 'completed') return false;
  if (deployment.deployer_id === sync.id) return true;
  const ended = parseServerTime(deployment.updated_at ?? deployment.created_at);
  const synced = parseServerTime(sync.updated_at ?? sync.created_at);
  return ended !== null && synced !== null && ended >= synced;
}

const RESTORING_TASKS = /^RESTORE_(?:TRANSFER|REPLICA)_DISK_SNAPSHOTS$/u;
const DROPPING_TASKS = /^DELETE_(?:TRANSFER|REPLICA)_TARGET_DISK_SNAPSHOTS$/u;

/**
 * Whether a deployment uses the disks of the transfer itself, not clones. Legacy servers have no `clone_disks`, so
 * there the tasks decide: only a deployment without clones prepares to restore snapshots, and deletes the snapshots
 * after success.
 */
function deploysWithoutClones({ clone_disks: cloneDisks, tasks }: DeploymentDiskFields): boolean {
  if (cloneDisks !== undefined && cloneDisks !== null) return !cloneDisks;
  return (tasks ?? []).some(
    ({ task_type: type, on_error: onError }) =>
      RESTORING_TASKS.test(type) || (DROPPING_TASKS.test(type) && !onError),
  );
}
