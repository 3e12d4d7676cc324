/**
 * Times of a Coriolis server: UTC without a zone, usually whole seconds ("2026-11-22T15:44:13.000000",
 * coriolis-api.md §1.3). `Date.parse` would read them as local time.
 */

const TIMESTAMP = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}:\d{2})(\.\d+)?(Z|[+-]\d{2}:?\d{2})?$/;

/** Milliseconds since 1970 of a server's timestamp; null when there is none or it is not a time. */
export function parseTime(timestamp: string | null | undefined): number | null {
  const parts = TIMESTAMP.exec(timestamp ?? '');
  if (parts === null) return null;
  const [, day, time, fraction = '', zone = 'Z'] = parts;
  const milliseconds = Date.parse(`${day}T${time}${fraction.slice(0, 4)}${zone}`);
  return Number.isNaN(milliseconds) ? null : milliseconds;
}

/** Milliseconds since 1970 of a `Date` header ("Sun, 22 Nov 2026 15:44:13 GMT"); null when absent or unreadable. */
export function parseHttpDate(header: string | null | undefined): number | null {
  const milliseconds = Date.parse(header ?? '');
  return Number.isNaN(milliseconds) ? null : milliseconds;
}

/** The same moment with its zone, as other programs expect it: "2026-11-22T15:44:13Z". Null for no time. */
export function toIsoTime(timestamp: string | null | undefined): string | null {
  const milliseconds = parseTime(timestamp);
  return milliseconds === null ? null : isoTime(milliseconds);
}

/** A moment, milliseconds since 1970, as `toIsoTime` writes it. */
export function isoTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace('.000Z', 'Z');
}

/** Whole seconds from one server's timestamp to another, never negative; null when one of them is missing. */
export function durationSeconds(
  start: string | null | undefined,
  end: string | null | undefined,
): number | null {
  const from = parseTime(start);
  const to = parseTime(end);
  return from === null || to === null ? null : Math.max(0, Math.round((to - from) / 1000));
}

/** A length of time for people: "45 s", "22 min", "3 h 05 min". */
export function describeSeconds(seconds: number): string {
  if (seconds < 90) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 90) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;
}
