import {
  describeSeconds,
  secondsBetween,
  parseHttpDate,
  parseServerTime,
  toIsoTime,
} from '../../../src/model/timestamps';

describe("a server's times", () => {
  test('are UTC, whatever zone this machine is in', () => {
    expect(parseServerTime('2026-11-22T15:44:13.000000')).toBe(Date.UTC(2026, 10, 22, 15, 44, 13));
    expect(parseServerTime('2026-11-22T15:44:13.250000')).toBe(Date.UTC(2026, 10, 22, 15, 44, 13, 250));
    expect(parseServerTime('2026-11-22 15:44:13')).toBe(Date.UTC(2026, 10, 22, 15, 44, 13));
    expect(parseServerTime('2026-11-22T15:44:13+01:00')).toBe(Date.UTC(2026, 10, 22, 14, 44, 13));
  });

  test.each([[null], [undefined], [''], ['soon'], ['2026-13-45T99:00:00']])(
    'are none when they read %j',
    (value) => {
      expect(parseServerTime(value)).toBeNull();
      expect(toIsoTime(value)).toBeNull();
    },
  );

  test('are shown with their zone', () => {
    expect(toIsoTime('2026-11-22T15:44:13.000000')).toBe('2026-11-22T15:44:13Z');
  });

  test('stand in Date headers too', () => {
    expect(parseHttpDate('Sun, 22 Nov 2026 15:44:13 GMT')).toBe(Date.UTC(2026, 10, 22, 15, 44, 13));
    expect(parseHttpDate(undefined)).toBeNull();
  });

  test('make durations that are never negative', () => {
    expect(secondsBetween('2026-11-22T15:44:13.000000', '2026-11-22T15:45:13.000000')).toBe(60);
    expect(secondsBetween('2026-11-22T15:44:13.000000', '2026-11-22T15:44:12.000000')).toBe(0);
    expect(secondsBetween('2026-11-22T15:44:13.000000', null)).toBeNull();
  });

  test.each([
    [0, '0 s'],
    [89, '89 s'],
    [1320, '22 min'],
    [11_100, '3 h 05 min'],
    [259_140, '71 h 59 min'],
    [259_200, '3 d 00 h'],
    [442_800, '5 d 03 h'],
  ])('%d s read "%s"', (seconds, words) => {
    expect(describeSeconds(seconds)).toBe(words);
  });
});
