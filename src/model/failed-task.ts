import { isConsequence, readErrorText, type ErrorText } from './error-text';
import { parseServerTime } from './timestamps';
import type { Task } from './api-objects';
import type { ObservedError } from './known-errors/match-known-error';
import { quoteText } from './untrusted-text';

/** Failed task of an execution or deployment, as shown in events and summaries. */
export interface FailedTask {
  /** Name of the machine. Untrusted text. */
  readonly instance: string;
  readonly task_type: string;
  /** Error text of the provider, without Coriolis' wrapping, secrets masked, at most 300 characters. Untrusted. */
  readonly message: string;
}

/** Task that explains why an execution or deployment did not complete, and its error text (null when it has none). */
export interface FailureCause {
  readonly task: Task;
  readonly text: ErrorText | null;
  /**
   * `error`: the task failed; `debugging`: OS morphing failed and its resources are kept; `canceled`: a user canceled,
   * or the worker's process died (the server writes the same text for both); `deadlock`: the task could never start.
   */
  readonly kind: 'error' | 'debugging' | 'canceled' | 'deadlock';
}

/** The error of a cause, to be matched with the known errors; null when its task has no text. */
export function errorOfCause({ task, text }: FailureCause): ObservedError | null {
  return text && { text, taskType: task.task_type, taskStatus: task.status };
}

const LAST = Number.MAX_SAFE_INTEGER;

/**
 * Whether the text only reports that another task of the clustered execution failed. The text of that other task says
 * more.
 */
const isPeer = (cause: FailureCause): boolean => cause.text?.wrappers.includes('peer') ?? false;

const causes = (tasks: readonly Task[], kind: FailureCause['kind']): FailureCause[] =>
  tasks.map((task) => ({ task, text: readErrorText(task.exception_details), kind }));

function first(candidates: readonly FailureCause[]): FailureCause | undefined {
  return [...candidates].sort(
    (a, b) =>
      Number(isPeer(a)) - Number(isPeer(b)) ||
      (parseServerTime(a.task.updated_at) ?? LAST) - (parseServerTime(b.task.updated_at) ?? LAST) ||
      a.task.index - b.task.index,
  )[0];
}

/**
 * Finds the task that explains why an execution or deployment did not complete (docs/reference/known-errors.md §1.1,
 * docs/reference/coriolis-domain.md §6). It is the task that failed first. A failed clean-up task counts only when no
 * other task failed. Null when no task explains it.
 */
export function findFailureCause(tasks: readonly Task[]): FailureCause | null {
  const failed = tasks.filter((task) => task.status === 'ERROR' || task.status === 'FAILED_TO_SCHEDULE');
  const debugging = tasks.filter((task) => task.status === 'CANCELED_FOR_DEBUGGING');
  const canceled = causes(
    tasks.filter((task) => task.status === 'CANCELED'),
    'canceled',
  ).filter(({ text }) => text !== null && !isConsequence(text));
  const stranded = tasks.filter((task) => task.status === 'STRANDED_AFTER_DEADLOCK');
  return (
    first(
      causes(
        failed.filter((task) => !task.on_error),
        'error',
      ),
    ) ??
    first(causes(debugging, 'debugging')) ??
    first(causes(failed, 'error')) ??
    first(causes(stranded, 'deadlock')) ??
    first(canceled) ??
    null
  );
}

/** A failed task for people, and its error for the known errors; null when its task has no text. */
export interface TaskFailure {
  readonly failedTask: FailedTask;
  readonly error: ObservedError | null;
}

/**
 * The task that failed among the tasks of an execution or deployment, with its error. Null when none failed, also when a
 * user only canceled.
 */
export function findTaskFailure(tasks: readonly Task[]): TaskFailure | null {
  const cause = findFailureCause(tasks);
  if (cause === null || cause.kind === 'canceled') return null;
  return {
    failedTask: {
      instance: quoteText(cause.task.instance, 200),
      task_type: cause.task.task_type,
      message: cause.text?.textToShow ?? 'The task failed without a text.',
    },
    error: errorOfCause(cause),
  };
}

/** The failed task alone, for people (see `findTaskFailure`). */
export const failedTaskOf = (tasks: readonly Task[]): FailedTask | null =>
  findTaskFailure(tasks)?.failedTask ?? null;
