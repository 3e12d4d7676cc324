import type { DiskSizes } from './disk-sizes';
import { taskPhaseOf } from './status';
import { sortProgressUpdates, measureProgress } from './task-progress';
import { secondsBetween, formatIsoTime, parseServerTime } from './timestamps';
import type { Task } from './api-objects';
import { quoteText } from './untrusted-text';

const MESSAGE_LENGTH = 160;

/** Progress of the copy of one disk. */
export interface DiskPercent {
  readonly id: string;
  /** Copied part of the disk in percent, 0 to 100. */
  readonly percent: number;
}

/** Task of an execution or deployment, with its times. */
export interface TimelineTask {
  readonly instance: string;
  readonly task_type: string;
  readonly status: string;
  /**
   * Time at which the task could begin: the end of the tasks that it depends on. Without them, the time of its first
   * message, else of its creation.
   */
  readonly started_at: string | null;
  /** End of the task; null while it is running. */
  readonly ended_at: string | null;
  readonly seconds: number | null;
  readonly message: string | null;
  /** Progress of each disk of a running copy; null for other tasks, and when the sizes are unknown. */
  readonly disks: readonly DiskPercent[] | null;
}

/** Whether a task has begun. False for tasks that never ran, such as those for errors when there was none. */
const hasBegun = ({ status }: Task): boolean =>
  taskPhaseOf(status) !== 'waiting' && !['UNSCHEDULED', 'EXECUTE_ON_ERROR_ONLY'].includes(status);

const isAtWork = ({ status }: Task): boolean => taskPhaseOf(status) === 'active';

/**
 * Makes the timeline of an execution or deployment: the tasks that have begun, by their start. Coriolis does not store
 * when a task began, so the start is derived from the end of the tasks that it depends on.
 * @param sizes disks that are copied, by instance
 */
export function buildTimeline(tasks: readonly Task[], sizes: DiskSizes): readonly TimelineTask[] {
  const byId = new Map(tasks.map((task) => [task.id, task]));
  return tasks
    .filter(hasBegun)
    .map((task) => ({ task, begun: beginOf(task, byId) }))
    .sort((one, other) => (one.begun ?? 0) - (other.begun ?? 0) || one.task.index - other.task.index)
    .map(({ task, begun }) => {
      const started = begun === null ? null : formatIsoTime(begun);
      const ended = isAtWork(task) ? null : task.updated_at;
      const message = lastMessage(task);
      const disks = isAtWork(task) ? (measureProgress(task, sizes.get(task.instance))?.disks ?? []) : [];
      return {
        instance: quoteText(task.instance, MESSAGE_LENGTH),
        task_type: task.task_type,
        status: task.status,
        started_at: started,
        ended_at: ended,
        seconds: started === null ? null : secondsBetween(started, ended),
        message: message === null ? null : quoteText(message, MESSAGE_LENGTH),
        disks:
          disks.length === 0
            ? null
            : disks.map(({ id, fraction }) => ({ id, percent: Math.round(fraction * 1000) / 10 })),
      };
    });
}

/** Start of a task, in milliseconds since 1970; null when unknown. */
function beginOf(task: Task, byId: ReadonlyMap<string, Task>): number | null {
  const before = (task.depends_on ?? []).flatMap((id) => parseServerTime(byId.get(id)?.updated_at) ?? []);
  if (before.length > 0) return Math.max(...before);
  const told = [...task.progress_updates, ...task.events].flatMap(
    ({ created_at: at }) => parseServerTime(at) ?? [],
  );
  return told.length > 0 ? Math.min(...told) : parseServerTime(task.created_at);
}

/** Text of the last progress update or event of a task; null when it has none. */
function lastMessage({ progress_updates: updates, events }: Task): string | null {
  const [update] = sortProgressUpdates(updates).slice(-1);
  const [event] = [...events].sort((one, other) => one.created_at.localeCompare(other.created_at)).slice(-1);
  if (update === undefined || event === undefined) return update?.message ?? event?.message ?? null;
  return event.created_at > (update.updated_at ?? update.created_at) ? event.message : update.message;
}

/** Ended task that took longest; undefined when no task has ended. */
export const findLongestTask = (timeline: readonly TimelineTask[]): TimelineTask | undefined =>
  timeline
    .filter(({ seconds }) => seconds !== null)
    .reduce<TimelineTask | undefined>(
      (longest, one) => ((one.seconds ?? 0) > (longest?.seconds ?? -1) ? one : longest),
      undefined,
    );
