import { SECONDS_PER_UNIT } from './duration';
import { isTimeZone, startOfLocalDay, momentOfLocalTime } from './local-time';
import { parseIsoTime } from './timestamps';

const ISO = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2})(:\d{2}(?:\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?$/;

const DAY_NAME = /^(today|yesterday)(?:\s+([01]?\d|2[0-3]):([0-5]\d))?(?:\s+(\S+))?$/i;
/** Milliseconds that, subtracted from a midnight, give a time within the previous day, also when the clocks change. */
const HALF_DAY_MS = 12 * 3_600_000;

/** Upper limit for Unix seconds (year 5138). A larger number was probably meant as milliseconds, and is refused. */
const LATEST_SECONDS = 1e11;

/**
 * Parses a moment into whole Unix seconds; undefined for anything else. Accepts Unix seconds, an ISO time (UTC unless
 * it has a zone), a period back from `now` (10s, 5m, 2h, 1d, 1w), and "today" or "yesterday", with a time or for its
 * midnight, in a zone ("today Europe/Berlin", "yesterday 18:00 Europe/Berlin", UTC without a zone). The formats of the official client are not copied, because it reads UTC
 * as local time and its 2020 release fails on periods (docs/reference/coriolis-api.md §13).
 * @param now milliseconds since 1970
 */
export function parseMoment(text: string, now: number): number | undefined {
  const given = text.trim();
  if (/^\d+$/.test(given)) return Number(given) < LATEST_SECONDS ? Number(given) : undefined;
  const [, named, hour = '0', minute = '0', place = 'UTC'] = DAY_NAME.exec(given) ?? [];
  if (named !== undefined) {
    if (!isTimeZone(place)) return undefined;
    const start = dayStart(named.toLowerCase(), place, now);
    return Math.floor(momentOfLocalTime(start, Number(hour) * 60 + Number(minute), place) / 1000);
  }
  const [, count, unit = ''] = /^(\d+)([smhdw])$/.exec(given) ?? [];
  if (count !== undefined)
    return Math.max(0, Math.floor(now / 1000 - Number(count) * (SECONDS_PER_UNIT[unit] ?? 0)));
  const [, day, time = '00:00', seconds = ':00', zone = 'Z'] = ISO.exec(given) ?? [];
  if (day === undefined) return undefined;
  const milliseconds = parseIsoTime(`${day}T${time}${seconds.slice(0, 7)}${zone}`);
  return Number.isNaN(milliseconds) ? undefined : Math.floor(milliseconds / 1000);
}

/** Midnight of today or yesterday in a zone, milliseconds since 1970. */
function dayStart(day: string, zone: string, now: number): number {
  const today = startOfLocalDay(now, zone);
  return day === 'today' ? today : startOfLocalDay(today - HALF_DAY_MS, zone);
}
