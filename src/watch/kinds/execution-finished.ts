import { outcomeVerbOf } from '../../model/state-descriptions';
import { isFinal, outcomeOf } from '../../model/status';
import { secondsBetween, toIsoTime } from '../../model/timestamps';
import { countTransferredMegabytes } from '../../model/transferred-megabytes';
import { defineEvent } from '../define-event';
import { NO_EVENT_DETAILS, type EventDraft } from '../event-view';
import { executionsCursorPart, pollExecutions, type FinishedExecution } from '../poll-executions';
import { fetchAndAddAllocationFailure } from '../explain-failed-event';
import { acceptsTransfer } from '../event-filter';
import { findRecentExecution } from '../find-recent-execution';
import {
  makeExecutionProperties,
  makeFailedTaskExplanation,
  makeTransferOrDeploymentEventName,
  formatExecutionTitle,
  makeTransferProperties,
  withExplanation,
} from '../event-parts';

export const executionFinished = defineEvent({
  kind: 'execution',
  title: 'Execution Finished',
  description: 'An execution (sync) completed, failed or was canceled',
  requestsPerPoll: '1, and 1 for each transfer whose execution ended',
  pollOrder: 2,
  isDefault: true,
  settings: {},
  cursorPart: executionsCursorPart,
  poll: (state, { kinds, localNow }) => pollExecutions(state, kinds.includes('execution_started'), localNow),
  select: ({ finished }) => finished,
  accepts: ({ transfer }, filter) => acceptsTransfer(transfer, filter),
  sample: ({ filter, accepts }) =>
    findRecentExecution(
      filter,
      // The status of the last execution is in the list and saves requests; its type needs a request.
      (transfer) => isFinal(transfer.last_execution_status) && accepts({ transfer, execution: null }),
      (transfer, run) => isFinal(run.status) && accepts({ transfer, execution: run }),
    ),
  render,
  page: ({ transfer }) => ['execution', transfer.id],
  explain: (coriolis, event, found) => fetchAndAddAllocationFailure(coriolis, event, found.execution),
});

/**
 * Renders the end of an execution. For a deleted execution, status and time are those that its transfer still shows.
 */
function render({ transfer, execution: run }: FinishedExecution): EventDraft {
  const status = run?.status ?? transfer.last_execution_status;
  const outcome = outcomeOf(status) ?? 'failed';
  const finishedAt = toIsoTime(run === null ? transfer.updated_at : run.updated_at);
  const title =
    run === null
      ? `A run of ${makeTransferOrDeploymentEventName(transfer)}`
      : formatExecutionTitle(run, transfer);
  const event: EventDraft = {
    ...NO_EVENT_DETAILS,
    key: run?.id ?? `${transfer.id}@${transfer.updated_at ?? ''}`,
    event: 'execution_finished',
    kind: 'execution',
    summary: `${title} ${outcomeVerbOf(outcome)}.`,
    occurred_at: finishedAt,
    outcome,
    status,
    ...makeTransferProperties(transfer),
    ...(run === null ? {} : makeExecutionProperties(run)),
    finished_at: finishedAt,
    duration_seconds: run === null ? null : secondsBetween(run.created_at, run.updated_at),
    transferred_megabytes: countTransferredMegabytes(run?.tasks ?? []),
  };
  return withExplanation(event, makeFailedTaskExplanation(run?.tasks ?? []));
}
