import { computeCopyState, isCompletedSync, type NoCopyReason } from '../../model/last-copy';
import { isActive, outcomeOf, statusOf } from '../../model/status';
import { parseServerTime } from '../../model/timestamps';
import type { Deployment, Execution, Transfer } from '../../model/types';
import { isUnsettled } from '../../waiting/unsettled-run';
import type { TransferRuns } from '../wave/wave-observer';
import { hasShutDown } from '../wave/step';

/**
 * Reason why a drill does not deploy a transfer. A deployment would use up the licence of a live migration. With
 * `cutover_begun` the source is off and nothing is deployed yet, so the next deployment is the real one and must stay.
 */
export type NoDrillReason = NoCopyReason | 'live_migration' | 'cutover_begun';

/** State of one transfer in a drill. */
export interface Rehearsal {
  readonly transfer: Transfer;
  readonly copyAt: string | null;
  readonly noCopy: NoDrillReason | null;
  readonly isBusy: boolean;
  readonly isUnsettled: boolean;
  /** The deployment of the transfer in this drill: the first with clones since its start. */
  readonly deployment: Deployment | undefined;
  readonly previous: Deployment | undefined;
}

/** Computes the state of a transfer from its executions and deployments. Those since the start belong to the drill. */
export function computeRehearsal(
  transfer: Transfer,
  { executions, deployments }: TransferRuns,
  since: number,
  now: number,
): Rehearsal {
  const isOwn = ({ created_at: at, clone_disks: clones }: Deployment): boolean =>
    clones !== false && (parseServerTime(at) ?? 0) >= since;
  const newest = [...deployments].sort((one, other) => (one.created_at < other.created_at ? 1 : -1));
  const own = newest.findLast(isOwn);
  // What followed the deployment of the drill was not in it.
  const before = own === undefined ? executions : executions.filter((run) => run.created_at < own.created_at);
  const others = newest.filter((one) => !isOwn(one));
  const { copy, reason } = computeCopyState(before, others);
  const noDrill =
    transfer.scenario === 'live_migration'
      ? 'live_migration'
      : own === undefined && isBeingCutOver(before, others)
        ? 'cutover_begun'
        : null;
  return {
    transfer,
    copyAt: noDrill === null ? (copy?.at ?? null) : null,
    noCopy: noDrill ?? reason,
    isBusy:
      executions.some(({ status }) => isActive(status)) ||
      deployments.some((one) => isActive(statusOf(one)) || statusOf(one) === 'PENDING'),
    isUnsettled: [...executions, ...deployments].some((run) => isUnsettled(run, now)),
    deployment: own,
    previous: others.find((one) => outcomeOf(statusOf(one)) === 'completed'),
  };
}

/** Whether the newest completed sync shut the source down and no deployment has completed since. */
function isBeingCutOver(executions: readonly Execution[], deployments: readonly Deployment[]): boolean {
  const [sync] = executions.filter(isCompletedSync).sort((one, other) => other.number - one.number);
  if (sync === undefined || !hasShutDown(sync)) return false;
  return !deployments.some(
    (one) =>
      outcomeOf(statusOf(one)) === 'completed' &&
      (one.deployer_id === sync.id || one.created_at > sync.created_at),
  );
}
