import { readErrorText } from '../model/error-text';
import type { ErrorText } from '../model/error-text';
import { causeOf, failureOf } from '../model/failure';
import { matchKnownError } from '../model/known-errors';
import type { ErrorSource } from '../model/known-errors';
import { planIn } from '../model/migration-plan';
import { transferName } from '../model/names';
import { describeProgress, progressOf } from '../model/progress';
import { describeSchedule } from '../model/schedule';
import { executionTypeLabel, outcomeOf, statusLabel } from '../model/status';
import { describeSeconds, durationSeconds, isoTime, parseTime, toIsoTime } from '../model/timing';
import { transferredMegabytes } from '../model/transferred';
import type { Action, Deployment, Execution, MinionPool, Task, Transfer } from '../model/types';
import { quote } from '../model/untrusted';
import type { WatchEvent } from './event';
import type { FinishedExecution, StartedExecution } from './executions';
import type { FailedPool } from './pools';
import type { OverdueReplica } from './replicas';
import type { MissedRun } from './schedules';
import type { StalledExecution } from './stalls';

/** Events from what the watchers found. All have the same keys; what does not apply is null. */

const NAME_LENGTH = 200;

const nameOf = (action: Pick<Action, 'notes' | 'instances'>): string =>
  quote(transferName({ ...action, notes: planIn(action.notes)?.notes ?? action.notes }), NAME_LENGTH);

/** What no kind of event sets unless it says so. */
const NOTHING = {
  reason: null,
  execution_id: null,
  deployment_id: null,
  schedule_id: null,
  minion_pool_id: null,
  number: null,
  type: null,
  started_at: null,
  finished_at: null,
  duration_seconds: null,
  percent: null,
  transferred_megabytes: null,
  last_sync_at: null,
  failure: null,
  known_error: null,
  link: null,
} as const;

const about = (action: Action) => ({
  name: nameOf(action),
  instances: action.instances.map((instance) => quote(instance, NAME_LENGTH)),
  origin_endpoint_id: action.origin_endpoint_id,
  destination_endpoint_id: action.destination_endpoint_id,
  notes: action.notes === null ? null : quote(action.notes, NAME_LENGTH),
});

const aboutTransfer = (transfer: Transfer) => ({
  ...about(transfer),
  transfer_id: transfer.id,
  scenario: transfer.scenario ?? null,
});

const aboutExecution = (execution: Execution) => ({
  execution_id: execution.id,
  number: execution.number,
  type: execution.type,
  started_at: toIsoTime(execution.created_at),
});

const ENDED: Readonly<Record<string, string>> = {
  completed: 'completed',
  failed: 'failed',
  canceled: 'was canceled',
};

type Explanation = Pick<WatchEvent, 'failure' | 'known_error'>;

function knownError(text: ErrorText | null, source: ErrorSource): WatchEvent['known_error'] {
  const known = text === null ? undefined : matchKnownError(text, source);
  if (known === undefined) return null;
  const { id, title, cause, remedy, retry } = known;
  return { id, title, explanation: cause, remedy, retry };
}

/** Why a run failed, from its tasks alone. */
export function explanationOf(tasks: readonly Task[]): Explanation {
  const failure = failureOf(tasks);
  const cause = causeOf(tasks);
  return {
    failure,
    known_error:
      failure === null || cause === null
        ? null
        : knownError(cause.text, { taskType: cause.task.task_type, taskStatus: cause.task.status }),
  };
}

/** Why the minion pools of a run gave it no machines; no task says so. */
export function poolExplanation(instances: readonly string[], text: ErrorText): Explanation {
  return {
    failure: {
      instance: quote(instances.join(', '), NAME_LENGTH),
      task_type: 'MINION_POOL_ALLOCATION',
      message: text.shown,
    },
    known_error: knownError(text, {}),
  };
}

/** The same event with the reason of its failure, also in its summary. */
export function withExplanation(event: WatchEvent, { failure, known_error }: Explanation): WatchEvent {
  if (failure === null) return event;
  const { instance, task_type: task, message } = failure;
  return { ...event, failure, known_error, summary: `${event.summary} ${task} of ${instance}: ${message}` };
}

/** The event of a finished execution; one whose record is gone carries what its transfer still tells. */
export function executionFinished({ transfer, execution }: FinishedExecution): WatchEvent {
  const status = execution?.status ?? transfer.last_execution_status;
  const outcome = outcomeOf(status) ?? 'failed';
  const finishedAt = toIsoTime(execution === null ? transfer.updated_at : execution.updated_at);
  const run = execution === null ? 'A run' : `${executionTypeLabel(execution.type)} #${execution.number}`;
  const event: WatchEvent = {
    ...NOTHING,
    key: execution?.id ?? `${transfer.id}@${transfer.updated_at ?? ''}`,
    event: 'execution_finished',
    kind: 'execution',
    summary: `${run} of ${nameOf(transfer)} ${ENDED[outcome] ?? outcome}.`,
    occurred_at: finishedAt,
    outcome,
    status,
    ...aboutTransfer(transfer),
    ...(execution === null ? {} : aboutExecution(execution)),
    finished_at: finishedAt,
    duration_seconds: execution === null ? null : durationSeconds(execution.created_at, execution.updated_at),
    transferred_megabytes: transferredMegabytes(execution?.tasks ?? []),
  };
  return withExplanation(event, explanationOf(execution?.tasks ?? []));
}

export function executionStarted({ transfer, execution }: StartedExecution): WatchEvent {
  const startedAt = toIsoTime(execution.created_at);
  return {
    ...NOTHING,
    key: `${execution.id}@started`,
    event: 'execution_started',
    kind: 'execution',
    summary: `${executionTypeLabel(execution.type)} #${execution.number} of ${nameOf(transfer)} began.`,
    occurred_at: startedAt,
    outcome: null,
    status: execution.status,
    ...aboutTransfer(transfer),
    ...aboutExecution(execution),
  };
}

export function executionStalled({ transfer, execution, since, stalledAt }: StalledExecution): WatchEvent {
  const progress = progressOf(execution, stalledAt);
  const numbers = describeProgress(progress);
  const still = describeSeconds((stalledAt - since) / 1000);
  return {
    ...NOTHING,
    key: `${execution.id}@stalled`,
    event: 'execution_stalled',
    kind: 'execution',
    summary: `${executionTypeLabel(execution.type)} #${execution.number} of ${nameOf(transfer)} has not got on for ${still}.`,
    occurred_at: isoTime(stalledAt),
    outcome: null,
    status: execution.status,
    reason: `Nothing changed since ${isoTime(since)}${numbers === '' ? '' : `; ${numbers}`}.`,
    ...aboutTransfer(transfer),
    ...aboutExecution(execution),
    percent: progress.percent,
  };
}

/** The event of a finished deployment. Lists show no tasks, so a failure is not known yet. */
export function deploymentFinished(deployment: Deployment): WatchEvent {
  const status = deployment.last_execution_status;
  const outcome = outcomeOf(status) ?? 'failed';
  return {
    ...NOTHING,
    key: deployment.id,
    event: 'deployment_finished',
    kind: 'deployment',
    summary: `The deployment of ${nameOf(deployment)} ${ENDED[outcome] ?? outcome}.`,
    occurred_at: toIsoTime(deployment.updated_at),
    outcome,
    status,
    execution_id: deployment.deployer_id ?? null,
    deployment_id: deployment.id,
    type: 'deployment',
    transfer_id: deployment.transfer_id,
    scenario: deployment.transfer_scenario_type ?? null,
    ...about(deployment),
    started_at: toIsoTime(deployment.created_at),
    finished_at: toIsoTime(deployment.updated_at),
    duration_seconds: durationSeconds(deployment.created_at, deployment.updated_at),
  };
}

export function replicaOverdue({ transfer, syncedAt, overdueAt, newest }: OverdueReplica): WatchEvent {
  const base = syncedAt ?? parseTime(transfer.created_at) ?? 0;
  const age = describeSeconds((overdueAt - base) / 1000);
  const status = transfer.last_execution_status;
  const last =
    newest === undefined
      ? 'It has never been executed'
      : `The newest run, #${newest.number}, is ${statusLabel(newest.status)}`;
  const event: WatchEvent = {
    ...NOTHING,
    key: `${transfer.id}@overdue@${isoTime(overdueAt)}`,
    event: 'replica_overdue',
    kind: 'transfer',
    summary:
      syncedAt === null
        ? `${nameOf(transfer)} has had no completed sync for ${age}, since it was created.`
        : `The last completed sync of ${nameOf(transfer)} is ${age} old.`,
    occurred_at: isoTime(overdueAt),
    outcome: null,
    status,
    reason: `${last}.`,
    ...aboutTransfer(transfer),
    ...(newest === undefined ? {} : { execution_id: newest.id, number: newest.number }),
    last_sync_at: syncedAt === null ? null : isoTime(syncedAt),
  };
  return withExplanation(event, explanationOf(newest?.tasks ?? []));
}

export function scheduleMissed({ transfer, schedule, plannedAt, execution, reason }: MissedRun): WatchEvent {
  return {
    ...NOTHING,
    key: `${schedule.id}@${isoTime(plannedAt)}`,
    event: 'schedule_missed',
    kind: 'schedule',
    summary: `The sync of ${nameOf(transfer)} that was planned ${describeSchedule(schedule.schedule)} did not begin.`,
    occurred_at: isoTime(plannedAt),
    outcome: null,
    status: transfer.last_execution_status,
    reason: reasonOf(reason, execution),
    ...aboutTransfer(transfer),
    ...(execution === undefined ? {} : { execution_id: execution.id, number: execution.number }),
    schedule_id: schedule.id,
  };
}

function reasonOf(reason: MissedRun['reason'], execution: Execution | undefined): string {
  switch (reason) {
    case 'execution':
      return `Execution #${execution?.number ?? '?'} was going on, and only one can at a time.`;
    case 'deployment':
      return 'A deployment of the transfer was going on.';
    case 'refused':
      return `The server refused it: execution #${execution?.number ?? '?'} never began. The rights of whoever made the schedule may be gone: make it anew.`;
    case 'unknown':
      return 'Nothing shows why: the scheduler of Coriolis may have been down, or the rights of whoever made the schedule may be gone.';
  }
}

export function minionPoolFailed({ pool, change, error }: FailedPool): WatchEvent {
  const text = readErrorText(error?.message);
  const name = quote(pool.name, NAME_LENGTH);
  const at = toIsoTime(change?.created_at ?? pool.updated_at);
  return {
    ...NOTHING,
    key: `${pool.id}@${change?.id ?? at ?? ''}`,
    event: 'minion_pool_error',
    kind: 'minion_pool',
    summary: `Minion pool ${name} went into ERROR.${text === null ? '' : ` ${text.shown}`}`,
    occurred_at: at,
    outcome: null,
    status: pool.status,
    reason: text?.shown ?? null,
    ...aboutPool(pool, name),
    known_error: knownError(text, {}),
  };
}

const aboutPool = (pool: MinionPool, name: string) => ({
  minion_pool_id: pool.id,
  transfer_id: null,
  scenario: null,
  name,
  instances: [],
  origin_endpoint_id: pool.platform === 'source' ? pool.endpoint_id : null,
  destination_endpoint_id: pool.platform === 'source' ? null : pool.endpoint_id,
  notes: pool.notes === null ? null : quote(pool.notes, NAME_LENGTH),
});

/** The page of the web interface on what an event is about; `address` is that of the interface. */
export function withLink(event: WatchEvent, address: string | undefined): WatchEvent {
  if (address === undefined || address.trim() === '') return event;
  return { ...event, link: `${address.trim().replace(/\/+$/, '')}${pageOf(event)}` };
}

function pageOf({ kind, transfer_id, deployment_id, minion_pool_id }: WatchEvent): string {
  if (deployment_id !== null) return `/deployments/${deployment_id}`;
  if (minion_pool_id !== null) return `/minion-pools/${minion_pool_id}`;
  return `/transfers/${transfer_id ?? ''}${kind === 'execution' ? '/executions' : kind === 'schedule' ? '/schedule' : ''}`;
}
