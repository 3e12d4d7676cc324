import { READ_OVERLAP_MS } from '../model/timestamps';
import type { ListChanges, ListReadingState } from './request-changed-rows';
import {
  MAX_OLD_ENTRIES_IN_FIRST_POLL,
  ALWAYS_KEPT_AGE_MS,
  LONG_PAUSE_MS,
  REMEMBERED_PAST_MS,
  MIN_CLOCK_SET_BACK_MS,
} from './retention-limits';
import { storedProperty, optionalStoredProperty, numberCodec } from './stored-codec';

/**
 * Part of a cursor that records which changes are handled. Times are milliseconds since 1970 on the server's clock.
 * That clock may be set back or forward, so changes of the last two hours are remembered by id instead of by time.
 */

export const handledChangesProperties = {
  /** Time up to which all changes are handled, inclusive. Later changes are handled only when they are stored by id. */
  handledUntil: storedProperty('t0', numberCodec),
  /** Largest `updated_at` seen, never ahead of the server's clock. */
  newestChange: storedProperty('high', numberCodec),
  /** Server time of the last poll; absent in cursors of version 0.1.0 of this package. */
  readAt: optionalStoredProperty('d', numberCodec),
  /** Local time of the last poll; absent in cursors of version 0.1.0 of this package. */
  polledAt: optionalStoredProperty('l', numberCodec),
};

/** Handled changes as read from a cursor; the properties are explained in `handledChangesProperties`. */
export interface HandledChanges {
  readonly handledUntil: number;
  readonly newestChange: number;
  readonly readAt?: number | undefined;
  readonly polledAt?: number | undefined;
}

/**
 * Time of the oldest change that a poll must read. Usually only changes that the last poll could not see are read. When
 * the server's clock was or may have been set back since, all changes of the remembered period are read.
 *
 * @param date server time of the answer
 * @param now local time
 */
export function computeOldestChangeToRead(
  { handledUntil, newestChange, readAt, polledAt }: HandledChanges,
  date: number,
  now: number,
): number {
  if (readAt === undefined || polledAt === undefined) return handledUntil;
  const isCertain = date >= readAt && Math.max(date - readAt, now - polledAt) <= LONG_PAUSE_MS;
  return isCertain ? Math.min(newestChange, readAt) - READ_OVERLAP_MS : handledUntil;
}

/** Whether the server's clock was set back further than changes are remembered. */
export const wasClockSetBackTooFar = ({ handledUntil }: HandledChanges, date: number): boolean =>
  date - READ_OVERLAP_MS < handledUntil;

/**
 * Start of the period whose changes are remembered by id. The period has the last `maximum` changes of
 * `REMEMBERED_PAST_MS`, and in any case all changes of `ALWAYS_KEPT_AGE_MS`.
 *
 * @param changes times of all changes
 */
export function computeRememberedPeriodStart(
  changes: readonly number[],
  newestChange: number,
  maximum: number,
): number {
  const oldest = newestChange - REMEMBERED_PAST_MS;
  const beyond = changes.filter((changedAt) => changedAt > oldest).toSorted((a, b) => b - a)[maximum];
  return Math.max(0, oldest, Math.min(beyond ?? 0, newestChange - ALWAYS_KEPT_AGE_MS));
}

/** Whether a timestamp lies so far in the future that the server's clock must have been set back. */
export const isFarAhead = (time: number, date: number): boolean => time - date > MIN_CLOCK_SET_BACK_MS;

/** Time of the oldest change that a first poll must read. */
export const computeOldestChangeOfFirstPoll = ({ newest, count }: ListReadingState): number =>
  newest - (count < MAX_OLD_ENTRIES_IN_FIRST_POLL ? REMEMBERED_PAST_MS : ALWAYS_KEPT_AGE_MS);

/** Start of the remembered period (see `computeRememberedPeriodStart`) after a first poll. */
export function computeFirstRememberedPeriodStart(
  { rows, isWholeList }: ListChanges<unknown>,
  newestChange: number,
): number {
  const start = computeRememberedPeriodStart(
    rows.map(({ changedAt }) => changedAt),
    newestChange,
    MAX_OLD_ENTRIES_IN_FIRST_POLL,
  );
  // When older rows were not read, some of them may have changed in the same second as the oldest that was read.
  return isWholeList ? start : Math.max(start, rows.at(0)?.changedAt ?? 0);
}

/** Reason of a restart, for the notice to users. */
export const CLOCK_WENT_BACK_REASON = 'the clock of the server went back further than changes are remembered';
