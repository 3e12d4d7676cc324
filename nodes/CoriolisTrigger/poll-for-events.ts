import {
  NodeOperationError,
  type IDataObject,
  type INodeExecutionData,
  type IPollFunctions,
} from 'n8n-workflow';
import { InvalidInputError, isCoriolisError } from '../../src/api/errors';
import type { Coriolis } from '../../src/api/operation-context';
import { setResolvedNameCache, type ResolvedNameCache } from '../../src/lookup/name-directory';
import { readInput } from '../../src/vocabulary/read-input';
import { resolveInput } from '../../src/prepared-call';
import {
  filterFields,
  makeEventFilter,
  eventsField,
  eventSettingFields,
  eventContentFields,
} from '../../src/watch/trigger-fields';
import { fetchSampleEvents, type SampleOptions } from '../../src/watch/sample-events';
import {
  eventView,
  pollWatch,
  type EventFilter,
  type EventKind,
  type WatchEvent,
} from '../../src/watch/poll-watch';
import { createOperationContext } from '../login/create-operation-context';
import { serverAndProjectOf, webInterfaceAddressOf } from '../login/read-credential';
import { toNodeError } from '../render/node-error';
import { makeLabelSpelling, unwrapLocator } from '../read/parameter-value';
import { credentialTypeName } from '../login/node-transport';
import { beginConcurrentPoll } from './concurrent-polls';

/**
 * Timeouts and retries of the requests of a poll. n8n starts the next poll even while this one runs, so each poll must
 * end well within a minute.
 */
const callOptions = { timeoutMs: 15_000, retry: { attempts: 2, maximumElapsedMs: 10_000 } };

/**
 * Number of consecutive failed polls that are tolerated: a restart of the server must not raise an alert every minute.
 */
const toleratedFailures = 5;

/**
 * State of the trigger between polls. The timers of n8n write it to the database at activation and when a poll emits items,
 * the durable scheduler after each poll.
 */
interface StaticData extends IDataObject {
  cursor?: IDataObject;
  failures?: number;
}

/**
 * Ids that the names in the filters of each active trigger were resolved to. They are kept here because each poll makes
 * a new client, which would look the names up again.
 */
const nameMemories = new WeakMap<StaticData, { readonly scope: string; readonly names: ResolvedNameCache }>();

/** Returns the names that a trigger has resolved on this server and project; none when either has changed. */
function memoryOf(data: StaticData, scope: string): ResolvedNameCache {
  const known = nameMemories.get(data);
  if (known?.scope === scope) return known.names;
  const names: ResolvedNameCache = new Map();
  nameMemories.set(data, { scope, names });
  return names;
}

/**
 * Polls once: returns the events since the last poll, or null for none. "Fetch Test Event" gets recent events and
 * changes no state.
 */
export async function pollForEvents(context: IPollFunctions): Promise<INodeExecutionData[][] | null> {
  const coriolis = createOperationContext(context, callOptions);
  if (context.getMode() === 'manual') return [(await recentEvents(context, coriolis)).map(itemOf)];

  const data = context.getWorkflowStaticData('node') as StaticData;
  const { cursor: begin } = data;
  const turn = beginConcurrentPoll(context, data, begin);
  try {
    const scope = serverAndProjectOf(await context.getCredentials(credentialTypeName));
    setResolvedNameCache(coriolis, memoryOf(data, scope));
    const { events, cursor, notices } = await pollWatch(coriolis, begin, {
      scope,
      ...(await chosenOptions(context, coriolis)),
    });
    // Another poll has ended while this one ran, and has emitted its events: what this one found comes with the next
    // poll.
    if (data.cursor !== begin || turn.isOutdated()) return null;
    turn.recordHandover(cursor);
    // Nothing that can fail may follow: a stored cursor whose events are not emitted would lose them.
    Object.assign(data, { cursor, failures: 0 });
    if (notices.length > 0) reportRestart(context, notices);
    return events.length === 0 ? null : [events.map(itemOf)];
  } catch (error) {
    // Changed now, the state would be stored over that of the other poll.
    if (turn.isOutdated()) return null;
    const failures = (Number.isInteger(data.failures) ? Number(data.failures) : 0) + 1;
    if (data.cursor === undefined || !isTemporary(error) || failures > toleratedFailures) {
      throw toNodeError(context.getNode(), error);
    }
    context.logger.warn(`Poll ${failures} of at most ${toleratedFailures} in a row failed; nothing is lost`, {
      node: context.getNode().name,
      kind: isCoriolisError(error) ? error.kind : 'unknown',
    });
    data.failures = failures;
    return null;
  }
}

/**
 * Reports that the watch was restarted: in n8n's log, and as a failed execution, which also runs the error workflow.
 * Nothing is thrown, because an error could end the activation, or discard the new state: then every poll would report
 * the restart again.
 */
function reportRestart(context: IPollFunctions, notices: readonly string[]): void {
  const node = context.getNode();
  for (const notice of notices) context.logger.warn(notice, { node: node.name });
  try {
    context.__emitError(
      new NodeOperationError(node, notices.join(' '), {
        description: 'Check in Coriolis what ended in between. From now on every event is reported again.',
      }),
    );
  } catch (error) {
    // A context that records no executions, such as that of a test, throws.
    context.logger.debug('The notice is not shown as a failed execution', { reason: String(error) });
  }
}

/** Whether an error may be temporary. Wrong credentials, missing rights and wrong input are not temporary. */
const isTemporary = (error: unknown): boolean =>
  isCoriolisError(error) && ['unreachable', 'timeout', 'server', 'protocol'].includes(error.kind);

async function recentEvents(context: IPollFunctions, coriolis: Coriolis): Promise<readonly WatchEvent[]> {
  try {
    const events = await fetchSampleEvents(coriolis, await chosenOptions(context, coriolis));
    if (events.length > 0) return events;
  } catch (error) {
    throw toNodeError(context.getNode(), error);
  }
  throw new NodeOperationError(context.getNode(), 'No recent event passes the filters', {
    description: 'There is no event to show yet. Run a transfer, choose other events, or loosen the filters.',
  });
}

/** Reads the options of the watch from the form. */
async function chosenOptions(
  context: IPollFunctions,
  coriolis: Coriolis,
): Promise<SampleOptions & { readonly kinds: readonly EventKind[] }> {
  const chosen = kindsOf(context);
  const limits = Object.fromEntries(
    Object.entries(eventSettingFields)
      .filter(([, { kinds: events }]) => events.some((kind) => chosen.includes(kind)))
      .map(([name, { field }]) => [
        name,
        readInput({ [name]: field }, given(context, name), makeLabelSpelling({ [name]: field }))[name],
      ]),
  );
  const options = context.getNodeParameter('options', {}) as Record<string, unknown>;
  const { webAddress = webInterfaceAddressOf(await context.getCredentials(credentialTypeName)) } = readInput(
    eventContentFields,
    options,
    makeLabelSpelling(eventContentFields),
  );
  return {
    ...limits,
    kinds: chosen,
    filter: await filterFor(context, coriolis),
    webAddress,
  };
}

const given = (context: IPollFunctions, name: string): Record<string, unknown> => ({
  [name]: context.getNodeParameter(name, undefined),
});

function kindsOf(context: IPollFunctions): readonly EventKind[] {
  const chosen = context.getNodeParameter('events') as string[];
  const known: readonly string[] =
    eventsField.kind === 'choice' ? eventsField.choices.map(({ value }) => value) : [];
  const unknown = chosen.filter((kind) => !known.includes(kind));
  if (unknown.length > 0 || chosen.length === 0) {
    const wrong = chosen.length === 0 ? 'is empty' : `cannot be ${unknown.join(', ')}`;
    throw new InvalidInputError(`Events ${wrong}: choose at least one of ${known.join(', ')}.`, {
      field: 'Events',
    });
  }
  return chosen as EventKind[];
}

async function filterFor(context: IPollFunctions, coriolis: Coriolis): Promise<EventFilter> {
  const filters = context.getNodeParameter('filters', {}) as Record<string, unknown>;
  const named = Object.fromEntries(
    Object.keys(filterFields).map((name) => [name, unwrapLocator(filters[name])]),
  );
  return makeEventFilter({
    ...filters,
    ...(await resolveInput(filterFields, coriolis, named, makeLabelSpelling(filterFields))),
  });
}

const itemOf = (event: WatchEvent): INodeExecutionData => ({
  json: eventView.of(event) as unknown as IDataObject,
});
