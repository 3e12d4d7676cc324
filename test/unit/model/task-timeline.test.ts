import { findLongestTask, buildTimeline } from '../../../src/model/task-timeline';
import { parseServerTime } from '../../../src/model/timestamps';
import type { Task } from '../../../src/model/api-objects';
import { makeTask } from '../api-objects';
import { recordedRun } from './recordings';

const time = (seconds: number): string => new Date(seconds * 1000).toISOString().slice(0, 19);
const task = (id: string, status: string, more: Partial<Task> = {}): Task =>
  makeTask(time(0), { id, status, task_type: id, index: 0, ...more });

describe('the timeline of a run', () => {
  const info = task('GET_INSTANCE_INFO', 'COMPLETED', { updated_at: time(10) });
  const copy = task('REPLICATE_DISKS', 'RUNNING', {
    depends_on: [info.id],
    index: 1,
    progress_updates: ['a', 'b'].map((disk, index) => ({
      id: disk,
      index,
      current_step: index === 0 ? 100 : 25,
      total_steps: 100,
      message: `Copying disk ${disk}`,
      created_at: time(20 + index),
      updated_at: time(60 + index),
    })),
  });
  const planned = task('FINALIZE', 'SCHEDULED', { depends_on: [copy.id], index: 2 });
  const cleanup = task('CLEANUP', 'EXECUTE_ON_ERROR_ONLY', { on_error: true, index: 3 });
  const sizes = new Map([
    [
      'db-01',
      [
        { id: 'a', bytes: 100 },
        { id: 'b', bytes: 300 },
      ],
    ],
  ]);

  it('has what has begun, from the end of what it depends on, with its disks', () => {
    expect(buildTimeline([cleanup, planned, copy, info], sizes)).toEqual([
      expect.objectContaining({
        task_type: 'GET_INSTANCE_INFO',
        started_at: '1970-01-01T00:00:00Z',
        seconds: 10,
        disks: null,
      }),
      expect.objectContaining({
        task_type: 'REPLICATE_DISKS',
        started_at: '1970-01-01T00:00:10Z',
        ended_at: null,
        seconds: null,
        message: 'Copying disk b',
        disks: [
          { id: 'a', percent: 100 },
          { id: 'b', percent: 25 },
        ],
      }),
    ]);
  });

  it('names the longest task of those that have ended', () => {
    const done = { ...copy, status: 'COMPLETED', updated_at: time(400) };
    expect(findLongestTask(buildTimeline([info, done], sizes))).toMatchObject({
      task_type: 'REPLICATE_DISKS',
      seconds: 390,
    });
    expect(findLongestTask(buildTimeline([copy], sizes))).toBeUndefined();
  });
});

describe.each([
  'execution-show-error',
  'execution-show-running',
  'deployment-show-completed',
  'deployment-show-error',
])('the timeline of the recorded %s', (name) => {
  it('goes forward, and no task ends before it begins', () => {
    const timeline = buildTimeline(recordedRun(name).tasks ?? [], new Map());
    expect(timeline.length).toBeGreaterThan(0);
    const begins = timeline.map(({ started_at: at }) => parseServerTime(at) ?? Number.NaN);
    expect(begins).toEqual([...begins].sort((one, other) => one - other));
    for (const { seconds } of timeline) if (seconds !== null) expect(seconds).toBeGreaterThanOrEqual(0);
  });
});
