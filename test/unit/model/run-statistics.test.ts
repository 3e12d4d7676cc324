import {
  countConsecutiveFailures,
  countRuns,
  computeDurationStatistics,
  medianDeploymentSeconds,
  medianRunSeconds,
  medianSecondsOfSameSyncKind,
  withSyncKinds,
} from '../../../src/model/run-statistics';
import type { Deployment, Execution } from '../../../src/model/api-objects';
import { makeDeployment, makeExecution } from '../api-objects';

const START = Date.UTC(2026, 0, 1);
const time = (seconds: number): string => new Date(START + seconds * 1000).toISOString().slice(0, 19);

/** Executions that follow each other: status, and duration in seconds. */
const runs = (
  ...each: ReadonlyArray<readonly [status: string, seconds: number, type?: string]>
): Execution[] =>
  each.map(([status, seconds, type = 'transfer_execution'], index) =>
    makeExecution(time(index * 10_000), {
      id: `e${index + 1}`,
      type,
      status,
      number: index + 1,
      updated_at: time(index * 10_000 + seconds),
    }),
  );

const kinds = (executions: readonly Execution[]) => withSyncKinds(executions).map(({ kind }) => kind);

test('the first sync that completes is full, and so is each after the disks were deleted', () => {
  expect(
    kinds(
      runs(
        ['ERROR', 9],
        ['COMPLETED', 900],
        ['COMPLETED', 60],
        ['COMPLETED', 5, 'transfer_disks_delete'],
        ['COMPLETED', 800],
      ),
    ),
  ).toEqual(['full', 'full', 'incremental', null, 'full']);
});

test('a deletion that never ran leaves the next sync incremental', () => {
  const never = runs(['COMPLETED', 900], ['UNEXECUTED', 0, 'transfer_disks_delete'], ['COMPLETED', 60]);
  expect(kinds(never)).toEqual(['full', null, 'incremental']);
});

test('the usual duration of an update is not that of a deletion', () => {
  const history = runs(
    ['COMPLETED', 10, 'transfer_update'],
    ['COMPLETED', 500, 'transfer_disks_delete'],
    ['RUNNING', 0, 'transfer_update'],
  );
  expect(medianSecondsOfSameSyncKind(history[2] as Execution, history)).toBe(10);
});

test('a usual duration is that of completed runs of the same kind', () => {
  const history = runs(
    ['COMPLETED', 5000],
    ['COMPLETED', 60],
    ['ERROR', 2],
    ['COMPLETED', 80],
    ['COMPLETED', 70],
    ['RUNNING', 0],
  );
  const [first, , , , , last] = history as [Execution, Execution, Execution, Execution, Execution, Execution];
  expect(medianSecondsOfSameSyncKind(last, history)).toBe(70);
  expect(medianSecondsOfSameSyncKind(first, history)).toBeNull();
  expect(medianRunSeconds([])).toBeNull();
});

test('failures in a row end at a success, and a cancel is none', () => {
  expect(
    countConsecutiveFailures(
      runs(['COMPLETED', 1], ['ERROR', 1], ['CANCELED', 1], ['DEADLOCKED', 1], ['RUNNING', 0]),
    ),
  ).toBe(2);
  expect(countConsecutiveFailures(runs(['ERROR', 1], ['COMPLETED', 1]))).toBe(0);
  const between = ['transfer_update', 'transfer_disks_delete'].map((type) => ['COMPLETED', 1, type] as const);
  expect(countConsecutiveFailures(runs(['ERROR', 1], ...between, ['ERROR', 1], ...between))).toBe(2);
});

test('a window counts what ended in it', () => {
  expect(
    countRuns(runs(['ERROR', 1], ['COMPLETED', 1], ['CANCELED', 1], ['RUNNING', 0]), START + 10_001_000),
  ).toEqual({
    completed: 1,
    failed: 0,
    canceled: 1,
  });
});

const completed = (...seconds: readonly number[]) =>
  computeDurationStatistics(runs(...seconds.map((one) => ['COMPLETED', one] as const)));

test('durations leave failed runs out', () => {
  expect(
    computeDurationStatistics(
      runs(['COMPLETED', 60], ['COMPLETED', 70], ['ERROR', 1], ['COMPLETED', 80], ['COMPLETED', 90]),
    ),
  ).toEqual({
    count: 4,
    mean_seconds: 75,
    median_seconds: 75,
    trend_percent: 50,
    latest_seconds: [60, 70, 80, 90],
  });
});

test.each([
  ['a slow rise', [162, 183, 181, 210], 27],
  ['one long night among equal ones', [100, 100, 900, 100, 100, 100], 0],
  ['a fall', [200, 180, 160, 140, 120], -40],
  ['the same as ever', [100, 103, 98, 101, 99], -2],
])('the trend of %s', (_, seconds, percent) => {
  expect(completed(...seconds).trend_percent).toBe(percent);
});

test('there is no trend of three runs, nor of runs that take no time', () => {
  expect(completed(60, 600, 6000).trend_percent).toBeNull();
  expect(completed(0, 0, 0, 0).trend_percent).toBeNull();
});

test('without the earlier executions, the kind of a sync is unknown until one has completed', () => {
  const history = runs(['ERROR', 9], ['COMPLETED', 900], ['COMPLETED', 60]).map((one) => ({
    ...one,
    number: one.number + 40,
  }));
  expect(kinds(history)).toEqual([null, null, 'incremental']);
});

describe('the usual duration of a deployment', () => {
  const deployed = (
    id: string,
    transferId: string,
    seconds: number,
    more: Partial<Deployment> = {},
  ): Deployment =>
    makeDeployment(time(0), {
      id,
      transfer_id: transferId,
      last_execution_status: 'COMPLETED',
      updated_at: time(seconds),
      ...more,
    });
  const run = deployed('run', 't', 0, { last_execution_status: 'RUNNING', updated_at: null });

  test('is that of its transfer', () => {
    const before = [deployed('1', 't', 100), deployed('2', 't', 300), deployed('3', 'other', 9000)];
    expect(medianDeploymentSeconds(run, [run, ...before])).toBe(200);
  });

  test('is that of like ones to the same endpoint, when its transfer was never deployed', () => {
    const before = [
      deployed('1', 'other', 100),
      deployed('2', 'other', 9000, { instances: ['a', 'b'] }),
      deployed('3', 'other', 9000, { destination_endpoint_id: 'e' }),
      deployed('4', 'other', 9000, { last_execution_status: 'ERROR' }),
    ];
    expect(medianDeploymentSeconds(run, before)).toBe(100);
  });

  test('is unknown without any', () => {
    expect(medianDeploymentSeconds(run, [run])).toBeNull();
  });
});
