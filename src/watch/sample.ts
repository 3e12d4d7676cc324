import { path } from '../api/path';
import type { Coriolis } from '../coriolis';
import { isFinal, outcomeOf } from '../model/status';
import type { Deployment, Execution, Timestamps, Transfer } from '../model/types';
import { deploymentEvent, executionEvent, passes } from './event';
import type { EventFilter, EventKind, WatchEvent } from './event';
import { ask } from './steps';
import type { Steps } from './steps';
import { perform, withFailure } from './watch';

const ROWS = 50;
/** Most transfers whose executions are looked up for an example. */
const LOOKUPS = 5;

const newest = { sort_key: 'updated_at', sort_dir: 'desc', limit: ROWS } as const;

/**
 * A recent event as an example: the newest finished run that passes the filter, or null. Needs no cursor and changes
 * none. Looks at the newest 50 transfers and deployments only.
 */
export async function sample(
  coriolis: Coriolis,
  options: { readonly kinds?: readonly EventKind[]; readonly filter?: EventFilter } = {},
): Promise<WatchEvent | null> {
  const { kinds = ['execution', 'deployment'], filter = {} } = options;
  const execution = kinds.includes('execution') ? await perform(coriolis, newestExecution(filter)) : null;
  const deployment = kinds.includes('deployment') ? await perform(coriolis, newestDeployment(filter)) : null;
  const [latest] = [execution, deployment]
    .filter((event) => event !== null)
    .sort((a, b) => (b.finished_at ?? '').localeCompare(a.finished_at ?? ''));
  return latest === undefined ? null : withFailure(coriolis, latest);
}

/** Latest change first, also where the server ignores the order asked for (before 1.2.2). */
const byChange = <Row extends Timestamps>(rows: readonly Row[]): readonly Row[] =>
  rows.toSorted((a, b) => (b.updated_at ?? '').localeCompare(a.updated_at ?? ''));

function* newestExecution(filter: EventFilter): Steps<WatchEvent | null> {
  const { rows } = yield* ask<Transfer>({ path: '/transfers', key: 'transfers', query: newest });
  const candidates = byChange(rows)
    .filter((transfer) => transfer.updated_at !== null && isFinal(transfer.last_execution_status))
    // Types are known only of executions; the rest of the filter saves requests already.
    .filter((transfer) => passes(executionEvent({ transfer, execution: null }), filter))
    .slice(0, LOOKUPS);
  for (const transfer of candidates) {
    const { rows: executions } = yield* ask<Execution>({
      path: path`/transfers/${transfer.id}/executions`,
      key: 'executions',
      query: { sort_key: 'number', sort_dir: 'desc', limit: 3 },
    });
    for (const execution of executions.toSorted((a, b) => b.number - a.number)) {
      if (outcomeOf(execution.status) === undefined) continue;
      const event = executionEvent({ transfer, execution });
      if (passes(event, filter)) return event;
    }
  }
  return null;
}

function* newestDeployment(filter: EventFilter): Steps<WatchEvent | null> {
  const { rows } = yield* ask<Deployment>({ path: '/deployments', key: 'deployments', query: newest });
  return (
    byChange(rows)
      .filter((deployment) => isFinal(deployment.last_execution_status))
      .map(deploymentEvent)
      .find((event) => passes(event, filter)) ?? null
  );
}
