import type { ILoadOptionsFunctions, INodeListSearchResult, INodePropertyOptions } from 'n8n-workflow';
import { InvalidInputError } from '../../src/api/errors';
import { catalogue } from '../../src/catalogue';
import type { Coriolis } from '../../src/api/coriolis';
import type { AnyField, Fields, MapSide, ReferableResource } from '../../src/vocabulary/field';
import { lookups, type Candidate } from '../../src/lookup/lookup';
import { sideCandidates } from '../../src/form/map-sides';
import { offersOf } from '../../src/vocabulary/rows';
import { filterFields } from '../../src/watch/fields';
import { coriolisOf, currentInputs, currentValue, shortened } from '../read/form-context';
import { loadMethod, offerMethod, searchMethod } from '../render/layout';
import { plainTitle } from '../render/wording';

/** Entries a page of a drop-down. */
const pageSize = 100;
/** Rows looked through for a page of search results; scrolling goes on behind them. */
const scanned = 1_000;
/** Entries of a multi-select: it cannot page, but its own search works on all of them. */
const loaded = 500;

/** Something that a parameter is chosen from. */
interface Target {
  candidates(
    context: ILoadOptionsFunctions,
    coriolis: Coriolis,
    filter: string,
    after: string | undefined,
  ): AsyncIterable<Candidate>;
  /** Whether the form has what the list depends on. */
  isReady(context: ILoadOptionsFunctions): boolean;
}

const inputs: readonly Fields[] = [...catalogue.map(({ input }) => input), filterFields];

/** Everything of one kind that some parameter of the catalogue refers to, once for each combination of resource and parent. */
function referencesIn(
  kind: 'reference' | 'list',
  name: (resource: ReferableResource, within: string | undefined) => string,
): ReadonlyMap<string, Target> {
  const targets = new Map<string, Target>();
  for (const input of inputs) {
    for (const field of Object.values(input)) {
      const target = field.kind === 'reference' ? field : field.kind === 'list' ? field.of : undefined;
      if (field.kind !== kind || target === undefined) continue;
      const { resource, within } = target;
      targets.set(name(resource, within), referenceTarget(resource, within, within && input[within]));
    }
  }
  return targets;
}

const referenceTarget = (
  resource: ReferableResource,
  within: string | undefined,
  parent: AnyField | '' | undefined,
): Target => ({
  isReady: (context) => within === undefined || !isMissing(currentValue(context, within)),
  async *candidates(context, coriolis, filter, after) {
    let parentId = '';
    if (within !== undefined && parent) {
      const given = (await currentInputs(context, coriolis, { [within]: parent }))[within];
      if (given === undefined) {
        const title = plainTitle(parent.title);
        throw new InvalidInputError(`${title} is missing: choose the ${title.toLowerCase()} first`);
      }
      parentId = String(given);
    }
    yield* lookups[resource].candidates(coriolis, parentId, filter, after);
  },
});

/** What belongs to a move, for the texts and the rows that are chosen from it. */
function offered(): ReadonlyMap<string, Target> {
  const targets = new Map<string, Target>();
  for (const { input } of catalogue) {
    for (const offer of Object.values(input).flatMap(offersOf)) {
      targets.set(offerMethod(offer), sideTarget(offer.side, pick(input, offer.within)));
    }
  }
  return targets;
}

const sideTarget = (side: MapSide, parents: Fields): Target => ({
  isReady: () => true,
  async *candidates(context, coriolis) {
    yield* await sideCandidates(side, coriolis, await currentInputs(context, coriolis, parents));
  },
});

const pick = (fields: Fields, names: readonly string[]): Fields =>
  Object.fromEntries(Object.entries(fields).filter(([name]) => names.includes(name)));

const isMissing = (value: unknown): boolean => value === undefined || value === null || value === '';

/** Lists of the resource locators, by the name that the form knows them by. */
export const listSearch = methodsOf(
  new Map([...referencesIn('reference', searchMethod), ...offered()]),
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
  referencesIn('list', loadMethod),
  (target) =>
    async function (this: ILoadOptionsFunctions): Promise<INodePropertyOptions[]> {
      // Asked for as soon as the form opens, when an error would be the first that a person sees of it.
      if (!target.isReady(this)) return [];
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
  { candidates }: Target,
  filter: string,
  after: string | undefined,
  take: (candidate: Candidate) => boolean,
): Promise<void> {
  try {
    for await (const candidate of candidates(context, coriolisOf(context), filter, after)) {
      if (!take(candidate)) return;
    }
  } catch (error) {
    throw shortened(context, error);
  }
}
