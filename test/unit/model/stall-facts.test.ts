import { computeStallFacts } from '../../../src/model/stall-facts';
import type { Execution, Task } from '../../../src/model/api-objects';
import { makeExecution, makeTask } from '../api-objects';

const START = Date.UTC(2026, 0, 1);
const time = (minutes: number): string => new Date(START + minutes * 60_000).toISOString().slice(0, 19);
const now = (minutes: number): number => START + minutes * 60_000;

const task = (status: string, moved: number): Task =>
  makeTask(time(0), {
    status,
    progress_updates: [
      {
        id: 'p',
        index: 1,
        current_step: 1,
        total_steps: 9,
        message: '',
        created_at: time(1),
        updated_at: time(moved),
      },
    ],
    updated_at: time(1),
  });

const run = (status: string, ...tasks: readonly Task[]): Execution =>
  makeExecution(time(0), { status, updated_at: time(1), tasks });

test('moves as long as any progress update does', () => {
  expect(computeStallFacts(run('RUNNING', task('RUNNING', 50)), now(60), null)).toEqual({
    last_progress_at: `${time(50)}Z`,
    stalled_seconds: null,
    all_tasks_done: false,
  });
});

test.each([
  [16, null, 16 * 60],
  [15, null, null],
  [60, 3600, null],
  [61, 3600, 61 * 60],
])('%d quiet minutes with a usual duration of %p seconds', (minutes, usual, stalled) => {
  expect(
    computeStallFacts(run('RUNNING', task('RUNNING', 50)), now(50 + minutes), usual).stalled_seconds,
  ).toBe(stalled);
});

test('what is over does not stall', () => {
  expect(
    computeStallFacts(run('COMPLETED', task('COMPLETED', 5)), now(9999), null).stalled_seconds,
  ).toBeNull();
});

test('all tasks done and still running is told apart', () => {
  const hanging = run('RUNNING', task('COMPLETED', 5), {
    ...task('EXECUTE_ON_ERROR_ONLY', 5),
    on_error: true,
  });
  expect(computeStallFacts(hanging, now(6), null).all_tasks_done).toBe(true);
  expect(computeStallFacts(run('RUNNING'), now(6), null).all_tasks_done).toBe(false);
});
