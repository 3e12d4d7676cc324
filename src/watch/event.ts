import { out, view, type OutputOf } from '../vocabulary/shape';

const watchEventShape = {
  event: out.text('Name of the event, such as execution_finished'),
  summary: out.text('The event in a sentence', { untrusted: true }),
  outcome: out.text('completed, failed or canceled; null unless a run has finished', { nullable: true }),
  status: out.text('Status of the object; for a schedule, the status of its transfer'),
  name: out.text('Notes or machines; name of a minion pool', { untrusted: true }),
  instances: out.texts('Machines', { untrusted: true }),
  occurred_at: out.text('Time of the event, UTC', { nullable: true }),
  kind: out.text('Type of the object: execution, deployment, transfer, schedule or minion_pool'),
  reason: out.text('Reason of a stall, a missed run or an error', { nullable: true, untrusted: true }),
  execution_id: out.text(
    'Execution, or the one that started an automatic deployment; null when it was deleted',
    { nullable: true },
  ),
  deployment_id: out.text('Deployment', { nullable: true }),
  schedule_id: out.text('Schedule whose run was missed', { nullable: true }),
  minion_pool_id: out.text('Minion pool', { nullable: true }),
  number: out.number('Number of the execution among those of its transfer', { nullable: true }),
  type: out.text(
    'transfer_execution, transfer_update, transfer_disks_delete or deployment; null when the execution was deleted',
    {
      nullable: true,
    },
  ),
  transfer_id: out.text('Transfer id; null for a direct migration and for minion pools', { nullable: true }),
  scenario: out.text('replica or live_migration', { nullable: true }),
  origin_endpoint_id: out.text('Source endpoint', { nullable: true }),
  destination_endpoint_id: out.text('Destination endpoint', { nullable: true }),
  notes: out.text('Notes, the name in the web interface', { nullable: true, untrusted: true }),
  started_at: out.text('UTC', { nullable: true }),
  finished_at: out.text('UTC', { nullable: true }),
  duration_seconds: out.number('From start to end', { nullable: true }),
  percent: out.number('Progress of a run that has not finished', { nullable: true }),
  transferred_megabytes: out.number('Data written by a sync, where the provider reports it', {
    nullable: true,
  }),
  last_sync_at: out.text('End of the last completed sync of an overdue replica, UTC', { nullable: true }),
  failure: out.object(
    'First task that failed; null when none did',
    {
      instance: out.text('Machine', { untrusted: true }),
      task_type: out.text('Task'),
      message: out.text('Error text of the provider', { untrusted: true }),
    },
    { nullable: true },
  ),
  known_error: out.object(
    'Matching entry of the known errors; null when none matches',
    {
      id: out.text('Name of the entry'),
      title: out.text('Title'),
      explanation: out.text('Cause'),
      remedy: out.text('Remedy'),
      retry: out.text('yes, after_fix or no'),
    },
    { nullable: true },
  ),
  key: out.text('Key of the event; the same when the event is repeated after a crash'),
  link: out.text('Page of the web interface; null unless its address is set', { nullable: true }),
};

/** An event of a watch. All kinds have the same keys; a key that does not apply is null. */
export type WatchEvent = OutputOf<typeof watchEventShape>;

/** An event as the faces show it. */
export const eventView = view<WatchEvent>()(watchEventShape, (event) => event);
