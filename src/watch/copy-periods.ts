import { isCompletedSync, mayHaveDeletedDisks, type NoCopyReason } from '../model/last-copy';
import { isFinal } from '../model/status';
import type { Execution } from '../model/api-objects';
import { endTimeOf, startTimeOf } from './request-executions';

/** Period in which a transfer had the same last copy. Times are milliseconds since 1970 on the server's clock. */
export interface CopyPeriod {
  /**
   * Time from which the age of the copy counts: the start of its sync. Without a copy, the creation of the transfer.
   */
  readonly copiedAt: number;
  /** End of the sync: from then on the copy is usable. Without a copy, the creation of the transfer. */
  readonly since: number;
  /** End of the next completed sync; infinite for the last copy. */
  readonly until: number;
  /** Whether the period has a copy; false for the time before the first sync. */
  readonly isCopy: boolean;
  /** Time at which the disks were deleted or consumed by a deployment; infinite while they are usable. */
  readonly lostAt: number;
  /** Reason of the loss; null while the disks are usable. */
  readonly lostBy: NoCopyReason | null;
}

/** Loss of all copied disks of a transfer. */
export interface CopyLoss {
  readonly at: number;
  readonly by: NoCopyReason;
}

/**
 * Divides the history of a transfer into periods with the same last copy, oldest first.
 *
 * @param executions newest executions, in the order of their numbers
 * @param createdAt creation of the transfer when `executions` has all of them; else undefined
 * @param last change of the transfer after its last execution, if any: a loss, or the end of an execution that was
 * deleted
 * @param known losses that the executions do not show
 */
export function makeCopyPeriods(
  executions: readonly Execution[],
  createdAt: number | undefined,
  last?: CopyLoss | { readonly deletedRunAt: number },
  known: readonly CopyLoss[] = [],
): readonly CopyPeriod[] {
  const syncs = syncsOf(executions, createdAt !== undefined);
  if (last !== undefined && 'deletedRunAt' in last) syncs.push(unknownSync(last.deletedRunAt));
  const losses = [
    ...deletions(executions),
    ...known,
    ...(last === undefined || 'deletedRunAt' in last ? [] : [last]),
  ].toSorted((one, other) => one.at - other.at);
  const all = [
    ...(createdAt === undefined ? [] : [{ copiedAt: createdAt, since: createdAt, isCopy: false }]),
    ...syncs,
  ];
  return all.map((one, index) => {
    const until = all[index + 1]?.since ?? Infinity;
    const loss = losses.find(({ at }) => at >= one.since && at < until);
    return one.isCopy && loss !== undefined
      ? { ...one, until, lostAt: loss.at, lostBy: loss.by }
      : { ...one, until, lostAt: Infinity, lostBy: null };
  });
}

/**
 * Time at which the copy of a period became older than the recovery point objective (`rpoMs`), or was lost, whichever
 * came first.
 */
export const computeOverdueTime = ({ copiedAt, since, lostAt }: CopyPeriod, rpoMs: number): number =>
  Math.min(Math.max(copiedAt + rpoMs, since), lostAt);

/** A completed sync, or an execution that may have been one. Times are as in `CopyPeriod`. */
interface Sync {
  readonly copiedAt: number;
  readonly since: number;
  readonly isCopy: boolean;
}

const unknownSync = (at: number): Sync => ({ copiedAt: at, since: at, isCopy: true });

/**
 * Completed syncs of a transfer. A gap in the numbers is a deleted execution. It counts as a sync, because it may have
 * been one. Its times are unknown, so the start of the next execution is taken, before which it ended.
 *
 * @param isAll whether `executions` begins with the first one of the transfer, so that a gap before it counts too
 */
function syncsOf(executions: readonly Execution[], isAll: boolean): Sync[] {
  return executions.flatMap((execution, index) => {
    const before = executions[index - 1]?.number ?? (isAll ? 0 : execution.number - 1);
    return [
      ...(execution.number > before + 1 ? [unknownSync(startTimeOf(execution))] : []),
      ...(isCompletedSync(execution)
        ? [{ copiedAt: startTimeOf(execution), since: endTimeOf(execution), isCopy: true }]
        : []),
    ];
  });
}

/** Losses by ended deletions of disks, with any outcome: a failed deletion may have deleted some disks. */
const deletions = (executions: readonly Execution[]): CopyLoss[] =>
  executions
    .filter((execution) => mayHaveDeletedDisks(execution) && isFinal(execution.status))
    .map((execution) => ({ at: endTimeOf(execution), by: 'disks_deleted' as const }));
