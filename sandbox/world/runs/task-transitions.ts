/**
 * Rules of the server's conductor: which tasks may start, the effect of a cancel on them, and the status of an
 * execution that follows from its tasks.
 */

import type { Execution, ExecutionStatus, Task, TaskStatus } from '../model';

const ACTIVE: readonly TaskStatus[] = [
  'PENDING',
  'STARTING',
  'RUNNING',
  'SYNCING',
  'CANCELLING',
  'CANCELLING_AFTER_COMPLETION',
];
const CANCELED: readonly TaskStatus[] = [
  'CANCELED',
  'UNSCHEDULED',
  'FORCE_CANCELED',
  'CANCELED_AFTER_COMPLETION',
  'CANCELED_FOR_DEBUGGING',
];

/** `exception_details` of a task that a worker has stopped. */
export const STOPPED_BY_WORKER_DETAILS =
  "This task was user-cancelled. Additional cancellation info from worker service: 'Task was canceled.'";
/** `exception_details` of a clean-up task that completed after a cancel. */
export const FINISHED_CLEAN_UP_DETAILS =
  'This is a cleanup task so it was allowed to run to completion after user-cancellation.';

/** Whether a task runs on a worker, or is about to. */
export const isActiveTask = ({ status }: Task): boolean => ACTIVE.includes(status);

const isFinal = (task: Task): boolean =>
  !isActiveTask(task) && task.status !== 'SCHEDULED' && task.status !== 'EXECUTE_ON_ERROR_ONLY';

/** Derives the status of an execution from its tasks (docs/reference/coriolis-domain.md §2). */
export function executionStatusOf({ tasks }: Execution): ExecutionStatus {
  const has = (wanted: readonly TaskStatus[]): boolean => tasks.some(({ status }) => wanted.includes(status));
  const active = has(ACTIVE);
  if (has(['SCHEDULED']) && !active) return 'DEADLOCKED';
  if (has(['CANCELLING', 'CANCELLING_AFTER_COMPLETION'])) return 'CANCELLING';
  if (active) return has(CANCELED) ? 'CANCELLING' : 'RUNNING';
  if (has(['ERROR', 'FAILED_TO_SCHEDULE'])) return 'ERROR';
  return has(CANCELED) ? 'CANCELED' : 'COMPLETED';
}

/**
 * Decides whether a scheduled task starts, waits or is unscheduled (docs/reference/coriolis-domain.md §3).
 * @param parents the tasks that it depends on
 */
export function decideTaskStart(
  task: Task,
  parents: readonly Task[],
): 'begin' | 'wait' | { readonly unscheduled: string } {
  if (parents.length === 0) return 'begin';
  if (parents.every(({ status }) => status === 'UNSCHEDULED'))
    return { unscheduled: 'Unscheduled due to the unscheduling of all parent tasks.' };
  if (!parents.every(isFinal)) return 'wait';
  if (task.onError) {
    const useful = parents.some(({ onError, status }) => !onError && status === 'COMPLETED');
    return useful || parents.every(({ onError }) => onError)
      ? 'begin'
      : { unscheduled: 'Unscheduled due to no non-error parent tasks having completed successfully.' };
  }
  return parents.every(({ status }) => status === 'COMPLETED')
    ? 'begin'
    : { unscheduled: 'Unscheduled due to some parent tasks not having completed successfully.' };
}

/**
 * Status of a task after a cancel; undefined when it does not change (docs/reference/coriolis-domain.md §5).
 * @param force whether the task ends at once instead of waiting until its worker has stopped it
 */
export function decideStatusAfterCancel(
  task: Task,
  force: boolean,
): { readonly status: TaskStatus; readonly details?: string } | undefined {
  switch (task.status) {
    case 'EXECUTE_ON_ERROR_ONLY':
      return { status: 'SCHEDULED' };
    case 'SCHEDULED':
      return task.dependsOn === null
        ? {
            status: 'UNSCHEDULED',
            details: 'This task was unscheduled during the cancellation of the parent tasks execution.',
          }
        : undefined;
    case 'PENDING':
    case 'STARTING':
    case 'SYNCING':
      return {
        status: 'UNSCHEDULED',
        details:
          'This task was already pending execution but was unscheduled during the cancellation of the parent tasks execution.',
      };
    default:
      return isActiveTask(task) ? statusAfterCancelAtWork(task, force) : undefined;
  }
}

function statusAfterCancelAtWork(
  { status, onError, exceptionDetails }: Task,
  force: boolean,
): ReturnType<typeof decideStatusAfterCancel> {
  if (force) {
    return {
      status: 'FORCE_CANCELED',
      details:
        `This task was force-canceled at user request. Its state prior to its cancellation was '${status}'. ` +
        `Its error details prior to its cancellation were: ${exceptionDetails ?? 'None'}`,
    };
  }
  if (status !== 'RUNNING') return undefined;
  return onError
    ? {
        status: 'CANCELLING_AFTER_COMPLETION',
        details: 'Task will be marked as cancelled after completion as it is a cleanup task.',
      }
    : { status: 'CANCELLING' };
}
