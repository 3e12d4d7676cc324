import type { MinionPool, TaskEvent } from './types';

/** What the words of minion pools mean (coriolis-domain.md §11). */

/** The two statuses that a pool can be brought to. */
export type PoolGoal = 'ALLOCATED' | 'DEALLOCATED';

const STABLE: readonly string[] = ['ALLOCATED', 'DEALLOCATED', 'ERROR'];

/** Work on a machine; the end of a refresh shows in nothing else. */
const BUSY_MACHINE: readonly string[] = [
  'UNINITIALIZED',
  'HEALTHCHECKING',
  'ALLOCATING',
  'DEALLOCATING',
  'POWERING_OFF',
];

/** Whether nothing is at work on a pool or its machines. A status of a newer server counts as work. */
export const isSettled = ({ status, minion_machines: machines }: MinionPool): boolean =>
  STABLE.includes(status) &&
  (machines ?? []).every(({ allocation_status: allocation }) => !BUSY_MACHINE.includes(allocation));

/** The newest event of level ERROR, which says why a pool is in ERROR; lists come without events. */
export function newestPoolError({ events }: Pick<MinionPool, 'events'>): TaskEvent | undefined {
  return [...(events ?? [])]
    .sort((one, other) => (other.index ?? 0) - (one.index ?? 0))
    .find(({ level }) => level === 'ERROR');
}
