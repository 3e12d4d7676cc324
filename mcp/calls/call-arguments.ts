import { isObject } from '../../src/model/json';
import { quoteText } from '../../src/model/untrusted-text';
import type { InputOf } from '../../src/vocabulary/field';
import { choice, json, list, number, text } from '../../src/vocabulary/field-constructors';
import { joinFirstNames, readInput } from '../../src/vocabulary/read-input';
import type { Operation } from '../../src/operation';
import { TRANSFER_IDS_INPUT } from '../../src/lookup/transfer-ids-input';
import { isBulkOperation } from '../../src/bulk-call';
import { refuseUnknownResultKeys } from '../results/tool-results';
import { toSnakeCase } from '../snake-case';
import { OPTIONS_ARGUMENT } from '../tools/arguments-under-options';
import { ROWS_PER_PAGE_BOUNDS, takesDetailArgument, refusesUnknownArguments } from '../tools/render-tools';

/** Arguments of a tool call by name, as the client sent them. */
export type ToolArguments = Readonly<Record<string, unknown>>;

/** Arguments that MCP adds to those of an operation: what the result shows, its page, and the confirmation. */
const resultArguments = {
  fields: list('Fields', 'Keys to show', { optional: true, maximum: 100 }),
  detail: choice(
    'Detail',
    'How much to show',
    [
      { value: 'summary', title: 'Summary' },
      { value: 'full', title: 'Full' },
    ],
    { default: 'summary' },
  ),
};
const pageArguments = {
  limit: number('Limit', 'Rows a page', {
    default: ROWS_PER_PAGE_BOUNDS.default,
    minimum: 1,
    maximum: ROWS_PER_PAGE_BOUNDS.maximum,
  }),
  cursor: text('Cursor', 'Where the page begins', { optional: true }),
};
const confirmationArguments = {
  confirmation_token: text('Confirmation Token', 'From the preview', { optional: true }),
};

export type McpArguments = InputOf<
  typeof resultArguments & typeof pageArguments & typeof confirmationArguments
>;

/** Arguments of a call, divided by their recipient: the operation or the MCP server. */
export interface SeparatedArguments {
  readonly mcpArguments: McpArguments;
  /** Arguments of the operation, under their names in the catalogue. */
  readonly input: ToolArguments;
  /** Unknown arguments of a tool that only reads. */
  readonly ignored: ToolArguments;
  /** Names of the arguments that MCP adds. */
  readonly mcpArgumentNames: readonly string[];
}

/** Separates the arguments that MCP adds from those of the operation, and checks the former. */
export function separateArguments(operation: Operation, call: ToolArguments): SeparatedArguments {
  const given = withTopLevelOptions(call);
  const several = operation.kind === 'single' && isBulkOperation(operation) ? [TRANSFER_IDS_INPUT] : [];
  const names = new Map(
    [...Object.keys(operation.input), ...several].map((name) => [toSnakeCase(name), name]),
  );
  const listed = {
    ...(takesDetailArgument(operation) ? resultArguments : {}),
    ...(operation.kind === 'list' ? pageArguments : {}),
  };
  const ours = { ...listed, ...confirmationArguments };
  const parts = {
    own: new Map<string, unknown>(),
    input: new Map<string, unknown>(),
    ignored: new Map<string, unknown>(),
  };
  for (const [name, value] of Object.entries(given)) {
    const isTheirs = names.has(name) || Object.hasOwn(operation.input, name);
    const isOurs = !isTheirs && Object.hasOwn(ours, name);
    const isIgnored = !isTheirs && !isOurs && !refusesUnknownArguments(operation);
    parts[isOurs ? 'own' : isIgnored ? 'ignored' : 'input'].set(names.get(name) ?? name, value);
  }
  const own = {
    ...readInput({ ...resultArguments, ...pageArguments, ...confirmationArguments }, {}),
    ...readInput(ours, Object.fromEntries(parts.own)),
  };
  if (own.fields !== undefined && own.detail === 'summary') refuseUnknownResultKeys(operation, own.fields);
  return {
    mcpArguments: own,
    input: Object.fromEntries(parts.input),
    ignored: Object.fromEntries([...parts.ignored].filter(([, value]) => value !== null)),
    mcpArgumentNames: Object.keys(listed),
  };
}

/** Warning about unknown arguments that a reading tool has ignored. */
export function makeIgnoredArgumentsWarning(
  operation: Operation,
  ignored: readonly string[],
  others: readonly string[],
): readonly string[] {
  if (ignored.length === 0) return [];
  const names = joinFirstNames(ignored.map((name) => quoteText(name.slice(0, 200), 60)));
  const accepted = [...Object.keys(operation.input).map(toSnakeCase), ...others].join(', ');
  return [`Ignored, because ${operation.tool} has no such argument: ${names}. Accepted: ${accepted}.`];
}

/** Arguments with the keys of the argument `options` moved to the top level. A key that is there already wins. */
function withTopLevelOptions(call: ToolArguments): ToolArguments {
  const { [OPTIONS_ARGUMENT]: options, ...others } = call;
  // From here on, the keys of `options` are checked like all other arguments.
  const keys = isObject(options) ? options : readInput(optionsField, { options }).options;
  return { ...keys, ...others };
}

const optionsField = { options: json('Options', 'Seldom needed arguments', { optional: true }) };
