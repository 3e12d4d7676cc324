import { formatIsoTime, parseServerTime } from '../model/timestamps';

/** Scale of an axis: `at` maps a value to a pixel, and `ticks` are the values of the grid lines. */
export interface AxisScale {
  readonly toPixel: (value: number) => number;
  readonly ticks: ReadonlyArray<{ readonly value: number; readonly label: string }>;
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const STEPS = [
  SECOND,
  5 * SECOND,
  15 * SECOND,
  30 * SECOND,
  MINUTE,
  2 * MINUTE,
  5 * MINUTE,
  10 * MINUTE,
  15 * MINUTE,
  30 * MINUTE,
  HOUR,
  2 * HOUR,
  6 * HOUR,
  12 * HOUR,
  DAY,
  2 * DAY,
  7 * DAY,
  14 * DAY,
  30 * DAY,
  90 * DAY,
  365 * DAY,
] as const;

const linear =
  (from: number, to: number, left: number, right: number) =>
  (value: number): number =>
    to <= from ? left : left + ((Math.min(Math.max(value, from), to) - from) / (to - from)) * (right - left);

/**
 * Makes a scale of time in UTC, with at most about `maxTicks` grid lines. `from` and `to` are milliseconds since 1970,
 * `left` and `right` pixels.
 */
export function makeTimeScale(
  from: number,
  to: number,
  left: number,
  right: number,
  maxTicks = 8,
): AxisScale {
  const step =
    STEPS.find((each) => (to - from) / each <= maxTicks) ?? Math.ceil((to - from) / maxTicks / DAY) * DAY;
  const ticks = [];
  for (let value = Math.ceil(from / step) * step; value <= to; value += step) {
    const iso = formatIsoTime(value);
    // At midnight the label is the day that begins.
    const label = value % DAY === 0 ? iso.slice(0, 10) : iso.slice(11, step >= MINUTE ? 16 : 19);
    ticks.push({ value, label });
  }
  return { toPixel: linear(from, to, left, right), ticks };
}

/** Makes a scale of durations from zero to a little more than `longest` (seconds). `start` and `end` are pixels. */
export function makeDurationScale(longest: number, start: number, end: number, maxTicks = 6): AxisScale {
  const wanted = Math.max(longest, 1) * 1.05;
  const step = (STEPS.find((each) => (wanted * SECOND) / each <= maxTicks) ?? 365 * DAY) / SECOND;
  const top = Math.ceil(wanted / step) * step;
  const ticks = [];
  for (let value = 0; value <= top && ticks.length <= maxTicks + 1; value += step)
    ticks.push({ value, label: formatShortDuration(value) });
  return { toPixel: linear(0, top, start, end), ticks };
}

/** Formats a moment for people: "2026-11-29 01:00 UTC". A text that is no time is returned unchanged. */
export function formatShortMoment(moment: string): string {
  const time = parseServerTime(moment);
  return time === null ? moment : `${formatIsoTime(time).slice(0, 16).replace('T', ' ')} UTC`;
}

/** Formats a duration in at most two units: "45 s", "5 min", "2 h 05 min", "3 d 04 h". */
export function formatShortDuration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  const minutes = Math.round(whole / 60);
  if (minutes < 60) return `${minutes} min`;
  if (minutes < 48 * 60) return parts(Math.floor(minutes / 60), 'h', minutes % 60, 'min');
  const hours = Math.round(whole / 3600);
  return parts(Math.floor(hours / 24), 'd', hours % 24, 'h');
}

const parts = (large: number, largeUnit: string, small: number, smallUnit: string): string =>
  small === 0
    ? `${large} ${largeUnit}`
    : `${large} ${largeUnit} ${String(small).padStart(2, '0')} ${smallUnit}`;
