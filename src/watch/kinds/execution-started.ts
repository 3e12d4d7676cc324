import { NO_EVENT_DETAILS } from '../event-view';
import { toIsoTime } from '../../model/timestamps';
import { defineEvent } from '../define-event';
import { executionsCursorPart, pollExecutions } from '../poll-executions';
import { acceptsTransfer } from '../event-filter';
import { findRecentExecution } from '../find-recent-execution';
import { makeExecutionProperties, formatExecutionTitle, makeTransferProperties } from '../event-parts';
import { hasStarted } from '../request-executions';

export const executionStarted = defineEvent({
  kind: 'execution_started',
  title: 'Execution Started',
  description: 'An execution started, by hand, by a schedule or by another program',
  requestsPerPoll: '1 (shared with Execution Finished), and 1 for each execution that started',
  pollOrder: 1,
  settings: {},
  cursorPart: executionsCursorPart,
  poll: (state, { kinds, localNow }) => pollExecutions(state, kinds.includes('execution_started'), localNow),
  select: ({ started }) => started,
  accepts: ({ transfer }, filter) => acceptsTransfer(transfer, filter),
  sample: ({ filter, accepts }) =>
    findRecentExecution(
      filter,
      (transfer) => transfer.last_execution_status !== 'UNEXECUTED',
      (transfer, execution) => hasStarted(execution) && accepts({ transfer, execution }),
    ),
  render: ({ transfer, execution }) => ({
    ...NO_EVENT_DETAILS,
    key: `${execution.id}@started`,
    event: 'execution_started',
    kind: 'execution',
    summary: `${formatExecutionTitle(execution, transfer)} started.`,
    occurred_at: toIsoTime(execution.created_at),
    status: execution.status,
    ...makeTransferProperties(transfer),
    ...makeExecutionProperties(execution),
  }),
  page: ({ transfer }) => ['execution', transfer.id],
});
