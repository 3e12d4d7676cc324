import type { ObservedError } from '../model/known-errors/match-known-error';
import { key, view, type OutputOf } from '../vocabulary/result-keys';

/** Ids of the objects of events, apart from transfers: the key of an object `x` is `x_id`. */
const objectIds = {
  execution_id: key.text(
    'Execution, or the one that started an automatic deployment; null when it was deleted',
    { nullable: true },
  ),
  deployment_id: key.text('Deployment', { nullable: true }),
  schedule_id: key.text('Schedule whose run was missed', { nullable: true }),
  minion_pool_id: key.text('Minion pool', { nullable: true }),
};

const objectTypes = Object.keys(objectIds).map((name) => name.replace(/_id$/u, ''));

const watchEventShape = {
  event: key.text('Name of the event: its value, or execution_finished and deployment_finished'),
  summary: key.text('The event in a sentence', { untrusted: true }),
  outcome: key.text('Outcome of a finished run: completed, failed or canceled; else null', {
    nullable: true,
  }),
  status: key.text('Status of the object; for a schedule, the status of its transfer'),
  name: key.text('Notes, or the machines when there are none; of a minion pool, its name', {
    untrusted: true,
  }),
  instances: key.texts('Machines', { untrusted: true }),
  origin_endpoint_name: key.text('Name of the source endpoint; null when it is gone', {
    nullable: true,
    untrusted: true,
  }),
  destination_endpoint_name: key.text('Name of the destination endpoint', {
    nullable: true,
    untrusted: true,
  }),
  occurred_at: key.text('Time of the event, UTC', { nullable: true }),
  kind: key.text(`Type of the object: ${objectTypes.join(', ')} or transfer`),
  reason: key.text('Reason of a stall, a missed run or an error', { nullable: true, untrusted: true }),
  ...objectIds,
  number: key.number('Number of the execution among those of its transfer', { nullable: true }),
  type: key.text(
    'transfer_execution, transfer_update, transfer_disks_delete or deployment; null when the execution was deleted',
    {
      nullable: true,
    },
  ),
  transfer_id: key.text('Transfer id; null for a direct migration and for minion pools', { nullable: true }),
  scenario: key.text('replica or live_migration', { nullable: true }),
  origin_endpoint_id: key.text('Source endpoint', { nullable: true }),
  destination_endpoint_id: key.text('Destination endpoint', { nullable: true }),
  notes: key.text('Notes, the name in the web interface', { nullable: true, untrusted: true }),
  started_at: key.text('Start of the run, UTC', { nullable: true }),
  finished_at: key.text('End of the run, UTC', { nullable: true }),
  duration_seconds: key.number('Duration', { nullable: true }),
  percent: key.number('Progress of a run that has not finished', { nullable: true }),
  transferred_megabytes: key.number('Data written by a sync, where the provider reports it', {
    nullable: true,
  }),
  last_sync_at: key.text('End of the last completed sync of an overdue replica, UTC', { nullable: true }),
  last_copy_at: key.text('Start of the last sync whose disks are usable, of an overdue replica, UTC', {
    nullable: true,
  }),
  last_copy_age_seconds: key.number('Age of the last usable copy at the time of the event', {
    nullable: true,
  }),
  no_copy_reason: key.text(
    'Of an overdue replica without a copy: never_synced, disks_deleted, deployed_without_clones',
    { nullable: true },
  ),
  failure: key.object(
    'First task that failed; null when none did',
    {
      instance: key.text('Machine', { untrusted: true }),
      task_type: key.text('Task'),
      message: key.text('Error text of the provider', { untrusted: true }),
    },
    { nullable: true },
  ),
  known_error: key.object(
    'Matching entry of the known errors; null when none matches',
    {
      id: key.text('Name of the entry'),
      title: key.text('Title'),
      explanation: key.text('Cause'),
      remedy: key.text('Remedy'),
      retry: key.text('Whether a retry helps: yes, after_fix or no'),
    },
    { nullable: true },
  ),
  key: key.text('Key of the event; the same when the event is repeated after a crash'),
  link: key.text(
    'Page of the object in the web interface; null unless the address of the web interface is set',
    { nullable: true },
  ),
};

/** An event of a watch. All kinds have the same keys; a key that does not apply is null. */
export type WatchEvent = OutputOf<typeof watchEventShape>;

/**
 * An event without the names and types of its endpoints, which are read once for all events of a poll. It has the error
 * in place of the known error, because that depends on the types.
 */
export type EventDraft = Omit<WatchEvent, 'known_error'> & {
  /** Error of the failure, not to be shown: its text to match is not masked. Null or absent without one. */
  readonly error?: ObservedError | null;
};

/** Keys that every kind of event gives, also when their value is null. */
type GivenKey =
  'occurred_at' | 'transfer_id' | 'scenario' | 'notes' | `${'origin' | 'destination'}_endpoint_id`;

type OptionalKey = {
  [Key in keyof WatchEvent]: null extends WatchEvent[Key] ? Exclude<Key, GivenKey> : never;
}[keyof WatchEvent];

/** Null values of the keys that a kind of event may leave out. */
export const NO_EVENT_DETAILS = Object.fromEntries(
  Object.entries(watchEventShape)
    .filter(([, { nullable }]) => nullable)
    .map(([name]) => [name, null]),
) as { readonly [Key in OptionalKey]: null };

/** View of an event, the same in n8n, MCP and the library. */
export const eventView = view<WatchEvent>()(watchEventShape, (event) => event);
