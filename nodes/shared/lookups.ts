import {
  type IDataObject,
  type ILoadOptionsFunctions,
  type INodeListSearchResult,
  type INodePropertyOptions,
} from 'n8n-workflow';
import { isCoriolisError } from '../../src/api/errors';
import { catalogue } from '../../src/catalogue';
import type { Coriolis } from '../../src/coriolis';
import { reference, type AnyField, type Fields, type ReferableResource } from '../../src/fields';
import { lookups, type Candidate } from '../../src/lookup';
import { prepare } from '../../src/perform';
import { filterFields } from '../../src/watch/fields';
import { coriolisFor } from './coriolisFor';
import { loadMethod, searchMethod } from './layout';
import { nodeError } from './nodeError';
import { plain } from './readRequest';

/** A drop-down that hangs is worse than one that says why it is empty; slow platforms answer within this, or it is typed. */
const patience = { timeoutMs: 15_000, retry: { attempts: 1 } };
/** Entries a page of a drop-down. */
const pageSize = 100;
/** Rows looked through for a page of search results; scrolling goes on behind them. */
const scanned = 1_000;
/** Entries of a multi-select: it cannot page, but its own search works on all of them. */
const loaded = 500;

interface Target {
  readonly resource: ReferableResource;
  /** Name of the parameter that holds the parent, and the field as declared. */
  readonly within: string | undefined;
  readonly parent: AnyField | undefined;
}

/** Everything that some parameter of the catalogue refers to, once for each combination of resource and parent. */
function targetsIn(
  fieldSets: readonly Fields[],
  kind: 'reference' | 'list',
  name: (resource: ReferableResource, within: string | undefined) => string,
): ReadonlyMap<string, Target> {
  const targets = new Map<string, Target>();
  for (const fields of fieldSets) {
    for (const field of Object.values(fields)) {
      const target = field.kind === 'reference' ? field : field.kind === 'list' ? field.of : undefined;
      if (field.kind !== kind || target === undefined) continue;
      const { resource, within } = target;
      targets.set(name(resource, within), {
        resource,
        within,
        parent: within === undefined ? undefined : fields[within],
      });
    }
  }
  return targets;
}

const inputs: readonly Fields[] = [...catalogue.map(({ input }) => input), filterFields];

/** Lists of the resource locators, by the name that the form knows them by. */
export const listSearch = methodsOf(
  targetsIn(inputs, 'reference', searchMethod),
  (target) =>
    async function (
      this: ILoadOptionsFunctions,
      filter?: string,
      paginationToken?: string,
    ): Promise<INodeListSearchResult> {
      return await search(this, target, filter?.trim() ?? '', paginationToken);
    },
);

/** Choices of the multi-selects. */
export const loadOptions = methodsOf(
  targetsIn(inputs, 'list', loadMethod),
  (target) =>
    async function (this: ILoadOptionsFunctions): Promise<INodePropertyOptions[]> {
      const options: INodePropertyOptions[] = [];
      await look(this, target, '', undefined, ({ value, name, detail }) => {
        options.push({ name, value, ...(detail === '' ? {} : { description: detail }) });
        return options.length < loaded;
      });
      return options;
    },
);

function methodsOf<Method>(
  targets: ReadonlyMap<string, Target>,
  method: (target: Target) => Method,
): Record<string, Method> {
  return Object.fromEntries([...targets].map(([name, target]) => [name, method(target)]));
}

/** A page of candidates that match; servers search no names, so rows are looked through here. */
async function search(
  context: ILoadOptionsFunctions,
  target: Target,
  filter: string,
  after: string | undefined,
): Promise<INodeListSearchResult> {
  const results: INodeListSearchResult['results'] = [];
  const needle = filter.toLowerCase();
  let rows = 0;
  let paginationToken: string | undefined;
  await look(context, target, filter, after, (candidate) => {
    rows += 1;
    const { value, name, detail, position } = candidate;
    if (`${name} ${detail} ${value}`.toLowerCase().includes(needle)) {
      results.push({ name: detail === '' ? name : `${name} (${detail})`, value });
    }
    const full = results.length >= pageSize || rows >= scanned;
    // Lists without positions come in one piece and end by themselves.
    if (full && position !== undefined) paginationToken = position;
    return !full || position === undefined;
  });
  return { results, ...(paginationToken === undefined ? {} : { paginationToken }) };
}

/** Hands candidates to `take` until it has enough; what goes wrong reaches the person as a short message. */
async function look(
  context: ILoadOptionsFunctions,
  target: Target,
  filter: string,
  after: string | undefined,
  take: (candidate: Candidate) => boolean,
): Promise<void> {
  try {
    const coriolis = coriolisFor(context, patience);
    const within = await parentId(context, target, coriolis);
    for await (const candidate of lookups[target.resource].candidates(coriolis, within, filter, after)) {
      if (!take(candidate)) return;
    }
  } catch (error) {
    throw shortened(context, error);
  }
}

/** The id of what the list lies within, also when the form holds its name. */
async function parentId(
  context: ILoadOptionsFunctions,
  { within, parent }: Target,
  coriolis: Coriolis,
): Promise<string> {
  if (within === undefined || parent === undefined) return '';
  const fields = { [within]: required(parent) };
  const given = { [within]: currentValue(context, within) };
  const input = await prepare(fields, coriolis, given, () => parent.title);
  return String(input[within]);
}

/** The parent as a list needs it, whatever the operation thinks. */
const required = (parent: AnyField) =>
  parent.kind === 'reference'
    ? reference(parent.resource, parent.title, `Choose the ${parent.title.toLowerCase()} first.`)
    : parent;

/** A parameter of the form, wherever the form keeps it. */
function currentValue(context: ILoadOptionsFunctions, name: string): unknown {
  const parameters = context.getCurrentNodeParameters() ?? {};
  const { options, filters } = parameters as { options?: IDataObject; filters?: IDataObject };
  return plain(parameters[name] ?? filters?.[name] ?? options?.[name]);
}

/** Drop-downs show the message only: what to do next belongs into it. */
function shortened(context: ILoadOptionsFunctions, error: unknown) {
  const shown = nodeError(context.getNode(), error);
  if (isCoriolisError(error) && error.advice !== undefined)
    shown.message = `${error.message}. ${error.advice}`;
  return shown;
}
