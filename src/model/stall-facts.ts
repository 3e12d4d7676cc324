import { isActive, statusOf, taskPhaseOf } from './status';
import { describeSeconds, formatIsoTime, parseServerTime } from './timestamps';
import type { Deployment, Execution, Task } from './api-objects';

/** Shortest stall limit in seconds. */
export const MIN_STALL_SECONDS = 15 * 60;

/** Facts that show whether an execution or deployment is stalled. */
export interface StallFacts {
  /**
   * Time of the last change of the execution or deployment, of a task, a progress update or an event; null when
   * unknown.
   */
  readonly last_progress_at: string | null;
  /**
   * Seconds since `last_progress_at` when they exceed the stall limit. Null while there is progress, and after the end.
   */
  readonly stalled_seconds: number | null;
  /** Whether the run is still active although all its tasks have ended. Then it will not end by itself. */
  readonly all_tasks_done: boolean;
}

/**
 * Stall limit: seconds without a change after which an execution or deployment counts as stalled. It is 15 minutes, or
 * the usual duration of similar ones when that is longer.
 */
const stallLimitSeconds = (usual: number | null): number => Math.max(MIN_STALL_SECONDS, usual ?? 0);

/**
 * Determines whether an execution or deployment is stalled.
 * @param now milliseconds since 1970, the server's clock
 * @param usual usual duration of similar executions or deployments in seconds; null when there are none
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
    last_progress_at: last === 0 ? null : formatIsoTime(last),
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

/** Whether a task has ended. A task in EXECUTE_ON_ERROR_ONLY counts as ended, because it starts only after an error. */
const hasEnded = ({ status }: Task): boolean =>
  status === 'EXECUTE_ON_ERROR_ONLY' || !['waiting', 'active'].includes(taskPhaseOf(status));

/** Lower bound of the longest further wait that is suggested for a stalled run, in seconds. */
const MIN_MORE_SECONDS = 3600;

/**
 * Possible next steps for a stalled execution or deployment, from harmless to destructive: where to look, how long to
 * wait, how to cancel.
 */
export function makeStallAdvice({
  all_tasks_done: isDone,
  usual_seconds: usual,
}: Pick<StallFacts, 'all_tasks_done'> & { readonly usual_seconds: number | null }): readonly string[] {
  if (isDone) return NEVER_ENDING_CHOICES;
  const more = describeSeconds(Math.max(usual ?? 0, MIN_MORE_SECONDS));
  return [
    'Look at the tasks at work: their platform, and the log of the worker since that time.',
    `Or wait, at most ${more}, when the platform shows that data flows.`,
    'Or cancel it. Force only when a plain cancel does not end: it may leave temporary machines, disks and snapshots on both platforms.',
  ];
}

/** Next steps for an execution or deployment that goes on although all its tasks have ended. */
const NEVER_ENDING_CHOICES = [
  'Cancel the run without force: that frees the transfer. No task is at work that a cancel could interrupt.',
  'Then start it again: Coriolis does not count the work of its tasks as completed.',
] as const;

/**
 * Describes a stall in a sentence: since when nothing has changed, and how long such runs usually take.
 * @param seconds seconds without a change
 */
export function describeStall(
  { last_progress_at: last, all_tasks_done: isDone }: StallFacts,
  seconds: number,
  usual: number | null,
): string {
  if (isDone) return 'All tasks of the run have ended, but the run will not end by itself.';
  const compared = usual === null ? '' : `; such runs usually take ${describeSeconds(usual)}`;
  return `Nothing has changed for ${describeSeconds(seconds)}, since ${last ?? 'its start'}${compared}.`;
}
