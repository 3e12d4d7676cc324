import { NO_PROGRESS } from '../model/run-progress';
import { readErrorText } from '../model/error-text';
import { isPoolSettled, findNewestPoolError, type PoolGoal } from '../model/minion-pool-state';
import { parseServerTime } from '../model/timestamps';
import type { MinionPool, TaskEvent } from '../model/api-objects';
import { fetchOneWithTime } from '../requests/object-requests';
import { pollOrShare } from './poll-or-share';
import {
  RUN_OUTCOME_ADVICE,
  ORPHAN_AFTER_MS,
  type TargetSnapshot,
  type WaitTarget,
  type TargetFinalState,
} from './wait-target';

/** Wait target for a minion pool that reaches a status (docs/reference/coriolis-domain.md §11). */
export const makePoolWaitTarget = (id: string, goal: PoolGoal): WaitTarget => ({
  kind: 'minion_pool',
  id,
  transferId: null,
  advice: {
    ...RUN_OUTCOME_ADVICE,
    failed:
      'Correct the cause that its error names, then deallocate the pool, by force if its machines seem in use, and allocate it again.',
    stalled: 'The pool is still at work: look at its newest event and the platform, then wait again.',
    deleted:
      'The pool was deleted; machines that were being created or removed may stay on the platform: look there.',
  },
  async poll(coriolis, _earlier, maximumAgeMs) {
    const { object, date } = await pollOrShare(coriolis, `minion pool ${id}`, maximumAgeMs, (sharing) =>
      fetchOneWithTime(sharing, 'minionPool', [id]),
    );
    return snapshotOf(object, goal, date);
  },
});

function snapshotOf(pool: MinionPool, goal: PoolGoal, date: number): TargetSnapshot {
  const machines = pool.minion_machines ?? [];
  const states = machines.map(
    ({ id, allocation_status, power_status }) => `${id} ${allocation_status} ${power_status}`,
  );
  const text = pool.status === 'ERROR' ? readErrorText(findNewestPoolError(pool)?.message) : null;
  return {
    date,
    status: pool.status,
    label: pool.status,
    name: pool.name,
    signature: [
      pool.status,
      pool.updated_at ?? '',
      pool.events?.length ?? 0,
      pool.progress_updates?.length ?? 0,
      ...states,
    ].join('|'),
    // The server reports no progress of pools.
    progress: NO_PROGRESS,
    transferId: null,
    durationSeconds: null,
    finalState: finalStateOf(pool, goal, date),
    failure: text && { instance: null, task_type: null, message: text.textToShow },
    error: text && { text },
  };
}

function finalStateOf(pool: MinionPool, goal: PoolGoal, date: number): TargetFinalState | undefined {
  const since = changedAt(pool);
  if (pool.status === 'ERROR') {
    return {
      outcome: 'failed',
      reachedAt: since,
      reason: 'Its status is ERROR, and none of its events says why.',
    };
  }
  if (!isPoolSettled(pool)) return undefined;
  if (pool.status === goal) return { outcome: 'completed', reachedAt: since };
  // A new pool keeps its first status for a moment (docs/reference/coriolis-api.md §17, trap 33).
  if (isBeginning(pool, since, date)) return undefined;
  return {
    outcome: 'canceled',
    reason: `It is ${pool.status} and nothing is at work on it: ${goal === 'ALLOCATED' ? 'allocate' : 'deallocate'} it.`,
  };
}

/** Age in milliseconds up to which a new pool without events may still begin its allocation. */
const NEW_POOL_MS = 10_000;

/**
 * Whether the status of a pool is about to change: its newest event begins some work, or it was created a moment ago.
 */
function isBeginning(
  { events, created_at: created }: MinionPool,
  since: number | null,
  date: number,
): boolean {
  const newest = (events ?? []).reduce<TaskEvent | undefined>(
    (last, event) => (last === undefined || (event.index ?? 0) >= (last.index ?? 0) ? event : last),
    undefined,
  );
  if (newest !== undefined && /^Begun /u.test(newest.message))
    return since !== null && date - since < ORPHAN_AFTER_MS;
  const age = date - (parseServerTime(created) ?? 0);
  return newest === undefined && age < NEW_POOL_MS;
}

/**
 * Time of a pool's last change, milliseconds since 1970; null when unknown. Events and machines count too, because a
 * refresh of the pool changes only these.
 */
function changedAt(pool: MinionPool): number | null {
  const times = [
    pool.updated_at ?? pool.created_at,
    ...(pool.events ?? []).map(({ created_at: at }) => at),
    ...(pool.minion_machines ?? []).map((machine) => machine.updated_at ?? machine.created_at),
  ].flatMap((time) => parseServerTime(time) ?? []);
  return times.length === 0 ? null : Math.max(...times);
}
