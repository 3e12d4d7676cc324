/**
 * Cursor entries of the poll for executions: the last seen state of each transfer. The list of transfers shows only
 * that a transfer changed; its entry helps to find which of its executions started or finished.
 */

import { MIN_FINAL_STATUS_AGE_MS, isFinal } from '../model/status';
import type { Execution, Transfer } from '../model/api-objects';
import type { ChangedRow } from './request-changed-rows';
import { READ_OVERLAP_MS } from '../model/timestamps';
import { isFarAhead, type HandledChanges } from './handled-changes';
import type { WatchSteps } from './watch-steps';
import {
  storedProperty,
  optionalStoredProperty,
  trueCodec,
  numberCodec,
  makeObjectCodec,
  textCodec,
  type StoredValue,
} from './stored-codec';
import {
  endTimeOf,
  hasStarted,
  requestNewestExecutions,
  requestExecutionsAfter,
  requestExecutionsUntil,
  startTimeOf,
  type ListedExecutions,
} from './request-executions';

/** Codec that stores the entry of a transfer in the cursor. */
export const transferCursorEntryCodec = makeObjectCodec({
  /** `updated_at` of the transfer. */
  changedAt: storedProperty('u', numberCodec),
  /**
   * Largest timestamp of the transfer and its executions. Present only when it is later than `changedAt`, which happens
   * after the server's clock was set back.
   */
  latestChange: optionalStoredProperty('m', numberCodec),
  status: storedProperty('s', textCodec),
  /** Number of the newest execution whose end is handled (reported, or not to be reported); absent while unknown. */
  handledNumber: optionalStoredProperty('n', numberCodec),
  /** Executions that ended until this time are handled; used while `handledNumber` is unknown. */
  handledUntil: optionalStoredProperty('t', numberCodec),
  /** Number of the newest execution whose start is handled; absent while unknown. */
  startedNumber: optionalStoredProperty('b', numberCodec),
  /** Whether the next poll reads the executions again: a final status is younger than 2 s, or all were just deleted. */
  recheck: optionalStoredProperty('hot', trueCodec),
  /** Whether the end of an execution is still to be reported: the execution is active or ended too recently. */
  openRun: optionalStoredProperty('open', trueCodec),
});

/** Last seen state of a transfer. Times are milliseconds since 1970 on the server's clock. */
export type TransferCursorEntry = StoredValue<typeof transferCursorEntryCodec>;

/** State that the watch of executions keeps from one poll to the next. */
export interface ExecutionPollState extends HandledChanges {
  /** Entries by transfer id. */
  readonly known: ReadonlyMap<string, TransferCursorEntry>;
  /** Executions created from this time on are reported as started; undefined while starts are not watched. */
  readonly startsFrom?: number | undefined;
}

export type ChangedTransfer = ChangedRow<Transfer>;

/** Largest timestamp that an entry covers. Once all changes up to it are handled, the entry can be dropped. */
export const newestTimestampOf = ({ changedAt, latestChange = changedAt }: TransferCursorEntry): number =>
  Math.max(changedAt, latestChange);

/** Sets `latestChange` of an entry from the previous entry and the executions, when these have later timestamps. */
function withLatestChange(
  entry: TransferCursorEntry,
  before: TransferCursorEntry | undefined,
  executions: readonly Execution[] = [],
): TransferCursorEntry {
  const earlier = before === undefined ? 0 : newestTimestampOf(before);
  const latestChange = Math.max(earlier, ...executions.map(endTimeOf));
  return latestChange > entry.changedAt ? { ...entry, latestChange } : entry;
}

const mark = (isSet: boolean): true | undefined => (isSet ? true : undefined);

/** Whether a status is that of an active execution. Statuses unknown to this package count as active. */
const isActive = (status: string): boolean => !isFinal(status) && status !== 'UNEXECUTED';

/** Whether the entry of a transfer already covers everything that its row shows. */
export function isUnchanged(
  { row, changedAt }: ChangedTransfer,
  entry: TransferCursorEntry | undefined,
  starts: boolean,
): boolean {
  return (
    entry !== undefined &&
    entry.recheck !== true &&
    entry.changedAt === changedAt &&
    entry.status === row.last_execution_status &&
    // When a transfer was deleted with an unreported execution, the end of that execution must still be reported.
    !(entry.openRun === true && row.deleted_at !== null) &&
    !(starts && mayHaveStarted(row, entry))
  );
}

/** Whether an execution is active whose start is perhaps not handled yet. */
const mayHaveStarted = (row: Transfer, entry: TransferCursorEntry | undefined): boolean =>
  isActive(row.last_execution_status) &&
  (entry === undefined || entry.startedNumber === undefined || !isActive(entry.status));

/** Whether the executions of a changed transfer must be read. */
export const mustReadExecutions = (
  { row }: ChangedTransfer,
  entry: TransferCursorEntry | undefined,
  starts: boolean,
): boolean =>
  row.deleted_at === null &&
  (isFinal(row.last_execution_status) || entry?.recheck === true || (starts && mayHaveStarted(row, entry)));

/** Result for one changed row. */
interface Resolved {
  /** New entry of the transfer. */
  readonly entry: TransferCursorEntry;
  /** Finished executions to report, in the order of their numbers; null for an execution that was deleted. */
  readonly finished: ReadonlyArray<Execution | null>;
  /** Executions whose start is to be reported, in the order of their numbers. */
  readonly started: readonly Execution[];
}

/** Part of an entry that says which starts and ends are handled. */
type Handled = Pick<TransferCursorEntry, 'handledNumber' | 'handledUntil' | 'startedNumber'>;

/**
 * Finds the finished and started executions to report for a changed row, and makes the transfer's new entry. Reads the
 * executions of the transfer when one may have started or finished.
 *
 * @param isFirst whether this poll begins to watch starts
 */
export function* findUnreportedExecutions(
  seen: ChangedTransfer,
  state: ExecutionPollState,
  isFirst: boolean,
): WatchSteps<Resolved> {
  const { row, changedAt } = seen;
  const { startsFrom } = state;
  const before = state.known.get(row.id);
  const status = row.last_execution_status;
  const handled: Handled = {
    handledNumber: before?.handledNumber,
    handledUntil:
      before?.handledNumber === undefined ? (before?.handledUntil ?? state.handledUntil) : undefined,
    startedNumber: before?.startedNumber,
  };

  if (row.deleted_at !== null) {
    const isUnreported =
      before === undefined ||
      before.changedAt !== changedAt ||
      !isFinal(before.status) ||
      before.openRun === true;
    return {
      entry: withLatestChange({ changedAt, status, ...handled }, before),
      finished: isFinal(status) && isUnreported ? [null] : [],
      started: [],
    };
  }
  if (!mustReadExecutions(seen, before, startsFrom !== undefined)) {
    const openRun = mark(before?.openRun === true || isActive(status));
    const entry = withLatestChange({ changedAt, status, ...handled, openRun }, before);
    return { entry, finished: [], started: [] };
  }

  const { executions, date } = yield* fetchUnhandledRuns(row.id, handled);
  const isRecent = seen.date - changedAt < READ_OVERLAP_MS;
  if (executions.length === 0 && before?.recheck !== true && isRecent) {
    // The executions, or the transfer with them, were deleted just after the list was read. The next list shows which
    // of the two, so this change is treated as not seen yet.
    return {
      entry: {
        changedAt: before?.changedAt ?? state.handledUntil,
        latestChange: before?.latestChange,
        status: before?.status ?? status,
        ...handled,
        recheck: true,
        openRun: before?.openRun,
      },
      finished: [],
      started: [],
    };
  }
  const seenUntil = before?.recheck === true ? newestTimestampOf(before) : 0;
  const { handledNumber, finished, isYoung } = finishedRuns(executions, handled, date, seenUntil);
  // Start times are compared only in the poll that begins to watch starts. In later polls, an execution of a transfer
  // whose entry has no `startedNumber` has started since that poll.
  const started = startsFrom === undefined ? [] : startedRuns(executions, handled, isFirst ? startsFrom : 0);
  const newestStarted = startsFrom === undefined ? undefined : executions.findLast(hasStarted)?.number;
  const recheck = isYoung || (isFinal(status) && isTooYoung(changedAt, seen.date, seenUntil));
  const wasOpen = before?.openRun === true;
  const isGone = wasOpen && finished.length === 0 && !recheck && isFinal(status);
  const entry: TransferCursorEntry = {
    changedAt,
    status,
    ...(handledNumber === undefined ? handled : { handledNumber }),
    startedNumber: started.at(-1)?.number ?? handled.startedNumber ?? newestStarted,
    recheck: mark(recheck),
    openRun: mark(isYoung || isActive(status) || (wasOpen && finished.length === 0 && !isGone)),
  };
  return {
    entry: withLatestChange(entry, before, executions),
    finished: isGone ? [null] : finished,
    started,
  };
}

/** Reads the executions of a transfer that are not handled, and perhaps some older ones. */
function* fetchUnhandledRuns(
  transferId: string,
  { handledNumber, handledUntil = 0 }: Handled,
): WatchSteps<ListedExecutions> {
  if (handledNumber !== undefined) return yield* requestExecutionsAfter(transferId, handledNumber);
  return yield* requestExecutionsUntil(
    transferId,
    ([oldest]) => oldest !== undefined && isFinal(oldest.status) && endTimeOf(oldest) <= handledUntil,
  );
}

/**
 * Whether a final status is so young that the server may still replace it. After the server's clock was set back, a
 * status seems young for long; it is accepted when an earlier poll saw it too.
 *
 * @param time time of the status
 * @param date server time of the answer
 * @param seenUntil largest timestamp of this transfer that an earlier poll saw
 */
const isTooYoung = (time: number, date: number, seenUntil: number): boolean =>
  date - time < MIN_FINAL_STATUS_AGE_MS && !(time <= seenUntil && isFarAhead(time, date));

/**
 * Number of the newest execution whose end is handled; 0 for none. Executions finish in the order of their numbers, so
 * all with lower numbers are handled too, even when their times are wrong because the clock was set back.
 */
const newestHandledNumber = (
  executions: readonly Execution[],
  { handledNumber, handledUntil = 0 }: Handled,
): number =>
  handledNumber ??
  executions.findLast((execution) => isFinal(execution.status) && endTimeOf(execution) <= handledUntil)
    ?.number ??
  0;

/**
 * Finds the finished executions that have no event yet and whose status can no longer change. `handledNumber` is the
 * newest handled execution after them. `isYoung` is true when a finished execution is left for the next poll.
 */
function finishedRuns(
  executions: readonly Execution[],
  handled: Handled,
  date: number,
  seenUntil: number,
): {
  readonly handledNumber: number | undefined;
  readonly finished: readonly Execution[];
  readonly isYoung: boolean;
} {
  const finished: Execution[] = [];
  const knownNumber = newestHandledNumber(executions, handled);
  let { handledNumber } = handled;
  for (const [index, execution] of executions.entries()) {
    if (handledNumber !== undefined && execution.number <= handledNumber) continue;
    if (!isFinal(execution.status)) continue;
    const endedAt = endTimeOf(execution);
    // When a later execution has started, the server no longer replaces the status of this one.
    const isFollowed = executions.slice(index + 1).some(hasStarted);
    if (!isFollowed && isTooYoung(endedAt, date, seenUntil))
      return { handledNumber, finished, isYoung: true };
    if (execution.number > knownNumber) finished.push(execution);
    handledNumber = execution.number;
  }
  return { handledNumber, finished, isYoung: false };
}

/** Finds the started executions that have no event yet, by number, or by time while no number is known. */
function startedRuns(
  executions: readonly Execution[],
  handled: Handled,
  startsFrom: number,
): readonly Execution[] {
  const { handledNumber = 0, handledUntil = 0, startedNumber } = handled;
  const knownNumber = newestHandledNumber(executions, handled);
  return executions.filter((execution) => {
    if (!hasStarted(execution) || execution.number <= handledNumber) return false;
    if (startedNumber !== undefined) return execution.number > startedNumber;
    if (execution.number <= knownNumber) return false;
    return startTimeOf(execution) >= startsFrom && startTimeOf(execution) > handledUntil;
  });
}

/**
 * Makes the entry of a transfer in the first poll. Every execution that has started or ended when the executions are
 * read counts as handled. Their times are not compared, because the server's clock may have been set back since.
 */
export function* makeFirstCursorEntry({ row, changedAt }: ChangedTransfer): WatchSteps<TransferCursorEntry> {
  const status = row.last_execution_status;
  const entry = { changedAt, status };
  if (row.deleted_at !== null || status === 'UNEXECUTED')
    return { ...entry, handledUntil: changedAt, openRun: mark(isActive(status)) };
  const { executions, isWholeList } = yield* requestNewestExecutions(row.id, 2);
  const newest = executions.findLast(hasStarted);
  // When the list showed an active execution that has ended since, its end is handled: it is not open any more.
  const openRun = mark(isActive(status) && !(newest !== undefined && isFinal(newest.status)));
  const [oldest] = executions;
  // An empty list means that all executions were deleted; every later execution is new.
  if (oldest === undefined) return { ...entry, openRun, handledNumber: 0, startedNumber: 0 };
  const before = isWholeList ? 0 : oldest.number - 1;
  const first = {
    ...entry,
    openRun,
    handledNumber: executions.findLast((run) => isFinal(run.status))?.number ?? before,
    startedNumber: newest?.number ?? before,
  };
  return withLatestChange(first, undefined, executions);
}
