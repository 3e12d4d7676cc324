import { withoutUndefined } from '../model/json';
import type { Execution, Transfer } from '../model/types';
import { cursorPart } from './cursor';
import type { PollResult } from './define-event';
import {
  makeFirstEntry,
  isUnchanged,
  droppableFrom,
  needsLookup,
  resolveChangedRow,
  storedTransferEntry,
  type ExecutionsState,
  type TransferRow,
  type TransferEntry,
} from './transfer-entries';
import { listChanges } from './list-changes';
import { MAX_ENTRIES } from './retention-limits';
import { runInBatches, type WatchSteps } from './watch-steps';
import {
  storedProperty,
  optionalStoredProperty,
  storedNumber,
  storedObject,
  storedTable,
} from './stored-codec';
import {
  CLOCK_WENT_BACK,
  firstOldestChangeToRead,
  firstRememberedFrom,
  exceedsRememberedPast,
  rememberedFrom,
  oldestChangeToRead,
  handledChangesProperties,
} from './handled-changes';

/** The poll shared by the events of executions that finish and that start. */

/** A finished execution. */
export interface FinishedExecution {
  readonly transfer: Transfer;
  /** Null when it was deleted before a poll could read it. */
  readonly execution: Execution | null;
}

/** A started execution; it may have finished since. */
export interface StartedExecution {
  readonly transfer: Transfer;
  readonly execution: Execution;
}

interface ExecutionChanges {
  readonly finished: readonly FinishedExecution[];
  /** Started executions; empty unless starts are watched. */
  readonly started: readonly StartedExecution[];
}

type ExecutionsPoll = PollResult<ExecutionsState, ExecutionChanges>;

export const executionsCursorPart = cursorPart<ExecutionsState>(
  'executions',
  storedObject({
    ...handledChangesProperties,
    known: storedProperty('known', storedTable(storedTransferEntry)),
    /** Creation time from which starts are reported; absent while starts are not watched. */
    startsFrom: optionalStoredProperty('b0', storedNumber),
  }),
);

/**
 * Maximum number of transfers with a lookup in one poll, to keep polls short after a long pause or with a large wave.
 */
const MAX_LOOKUPS = 200;

/**
 * Polls for executions that finished, and with `starts` for those that started: each exactly once
 * (docs/reference/watching.md §3).
 *
 * @param starts costs one request for each run that is seen active for the first time
 * @param now local time, milliseconds since 1970
 */
export function* pollExecutions(
  saved: ExecutionsState | undefined,
  starts: boolean,
  now: number,
): WatchSteps<ExecutionsPoll | undefined> {
  if (saved === undefined) return yield* firstState(starts, now);
  const changes = yield* listChanges('transfer', ({ date }) => oldestChangeToRead(saved, date, now));
  if (changes === undefined) return undefined;
  if (exceedsRememberedPast(saved, changes.date)) return yield* firstState(starts, now, CLOCK_WENT_BACK);

  const { date: readAt } = changes;
  const newest = Math.min(changes.rows.at(-1)?.changedAt ?? 0, readAt);
  const state = starts === (saved.startsFrom !== undefined) ? saved : withStarts(saved, starts, newest);
  const isNew = ({ row, changedAt }: TransferRow) =>
    state.known.has(row.id) || changedAt > state.handledUntil;
  const rows = changes.rows.filter(
    (row) => isNew(row) && !isUnchanged(row, state.known.get(row.row.id), starts),
  );
  const { first, rest } = splitByLookupLimit(rows, state);
  const known = new Map(state.known);
  const finished: FinishedExecution[] = [];
  const started: StartedExecution[] = [];
  const results = yield* runInBatches(first, (row) => resolveChangedRow(row, state, state !== saved));
  for (const [index, resolved] of results.entries()) {
    const transfer = first[index]?.row;
    if (transfer === undefined) continue;
    known.set(transfer.id, resolved.entry);
    finished.push(...resolved.finished.map((execution) => ({ transfer, execution })));
    started.push(...resolved.started.map((execution) => ({ transfer, execution })));
  }
  const times = { readAt, polledAt: now };
  const reached = Math.min(Math.max(state.newestChange, newest), readAt);
  if (rest.length > 0) {
    // Rows left for the next poll are read again, and may need their entries: nothing is dropped.
    const newestChange = Math.min(reached, first.at(-1)?.changedAt ?? 0);
    return { result: { finished, started }, state: { ...state, ...times, newestChange, known } };
  }
  const changeTimes = [...known.values()].map(droppableFrom);
  const handledUntil = Math.max(state.handledUntil, rememberedFrom(changeTimes, reached, MAX_ENTRIES));
  return {
    result: { finished, started },
    state: {
      ...state,
      ...times,
      newestChange: reached,
      handledUntil,
      known: prune(known, handledUntil),
    },
  };
}

/**
 * Switches the watching of starts on or off in a state. Earlier start numbers are dropped, because they do not cover
 * the time in between.
 */
function withStarts(
  { known, newestChange, ...timeline }: ExecutionsState,
  starts: boolean,
  newest: number,
): ExecutionsState {
  return {
    ...timeline,
    newestChange,
    known: new Map([...known].map(([id, entry]) => [id, { ...entry, startedNumber: undefined }])),
    startsFrom: starts ? Math.max(newestChange, newest) + 1 : undefined,
  };
}

/** Splits rows into those of this poll, oldest first, and those left for the next poll because of the lookup limit. */
function splitByLookupLimit(
  rows: readonly TransferRow[],
  { known, startsFrom }: ExecutionsState,
): { readonly first: readonly TransferRow[]; readonly rest: readonly TransferRow[] } {
  let lookups = 0;
  const end = rows.findIndex((row) => {
    if (needsLookup(row, known.get(row.row.id), startsFrom !== undefined)) lookups += 1;
    return lookups > MAX_LOOKUPS;
  });
  return end === -1 ? { first: rows, rest: [] } : { first: rows.slice(0, end), rest: rows.slice(end) };
}

const prune = (
  known: ReadonlyMap<string, TransferEntry>,
  handledUntil: number,
): ReadonlyMap<string, TransferEntry> =>
  new Map(
    [...known].filter(
      ([, entry]) => droppableFrom(entry) > handledUntil || entry.recheck === true || entry.openRun === true,
    ),
  );

/** State of the first poll: only executions that start or finish from now on are reported. */
function* firstState(starts: boolean, now: number, restart?: string): WatchSteps<ExecutionsPoll | undefined> {
  const changes = yield* listChanges('transfer', firstOldestChangeToRead);
  if (changes === undefined) return undefined;
  const { date: readAt } = changes;
  const newestChange = Math.min(changes.rows.at(-1)?.changedAt ?? 0, readAt);
  const handledUntil = firstRememberedFrom(changes, newestChange);
  const startsFrom = starts ? newestChange : undefined;
  const rows = changes.rows.filter(({ changedAt }) => changedAt > handledUntil);
  const entries = yield* runInBatches(rows, makeFirstEntry);
  const known = new Map(rows.map(({ row }, index) => [row.id, entries[index] as TransferEntry]));
  return {
    result: { finished: [], started: [] },
    state: { handledUntil, newestChange, readAt, polledAt: now, known, startsFrom },
    ...withoutUndefined({ restart }),
  };
}
