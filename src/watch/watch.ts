import { ProtocolError } from '../api/errors';
import type { Coriolis } from '../coriolis';
import { failureOf } from '../model/failure';
import { lookAtDeployment } from '../playbooks/look';
import { tolerate } from '../playbooks/tolerate';
import { readCursor } from './cursor';
import type { Cursor } from './cursor';
import { pollDeployments } from './deployments';
import { deploymentEvent, executionEvent, passes } from './event';
import type { EventFilter, EventKind, WatchEvent } from './event';
import { pollExecutions } from './executions';
import type { ListAnswer, ListRequest, Steps } from './steps';

export type { Cursor } from './cursor';
export { watchEventShape } from './event';
export type { EventFilter, EventKind, WatchEvent } from './event';

export interface WatchOptions {
  /**
   * Names the server and project that the cursor belongs to (base URL and project, or a fingerprint of them). A cursor of
   * another scope is not used: the watch starts afresh.
   */
  readonly scope: string;
  /** What to watch; both by default. What is not watched costs nothing and starts afresh when it is watched again. */
  readonly kinds?: readonly EventKind[];
  readonly filter?: EventFilter;
}

/**
 * Looks once for executions and deployments that have ended since the cursor, exactly one event each (watching.md; its §5
 * lists what no watcher can see). Without a usable cursor it takes in the present and tells nothing. Save the cursor
 * together with the events, and only then: after an error the old one is still right.
 *
 * Requests: one small list for each kind, one for each transfer whose run ended, one for each failed deployment that
 * passes the filter. Filters never add a request and never touch the cursor.
 *
 * @param saved what an earlier call returned as `cursor`, through JSON; anything else counts as none
 */
export async function watch(
  coriolis: Coriolis,
  saved: unknown,
  options: WatchOptions,
): Promise<{ readonly events: readonly WatchEvent[]; readonly cursor: Cursor }> {
  const { scope, filter = {}, kinds = ['execution', 'deployment'] } = options;
  const before = readCursor(saved, scope);
  const events: WatchEvent[] = [];
  let cursor: Cursor = { version: 1, scope };

  if (kinds.includes('execution')) {
    const poll = await perform(coriolis, pollExecutions(before?.executions));
    const executions = poll?.cursor ?? before?.executions;
    if (executions !== undefined) cursor = { ...cursor, executions };
    events.push(...(poll?.finished ?? []).map(executionEvent).filter((event) => passes(event, filter)));
  }
  if (kinds.includes('deployment')) {
    const poll = await perform(coriolis, pollDeployments(before?.deployments));
    const deployments = poll?.cursor ?? before?.deployments;
    if (deployments !== undefined) cursor = { ...cursor, deployments };
    const passed = (poll?.finished ?? []).map(deploymentEvent).filter((event) => passes(event, filter));
    for (const event of passed) events.push(await withFailure(coriolis, event));
  }
  return { events, cursor };
}

/** Lists show deployments without their tasks: a failed one is read once more for the task that failed. */
export async function withFailure(coriolis: Coriolis, event: WatchEvent): Promise<WatchEvent> {
  if (event.outcome !== 'failed' || event.failure !== null || event.deployment_id === null) return event;
  const look = await tolerate(lookAtDeployment(coriolis, event.deployment_id), ['not_found'], null);
  return { ...event, failure: failureOf(look?.run.tasks ?? []) ?? failureOf(look?.deployer?.tasks ?? []) };
}

/** Sends what the steps ask for until they have their result. */
export async function perform<Result>(coriolis: Coriolis, steps: Steps<Result>): Promise<Result> {
  let turn = steps.next([]);
  while (turn.done !== true) {
    turn = steps.next(await Promise.all(turn.value.map((request) => fetchList(coriolis, request))));
  }
  return turn.value;
}

async function fetchList({ client, signal }: Coriolis, request: ListRequest): Promise<ListAnswer> {
  const { body, date } = await client.getWithDate<Record<string, unknown>>(request.path, {
    query: request.query,
    ...(signal === undefined ? {} : { signal }),
  });
  const rows = body[request.key];
  if (Array.isArray(rows)) return { rows, date };
  throw new ProtocolError(`The answer to GET ${request.path} has no list "${request.key}"`, {
    advice: 'Check that the endpoint URL is that of Coriolis.',
  });
}
