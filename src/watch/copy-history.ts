import { isCompletedSync, mayHaveDeletedDisks, type NoCopyReason } from '../model/last-copy';
import { isFinal } from '../model/status';
import type { Execution } from '../model/types';
import { endTime, startTime } from './transfer-runs';

/** Period in which a transfer had the same last copy. Times are milliseconds on the server's clock. */
export interface CopyPeriod {
  /** Time from which the age of the copy counts: the start of its sync; without a sync, the creation of the transfer. */
  readonly copiedAt: number;
  /** End of the sync, from which the copy is usable. */
  readonly since: number;
  /** End of the next completed sync; infinite for the last copy. */
  readonly until: number;
  /** Whether the period has a copy; false for the time before the first sync. */
  readonly isCopy: boolean;
  /** Time at which the disks were deleted or consumed by a deployment; infinite while they are usable. */
  readonly lostAt: number;
  readonly lostBy: NoCopyReason | null;
}

/** Loss of all copied disks of a transfer. */
export interface CopyLoss {
  readonly at: number;
  readonly by: NoCopyReason;
}

/**
 * Periods of a transfer by last copy, oldest first.
 *
 * @param executions newest executions, by number
 * @param createdAt creation of the transfer, when these are all executions; undefined otherwise
 * @param known losses that are not visible in the executions
 * @param last the change of the transfer after its last execution, if any
 */
export function copyPeriods(
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

/** Time at which the copy of a period exceeded the objective, or was lost, whichever came first. */
export const overdueTime = ({ copiedAt, since, lostAt }: CopyPeriod, rpoMs: number): number =>
  Math.min(Math.max(copiedAt + rpoMs, since), lostAt);

interface Sync {
  readonly copiedAt: number;
  readonly since: number;
  readonly isCopy: boolean;
}

const unknownSync = (at: number): Sync => ({ copiedAt: at, since: at, isCopy: true });

/**
 * Completed syncs. A deleted execution counts as a sync, because it may have been one: its start is unknown, and it
 * ended before the next run started.
 */
function syncsOf(executions: readonly Execution[], isAll: boolean): Sync[] {
  return executions.flatMap((execution, index) => {
    const before = executions[index - 1]?.number ?? (isAll ? 0 : execution.number - 1);
    return [
      ...(execution.number > before + 1 ? [unknownSync(startTime(execution))] : []),
      ...(isCompletedSync(execution)
        ? [{ copiedAt: startTime(execution), since: endTime(execution), isCopy: true }]
        : []),
    ];
  });
}

/** Ended deletions of disks with any outcome: a failed one may have deleted some disks. */
const deletions = (executions: readonly Execution[]): CopyLoss[] =>
  executions
    .filter((execution) => mayHaveDeletedDisks(execution) && isFinal(execution.status))
    .map((execution) => ({ at: endTime(execution), by: 'disks_deleted' as const }));
