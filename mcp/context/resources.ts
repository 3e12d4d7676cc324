import type { ReadResourceResult, Resource, ResourceTemplateType } from '@modelcontextprotocol/server';
import { isCoriolisError, NotFoundError } from '../../src/api/errors';
import { resources } from '../../src/catalogue';
import type { Coriolis } from '../../src/api/operation-context';
import type { JsonObject } from '../../src/model/json';
import { runbook } from '../../src/guide/runbook';
import type { Operation, SingleOperation } from '../../src/operation';
import { disarmMarkup, quoteText } from '../../src/model/untrusted-text';
import { prepareCall } from '../../src/prepared-call';
import { insertToolNames } from './tool-mentions';
import { BOARD_MEDIA_TYPE, BOARD_URI, makeBoardResourceContent } from '../apps/board-resource';
import { InvalidParamsError } from '../invalid-params-error';
import { formatProtocolErrorMessage } from '../results/error-results';
import { makeSingleResult } from '../results/tool-results';
import { toSnakeCase } from '../snake-case';

const SCHEME = 'coriolis://';
const RUNBOOK = `${SCHEME}runbook`;

type OperationWithUri = SingleOperation & { readonly result: { readonly resourceUri: string } };

const isOperationWithUri = (operation: Operation): operation is OperationWithUri =>
  operation.kind === 'single' && operation.effect === 'read' && operation.result?.resourceUri !== undefined;

/** Operations that read an object by a resource URI, where the operator selected their tools. */
const resourceOperations = (selected: readonly Operation[]): readonly OperationWithUri[] =>
  selected.filter(isOperationWithUri);

/**
 * URI of an operation's resource, as clients see it: `transfers/{transferId}` is `coriolis://transfers/{transfer_id}`.
 */
const templateOf = ({ result: { resourceUri } }: OperationWithUri): string =>
  SCHEME + resourceUri.replace(/\{(\w+)\}/gu, (_match, name: string) => `{${toSnakeCase(name)}}`);

/** Whether the URI of an operation names one resource. A URI with variables is a template. */
const hasNoVariables = ({ result: { resourceUri } }: OperationWithUri): boolean => !resourceUri.includes('{');

/** Result key with the HTML page of a report; undefined for operations that are no reports. */
const pageKey = ({ output: { shape } }: Operation): string | undefined =>
  Object.entries(shape).find(([, { rendered }]) => rendered === 'text/html')?.[0];

export const listResources = (selected: readonly Operation[]): Resource[] => [
  {
    uri: RUNBOOK,
    name: 'runbook',
    title: 'Runbook',
    description: 'How migrations are run: terms, steps, cutover, failures, rules of the server',
    mimeType: 'text/markdown',
  },
  {
    uri: BOARD_URI,
    name: 'board',
    title: 'Board',
    description: 'What runs, a wave or the estate, drawn in hosts that draw',
    mimeType: BOARD_MEDIA_TYPE,
  },
  ...resourceOperations(selected)
    .filter(hasNoVariables)
    .map((operation) => ({
      uri: templateOf(operation),
      name: operation.tool,
      title: `${resources[operation.resource].title}: ${operation.title}`,
      description: operation.summary,
      mimeType: pageKey(operation) === undefined ? 'application/json' : 'text/html',
    })),
];

export const listResourceTemplates = (selected: readonly Operation[]): ResourceTemplateType[] =>
  resourceOperations(selected)
    .filter((operation) => !hasNoVariables(operation))
    .map((operation) => ({
      uriTemplate: templateOf(operation),
      name: operation.tool.replace(/^get_/u, ''),
      title: resources[operation.resource].title,
      description: operation.summary,
      mimeType: 'application/json',
    }));

/** Field of a variable in a URI template; undefined when unknown. */
export function fieldOfUriVariable(uriTemplate: string, variable: string, selected: readonly Operation[]) {
  const operation = resourceOperations(selected).find((one) => templateOf(one) === uriTemplate);
  const entry = Object.entries(operation?.input ?? {}).find(([name]) => toSnakeCase(name) === variable);
  return entry?.[1];
}

/**
 * Reads a resource: the same object as its tool returns.
 * @throws {InvalidParamsError} no such resource
 */
export async function fetchResource(
  uri: string,
  open: () => Promise<Coriolis>,
  offered: readonly Operation[],
  selected: readonly Operation[],
): Promise<ReadResourceResult> {
  if (uri === RUNBOOK) {
    return { contents: [{ uri, mimeType: 'text/markdown', text: insertToolNames(runbook, offered) }] };
  }
  if (uri === BOARD_URI) return { contents: [makeBoardResourceContent()] };
  for (const operation of resourceOperations(selected)) {
    const input = match(operation.result.resourceUri, uri);
    if (input === undefined) continue;
    const result = await read(operation, await open(), input).catch((error: unknown) => {
      if (error instanceof NotFoundError) throw unknownResource(uri);
      throw isCoriolisError(error) ? new InvalidParamsError(formatProtocolErrorMessage(error)) : error;
    });
    const page = result[pageKey(operation) ?? ''];
    if (typeof page === 'string') return { contents: [{ uri, mimeType: 'text/html', text: page }] };
    const shown = makeSingleResult(operation, result, {
      detail: 'summary',
      fields: undefined,
      warnings: [],
      nextSteps: [],
    });
    return { contents: [{ uri, mimeType: 'application/json', text: disarmMarkup(JSON.stringify(shown)) }] };
  }
  throw unknownResource(uri);
}

const read = async (operation: SingleOperation, coriolis: Coriolis, input: JsonObject) =>
  await (await prepareCall(operation, coriolis, input, toSnakeCase)).run();

const unknownResource = (uri: string): InvalidParamsError =>
  new InvalidParamsError(`No resource ${quoteText(uri, 200)}. Read ${RUNBOOK}, or list the templates.`, {
    uri: quoteText(uri, 200),
  });

/** Input in a URI, by its template; undefined when the URI does not match. */
function match(address: string, uri: string): Readonly<Record<string, string>> | undefined {
  if (!uri.startsWith(SCHEME)) return undefined;
  const [wanted, given] = [address.split('/'), uri.slice(SCHEME.length).split('/')];
  if (wanted.length !== given.length) return undefined;
  const input: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    const value = given[index] ?? '';
    const name = /^\{(\w+)\}$/u.exec(part)?.[1];
    if (name === undefined ? part !== value : value === '') return undefined;
    if (name !== undefined) input[name] = decode(value);
  }
  return input;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
