import { isFinal } from '../model/status';
import { parseTime } from '../model/timing';
import type { Execution, Transfer } from '../model/types';
import { HORIZON_MS } from './cursor';
import type { KnownStall, StallsCursor } from './cursor';
import { CONCURRENCY, endOf, runsBehind } from './runs';
import { ask, inTurn } from './steps';
import type { Steps } from './steps';

/** A run that goes on without getting on. */
export interface StalledExecution {
  readonly transfer: Transfer;
  readonly execution: Execution;
  /** When it got on last, and when that was too long ago; milliseconds on the server's clock. */
  readonly since: number;
  readonly stalledAt: number;
}

export interface StallsPoll {
  readonly cursor: StallsCursor;
  readonly stalled: readonly StalledExecution[];
}

/** Most runs that are looked at in one poll; the rest waits for the next. */
const LOOKUPS = 50;

/**
 * Statuses that the server's filter takes; it refuses AWAITING_MINION_ALLOCATIONS (coriolis-api.md §7.3), which ends by
 * itself when the pool gives up.
 */
const AT_WORK = ['RUNNING', 'CANCELLING'];

/**
 * One poll for executions that go on but have not got on for `stallMs`: each is told once, however long it stands still.
 * A transfer's row changes with every task that reports, so only runs whose row is old need a look at their progress, and
 * the next look only when that is old as well (coriolis-domain.md §7). Without a cursor the watch begins: what stood still
 * before is not told.
 */
export function* pollStalls(cursor: StallsCursor | undefined, stallMs: number): Steps<StallsPoll> {
  const { rows, date } = yield* transfersAtWork();
  const { t0, known } = cursor ?? { t0: date, known: {} };
  const slow = rows.flatMap((row) => {
    const u = parseTime(row.updated_at);
    return u === null || date - u < stallMs ? [] : [{ row, u, before: known[row.id] }];
  });
  const due = slow
    .filter(({ u, before }) => {
      if (before?.u !== u) return true;
      return before.told !== true && date - before.p >= stallMs;
    })
    .slice(0, LOOKUPS);

  const atWork = new Set(rows.map(({ id }) => id));
  // A transfer may be missing for a moment, when its status changes between the two lists.
  const entries = new Map<string, KnownStall>(
    Object.entries(known)
      .map(([id, entry]) => [id, atWork.has(id) ? { ...entry, seen: date } : entry] as const)
      .filter(([, { seen }]) => date - seen < HORIZON_MS),
  );
  const stalled: StalledExecution[] = [];
  const looks = yield* inTurn(due, CONCURRENCY, ({ row }) =>
    runsBehind(row.id, { n: Number.MAX_SAFE_INTEGER }),
  );
  for (const [index, { row, u, before }] of due.entries()) {
    const execution = looks[index]?.executions.at(-1);
    if (execution === undefined || isFinal(execution.status)) continue;
    // A task that reports changes the transfer as well.
    const since = Math.max(u, lastProgress(execution));
    const stalledAt = since + stallMs;
    const wasTold = before?.n === execution.number && before.told === true;
    const isStalled = stalledAt <= date;
    const isNew = isStalled && !wasTold && stalledAt > t0;
    if (isNew) stalled.push({ transfer: row, execution, since, stalledAt });
    entries.set(row.id, {
      u,
      n: execution.number,
      // What stood still before the watch began may get on and stand still again.
      p: isStalled && !isNew ? date : since,
      seen: date,
      ...(isNew || wasTold ? { told: true } : {}),
    });
  }
  return { stalled, cursor: { t0, known: Object.fromEntries(entries) } };
}

/** Servers before 1.2.3 ignore the filter and send everything at once. */
function* transfersAtWork(): Steps<{ readonly rows: readonly Transfer[]; readonly date: number }> {
  const found = new Map<string, Transfer>();
  let date: number | undefined;
  for (const status of AT_WORK) {
    const page = yield* ask<Transfer>({ path: '/transfers', key: 'transfers', query: { status } });
    date ??= page.date;
    for (const row of page.rows) {
      if (AT_WORK.includes(row.last_execution_status)) found.set(row.id, row);
    }
    if (page.rows.some(({ last_execution_status: shown }) => shown !== status)) break;
  }
  return { rows: [...found.values()], date: date ?? 0 };
}

/** When anything about a run moved last: a status, a task's progress, an event. */
function lastProgress(execution: Execution): number {
  const moments = (execution.tasks ?? []).flatMap(({ updated_at, progress_updates, events }) => [
    updated_at,
    ...progress_updates.map((update) => update.updated_at ?? update.created_at),
    ...events.map(({ created_at }) => created_at),
  ]);
  return Math.max(endOf(execution), ...moments.map((moment) => parseTime(moment) ?? 0));
}
