import { ProtocolError } from '../api/errors';
import type { Coriolis } from '../api/coriolis';
import { lookAtDeployment, refusalOf } from '../waiting/run-detail';
import { poolFailure } from '../waiting/pool-failure';
import { tolerate } from '../api/tolerate';
import type { Deployment, Execution, Transfer } from '../model/types';
import { readCursor } from './cursor';
import type { Cursor } from './cursor';
import { pollDeployments } from './deployments';
import { concerns, passes } from './event';
import type { EventFilter, EventKind, WatchEvent } from './event';
import { pollExecutions } from './executions';
import { defaultLimits } from './limits';
import type { WatchLimits } from './limits';
import { pollPools } from './pools';
import { pollReplicas } from './replicas';
import { pollSchedules } from './schedules';
import { pollStalls } from './stalls';
import type { ListAnswer, ListRequest, Steps } from './steps';
import {
  deploymentFinished,
  executionFinished,
  executionStalled,
  executionStarted,
  explanationOf,
  minionPoolFailed,
  poolExplanation,
  replicaOverdue,
  scheduleMissed,
  withExplanation,
  withLink,
} from './tell';

export type { Cursor } from './cursor';
export { eventView } from './event';
export type { EventFilter, EventKind, WatchEvent } from './event';
export type { WatchLimits } from './limits';

export interface WatchOptions extends WatchLimits {
  /**
   * Names the server and project that the cursor belongs to (base URL and project, or a fingerprint of them). A cursor of
   * another scope is not used: the watch starts afresh.
   */
  readonly scope: string;
  /**
   * What to watch; ends of executions and deployments by default. What is not watched costs nothing and starts afresh when
   * it is watched again.
   */
  readonly kinds?: readonly EventKind[];
  readonly filter?: EventFilter;
  /** Address of the web interface, for links. */
  readonly webAddress?: string;
}

const MINUTE_MS = 60_000;

/**
 * Looks once for what has happened since the cursor, exactly one event each (watching.md §3; §5 lists what no watcher
 * can see). Without a usable cursor it takes in the present and tells nothing. Save the cursor together with the events, and
 * only then: after an error the old one is still right.
 *
 * Requests, whatever the number of transfers:
 * - execution, execution_started: one small list together, and one for each transfer whose run ended (or began);
 * - deployment: one small list, and one for each failed deployment that passes the filter;
 * - execution_stalled: two small lists, and one for each run that has shown no progress for as long as allowed;
 * - replica_overdue: one list of at most 200 transfers, and at most 20 looks at those that changed or became overdue;
 * - schedule_missed: one list of at most 200 transfers, and the schedules of at most 20;
 * - minion_pool_error: one small list, and one for each pool that changed.
 * The fourth and fifth go on with the next poll where they stopped. Filters touch no cursor and add no request.
 *
 * @param saved what an earlier call returned as `cursor`, through JSON; anything else counts as none
 */
export async function watch(
  coriolis: Coriolis,
  saved: unknown,
  options: WatchOptions,
): Promise<{ readonly events: readonly WatchEvent[]; readonly cursor: Cursor }> {
  const { scope, filter = {}, kinds = ['execution', 'deployment'], webAddress } = options;
  const before = readCursor(saved, scope);
  const events: WatchEvent[] = [];
  let cursor: Cursor = { version: 1, scope };
  for (const watcher of WATCHERS) {
    if (!kinds.some((kind) => watcher.kinds.includes(kind))) continue;
    const found = await watcher.poll(coriolis, before, { ...defaultLimits, ...options, filter, kinds });
    cursor = { ...cursor, ...found.cursor };
    events.push(...found.events);
  }
  return { events: events.map((event) => withLink(event, webAddress)), cursor };
}

type Settings = Required<Pick<WatchOptions, 'filter' | 'kinds'>> & Required<WatchLimits>;

interface Watcher {
  readonly kinds: readonly EventKind[];
  readonly poll: (
    coriolis: Coriolis,
    before: Cursor | undefined,
    settings: Settings,
  ) => Promise<{ readonly events: readonly WatchEvent[]; readonly cursor: Partial<Cursor> }>;
}

/** One for each part of the cursor. */
const WATCHERS: readonly Watcher[] = [
  {
    kinds: ['execution', 'execution_started'],
    async poll(coriolis, before, { filter, kinds }) {
      const starts = kinds.includes('execution_started');
      const poll = await perform(coriolis, pollExecutions(before?.executions, { starts }));
      const executions = poll?.cursor ?? before?.executions;
      const ended = kinds.includes('execution')
        ? (poll?.finished ?? [])
            .filter(({ transfer }) => concernsTransfer(transfer, filter))
            .map((found) => ({ event: executionFinished(found), run: found.execution }))
            .filter(({ event }) => passes(event, filter))
        : [];
      const begun = (poll?.started ?? [])
        .filter(({ transfer }) => concernsTransfer(transfer, filter))
        .map(executionStarted)
        .filter((event) => passes(event, filter));
      const told: WatchEvent[] = [...begun];
      for (const { event, run } of ended) told.push(await withPoolFailure(coriolis, event, run));
      return { events: told, cursor: executions === undefined ? {} : { executions } };
    },
  },
  {
    kinds: ['deployment'],
    async poll(coriolis, before, { filter }) {
      const poll = await perform(coriolis, pollDeployments(before?.deployments));
      const deployments = poll?.cursor ?? before?.deployments;
      const told: WatchEvent[] = [];
      for (const found of poll?.finished ?? []) {
        if (!concernsDeployment(found, filter)) continue;
        const event = deploymentFinished(found);
        if (passes(event, filter)) told.push(await withFailure(coriolis, event));
      }
      return { events: told, cursor: deployments === undefined ? {} : { deployments } };
    },
  },
  {
    kinds: ['execution_stalled'],
    async poll(coriolis, before, { filter, stallMinutes }) {
      const { stalled, cursor } = await perform(
        coriolis,
        pollStalls(before?.stalls, stallMinutes * MINUTE_MS),
      );
      const events = stalled
        .filter(({ transfer }) => concernsTransfer(transfer, filter))
        .map(executionStalled)
        .filter((event) => passes(event, filter));
      return { events, cursor: { stalls: cursor } };
    },
  },
  {
    kinds: ['replica_overdue'],
    async poll(coriolis, before, { filter, rpoHours }) {
      const { overdue, cursor } = await perform(
        coriolis,
        pollReplicas(before?.replicas, { rpoMs: rpoHours * 60 * MINUTE_MS, ...walkOptions(filter) }),
      );
      return { events: overdue.map(replicaOverdue), cursor: { replicas: cursor } };
    },
  },
  {
    kinds: ['schedule_missed'],
    async poll(coriolis, before, { filter, graceMinutes }) {
      const { missed, cursor } = await perform(
        coriolis,
        pollSchedules(before?.schedules, { graceMs: graceMinutes * MINUTE_MS, ...walkOptions(filter) }),
      );
      return { events: missed.map(scheduleMissed), cursor: { schedules: cursor } };
    },
  },
  {
    kinds: ['minion_pool_error'],
    async poll(coriolis, before, { filter }) {
      const { failed, cursor } = await perform(coriolis, pollPools(before?.pools));
      const events = failed.map(minionPoolFailed).filter((event) => passes(event, filter));
      return { events, cursor: { pools: cursor } };
    },
  },
];

/** Whether events of this transfer may pass. */
export const concernsTransfer = (transfer: Transfer, filter: EventFilter): boolean =>
  concerns(transfer, { transferId: transfer.id, scenario: transfer.scenario }, filter);

export const concernsDeployment = (deployment: Deployment, filter: EventFilter): boolean =>
  concerns(
    deployment,
    { transferId: deployment.transfer_id, scenario: deployment.transfer_scenario_type },
    filter,
  );

/** What a walk over all transfers needs to know of a filter. */
export const walkOptions = (filter: EventFilter) => ({
  ...(filter.transferIds === undefined ? {} : { only: filter.transferIds }),
  wants: (transfer: Transfer) => concernsTransfer(transfer, filter),
});

/** Lists show deployments without their tasks: a failed one is read once more for the task that failed. */
export async function withFailure(coriolis: Coriolis, event: WatchEvent): Promise<WatchEvent> {
  if (event.outcome !== 'failed' || event.deployment_id === null) return event;
  const look = await tolerate(lookAtDeployment(coriolis, event.deployment_id), ['not_found'], null);
  if (look === null) return event;
  const reason = refusalOf(look);
  if (reason !== undefined) return { ...event, reason, summary: `${event.summary} ${reason}` };
  const own = explanationOf(look.run.tasks ?? []);
  const explanation = own.failure === null ? explanationOf(look.deployer?.tasks ?? []) : own;
  return explanation.failure === null
    ? await withPoolFailure(coriolis, event, look.run)
    : withExplanation(event, explanation);
}

/** A run without machines has no task that failed: its pools tell why. */
async function withPoolFailure(
  coriolis: Coriolis,
  event: WatchEvent,
  run: Execution | Deployment | null,
): Promise<WatchEvent> {
  if (event.status !== 'ERROR_ALLOCATING_MINIONS' || run === null) return event;
  const text = await poolFailure(coriolis, run);
  return text === null ? event : withExplanation(event, poolExplanation(event.instances, text));
}

/** Sends what the steps ask for until they have their result. */
export async function perform<Result>(coriolis: Coriolis, steps: Steps<Result>): Promise<Result> {
  let turn = steps.next([]);
  while (turn.done !== true) {
    turn = steps.next(await Promise.all(turn.value.map((request) => fetchList(coriolis, request))));
  }
  return turn.value;
}

/** Objects that may have been deleted meanwhile. */
const OBJECTS: ReadonlyArray<ListRequest['key']> = ['transfer', 'minion_pool'];

async function fetchList({ client, signal }: Coriolis, request: ListRequest): Promise<ListAnswer> {
  const isObject = OBJECTS.includes(request.key);
  const answer = await tolerate(
    client.getWithDate<Record<string, unknown>>(request.path, {
      query: request.query,
      ...(signal === undefined ? {} : { signal }),
    }),
    isObject ? ['not_found'] : [],
    null,
  );
  if (answer === null) return { rows: [], date: NaN };
  const found = answer.body[request.key];
  if (Array.isArray(found)) return { rows: found, date: answer.date };
  if (isObject && found !== undefined) return { rows: [found], date: answer.date };
  throw new ProtocolError(`The answer to GET ${request.path} has no list "${request.key}"`, {
    advice: 'Check that the endpoint URL is that of Coriolis.',
  });
}
