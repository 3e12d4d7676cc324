import type { Action } from '../model/types';
import { out, view, type OutputOf } from '../vocabulary/shape';

const watchEventShape = {
  event: out.text(
    'execution_finished, execution_started, execution_stalled, deployment_finished, replica_overdue, schedule_missed or minion_pool_error',
  ),
  summary: out.text('What happened, in a sentence', { untrusted: true }),
  outcome: out.text('completed, failed or canceled; null for what has not ended', { nullable: true }),
  status: out.text('Status of what it is about; for a schedule, that of its transfer'),
  name: out.text('What people know it by: notes or machines; name of a minion pool', { untrusted: true }),
  instances: out.texts('Machines', { untrusted: true }),
  occurred_at: out.text('When it happened, UTC', { nullable: true }),
  kind: out.text('What it is about: execution, deployment, transfer, schedule or minion_pool'),
  reason: out.text('Why, where something stands still or did not happen', {
    nullable: true,
    untrusted: true,
  }),
  execution_id: out.text('The execution, or the one a deployment waited for; null when its record is gone', {
    nullable: true,
  }),
  deployment_id: out.text('The deployment', { nullable: true }),
  schedule_id: out.text('The schedule whose run did not happen', { nullable: true }),
  minion_pool_id: out.text('The minion pool', { nullable: true }),
  number: out.number('Number of the execution among those of its transfer', { nullable: true }),
  type: out.text('transfer_execution, transfer_update, transfer_disks_delete or deployment; null when gone', {
    nullable: true,
  }),
  transfer_id: out.text('Transfer id; null for a direct migration and for minion pools', { nullable: true }),
  scenario: out.text('replica or live_migration', { nullable: true }),
  origin_endpoint_id: out.text('Source endpoint', { nullable: true }),
  destination_endpoint_id: out.text('Destination endpoint', { nullable: true }),
  notes: out.text('Notes, the name in the web interface', { nullable: true, untrusted: true }),
  started_at: out.text('UTC', { nullable: true }),
  finished_at: out.text('UTC', { nullable: true }),
  duration_seconds: out.number('From start to end', { nullable: true }),
  percent: out.number('How far a run is that has not ended', { nullable: true }),
  transferred_megabytes: out.number('Data written by a sync, as far as the provider tells', {
    nullable: true,
  }),
  last_sync_at: out.text('End of the last completed sync of an overdue replica, UTC', { nullable: true }),
  failure: out.object(
    'The task that failed first; null unless one did',
    {
      instance: out.text('Machine', { untrusted: true }),
      task_type: out.text('Task'),
      message: out.text('Its error, in the provider’s words', { untrusted: true }),
    },
    { nullable: true },
  ),
  known_error: out.object(
    'What the catalogue of known errors says of the failure; null when it does not know it',
    {
      id: out.text('Name of the entry'),
      title: out.text('What it is'),
      explanation: out.text('Why it happens'),
      remedy: out.text('What to do'),
      retry: out.text('yes, after_fix or no'),
    },
    { nullable: true },
  ),
  key: out.text('Names the event; the same when it is told again after a crash'),
  link: out.text('Page of the web interface; null unless its address was given', { nullable: true }),
};

/** Something happened that was watched for. */
export type WatchEvent = OutputOf<typeof watchEventShape>;

/** An event as people see it. */
export const eventView = view<WatchEvent>()(watchEventShape, (event) => event);

/** What can be watched for. */
export type EventKind =
  | 'execution'
  | 'deployment'
  | 'execution_started'
  | 'execution_stalled'
  | 'replica_overdue'
  | 'schedule_missed'
  | 'minion_pool_error';

/** Which events to tell of; an absent or empty list accepts everything. */
export interface EventFilter {
  /** Of what has ended; other events have no outcome and pass. */
  readonly outcomes?: readonly string[];
  readonly transferIds?: readonly string[];
  /** Source or destination. */
  readonly endpointIds?: readonly string[];
  readonly originEndpointIds?: readonly string[];
  readonly destinationEndpointIds?: readonly string[];
  readonly scenarios?: readonly string[];
  /** Execution types; an event whose record is gone has none and passes. */
  readonly types?: readonly string[];
  /** A text within the notes, in any case of letters. */
  readonly notes?: string;
  /** A word with # in the notes: "nightly" for "Database #nightly". */
  readonly tag?: string;
}

const accepts = (
  wanted: readonly string[] | undefined,
  ...values: ReadonlyArray<string | null | undefined>
): boolean =>
  wanted === undefined ||
  wanted.length === 0 ||
  values.some((value) => typeof value === 'string' && wanted.includes(value));

const TAG = /#([\p{L}\p{N}_.:/-]+)/gu;

const tagsIn = (notes: string): readonly string[] =>
  [...notes.matchAll(TAG)].map(([, tag = '']) => tag.toLowerCase());

const hasNotes = (notes: string | null, { notes: text = '', tag = '' }: EventFilter): boolean =>
  (notes ?? '').toLowerCase().includes(text.trim().toLowerCase()) &&
  (tag.trim() === '' || tagsIn(notes ?? '').includes(tag.trim().replace(/^#/, '').toLowerCase()));

const betweenEndpoints = (origin: string | null, destination: string | null, filter: EventFilter): boolean =>
  accepts(filter.endpointIds, origin, destination) &&
  accepts(filter.originEndpointIds, origin) &&
  accepts(filter.destinationEndpointIds, destination);

/** Whether events of this transfer or deployment may pass; what only the event shows is not looked at. */
export function concerns(
  action: Pick<Action, 'notes' | 'origin_endpoint_id' | 'destination_endpoint_id'>,
  of: { readonly transferId: string | null; readonly scenario: string | null | undefined },
  filter: EventFilter,
): boolean {
  return (
    accepts(filter.transferIds, of.transferId) &&
    accepts(filter.scenarios, of.scenario) &&
    betweenEndpoints(action.origin_endpoint_id, action.destination_endpoint_id, filter) &&
    hasNotes(action.notes, filter)
  );
}

/**
 * Whether what only an event shows lets it pass: outcome and type, and for a minion pool, which belongs to an endpoint and
 * to no transfer, its endpoint. Applied to what a poll found, never to what it remembers.
 */
export function passes(event: WatchEvent, filter: EventFilter): boolean {
  return (
    (event.outcome === null || accepts(filter.outcomes, event.outcome)) &&
    (event.type === null || accepts(filter.types, event.type)) &&
    (event.kind !== 'minion_pool' ||
      betweenEndpoints(event.origin_endpoint_id, event.destination_endpoint_id, filter))
  );
}
