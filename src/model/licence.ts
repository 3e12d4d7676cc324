import { isObject } from './json';
import { formatIsoTime, parseServerTime } from './timestamps';

/** Kind of work that a licence counts. */
export type LicensedWork = 'migrations' | 'replicas';

const DAY_MS = 86_400_000;
/** Days back from now over which the pace of reservations is measured. */
const PACE_DAYS = 30;
/** Days before its expiry from which a licence counts as expiring soon. */
export const ENDING_SOON_DAYS = 30;

/** Edition of a licence. Licences for SAP machines are counted apart. */
export type LicenceEdition = 'standard' | 'sap';

/**
 * Reads a count of one edition's licences from an appliance's status. Newer servers nest the counts of each edition;
 * older servers have only those of standard licences, at the top. When a server sends both forms, the nested counts are
 * read (docs/reference/coriolis-api.md §14). Null when the server does not return the count.
 */
export function readLicenceCount(status: unknown, edition: LicenceEdition, name: string): number | null {
  if (!isObject(status)) return null;
  const nested = status[`${edition}_licence_stats`];
  const counts = isObject(nested) ? nested : edition === 'standard' ? status : {};
  const value = counts[name];
  return typeof value === 'number' ? value : null;
}

interface PeriodOfLicence {
  readonly period_end?: string | undefined;
  readonly licence_version?: string | undefined;
}

/** Picks the licences of one edition. */
export const pickLicencesOfEdition = <L extends PeriodOfLicence>(
  edition: LicenceEdition,
  licences: readonly L[],
): readonly L[] =>
  licences.filter(({ licence_version: version = '' }) => /-sap$/u.test(version) === (edition === 'sap'));

/** Numbers of licences that have expired, and of those that expire within {@link ENDING_SOON_DAYS}. */
export interface LicenceExpiryCounts {
  readonly expired: number;
  readonly endingSoon: number;
}

/** Counts the licences that have expired at `now` (milliseconds since 1970) and those that expire soon after. */
export function countExpiries(licences: readonly PeriodOfLicence[], now: number): LicenceExpiryCounts {
  const ends = licences.flatMap(({ period_end: end }) => parseServerTime(end) ?? []);
  return {
    expired: ends.filter((end) => end <= now).length,
    endingSoon: pickLicencesEndingSoon(licences, now).length,
  };
}

/** Picks the licences that expire within {@link ENDING_SOON_DAYS} after `now`, the next to expire first. */
export const pickLicencesEndingSoon = <L extends PeriodOfLicence>(
  licences: readonly L[],
  now: number,
): readonly L[] =>
  licences
    .flatMap((licence) => {
      const end = parseServerTime(licence.period_end);
      return end !== null && end > now && end <= now + ENDING_SOON_DAYS * DAY_MS ? [{ licence, end }] : [];
    })
    .sort((one, other) => one.end - other.end)
    .map(({ licence }) => licence);

/**
 * Day on which the first of `count` licences ends, after a count of them: ", on 2026-12-04", of several ", the first on
 * 2026-12-04"; empty when unknown.
 */
export const describeFirstEnd = (count: number, end: string | null | undefined): string =>
  typeof end === 'string' ? `, ${count === 1 ? '' : 'the first '}on ${end.slice(0, 10)}` : '';

interface Reserved {
  readonly type?: string | undefined;
  readonly count?: number | undefined;
  readonly created_at?: string | undefined;
  readonly fulfilled_at?: string | null | undefined;
}

/** Forecast for one kind of licensed work: what is reserved, and when the licences run out. */
export interface LicenceForecast {
  /** Number of machines whose reservations are not used up yet. */
  readonly reserved: number;
  /**
   * Time at which the licences run out, ISO 8601: when they are used up if reservations go on as in the last 30 days,
   * or when the last licence ends before. Without a reservation in these days only that end counts. Null when the
   * remaining units are unknown, or when nothing ends.
   */
  readonly runsOutAt: string | null;
}

/** Licences of one edition, as far as a forecast needs them. */
export interface LicenceStock {
  readonly edition: LicenceEdition;
  /** Number of machines that the licences still allow; null when unknown. */
  readonly left: number | null;
  readonly licences: readonly PeriodOfLicence[];
}

/**
 * Forecasts from the reservations of one kind of work when the licences run out.
 * @param now milliseconds since 1970
 */
export function computeLicenceForecast(
  work: LicensedWork,
  reservations: readonly Reserved[],
  { edition, left, licences }: LicenceStock,
  now: number,
): LicenceForecast {
  const kind = edition === 'sap' ? `sap_${work}` : work;
  const own = reservations.filter(({ type }) => `${type ?? ''}s` === kind);
  const machines = (of: readonly Reserved[]): number => of.reduce((sum, { count = 1 }) => sum + count, 0);
  const recent = own.filter(
    ({ created_at: made }) => (parseServerTime(made) ?? 0) > now - PACE_DAYS * DAY_MS,
  );
  const pace = machines(recent) / PACE_DAYS;
  const end = left === null ? Infinity : runOut(left <= 0 ? 0 : left / pace, licences, now);
  return {
    reserved: machines(own.filter(({ fulfilled_at: used }) => (used ?? null) === null)),
    runsOutAt: end === Infinity ? null : formatIsoTime(wholeSeconds(end)),
  };
}

/**
 * Time (milliseconds since 1970) at which units that last for `days` are used up, or at which the last licence ends when
 * that comes first.
 */
function runOut(days: number, licences: readonly PeriodOfLicence[], now: number): number {
  const ends = licences.flatMap(({ period_end: end }) => parseServerTime(end) ?? []);
  const last = ends.length === 0 ? Infinity : Math.max(...ends, now);
  return Math.min(now + days * DAY_MS, last);
}

const wholeSeconds = (milliseconds: number): number => Math.floor(milliseconds / 1000) * 1000;
