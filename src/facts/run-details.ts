import type { DiskSizes } from '../model/disk-sizes';
import type { Execution, Deployment } from '../model/api-objects';
import { computeStallFacts } from '../model/stall-facts';
import { type Progress, computeProgress } from '../model/run-progress';
import { failedTaskOf } from '../model/failed-task';
import { sourceShutdownTimeOf } from '../model/change-ticket-facts';
import { key } from '../vocabulary/result-keys';
import { type TimelineTask, buildTimeline, findLongestTask } from '../model/task-timeline';

/** Result keys that are derived from the tasks of a run: progress, stall and failure. */
export const runDetailKeys = {
  percent: key.number('Progress, 0 to 100; null while unknown', { nullable: true }),
  eta_seconds: key.number('Estimated seconds left; null while unknown and after the end', {
    nullable: true,
  }),
  running: key.rows('Tasks at work', {
    instance: key.text('Machine', { untrusted: true }),
    task_type: key.text('Task'),
    percent: key.number('0 to 100', { nullable: true }),
    message: key.text('Last message', { nullable: true, untrusted: true }),
  }),
  failure: key.object(
    'The task that failed first; null when none failed',
    {
      instance: key.text('Machine', { untrusted: true }),
      task_type: key.text('Task'),
      message: key.text('Error text of the provider', { untrusted: true }),
    },
    { nullable: true },
  ),
  last_progress_at: key.time('Last change of the run: a task or a message', { nullable: true }),
  usual_seconds: key.number('Median duration of similar earlier runs; null while unknown', {
    nullable: true,
  }),
  stalled_seconds: key.number(
    'Seconds without any change, when longer than 15 minutes and the usual duration; null otherwise',
    { nullable: true },
  ),
  all_tasks_ended: key.flag(
    'True when the status is still RUNNING although all tasks have ended; else null',
    {
      nullable: true,
    },
  ),
};

/** Facts about an execution or deployment that its own data lack: usual duration, disk sizes. */
export interface RunDetailOptions {
  /** Median duration of similar earlier runs in seconds; null when unknown. */
  readonly medianSeconds?: number | null | undefined;
  /** Sizes of the disks that the run copies. */
  readonly diskSizes?: DiskSizes | undefined;
}

/**
 * Computes progress, stall and failure of an execution or deployment. While it is being canceled or is stalled, the
 * estimated time left is null.
 *
 * @param now milliseconds since 1970 on the server's clock
 */
export function computeRunDetails(
  run: Execution | Deployment,
  now: number,
  { medianSeconds = null, diskSizes }: RunDetailOptions = {},
) {
  const { percent, eta_seconds, running }: Progress = computeProgress(run, now, { diskSizes });
  const { last_progress_at, stalled_seconds, all_tasks_done } = computeStallFacts(run, now, medianSeconds);
  return {
    percent,
    eta_seconds: stalled_seconds === null ? eta_seconds : null,
    running,
    failure: failedTaskOf(run.tasks ?? []),
    last_progress_at,
    usual_seconds: medianSeconds,
    stalled_seconds,
    // Just after the last task has ended, RUNNING is normal: report it only when the run is also stalled.
    all_tasks_ended: all_tasks_done && stalled_seconds !== null ? true : null,
  };
}

export type RunDetails = ReturnType<typeof computeRunDetails>;

/** Result keys of a timeline, with more detail than the summary and less than the server's whole object. */
export const timelineKeys = {
  timeline: key.rows(
    'Tasks that have begun; null unless a timeline was asked for',
    {
      instance: key.text('Machine', { untrusted: true }),
      task_type: key.text('Task'),
      status: key.text('Status'),
      started_at: key.time('When the tasks that it depends on had ended', { nullable: true }),
      ended_at: key.time('End; null while the task is at work', { nullable: true }),
      seconds: key.number('Duration', { nullable: true }),
      message: key.text('Last message', { nullable: true, untrusted: true }),
      disks: key.rows(
        'Disks of a running copy, when their sizes are known',
        { id: key.text('Disk', { untrusted: true }), percent: key.number('0 to 100') },
        { nullable: true },
      ),
    },
    { nullable: true },
  ),
  longest_task: key.text('Task of the timeline that took longest, with its machine and seconds', {
    nullable: true,
    untrusted: true,
  }),
  source_shut_down_at: key.time('When the last source machine was shut down; null when none was', {
    nullable: true,
  }),
  not_known: key.texts('With a timeline: what is unknown, and where to look', {
    nullable: true,
    untrusted: true,
  }),
};

/** Values of the timeline keys. */
export interface TimelineDetails {
  readonly timeline: readonly TimelineTask[] | null;
  readonly longest_task: string | null;
  readonly source_shut_down_at: string | null;
  readonly not_known: readonly string[] | null;
}

/** Timeline of a run. Unless it is wanted, only `source_shut_down_at` has a value. */
function timelineDetails(run: Execution | Deployment, sizes: DiskSizes, isWanted: boolean): TimelineDetails {
  const tasks = run.tasks ?? [];
  const timeline = isWanted ? buildTimeline(tasks, sizes) : null;
  const longest = findLongestTask(timeline ?? []);
  return {
    timeline,
    longest_task:
      longest === undefined ? null : `${longest.task_type} of ${longest.instance}, ${longest.seconds ?? 0} s`,
    source_shut_down_at: sourceShutdownTimeOf(tasks),
    not_known: null,
  };
}

/** Adds progress, stall and failure to a run, and its timeline when that is wanted. `now` is as in `computeRunDetails`. */
export const withRunDetails = <Run extends Execution | Deployment>(
  run: Run,
  now: number,
  { usual, sizes }: { readonly usual: number | null; readonly sizes: DiskSizes },
  isTimelineWanted: boolean,
): Run & RunDetails & TimelineDetails => ({
  ...run,
  ...computeRunDetails(run, now, { medianSeconds: usual, diskSizes: sizes }),
  ...timelineDetails(run, sizes, isTimelineWanted),
});
