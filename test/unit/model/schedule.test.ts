import fc from 'fast-check';
import {
  describeSchedule,
  computeNextRunTimes,
  toUtcScheduleTimes,
  type ScheduleTimes,
} from '../../../src/model/schedule';

/** Sunday. */
const now = Date.UTC(2026, 10, 22, 17, 30);
const isoRuns = (times: ScheduleTimes, count = 3, until?: number) =>
  computeNextRunTimes(times, now, count, until).map((run) => new Date(run).toISOString().slice(0, 16));

describe('the next runs of a schedule', () => {
  it('is the next day when the hour of today is over', () => {
    expect(isoRuns({ hour: 3, minute: 30 })).toEqual([
      '2026-11-23T03:30',
      '2026-11-24T03:30',
      '2026-11-25T03:30',
    ]);
  });

  it('counts days of the week from Monday', () => {
    expect(isoRuns({ hour: 3, minute: 0, dow: 0 }, 1)).toEqual(['2026-11-23T03:00']);
    expect(isoRuns({ hour: 18, minute: 0, dow: 6 }, 1)).toEqual(['2026-11-22T18:00']);
  });

  it('fires every minute of the hour when no minute is given', () => {
    expect(isoRuns({ hour: 3 }, 2)).toEqual(['2026-11-23T03:00', '2026-11-23T03:01']);
    expect(isoRuns({}, 2)).toEqual(['2026-11-22T17:31', '2026-11-22T17:32']);
  });

  it('finds the 29th of February and no 30th', () => {
    expect(isoRuns({ hour: 0, minute: 0, dom: 29, month: 2 }, 2)).toEqual([
      '2028-02-29T00:00',
      '2032-02-29T00:00',
    ]);
    expect(isoRuns({ hour: 0, minute: 0, dom: 30, month: 2 })).toEqual([]);
  });

  it('finds five runs however rare the day', () => {
    expect(isoRuns({ hour: 0, minute: 0, dom: 29, month: 2 }, 5)).toEqual(
      [2028, 2032, 2036, 2040, 2044].map((year) => `${year}-02-29T00:00`),
    );
    // The 29th of February is a Monday every 28 years, and the turn of a century can make that 40.
    expect(isoRuns({ hour: 0, minute: 0, dom: 29, month: 2, dow: 0 }, 4)).toEqual(
      [2044, 2072, 2112, 2140].map((year) => `${year}-02-29T00:00`),
    );
    expect(isoRuns({ hour: 0, minute: 0, dom: 1, month: 6, dow: 0 }, 1)).toEqual(['2037-06-01T00:00']);
  });

  it('ends at the expiration', () => {
    expect(isoRuns({ hour: 3, minute: 30 }, 5, Date.UTC(2026, 10, 24, 3, 30))).toEqual(['2026-11-23T03:30']);
  });

  it('gives only times that match every given field, in order', () => {
    const field = (maximum: number, minimum = 0) =>
      fc.option(fc.integer({ min: minimum, max: maximum }), { nil: undefined });
    fc.assert(
      fc.property(
        field(59),
        field(23),
        field(28, 1),
        field(12, 1),
        field(6),
        (minute, hour, dom, month, dow) => {
          const times = Object.fromEntries(
            Object.entries({ minute, hour, dom, month, dow }).filter(([, value]) => value !== undefined),
          );
          const runs = computeNextRunTimes(times, now, 5);
          for (const [index, run] of runs.entries()) {
            const date = new Date(run);
            expect(run).toBeGreaterThan(runs[index - 1] ?? now);
            expect(minute ?? date.getUTCMinutes()).toBe(date.getUTCMinutes());
            expect(hour ?? date.getUTCHours()).toBe(date.getUTCHours());
            expect(dom ?? date.getUTCDate()).toBe(date.getUTCDate());
            expect(month ?? date.getUTCMonth() + 1).toBe(date.getUTCMonth() + 1);
            expect(dow ?? (date.getUTCDay() + 6) % 7).toBe((date.getUTCDay() + 6) % 7);
          }
        },
      ),
    );
  });
});

describe('a schedule in words', () => {
  it.each([
    [{ hour: 3, minute: 30, dow: 6 }, 'at 03:30 UTC on Sunday'],
    [{ minute: 5 }, 'at minute 5 of every hour'],
    [{ hour: 3 }, 'every minute from 03:00 to 03:59 UTC'],
    [{}, 'every minute'],
    [{ hour: 0, minute: 0, dom: 1, month: 1 }, 'at 00:00 UTC on day 1 of the month in month 1'],
  ])('%j is "%s"', (times, words) => {
    expect(describeSchedule(times)).toBe(words);
  });
});

describe('local times as UTC', () => {
  it('moves the hour, and the day of the week with it', () => {
    expect(toUtcScheduleTimes({ hour: 1, minute: 15, dow: 0 }, 'Europe/Bucharest', now)).toEqual({
      hour: 23,
      minute: 15,
      dow: 6,
    });
    expect(toUtcScheduleTimes({ hour: 22, minute: 0, dow: 6 }, 'America/New_York', now)).toEqual({
      hour: 3,
      minute: 0,
      dow: 0,
    });
  });

  it('knows zones with odd minutes', () => {
    expect(toUtcScheduleTimes({ hour: 3, minute: 0 }, 'Asia/Kolkata', now)).toEqual({ hour: 21, minute: 30 });
  });

  it('uses the offset of the day it is asked on', () => {
    const summer = Date.UTC(2026, 6, 1);
    expect(toUtcScheduleTimes({ hour: 3, minute: 0 }, 'Europe/Bucharest', summer)).toEqual({
      hour: 0,
      minute: 0,
    });
    expect(toUtcScheduleTimes({ hour: 3, minute: 0 }, 'Europe/Bucharest', now)).toEqual({
      hour: 1,
      minute: 0,
    });
  });

  it('says when it cannot', () => {
    expect(toUtcScheduleTimes({ hour: 3, minute: 0 }, 'Mars/Olympus', now)).toBe('unknown_zone');
    expect(toUtcScheduleTimes({ hour: 1, minute: 0, dom: 1 }, 'Europe/Bucharest', now)).toBe(
      'day_of_month_shifts',
    );
    expect(toUtcScheduleTimes({ hour: 1 }, 'Europe/Bucharest', now)).toBe('hour_needed');
  });

  it.each([
    // Clocks go back on 25 October there, forward on 29 March.
    ['Europe/Bucharest', Date.UTC(2026, 9, 25, 0, 59), { hour: 0, minute: 0, dow: 6 }],
    ['Europe/Bucharest', Date.UTC(2026, 9, 25, 1, 0), { hour: 1, minute: 0, dow: 6 }],
    ['Europe/Bucharest', Date.UTC(2026, 2, 29, 1, 0), { hour: 0, minute: 0, dow: 6 }],
    // Half an hour of daylight saving, in the southern summer.
    ['Australia/Lord_Howe', Date.UTC(2026, 6, 1), { hour: 16, minute: 30, dow: 5 }],
    ['Australia/Lord_Howe', Date.UTC(2026, 11, 1), { hour: 16, minute: 0, dow: 5 }],
    // At midnight: the day of the change has none.
    ['America/Santiago', Date.UTC(2026, 8, 6, 3, 59), { hour: 7, minute: 0, dow: 6 }],
    ['America/Santiago', Date.UTC(2026, 8, 6, 4, 0), { hour: 6, minute: 0, dow: 6 }],
    ['Asia/Kathmandu', now, { hour: 21, minute: 15, dow: 5 }],
    ['Pacific/Kiritimati', now, { hour: 13, minute: 0, dow: 5 }],
    ['Etc/GMT+12', now, { hour: 15, minute: 0, dow: 6 }],
  ])('has Sunday 03:00 of %s, asked at %d, as %j', (zone, asked, utc) => {
    expect(toUtcScheduleTimes({ hour: 3, minute: 0, dow: 6 }, zone, asked)).toEqual(utc);
  });

  it('leaves "at minute 5 of every hour" as it is, unless days or months would move', () => {
    expect(toUtcScheduleTimes({ minute: 5 }, 'Europe/Bucharest', now)).toEqual({ minute: 5 });
    expect(toUtcScheduleTimes({ minute: 5, month: 6 }, 'Europe/Bucharest', now)).toBe('hour_needed');
    expect(toUtcScheduleTimes({ minute: 5, dow: 0 }, 'Europe/Bucharest', now)).toBe('hour_needed');
    expect(toUtcScheduleTimes({ minute: 5 }, 'Asia/Kathmandu', now)).toBe('hour_needed');
  });
});
