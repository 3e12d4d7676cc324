import { describeProgress, progressOf } from '../../../src/model/progress';
import type { Progress } from '../../../src/model/progress';
import { parseTime } from '../../../src/model/timing';
import type { Execution, ProgressUpdate, Task } from '../../../src/model/types';
import { copyingTwoDisks, recordedRun, recordedSeries } from './recordings';
import type { Look } from './recordings';

const T0 = Date.UTC(2026, 10, 22, 15, 0, 0);
const at = (seconds: number): string => new Date(T0 + seconds * 1000).toISOString().replace('Z', '000');

const update = (overrides: Partial<ProgressUpdate>): ProgressUpdate => ({
  id: 'u',
  index: 0,
  current_step: 0,
  total_steps: 0,
  message: 'Working',
  created_at: at(0),
  updated_at: null,
  ...overrides,
});

const task = (overrides: Partial<Task>): Task => ({
  id: `${overrides.task_type ?? 'REPLICATE_DISKS'} of ${overrides.instance ?? 'db-01'}`,
  execution_id: 'e',
  instance: 'db-01',
  host: null,
  status: 'RUNNING',
  task_type: 'REPLICATE_DISKS',
  exception_details: null,
  depends_on: null,
  index: 2,
  on_error: false,
  events: [],
  progress_updates: [],
  created_at: at(0),
  updated_at: null,
  ...overrides,
});

const execution = (tasks: readonly Task[] | undefined, status = 'RUNNING'): Execution => ({
  id: 'e',
  action_id: 't',
  type: 'transfer_execution',
  status,
  number: 1,
  created_at: at(0),
  updated_at: null,
  deleted_at: null,
  ...(tasks === undefined ? {} : { tasks }),
});

const disk = (percent: number, from: number, to: number, index = 1): ProgressUpdate =>
  update({ index, current_step: percent, total_steps: 100, created_at: at(from), updated_at: at(to) });

/** Looks at a recorded run as the poller did. */
function watched(series: readonly Look[]): ReadonlyArray<Progress & { readonly left: number }> {
  const begun = parseTime(series[0]?.run.created_at) ?? 0;
  const end = series.at(-1)?.at ?? 0;
  let previous: Progress | undefined;
  return series.map(({ at: elapsed, run }) => {
    previous = progressOf(run, begun + elapsed, previous);
    return { ...previous, left: (end - elapsed) / 1000 };
  });
}

describe('the progress of recorded runs', () => {
  test.each([
    'series-transfer-execution-percent',
    'series-transfer-execution',
    'series-transfer-execution-error',
    'series-execution-cancel',
    'series-deployment',
    'series-deployment-auto',
    'series-deployment-cancel',
  ])('never falls in %s', (name) => {
    const percents = watched(recordedSeries(name)).map(({ percent }) => percent ?? 0);
    expect(percents).toEqual([...percents].sort((a, b) => a - b));
  });

  test.each([
    ['series-transfer-execution-percent', 100],
    ['series-deployment', 100],
    ['series-transfer-execution-error', 52],
    ['series-execution-cancel', 28],
  ])('%s ends at %d %%, and 100 means completed', (name, end) => {
    const all = watched(recordedSeries(name));
    expect(all.at(-1)).toMatchObject({ percent: end, eta_seconds: null, running: [] });
    expect(all.slice(0, -1).every(({ percent }) => (percent ?? 0) < 100)).toBe(true);
  });

  test('has a plausible time left and rate while disks are copied, also when a second disk appears', () => {
    const copying = watched(copyingTwoDisks).filter(({ eta_seconds }) => eta_seconds !== null);
    const estimates = copying.slice(0, -1);
    expect(estimates.length).toBeGreaterThan(5);
    for (const { eta_seconds, left, rate_percent_per_minute } of estimates) {
      expect(eta_seconds).toBeGreaterThan(left / 3);
      expect(eta_seconds).toBeLessThan(left * 3);
      expect(rate_percent_per_minute).toBeGreaterThan(0);
    }
  });

  test('names the tasks at work with the last message', () => {
    const run = recordedRun('execution-show-running');
    const { running, tasks_done, tasks_total } = progressOf(run, T0);
    expect(tasks_done).toBeLessThan(tasks_total);
    expect(running.length).toBeGreaterThan(0);
    expect(running[0]).toMatchObject({
      instance: expect.any(String) as string,
      task_type: expect.any(String) as string,
    });
  });
});

describe('percent', () => {
  test('is unknown while there are no tasks, and 100 when completed without any', () => {
    expect(progressOf(execution(undefined, 'UNEXECUTED'), T0).percent).toBeNull();
    expect(progressOf(execution([], 'COMPLETED'), T0).percent).toBe(100);
  });

  test('is dominated by the copy', () => {
    const tasks = [
      task({ task_type: 'GET_INSTANCE_INFO', status: 'COMPLETED' }),
      task({ status: 'SCHEDULED' }),
    ];
    expect(progressOf(execution(tasks), T0).percent).toBeLessThan(10);
  });

  test('does not count clean-up tasks, which appear late', () => {
    const copy = task({ progress_updates: [disk(50, 0, 10)] });
    const cleanup = task({
      task_type: 'DELETE_TRANSFER_TARGET_RESOURCES',
      on_error: true,
      status: 'SCHEDULED',
    });
    expect(progressOf(execution([copy, cleanup]), T0).percent).toBe(
      progressOf(execution([copy]), T0).percent,
    );
  });

  test('is the mean of the disks', () => {
    const tasks = [task({ progress_updates: [disk(100, 0, 10, 1), disk(20, 0, 10, 2)] })];
    expect(progressOf(execution(tasks), T0).percent).toBe(60);
  });

  test('comes from the last message of older providers', () => {
    const tasks = [
      task({
        progress_updates: [
          update({ index: 1, message: 'Disk copy progress: 10%' }),
          update({ index: 2, message: 'Disk copy progress: 45.5%', created_at: at(20) }),
        ],
      }),
    ];
    expect(progressOf(execution(tasks), T0).percent).toBe(45.5);
  });

  test('is none for plain messages, and steps beyond the total count as the total', () => {
    expect(
      progressOf(execution([task({ progress_updates: [update({})] })]), T0).running[0]?.percent,
    ).toBeNull();
    const beyond = update({ current_step: 120, total_steps: 100 });
    expect(progressOf(execution([task({ progress_updates: [beyond] })]), T0).percent).toBe(99.9);
  });
});

describe('rate and time left', () => {
  const half = [task({ progress_updates: [disk(50, 0, 600)] })];

  test('follow from the steps and their times', () => {
    const { rate_percent_per_minute, eta_seconds } = progressOf(execution(half), T0 + 600_000);
    expect(rate_percent_per_minute).toBe(5);
    expect(eta_seconds).toBe(600);
  });

  test('become worse while nothing moves', () => {
    const { eta_seconds } = progressOf(execution(half), T0 + 1_800_000);
    expect(eta_seconds).toBe(1800);
  });

  test('are not ruined by a clock that is behind the server', () => {
    expect(progressOf(execution(half), T0 - 3_600_000).eta_seconds).toBe(600);
  });

  test('are unknown before anything was measured', () => {
    const { rate_percent_per_minute, eta_seconds } = progressOf(
      execution([task({ progress_updates: [disk(10, 0, 1)] })]),
      T0 + 1000,
    );
    expect([rate_percent_per_minute, eta_seconds]).toEqual([null, null]);
  });

  test('wait for the slowest machine', () => {
    const tasks = [
      task({ instance: 'fast', progress_updates: [disk(90, 0, 600)] }),
      task({ instance: 'slow', progress_updates: [disk(10, 0, 600)] }),
    ];
    expect(progressOf(execution(tasks), T0 + 600_000).eta_seconds).toBe(5400);
  });
});

describe('progress in words', () => {
  test('names percent, machine, task and time left in one line', () => {
    const tasks = [task({ progress_updates: [disk(50, 0, 600)] })];
    expect(describeProgress(progressOf(execution(tasks), T0 + 600_000))).toBe(
      '50 %, db-01: REPLICATE_DISKS 50 %, about 10 min left',
    );
  });

  test('shows at most three tasks, without control characters and secrets', () => {
    const tasks = ['a\u0007', 'b', 'c', 'd'].map((instance) =>
      task({ instance, progress_updates: [update({ message: 'curl --password hunter22 x' })] }),
    );
    const { running } = progressOf(execution(tasks), T0);
    expect(running.map(({ instance }) => instance)).toEqual(['a', 'b', 'c']);
    expect(JSON.stringify(running)).not.toContain('hunter22');
  });
});
