import {
  NodeOperationError,
  type IDataObject,
  type INodeExecutionData,
  type IPollFunctions,
} from 'n8n-workflow';
import { InvalidInputError, isCoriolisError } from '../../src/api/errors';
import type { Coriolis } from '../../src/api/coriolis';
import { readInput } from '../../src/vocabulary/input';
import { resolveInput } from '../../src/perform';
import { filterFields, filterOf, kinds, limitFields, optionFields } from '../../src/watch/fields';
import { samples, type SampleOptions } from '../../src/watch/sample';
import { eventView, watch, type EventFilter, type EventKind, type WatchEvent } from '../../src/watch/watch';
import { coriolisFor } from '../login/coriolis-for';
import { scopeOf } from '../login/keystone-form';
import { nodeError } from '../render/node-error';
import { plain } from '../read/parameter-value';
import { credentialName } from '../login/transport';

/** Timeout and retries of a poll. n8n starts the next poll even while one runs, so each must end within a minute. */
const patience = { timeoutMs: 15_000, retry: { attempts: 2, maximumElapsedMs: 10_000 } };

/**
 * Number of consecutive temporary failures before the workflow fails, so that a restart of the server raises no alert.
 */
const toleratedFailures = 5;

/** Data that n8n keeps between two polls. It is written to the database only when a poll emits events. */
interface Kept extends IDataObject {
  cursor?: IDataObject;
  failures?: number;
}

/** One poll of the trigger: events since the last one, or null. A manual run gets a recent event and stores nothing. */
export async function poll(context: IPollFunctions): Promise<INodeExecutionData[][] | null> {
  const coriolis = coriolisFor(context, patience);
  if (context.getMode() === 'manual') return [(await recentEvents(context, coriolis)).map(itemOf)];

  const kept = context.getWorkflowStaticData('node') as Kept;
  const begin = kept.cursor;
  try {
    const { events, cursor } = await watch(coriolis, begin, {
      scope: scopeOf(await context.getCredentials(credentialName)),
      ...(await wishes(context, coriolis)),
    });
    // n8n may start a poll while another runs. The one that ended first has emitted these events; the next poll emits
    // the rest.
    if (kept.cursor !== begin) return null;
    // Stored last, and in one statement: the cursor must never be ahead of the emitted events.
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

/** Whether an error may be temporary. Wrong credentials, missing rights and wrong input are not. */
const mayPass = (error: unknown): boolean =>
  isCoriolisError(error) && ['unreachable', 'timeout', 'server', 'protocol'].includes(error.kind);

async function recentEvents(context: IPollFunctions, coriolis: Coriolis): Promise<readonly WatchEvent[]> {
  try {
    const events = await samples(coriolis, await wishes(context, coriolis));
    if (events.length > 0) return events;
  } catch (error) {
    throw nodeError(context.getNode(), error);
  }
  throw new NodeOperationError(
    context.getNode(),
    'Nothing of this kind has happened lately that passes the filters',
    {
      description:
        'There is no event to show yet. Run a transfer, choose other events, or loosen the filters.',
    },
  );
}

/** Reads the settings of the trigger's form. */
async function wishes(
  context: IPollFunctions,
  coriolis: Coriolis,
): Promise<SampleOptions & { readonly kinds: readonly EventKind[] }> {
  const chosen = kindsOf(context);
  const limits = Object.fromEntries(
    Object.entries(limitFields)
      .filter(([, { kinds: events }]) => events.some((kind) => chosen.includes(kind)))
      .map(([name, { field }]) => [name, readInput({ [name]: field }, given(context, name))[name]]),
  );
  const options = context.getNodeParameter('options', {}) as Record<string, unknown>;
  const { webAddress } = readInput(optionFields, options);
  return {
    ...limits,
    kinds: chosen,
    filter: await filterFor(context, coriolis),
    ...(webAddress === undefined ? {} : { webAddress }),
  };
}

const given = (context: IPollFunctions, name: string): Record<string, unknown> => ({
  [name]: context.getNodeParameter(name, undefined),
});

function kindsOf(context: IPollFunctions): readonly EventKind[] {
  const chosen = context.getNodeParameter('events') as string[];
  const known: readonly string[] = kinds.kind === 'choice' ? kinds.choices.map(({ value }) => value) : [];
  const unknown = chosen.filter((kind) => !known.includes(kind));
  if (unknown.length > 0 || chosen.length === 0) {
    const wrong = chosen.length === 0 ? 'is empty' : `cannot be ${unknown.join(', ')}`;
    throw new InvalidInputError(`Events (events) ${wrong}: choose at least one of ${known.join(', ')}.`, {
      field: 'events',
    });
  }
  return chosen as EventKind[];
}

async function filterFor(context: IPollFunctions, coriolis: Coriolis): Promise<EventFilter> {
  const filters = context.getNodeParameter('filters', {}) as Record<string, unknown>;
  const named = Object.fromEntries(Object.keys(filterFields).map((name) => [name, plain(filters[name])]));
  return filterOf({ ...filters, ...(await resolveInput(filterFields, coriolis, named)) });
}

const itemOf = (event: WatchEvent): INodeExecutionData => ({
  json: eventView.of(event) as unknown as IDataObject,
});
