import {
  NodeOperationError,
  type IDataObject,
  type INodeExecutionData,
  type IPollFunctions,
} from 'n8n-workflow';
import { InvalidInputError, isCoriolisError } from '../../src/api/errors';
import type { Coriolis } from '../../src/coriolis';
import { prepare } from '../../src/perform';
import { filterOf, filterReferences } from '../../src/watch/fields';
import { sample } from '../../src/watch/sample';
import { watch, type EventFilter, type EventKind, type WatchEvent } from '../../src/watch/watch';
import { coriolisFor } from '../shared/coriolisFor';
import { scopeOf } from '../shared/keystoneForm';
import { nodeError } from '../shared/nodeError';
import { plain } from '../shared/readRequest';
import { credentialName } from '../shared/transport';

/** n8n starts the next poll even while this one runs, so each must end well within a minute. */
const patience = { timeoutMs: 15_000, retry: { attempts: 2, maximumElapsedMs: 10_000 } };

/**
 * Polls in a row that may fail for reasons that pass by themselves before the workflow hears of it: a restart of the
 * server must not raise an alert a minute.
 */
const toleratedFailures = 5;

/** What n8n keeps between two polls, and writes to its database only when a poll emits something. */
interface Kept extends IDataObject {
  cursor?: IDataObject;
  failures?: number;
}

/** One poll: events since the last one, or null for none. A manual run gets a recent event and leaves no trace. */
export async function poll(context: IPollFunctions): Promise<INodeExecutionData[][] | null> {
  const coriolis = coriolisFor(context, patience);
  if (context.getMode() === 'manual') return [[itemOf(await recentEvent(context, coriolis))]];

  const kept = context.getWorkflowStaticData('node') as Kept;
  const begin = kept.cursor;
  try {
    const { events, cursor } = await watch(coriolis, begin, {
      scope: scopeOf(await context.getCredentials(credentialName)),
      kinds: kindsOf(context),
      filter: await filterFor(context, coriolis),
    });
    // n8n may begin a poll while another runs. The one that ends first has told these events; the next poll tells the rest.
    if (kept.cursor !== begin) return null;
    // Last, and in one statement: what is kept must never be ahead of what was emitted.
    Object.assign(kept, { cursor, failures: 0 });
    return events.length === 0 ? null : [events.map(itemOf)];
  } catch (error) {
    const failures = (kept.failures ?? 0) + 1;
    if (kept.cursor === undefined || !mayPass(error) || failures > toleratedFailures) {
      throw nodeError(context.getNode(), error);
    }
    context.logger.warn(`Poll ${failures} of at most ${toleratedFailures} in a row failed; nothing is lost`, {
      node: context.getNode().name,
      kind: isCoriolisError(error) ? error.kind : 'unknown',
    });
    kept.failures = failures;
    return null;
  }
}

/** Whether time may heal it. Wrong credentials, missing rights and wrong input it does not. */
const mayPass = (error: unknown): boolean =>
  isCoriolisError(error) && ['unreachable', 'timeout', 'server', 'protocol'].includes(error.kind);

async function recentEvent(context: IPollFunctions, coriolis: Coriolis): Promise<WatchEvent> {
  const options = { kinds: kindsOf(context), filter: await guarded(context, filterFor(context, coriolis)) };
  const event = await guarded(context, sample(coriolis, options));
  if (event !== null) return event;
  throw new NodeOperationError(context.getNode(), 'Nothing has finished lately that passes the filters', {
    description: 'There is no event to show yet. Run a transfer, or loosen the filters.',
  });
}

async function guarded<Result>(context: IPollFunctions, work: Promise<Result>): Promise<Result> {
  try {
    return await work;
  } catch (error) {
    throw nodeError(context.getNode(), error);
  }
}

function kindsOf(context: IPollFunctions): readonly EventKind[] {
  const kinds = context.getNodeParameter('events') as EventKind[];
  if (kinds.length > 0) return kinds;
  throw new InvalidInputError('Events (events) is empty: choose at least one.', { field: 'events' });
}

async function filterFor(context: IPollFunctions, coriolis: Coriolis): Promise<EventFilter> {
  const filters = context.getNodeParameter('filters', {}) as Record<string, unknown>;
  const references = Object.fromEntries(
    Object.keys(filterReferences).map((name) => [name, plain(filters[name])]),
  );
  return filterOf({ ...filters, ...(await prepare(filterReferences, coriolis, references, (name) => name)) });
}

const itemOf = (event: WatchEvent): INodeExecutionData => ({ json: { ...event } as unknown as IDataObject });
