import { withoutUndefined } from '../../../src/model/json';
import { describeProgress, computeProgress } from '../../../src/model/run-progress';
import type { DiskSizes } from '../../../src/model/disk-sizes';
import type { Progress } from '../../../src/model/run-progress';
import { parseServerTime } from '../../../src/model/timestamps';
import type { Deployment, Execution, ProgressUpdate, Task } from '../../../src/model/api-objects';
import { makeExecution, makeTask } from '../api-objects';
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

const task = (overrides: Partial<Task>): Task =>
  makeTask(at(0), {
    id: `${overrides.task_type ?? 'REPLICATE_DISKS'} of ${overrides.instance ?? 'db-01'}`,
    ...overrides,
  });

const execution = (tasks: readonly Task[] | undefined, status = 'RUNNING'): Execution =>
  makeExecution(at(0), { status, ...withoutUndefined({ tasks }) });

const disk = (percent: number, from: number, to: number, index = 1): ProgressUpdate =>
  update({ index, current_step: percent, total_steps: 100, created_at: at(from), updated_at: at(to) });

/** Sizes of the disks that a recorded run names, all equal. */
const sizesIn = ({ tasks = [] }: Execution | Deployment): DiskSizes => {
  const sizes = new Map<string, { id: string; bytes: number }[]>();
  for (const { instance, progress_updates: updates } of tasks) {
    for (const { message } of updates) {
      const id = /for disk (\S+)/u.exec(message)?.[1];
      const known = sizes.get(instance) ?? [];
      if (id === undefined || known.some((one) => one.id === id)) continue;
      sizes.set(instance, [...known, { id, bytes: 1 }]);
    }
  }
  return sizes;
};

/** One disk for each of the machines, or several of the given sizes. */
const disksOf = (instances: readonly string[], ...bytes: readonly number[]): DiskSizes =>
  new Map(
    instances.map((instance) => [
      instance,
      (bytes.length === 0 ? [1] : bytes).map((size, index) => ({ id: `disk-${index + 1}`, bytes: size })),
    ]),
  );
const ONE_DISK = { diskSizes: disksOf(['db-01', 'fast', 'slow']) };

/** Looks at a recorded run as the poller did. */
function watched(series: readonly Look[]): ReadonlyArray<Progress & { readonly left: number }> {
  const begun = parseServerTime(series[0]?.run.created_at) ?? 0;
  const end = series.at(-1)?.at ?? 0;
  const last = series.at(-1)?.run;
  const sizes = last === undefined ? undefined : sizesIn(last);
  let previous: Progress | undefined;
  return series.map(({ at: elapsed, run }) => {
    previous = computeProgress(run, begun + elapsed, { diskSizes: sizes, previous });
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
      expect(eta_seconds).toBeGreaterThan(left / 3 - 1);
      expect(eta_seconds).toBeLessThan(left * 3);
      expect(rate_percent_per_minute).toBeGreaterThan(0);
    }
  });

  test('names the tasks at work with the last message', () => {
    const run = recordedRun('execution-show-running');
    const { running, tasks_done, tasks_total } = computeProgress(run, T0);
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
    expect(computeProgress(execution(undefined, 'UNEXECUTED'), T0).percent).toBeNull();
    expect(computeProgress(execution([], 'COMPLETED'), T0).percent).toBe(100);
  });

  test('is dominated by the copy', () => {
    const tasks = [
      task({ task_type: 'GET_INSTANCE_INFO', status: 'COMPLETED' }),
      task({ status: 'SCHEDULED' }),
    ];
    expect(computeProgress(execution(tasks), T0).percent).toBeLessThan(10);
  });

  test('does not count clean-up tasks, which appear late', () => {
    const copy = task({ progress_updates: [disk(50, 0, 10)] });
    const cleanup = task({
      task_type: 'DELETE_TRANSFER_TARGET_RESOURCES',
      on_error: true,
      status: 'SCHEDULED',
    });
    expect(computeProgress(execution([copy, cleanup]), T0, ONE_DISK).percent).toBe(50);
  });

  test('is the mean of disks of one size', () => {
    const tasks = [task({ progress_updates: [disk(100, 0, 10, 1), disk(20, 0, 10, 2)] })];
    expect(computeProgress(execution(tasks), T0, { diskSizes: disksOf(['db-01'], 5, 5) }).percent).toBe(60);
  });

  test('weighs disks by size, those that have not begun included, and is null without sizes', () => {
    const named = (percent: number, number: number) => ({
      ...disk(percent, 0, 10, number),
      message: `Performing backup for disk disk-${number}`,
    });
    const sizes = disksOf(['db-01'], 120, 1500);
    const small = [task({ progress_updates: [named(100, 1)] })];
    expect(computeProgress(execution(small), T0, { diskSizes: sizes }).percent).toBe(7.4);
    expect(computeProgress(execution(small), T0)).toMatchObject({ percent: null, eta_seconds: null });
    const large = [task({ progress_updates: [named(100, 1), named(50, 2)] })];
    expect(computeProgress(execution(large), T0, { diskSizes: sizes }).percent).toBe(53.7);
    const unnamed = [task({ progress_updates: [disk(100, 0, 10)] })];
    expect(computeProgress(execution(unnamed), T0, { diskSizes: sizes }).percent).toBeNull();
  });

  test('of several machines is weighed by their bytes', () => {
    const tasks = [
      task({ instance: 'small', progress_updates: [disk(100, 0, 10)] }),
      task({ instance: 'big', progress_updates: [disk(0, 0, 10)] }),
    ];
    const sizes = new Map([...disksOf(['small'], 1), ...disksOf(['big'], 9)]);
    expect(computeProgress(execution(tasks), T0, { diskSizes: sizes }).percent).toBe(10);
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
    expect(computeProgress(execution(tasks), T0).percent).toBe(45.5);
  });

  test('is none for plain messages, and steps beyond the total count as the total', () => {
    expect(
      computeProgress(execution([task({ progress_updates: [update({})] })]), T0).running[0]?.percent,
    ).toBeNull();
    const beyond = update({ current_step: 120, total_steps: 100 });
    expect(computeProgress(execution([task({ progress_updates: [beyond] })]), T0, ONE_DISK).percent).toBe(
      99.9,
    );
  });
});

describe('rate and time left', () => {
  const half = [task({ progress_updates: [disk(50, 0, 600)] })];

  test('follow from the steps and their times', () => {
    const { rate_percent_per_minute, eta_seconds } = computeProgress(execution(half), T0 + 600_000, ONE_DISK);
    expect(rate_percent_per_minute).toBe(5);
    expect(eta_seconds).toBe(600);
  });

  test('become worse while nothing moves', () => {
    const { eta_seconds } = computeProgress(execution(half), T0 + 1_800_000, ONE_DISK);
    expect(eta_seconds).toBe(1800);
  });

  test('are not ruined by a clock that is behind the server', () => {
    expect(computeProgress(execution(half), T0 - 3_600_000, ONE_DISK).eta_seconds).toBe(600);
  });

  test('are unknown before anything was measured', () => {
    const { rate_percent_per_minute, eta_seconds } = computeProgress(
      execution([task({ progress_updates: [disk(10, 0, 1)] })]),
      T0 + 1000,
      ONE_DISK,
    );
    expect([rate_percent_per_minute, eta_seconds]).toEqual([null, null]);
  });

  test('wait for the slowest machine', () => {
    const tasks = [
      task({ instance: 'fast', progress_updates: [disk(90, 0, 600)] }),
      task({ instance: 'slow', progress_updates: [disk(10, 0, 600)] }),
    ];
    expect(computeProgress(execution(tasks), T0 + 600_000, ONE_DISK).eta_seconds).toBe(5400);
  });
});

describe('rate and time left of a run with more than its copy', () => {
  const idle = {
    percent: 60,
    eta_seconds: 600,
    rate_percent_per_minute: null,
    tasks_done: 0,
    tasks_total: 0,
    running: [],
  };

  test('include the short tasks after it, as long as those before it', () => {
    const short = (type: string, status: string) => task({ task_type: type, status });
    const tasks = [
      short('GET_INSTANCE_INFO', 'COMPLETED'),
      short('DEPLOY_TRANSFER_DISKS', 'COMPLETED'),
      task({ progress_updates: [disk(50, 100, 700)] }),
      short('DELETE_TRANSFER_SOURCE_RESOURCES', 'SCHEDULED'),
      short('DELETE_TRANSFER_TARGET_RESOURCES', 'SCHEDULED'),
    ];
    expect(computeProgress(execution(tasks), T0 + 700_000, ONE_DISK).eta_seconds).toBe(600 + 2 * 50);
  });

  test('are weighed by the bytes of the machines', () => {
    const tasks = [
      task({ instance: 'small', progress_updates: [disk(90, 0, 600)] }),
      task({ instance: 'big', progress_updates: [disk(10, 0, 600)] }),
    ];
    const sizes = new Map([
      ['small', [{ id: 'a', bytes: 100 }]],
      ['big', [{ id: 'b', bytes: 900 }]],
    ]);
    const { rate_percent_per_minute } = computeProgress(execution(tasks), T0 + 600_000, { diskSizes: sizes });
    expect(rate_percent_per_minute).toBe(1.8);
  });

  test('grow for a poller too when nothing moves any more', () => {
    const still = [task({ progress_updates: [disk(50, 0, 600)] })];
    const options = { ...ONE_DISK, previous: idle };
    expect(computeProgress(execution(still), T0 + 600_000, options).eta_seconds).toBe(600);
    expect(computeProgress(execution(still), T0 + 1_800_000, options).eta_seconds).toBe(1800);
  });

  test('leave a poller the percentage it had, when a disk begins anew or no task is shown', () => {
    const anew = [task({ progress_updates: [disk(10, 0, 600)] })];
    const options = { ...ONE_DISK, previous: idle };
    expect(computeProgress(execution(anew), T0 + 600_000, options).percent).toBe(60);
    expect(computeProgress(execution(undefined), T0, options).percent).toBe(60);
  });
});

describe('progress in words', () => {
  test('names percent, machine, task and time left in one line', () => {
    const tasks = [task({ progress_updates: [disk(50, 0, 600)] })];
    expect(describeProgress(computeProgress(execution(tasks), T0 + 600_000, ONE_DISK))).toBe(
      '50 %, db-01: REPLICATE_DISKS 50 %, about 10 min left',
    );
  });

  test('shows at most three tasks, without control characters and secrets', () => {
    const tasks = ['a\u0007', 'b', 'c', 'd'].map((instance) =>
      task({ instance, progress_updates: [update({ message: 'curl --password hunter22 x' })] }),
    );
    const { running } = computeProgress(execution(tasks), T0);
    expect(running.map(({ instance }) => instance)).toEqual(['a', 'b', 'c']);
    expect(JSON.stringify(running)).not.toContain('hunter22');
  });
});
