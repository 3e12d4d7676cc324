import { asError, InvalidInputError, isCoriolisError } from '../api/errors';
import { flag, number, text } from '../vocabulary/field-constructors';
import { readInput } from '../vocabulary/read-input';
import { withoutUndefined, pickKeys } from '../model/json';
import {
  dayNames,
  describeSchedule,
  monthNames,
  computeNextRunTimes,
  toUtcScheduleTimes,
  type ScheduleTimes,
} from '../model/schedule';
import { toIsoTime } from '../model/timestamps';
import type { FormHint } from '../vocabulary/form-hint';

/** Number of next execution times that are shown, enough to notice a wrong day or zone. */
export const SHOWN_RUN_COUNT = 5;

/** Formats a time of execution (milliseconds since 1970) in UTC: "2027-01-31T03:30Z". */
export const formatRunTime = (run: number): string => new Date(run).toISOString().replace(':00.000Z', 'Z');

/** Formats a time of execution for people, in UTC: "Sun 31 Jan 2027, 03:30". */
function inWords(run: number): string {
  const date = new Date(run);
  const [day = '', month = ''] = [dayNames[(date.getUTCDay() + 6) % 7], monthNames[date.getUTCMonth()]];
  return `${day.slice(0, 3)} ${date.getUTCDate()} ${month.slice(0, 3)} ${date.getUTCFullYear()}, ${date.toISOString().slice(11, 16)}`;
}

/** Input fields for the times of a schedule. */
export const scheduleTimeFields = {
  minute: number('Minute', 'Minute of the hour.', { optional: true, maximum: 59 }),
  hour: number('Hour', 'Hour, UTC unless a time zone is given; every hour when left out.', {
    optional: true,
    maximum: 23,
  }),
  dayOfWeek: number('Day of Week', 'Day of the week, Monday is 0; every day when left out.', {
    optional: true,
    maximum: 6,
    labels: dayNames,
  }),
  dayOfMonth: number('Day of Month', 'Day of the month, 1 to 31.', {
    optional: true,
    minimum: 1,
    maximum: 31,
    advanced: true,
  }),
  month: number('Month', 'Month, 1 to 12.', {
    optional: true,
    minimum: 1,
    maximum: 12,
    labels: monthNames,
    advanced: true,
  }),
  timeZone: text(
    'Time Zone',
    'Time zone of the given times, such as Europe/Bucharest. Coriolis stores UTC, so daylight saving shifts the runs.',
    { optional: true, advanced: true, placeholder: 'Europe/Bucharest' },
  ),
  everyMinute: flag(
    'Every Minute',
    'Whether the schedule may fire every minute; required when no minute is given.',
    {
      advanced: true,
    },
  ),
};

/** Values of `scheduleTimeFields`. */
export interface ScheduleTimesInput {
  readonly minute: number | undefined;
  readonly hour: number | undefined;
  readonly dayOfWeek: number | undefined;
  readonly dayOfMonth: number | undefined;
  readonly month: number | undefined;
  readonly timeZone: string | undefined;
  readonly everyMinute: boolean;
}

/** Reasons why times in a zone cannot be converted to UTC, as ends of a sentence. */
const unconverted = {
  unknown_zone: 'is not a time zone; write it like Europe/Bucharest, or leave it out for UTC',
  hour_needed: 'needs an hour and a minute to be converted to UTC',
  day_of_month_shifts: 'would move the run to another day of the month: give the time in UTC',
} as const;

/**
 * Makes the times of a schedule for a request body, in UTC; undefined when none were given. Without a minute the server
 * fires every minute (docs/reference/coriolis-api.md §17, trap 17), so a minute is required unless `everyMinute` is
 * set.
 * @throws {InvalidInputError} the minute is missing, the times never occur, or they cannot be converted from the zone
 *   to UTC
 */
export function makeScheduleTimes(input: ScheduleTimesInput, now: number): ScheduleTimes | undefined {
  const { minute, hour, dayOfWeek: dow, dayOfMonth: dom, month, timeZone, everyMinute } = input;
  const local: ScheduleTimes = withoutUndefined({ minute, hour, dom, month, dow });
  refuseNever(local);
  const empty = Object.keys(local).length === 0;
  if (empty && !everyMinute) return undefined;
  if (minute === undefined && !everyMinute) {
    throw new InvalidInputError(`A schedule without a minute fires ${describeSchedule(local)}.`, {
      field: 'minute',
      advice: 'Give a minute, or set Every Minute if that is what you want.',
    });
  }
  if (timeZone === undefined) return local;
  const utc = toUtcScheduleTimes(local, timeZone, now);
  if (typeof utc !== 'string') return utc;
  throw new InvalidInputError(`Time zone "${timeZone}" ${unconverted[utc]}.`, { field: 'timeZone' });
}

/** Number of days of each month, in leap years for February. */
const DAYS_OF_MONTH = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/**
 * Refuses a day that its month never has.
 * @throws {InvalidInputError} such a day was given, as 30 February. The schedule would never fire
 */
function refuseNever({ dom, month }: ScheduleTimes): void {
  if (dom === undefined || month === undefined || dom <= (DAYS_OF_MONTH[month - 1] ?? dom)) return;
  throw new InvalidInputError(`${monthNames[month - 1] ?? ''} never has a day ${dom}.`, {
    field: 'dayOfMonth',
    advice: 'Such a schedule would never fire: give a day that the month has.',
  });
}

/** Form hint with the next times of execution, so that a wrong day or zone is noticed before saving. */
export const nextRunTimesHint: FormHint = {
  inputs: Object.keys(scheduleTimeFields),
  text(given, now) {
    try {
      const schedule = makeScheduleTimes(
        readInput(scheduleTimeFields, pickKeys(given, Object.keys(scheduleTimeFields))),
        now,
      );
      if (schedule === undefined) return 'Give at least a minute to see the next runs.';
      const runs = computeNextRunTimes(schedule, now, SHOWN_RUN_COUNT).map(inWords);
      return runs.length === 0
        ? `Fires ${describeSchedule(schedule)}: never.`
        : `Fires ${describeSchedule(schedule)}. Next, in UTC: ${runs.join('; ')}.`;
    } catch (error) {
      return [asError(error).message, isCoriolisError(error) ? error.advice : undefined]
        .filter(Boolean)
        .join(' ');
    }
  },
};

/**
 * Makes the expiration of a schedule for a request body: with a zone, which the server requires
 * (docs/reference/coriolis-api.md §9). A time without a zone is read as UTC.
 */
export function makeExpirationDate(expiresAt: string | undefined): string | undefined {
  if (expiresAt === undefined) return undefined;
  const iso = toIsoTime(expiresAt.length === 10 ? `${expiresAt}T00:00:00` : expiresAt);
  if (iso !== null) return iso;
  throw new InvalidInputError(`Expires At does not understand "${expiresAt}".`, {
    field: 'expiresAt',
    advice: 'Write it like 2027-12-31T23:59:59Z.',
  });
}
