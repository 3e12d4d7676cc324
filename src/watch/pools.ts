import { path } from '../api/path';
import { parseTime } from '../model/timing';
import type { MinionPool, TaskEvent } from '../model/types';
import { BELIEVED_AFTER_MS } from './cursor';
import type { KnownPool, PoolsCursor } from './cursor';
import { CONCURRENCY } from './runs';
import { ask, inTurn } from './steps';
import type { Steps } from './steps';

/** A minion pool that went into ERROR. */
export interface FailedPool {
  readonly pool: MinionPool;
  /** The change in the pool's own events; null when it left none. */
  readonly change: TaskEvent | null;
  /** The newest error before it; null when there is none. */
  readonly error: TaskEvent | null;
}

export interface PoolsPoll {
  readonly cursor: PoolsCursor;
  readonly failed: readonly FailedPool[];
}

/** What the server writes into a pool's events with each change of its status (coriolis-domain.md §11). */
const INTO_ERROR = /^Pool status (?:transitioned|reverted) from '[^']*' to 'ERROR'/;

/**
 * One poll for minion pools that went into ERROR: one result for each time, also for several between two polls, by the
 * pool's own events. The list of pools has no events, so a pool that changed is read once more. Without a cursor the
 * present is taken in silently.
 */
export function* pollPools(cursor: PoolsCursor | undefined): Steps<PoolsPoll> {
  const { rows, date } = yield* ask<MinionPool>({ path: '/minion_pools', key: 'minion_pools', query: {} });
  const seen = rows.map((row) => {
    const u = parseTime(row.updated_at) ?? parseTime(row.created_at) ?? 0;
    const before = cursor?.known[row.id];
    const isSame = before !== undefined && before.hot !== true && before.u === u && before.s === row.status;
    return { row, u, before, isSame };
  });
  const changed = seen.filter(({ isSame }) => !isSame);
  const looks = yield* inTurn(changed, CONCURRENCY, ({ row }) =>
    ask<MinionPool>({ path: path`/minion_pools/${row.id}`, key: 'minion_pool', query: {} }),
  );

  const failed: FailedPool[] = [];
  const known = new Map<string, KnownPool>(
    seen.flatMap(({ row, before, isSame }) => (isSame && before !== undefined ? [[row.id, before]] : [])),
  );
  for (const [index, { row, u, before }] of changed.entries()) {
    const pool = looks[index]?.rows[0];
    if (pool === undefined) continue;
    const events = inOrder(pool);
    if (cursor !== undefined) failed.push(...failuresOf(pool, events, before));
    known.set(row.id, {
      u,
      s: pool.status,
      e: events.length,
      ...(date - u < BELIEVED_AFTER_MS ? { hot: true } : {}),
    });
  }
  return { failed, cursor: { known: Object.fromEntries(known) } };
}

const inOrder = ({ events = [] }: MinionPool): readonly TaskEvent[] =>
  events.toSorted((a, b) => (a.index ?? 0) - (b.index ?? 0) || a.created_at.localeCompare(b.created_at));

function failuresOf(
  pool: MinionPool,
  events: readonly TaskEvent[],
  before: KnownPool | undefined,
): readonly FailedPool[] {
  const dealtWith = before?.e ?? 0;
  const changes = events.flatMap((event, position) =>
    position >= dealtWith && INTO_ERROR.test(event.message)
      ? [{ pool, change: event, error: errorBefore(events, position) }]
      : [],
  );
  if (changes.length > 0) return changes;
  // A server that words its events differently still shows the status.
  const isNewlyFailed = pool.status === 'ERROR' && before?.s !== 'ERROR';
  return isNewlyFailed ? [{ pool, change: null, error: errorBefore(events, events.length) }] : [];
}

const errorBefore = (events: readonly TaskEvent[], position: number): TaskEvent | null =>
  events.slice(0, position).findLast(({ level }) => level === 'ERROR') ?? null;
