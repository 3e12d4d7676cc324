/**
 * When a schedule fires (coriolis-api.md §9). Absent fields mean "every"; all times are UTC; days of the week count from
 * Monday, 0, to Sunday, 6.
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
/** Days looked ahead: a 29th of February is at most eight years away. */
const horizonDays = 8 * 366;

const range = (from: number, below: number): readonly number[] =>
  Array.from({ length: below - from }, (_, index) => from + index);

/** 0 for Monday to 6 for Sunday, where `getUTCDay` begins with Sunday. */
const dayOfWeek = (date: Date): number => (date.getUTCDay() + 6) % 7;

/**
 * The next times a schedule fires after `now`, milliseconds since 1970, earliest first; fewer than `count` when it never
 * fires that often, none for a 30th of February.
 * @param until the schedule's expiration, milliseconds; it does not fire from then on
 */
export function nextRuns(
  times: ScheduleTimes,
  now: number,
  count: number,
  until = Infinity,
): readonly number[] {
  const runs: number[] = [];
  const hours = times.hour === undefined ? range(0, 24) : [times.hour];
  const minutes = times.minute === undefined ? range(0, 60) : [times.minute];
  const midnight = Math.floor(now / dayMs) * dayMs;
  for (let day = 0; day < horizonDays; day += 1) {
    const date = new Date(midnight + day * dayMs);
    if (date.getTime() >= until) break;
    if (times.month !== undefined && date.getUTCMonth() + 1 !== times.month) continue;
    if (times.dom !== undefined && date.getUTCDate() !== times.dom) continue;
    if (times.dow !== undefined && dayOfWeek(date) !== times.dow) continue;
    for (const hour of hours) {
      for (const minute of minutes) {
        const run = date.getTime() + (hour * 60 + minute) * minuteMs;
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

/** A schedule in words: "at 03:30 UTC on Sunday", "every minute". */
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

/** Minutes that a zone is ahead of UTC at a moment. */
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

/** Why local times cannot be turned into one schedule in UTC. */
export type NoConversion = 'unknown_zone' | 'hour_needed' | 'day_of_month_shifts';

/**
 * Local times as UTC, by the offset that the zone has at `now`: the server knows no zones, so with daylight saving a
 * schedule moves by an hour in local time twice a year.
 */
export function toUtc(times: ScheduleTimes, timeZone: string, now: number): ScheduleTimes | NoConversion {
  let offset: number;
  try {
    offset = offsetMinutes(timeZone, now);
  } catch {
    return 'unknown_zone';
  }
  if (offset === 0) return times;
  const { hour, minute, dow } = times;
  if (hour === undefined || minute === undefined) {
    // Every hour stays every hour; only zones with odd minutes, and days, would move.
    return offset % 60 === 0 && hour === undefined && dow === undefined && times.dom === undefined
      ? times
      : 'hour_needed';
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
