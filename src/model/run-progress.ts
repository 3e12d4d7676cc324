import { NO_DISK_SIZES, type DiskSizes } from './disk-sizes';
import { isFinal, outcomeOf, statusOf, taskPhaseOf } from './status';
import {
  COPY_TASK_TYPE,
  sortProgressUpdates,
  measureProgress,
  measureTaskPace,
  type ProgressMeasurement,
  type TaskPace,
} from './task-progress';
import { describeSeconds, parseServerTime } from './timestamps';
import type { Deployment, Execution, Task } from './api-objects';
import { quoteText } from './untrusted-text';

/** Running task of an execution or deployment, with its progress. */
export interface RunningTask {
  readonly instance: string;
  readonly task_type: string;
  /** Percent, 0 to 100 with one decimal; null when it cannot be measured. */
  readonly percent: number | null;
  /** Last message of the provider, untrusted; null before the first one. */
  readonly message: string | null;
}

/** Progress of an execution or deployment. */
export interface Progress {
  /**
   * Percent, 0 to 100 with one decimal, 100 only when completed. Null while there are no tasks, or while disks of unknown sizes
   * are being copied, unless an earlier poll had a value.
   */
  readonly percent: number | null;
  /**
   * Speed in percentage points per minute, measured on the running tasks; null when nothing can be measured, and after
   * the end.
   */
  readonly rate_percent_per_minute: number | null;
  /** Estimated seconds until the end; null when nothing can be measured, and after the end. */
  readonly eta_seconds: number | null;
  /** Number of completed tasks, out of `tasks_total`. Neither counts clean-up tasks. */
  readonly tasks_done: number;
  readonly tasks_total: number;
  /** At most three running tasks, those that usually take longest first. */
  readonly running: readonly RunningTask[];
}

/** Progress of awaited work that reports none. */
export const NO_PROGRESS: Progress = {
  percent: null,
  rate_percent_per_minute: null,
  eta_seconds: null,
  tasks_done: 0,
  tasks_total: 0,
  running: [],
};

/**
 * Estimated weight of task types in the duration of an execution or deployment; all other types weigh 1. Copying disks
 * takes most of a sync, and OS morphing most of a deployment. No server reports weights
 * (docs/reference/coriolis-domain.md §7).
 */
const WEIGHTS: Readonly<Record<string, number>> = { [COPY_TASK_TYPE]: 24, OS_MORPHING: 6 };

const SHOWN_TASKS = 3;
const MESSAGE_LENGTH = 160;

const typeWeight = (task: Task): number =>
  (Object.hasOwn(WEIGHTS, task.task_type) ? WEIGHTS[task.task_type] : undefined) ?? 1;

const isLong = (task: Task): boolean => typeWeight(task) > 1;

const isCopy = (task: Task): boolean => task.task_type === COPY_TASK_TYPE;

const roundTenth = (value: number): number => Math.round(value * 10) / 10;

const sumOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

/** Task with its measured progress and its weight in the whole execution or deployment. */
interface WeighedTask {
  readonly task: Task;
  readonly weight: number;
  readonly measured: ProgressMeasurement | null;
  readonly pace: TaskPace | null;
}

/**
 * Weighs tasks by type. When the sizes of all copied disks are known, the copies of the machines are also weighed by
 * bytes.
 */
function weigh(tasks: readonly Task[], sizes: DiskSizes, now: number): readonly WeighedTask[] {
  const bytes = (task: Task): number => sumOf((sizes.get(task.instance) ?? []).map((disk) => disk.bytes));
  const copies = tasks.filter(isCopy);
  const allBytes = copies.every((task) => bytes(task) > 0) ? sumOf(copies.map(bytes)) : 0;
  return tasks.map((task) => {
    const share = allBytes > 0 && isCopy(task) ? (bytes(task) / allBytes) * copies.length : 1;
    const measured = measureProgress(task, sizes.get(task.instance));
    return { task, weight: typeWeight(task) * share, measured, pace: measureTaskPace(task, measured, now) };
  });
}

/**
 * Completed fraction of a task, 0 to 1. A failed or stopped task keeps the fraction that it had reached. Null for a
 * copy that has begun but cannot be measured.
 */
function fractionOf({ task, measured }: WeighedTask): number | null {
  switch (taskPhaseOf(task.status)) {
    case 'completed':
      return 1;
    case 'waiting':
      return 0;
    default:
      return measured?.fraction ?? (isCopy(task) && hasSteps(task) ? null : 0);
  }
}

const hasSteps = (task: Task): boolean => task.progress_updates.some(({ total_steps }) => total_steps > 0);

/**
 * Mean milliseconds of a short task of one instance, from the tasks that completed before its copy began. They ran one
 * after the other.
 */
function shortTaskMs(
  run: Execution | Deployment,
  chain: readonly WeighedTask[],
  copyStartedAt: number,
): number {
  const short = chain.filter(({ task }) => !isLong(task) && taskPhaseOf(task.status) === 'completed').length;
  const begun = parseServerTime(run.created_at);
  return short === 0 || begun === null ? 0 : Math.max(0, copyStartedAt - begun) / short;
}

/**
 * Estimated seconds until the end. For each instance it adds the remaining time of the measured task and of the short
 * tasks that still wait. Instances run in parallel, so the longest counts. Null while a long task of any instance
 * cannot be measured.
 */
function etaSeconds(run: Execution | Deployment, tasks: readonly WeighedTask[]): number | null {
  const instances = [...new Set(tasks.map(({ task }) => task.instance))];
  const estimates = instances.map((instance) => {
    const chain = tasks.filter(({ task }) => task.instance === instance);
    const unfinished = chain.filter(({ task }) => ['waiting', 'active'].includes(taskPhaseOf(task.status)));
    const measured = unfinished.filter(({ pace }) => pace !== null);
    if (unfinished.some(({ task, pace }) => isLong(task) && pace === null)) return null;
    return measured.map(({ task, pace, measured: at }) => {
      const left = unfinished.filter(
        ({ task: other }) => other !== task && taskPhaseOf(other.status) === 'waiting',
      ).length;
      return (pace?.leftMs ?? 0) + left * shortTaskMs(run, chain, at?.startedAt ?? 0);
    });
  });
  if (estimates.includes(null)) return null;
  const known = estimates.flatMap((one) => one ?? []);
  return known.length === 0 ? null : Math.round(Math.max(...known) / 1000);
}

/** Optional facts that make the progress more exact. */
export interface ProgressOptions {
  /** Disks that are copied, with sizes. The copy of a machine with unknown disks has no percentage. */
  readonly diskSizes?: DiskSizes | undefined;
  /**
   * Progress at an earlier poll of the same execution or deployment. With it `percent` never falls, and `eta_seconds`
   * never rises while data flows.
   */
  readonly previous?: Progress | undefined;
}

/**
 * Computes the progress of an execution or a deployment from its tasks (docs/reference/coriolis-domain.md §7). Copies
 * are weighed by the sizes of their disks, including disks whose copy has not begun. Clean-up tasks (`on_error`) are
 * not counted, because they appear late. While it is being canceled, no end is estimated.
 * @param now milliseconds since 1970 by the server's clock (the `Date` header), or by the local clock when that is
 *   unknown
 */
export function computeProgress(
  run: Execution | Deployment,
  now: number,
  { diskSizes = NO_DISK_SIZES, previous }: ProgressOptions = {},
): Progress {
  const status = statusOf(run);
  const main = weigh(
    (run.tasks ?? []).filter((task) => !task.on_error),
    diskSizes,
    now,
  );
  const total = sumOf(main.map(({ weight }) => weight));
  const over = isFinal(status);
  const rate = sumOf(main.map(({ pace, weight }) => (pace?.fractionPerMs ?? 0) * weight)) / total;

  return {
    percent: percentOf(status, main, total, previous?.percent ?? null),
    rate_percent_per_minute: over || !(rate > 0) ? null : roundTenth(rate * 100 * 60_000),
    eta_seconds: over || status === 'CANCELLING' ? null : estimate(run, main, previous?.eta_seconds ?? null),
    tasks_done: main.filter(({ task }) => taskPhaseOf(task.status) === 'completed').length,
    tasks_total: main.length,
    running: over ? [] : runningTasks(run.tasks ?? [], diskSizes),
  };
}

/**
 * Estimated seconds until the end. Never more than at the earlier poll (`before`) while no measured task has fallen
 * silent.
 */
function estimate(
  run: Execution | Deployment,
  tasks: readonly WeighedTask[],
  before: number | null,
): number | null {
  const seconds = etaSeconds(run, tasks);
  const isFlowing = tasks.every(({ pace }) => pace?.isSilent !== true);
  return seconds === null || before === null || !isFlowing ? seconds : Math.min(seconds, before);
}

function percentOf(
  status: string,
  main: readonly WeighedTask[],
  total: number,
  before: number | null,
): number | null {
  if (outcomeOf(status) === 'completed') return 100;
  if (main.length === 0) return before;
  const parts = main.map((one) => {
    const fraction = fractionOf(one);
    return fraction === null ? null : fraction * one.weight;
  });
  if (parts.includes(null)) return before;
  const done = sumOf(parts.flatMap((part) => part ?? []));
  return Math.max(Math.min(roundTenth((done / total) * 100), 99.9), before ?? 0);
}

function runningTasks(tasks: readonly Task[], sizes: DiskSizes): readonly RunningTask[] {
  return tasks
    .filter((task) => taskPhaseOf(task.status) === 'active')
    .sort((a, b) => typeWeight(b) - typeWeight(a) || a.index - b.index)
    .slice(0, SHOWN_TASKS)
    .map((task) => {
      const measured = measureProgress(task, sizes.get(task.instance));
      const message = sortProgressUpdates(task.progress_updates).at(-1)?.message ?? null;
      return {
        instance: quoteText(task.instance, MESSAGE_LENGTH),
        task_type: task.task_type,
        percent: measured === null ? null : roundTenth(measured.fraction * 100),
        message: message === null ? null : quoteText(message, MESSAGE_LENGTH),
      };
    });
}

/**
 * Describes progress in one line for people: "41.3 %, db-01: REPLICATE_DISKS 37 %, about 22 min left". Contains quoted
 * names.
 */
export function describeProgress(progress: Progress): string {
  const [first, ...others] = progress.running;
  const parts = [
    progress.percent === null ? null : `${progress.percent} %`,
    first === undefined
      ? null
      : `${first.instance}: ${first.task_type}${first.percent === null ? '' : ` ${first.percent} %`}`,
    others.length === 0 ? null : `${others.length} more at work`,
    progress.eta_seconds === null || progress.eta_seconds === 0
      ? null
      : `about ${describeSeconds(progress.eta_seconds)} left`,
  ];
  return parts.filter((part) => part !== null).join(', ');
}
