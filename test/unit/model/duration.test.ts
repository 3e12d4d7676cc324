import fc from 'fast-check';
import { parseDuration, formatDuration } from '../../../src/model/duration';

describe('a duration', () => {
  it.each([
    ['45s', 45],
    ['90 min', 5400],
    ['2h', 7200],
    ['1.5 h', 5400],
    ['1h 30m', 5400],
    ['1h30m', 5400],
    [' 2 Days ', 172_800],
    ['1 week', 604_800],
    ['0.5s', 1],
    ['0m', 0],
  ])('may be written as "%s"', (text, seconds) => {
    expect(parseDuration(text)).toBe(seconds);
  });

  it.each(['', '3600', '2x', '2 hourglasses', 'h', '-2h', '2h later', '1:30', '2h,30m', 'PT2H'])(
    'is not "%s"',
    (text) => {
      expect(parseDuration(text)).toBeUndefined();
    },
  );

  it.each([
    [0, '0s'],
    [45, '45s'],
    [600, '10m'],
    [3600, '1h'],
    [5400, '1h 30m'],
    [86_400, '1d'],
  ])('of %d seconds is written as "%s"', (seconds, text) => {
    expect(formatDuration(seconds)).toBe(text);
  });

  it('is read as it was written', () => {
    fc.assert(
      fc.property(fc.nat(604_800_000), (seconds) => parseDuration(formatDuration(seconds)) === seconds),
    );
  });
});
