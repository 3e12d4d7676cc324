import { withoutUndefined } from '../model/json';
import type { Execution, Transfer } from '../model/api-objects';
import { makeCursorPart } from './cursor';
import type { EventPollResult } from './define-event';
import {
  makeFirstCursorEntry,
  isUnchanged,
  newestTimestampOf,
  mustReadExecutions,
  findUnreportedExecutions,
  transferCursorEntryCodec,
  type ExecutionPollState,
  type ChangedTransfer,
  type TransferCursorEntry,
} from './transfer-cursor-entries';
import { requestChangedRows } from './request-changed-rows';
import { MAX_OLD_ENTRIES } from './retention-limits';
import { runInBatches, type WatchSteps } from './watch-steps';
import {
  storedProperty,
  optionalStoredProperty,
  numberCodec,
  makeObjectCodec,
  makeTableCodec,
} from './stored-codec';
import {
  CLOCK_WENT_BACK_REASON,
  computeOldestChangeOfFirstPoll,
  computeFirstRememberedPeriodStart,
  wasClockSetBackTooFar,
  computeRememberedPeriodStart,
  computeOldestChangeToRead,
  handledChangesProperties,
} from './handled-changes';

/** The poll that the events Execution Finished and Execution Started share. */

/** A finished execution. */
export interface FinishedExecution {
  readonly transfer: Transfer;
  /** Null when the execution was deleted before a poll could read it. */
  readonly execution: Execution | null;
}

/** An execution that started. It may have finished since. */
export interface StartedExecution {
  readonly transfer: Transfer;
  readonly execution: Execution;
}

/** Findings of one poll for both events. */
interface ExecutionChanges {
  readonly finished: readonly FinishedExecution[];
  /** Started executions; empty unless starts are watched. */
  readonly started: readonly StartedExecution[];
}

type ExecutionsPoll = EventPollResult<ExecutionPollState, ExecutionChanges>;

export const executionsCursorPart = makeCursorPart<ExecutionPollState>(
  'executions',
  makeObjectCodec({
    ...handledChangesProperties,
    known: storedProperty('known', makeTableCodec(transferCursorEntryCodec)),
    /** Executions created from this time on are reported as started; absent while starts are not watched. */
    startsFrom: optionalStoredProperty('b0', numberCodec),
  }),
);

/**
 * Maximum number of transfers whose executions one poll reads. It keeps polls short after a long pause or with a large
 * wave; the next poll continues.
 */
const MAX_LOOKUPS = 200;

/**
 * Polls for executions that finished, and with `starts` also for those that started. Each is found exactly once
 * (docs/reference/watching.md §3).
 *
 * @param starts whether to find started executions; costs one request for each that is seen active for the first time
 * @param now local time, milliseconds since 1970
 */
export function* pollExecutions(
  saved: ExecutionPollState | undefined,
  starts: boolean,
  now: number,
): WatchSteps<ExecutionsPoll | undefined> {
  if (saved === undefined) return yield* firstState(starts, now);
  const changes = yield* requestChangedRows('transfer', ({ date }) =>
    computeOldestChangeToRead(saved, date, now),
  );
  if (changes === undefined) return undefined;
  if (wasClockSetBackTooFar(saved, changes.date))
    return yield* firstState(starts, now, CLOCK_WENT_BACK_REASON);

  const { date: readAt } = changes;
  const newest = Math.min(changes.rows.at(-1)?.changedAt ?? 0, readAt);
  const state = starts === (saved.startsFrom !== undefined) ? saved : withStarts(saved, starts, newest);
  const isNew = ({ row, changedAt }: ChangedTransfer) =>
    state.known.has(row.id) || changedAt > state.handledUntil;
  const rows = changes.rows.filter(
    (row) => isNew(row) && !isUnchanged(row, state.known.get(row.row.id), starts),
  );
  const { first, rest } = splitByLookupLimit(rows, state);
  const known = new Map(state.known);
  const finished: FinishedExecution[] = [];
  const started: StartedExecution[] = [];
  const results = yield* runInBatches(first, (row) => findUnreportedExecutions(row, state, state !== saved));
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
    // The next poll reads the remaining rows again and may need their entries, so no entry is dropped.
    const newestChange = Math.min(reached, first.at(-1)?.changedAt ?? 0);
    return { result: { finished, started }, state: { ...state, ...times, newestChange, known } };
  }
  const changeTimes = [...known.values()].map(newestTimestampOf);
  const handledUntil = Math.max(
    state.handledUntil,
    computeRememberedPeriodStart(changeTimes, reached, MAX_OLD_ENTRIES),
  );
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
 * Switches the watching of starts on or off in a state. The stored numbers of started executions are dropped, because
 * executions that started while starts were not watched are missing in them.
 */
function withStarts(
  { known, newestChange, ...timeline }: ExecutionPollState,
  starts: boolean,
  newest: number,
): ExecutionPollState {
  return {
    ...timeline,
    newestChange,
    known: new Map([...known].map(([id, entry]) => [id, { ...entry, startedNumber: undefined }])),
    startsFrom: starts ? Math.max(newestChange, newest) + 1 : undefined,
  };
}

/** Splits rows at the lookup limit: `first` are the oldest, for this poll; `rest` is left for the next poll. */
function splitByLookupLimit(
  rows: readonly ChangedTransfer[],
  { known, startsFrom }: ExecutionPollState,
): { readonly first: readonly ChangedTransfer[]; readonly rest: readonly ChangedTransfer[] } {
  let lookups = 0;
  const end = rows.findIndex((row) => {
    if (mustReadExecutions(row, known.get(row.row.id), startsFrom !== undefined)) lookups += 1;
    return lookups > MAX_LOOKUPS;
  });
  return end === -1 ? { first: rows, rest: [] } : { first: rows.slice(0, end), rest: rows.slice(end) };
}

/** Drops the entries of handled changes, except those that the next poll must check again. */
const prune = (
  known: ReadonlyMap<string, TransferCursorEntry>,
  handledUntil: number,
): ReadonlyMap<string, TransferCursorEntry> =>
  new Map(
    [...known].filter(
      ([, entry]) =>
        newestTimestampOf(entry) > handledUntil || entry.recheck === true || entry.openRun === true,
    ),
  );

/** State of a watch that begins, or begins again: only executions that start or finish from now on are reported. */
function* firstState(starts: boolean, now: number, restart?: string): WatchSteps<ExecutionsPoll | undefined> {
  const changes = yield* requestChangedRows('transfer', computeOldestChangeOfFirstPoll);
  if (changes === undefined) return undefined;
  const { date: readAt } = changes;
  const newestChange = Math.min(changes.rows.at(-1)?.changedAt ?? 0, readAt);
  const handledUntil = computeFirstRememberedPeriodStart(changes, newestChange);
  const startsFrom = starts ? newestChange : undefined;
  const rows = changes.rows.filter(({ changedAt }) => changedAt > handledUntil);
  const entries = yield* runInBatches(rows, makeFirstCursorEntry);
  const known = new Map(rows.map(({ row }, index) => [row.id, entries[index] as TransferCursorEntry]));
  return {
    result: { finished: [], started: [] },
    state: { handledUntil, newestChange, readAt, polledAt: now, known, startsFrom },
    ...withoutUndefined({ restart }),
  };
}
