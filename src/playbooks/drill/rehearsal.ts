import { computeCopyState, type NoCopyReason } from '../../model/last-copy';
import { isActive, outcomeOf, statusOf } from '../../model/status';
import { parseServerTime } from '../../model/timestamps';
import type { Deployment, Transfer } from '../../model/types';
import { isUnsettled } from '../../waiting/unsettled';
import type { TransferRuns } from '../wave/observe';

/** Reason why a transfer is not deployed. A deployment would use up the licence of a live migration. */
export type NoDrillReason = NoCopyReason | 'live_migration';

/** State of a transfer in a drill at one moment. */
export interface Rehearsal {
  readonly transfer: Transfer;
  readonly copyAt: string | null;
  readonly noCopy: NoDrillReason | null;
  readonly isBusy: boolean;
  readonly isUnsettled: boolean;
  /** Newest deployment of the transfer in this drill. */
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
  const { copy, reason } = computeCopyState(executions, deployments);
  const isReplica = transfer.scenario !== 'live_migration';
  const newest = [...deployments].sort((one, other) => (one.created_at < other.created_at ? 1 : -1));
  const isOwn = (one: Deployment): boolean => (parseServerTime(one.created_at) ?? 0) >= since;
  return {
    transfer,
    copyAt: isReplica ? (copy?.at ?? null) : null,
    noCopy: isReplica ? reason : 'live_migration',
    isBusy:
      executions.some(({ status }) => isActive(status)) ||
      deployments.some((one) => isActive(statusOf(one)) || statusOf(one) === 'PENDING'),
    isUnsettled: [...executions, ...deployments].some((run) => isUnsettled(run, now)),
    deployment: newest.find(isOwn),
    previous: newest.find((one) => !isOwn(one) && outcomeOf(statusOf(one)) === 'completed'),
  };
}
