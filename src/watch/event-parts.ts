import type { ErrorText } from '../model/error-text';
import { findTaskFailure } from '../model/failed-task';
import { formatExecutionTypeAndNumber, displayNameOf } from '../model/display-texts';
import { toIsoTime } from '../model/timestamps';
import type { TransferOrDeployment, Execution, Task, Transfer } from '../model/api-objects';
import { redact } from '../model/redact-object';
import { quoteText } from '../model/untrusted-text';
import type { EventDraft, WatchEvent } from './event-view';

/** Parts of events that several kinds share. */

/** Maximum number of characters of a name in an event. */
export const MAX_EVENT_NAME_LENGTH = 200;

export const makeTransferOrDeploymentEventName = (
  action: Pick<TransferOrDeployment, 'notes' | 'instances'>,
): string => quoteText(displayNameOf(action), MAX_EVENT_NAME_LENGTH);

export const makeTransferOrDeploymentProperties = (action: TransferOrDeployment) => ({
  name: makeTransferOrDeploymentEventName(action),
  instances: action.instances.map((instance) => quoteText(instance, MAX_EVENT_NAME_LENGTH)),
  origin_endpoint_id: action.origin_endpoint_id,
  destination_endpoint_id: action.destination_endpoint_id,
  notes: action.notes === null ? null : quoteText(action.notes, MAX_EVENT_NAME_LENGTH),
});

export const makeTransferProperties = (transfer: Transfer) => ({
  ...makeTransferOrDeploymentProperties(transfer),
  transfer_id: transfer.id,
  scenario: transfer.scenario ?? null,
});

export const makeExecutionProperties = (execution: Execution) => ({
  execution_id: execution.id,
  number: execution.number,
  type: execution.type,
  started_at: toIsoTime(execution.created_at),
});

/** Title of an execution, with its type, number and transfer. */
export const formatExecutionTitle = (execution: Execution, transfer: Transfer): string =>
  `${formatExecutionTypeAndNumber(execution)} of ${makeTransferOrDeploymentEventName(transfer)}`;

/** Keys of an event that explain a failure. */
type Explanation = Pick<EventDraft, 'failure' | 'error'>;

/** Failed task of a run and its error, from the tasks of the run. */
export function makeFailedTaskExplanation(tasks: readonly Task[]): Explanation {
  const found = findTaskFailure(tasks);
  return { failure: found?.failedTask ?? null, error: found?.error ?? null };
}

/**
 * Explanation of a run that got no machines from its minion pools: the error of the pools in place of a failed task.
 */
export function makePoolExplanation(instances: readonly string[], text: ErrorText): Explanation {
  return {
    failure: {
      instance: quoteText(instances.join(', '), MAX_EVENT_NAME_LENGTH),
      task_type: 'MINION_POOL_ALLOCATION',
      message: text.textToShow,
    },
    error: { text },
  };
}

/** Adds a failure to an event and to the event's summary. */
export function withExplanation(event: EventDraft, { failure, error = null }: Explanation): EventDraft {
  if (failure === null) return event;
  const { instance, task_type: task, message } = failure;
  return { ...event, failure, error, summary: `${event.summary} ${task} of ${instance}: ${message}` };
}

/**
 * Redacts secrets of an event. The key of the event is not redacted: this project makes it, and it must stay the same for
 * repeated events.
 */
export const redactEvent = (event: WatchEvent): WatchEvent => ({
  ...(redact(event) as WatchEvent),
  key: event.key,
});
