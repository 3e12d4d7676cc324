import { isFinal } from '../model/status';
import type { Execution, Transfer } from '../model/types';
import { listChanges } from './changes';
import type { Changed } from './changes';
import { BELIEVED_AFTER_MS, CLOCK_JUMP_MS, HORIZON_MS, OVERLAP_MS } from './cursor';
import type { ExecutionsCursor, KnownTransfer } from './cursor';
import { beginOf, CONCURRENCY, endOf, hasBegun, runsBehind } from './runs';
import { inTurn, together } from './steps';
import type { Steps } from './steps';

/** A run that ended: what the events are made of. */
export interface FinishedExecution {
  readonly transfer: Transfer;
  /** Null when its record was deleted before anybody could read it. */
  readonly execution: Execution | null;
}

/** A run that began; it may have ended since. */
export interface StartedExecution {
  readonly transfer: Transfer;
  readonly execution: Execution;
}

export interface ExecutionsPoll {
  readonly cursor: ExecutionsCursor;
  readonly finished: readonly FinishedExecution[];
  /** Empty unless beginnings are watched. */
  readonly started: readonly StartedExecution[];
}

/**
 * Most transfers whose executions are looked up in one poll; the rest waits for the next. Keeps a poll after a long
 * pause, or of a large wave, short.
 */
const LOOKUPS = 200;
/** Rows this young may hide a change within the same second (watching.md §3). */
const FRESH_MS = 3_000;

type Row = Changed<Transfer>;

/** Whether a run of the transfer is going on, as far as its status tells; words of newer servers count as that. */
const isGoing = (status: string): boolean => !isFinal(status) && status !== 'UNEXECUTED';

/**
 * One poll for executions that finished, and with `starts` for those that began: exactly one result for each (watching.md
 * §3). Undefined when the server's list was incomplete: nothing is known, and the old cursor stays valid. Without a cursor
 * the present is taken in silently.
 *
 * @param starts costs one request for each run that is seen going for the first time, and tells ends earlier for it
 */
export function* pollExecutions(
  saved: ExecutionsCursor | undefined,
  { starts }: { readonly starts: boolean } = { starts: false },
): Steps<ExecutionsPoll | undefined> {
  if (saved === undefined) return yield* takeIn(starts);
  const changes = yield* listChanges<Transfer>('transfers', () => saved.high - OVERLAP_MS);
  if (changes === undefined) return undefined;
  if (saved.high > changes.date + CLOCK_JUMP_MS) return yield* takeIn(starts);

  const newest = Math.min(changes.rows.at(-1)?.changedAt ?? 0, changes.date);
  const cursor = starts === (saved.b0 !== undefined) ? saved : withStarts(saved, starts, newest);
  const isNew = ({ row, changedAt }: Row) => Object.hasOwn(cursor.known, row.id) || changedAt > cursor.t0;
  const rows = changes.rows.filter(
    (row) => isNew(row) && !isAsRemembered(row, cursor.known[row.row.id], starts),
  );
  const { now, later } = split(rows, cursor);
  const known = new Map(Object.entries(cursor.known));
  const finished: FinishedExecution[] = [];
  const started: StartedExecution[] = [];
  for (let start = 0; start < now.length; start += CONCURRENCY) {
    const seen = now.slice(start, start + CONCURRENCY);
    const results = yield* together(seen.map((row) => resolve(row, cursor)));
    for (const [index, { entry, found, begun }] of results.entries()) {
      const transfer = seen[index]?.row;
      if (transfer === undefined) continue;
      known.set(transfer.id, entry);
      finished.push(...found.map((execution) => ({ transfer, execution })));
      started.push(...begun.map((execution) => ({ transfer, execution })));
    }
  }
  const reached = later.length === 0 ? changes.rows.at(-1) : now.at(-1);
  const high = Math.max(cursor.high, Math.min(reached?.changedAt ?? 0, changes.date));
  // What waits for the next poll may need what is known of it, so nothing is forgotten before.
  const t0 = later.length === 0 ? Math.max(cursor.t0, high - HORIZON_MS) : cursor.t0;
  return {
    finished,
    started,
    cursor: { ...cursor, t0, high, known: Object.fromEntries(prune(known, t0)) },
  };
}

/** Beginnings are told from now on, or no longer; what was known of them before says nothing about the time between. */
function withStarts(
  { t0, high, known }: ExecutionsCursor,
  starts: boolean,
  newest: number,
): ExecutionsCursor {
  const forgotten = Object.entries(known).map(([id, entry]) => {
    const rest = Object.entries(entry).filter(([name]) => name !== 'b');
    return [id, Object.fromEntries(rest) as unknown as KnownTransfer] as const;
  });
  return {
    t0,
    high,
    known: Object.fromEntries(forgotten),
    ...(starts ? { b0: Math.max(high, newest) + 1 } : {}),
  };
}

function isAsRemembered({ row, changedAt }: Row, entry: KnownTransfer | undefined, starts: boolean): boolean {
  return (
    entry !== undefined &&
    entry.hot !== true &&
    entry.u === changedAt &&
    entry.s === row.last_execution_status &&
    // A run that nothing told of is told of by the deletion of its transfer.
    !(entry.open === true && row.deleted_at !== null) &&
    !(starts && mayHaveBegun(row, entry))
  );
}

/** Whether a run is going on that was not yet seen to do so. */
const mayHaveBegun = (row: Transfer, entry: KnownTransfer | undefined): boolean =>
  isGoing(row.last_execution_status) && (entry === undefined || entry.b === undefined || !isGoing(entry.s));

const needsLookup = ({ row }: Row, entry: KnownTransfer | undefined, starts: boolean): boolean =>
  row.deleted_at === null &&
  (isFinal(row.last_execution_status) || entry?.hot === true || (starts && mayHaveBegun(row, entry)));

/** The rows of this poll, oldest first, and those that must wait because too many need a request. */
function split(
  rows: readonly Row[],
  cursor: ExecutionsCursor,
): { readonly now: readonly Row[]; readonly later: readonly Row[] } {
  let lookups = 0;
  const end = rows.findIndex((row) => {
    if (needsLookup(row, cursor.known[row.row.id], cursor.b0 !== undefined)) lookups += 1;
    return lookups > LOOKUPS;
  });
  return end === -1 ? { now: rows, later: [] } : { now: rows.slice(0, end), later: rows.slice(end) };
}

function prune(
  known: ReadonlyMap<string, KnownTransfer>,
  t0: number,
): ReadonlyArray<[string, KnownTransfer]> {
  return [...known].filter(([, { u, hot, open }]) => u > t0 || hot === true || open === true);
}

interface Resolved {
  readonly entry: KnownTransfer;
  /** Ended executions to tell of, in the order of their numbers; null for one whose record is gone. */
  readonly found: ReadonlyArray<Execution | null>;
  /** Executions whose beginning is to be told, in the order of their numbers. */
  readonly begun: readonly Execution[];
}

type DealtWith = Pick<KnownTransfer, 'n' | 't' | 'b'>;

/** What a changed row means, with a look at the executions when one may have begun or ended. */
function* resolve(seen: Row, { known, t0, b0 }: ExecutionsCursor): Steps<Resolved> {
  const { row, changedAt } = seen;
  const before = known[row.id];
  const status = row.last_execution_status;
  const dealtWith: DealtWith = {
    ...(before?.n === undefined ? { t: before?.t ?? t0 } : { n: before.n }),
    ...(before?.b === undefined ? {} : { b: before.b }),
  };

  if (row.deleted_at !== null) {
    const isUntold =
      before === undefined || before.u !== changedAt || !isFinal(before.s) || before.open === true;
    return {
      entry: { u: changedAt, s: status, ...dealtWith },
      found: isFinal(status) && isUntold ? [null] : [],
      begun: [],
    };
  }
  if (!needsLookup(seen, before, b0 !== undefined)) {
    const open = before?.open === true || isGoing(status);
    return {
      entry: { u: changedAt, s: status, ...dealtWith, ...(open ? { open } : {}) },
      found: [],
      begun: [],
    };
  }

  const { executions, date } = yield* runsBehind(row.id, dealtWith);
  const isRecent = seen.date - changedAt < OVERLAP_MS;
  if (executions.length === 0 && before?.hot !== true && isRecent) {
    // All were deleted, or the transfer was a moment after the list: the next list tells, so this change stays new.
    const { u = t0, s = status, open } = before ?? {};
    return {
      entry: { u, s, ...dealtWith, hot: true, ...(open === true ? { open } : {}) },
      found: [],
      begun: [],
    };
  }
  const { n, found, young } = judge(executions, dealtWith, date);
  const begun = b0 === undefined ? [] : newlyBegun(executions, dealtWith, b0);
  const b =
    begun.at(-1)?.number ??
    dealtWith.b ??
    (b0 === undefined ? undefined : executions.findLast(hasBegun)?.number);
  const hot = young || (isFinal(status) && seen.date - changedAt < BELIEVED_AFTER_MS);
  const wasOpen = before?.open === true;
  const isGone = wasOpen && found.length === 0 && !hot && isFinal(status);
  const open = young || isGoing(status) || (wasOpen && found.length === 0 && !isGone);
  return {
    entry: {
      u: changedAt,
      s: status,
      ...(n === undefined ? dealtWith : { n }),
      ...(b === undefined ? {} : { b }),
      ...(hot ? { hot } : {}),
      ...(open ? { open } : {}),
    },
    found: isGone ? [null] : found,
    begun,
  };
}

/** Which executions ended and are old enough to be believed. */
function judge(
  executions: readonly Execution[],
  dealtWith: DealtWith,
  date: number,
): { readonly n: number | undefined; readonly found: readonly Execution[]; readonly young: boolean } {
  const found: Execution[] = [];
  let { n } = dealtWith;
  for (const execution of executions) {
    if (n !== undefined && execution.number <= n) continue;
    if (!isFinal(execution.status)) continue;
    const endedAt = endOf(execution);
    if (date - endedAt < BELIEVED_AFTER_MS) return { n, found, young: true };
    if (dealtWith.n !== undefined || endedAt > (dealtWith.t ?? 0)) found.push(execution);
    n = execution.number;
  }
  return { n, found, young: false };
}

/** Which executions began and were not told of yet: by their numbers, or by their times where no number is known. */
function newlyBegun(
  executions: readonly Execution[],
  { n = 0, t = 0, b }: DealtWith,
  b0: number,
): readonly Execution[] {
  return executions.filter((execution) => {
    if (!hasBegun(execution) || execution.number <= n) return false;
    if (b !== undefined) return execution.number > b;
    return beginOf(execution) >= b0 && !(isFinal(execution.status) && endOf(execution) <= t);
  });
}

/** The first poll: remembers what there is, so that only what begins or ends from now on is told. */
function* takeIn(starts: boolean): Steps<ExecutionsPoll | undefined> {
  const changes = yield* listChanges<Transfer>('transfers', (newest) => newest - HORIZON_MS);
  if (changes === undefined) return undefined;
  const high = Math.min(changes.rows.at(-1)?.changedAt ?? 0, changes.date);
  const t0 = Math.max(0, high - HORIZON_MS);
  const rows = changes.rows.filter(({ changedAt }) => changedAt > t0);
  const entries = yield* inTurn(rows, CONCURRENCY, (row) => firstEntry(row, starts ? high : undefined));
  const known = rows.map(({ row }, index) => [row.id, entries[index] as KnownTransfer] as const);
  return {
    finished: [],
    started: [],
    cursor: { t0, high, known: Object.fromEntries(known), ...(starts ? { b0: high } : {}) },
  };
}

/**
 * What is remembered of a transfer at first sight: all its runs that ended until its last change are dealt with. Where a
 * run may yet begin or end within the same second, times cannot tell runs apart and their numbers must.
 *
 * @param b0 beginnings from this moment on are told; undefined when they are not watched
 */
function* firstEntry({ row, changedAt, date }: Row, b0: number | undefined): Steps<KnownTransfer> {
  const status = row.last_execution_status;
  const going = isGoing(status);
  const entry = { u: changedAt, s: status, ...(going ? ({ open: true } as const) : {}) };
  const isFresh = date - changedAt < FRESH_MS || (b0 !== undefined && changedAt >= b0);
  if (row.deleted_at !== null || !isFresh || status === 'UNEXECUTED') return { ...entry, t: changedAt };
  const { executions } = yield* runsBehind(row.id, { n: Number.MAX_SAFE_INTEGER });
  const newest = executions.at(-1);
  if (newest === undefined) return { ...entry, t: changedAt };
  return {
    ...entry,
    // The newest is dealt with only if the list already showed its end.
    n: !going && isFinal(newest.status) ? newest.number : newest.number - 1,
    ...(b0 === undefined ? {} : { b: hasBegun(newest) ? newest.number : newest.number - 1 }),
  };
}
