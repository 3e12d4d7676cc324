/** Local times of time zones, by the time zone tables of the runtime (`Intl`). */

const MINUTE_MS = 60_000;
const DAY_MINUTES = 24 * 60;
/** Days of the week, at the index of their number (0 is Sunday). */
export const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

/** Local time of a moment in a zone. */
export interface LocalTime {
  /** Minutes since midnight, 0 to 1439. */
  readonly minuteOfDay: number;
  /** Day of the week, 0 is Sunday. */
  readonly weekday: number;
  /** Milliseconds since the beginning of the minute. */
  readonly pastMinuteMs: number;
}

/** Whether the runtime knows the zone, such as `Europe/Berlin` or `UTC`. */
export function isTimeZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}

/** Local time of a moment (milliseconds since 1970) in a zone. */
export function toLocalTime(moment: number, zone: string): LocalTime {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    hourCycle: 'h23',
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
  }).formatToParts(new Date(moment));
  const part = (type: string): string => parts.find((one) => one.type === type)?.value ?? '';
  return {
    minuteOfDay: Number(part('hour')) * 60 + Number(part('minute')),
    weekday: WEEKDAYS.indexOf(part('weekday').toLowerCase()),
    pastMinuteMs: ((moment % MINUTE_MS) + MINUTE_MS) % MINUTE_MS,
  };
}

/** Start of the local day that a moment lies in, in milliseconds since 1970. */
export function startOfLocalDay(moment: number, zone: string): number {
  const { minuteOfDay, weekday, pastMinuteMs } = toLocalTime(moment, zone);
  const guess = moment - minuteOfDay * MINUTE_MS - pastMinuteMs;
  // On a day on which the clocks change, the guess is off by that change. Where they change at midnight, the day has no
  // 0:00, and the corrected time would lie in another day.
  const off = toLocalTime(guess, zone).minuteOfDay;
  const exact = guess + (off > DAY_MINUTES / 2 ? DAY_MINUTES - off : -off) * MINUTE_MS;
  return toLocalTime(exact, zone).weekday === weekday ? exact : guess;
}

/**
 * Moment of a local time, milliseconds since 1970. A time that the change of the clocks skips becomes a later one.
 * @param start beginning of the local day
 * @param minute minutes since midnight, 0 to 1439
 */
export function momentOfLocalTime(start: number, minute: number, zone: string): number {
  const guess = start + minute * MINUTE_MS;
  // When the clocks changed since midnight, the guess is off by that change.
  const off = minute - toLocalTime(guess, zone).minuteOfDay;
  const exact =
    guess +
    (off > DAY_MINUTES / 2 ? off - DAY_MINUTES : off < -DAY_MINUTES / 2 ? off + DAY_MINUTES : off) *
      MINUTE_MS;
  return toLocalTime(exact, zone).minuteOfDay === minute ? exact : guess;
}
