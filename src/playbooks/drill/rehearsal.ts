import { computeCopyState, isCompletedSync, type NoCopyReason } from '../../model/last-copy';
import { isActive, outcomeOf, statusOf } from '../../model/status';
import { parseServerTime } from '../../model/timestamps';
import type { Deployment, Execution, Transfer } from '../../model/api-objects';
import { isUnsettledRun } from '../../waiting/unsettled-run';
import type { TransferRuns } from '../wave/wave-observer';
import { hasShutDownSource } from '../wave/machine-position';

/**
 * Reason why a drill does not deploy a transfer:
 * - a reason why it has no usable copy;
 * - `live_migration`: a deployment would use up the licence of the live migration;
 * - `cutover_begun`: the source is off and nothing is deployed yet, so the next deployment is the real one and stays.
 */
export type NoDrillReason = NoCopyReason | 'live_migration' | 'cutover_begun';

/** State of one transfer in a drill. */
export interface Rehearsal {
  readonly transfer: Transfer;
  /** Start of the sync whose copy the drill deploys; null when it deploys none. */
  readonly copyAt: string | null;
  /** Reason why the drill does not deploy the transfer; null when it does. */
  readonly noDrillReason: NoDrillReason | null;
  /** Whether an execution or deployment of the transfer is running or pending. */
  readonly isBusy: boolean;
  /** Whether a run of the transfer has not started, or its final status may still change. */
  readonly isUnsettled: boolean;
  /** The deployment of the transfer in this drill: the first with clones since its start. */
  readonly deployment: Deployment | undefined;
  /** The latest completed deployment outside this drill, for comparing its duration. */
  readonly previousDeployment: Deployment | undefined;
}

/**
 * Computes the state of a transfer from its executions and deployments. Deployments with clones since the start belong
 * to the drill.
 *
 * @param since start of the drill, milliseconds since 1970
 * @param now server's time, milliseconds since 1970
 */
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
  // The drill deployed a copy from before its deployment, so later executions do not count.
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
    noDrillReason: noDrill ?? reason,
    isBusy:
      executions.some(({ status }) => isActive(status)) ||
      deployments.some((one) => isActive(statusOf(one)) || statusOf(one) === 'PENDING'),
    isUnsettled: [...executions, ...deployments].some((run) => isUnsettledRun(run, now)),
    deployment: own,
    previousDeployment: others.find((one) => outcomeOf(statusOf(one)) === 'completed'),
  };
}

/** Whether the newest completed sync shut the source down and no deployment has completed since. */
function isBeingCutOver(executions: readonly Execution[], deployments: readonly Deployment[]): boolean {
  const [sync] = executions.filter(isCompletedSync).sort((one, other) => other.number - one.number);
  if (sync === undefined || !hasShutDownSource(sync)) return false;
  return !deployments.some(
    (one) =>
      outcomeOf(statusOf(one)) === 'completed' &&
      (one.deployer_id === sync.id || one.created_at > sync.created_at),
  );
}
