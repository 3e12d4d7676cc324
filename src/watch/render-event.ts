import type { ErrorText } from '../model/error-text';
import { findFailureCause, failedTaskOf } from '../model/failed-task';
import { knownErrorOn, matchKnownError, type ErrorSource, type KnownError } from '../model/known-errors';
import { executionTypeAndNumber, transferName } from '../model/display-texts';
import { toIsoTime } from '../model/timestamps';
import type { TransferOrDeployment, Execution, Task, Transfer } from '../model/api-objects';
import { redact } from '../model/redact-object';
import { quoteText } from '../model/untrusted-text';
import type { WatchEvent } from './event-view';

/** Parts of events that several kinds share. */

/** Maximum number of characters of a name in an event. */
export const MAX_EVENT_NAME_LENGTH = 200;

export const eventTransferOrDeploymentName = (
  action: Pick<TransferOrDeployment, 'notes' | 'instances'>,
): string => quoteText(transferName(action), MAX_EVENT_NAME_LENGTH);

export const eventTransferOrDeploymentKeys = (action: TransferOrDeployment) => ({
  name: eventTransferOrDeploymentName(action),
  instances: action.instances.map((instance) => quoteText(instance, MAX_EVENT_NAME_LENGTH)),
  origin_endpoint_id: action.origin_endpoint_id,
  destination_endpoint_id: action.destination_endpoint_id,
  notes: action.notes === null ? null : quoteText(action.notes, MAX_EVENT_NAME_LENGTH),
});

export const eventTransferKeys = (transfer: Transfer) => ({
  ...eventTransferOrDeploymentKeys(transfer),
  transfer_id: transfer.id,
  scenario: transfer.scenario ?? null,
});

export const eventExecutionKeys = (execution: Execution) => ({
  execution_id: execution.id,
  number: execution.number,
  type: execution.type,
  started_at: toIsoTime(execution.created_at),
});

/** Title of an execution, with its type, number and transfer. */
export const executionTitle = (execution: Execution, transfer: Transfer): string =>
  `${executionTypeAndNumber(execution)} of ${eventTransferOrDeploymentName(transfer)}`;

/** Keys of an event that explain a failure. */
type Explanation = Pick<WatchEvent, 'failure' | 'known_error'>;

export function eventKnownErrorKeys(text: ErrorText | null, source: ErrorSource): WatchEvent['known_error'] {
  return eventKnownErrorView(text === null ? undefined : matchKnownError(text, source));
}

function eventKnownErrorView(known: KnownError | undefined): WatchEvent['known_error'] {
  if (known === undefined) return null;
  const { id, title, cause, remedy, retry } = known;
  return { id, title, explanation: cause, remedy, retry };
}

/**
 * Gives the known error of an event the words for its platforms, or leaves it out when it is one of other platforms only.
 * @param types types of the endpoints that are known, by id
 */
export function withWordsForPlatforms(event: WatchEvent, types: ReadonlyMap<string, string>): WatchEvent {
  const { known_error: known, origin_endpoint_id: origin, destination_endpoint_id: destination } = event;
  const ids = [origin, destination].filter((id) => id !== null);
  const platforms = ids.flatMap((id) => types.get(id) ?? []);
  if (known === null || platforms.length < ids.length) return event;
  return { ...event, known_error: eventKnownErrorView(knownErrorOn(platforms, known.id)) };
}

/** Failed task of a run and the known error that matches, from the tasks of the run. */
export function failedTaskExplanation(tasks: readonly Task[]): Explanation {
  const failure = failedTaskOf(tasks);
  const cause = findFailureCause(tasks);
  return {
    failure,
    known_error:
      failure === null || cause === null
        ? null
        : eventKnownErrorKeys(cause.text, { taskType: cause.task.task_type, taskStatus: cause.task.status }),
  };
}

/**
 * Explanation of a run that got no machines from its minion pools: the error of the pools in place of a failed task.
 */
export function poolExplanation(instances: readonly string[], text: ErrorText): Explanation {
  return {
    failure: {
      instance: quoteText(instances.join(', '), MAX_EVENT_NAME_LENGTH),
      task_type: 'MINION_POOL_ALLOCATION',
      message: text.textToShow,
    },
    known_error: eventKnownErrorKeys(text, {}),
  };
}

/** Adds a failure to an event and to the event's summary. */
export function withExplanation(event: WatchEvent, { failure, known_error }: Explanation): WatchEvent {
  if (failure === null) return event;
  const { instance, task_type: task, message } = failure;
  return { ...event, failure, known_error, summary: `${event.summary} ${task} of ${instance}: ${message}` };
}

/**
 * Redacts secrets of an event. The key of the event is not redacted: this project makes it, and it must stay the same for
 * repeated events.
 */
export const redactEvent = (event: WatchEvent): WatchEvent => ({
  ...(redact(event) as WatchEvent),
  key: event.key,
});
