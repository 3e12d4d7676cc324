import type { MinionPool, TaskEvent } from './api-objects';

/** Meaning of the statuses of minion pools (docs/reference/coriolis-domain.md §11). */

/** The two statuses that a user can bring a pool to. */
export type PoolGoal = 'ALLOCATED' | 'DEALLOCATED';

const STABLE: readonly string[] = ['ALLOCATED', 'DEALLOCATED', 'ERROR'];

/**
 * Statuses of a pool's machine on which work is in progress. Only these show whether a refresh has ended, because the
 * status of the pool does not.
 */
const BUSY_MACHINE: readonly string[] = [
  'UNINITIALIZED',
  'HEALTHCHECKING',
  'ALLOCATING',
  'DEALLOCATING',
  'POWERING_OFF',
];

/** Whether no work is in progress on a pool or its machines. Unknown statuses of a pool count as work in progress. */
export const isPoolSettled = ({ status, minion_machines: machines }: MinionPool): boolean =>
  STABLE.includes(status) &&
  (machines ?? []).every(({ allocation_status: allocation }) => !BUSY_MACHINE.includes(allocation));

/**
 * Finds the newest event of level ERROR, which says why a pool is in status ERROR. Undefined also for a pool from a
 * list, because lists come without events.
 */
export function findNewestPoolError({ events }: Pick<MinionPool, 'events'>): TaskEvent | undefined {
  return [...(events ?? [])]
    .sort((one, other) => (other.index ?? 0) - (one.index ?? 0))
    .find(({ level }) => level === 'ERROR');
}

/**
 * Number of machines that a pool can provide now: the available ones, and those that it may still create up to its
 * maximum. Undefined when the pool comes without its machines, as in lists.
 */
export function countFreeMachines({
  minion_machines: machines,
  maximum_minions: maximum,
}: Pick<MinionPool, 'minion_machines' | 'maximum_minions'>): number | undefined {
  if (machines === undefined) return undefined;
  const available = machines.filter(({ allocation_status: status }) => status === 'AVAILABLE').length;
  return available + Math.max(0, maximum - machines.length);
}
