import { isFinal, outcomeOf, statusOf, taskPhaseOf } from './status';
import { describeSeconds, parseTime } from './timing';
import type { Deployment, Execution, ProgressUpdate, Task } from './types';
import { quoteText } from './untrusted';

/** A running task with its progress. */
export interface RunningTask {
  readonly instance: string;
  readonly task_type: string;
  /** 0 to 100 with one decimal; null when the provider gives none. */
  readonly percent: number | null;
  /** The provider's last message, untrusted; null when there is none yet. */
  readonly message: string | null;
}

/** Progress of a run. */
export interface Progress {
  /** 0 to 100 with one decimal, 100 only when completed; null while there are no tasks to judge by. */
  readonly percent: number | null;
  /** Points of `percent` per minute, measured on the data being copied; null when nothing can be measured. */
  readonly rate_percent_per_minute: number | null;
  /** Estimated seconds until the end; null when nothing can be measured, and after the end. */
  readonly eta_seconds: number | null;
  /** Tasks that completed, of `tasks_total`; clean-up tasks are not counted. */
  readonly tasks_done: number;
  readonly tasks_total: number;
  /** Running tasks, longest first; at most three. */
  readonly running: readonly RunningTask[];
}

/**
 * Estimated weight of each task type in the duration of a run. Copying disks takes most of a sync, OS morphing most of
 * a deployment; no server reports it (docs/reference/coriolis-domain.md §7).
 */
const WEIGHTS: Readonly<Record<string, number>> = { REPLICATE_DISKS: 24, OS_MORPHING: 6 };

const SHOWN_TASKS = 3;
const MESSAGE_LENGTH = 160;
/** Shortest period for measuring a rate, because the server's times are whole seconds. */
const MIN_MEASURE_MS = 2000;

const weightOf = (task: Task): number =>
  (Object.hasOwn(WEIGHTS, task.task_type) ? WEIGHTS[task.task_type] : undefined) ?? 1;

const roundTenth = (value: number): number => Math.round(value * 10) / 10;

/** Progress updates in order. Old servers send no `index` (docs/reference/coriolis-domain.md §7). */
const inOrder = (updates: readonly ProgressUpdate[]): readonly ProgressUpdate[] =>
  [...updates].sort(
    (a, b) =>
      (a.index ?? 0) - (b.index ?? 0) || (parseTime(a.created_at) ?? 0) - (parseTime(b.created_at) ?? 0),
  );

/** Measured progress of one task: the fraction done, and the period of the measurement. */
interface Measure {
  /** 0 to 1. */
  readonly fraction: number;
  readonly startedAt: number;
  readonly updatedAt: number;
}

const MESSAGE_PERCENT = /progress\b.{0,200}?(\d{1,3}(?:\.\d{1,4})?) ?%/is;

/**
 * Measures the progress of a task. A record with steps is one disk, updated in place; the task's progress is the mean
 * of its disks. Older providers write "progress … NN%" into messages instead, the last of which counts.
 */
function measure(task: Task): Measure | null {
  const updates = inOrder(task.progress_updates);
  const disks = updates.filter((update) => update.total_steps > 0);
  if (disks.length > 0) {
    const done = disks.map(
      (disk) => Math.min(Math.max(disk.current_step, 0), disk.total_steps) / disk.total_steps,
    );
    return {
      fraction: done.reduce((sum, part) => sum + part, 0) / disks.length,
      ...period(disks),
    };
  }
  const messages = updates.flatMap((update) => {
    const percent = MESSAGE_PERCENT.exec(update.message)?.[1];
    return percent === undefined ? [] : [{ update, percent: Math.min(Number(percent), 100) }];
  });
  const last = messages.at(-1);
  if (last === undefined) return null;
  return { fraction: last.percent / 100, ...period(messages.map(({ update }) => update)) };
}

function period(updates: readonly ProgressUpdate[]): { startedAt: number; updatedAt: number } {
  const started = updates.map((update) => parseTime(update.created_at) ?? Infinity);
  const updated = updates.map((update) => parseTime(update.updated_at ?? update.created_at) ?? -Infinity);
  return { startedAt: Math.min(...started), updatedAt: Math.max(...updated) };
}

/** Part of a task that is done, 0 to 1. A task that failed or was stopped keeps what it had reached. */
function fractionOf(task: Task): number {
  switch (taskPhaseOf(task.status)) {
    case 'completed':
      return 1;
    case 'waiting':
      return 0;
    default:
      return measure(task)?.fraction ?? 0;
  }
}

/** Speed of a running task as the fraction done per millisecond; null when too little was measured. */
function speedOf(task: Task, now: number): { readonly measured: Measure; readonly speed: number } | null {
  if (taskPhaseOf(task.status) !== 'active') return null;
  const measured = measure(task);
  if (measured === null || measured.fraction <= 0) return null;
  // Without updates the measured speed falls with time, so the estimate grows.
  const elapsed = Math.max(measured.updatedAt, now) - measured.startedAt;
  if (!Number.isFinite(elapsed) || elapsed < MIN_MEASURE_MS) return null;
  return { measured, speed: measured.fraction / elapsed };
}

/** Mean duration of the completed short tasks of one instance: those before the copy, which run in sequence. */
function shortTaskMs(run: Execution | Deployment, tasks: readonly Task[], copyStartedAt: number): number {
  const short = tasks.filter(
    (task) => weightOf(task) === 1 && taskPhaseOf(task.status) === 'completed',
  ).length;
  const begun = parseTime(run.created_at);
  return short === 0 || begun === null ? 0 : Math.max(0, copyStartedAt - begun) / short;
}

/**
 * Estimated seconds left. For each instance: the copy at its speed, then its short tasks. Instances run in parallel.
 */
function etaSeconds(run: Execution | Deployment, tasks: readonly Task[], now: number): number | null {
  const estimates = tasks.flatMap((task) => {
    const speed = speedOf(task, now);
    if (speed === null) return [];
    const chain = tasks.filter((other) => other.instance === task.instance);
    const left = chain.filter((other) => other !== task && taskPhaseOf(other.status) === 'waiting').length;
    const copyMs = (1 - speed.measured.fraction) / speed.speed;
    return [copyMs + left * shortTaskMs(run, chain, speed.measured.startedAt)];
  });
  return estimates.length === 0 ? null : Math.round(Math.max(...estimates) / 1000);
}

/**
 * Computes the progress of an execution or a deployment from its tasks (docs/reference/coriolis-domain.md §7). Clean-up
 * tasks (`on_error`) appear late and count for nothing. With the progress of an earlier look at the same run `percent`
 * never falls: when a second disk appears, the share of the first shrinks while the number waits for it to catch up.
 *
 * @param now milliseconds since 1970 by the server's clock (the `Date` header), or ours when that is unknown
 */
export function progressOf(run: Execution | Deployment, now: number, previous?: Progress): Progress {
  const status = statusOf(run);
  const tasks = run.tasks ?? [];
  const main = tasks.filter((task) => !task.on_error);
  const total = main.reduce((sum, task) => sum + weightOf(task), 0);
  const over = isFinal(status);
  const rate = main.reduce((sum, task) => sum + (speedOf(task, now)?.speed ?? 0) * weightOf(task), 0) / total;

  return {
    percent: percentOf(status, main, total, previous?.percent ?? null),
    rate_percent_per_minute: over || !(rate > 0) ? null : roundTenth(rate * 100 * 60_000),
    eta_seconds: over ? null : etaSeconds(run, tasks, now),
    tasks_done: main.filter((task) => taskPhaseOf(task.status) === 'completed').length,
    tasks_total: main.length,
    running: over ? [] : runningTasks(tasks),
  };
}

function percentOf(
  status: string,
  main: readonly Task[],
  total: number,
  before: number | null,
): number | null {
  if (outcomeOf(status) === 'completed') return 100;
  if (main.length === 0) return before;
  const done = main.reduce((sum, task) => sum + fractionOf(task) * weightOf(task), 0);
  return Math.max(Math.min(roundTenth((done / total) * 100), 99.9), before ?? 0);
}

function runningTasks(tasks: readonly Task[]): readonly RunningTask[] {
  return tasks
    .filter((task) => taskPhaseOf(task.status) === 'active')
    .sort((a, b) => weightOf(b) - weightOf(a) || a.index - b.index)
    .slice(0, SHOWN_TASKS)
    .map((task) => {
      const measured = measure(task);
      const message = inOrder(task.progress_updates).at(-1)?.message ?? null;
      return {
        instance: quoteText(task.instance, MESSAGE_LENGTH),
        task_type: task.task_type,
        percent: measured === null ? null : roundTenth(measured.fraction * 100),
        message: message === null ? null : quoteText(message, MESSAGE_LENGTH),
      };
    });
}

/** One line for people: "41.3 %, db-01: REPLICATE_DISKS 37 %, about 22 min left". Contains quoted names. */
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
