import { withoutUndefined } from '../../src/model/json';
import type { ILoadOptionsFunctions, INodeListSearchResult, INodePropertyOptions } from 'n8n-workflow';
import { InvalidInputError } from '../../src/api/errors';
import { catalogue } from '../../src/catalogue';
import type { Coriolis } from '../../src/api/operation-context';
import type { AnyField, Fields, MapChoiceSource, ReferableResource } from '../../src/vocabulary/field';
import type { Candidate } from '../../src/lookup/candidate';
import { candidateLists } from '../../src/lookup/candidate-lists';
import { quoteText } from '../../src/model/untrusted-text';
import { fetchMappingCandidates } from '../../src/form/mapping-candidates';
import { textSuggestionsOf } from '../../src/vocabulary/row-forms';
import { makeWebPageUrl, type ObjectWithPage } from '../../src/model/web-page-url';
import { filterFields } from '../../src/watch/trigger-fields';
import { webInterfaceAddressOf } from '../login/read-credential';
import { credentialTypeName } from '../login/node-transport';
import {
  createFormOperationContext,
  resolveFormInputs,
  readFormParameter,
  resolveInputsOfEveryItem,
  isUnresolvedExpression,
  toDropDownError,
  formatUnresolvedExpressionAdvice,
} from '../read/form-in-editor';
import { multiSelectMethodNameOf, suggestionMethodNameOf, searchMethodNameOf } from '../render/form-layout';
import { removeBracketsFromTitle } from '../render/ui-texts';

/** Number of entries on a page of a drop-down. */
const pageSize = 100;
/** Maximum number of rows that are searched for one page of a drop-down. When people scroll, the search continues. */
const maxScannedRows = 1_000;
/** Maximum number of entries of a multi-select. It has no pages, so n8n searches only these entries. */
const maxLoadedEntries = 500;

/** Name and description of the first entry of a multi-select that has more entries than are shown. It is a notice. */
const cutNotice = `Only the first ${maxLoadedEntries} are listed here`;
const cutAdvice =
  'Name further entries in an expression: {{ ["name", "other name"] }}, or take them from items of Get Many';

/** Source of the choices of a drop-down. */
interface ChoiceSourceMethods {
  /** Kind of the listed objects; undefined when they have no pages in the web interface. */
  readonly paged?: ObjectWithPage | undefined;
  candidates(
    context: ILoadOptionsFunctions,
    coriolis: Coriolis,
    filter: string,
    after: string | undefined,
  ): AsyncIterable<Candidate>;
  /** Whether all inputs that the list depends on are filled in. */
  isReady(context: ILoadOptionsFunctions): boolean;
  /** Advice when one of these inputs is an expression without a value; otherwise undefined. */
  advice(context: ILoadOptionsFunctions): string | undefined;
  /** Names of the inputs that take a value of this list. */
  readonly inputs: Set<string>;
}

const inputs: readonly Fields[] = [...catalogue.map(({ input }) => input), filterFields];

/**
 * Sources of the choices for all fields that refer to objects, by the name of the method that lists them: one for each
 * resource and parent field.
 */
function referenceChoices(
  kind: 'reference' | 'list',
  name: (resource: ReferableResource, within: string | undefined) => string,
): ReadonlyMap<string, ChoiceSourceMethods> {
  const targets = new Map<string, ChoiceSourceMethods>();
  for (const input of inputs) {
    for (const [inputName, field] of Object.entries(input)) {
      const target = field.kind === 'reference' ? field : field.kind === 'list' ? field.of : undefined;
      if (field.kind !== kind || target === undefined) continue;
      const { resource, within } = target;
      const method = name(resource, within);
      const known = targets.get(method) ?? referenceTarget(resource, within, within && input[within]);
      known.inputs.add(inputName);
      targets.set(method, known);
    }
  }
  return targets;
}

const referenceTarget = (
  resource: ReferableResource,
  within: string | undefined,
  parent: AnyField | '' | undefined,
): ChoiceSourceMethods => ({
  paged: hasWebPage(resource) ? resource : undefined,
  inputs: new Set(),
  isReady: (context) => within === undefined || !isMissing(readFormParameter(context, within)),
  advice: (context) =>
    within !== undefined && isUnresolvedExpression(context, within)
      ? formatUnresolvedExpressionAdvice(removeBracketsFromTitle((parent || undefined)?.title ?? within))
      : undefined,
  async *candidates(context, coriolis, filter, after) {
    let parentId = '';
    if (within !== undefined && parent) {
      const given = (await resolveFormInputs(context, coriolis, { [within]: parent }))[within];
      if (given === undefined) {
        const title = removeBracketsFromTitle(parent.title);
        throw new InvalidInputError(
          isUnresolvedExpression(context, within)
            ? formatUnresolvedExpressionAdvice(title)
            : `${title} is missing: choose the ${title.toLowerCase()} first`,
        );
      }
      parentId = String(given);
    }
    yield* candidateLists[resource].candidates(coriolis, parentId, filter, after);
  },
});

/**
 * Sources of the suggestions for text fields, also for those inside rows: networks, storage and disks. By the name of
 * the method that lists them.
 */
function suggestionChoices(): ReadonlyMap<string, ChoiceSourceMethods> {
  const targets = new Map<string, ChoiceSourceMethods>();
  for (const { input } of catalogue) {
    for (const offer of Object.values(input).flatMap(textSuggestionsOf)) {
      targets.set(suggestionMethodNameOf(offer), sideTarget(offer.side, pick(input, offer.within)));
    }
  }
  return targets;
}

const sideTarget = (side: MapChoiceSource, parents: Fields): ChoiceSourceMethods => ({
  isReady: () => true,
  advice: () => undefined,
  inputs: new Set(),
  async *candidates(context, coriolis) {
    const given = await resolveInputsOfEveryItem(context, coriolis, parents);
    const unresolved = Object.keys(parents).find((name) => isUnresolvedExpression(context, name));
    const found = await fetchMappingCandidates(side, coriolis, given).catch((error: unknown) => {
      if (unresolved === undefined || !(error instanceof InvalidInputError)) throw error;
      return [];
    });
    if (found.length === 0 && unresolved !== undefined)
      throw new InvalidInputError(
        formatUnresolvedExpressionAdvice(removeBracketsFromTitle(parents[unresolved]?.title ?? unresolved)),
      );
    yield* found;
  },
});

const pick = (fields: Fields, names: readonly string[]): Fields =>
  Object.fromEntries(Object.entries(fields).filter(([name]) => names.includes(name)));

/** Whether an object's id alone leads to its page in the web interface. For executions and schedules it does not. */
const hasWebPage = (resource: ReferableResource): resource is ReferableResource & ObjectWithPage =>
  ['transfer', 'deployment', 'migration', 'endpoint', 'minionPool'].includes(resource);

const isMissing = (value: unknown): boolean => value === undefined || value === null || value === '';

/** Search methods of the resource locators, by name. */
export const listSearchMethods = methodsOf(
  new Map([...referenceChoices('reference', searchMethodNameOf), ...suggestionChoices()]),
  (target) =>
    async function (
      this: ILoadOptionsFunctions,
      filter?: string,
      paginationToken?: string,
    ): Promise<INodeListSearchResult> {
      return await search(this, target, filter?.trim() ?? '', paginationToken);
    },
);

/** Load methods of the multi-selects, by name. */
export const loadOptionsMethods = methodsOf(
  referenceChoices('list', multiSelectMethodNameOf),
  (target) =>
    async function (this: ILoadOptionsFunctions): Promise<INodePropertyOptions[]> {
      // n8n calls this when the form opens, so an incomplete form is no error. The chosen values are returned as
      // entries, because the editor marks a value without an entry as wrong.
      if (!target.isReady(this)) {
        const advice = target.advice(this);
        return [
          ...(advice === undefined ? [] : [{ name: `${advice}.`, value: '' }]),
          ...chosenIn(this, target).map((value) => ({ name: value, value })),
        ];
      }
      const options: INodePropertyOptions[] = [];
      let isCut = false;
      await forEachCandidate(this, target, '', undefined, ({ value, ...candidate }) => {
        const { name, detail } = shownTexts(candidate);
        isCut = options.length >= maxLoadedEntries;
        if (!isCut)
          options.push({
            name,
            value: escapeExpression(value),
            ...(detail === '' ? {} : { description: detail }),
          });
        return !isCut;
      });
      // The notice has an empty value, which counts as not given: choosing it does no harm.
      return isCut ? [{ name: cutNotice, value: '', description: cutAdvice }, ...options] : options;
    },
);

/** Values that the form has now in the fields that take values of this list. */
const chosenIn = (
  context: ILoadOptionsFunctions,
  { inputs: names }: ChoiceSourceMethods,
): readonly string[] =>
  [...names].flatMap((name) => {
    const value = readFormParameter(context, name);
    return Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : [];
  });

/**
 * Writes a value so that n8n takes it as text. n8n evaluates a parameter that begins with "=" as an expression. So a
 * value that begins with "=" is turned into an expression whose result is the value.
 */
export const escapeExpression = (value: string): string =>
  value.startsWith('=')
    ? `={{ ${JSON.stringify(value).replace(/[{}]/gu, (brace) => (brace === '{' ? '\\u007b' : '\\u007d'))} }}`
    : value;

function methodsOf<Method>(
  targets: ReadonlyMap<string, ChoiceSourceMethods>,
  method: (target: ChoiceSourceMethods) => Method,
): Record<string, Method> {
  return Object.fromEntries([...targets].map(([name, target]) => [name, method(target)]));
}

/** Finds a page of candidates that match a filter. Coriolis cannot search by name, so all rows are compared here. */
async function search(
  context: ILoadOptionsFunctions,
  target: ChoiceSourceMethods,
  filter: string,
  after: string | undefined,
): Promise<INodeListSearchResult> {
  const results: INodeListSearchResult['results'] = [];
  const needle = filter.toLowerCase();
  let rows = 0;
  let paginationToken: string | undefined;
  const { paged } = target;
  const address =
    paged === undefined ? undefined : webInterfaceAddressOf(await context.getCredentials(credentialTypeName));
  await forEachCandidate(context, target, filter, after, (candidate, isLegacy) => {
    rows += 1;
    const { value, position } = candidate;
    if (`${candidate.name} ${candidate.detail} ${value}`.toLowerCase().includes(needle)) {
      const { name, detail } = shownTexts(candidate);
      results.push({
        name: detail === '' ? name : `${name} (${detail})`,
        value: escapeExpression(value),
        ...(address === undefined || paged === undefined
          ? {}
          : { url: makeWebPageUrl(address, paged, value, isLegacy) }),
      });
    }
    const full = results.length >= pageSize || rows >= maxScannedRows;
    // Candidates without a paging position have no next page.
    if (full && position !== undefined) paginationToken = position;
    return !full || position === undefined;
  });
  return { results, ...withoutUndefined({ paginationToken }) };
}

/** Maximum length of a name or a detail in a list. */
const shownLength = 200;

/** Texts of a candidate for people, cleaned and shortened. The value must not be: it is the name or id that is sent. */
const shownTexts = ({ name, detail }: Pick<Candidate, 'name' | 'detail'>) => ({
  name: quoteText(name, shownLength),
  detail: quoteText(detail, shownLength),
});

/** Passes candidates to `take` until `take` returns false. @throws the error with a message for a drop-down */
async function forEachCandidate(
  context: ILoadOptionsFunctions,
  { candidates }: ChoiceSourceMethods,
  filter: string,
  after: string | undefined,
  take: (candidate: Candidate, isLegacy: boolean) => boolean,
): Promise<void> {
  const coriolis = createFormOperationContext(context);
  try {
    for await (const candidate of candidates(context, coriolis, filter, after)) {
      if (!take(candidate, coriolis.client.generationInUse === 'legacy')) return;
    }
  } catch (error) {
    throw toDropDownError(context, error);
  }
}
