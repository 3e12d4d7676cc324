import type { Coriolis } from '../api/operation-context';
import { sendReadRequest } from '../requests/object-requests';
import { formatRestartNotice, readCursor, type Cursor } from './cursor';
import type { AnyEventDefinition } from './define-event';
import type { EventDraft, WatchEvent } from './event-view';
import {
  defaultEventKinds,
  eventsInPollOrder,
  withDefaultSettings,
  type EventKind,
  type EventSettings,
} from './event-kinds';
import { acceptsEvent, type EventFilter } from './event-filter';
import { completeDrafts } from './complete-drafts';
import { completeEvent } from './complete-event';
import { redactEvent } from './event-parts';
import type { WatchSteps } from './watch-steps';

export type { Cursor } from './cursor';
export { eventView } from './event-view';
export type { WatchEvent } from './event-view';
export type { EventKind, EventSettings } from './event-kinds';
export type { EventFilter } from './event-filter';

export interface WatchOptions extends EventSettings {
  /**
   * Text that identifies the server and project (see `serverAndProjectKeyOf`). With a cursor of another scope the watch begins
   * now.
   */
  readonly scope: string;
  /**
   * Events to watch; by default the ends of executions and deployments. A kind that a later call adds is watched from
   * that call on.
   */
  readonly kinds?: readonly EventKind[] | undefined;
  readonly filter?: EventFilter | undefined;
  /** Address of the web interface, for links. */
  readonly webAddress?: string | undefined;
}

/** Result of one poll. */
export interface WatchResult {
  readonly events: readonly WatchEvent[];
  /** Cursor for the next poll. Store it together with the events. */
  readonly cursor: Cursor;
  /** Sentences for people about the reasons why the watch, or a part of it, was restarted. */
  readonly notices: readonly string[];
}

/**
 * Polls once and returns the events since the cursor. Each event is returned exactly once (docs/reference/watching.md
 * §3; §5 lists the exceptions). Without a usable cursor, the poll records the present and returns no events. Save the
 * new cursor together with the events; after an error, use the old cursor again. `requests` of each event definition
 * documents the number of requests. It never grows with the number of unchanged transfers. Filters change neither the
 * cursor nor the number of requests.
 *
 * @param saved `cursor` of an earlier call, also after JSON; undefined or null to begin now
 */
export async function pollWatch(
  coriolis: Coriolis,
  saved: unknown,
  options: WatchOptions,
): Promise<WatchResult> {
  const { scope, filter = {}, kinds = defaultEventKinds, webAddress } = options;
  const { cursor: before, notice } = readCursor(saved, scope);
  const notices = notice === undefined ? [] : [notice];
  const found: EventDraft[] = [];
  let cursor: Cursor = { version: 1, scope };
  for (const group of groupsOf(eventsInPollOrder.filter(({ kind }) => kinds.includes(kind)))) {
    const [{ cursorPart: part, poll, settings: fields }] = group;
    const { state, problem } = stateOf(part, before);
    const pollInput = {
      settingValues: withDefaultSettings(fields, options),
      filter,
      kinds,
      localNow: coriolis.clock(),
    };
    const polled = await runSteps(coriolis, poll(state, pollInput));
    const next = polled?.state ?? state;
    if (next !== undefined) cursor = { ...cursor, [part.name]: part.write(next) };
    const restart = problem ?? polled?.restart;
    if (restart !== undefined)
      notices.push(formatRestartNotice(restart, group.map(({ title }) => title).join(', ')));
    if (polled === undefined) continue;
    for (const event of group) {
      found.push(...(await eventsOf(coriolis, event, polled.result, { filter, webAddress })));
    }
  }
  const named = await completeDrafts(coriolis, found);
  return {
    events: named.map(redactEvent),
    cursor,
    notices,
  };
}

/** Reads one part of the cursor. `problem` is the reason why a damaged part begins from now. */
function stateOf(
  part: AnyEventDefinition['cursorPart'],
  cursor: Cursor | undefined,
): { readonly state?: unknown; readonly problem?: string } {
  const stored = cursor?.[part.name];
  if (stored === undefined) return {};
  const state = part.read(stored);
  return state === undefined ? { problem: 'its stored state is damaged' } : { state };
}

/** Groups events that share a part of the cursor and therefore a poll. */
function groupsOf(
  wanted: readonly AnyEventDefinition[],
): ReadonlyArray<readonly [AnyEventDefinition, ...AnyEventDefinition[]]> {
  const groups = new Map<string, [AnyEventDefinition, ...AnyEventDefinition[]]>();
  for (const event of wanted) {
    const group = groups.get(event.cursorPart.name);
    if (group === undefined) groups.set(event.cursorPart.name, [event]);
    else group.push(event);
  }
  return [...groups.values()];
}

/** Makes the events of one kind from the result of a poll: those that the filter accepts, with their explanations. */
async function eventsOf(
  coriolis: Coriolis,
  definition: AnyEventDefinition,
  result: unknown,
  { filter, webAddress }: { readonly filter: EventFilter; readonly webAddress: string | undefined },
): Promise<readonly EventDraft[]> {
  const { select, accepts, render } = definition;
  const reports: EventDraft[] = [];
  for (const found of select(result)) {
    if (!accepts(found, filter)) continue;
    const event = render(found);
    if (!acceptsEvent(event, filter)) continue;
    reports.push(await completeEvent(coriolis, definition, found, event, webAddress));
  }
  return reports;
}

/**
 * Runs a generator of requests to its end: sends the requests that it yields and passes the answers back.
 */
export async function runSteps<Result>(coriolis: Coriolis, steps: WatchSteps<Result>): Promise<Result> {
  let turn = steps.next([]);
  while (turn.done !== true) {
    turn = steps.next(await Promise.all(turn.value.map((request) => sendReadRequest(coriolis, request))));
  }
  return turn.value;
}
