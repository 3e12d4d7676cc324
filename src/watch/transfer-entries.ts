import { FINAL_STATUS_AGE_MS, isFinal } from '../model/status';
import type { Execution, Transfer } from '../model/types';
import type { ChangedRow } from './list-changes';
import { OVERLAP_MS } from '../model/timestamps';
import { isFarAhead, type HandledChanges } from './handled-changes';
import type { WatchSteps } from './watch-steps';
import {
  storedProperty,
  optionalStoredProperty,
  storedTrue,
  storedNumber,
  storedObject,
  storedText,
  type StoredValue,
} from './stored-codec';
import {
  endTime,
  hasStarted,
  fetchNewestRuns,
  fetchRunsAfter,
  fetchRunsUntil,
  startTime,
  type ListedRuns,
} from './transfer-runs';

/** State of the poll for executions: one entry for each transfer, to resolve changed rows. */

export const storedTransferEntry = storedObject({
  /** `updated_at` of the transfer. */
  changedAt: storedProperty('u', storedNumber),
  /**
   * Largest timestamp of the transfer and its executions; present only when later than `changedAt`, because the
   * server's clock was set back since.
   */
  latestChange: optionalStoredProperty('m', storedNumber),
  status: storedProperty('s', storedText),
  /** Number of the newest execution whose end needs no event; absent while unknown. */
  handledNumber: optionalStoredProperty('n', storedNumber),
  /** Time until which ended executions need no event; used while `handledNumber` is unknown. */
  handledUntil: optionalStoredProperty('t', storedNumber),
  /** Number of the newest execution whose start needs no event; absent while unknown. */
  startedNumber: optionalStoredProperty('b', storedNumber),
  /** Whether the next poll reads it again: its final status is younger than 2 s, or its runs were just deleted. */
  recheck: optionalStoredProperty('hot', storedTrue),
  /** Whether a run was seen that no event has reported yet: still active, or ended too recently. */
  openRun: optionalStoredProperty('open', storedTrue),
});

/** Last seen state of a transfer. Times are milliseconds since 1970 on the server's clock. */
export type TransferEntry = StoredValue<typeof storedTransferEntry>;

export interface ExecutionsState extends HandledChanges {
  readonly known: ReadonlyMap<string, TransferEntry>;
  readonly startsFrom?: number | undefined;
}

export type TransferRow = ChangedRow<Transfer>;

/** Time after which an entry can be dropped: no execution that it covers has a later timestamp. */
export const droppableFrom = ({ changedAt, latestChange = changedAt }: TransferEntry): number =>
  Math.max(changedAt, latestChange);

/** Adds to an entry the largest timestamp of itself, the previous entry and the executions. */
function withLatestChange(
  entry: TransferEntry,
  before: TransferEntry | undefined,
  executions: readonly Execution[] = [],
): TransferEntry {
  const earlier = before === undefined ? 0 : droppableFrom(before);
  const latestChange = Math.max(earlier, ...executions.map(endTime));
  return latestChange > entry.changedAt ? { ...entry, latestChange } : entry;
}

const mark = (isSet: boolean): true | undefined => (isSet ? true : undefined);

/** Whether a run of the transfer is active, as far as its status shows; unknown words of newer servers count as active. */
const isActive = (status: string): boolean => !isFinal(status) && status !== 'UNEXECUTED';

export function isUnchanged(
  { row, changedAt }: TransferRow,
  entry: TransferEntry | undefined,
  starts: boolean,
): boolean {
  return (
    entry !== undefined &&
    entry.recheck !== true &&
    entry.changedAt === changedAt &&
    entry.status === row.last_execution_status &&
    // Deleted with a run that no event has reported: the end of that run is still to be reported.
    !(entry.openRun === true && row.deleted_at !== null) &&
    !(starts && mayHaveStarted(row, entry))
  );
}

/** Whether a run is active that was not yet seen active. */
const mayHaveStarted = (row: Transfer, entry: TransferEntry | undefined): boolean =>
  isActive(row.last_execution_status) &&
  (entry === undefined || entry.startedNumber === undefined || !isActive(entry.status));

export const needsLookup = (
  { row }: TransferRow,
  entry: TransferEntry | undefined,
  starts: boolean,
): boolean =>
  row.deleted_at === null &&
  (isFinal(row.last_execution_status) || entry?.recheck === true || (starts && mayHaveStarted(row, entry)));

interface Resolved {
  readonly entry: TransferEntry;
  /** Finished executions to report, by number; null for one that was deleted. */
  readonly finished: ReadonlyArray<Execution | null>;
  /** Executions whose start is to be reported, by number. */
  readonly started: readonly Execution[];
}

type Handled = Pick<TransferEntry, 'handledNumber' | 'handledUntil' | 'startedNumber'>;

/**
 * Resolves a changed row, with a lookup of the executions when one may have started or finished.
 *
 * @param isFirst whether starts are watched for the first time
 */
export function* resolveChangedRow(
  seen: TransferRow,
  state: ExecutionsState,
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
  if (!needsLookup(seen, before, startsFrom !== undefined)) {
    const openRun = mark(before?.openRun === true || isActive(status));
    const entry = withLatestChange({ changedAt, status, ...handled, openRun }, before);
    return { entry, finished: [], started: [] };
  }

  const { executions, date } = yield* unhandledRuns(row.id, handled);
  const isRecent = seen.date - changedAt < OVERLAP_MS;
  if (executions.length === 0 && before?.recheck !== true && isRecent) {
    // The executions or the transfer were deleted just after the list was read. The next list shows which, so the
    // change counts as not seen until then.
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
  const seenUntil = before?.recheck === true ? droppableFrom(before) : 0;
  const { handledNumber, finished, isYoung } = finishedRuns(executions, handled, date, seenUntil);
  // Start times are compared only in the poll that begins to watch starts. In later polls, a run of a transfer without
  // a `startedNumber` has started since then.
  const started = startsFrom === undefined ? [] : startedRuns(executions, handled, isFirst ? startsFrom : 0);
  const newestStarted = startsFrom === undefined ? undefined : executions.findLast(hasStarted)?.number;
  const recheck = isYoung || (isFinal(status) && isTooYoung(changedAt, seen.date, seenUntil));
  const wasOpen = before?.openRun === true;
  const isGone = wasOpen && finished.length === 0 && !recheck && isFinal(status);
  const entry: TransferEntry = {
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

function* unhandledRuns(
  transferId: string,
  { handledNumber, handledUntil = 0 }: Handled,
): WatchSteps<ListedRuns> {
  if (handledNumber !== undefined) return yield* fetchRunsAfter(transferId, handledNumber);
  return yield* fetchRunsUntil(
    transferId,
    ([oldest]) => oldest !== undefined && isFinal(oldest.status) && endTime(oldest) <= handledUntil,
  );
}

/**
 * Whether a final status may yet be replaced. A status from before the clock was set back is accepted when seen twice.
 *
 * @param seenUntil largest timestamp that an earlier poll saw of this transfer
 */
const isTooYoung = (time: number, date: number, seenUntil: number): boolean =>
  date - time < FINAL_STATUS_AGE_MS && !(time <= seenUntil && isFarAhead(time, date));

/**
 * Number of the newest execution that ended too early to need an event; 0 for none. Executions finish in the order of
 * their numbers, so older ones need none either, even when their times are wrong because the clock was set back.
 */
const newestHandledNumber = (
  executions: readonly Execution[],
  { handledNumber, handledUntil = 0 }: Handled,
): number =>
  handledNumber ??
  executions.findLast((execution) => isFinal(execution.status) && endTime(execution) <= handledUntil)
    ?.number ??
  0;

/** Finished executions that have no event yet and whose status is old enough to be final. */
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
    const endedAt = endTime(execution);
    // When a later run has started, this status is final.
    const isFollowed = executions.slice(index + 1).some(hasStarted);
    if (!isFollowed && isTooYoung(endedAt, date, seenUntil))
      return { handledNumber, finished, isYoung: true };
    if (execution.number > knownNumber) finished.push(execution);
    handledNumber = execution.number;
  }
  return { handledNumber, finished, isYoung: false };
}

/** Started executions that have no event yet: compared by number, or by time while no number is known. */
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
    return startTime(execution) >= startsFrom && startTime(execution) > handledUntil;
  });
}

/**
 * Makes the entry of a transfer in the first poll: every run that has started or ended when its executions are read is
 * handled. Their times are not compared: they may be from before the server's clock was set back.
 */
export function* makeFirstEntry({ row, changedAt }: TransferRow): WatchSteps<TransferEntry> {
  const status = row.last_execution_status;
  const entry = { changedAt, status };
  if (row.deleted_at !== null || status === 'UNEXECUTED')
    return { ...entry, handledUntil: changedAt, openRun: mark(isActive(status)) };
  const { executions, isAll } = yield* fetchNewestRuns(row.id, 2);
  const newest = executions.findLast(hasStarted);
  // The list showed the run at work that has ended since: no later poll needs to look for its end.
  const openRun = mark(isActive(status) && !(newest !== undefined && isFinal(newest.status)));
  const [oldest] = executions;
  // All executions were deleted: every later one is new.
  if (oldest === undefined) return { ...entry, openRun, handledNumber: 0, startedNumber: 0 };
  const before = isAll ? 0 : oldest.number - 1;
  const first = {
    ...entry,
    openRun,
    handledNumber: executions.findLast((run) => isFinal(run.status))?.number ?? before,
    startedNumber: newest?.number ?? before,
  };
  return withLatestChange(first, undefined, executions);
}
