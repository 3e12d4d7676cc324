import { isTimeZone, toLocalTime, WEEKDAYS } from './local-time';
import { parseIsoTime } from './timestamps';

/**
 * Time window in which a wave's steps may start: daily hours in a time zone ("22:00-06:00 Europe/Berlin", "Sat,Sun
 * 08:00-20:00 UTC"), or one period ("2026-12-05T22:00+01:00/2026-12-06T06:00+01:00"). The times of a single period are
 * milliseconds since 1970.
 */
export type TimeWindow =
  | { readonly kind: 'once'; readonly from: number; readonly to: number }
  | {
      readonly kind: 'daily';
      /** Days of the week on which the window opens, 0 for Sunday. Empty: every day. */
      readonly days: readonly number[];
      /** Start and end, in minutes since local midnight. An end before the start lies on the next day. */
      readonly from: number;
      readonly to: number;
      readonly zone: string;
    };

const DAY = 1440;
const MINUTE_MS = 60_000;
const TIME = String.raw`\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})`;
const ONCE = new RegExp(String.raw`^(${TIME})\s*/\s*(${TIME})$`);
const DAILY =
  /^(?:((?:sun|mon|tue|wed|thu|fri|sat)(?:\s*,\s*(?:sun|mon|tue|wed|thu|fri|sat))*)\s+)?([01]?\d|2[0-4]):([0-5]\d)\s*-\s*([01]?\d|2[0-4]):([0-5]\d)(?:\s+(\S+))?$/i;

/** Parses a time window; undefined when the text is none. */
export function parseTimeWindow(text: string): TimeWindow | undefined {
  const given = text.trim();
  const [, begin, end] = ONCE.exec(given) ?? [];
  if (begin !== undefined && end !== undefined) {
    const [from, to] = [parseIsoTime(begin), parseIsoTime(end)];
    return from < to ? { kind: 'once', from, to } : undefined;
  }
  const found = DAILY.exec(given);
  if (found === null) return undefined;
  const [, days = '', fromHour, fromMinute, toHour, toMinute, zone = 'UTC'] = found;
  const [from, to] = [Number(fromHour) * 60 + Number(fromMinute), Number(toHour) * 60 + Number(toMinute)];
  if (from === to || from >= DAY || to > DAY || !isTimeZone(zone)) return undefined;
  return {
    kind: 'daily',
    days:
      days === ''
        ? []
        : days
            .toLowerCase()
            .split(',')
            .map((day) => WEEKDAYS.indexOf(day.trim())),
    from,
    to,
    zone,
  };
}

/** Milliseconds from `now` until the window closes; null while it is closed. */
export function computeRemainingOpenMs(window: TimeWindow, now: number): number | null {
  if (window.kind === 'once') return now >= window.from && now < window.to ? window.to - now : null;
  const { minuteOfDay, weekday, pastMinuteMs } = toLocalTime(now, window.zone);
  const { from, days } = window;
  const length = lengthInMinutes(window);
  const isDay = (one: number): boolean => days.length === 0 || days.includes(one);
  // The window may have opened today, or yesterday and stay open across midnight.
  for (const [begunAt, begunOn] of [
    [from, weekday],
    [from - DAY, (weekday + 6) % 7],
  ] as const) {
    if (minuteOfDay >= begunAt && minuteOfDay < begunAt + length && isDay(begunOn))
      return untilWallClock(window, now, (begunAt + length - minuteOfDay) * MINUTE_MS - pastMinuteMs);
  }
  return null;
}

/** Milliseconds from an opening of the window to its close, on a day on which no clock is changed. */
export const computeWindowLengthMs = (window: TimeWindow): number =>
  window.kind === 'once' ? window.to - window.from : lengthInMinutes(window) * MINUTE_MS;

const lengthInMinutes = ({ from, to }: { readonly from: number; readonly to: number }): number =>
  (to - from + DAY) % DAY || DAY;

/** Minutes by which a wall clock that shows `other` is ahead of one that shows `one`, -720 to 719. */
const minutesAhead = (one: number, other: number): number =>
  ((((other - one + DAY / 2) % DAY) + DAY) % DAY) - DAY / 2;

/**
 * Milliseconds until the wall clock has gone on by `ms`: fewer when it is set forward in between, more when it is set back. A
 * time of day that is left out is reached when the clock is set forward.
 */
function untilWallClock({ zone }: { readonly zone: string }, now: number, ms: number): number {
  const minuteAt = (at: number): number => toLocalTime(at, zone).minuteOfDay;
  const wanted = (minuteAt(now) + Math.ceil(ms / MINUTE_MS)) % DAY;
  let until = ms - minutesAhead(wanted, minuteAt(now + ms)) * MINUTE_MS;
  while (minutesAhead(wanted, minuteAt(now + until)) < 0) until += MINUTE_MS;
  return until;
}

/** Days to search: in this time every daily window opens at least once, also one that opens on a single weekday. */
const DAYS_AHEAD = 8;
/**
 * Milliseconds by which the clocks may be set forward or back between `now` and an opening, so that it comes earlier or
 * later.
 */
const CLOCK_CHANGES_MS = [0, 60, -60, 30, -30, 120].map((minutes) => minutes * MINUTE_MS);

/** Next time after `now` at which the window opens, in milliseconds since 1970; null when it never opens again. */
export function findNextOpening(window: TimeWindow, now: number): number | null {
  if (window.kind === 'once') return now < window.from ? window.from : null;
  const { minuteOfDay, pastMinuteMs } = toLocalTime(now, window.zone);
  const today = now - pastMinuteMs + (window.from - minuteOfDay) * MINUTE_MS;
  for (let day = 0; day <= DAYS_AHEAD; day += 1) {
    for (const shift of CLOCK_CHANGES_MS) {
      const at = today + day * DAY * MINUTE_MS + shift;
      if (at > now && opensAt(window, at)) return at;
    }
  }
  return null;
}

const opensAt = (window: TimeWindow, at: number): boolean =>
  (computeRemainingOpenMs(window, at) ?? 0) > (computeRemainingOpenMs(window, at - 1) ?? 0);
