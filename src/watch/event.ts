import { failureOf } from '../model/failure';
import { outcomeOf } from '../model/status';
import { durationSeconds, toIsoTime } from '../model/timing';
import type { Action, Deployment } from '../model/types';
import { quote } from '../model/untrusted';
import { out } from '../shape';
import type { OutputOf } from '../shape';
import type { FinishedExecution } from './executions';

export const watchEventShape = {
  key: out.text('Names the event; the same when it is told again after a crash'),
  kind: out.text('execution or deployment'),
  outcome: out.text('completed, failed or canceled'),
  status: out.text('Status it ended in'),
  execution_id: out.text('The execution, or the one a deployment waited for; null when its record is gone', {
    nullable: true,
  }),
  deployment_id: out.text('The deployment; null for executions', { nullable: true }),
  number: out.number('Number of the execution among those of its transfer', { nullable: true }),
  type: out.text('transfer_execution, transfer_update, transfer_disks_delete or deployment; null when gone', {
    nullable: true,
  }),
  transfer_id: out.text('Transfer id; null for a direct migration', { nullable: true }),
  scenario: out.text('replica or live_migration', { nullable: true }),
  instances: out.texts('Machines', { untrusted: true }),
  origin_endpoint_id: out.text('Source endpoint'),
  destination_endpoint_id: out.text('Destination endpoint'),
  notes: out.text('Notes, the name in the web interface', { nullable: true, untrusted: true }),
  started_at: out.text('UTC', { nullable: true }),
  finished_at: out.text('UTC', { nullable: true }),
  duration_seconds: out.number('From start to end', { nullable: true }),
  failure: out.object(
    'The task that failed first; null unless one did',
    {
      instance: out.text('Machine', { untrusted: true }),
      task_type: out.text('Task'),
      message: out.text('Its error, in the provider’s words', { untrusted: true }),
    },
    { nullable: true },
  ),
};

/** An execution or a deployment has ended. */
export type WatchEvent = OutputOf<typeof watchEventShape>;

export type EventKind = 'execution' | 'deployment';

const about = (action: Action) => ({
  instances: action.instances.map((instance) => quote(instance, 200)),
  origin_endpoint_id: action.origin_endpoint_id,
  destination_endpoint_id: action.destination_endpoint_id,
  notes: action.notes === null ? null : quote(action.notes, 200),
});

/** The event of a finished execution; one whose record is gone carries what its transfer still tells. */
export function executionEvent({ transfer, execution }: FinishedExecution): WatchEvent {
  const status = execution?.status ?? transfer.last_execution_status;
  const finishedAt = execution === null ? transfer.updated_at : execution.updated_at;
  return {
    key: execution?.id ?? `${transfer.id}@${transfer.updated_at ?? ''}`,
    kind: 'execution',
    outcome: outcomeOf(status) ?? 'failed',
    status,
    execution_id: execution?.id ?? null,
    deployment_id: null,
    number: execution?.number ?? null,
    type: execution?.type ?? null,
    transfer_id: transfer.id,
    scenario: transfer.scenario ?? null,
    ...about(transfer),
    started_at: toIsoTime(execution?.created_at),
    finished_at: toIsoTime(finishedAt),
    duration_seconds: execution === null ? null : durationSeconds(execution.created_at, execution.updated_at),
    failure: failureOf(execution?.tasks ?? []),
  };
}

/** The event of a finished deployment. Lists show no tasks, so its failure is not known yet: `withFailure` reads it. */
export function deploymentEvent(deployment: Deployment): WatchEvent {
  const status = deployment.last_execution_status;
  return {
    key: deployment.id,
    kind: 'deployment',
    outcome: outcomeOf(status) ?? 'failed',
    status,
    execution_id: deployment.deployer_id ?? null,
    deployment_id: deployment.id,
    number: null,
    type: 'deployment',
    transfer_id: deployment.transfer_id,
    scenario: deployment.transfer_scenario_type ?? null,
    ...about(deployment),
    started_at: toIsoTime(deployment.created_at),
    finished_at: toIsoTime(deployment.updated_at),
    duration_seconds: durationSeconds(deployment.created_at, deployment.updated_at),
    failure: failureOf(deployment.tasks ?? []),
  };
}

/** Which events to tell of; an absent or empty list accepts everything. */
export interface EventFilter {
  readonly outcomes?: readonly string[];
  readonly transferIds?: readonly string[];
  /** Source or destination. */
  readonly endpointIds?: readonly string[];
  readonly scenarios?: readonly string[];
  /** Execution types; an event whose record is gone has none and passes. */
  readonly types?: readonly string[];
}

const accepts = (wanted: readonly string[] | undefined, ...values: ReadonlyArray<string | null>): boolean =>
  wanted === undefined ||
  wanted.length === 0 ||
  values.some((value) => value !== null && wanted.includes(value));

/** Whether an event passes. Applied to what a poll found, never to what it remembers. */
export function passes(event: WatchEvent, filter: EventFilter): boolean {
  return (
    accepts(filter.outcomes, event.outcome) &&
    accepts(filter.transferIds, event.transfer_id) &&
    accepts(filter.endpointIds, event.origin_endpoint_id, event.destination_endpoint_id) &&
    accepts(filter.scenarios, event.scenario) &&
    (event.type === null || accepts(filter.types, event.type))
  );
}
