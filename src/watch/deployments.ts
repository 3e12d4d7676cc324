import { isFinal } from '../model/status';
import type { Deployment } from '../model/types';
import { listChanges } from './changes';
import type { Changed } from './changes';
import { BELIEVED_AFTER_MS, CLOCK_JUMP_MS, HORIZON_MS, OVERLAP_MS } from './cursor';
import type { DeploymentsCursor } from './cursor';
import type { Steps } from './steps';

export interface DeploymentsPoll {
  readonly cursor: DeploymentsCursor;
  readonly finished: readonly Deployment[];
}

/**
 * One poll for finished deployments. A deployment runs once, so its id is the key and no second request is needed
 * (watching.md §3). Undefined and a missing cursor mean the same as for executions.
 */
export function* pollDeployments(cursor: DeploymentsCursor | undefined): Steps<DeploymentsPoll | undefined> {
  if (cursor === undefined) return yield* takeIn();
  const changes = yield* listChanges<Deployment>('deployments', () => cursor.high - OVERLAP_MS);
  if (changes === undefined) return undefined;
  if (cursor.high > changes.date + CLOCK_JUMP_MS) return yield* takeIn();

  const finished = ended(changes.rows, cursor.t0).filter(
    ({ row, changedAt, date }) =>
      !Object.hasOwn(cursor.done, row.id) && date - changedAt >= BELIEVED_AFTER_MS,
  );
  const high = Math.max(cursor.high, Math.min(changes.rows.at(-1)?.changedAt ?? 0, changes.date));
  const t0 = Math.max(cursor.t0, high - HORIZON_MS);
  const done = [...Object.entries(cursor.done), ...idsOf(finished)].filter(([, endedAt]) => endedAt > t0);
  return { finished: finished.map(({ row }) => row), cursor: { t0, high, done: Object.fromEntries(done) } };
}

function* takeIn(): Steps<DeploymentsPoll | undefined> {
  const changes = yield* listChanges<Deployment>('deployments', (newest) => newest - HORIZON_MS);
  if (changes === undefined) return undefined;
  const high = Math.min(changes.rows.at(-1)?.changedAt ?? 0, changes.date);
  const t0 = Math.max(0, high - HORIZON_MS);
  return { finished: [], cursor: { t0, high, done: Object.fromEntries(idsOf(ended(changes.rows, t0))) } };
}

type Row = Changed<Deployment>;

const ended = (rows: readonly Row[], t0: number): readonly Row[] =>
  rows.filter(({ row, changedAt }) => isFinal(row.last_execution_status) && changedAt > t0);

const idsOf = (rows: readonly Row[]): ReadonlyArray<readonly [string, number]> =>
  rows.map(({ row, changedAt }) => [row.id, changedAt] as const);
