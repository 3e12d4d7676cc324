import { path } from '../api/path';
import { isFinal } from '../model/status';
import { parseTime } from '../model/timing';
import type { Execution, Transfer } from '../model/types';
import { listChanges } from './changes';
import type { Changed } from './changes';
import { BELIEVED_AFTER_MS, CLOCK_JUMP_MS, HORIZON_MS, OVERLAP_MS } from './cursor';
import type { ExecutionsCursor, KnownTransfer } from './cursor';
import { ask, together } from './steps';
import type { Steps } from './steps';

/** A run that ended: what the events are made of. */
export interface FinishedExecution {
  readonly transfer: Transfer;
  /** Null when its record was deleted before anybody could read it. */
  readonly execution: Execution | null;
}

export interface ExecutionsPoll {
  readonly cursor: ExecutionsCursor;
  readonly finished: readonly FinishedExecution[];
}

/**
 * Most transfers whose executions are looked up in one poll; the rest waits for the next. Keeps a poll after a long
 * pause, or of a large wave, short.
 */
const LOOKUPS = 200;
const CONCURRENCY = 5;
/** Rows this young may hide a change within the same second (watching.md §3). */
const FRESH_MS = 3_000;

type Row = Changed<Transfer>;

/** Whether a run of the transfer is going on, as far as its status tells; words of newer servers count as that. */
const isGoing = (status: string): boolean => !isFinal(status) && status !== 'UNEXECUTED';

/**
 * One poll for finished executions: exactly one result for each run that ended (watching.md §3). Undefined when the
 * server's list was incomplete: nothing is known, and the old cursor stays valid. Without a cursor the present is taken
 * in silently.
 */
export function* pollExecutions(cursor: ExecutionsCursor | undefined): Steps<ExecutionsPoll | undefined> {
  if (cursor === undefined) return yield* takeIn();
  const changes = yield* listChanges<Transfer>('transfers', () => cursor.high - OVERLAP_MS);
  if (changes === undefined) return undefined;
  if (cursor.high > changes.date + CLOCK_JUMP_MS) return yield* takeIn();

  const isNew = ({ row, changedAt }: Row) => Object.hasOwn(cursor.known, row.id) || changedAt > cursor.t0;
  const rows = changes.rows.filter((row) => isNew(row) && !isAsRemembered(row, cursor.known[row.row.id]));
  const { now, later } = split(rows, cursor);
  const known = new Map(Object.entries(cursor.known));
  const finished: FinishedExecution[] = [];
  for (let start = 0; start < now.length; start += CONCURRENCY) {
    const seen = now.slice(start, start + CONCURRENCY);
    const results = yield* together(seen.map((row) => resolve(row, cursor.known[row.row.id], cursor.t0)));
    for (const [index, { entry, found }] of results.entries()) {
      const transfer = seen[index]?.row;
      if (transfer === undefined) continue;
      known.set(transfer.id, entry);
      finished.push(...found.map((execution) => ({ transfer, execution })));
    }
  }
  const reached = later.length === 0 ? changes.rows.at(-1) : now.at(-1);
  const high = Math.max(cursor.high, Math.min(reached?.changedAt ?? 0, changes.date));
  // What waits for the next poll may need what is known of it, so nothing is forgotten before.
  const t0 = later.length === 0 ? Math.max(cursor.t0, high - HORIZON_MS) : cursor.t0;
  return { finished, cursor: { t0, high, known: Object.fromEntries(prune(known, t0)) } };
}

function isAsRemembered({ row, changedAt }: Row, entry: KnownTransfer | undefined): boolean {
  return (
    entry !== undefined &&
    entry.hot !== true &&
    entry.u === changedAt &&
    entry.s === row.last_execution_status &&
    // A run that nothing told of is told of by the deletion of its transfer.
    !(entry.open === true && row.deleted_at !== null)
  );
}

const needsLookup = ({ row }: Row, entry: KnownTransfer | undefined): boolean =>
  row.deleted_at === null && (isFinal(row.last_execution_status) || entry?.hot === true);

/** The rows of this poll, oldest first, and those that must wait because too many need a request. */
function split(
  rows: readonly Row[],
  cursor: ExecutionsCursor,
): { readonly now: readonly Row[]; readonly later: readonly Row[] } {
  let lookups = 0;
  const end = rows.findIndex((row) => {
    if (needsLookup(row, cursor.known[row.row.id])) lookups += 1;
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
}

/** What a changed row means, with a look at the executions when one may have ended. */
function* resolve(seen: Row, before: KnownTransfer | undefined, t0: number): Steps<Resolved> {
  const { row, changedAt } = seen;
  const status = row.last_execution_status;
  const dealtWith: Pick<KnownTransfer, 'n' | 't'> =
    before?.n === undefined ? { t: before?.t ?? t0 } : { n: before.n };

  if (row.deleted_at !== null) {
    const isUntold =
      before === undefined || before.u !== changedAt || !isFinal(before.s) || before.open === true;
    return {
      entry: { u: changedAt, s: status, ...dealtWith },
      found: isFinal(status) && isUntold ? [null] : [],
    };
  }
  if (!needsLookup(seen, before)) {
    const open = before?.open === true || isGoing(status);
    return { entry: { u: changedAt, s: status, ...dealtWith, ...(open ? { open } : {}) }, found: [] };
  }

  const { executions, date } = yield* executionsBehind(row.id, dealtWith);
  const isRecent = seen.date - changedAt < OVERLAP_MS;
  if (executions.length === 0 && before?.hot !== true && isRecent) {
    // All were deleted, or the transfer was a moment after the list: the next list tells, so this change stays new.
    const { u = t0, s = status, open } = before ?? {};
    return { entry: { u, s, ...dealtWith, hot: true, ...(open === true ? { open } : {}) }, found: [] };
  }
  const { n, found, young } = judge(executions, dealtWith, date);
  const hot = young || (isFinal(status) && seen.date - changedAt < BELIEVED_AFTER_MS);
  const wasOpen = before?.open === true;
  const isGone = wasOpen && found.length === 0 && !hot && isFinal(status);
  const open = young || isGoing(status) || (wasOpen && found.length === 0 && !isGone);
  return {
    entry: {
      u: changedAt,
      s: status,
      ...(n === undefined ? dealtWith : { n }),
      ...(hot ? { hot } : {}),
      ...(open ? { open } : {}),
    },
    found: isGone ? [null] : found,
  };
}

/** Which executions ended and are old enough to be believed. */
function judge(
  executions: readonly Execution[],
  dealtWith: Pick<KnownTransfer, 'n' | 't'>,
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

const endOf = (execution: Execution): number =>
  parseTime(execution.updated_at) ?? parseTime(execution.created_at) ?? 0;

/**
 * The executions behind those that are dealt with, by number: usually one request for one row, since each row carries
 * all tasks of its run. Servers before 1.2.2 send all.
 */
function* executionsBehind(
  transferId: string,
  { n, t }: Pick<KnownTransfer, 'n' | 't'>,
): Steps<{ readonly executions: readonly Execution[]; readonly date: number }> {
  let limit = n === undefined ? 2 : 1;
  for (;;) {
    const { rows, date } = yield* ask<Execution>({
      path: path`/transfers/${transferId}/executions`,
      key: 'executions',
      query: { sort_key: 'number', sort_dir: 'desc', limit },
    });
    const executions = rows.toSorted((a, b) => a.number - b.number);
    const [oldest] = executions;
    const newest = executions.at(-1);
    if (oldest === undefined || newest === undefined || rows.length !== limit) return { executions, date };
    if (n !== undefined) {
      if (oldest.number <= n + 1) return { executions, date };
      limit = newest.number - n;
    } else {
      if (isFinal(oldest.status) && endOf(oldest) <= (t ?? 0)) return { executions, date };
      limit *= 4;
    }
  }
}

/** The first poll: remembers what there is, so that only what ends from now on is told. */
function* takeIn(): Steps<ExecutionsPoll | undefined> {
  const changes = yield* listChanges<Transfer>('transfers', (newest) => newest - HORIZON_MS);
  if (changes === undefined) return undefined;
  const high = Math.min(changes.rows.at(-1)?.changedAt ?? 0, changes.date);
  const t0 = Math.max(0, high - HORIZON_MS);
  const rows = changes.rows.filter(({ changedAt }) => changedAt > t0);
  const known: Array<readonly [string, KnownTransfer]> = [];
  for (let start = 0; start < rows.length; start += CONCURRENCY) {
    const some = rows.slice(start, start + CONCURRENCY);
    const entries = yield* together(some.map((row) => firstEntry(row)));
    known.push(...some.map(({ row }, index) => [row.id, entries[index] as KnownTransfer] as const));
  }
  return { finished: [], cursor: { t0, high, known: Object.fromEntries(known) } };
}

/**
 * What is remembered of a transfer at first sight: all its runs that ended until its last change are dealt with. Where a
 * run may yet end within the same second, times cannot tell runs apart and their numbers must.
 */
function* firstEntry({ row, changedAt, date }: Row): Steps<KnownTransfer> {
  const status = row.last_execution_status;
  const going = isGoing(status);
  const entry = { u: changedAt, s: status, ...(going ? ({ open: true } as const) : {}) };
  if (row.deleted_at !== null || date - changedAt >= FRESH_MS || status === 'UNEXECUTED') {
    return { ...entry, t: changedAt };
  }
  const { executions } = yield* executionsBehind(row.id, { n: Number.MAX_SAFE_INTEGER });
  const newest = executions.at(-1);
  if (newest === undefined) return { ...entry, t: changedAt };
  // The newest is dealt with only if the list already showed its end.
  return { ...entry, n: !going && isFinal(newest.status) ? newest.number : newest.number - 1 };
}
