import { isConsequence, readErrorText } from '../../model/error-text';
import type { FailureCause } from '../../model/failed-task';
import { statusOf, taskPhaseOf } from '../../model/status';
import type { Deployment, Execution, Task } from '../../model/api-objects';
import { truncate, quoteText } from '../../model/untrusted-text';

/** Maximum number of sentences of one kind. */
const MAX_TEXTS = 3;
/** Maximum number of characters of an error text in a sentence. */
const TEXT_LENGTH = 100;

/** Pattern of the types of clean-up tasks. */
const CLEANUP = /^(?:DELETE_\w+_RESOURCES|CLEANUP_)/;

const taskName = (task: Task): string => `${task.task_type} of ${quoteText(task.instance, 80)}`;

/** Name of a task with its error text, unless the text only says that another task failed. */
function taskNameWithError(task: Task): string {
  const text = readErrorText(task.exception_details);
  return text === null || isConsequence(text)
    ? taskName(task)
    : `${taskName(task)}: ${truncate(text.textToShow, TEXT_LENGTH)}`;
}

/** Shortens a list of sentences to `MAX_TEXTS`; the last one then counts the others. */
function shorten(lines: readonly string[]): readonly string[] {
  return lines.length <= MAX_TEXTS
    ? lines
    : [...lines.slice(0, MAX_TEXTS - 1), `and ${lines.length - MAX_TEXTS + 1} more`];
}

/** Describes the consequences of the cause: other failed tasks, interrupted tasks, and tasks that never ran. */
export function describeConsequences(tasks: readonly Task[], cause: FailureCause | null): readonly string[] {
  const others = tasks.filter((task) => task.id !== cause?.task.id && !task.on_error);
  const failed = others.filter((task) => taskPhaseOf(task.status) === 'failed');
  const stopped = others.filter((task) => taskPhaseOf(task.status) === 'stopped');
  const neverRan = stopped.filter((task) => task.status === 'UNSCHEDULED').length;
  const interrupted = stopped.filter((task) => task.status !== 'UNSCHEDULED').map(taskName);
  return [
    ...shorten(failed.map((task) => `Also failed: ${taskNameWithError(task)}`)),
    ...shorten(interrupted.map((name) => `Interrupted: ${name}`)),
    ...(neverRan === 0 ? [] : [`${neverRan} ${neverRan === 1 ? 'task' : 'tasks'} never ran.`]),
  ];
}

/** Clean-up tasks that began and did not complete, so that temporary machines and disks may still exist. */
export function findFailedCleanups(tasks: readonly Task[]): readonly Task[] {
  return tasks.filter(
    (task) =>
      (task.on_error || CLEANUP.test(task.task_type)) &&
      !['COMPLETED', 'CANCELED_AFTER_COMPLETION', 'UNSCHEDULED', 'SCHEDULED'].includes(task.status),
  );
}

/** Describes what a run may have left: resources that still exist and cost money, and source machines that are off. */
export function describeLeftovers(
  run: Execution | Deployment,
  cause: FailureCause | null,
): readonly string[] {
  const tasks = run.tasks ?? [];
  const lines = shorten(
    findFailedCleanups(tasks).map((task) => `Not cleaned up (${task.status}): ${taskNameWithError(task)}`),
  ).slice();
  if (statusOf(run) === 'CANCELED_FOR_DEBUGGING') {
    lines.push('The temporary machine and disks of OS morphing are kept on the destination, and cost money.');
  }
  if (tasks.some((task) => task.status === 'FORCE_CANCELED')) {
    lines.push('Tasks were stopped by force: temporary resources may be left on both platforms.');
  }
  const isDeployment = 'transfer_id' in run;
  const cleanedUp = tasks.some((task) => task.task_type.startsWith('CLEANUP_FAILED_'));
  if (cause?.kind === 'canceled' && isDeployment && !cleanedUp) {
    lines.push('No clean-up of the half-made machine ran: look for it on the destination.');
  }
  const off = tasks.filter((task) => task.task_type === 'SHUTDOWN_INSTANCE' && task.status === 'COMPLETED');
  if (off.length > 0 && statusOf(run) !== 'COMPLETED') {
    lines.push(
      `Still shut down on the source: ${shorten(off.map(({ instance }) => quoteText(instance, 80))).join(', ')}.`,
    );
  }
  return lines;
}
