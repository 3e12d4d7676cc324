import { path } from '../api/path';
import type { Coriolis } from '../api/coriolis';
import { isFinal } from '../model/status';
import type { Deployment, Execution, Timestamps, Transfer } from '../model/types';
import { passes } from './event';
import type { EventFilter, EventKind, WatchEvent } from './event';
import { defaultLimits } from './limits';
import type { WatchLimits } from './limits';
import { pollPools } from './pools';
import { pollReplicas } from './replicas';
import { hasBegun } from './runs';
import { pollSchedules } from './schedules';
import { pollStalls } from './stalls';
import { ask } from './steps';
import type { Steps } from './steps';
import {
  deploymentFinished,
  executionFinished,
  executionStalled,
  executionStarted,
  minionPoolFailed,
  replicaOverdue,
  scheduleMissed,
  withLink,
} from './tell';
import { concernsDeployment, concernsTransfer, perform, walkOptions, withFailure } from './watch';

const ROWS = 50;
/** Most transfers whose executions are looked up for an example. */
const LOOKUPS = 5;
const DAY_MS = 86_400_000;

const newest = { sort_key: 'updated_at', sort_dir: 'desc', limit: ROWS } as const;

export interface SampleOptions extends WatchLimits {
  readonly kinds?: readonly EventKind[];
  readonly filter?: EventFilter;
  readonly webAddress?: string;
}

type Settings = Required<WatchLimits> & { readonly filter: EventFilter; readonly now: number };

/** How an example of each kind is found: the newest that really happened. */
const SAMPLES: Readonly<Record<EventKind, (settings: Settings) => Steps<readonly WatchEvent[]>>> = {
  execution: ({ filter }) =>
    newestRun(
      filter,
      // What the last run shows saves requests; only its own record tells its type.
      (transfer) =>
        isFinal(transfer.last_execution_status) &&
        passes(executionFinished({ transfer, execution: null }), filter),
      (transfer, execution) =>
        isFinal(execution.status) ? executionFinished({ transfer, execution }) : undefined,
    ),
  execution_started: ({ filter }) =>
    newestRun(
      filter,
      (transfer) => transfer.last_execution_status !== 'UNEXECUTED',
      (transfer, execution) => (hasBegun(execution) ? executionStarted({ transfer, execution }) : undefined),
    ),
  deployment: ({ filter }) => newestDeployment(filter),
  *execution_stalled({ filter, stallMinutes }) {
    const { stalled } = yield* pollStalls({ t0: 0, known: {} }, stallMinutes * 60_000);
    return stalled.filter(({ transfer }) => concernsTransfer(transfer, filter)).map(executionStalled);
  },
  *replica_overdue({ filter, rpoHours, now }) {
    const from = now - 30 * DAY_MS;
    const { overdue } = yield* pollReplicas(
      { from, until: from, known: {} },
      { rpoMs: rpoHours * 3_600_000, ...walkOptions(filter) },
    );
    return overdue.map(replicaOverdue);
  },
  *schedule_missed({ filter, graceMinutes, now }) {
    const from = now - 7 * DAY_MS;
    const { missed } = yield* pollSchedules(
      { from, until: from },
      { graceMs: graceMinutes * 60_000, ...walkOptions(filter) },
    );
    return missed.map(scheduleMissed);
  },
  *minion_pool_error() {
    const { failed } = yield* pollPools({ known: {} });
    return failed.map(minionPoolFailed);
  },
};

/**
 * Recent events as examples, one for each kind of which there is one that passes the filter. Needs no cursor and changes
 * none. Looks at a bounded part of what there is: the newest 50 transfers and deployments, the schedules of 20 transfers.
 */
export async function samples(
  coriolis: Coriolis,
  options: SampleOptions = {},
): Promise<readonly WatchEvent[]> {
  const { kinds = ['execution', 'deployment'], filter = {}, webAddress } = options;
  const settings = { ...defaultLimits, ...options, filter, now: coriolis.clock() };
  const found: WatchEvent[] = [];
  for (const kind of kinds) {
    const events = await perform(coriolis, SAMPLES[kind](settings));
    const latest = events
      .filter((event) => passes(event, filter))
      .toSorted((a, b) => (a.occurred_at ?? '').localeCompare(b.occurred_at ?? ''))
      .at(-1);
    if (latest !== undefined) found.push(withLink(await withFailure(coriolis, latest), webAddress));
  }
  return found;
}

/** Latest change first, also where the server ignores the order asked for (before 1.2.2). */
const byChange = <Row extends Timestamps>(rows: readonly Row[]): readonly Row[] =>
  rows.toSorted((a, b) => (b.updated_at ?? '').localeCompare(a.updated_at ?? ''));

function* newestRun(
  filter: EventFilter,
  isCandidate: (transfer: Transfer) => boolean,
  eventOf: (transfer: Transfer, execution: Execution) => WatchEvent | undefined,
): Steps<readonly WatchEvent[]> {
  const { rows } = yield* ask<Transfer>({ path: '/transfers', key: 'transfers', query: newest });
  const candidates = byChange(rows)
    .filter((transfer) => concernsTransfer(transfer, filter) && isCandidate(transfer))
    .slice(0, LOOKUPS);
  for (const transfer of candidates) {
    const { rows: executions } = yield* ask<Execution>({
      path: path`/transfers/${transfer.id}/executions`,
      key: 'executions',
      query: { sort_key: 'number', sort_dir: 'desc', limit: 3 },
    });
    for (const execution of executions.toSorted((a, b) => b.number - a.number)) {
      const event = eventOf(transfer, execution);
      if (event !== undefined && passes(event, filter)) return [event];
    }
  }
  return [];
}

function* newestDeployment(filter: EventFilter): Steps<readonly WatchEvent[]> {
  const { rows } = yield* ask<Deployment>({ path: '/deployments', key: 'deployments', query: newest });
  return byChange(rows)
    .filter(
      (deployment) => isFinal(deployment.last_execution_status) && concernsDeployment(deployment, filter),
    )
    .map(deploymentFinished)
    .filter((event) => passes(event, filter))
    .slice(0, 1);
}
