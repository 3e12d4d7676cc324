import { computeOldestChangeToRead } from '../../../src/watch/handled-changes';
import { isUnchanged, type ChangedTransfer } from '../../../src/watch/transfer-cursor-entries';

/** How far back a poll reads, and which rows it takes as seen: each condition by itself. */

const MINUTE = 60_000;
const BEGIN = Date.UTC(2026, 10, 22, 15);
/** A poll that read everything up to its own time, by both clocks. */
const before = { handledUntil: BEGIN - 60 * MINUTE, newestChange: BEGIN, readAt: BEGIN, polledAt: BEGIN };

it('reads only what is new after a short time by both clocks', () => {
  const oldest = computeOldestChangeToRead(before, BEGIN + MINUTE, BEGIN + MINUTE);
  expect(oldest).toBeGreaterThanOrEqual(BEGIN - MINUTE);
  expect(oldest).toBeLessThan(BEGIN);
});

it.each([
  ['the clock of the server went back', BEGIN - 1, BEGIN + MINUTE],
  ['much time has passed by the clock of the server', BEGIN + 2 * MINUTE, BEGIN + MINUTE],
  // The clock of the server may have gone back meanwhile by as much as it went on.
  ['much time has passed by the local clock alone', BEGIN + MINUTE, BEGIN + 2 * MINUTE],
])('reads all that is remembered when %s', (_what, date, now) => {
  expect(computeOldestChangeToRead(before, date, now)).toBe(before.handledUntil);
});

it('reads all that is remembered after a cursor without times', () => {
  const { handledUntil, newestChange } = before;
  expect(computeOldestChangeToRead({ handledUntil, newestChange }, BEGIN + 1, BEGIN + 1)).toBe(handledUntil);
});

describe('a row that looks as before', () => {
  const seen = (deleted_at: string | null): ChangedTransfer =>
    ({
      row: { last_execution_status: 'RUNNING', deleted_at },
      changedAt: BEGIN,
      date: BEGIN + MINUTE,
    }) as unknown as ChangedTransfer;
  const entry = { changedAt: BEGIN, status: 'RUNNING' };

  it('is taken as seen', () => {
    expect(isUnchanged(seen(null), { ...entry, openRun: true }, false)).toBe(true);
    expect(isUnchanged(seen('2026-11-22T15:00:00.000000'), entry, false)).toBe(true);
  });

  it('is looked at when its transfer was deleted with a run whose end is to be reported', () => {
    expect(isUnchanged(seen('2026-11-22T15:00:00.000000'), { ...entry, openRun: true }, false)).toBe(false);
  });

  it('is looked at when a poll said so, or when nothing is known of it', () => {
    expect(isUnchanged(seen(null), { ...entry, recheck: true }, false)).toBe(false);
    expect(isUnchanged(seen(null), undefined, false)).toBe(false);
  });
});
