import { key, pickShape, view, type ResultOf } from '../vocabulary/result-keys';
import type { WaitState } from './wait-state';

/** Result of one target of a wait: an execution, deployment, migration or minion pool. */
export const waitResultView = view<WaitState>()({
  kind: key.text('execution, deployment, migration or minion_pool', ({ target }: WaitState) => target.kind),
  id: key.text(
    'Id of the execution, deployment, migration or minion pool',
    ({ target }: WaitState) => target.id,
  ),
  transfer_id: key.text('Transfer id', ({ transferId }: WaitState) => transferId, { nullable: true }),
  instances: key.texts('Machines', ({ machines }: WaitState) => machines, {
    nullable: true,
    untrusted: true,
  }),
  status: key.text('Last status seen'),
  outcome: key.text(
    'completed, failed, canceled, stalled, timed_out or deleted; null for a target still at work',
    ({ outcome }: WaitState) => outcome,
    { nullable: true },
  ),
  percent: key.number('0 to 100', ({ progress }: WaitState) => progress.percent, { nullable: true }),
  eta_seconds: key.number('Estimated seconds left', ({ etaSeconds }: WaitState) => etaSeconds, {
    nullable: true,
  }),
  stalled_since: key.time('Last change of a stalled run', ({ stalledSince }: WaitState) => stalledSince, {
    nullable: true,
  }),
  started_at: key.time('Start; null for a minion pool', ({ createdAt }: WaitState) => createdAt, {
    nullable: true,
  }),
  finished_at: key.time('End', ({ finishedAt }: WaitState) => finishedAt, { nullable: true }),
  duration_seconds: key.number(
    'Seconds from the start to the end, or to the last poll',
    ({ durationSeconds }: WaitState) => durationSeconds,
    { nullable: true },
  ),
  failure: key.object(
    'First failure; null without one',
    {
      instance: key.text('Machine', { nullable: true, untrusted: true }),
      task_type: key.text('Task', { nullable: true }),
      message: key.text('Error text of the provider', { untrusted: true }),
    },
    ({ failure }: WaitState) => failure,
    { nullable: true },
  ),
  deployment_id: key.text(
    'Deployment that Coriolis created automatically after the execution',
    ({ autoDeployment }: WaitState) => autoDeployment?.id,
    { nullable: true },
  ),
  deployment_status: key.text(
    'Status of that deployment',
    ({ autoDeployment }: WaitState) => autoDeployment?.last_execution_status,
    { nullable: true },
  ),
  next: key.text('What to do next', ({ advice }: WaitState) => advice, { nullable: true }),
});

export type WaitResult = ResultOf<typeof waitResultView>;

/** Maximum number of machines that name a target. */
const MAX_NAMED_MACHINES = 3;

/** Names the first machines of a run, and the number of the others. */
function nameMachines(machines: readonly string[]): string {
  const shown = machines.slice(0, MAX_NAMED_MACHINES).join(', ');
  const more = machines.length - MAX_NAMED_MACHINES;
  return more > 0 ? `${shown} and ${more} more` : shown;
}

/** Result keys of one target in the result of a wait for several. Its failure is one line of text. */
export const waitTargetKeys = {
  ...pickShape(waitResultView.shape, 'kind', 'id', 'transfer_id'),
  name: key.text(
    'Notes, else machines of a run; name of a minion pool',
    ({ name, machines }: WaitState) => name ?? (machines === null ? null : nameMachines(machines)),
    { nullable: true, untrusted: true },
  ),
  ...pickShape(
    waitResultView.shape,
    'status',
    'outcome',
    'percent',
    'eta_seconds',
    'stalled_since',
    'finished_at',
    'duration_seconds',
  ),
  scenario: key.text(
    'Of a completed execution: replica or live_migration',
    ({ scenario }: WaitState) => scenario,
    { nullable: true },
  ),
  failure: key.text(
    'Failing task and its error text',
    ({ failure }: WaitState) => failure && [failure.task_type, failure.message].filter(Boolean).join(': '),
    { nullable: true, untrusted: true },
  ),
  ...pickShape(waitResultView.shape, 'deployment_id', 'deployment_status'),
};
