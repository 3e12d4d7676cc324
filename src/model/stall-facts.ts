import { isActive, statusOf, taskPhaseOf } from './status';
import { describeSeconds, formatIso, parseServerTime } from './timestamps';
import type { Deployment, Execution, Task } from './types';

/** Minimum stall limit in seconds, also for runs with a shorter usual duration. */
export const MIN_STALL_SECONDS = 15 * 60;

/** Facts that show whether a run is stalled. */
export interface StallFacts {
  /** Time of the last change of the run, a task, a progress update or an event; null when unknown. */
  readonly last_progress_at: string | null;
  /** Seconds since that change, when they exceed the limit; null while the run moves, and when it is over. */
  readonly stalled_seconds: number | null;
  /** Whether the run still reads RUNNING although all its tasks have ended. Such a run will not end by itself. */
  readonly all_tasks_done: boolean;
}

/** Stall limit in seconds without a change: 15 minutes, or its usual duration when that is longer. */
const stallLimitSeconds = (usual: number | null): number => Math.max(MIN_STALL_SECONDS, usual ?? 0);

/**
 * Determines whether a run is stalled.
 *
 * @param now milliseconds since 1970, the server's clock
 * @param usual usual duration of such runs in seconds; null when there are none to compare with
 */
export function computeStallFacts(
  run: Execution | Deployment,
  now: number,
  usual: number | null,
): StallFacts {
  const tasks = run.tasks ?? [];
  const last = Math.max(
    ...[run.created_at, run.updated_at, ...tasks.flatMap(timesOf)].map((time) => parseServerTime(time) ?? 0),
  );
  const quiet = Math.max(0, Math.round((now - last) / 1000));
  const active = isActive(statusOf(run));
  return {
    last_progress_at: last === 0 ? null : formatIso(last),
    stalled_seconds: active && last > 0 && quiet > stallLimitSeconds(usual) ? quiet : null,
    all_tasks_done: active && tasks.length > 0 && tasks.every(hasEnded),
  };
}

const timesOf = (task: Task): ReadonlyArray<string | null> => [
  task.created_at,
  task.updated_at,
  ...task.progress_updates.flatMap((update) => [update.created_at, update.updated_at]),
  ...task.events.map((event) => event.created_at),
];

/** Whether a task has ended. Tasks that run only after an error never start in a run without one. */
const hasEnded = ({ status }: Task): boolean =>
  status === 'EXECUTE_ON_ERROR_ONLY' || !['waiting', 'active'].includes(taskPhaseOf(status));

/** Next steps for a stalled run, from harmless to destructive. */
export const STALL_CHOICES = [
  'Look at the tasks at work: their platform, and the log of the worker since that time.',
  'Or wait with a bounded timeout, when the platform shows that data flows.',
  'Or cancel it. Force only when a plain cancel does not end: it may leave temporary machines, disks and snapshots on both platforms.',
] as const;

/** Next steps for a run whose tasks have all ended. */
export const NEVER_ENDING_CHOICES = [
  'Cancel it without force: that frees the transfer. Nothing is at work that could be interrupted.',
  'Then start it again; what its tasks have done is not counted as completed.',
] as const;

/**
 * Sentence about a stalled run: since when, and compared with which usual duration.
 *
 * @param seconds seconds without a change
 */
export function describeStall(
  { last_progress_at: last, all_tasks_done: isDone }: StallFacts,
  seconds: number,
  usual: number | null,
): string {
  if (isDone) return 'All its tasks have ended, and it will not end by itself.';
  const compared = usual === null ? '' : `; such runs usually take ${describeSeconds(usual)}`;
  return `Nothing has changed for ${describeSeconds(seconds)}, since ${last ?? 'its start'}${compared}.`;
}
