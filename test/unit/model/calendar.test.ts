import fc from 'fast-check';
import { parseMoment } from '../../../src/model/parse-moment';
import { parseTimeWindow } from '../../../src/model/time-window';
import { parseIsoTime, parseServerTime } from '../../../src/model/timestamps';
import {
  makeExpirationDate,
  nextRunTimesHint,
  makeScheduleTimes,
} from '../../../src/fields/schedule-time-fields';
import { cases } from '../../support/cases';

/** Days that no calendar has are refused wherever a day is given; `Date.parse` takes them for days of the next month. */

const two = (value: number) => String(value).padStart(2, '0');
const isReal = (year: number, month: number, day: number) =>
  day >= 1 && day <= new Date(Date.UTC(year, month, 0)).getUTCDate();

/** Every way in which a day comes in; each tells whether it was accepted. */
const WAYS: ReadonlyArray<readonly [string, (day: string) => boolean]> = [
  ['a time of a server', (day) => parseServerTime(`${day}T03:00:00`) !== null],
  ['an ISO time', (day) => !Number.isNaN(parseIsoTime(`${day}T03:00:00+02:00`))],
  ['a moment of a log', (day) => parseMoment(day, 0) !== undefined],
  ['the start of a window', (day) => parseTimeWindow(`${day}T03:00Z/2999-01-01T00:00Z`) !== undefined],
  ['an expiration', (day) => accepts(() => makeExpirationDate(day))],
];

function accepts(read: () => unknown): boolean {
  try {
    read();
    return true;
  } catch {
    return false;
  }
}

describe.each(WAYS)('%s', (_way, accepted) => {
  it('takes exactly the days that there are', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2000, max: 2100 }),
        fc.integer({ min: 1, max: 12 }),
        fc.integer({ min: 1, max: 31 }),
        (year, month, day) => {
          expect(accepted(`${year}-${two(month)}-${two(day)}`)).toBe(isReal(year, month, day));
        },
      ),
      cases(200),
    );
  });
});

describe('a schedule', () => {
  const times = { minute: 0, hour: 3, dayOfWeek: undefined, timeZone: undefined, everyMinute: false };

  it.each([
    [30, 2, 'February never has a day 30'],
    [31, 4, 'April never has a day 31'],
  ])('on day %s of month %s is refused, because it would never fire', (dayOfMonth, month, words) => {
    expect(() => makeScheduleTimes({ ...times, dayOfMonth, month }, 0)).toThrow(words);
    expect(nextRunTimesHint.text({ minute: 0, hour: 3, dayOfMonth, month }, 0)).toContain(words);
  });

  it('on 29 February fires in leap years', () => {
    expect(makeScheduleTimes({ ...times, dayOfMonth: 29, month: 2 }, 0)).toMatchObject({ dom: 29, month: 2 });
  });
});
