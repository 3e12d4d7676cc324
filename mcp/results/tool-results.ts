import type { CallToolResult } from '@modelcontextprotocol/server';
import { InvalidInputError } from '../../src/api/errors';
import { isObject, omitKeys, type JsonObject } from '../../src/model/json';
import { describeCopy, describeDeployments, describeProgressParts } from '../../src/model/state-descriptions';
import { disarmMarkup, quoteText } from '../../src/model/untrusted-text';
import type { Operation } from '../../src/operation';
import type { ListPause } from '../../src/vocabulary/list-range';
import { joinFirstNames } from '../../src/vocabulary/read-input';
import type { Detail, RowWithPosition } from '../../src/prepared-call';
import type { Shape } from '../../src/vocabulary/result-keys';
import { makePageCursor } from './page-cursor';
import { fitToTokenBudget, estimateJsonTokens } from './fit-to-token-budget';
import type { NextStep } from './next-steps';

/**
 * Maximum tokens of the rows of a page, and of a single object, as `estimateTokens` counts. The keys around them
 * (summary, warnings) do not count.
 */
export const tokenBudgets: { readonly [D in Detail]: { readonly page: number; readonly single: number } } = {
  summary: { page: 3800, single: 1800 },
  full: { page: 9000, single: 9000 },
};

/** Makes a tool result: an object, and for clients that show only text the same as JSON, with its markup disarmed. */
export function makeToolResult(structured: JsonObject): CallToolResult {
  return {
    content: [{ type: 'text', text: disarmMarkup(JSON.stringify(structured)) }],
    structuredContent: { ...structured },
  };
}

/** Name of a tool in words: "list endpoint networks" for `list_endpoint_networks`. */
export const formatToolNameInWords = (operation: Operation): string => operation.tool.replaceAll('_', ' ');

/** Makes a tool result with one object. */
export function makeSingleResult(
  operation: Operation,
  result: JsonObject,
  options: {
    readonly detail: Detail;
    readonly fields: readonly string[] | undefined;
    readonly warnings: readonly string[];
    readonly nextSteps: readonly NextStep[];
    /** Set when nothing was done, because the work was already running or the object existed. */
    readonly already?: 'running' | 'exists' | undefined;
  },
): JsonObject {
  const { detail, fields, nextSteps, already } = options;
  const { value, truncated, left } = fitResult(operation, result, { detail, fields });
  const warnings = [
    ...options.warnings,
    ...(already === 'exists' ? [EXISTING_RETURNED] : []),
    ...(left === undefined
      ? []
      : [`Left out to stay short: ${left.join(', ')}. Name one in fields to get it.`]),
    ...(truncated ? [truncationHint(detail)] : []),
  ];
  return {
    summary: headline(operation, result) + (already === undefined ? '' : ` (already ${already})`),
    ...(already === undefined ? {} : { [`already_${already}`]: true }),
    [detail === 'full' ? 'full' : 'result']: value,
    ...(truncated ? { truncated } : {}),
    ...(warnings.length === 0 ? {} : { warnings }),
    ...(nextSteps.length === 0 ? {} : { next_steps: nextSteps }),
  };
}

/** Makes a tool result for several objects of one call. */
export function makeBulkResult(
  operation: Operation,
  result: JsonObject,
  {
    headline: words,
    warnings,
    nextSteps,
  }: {
    readonly headline: string;
    readonly warnings: readonly string[];
    readonly nextSteps: readonly NextStep[];
  },
): JsonObject {
  const { value, truncated } = fitToTokenBudget(result, tokenBudgets.summary.single);
  const all = [...warnings, ...(truncated ? [truncationHint('summary')] : [])];
  return {
    summary: `${formatToolNameInWords(operation)}: ${words}`,
    result: value,
    ...(truncated ? { truncated } : {}),
    ...(all.length === 0 ? {} : { warnings: all }),
    ...(nextSteps.length === 0 ? {} : { next_steps: nextSteps }),
  };
}

/**
 * Fits a result into its token budget. When it is too long, the keys whose rows other keys sum up are left out first;
 * their names are in `left`. Only then anything is cut.
 */
function fitResult(
  operation: Operation,
  result: JsonObject,
  { detail, fields }: { readonly detail: Detail; readonly fields: readonly string[] | undefined },
): { readonly value: JsonObject; readonly truncated: boolean; readonly left?: readonly string[] } {
  const isBrief = detail === 'summary' && fields === undefined;
  const whole = isBrief
    ? withoutSpareKeys(operation.output.shape, result)
    : pickRowKeys(withoutRendered(operation, result), fields);
  const budget = tokenBudgets[detail].single;
  const fitted = fitToTokenBudget(whole, budget);
  const left = isBrief ? operation.result?.summarizedKeys : undefined;
  return fitted.truncated && left !== undefined
    ? { ...fitToTokenBudget(omitKeys(whole, ...left), budget), left }
    : fitted;
}

const EXISTING_RETURNED =
  'Nothing was done: an equal call created this within the last 10 minutes. To change it, update it. To create a second one, give it another name or other notes, or call again later.';

const truncationHint = (detail: Detail): string =>
  detail === 'full'
    ? 'Too long to show completely: texts, lists and nested objects are cut. Name the keys you need in fields.'
    : 'Too long to show completely: texts and lists are cut.';

/**
 * Makes a tool result with a page of rows: `limit` rows, or fewer when the token budget is used up; `page.next_cursor`
 * continues it.
 */
export async function makePageResult(
  operation: Operation,
  rows: AsyncIterable<RowWithPosition>,
  options: {
    readonly detail: Detail;
    readonly fields: readonly string[] | undefined;
    readonly limit: number;
    /** Filters of the list; its cursor is bound to them. */
    readonly filters: unknown;
    readonly warnings: readonly string[];
    /** The pause of the list, if any; filled while its rows are read. */
    readonly pauses: readonly ListPause[];
  },
): Promise<JsonObject> {
  const { detail, fields, limit, filters } = options;
  const budget = tokenBudgets[detail].page;
  const shown: JsonObject[] = [];
  let used = 0;
  let last = '';
  let more = false;
  let early = false;
  let truncated = false;
  for await (const { row, position } of rows) {
    const isBrief = detail === 'summary' && fields === undefined;
    const keys = isBrief ? withoutSpareKeys(operation.output.shape, row) : pickRowKeys(row, fields);
    const fitted = fitToTokenBudget(keys, budget);
    const tokens = estimateJsonTokens(fitted.value);
    early = shown.length > 0 && shown.length < limit && used + tokens > budget;
    more = early || shown.length >= limit;
    if (more) break;
    shown.push(fitted.value);
    used += tokens;
    last = position;
    truncated ||= fitted.truncated;
  }
  const [pause] = more ? [] : options.pauses;
  if (pause !== undefined) {
    more = true;
    last = pause.position;
  }
  const warnings = [
    ...options.warnings,
    ...(pause === undefined ? [] : [`${pause.message} Continue with page.next_cursor.`]),
    ...(early
      ? [
          `The page has fewer rows than limit to stay short: name ${fields === undefined ? 'keys' : 'fewer keys'} in fields to get more rows.`,
        ]
      : []),
    ...(truncated ? [truncationHint(detail)] : []),
  ];
  const count = `${shown.length} row${shown.length === 1 ? '' : 's'}`;
  return {
    summary: `${formatToolNameInWords(operation)}: ${count}${more ? ', more with page.next_cursor' : ''}`,
    [detail === 'full' ? 'full_rows' : 'rows']: shown,
    ...(more ? { page: { next_cursor: makePageCursor(operation.tool, filters, last) } } : {}),
    ...(truncated ? { truncated } : {}),
    ...(warnings.length === 0 ? {} : { warnings }),
  };
}

/** Removes the keys with a page or a message for people (`rendered`), because their data is in the other keys. */
const withoutRendered = ({ output: { shape } }: Operation, result: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(result).filter(([key]) => shape[key]?.rendered === undefined));

/** Removes, at all depths, rendered keys and those that repeat other keys (`redundant`). */
const withoutSpareKeys = (shape: Shape, result: JsonObject): JsonObject =>
  Object.fromEntries(
    Object.entries(result).flatMap(([name, value]) => {
      const { rendered, redundant, keys } = shape[name] ?? {};
      return rendered !== undefined || redundant === true
        ? []
        : [[name, keys ? valueWithoutSpareKeys(keys, value) : value]];
    }),
  );

function valueWithoutSpareKeys(keys: Shape, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((one: unknown) => valueWithoutSpareKeys(keys, one));
  return isObject(value) ? withoutSpareKeys(keys, value) : value;
}

/** Selects the named keys of a row, in the given order; all keys without `fields`. */
function pickRowKeys(row: JsonObject, fields: readonly string[] | undefined): JsonObject {
  if (fields === undefined) return row;
  return Object.fromEntries(fields.filter((name) => name in row).map((name) => [name, row[name]]));
}

/**
 * Checks that the requested keys exist.
 * @throws {InvalidInputError} a key that the result of the operation does not have
 */
export function refuseUnknownResultKeys(operation: Operation, fields: readonly string[]): void {
  const unknown = fields.filter((name) => !(name in operation.output.shape));
  if (unknown.length === 0) return;
  throw new InvalidInputError(
    `fields names keys that do not exist: ${joinFirstNames(unknown.map((name) => quoteText(name, 60)))}.`,
    {
      field: 'fields',
      advice: `Keys are ${Object.keys(operation.output.shape).join(', ')}; with detail "full" also those of Coriolis itself.`,
    },
  );
}

/**
 * Outcome of a call in one line. It contains statuses of the server, but no names, because a name can contain
 * instructions.
 */
function headline(operation: Operation, result: JsonObject): string {
  const own = operation.kind === 'single' ? operation.result?.headline?.(result as never) : undefined;
  if (own !== undefined) return `${formatToolNameInWords(operation)}: ${own}`;
  const { outcome, status, valid, deleted, cancel_requested: canceling } = result;
  const facts = [describeCopy(result), describeDeployments(result, false)].filter((fact) => fact !== '');
  const words = [
    ...[outcome ?? status].filter((word) => typeof word === 'string' && /^[\w .]{1,60}$/u.test(word)),
    ...(valid === undefined || valid === null ? [] : [valid === true ? 'valid' : 'not valid']),
    ...(deleted === true ? ['deleted'] : []),
    ...(canceling === true ? ['requested', 'not finished yet'] : []),
    ...(outcome === 'completed' ? [] : describeProgressParts(result)),
    ...facts,
  ];
  return `${formatToolNameInWords(operation)}: ${words.length === 0 ? 'done' : words.join(', ')}`;
}
