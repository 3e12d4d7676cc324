/**
 * Times of a schedule, in UTC. Each field is one exact value; an absent field matches every value. `dow` 0 is Monday
 * (docs/reference/coriolis-api.md §9).
 */
export interface CronTimes {
  readonly minute?: number;
  readonly hour?: number;
  readonly dom?: number;
  readonly month?: number;
  readonly dow?: number;
}

const MINUTE = 60;
const HOUR = 3600;
/** Years to search: enough for each date, 29 February included, to fall on each day of the week. */
const MAX_SEARCH_YEARS = 41;
const YEAR = 366 * 24 * HOUR;

/**
 * The first matching minute after a moment, both in whole seconds since the epoch.
 * @returns `null` for times that never come, such as 31 February
 */
export function findNextCronTime(times: CronTimes, after: number): number | null {
  const limit = after + MAX_SEARCH_YEARS * YEAR;
  for (let moment = (Math.floor(after / MINUTE) + 1) * MINUTE; moment < limit;) {
    const date = new Date(moment * 1000);
    const [year, month, day] = [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()];
    // Python counts the days of the week from Monday, JavaScript from Sunday.
    const dayOfWeek = (date.getUTCDay() + 6) % 7;
    if (!fits(times.month, month + 1)) moment = Date.UTC(year, month + 1) / 1000;
    else if (!fits(times.dom, day) || !fits(times.dow, dayOfWeek))
      moment = Date.UTC(year, month, day + 1) / 1000;
    else if (!fits(times.hour, date.getUTCHours())) moment = (Math.floor(moment / HOUR) + 1) * HOUR;
    else if (!fits(times.minute, date.getUTCMinutes())) moment += MINUTE;
    else return moment;
  }
  return null;
}

function fits(wanted: number | undefined, actual: number): boolean {
  return wanted === undefined || wanted === actual;
}
