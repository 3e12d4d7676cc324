import { parseMoment } from '../../../src/model/parse-moment';

const NOW = Date.UTC(2026, 10, 22, 15, 0, 0);
const seconds = (iso: string): number => Date.parse(iso) / 1000;

describe('a moment', () => {
  it.each([
    ['10s', '2026-11-22T14:59:50Z'],
    ['5m', '2026-11-22T14:55:00Z'],
    ['2h', '2026-11-22T13:00:00Z'],
    ['1d', '2026-11-21T15:00:00Z'],
    ['1w', '2026-11-15T15:00:00Z'],
    ['0s', '2026-11-22T15:00:00Z'],
    ['2026-11-22T13:00:00Z', '2026-11-22T13:00:00Z'],
    ['2026-11-22 13:00', '2026-11-22T13:00:00Z'],
    ['2026-11-22T13:00:00.123456', '2026-11-22T13:00:00Z'],
    ['2026-11-22T13:00:00+02:00', '2026-11-22T11:00:00Z'],
    ['2026-11-22', '2026-11-22T00:00:00Z'],
    [' 1795352400 ', '2026-11-22T13:00:00Z'],
    ['0', '1970-01-01T00:00:00Z'],
    ['today', '2026-11-22T00:00:00Z'],
    ['Yesterday', '2026-11-21T00:00:00Z'],
    ['today Europe/Berlin', '2026-11-21T23:00:00Z'],
    ['yesterday America/New_York', '2026-11-21T05:00:00Z'],
    ['today Pacific/Auckland', '2026-11-22T11:00:00Z'],
    ['yesterday 18:00 Europe/Berlin', '2026-11-21T17:00:00Z'],
    ['today 9:30', '2026-11-22T09:30:00Z'],
  ])('may be written as "%s"', (text, moment) => {
    expect(parseMoment(text, NOW)).toBe(seconds(moment));
  });

  it.each([
    // The clocks of Berlin went back at 3:00 on 25 October 2026, and forward at 2:00 on 29 March 2026.
    ['today Europe/Berlin', '2026-10-25T10:00:00Z', '2026-10-24T22:00:00Z'],
    ['yesterday Europe/Berlin', '2026-10-26T10:00:00Z', '2026-10-24T22:00:00Z'],
    ['today Europe/Berlin', '2026-03-29T10:00:00Z', '2026-03-28T23:00:00Z'],
    ['today 01:30 Europe/Berlin', '2026-03-29T10:00:00Z', '2026-03-29T00:30:00Z'],
    ['today 18:00 Europe/Berlin', '2026-03-29T10:00:00Z', '2026-03-29T16:00:00Z'],
    ['yesterday 18:00 Europe/Berlin', '2026-10-26T10:00:00Z', '2026-10-25T17:00:00Z'],
    // The clocks of Santiago went forward at midnight of 6 September 2026: that day began at 1:00.
    ['today America/Santiago', '2026-09-06T15:00:00Z', '2026-09-06T04:00:00Z'],
    ['today 12:00 America/Santiago', '2026-09-06T15:00:00Z', '2026-09-06T15:00:00Z'],
  ])('of a day on which clocks change: "%s" at %s', (text, now, moment) => {
    expect(parseMoment(text, Date.parse(now))).toBe(seconds(moment));
  });

  it('is never before 1970, however long the period', () => {
    expect(parseMoment('9999w', NOW)).toBe(0);
  });

  it.each([
    'tomorrow',
    'today Europe/Nowhere',
    'today +02:00 Berlin',
    'today 24:00',
    'yesterday 18 Europe/Berlin',
    '5 m',
    '5y',
    '-5m',
    '1795352400000',
    '1795352400.5',
    '2026-13-01',
    '2027-02-30',
    '22.11.2026',
    '',
  ])('is not "%s"', (text) => {
    expect(parseMoment(text, NOW)).toBeUndefined();
  });
});
