/**
 * Reading and writing of timestamps. Those of a Coriolis server are UTC without a zone, usually in whole seconds
 * ("2026-11-22T15:44:13.000000", docs/reference/coriolis-api.md §1.3). `Date.parse` would read them as local time.
 */

/**
 * Milliseconds before the newest row already read that the next reading covers again. A row can be committed after its
 * timestamp, and the clocks of several conductors differ (docs/reference/watching.md §3).
 */
export const READ_OVERLAP_MS = 60_000;

const TIMESTAMP = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}:\d{2})(\.\d+)?(Z|[+-]\d{2}:?\d{2})?$/;

/**
 * Parses an ISO 8601 time with a zone into milliseconds since 1970; NaN for any other text. Refuses days that the
 * calendar does not have: `Date.parse` would read 30 February as a day in March.
 */
export function parseIsoTime(iso: string): number {
  const day = /^\d{4}-\d{2}-(\d{2})/.exec(iso);
  if (day === null) return Number.NaN;
  const isInMonth = Number(day[1]) <= 28 || new Date(`${day[0]}T00:00:00Z`).getUTCDate() === Number(day[1]);
  return isInMonth ? Date.parse(iso) : Number.NaN;
}

/** Parses a server's timestamp into milliseconds since 1970; null when absent or invalid. */
export function parseServerTime(timestamp: string | null | undefined): number | null {
  const parts = TIMESTAMP.exec(timestamp ?? '');
  if (parts === null) return null;
  const [, day, time, fraction = '', zone = 'Z'] = parts;
  const milliseconds = parseIsoTime(`${day}T${time}${fraction.slice(0, 4)}${zone}`);
  return Number.isNaN(milliseconds) ? null : milliseconds;
}

/**
 * Parses a `Date` header into milliseconds since 1970 ("Sun, 22 Nov 2026 15:44:13 GMT"); null when absent or
 * unreadable.
 */
export function parseHttpDate(header: string | null | undefined): number | null {
  const milliseconds = Date.parse(header ?? '');
  return Number.isNaN(milliseconds) ? null : milliseconds;
}

/** Converts a server's timestamp to ISO 8601 with a zone: "2026-11-22T15:44:13Z". Null when it is absent or invalid. */
export function toIsoTime(timestamp: string | null | undefined): string | null {
  const milliseconds = parseServerTime(timestamp);
  return milliseconds === null ? null : formatIsoTime(milliseconds);
}

/** Formats milliseconds since 1970 as ISO 8601, like `toIsoTime`. */
export function formatIsoTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace('.000Z', 'Z');
}

/** Whole seconds from one timestamp of a server to another, never negative; null when one of them is missing. */
export function secondsBetween(
  start: string | null | undefined,
  end: string | null | undefined,
): number | null {
  const from = parseServerTime(start);
  const to = parseServerTime(end);
  return from === null || to === null ? null : Math.max(0, Math.round((to - from) / 1000));
}

/** Minutes from which durations are written in days. */
const DAYS_FROM_MINUTES = 3 * 24 * 60;

/** Formats a duration for people: "45 s", "22 min", "3 h 05 min", from three days on "5 d 03 h". */
export function describeSeconds(seconds: number): string {
  if (seconds < 90) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 90) return `${minutes} min`;
  const padded = (count: number): string => String(count).padStart(2, '0');
  if (minutes < DAYS_FROM_MINUTES) return `${Math.floor(minutes / 60)} h ${padded(minutes % 60)} min`;
  const hours = Math.round(minutes / 60);
  return `${Math.floor(hours / 24)} d ${padded(hours % 24)} h`;
}
