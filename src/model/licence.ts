import { isObject } from './json';
import { formatIso, parseServerTime } from './timestamps';

/** Kind of work that a licence counts. */
export type LicencedWork = 'migrations' | 'replicas';

const DAY_MS = 86_400_000;
/** Days over which the present pace is measured. */
const PACE_DAYS = 30;
/** Days before its expiry from which a licence counts as expiring soon. */
export const EXPIRING_SOON_DAYS = 30;

/**
 * A count of an appliance's status: that of standard licences, which newer servers nest in `standard_licence_stats`
 * (docs/reference/coriolis-api.md §14). Null when the server does not return it.
 */
export function standardCount(status: unknown, name: string): number | null {
  if (!isObject(status)) return null;
  const nested = status['standard_licence_stats'];
  const value = status[name] ?? (isObject(nested) ? nested[name] : undefined);
  return typeof value === 'number' ? value : null;
}

interface PeriodOfLicence {
  readonly period_end?: string | undefined;
}

/** Numbers of licences that have expired, and of those that expire within {@link EXPIRING_SOON_DAYS}. */
export interface LicenceExpiryCounts {
  readonly expired: number;
  readonly endingSoon: number;
}

/** Counts the licences that have expired or soon do. */
export function countExpiries(licences: readonly PeriodOfLicence[], now: number): LicenceExpiryCounts {
  const ends = licences.flatMap(({ period_end: end }) => parseServerTime(end) ?? []);
  return {
    expired: ends.filter((end) => end <= now).length,
    endingSoon: ends.filter((end) => end > now && end <= now + EXPIRING_SOON_DAYS * DAY_MS).length,
  };
}

interface Reserved {
  readonly type?: string | undefined;
  readonly count?: number | undefined;
  readonly created_at?: string | undefined;
  readonly fulfilled_at?: string | null | undefined;
}

/** Reservations of one kind of licence, and the time when the remaining units run out. */
export interface LicenceForecast {
  /** Machines with reservations that are not used up. */
  readonly reserved: number;
  /** Time when the licences run out at the pace of the last 30 days; null without a pace or a count. */
  readonly runsOutAt: string | null;
}

/**
 * Forecasts one kind of work from its reservations.
 *
 * @param left machines that the licences still allow; null when unknown
 * @param now milliseconds since 1970
 */
export function licenceForecast(
  work: LicencedWork,
  reservations: readonly Reserved[],
  left: number | null,
  now: number,
): LicenceForecast {
  const own = reservations.filter(({ type }) => `${type ?? ''}s` === work);
  const machines = (of: readonly Reserved[]): number => of.reduce((sum, { count = 1 }) => sum + count, 0);
  const recent = own.filter(
    ({ created_at: made }) => (parseServerTime(made) ?? 0) > now - PACE_DAYS * DAY_MS,
  );
  const pace = machines(recent) / PACE_DAYS;
  return {
    reserved: machines(own.filter(({ fulfilled_at: used }) => (used ?? null) === null)),
    runsOutAt:
      left === null || pace === 0
        ? null
        : formatIso(Math.floor((now + (left / pace) * DAY_MS) / 1000) * 1000),
  };
}
