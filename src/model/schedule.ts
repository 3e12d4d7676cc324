import { parseServerTime } from './timestamps';

/**
 * Times at which a schedule fires (docs/reference/coriolis-api.md §9). An absent field means "every". All times are
 * UTC. Days of the week count from 0 for Monday to 6 for Sunday.
 */
export interface ScheduleTimes {
  readonly minute?: number;
  readonly hour?: number;
  /** Day of the month. */
  readonly dom?: number;
  readonly month?: number;
  /** Day of the week, 0 is Monday. */
  readonly dow?: number;
}

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;
/** Months to search. The calendar repeats after 400 years, so a day that is not found by then never comes. */
const horizonMonths = 400 * 12;

const range = (from: number, below: number): readonly number[] =>
  Array.from({ length: below - from }, (_, index) => from + index);

/** Day of the week, 0 for Monday to 6 for Sunday. */
const dayOfWeek = (date: Date): number => (date.getUTCDay() + 6) % 7;

/**
 * Yields the days on which a schedule fires, from the day of `now`, each as its midnight in milliseconds since 1970.
 */
function* days({ dom, month, dow }: ScheduleTimes, now: number): Generator<number, void, undefined> {
  const today = new Date(now);
  const [year, first] = [today.getUTCFullYear(), today.getUTCMonth()];
  for (let index = first; index < first + horizonMonths; index += 1) {
    if (month !== undefined && (index % 12) + 1 !== month) continue;
    const length = new Date(Date.UTC(year, index + 1, 0)).getUTCDate();
    for (const day of dom === undefined ? range(1, length + 1) : [dom]) {
      const date = new Date(Date.UTC(year, index, day));
      const isOver = date.getTime() + dayMs <= now;
      if (day <= length && !isOver && (dow === undefined || dayOfWeek(date) === dow)) yield date.getTime();
    }
  }
}

/**
 * Next times at which a schedule fires after `now`, in milliseconds since 1970, earliest first. There are fewer than
 * `count` when the schedule never fires that often, and none for a 30th of February.
 * @param until expiration of the schedule, in milliseconds since 1970; it does not fire at that time or later
 */
export function computeNextRunTimes(
  times: ScheduleTimes,
  now: number,
  count: number,
  until = Infinity,
): readonly number[] {
  const runs: number[] = [];
  const hours = times.hour === undefined ? range(0, 24) : [times.hour];
  const minutes = times.minute === undefined ? range(0, 60) : [times.minute];
  for (const midnight of days(times, now)) {
    if (midnight >= until) break;
    for (const hour of hours) {
      for (const minute of minutes) {
        const run = midnight + (hour * 60 + minute) * minuteMs;
        if (run >= until || runs.length === count) return runs;
        if (run > now) runs.push(run);
      }
    }
  }
  return runs;
}

export const dayNames = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];
export const monthNames = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];
const two = (value: number): string => String(value).padStart(2, '0');

/** Describes a schedule in words: "at 03:30 UTC on Sunday", "every minute". */
export function describeSchedule({ minute, hour, dom, month, dow }: ScheduleTimes): string {
  const time =
    minute === undefined && hour === undefined
      ? 'every minute'
      : minute === undefined
        ? `every minute from ${two(hour ?? 0)}:00 to ${two(hour ?? 0)}:59 UTC`
        : hour === undefined
          ? `at minute ${minute} of every hour`
          : `at ${two(hour)}:${two(minute)} UTC`;
  const days = [
    dow === undefined ? '' : ` on ${dayNames[dow] ?? `day ${dow}`}`,
    dom === undefined ? '' : ` on day ${dom} of the month`,
    month === undefined ? '' : ` in month ${month}`,
  ];
  return time + days.join('');
}

/** Offset of a time zone from UTC at a moment (milliseconds since 1970), in minutes; positive east of Greenwich. */
function offsetMinutes(timeZone: string, moment: number): number {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
  }).formatToParts(moment);
  const part = (type: Intl.DateTimeFormatPartTypes): number =>
    Number(parts.find((candidate) => candidate.type === type)?.value ?? 0);
  const local = Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'));
  return Math.round((local - Math.floor(moment / minuteMs) * minuteMs) / minuteMs);
}

/** Reason why local times cannot be converted to a schedule in UTC. */
export type UtcConversionProblem = 'unknown_zone' | 'hour_needed' | 'day_of_month_shifts';

/**
 * Converts local times of a schedule to UTC, with the zone's offset at `now`. The server knows no zones, so where
 * clocks change twice a year, the schedule then fires an hour earlier or later in local time.
 */
export function toUtcScheduleTimes(
  times: ScheduleTimes,
  timeZone: string,
  now: number,
): ScheduleTimes | UtcConversionProblem {
  let offset: number;
  try {
    offset = offsetMinutes(timeZone, now);
  } catch {
    return 'unknown_zone';
  }
  if (offset === 0) return times;
  const { hour, minute, dow } = times;
  if (hour === undefined || minute === undefined) {
    // Without an hour the schedule fires every hour. An offset of whole hours then changes nothing, unless certain days
    // are given.
    const daysMatter = dow !== undefined || times.dom !== undefined || times.month !== undefined;
    return offset % 60 === 0 && hour === undefined && !daysMatter ? times : 'hour_needed';
  }
  const utc = hour * 60 + minute - offset;
  const shift = Math.floor(utc / (24 * 60));
  if (shift !== 0 && (times.dom !== undefined || times.month !== undefined)) return 'day_of_month_shifts';
  const inDay = utc - shift * 24 * 60;
  return {
    ...times,
    hour: Math.floor(inDay / 60),
    minute: inDay % 60,
    ...(dow === undefined ? {} : { dow: (dow + shift + 7) % 7 }),
  };
}

/**
 * Combined state of a transfer's schedules. `enabled`: at least one is enabled and not expired. `expired`: all enabled
 * ones have expired. `disabled`: none is enabled. `none`: there are none.
 */
export type CombinedScheduleState = 'enabled' | 'expired' | 'disabled' | 'none';

/** Combined state of a transfer's schedules at `now`, in milliseconds since 1970. */
export function combineScheduleStates(
  schedules: ReadonlyArray<{ readonly enabled: boolean; readonly expiration_date: string | null }>,
  now: number,
): CombinedScheduleState {
  const isOver = (end: string | null): boolean => (parseServerTime(end) ?? Infinity) <= now;
  if (schedules.length === 0) return 'none';
  const enabled = schedules.filter((one) => one.enabled);
  if (enabled.length === 0) return 'disabled';
  return enabled.every(({ expiration_date: end }) => isOver(end)) ? 'expired' : 'enabled';
}
