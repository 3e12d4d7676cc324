import { countTransferredMegabytes } from '../../../src/model/transferred-megabytes';
import type { Task } from '../../../src/model/api-objects';
import { makeTask } from '../api-objects';

/** How much a sync has copied, from the messages of providers that tell. */

const START = '2026-11-22T15:00:00.000000';

const task = (...updates: ReadonlyArray<readonly [message: string, step: number, steps: number]>): Task =>
  makeTask(START, {
    progress_updates: updates.map(([message, current_step, total_steps], index) => ({
      id: String(index),
      index,
      message,
      current_step,
      total_steps,
      created_at: START,
      updated_at: null,
    })),
  });

const written = (megabytes: string): string =>
  `Replicating changed data for disk "disk-1" (device "/dev/vdb", written chunks: ${megabytes} MB)`;

test('all disks of all machines together', () => {
  const first = task([written('512.25'), 100, 100], [written('10'), 100, 100]);
  const second = task([written('0.5'), 4, 4]);

  expect(countTransferredMegabytes([first, second])).toBe(522.75);
});

test('as much of a disk as its step has reached', () => {
  expect(countTransferredMegabytes([task([written('1000'), 25, 100])])).toBe(250);
});

test('never more than there is, also when a provider counts on', () => {
  expect(countTransferredMegabytes([task([written('1000'), 130, 100])])).toBe(1000);
});

test('null, and not zero, when no message tells: percent are no bytes', () => {
  expect(countTransferredMegabytes([])).toBeNull();
  expect(countTransferredMegabytes([task(['Replicating disk 1', 70, 100])])).toBeNull();
  expect(countTransferredMegabytes([task([written('12'), 0, 0])])).toBeNull();
});

test('nothing was changed: zero', () => {
  expect(countTransferredMegabytes([task([written('0.0'), 1, 1])])).toBe(0);
});
