import type { Execution, Transfer } from '../model/types';
import { cursorPart } from './cursor';
import type { Poll } from './define-event';
import { firstEntry, isAsKnown, needsLookup, resolve, transferEntry } from './execution-entries';
import type { ExecutionsState, Row, TransferEntry } from './execution-entries';
import { listChanges } from './list-changes';
import { CLOCK_JUMP_MS, HORIZON_MS, OVERLAP_MS } from './margins';
import { CONCURRENCY, inBatches, together } from './steps';
import type { Steps } from './steps';
import { kept, keptIfKnown, storedNumber, storedObject, storedTable } from './stored';

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
  /** Empty unless starts are watched. */
  readonly started: readonly StartedExecution[];
}

type ExecutionsPoll = Poll<ExecutionsState, ExecutionChanges>;

export const executionsPart = cursorPart<ExecutionsState>(
  'executions',
  storedObject({
    handledUntil: kept('t0', storedNumber),
    newestChange: kept('high', storedNumber),
    known: kept('known', storedTable(transferEntry)),
    startsFrom: keptIfKnown('b0', storedNumber),
  }),
);

/** Maximum of transfers with a lookup in one poll. Keeps a poll after a long pause, or of a large wave, short. */
const LOOKUPS = 200;

/**
 * Polls for executions that finished, and with `starts` for those that started: each exactly once (watching.md §3).
 *
 * @param starts costs one request for each run that is seen active for the first time
 */
export function* pollExecutions(
  saved: ExecutionsState | undefined,
  starts: boolean,
): Steps<ExecutionsPoll | undefined> {
  if (saved === undefined) return yield* takeIn(starts);
  const changes = yield* listChanges<Transfer>('transfers', () => saved.newestChange - OVERLAP_MS);
  if (changes === undefined) return undefined;
  if (saved.newestChange > changes.date + CLOCK_JUMP_MS) return yield* takeIn(starts);

  const newest = Math.min(changes.rows.at(-1)?.changedAt ?? 0, changes.date);
  const state = starts === (saved.startsFrom !== undefined) ? saved : withStarts(saved, starts, newest);
  const isNew = ({ row, changedAt }: Row) => state.known.has(row.id) || changedAt > state.handledUntil;
  const rows = changes.rows.filter(
    (row) => isNew(row) && !isAsKnown(row, state.known.get(row.row.id), starts),
  );
  const { now, later } = split(rows, state);
  const known = new Map(state.known);
  const finished: FinishedExecution[] = [];
  const started: StartedExecution[] = [];
  for (let start = 0; start < now.length; start += CONCURRENCY) {
    const batch = now.slice(start, start + CONCURRENCY);
    const results = yield* together(batch.map((row) => resolve(row, state)));
    for (const [index, resolved] of results.entries()) {
      const transfer = batch[index]?.row;
      if (transfer === undefined) continue;
      known.set(transfer.id, resolved.entry);
      finished.push(...resolved.finished.map((execution) => ({ transfer, execution })));
      started.push(...resolved.started.map((execution) => ({ transfer, execution })));
    }
  }
  const reached = later.length === 0 ? changes.rows.at(-1) : now.at(-1);
  const newestChange = Math.max(state.newestChange, Math.min(reached?.changedAt ?? 0, changes.date));
  // Rows left for the next poll may need their entries: nothing is dropped before.
  const handledUntil =
    later.length === 0 ? Math.max(state.handledUntil, newestChange - HORIZON_MS) : state.handledUntil;
  return {
    result: { finished, started },
    state: { ...state, handledUntil, newestChange, known: prune(known, handledUntil) },
  };
}

/** Starts are watched from now on, or no longer; what was known of them says nothing about the time between. */
function withStarts(
  { handledUntil, newestChange, known }: ExecutionsState,
  starts: boolean,
  newest: number,
): ExecutionsState {
  return {
    handledUntil,
    newestChange,
    known: new Map([...known].map(([id, entry]) => [id, { ...entry, startedNumber: undefined }])),
    startsFrom: starts ? Math.max(newestChange, newest) + 1 : undefined,
  };
}

/** The rows of this poll, oldest first, and the rows left for the next poll because too many need a lookup. */
function split(
  rows: readonly Row[],
  { known, startsFrom }: ExecutionsState,
): { readonly now: readonly Row[]; readonly later: readonly Row[] } {
  let lookups = 0;
  const end = rows.findIndex((row) => {
    if (needsLookup(row, known.get(row.row.id), startsFrom !== undefined)) lookups += 1;
    return lookups > LOOKUPS;
  });
  return end === -1 ? { now: rows, later: [] } : { now: rows.slice(0, end), later: rows.slice(end) };
}

const prune = (
  known: ReadonlyMap<string, TransferEntry>,
  handledUntil: number,
): ReadonlyMap<string, TransferEntry> =>
  new Map(
    [...known].filter(
      ([, { changedAt, recheck, openRun }]) =>
        changedAt > handledUntil || recheck === true || openRun === true,
    ),
  );

/** The first poll: only executions that start or finish from now on are reported. */
function* takeIn(starts: boolean): Steps<ExecutionsPoll | undefined> {
  const changes = yield* listChanges<Transfer>('transfers', (newest) => newest - HORIZON_MS);
  if (changes === undefined) return undefined;
  const newestChange = Math.min(changes.rows.at(-1)?.changedAt ?? 0, changes.date);
  const handledUntil = Math.max(0, newestChange - HORIZON_MS);
  const startsFrom = starts ? newestChange : undefined;
  const rows = changes.rows.filter(({ changedAt }) => changedAt > handledUntil);
  const entries = yield* inBatches(rows, (row) => firstEntry(row, startsFrom));
  const known = rows.map(({ row }, index) => [row.id, entries[index] as TransferEntry] as const);
  return {
    result: { finished: [], started: [] },
    state: { handledUntil, newestChange, known: new Map(known), startsFrom },
  };
}
