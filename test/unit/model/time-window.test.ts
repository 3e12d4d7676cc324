import {
  findNextOpening,
  computeRemainingOpenMs,
  parseTimeWindow,
  type TimeWindow,
} from '../../../src/model/time-window';

const MINUTE = 60_000;
const windowOf = (text: string): TimeWindow => {
  const window = parseTimeWindow(text);
  if (window === undefined) throw new Error(`${text} is no window`);
  return window;
};

describe('a window', () => {
  it.each([
    ['22:00-06:00 Europe/Berlin', '2026-12-05T20:59:00Z', null],
    ['22:00-06:00 Europe/Berlin', '2026-12-05T21:00:00Z', 480],
    ['22:00-06:00 Europe/Berlin', '2026-12-06T04:59:30Z', 0.5],
    ['22:00-06:00 Europe/Berlin', '2026-12-06T05:00:00Z', null],
    // Summer time.
    ['22:00-06:00 Europe/Berlin', '2026-07-05T20:00:00Z', 480],
    // The clock is set forward in the night, and back: the window ends when its wall clock shows the end.
    ['22:00-06:00 Europe/Berlin', '2026-03-28T21:00:00Z', 420],
    ['22:00-06:00 Europe/Berlin', '2026-10-24T20:00:00Z', 540],
    ['Sat 22:00-06:00 Europe/Berlin', '2026-03-29T00:30:30Z', 209.5],
    // Its end is left out, and its only hour comes twice.
    ['01:00-02:30 Europe/Berlin', '2026-03-29T00:00:00Z', 60],
    ['02:00-03:00 Europe/Berlin', '2026-10-25T00:30:00Z', 90],
    ['00:00-24:00 Europe/Berlin', '2026-03-28T23:00:00Z', 1380],
    ['22:00-04:00 Australia/Lord_Howe', '2026-04-04T11:00:00Z', 390],
    ['Sat,Sun 08:00-20:00', '2026-12-05T08:00:00Z', 720],
    ['Sat,Sun 08:00-20:00', '2026-12-07T08:00:00Z', null],
    // It began on Saturday and goes on over midnight.
    ['Sat 22:00-06:00', '2026-12-06T05:00:00Z', 60],
    ['Sat 22:00-06:00', '2026-12-06T22:00:00Z', null],
    ['2026-12-05T22:00+01:00/2026-12-06T06:00+01:00', '2026-12-05T21:00:00Z', 480],
    ['2026-12-05T22:00+01:00/2026-12-06T06:00+01:00', '2026-12-06T05:00:00Z', null],
  ])('%s at %s stays open for %s minutes', (text, at, minutes) => {
    expect(computeRemainingOpenMs(windowOf(text), Date.parse(at))).toBe(
      minutes === null ? null : minutes * MINUTE,
    );
  });

  it.each([
    ['22:00-06:00 Europe/Berlin', '2026-12-05T20:00:30Z', '2026-12-05T21:00:00Z'],
    // While it is open, the next day's.
    ['22:00-06:00 Europe/Berlin', '2026-12-05T21:00:00Z', '2026-12-06T21:00:00Z'],
    // The clock is set back in between.
    ['22:00-06:00 Europe/Berlin', '2026-10-25T00:30:00Z', '2026-10-25T21:00:00Z'],
    // By half an hour.
    ['22:00-06:00 Australia/Lord_Howe', '2026-04-04T11:00:00Z', '2026-04-05T11:30:00Z'],
    // It is left out on one day.
    ['02:15-02:45 Europe/Berlin', '2026-03-28T12:00:00Z', '2026-03-30T00:15:00Z'],
    ['Sat,Sun 08:00-20:00', '2026-12-06T09:00:00Z', '2026-12-12T08:00:00Z'],
    ['00:00-24:00', '2026-12-06T09:00:00Z', '2026-12-07T00:00:00Z'],
    ['2026-12-05T22:00Z/2026-12-06T06:00Z', '2026-12-05T20:00:00Z', '2026-12-05T22:00:00Z'],
    ['2026-12-05T22:00Z/2026-12-06T06:00Z', '2026-12-05T22:00:00Z', null],
  ])('%s at %s opens next at %s', (text, at, opens) => {
    expect(findNextOpening(windowOf(text), Date.parse(at))).toBe(opens === null ? null : Date.parse(opens));
  });

  it.each(['', '22:00', '22:00-22:00', '25:00-26:00', '22:00-06:00 Europe/Atlantis', 'someday 1:00-2:00'])(
    'is not %j',
    (text) => {
      expect(parseTimeWindow(text)).toBeUndefined();
    },
  );
});
