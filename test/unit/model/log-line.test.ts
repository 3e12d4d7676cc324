import {
  isAtLeastAsSevere,
  splitMaskedLines,
  SeverityTracker,
  parseSeverity,
} from '../../../src/model/log-line';

describe('the severity of a log line', () => {
  it.each([
    ['2026-11-22 13:00:00.000 4242 INFO coriolis.worker.rpc.server [-] three hours old', 'INFO'],
    ['4242 WARNING coriolis.worker.rpc.server [req-1] line with severity 4', 'WARNING'],
    ['4242 EMERGENCY coriolis.worker.rpc.server [req-1] line', 'EMERGENCY'],
    ['2026-11-22 13:00:00.000 4242 TRACE coriolis.worker Traceback', 'ERROR'],
    ['WARN something', 'WARNING'],
    ['line with no level', undefined],
    ['4242 the message speaks of an ERROR', undefined],
    ['INFORMATION is no level', undefined],
  ])('of "%s" is %s', (line, severity) => {
    expect(parseSeverity(line)).toBe(severity);
  });

  it('is that of the line it continues when it has none', () => {
    const reader = new SeverityTracker();

    const read = ['before all', '1 ERROR a [-] failed', '  File "x.py"', '1 INFO a [-] on'].map((line) =>
      reader.read(line),
    );

    expect(read.map(({ severity }) => severity)).toEqual([null, 'ERROR', 'ERROR', 'INFO']);
    expect(read.map((line) => isAtLeastAsSevere(line, 'WARNING'))).toEqual([true, true, true, false]);
  });
});

test('a text has the lines that stand in it, with or without a break at the end', () => {
  expect([...splitMaskedLines('one\r\ntwo\n\nfour')]).toEqual(['one', 'two', '', 'four']);
  expect([...splitMaskedLines('one\n')]).toEqual(['one']);
  expect([...splitMaskedLines('')]).toEqual([]);
});
