import { key, pickShape, view, type ResultOf } from '../vocabulary/result-keys';
import type { WaitState } from './wait-state';

/** Result of one target of a wait: an execution, deployment, migration or minion pool. */
export const waitResultView = view<WaitState>()({
  kind: key.text('execution, deployment, migration or minion_pool', ({ target }: WaitState) => target.kind),
  id: key.text('Its id', ({ target }: WaitState) => target.id),
  transfer_id: key.text('Its transfer', ({ transferId }: WaitState) => transferId, { nullable: true }),
  instances: key.texts('Machines', ({ machines }: WaitState) => machines, {
    nullable: true,
    untrusted: true,
  }),
  status: key.text('Last status seen'),
  outcome: key.text(
    'completed, failed, canceled, stalled, timed_out or deleted; null while it goes on',
    ({ outcome }: WaitState) => outcome,
    { nullable: true },
  ),
  percent: key.number('0 to 100', ({ progress }: WaitState) => progress.percent, { nullable: true }),
  eta_seconds: key.number('Estimated seconds left', ({ etaSeconds }: WaitState) => etaSeconds, {
    nullable: true,
  }),
  stalled_since: key.time(
    'Last change, when it stands still',
    ({ stalledSince }: WaitState) => stalledSince,
    { nullable: true },
  ),
  started_at: key.time('Start; null for a minion pool', ({ createdAt }: WaitState) => createdAt, {
    nullable: true,
  }),
  finished_at: key.time('When it ended', ({ finishedAt }: WaitState) => finishedAt, { nullable: true }),
  duration_seconds: key.number(
    'From its start to its end or the last look',
    ({ durationSeconds }: WaitState) => durationSeconds,
    { nullable: true },
  ),
  failure: key.object(
    'What failed; null unless something did',
    {
      instance: key.text('Machine', { nullable: true, untrusted: true }),
      task_type: key.text('Task', { nullable: true }),
      message: key.text('Its error, in the provider’s words', { untrusted: true }),
    },
    ({ failure }: WaitState) => failure,
    { nullable: true },
  ),
  deployment_id: key.text(
    'Deployment that Coriolis made of it by itself',
    ({ autoDeployment }: WaitState) => autoDeployment?.id,
    { nullable: true },
  ),
  deployment_status: key.text(
    'Its status',
    ({ autoDeployment }: WaitState) => autoDeployment?.last_execution_status,
    { nullable: true },
  ),
  next: key.text('What to do next', ({ advice }: WaitState) => advice, { nullable: true }),
});

export type WaitResult = ResultOf<typeof waitResultView>;

/** Result keys of one target in the result of a wait for several. Its failure is one line of text. */
export const waitTargetKeys = {
  ...pickShape(
    waitResultView.shape,
    'kind',
    'id',
    'transfer_id',
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
    'The failing task and its words',
    ({ failure }: WaitState) => failure && [failure.task_type, failure.message].filter(Boolean).join(': '),
    { nullable: true, untrusted: true },
  ),
  ...pickShape(waitResultView.shape, 'deployment_id', 'deployment_status'),
};
