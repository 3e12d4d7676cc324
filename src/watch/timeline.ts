import type { Changes, Reading } from './list-changes';
import { FIRST_ENTRIES, HORIZON_MS, LONG_PAUSE_MS, MEMORY_MS, OVERLAP_MS, SET_BACK_MS } from './margins';
import { kept, keptIfKnown, storedNumber } from './stored';

/**
 * The part of a cursor that says how far changes are handled. Times are milliseconds since 1970 on the server's clock,
 * which may be set back or forward: what changed in the last two hours is remembered by id, not by time.
 */

export const timelineProperties = {
  /** Everything that ended at or before this time is handled. */
  handledUntil: kept('t0', storedNumber),
  /** Largest `updated_at` seen, never ahead of the server's clock. */
  newestChange: kept('high', storedNumber),
  /** Server time of the last poll; absent in cursors of 0.1.0. */
  readAt: keptIfKnown('d', storedNumber),
  /** Local time of the last poll; absent in cursors of 0.1.0. */
  polledAt: keptIfKnown('l', storedNumber),
};

export interface Timeline {
  readonly handledUntil: number;
  readonly newestChange: number;
  readonly readAt?: number | undefined;
  readonly polledAt?: number | undefined;
}

/**
 * Oldest change that a poll must read: what the last poll could not see, and everything remembered where the server's
 * clock was, or may have been, set back since.
 *
 * @param date server time of the answer
 * @param now local time
 */
export function readingFloor(
  { handledUntil, newestChange, readAt, polledAt }: Timeline,
  date: number,
  now: number,
): number {
  if (readAt === undefined || polledAt === undefined) return handledUntil;
  const isCertain = date >= readAt && Math.max(date - readAt, now - polledAt) <= LONG_PAUSE_MS;
  return isCertain ? Math.min(newestChange, readAt) - OVERLAP_MS : handledUntil;
}

/** Whether the server's clock went back further than changes are remembered. */
export const isBeforeMemory = ({ handledUntil }: Timeline, date: number): boolean =>
  date - OVERLAP_MS < handledUntil;

/** Start of the memory: the last `maximum` changes within `MEMORY_MS`, and all changes within `HORIZON_MS`. */
export function memoryStart(changes: readonly number[], newestChange: number, maximum: number): number {
  const oldest = newestChange - MEMORY_MS;
  const beyond = changes.filter((changedAt) => changedAt > oldest).toSorted((a, b) => b - a)[maximum];
  return Math.max(0, oldest, Math.min(beyond ?? 0, newestChange - HORIZON_MS));
}

/** Whether a timestamp can only come from before the server's clock was set back. */
export const isFarAhead = (time: number, date: number): boolean => time - date > SET_BACK_MS;

/** Oldest change that a first poll must read. */
export const firstFloor = ({ newest, count }: Reading): number =>
  newest - (count < FIRST_ENTRIES ? MEMORY_MS : HORIZON_MS);

/** Start of the memory after a first poll. */
export function firstMemory({ rows, isAll }: Changes<unknown>, newestChange: number): number {
  const start = memoryStart(
    rows.map(({ changedAt }) => changedAt),
    newestChange,
    FIRST_ENTRIES,
  );
  // Rows of the same second may stand on the page that was not read.
  return isAll ? start : Math.max(start, rows.at(0)?.changedAt ?? 0);
}

export const CLOCK_WENT_BACK = 'the clock of the server went back further than changes are remembered';
