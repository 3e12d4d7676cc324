import type { IBinaryKeyData, IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import { CanceledError, isCoriolisError, OutcomeError } from '../../src/api/errors';
import { mapConcurrently } from '../../src/api/map-concurrently';
import type { Coriolis } from '../../src/api/operation-context';
import { NameBatch } from '../../src/lookup/name-directory';
import { isObject, omitKeys, type JsonObject } from '../../src/model/json';
import type { Operation } from '../../src/operation';
import { isSingleCall, resolveNames, fetchCallRows, type ResultAdapter } from '../../src/prepared-call';
import { ReadableResults } from '../../src/readable-results';
import { createOperationContext } from '../login/create-operation-context';
import { webInterfaceAddressOf } from '../login/read-credential';
import { credentialTypeName } from '../login/node-transport';
import { toNodeError } from '../render/node-error';
import { collectResolvedNames } from '../read/names-by-id';
import { readItemParameters, takesAllItems, type ItemParameters } from '../read/read-item-parameters';
import { defaultItemsAtOnce } from '../render/render-properties';
import { addWebLink } from './web-link';

/**
 * Runs the operation for every input item, several at once. Results keep the order of the items and are linked to them.
 * All items are read and checked before the first request is sent.
 */
export async function executeItems(context: IExecuteFunctions): Promise<INodeExecutionData[]> {
  const items = context.getInputData();
  if (items.length === 0) return [];
  const own = takesAllItems(context) ? items.slice(0, 1) : items;
  const requests = own.map((_, item) => tryRead(context, item, () => readItemParameters(context, item)));
  const coriolis = createOperationContext(
    context,
    {},
    { signal: signalOf(context), reportProgress: reporter(context) },
  );
  const readable = new ReadableResults(coriolis);
  const adaptResult: ResultAdapter = (operation, raw, shown) =>
    readable.fetchReadableResult(operation, raw, shown);

  // Shared by all items, so that names of objects are looked up once for all of them.
  const batch = new NameBatch();
  const results = await mapConcurrently(requests, itemsAtOnce(context), async (request, item) => {
    if (request instanceof FailedItem) return [request.result];
    const names = new Map(request.chosenNames);
    try {
      return await itemsOf(context, request, { coriolis, batch, names, adaptResult }, item);
    } catch (error) {
      if (error instanceof CanceledError) throw toNodeError(context.getNode(), error, { itemIndex: item });
      return [makeFailedItem(context, item, error, names).result];
    }
  });
  const output = results.flat();
  showWarnings(context, output);
  return output;
}

/** Shows the warnings of results on the canvas, each once. */
function showWarnings(context: IExecuteFunctions, output: readonly INodeExecutionData[]): void {
  const notices = new Set(
    output.map(({ json }) => json['notice']).filter((notice) => typeof notice === 'string'),
  );
  for (const message of notices) {
    // n8n 1.x has no hints of this kind.
    context.addExecutionHints?.({ message, type: 'warning', location: 'outputPane' });
  }
}

/** Converts the HTML pages of a result to n8n's binary data, under the same keys. */
async function pagesOf(
  context: IExecuteFunctions,
  { resource, name, output }: Operation,
  result: JsonObject,
): Promise<IBinaryKeyData> {
  const pages: IBinaryKeyData = {};
  for (const [key, { rendered }] of Object.entries(output.shape)) {
    const page = result[key];
    if (rendered !== 'text/html' || typeof page !== 'string') continue;
    pages[key] = await context.helpers.prepareBinaryData(
      Buffer.from(page, 'utf8'),
      `coriolis-${resource}-${name}.html`,
      rendered,
    );
  }
  return pages;
}

const withoutPages = (result: JsonObject, pages: IBinaryKeyData): JsonObject =>
  Object.fromEntries(Object.entries(result).filter(([key]) => !(key in pages)));

/** Objects for running one item; `coriolis`, `batch` and `adaptResult` are shared by all items. */
interface ItemContext {
  readonly coriolis: Coriolis;
  readonly batch: NameBatch;
  readonly adaptResult: ResultAdapter;
  /** Names of the item's objects by id: an error of this item shows them instead of the ids. */
  readonly names: Map<string, string>;
}

async function itemsOf(
  context: IExecuteFunctions,
  { call, limit, detail, waitLimits, returnsExisting: reuse, failsWhenBlocked }: ItemParameters,
  { coriolis, batch, names, adaptResult }: ItemContext,
  item: number,
): Promise<INodeExecutionData[]> {
  const address =
    detail === 'full' ? undefined : webInterfaceAddressOf(await context.getCredentials(credentialTypeName));
  const linked = (json: JsonObject): INodeExecutionData => ({
    json: addWebLink(
      json,
      call.operation,
      address,
      coriolis.client.generationInUse === 'legacy',
    ) as IDataObject,
    pairedItem: { item },
  });
  if (isSingleCall(call)) {
    const prepared = await resolveNames(call, coriolis, batch);
    for (const [id, name] of collectResolvedNames(call.input, prepared.input)) names.set(id, name);
    const options = { detail, reuse, adaptResult };
    const result =
      waitLimits === undefined
        ? await prepared.run({ ...options, addsNotice: true })
        : await prepared.runToCompletion(waitLimits, options);
    const obstacle = failsWhenBlocked ? call.operation.result?.obstacle?.(result as never) : undefined;
    if (obstacle !== undefined) throw new OutcomeError(obstacle);
    const pages = await pagesOf(context, call.operation, result);
    return splitRows(withoutPages(result, pages), call.operation.form?.table?.output).map((json, index) =>
      index === 0 && Object.keys(pages).length > 0 ? { ...linked(json), binary: pages } : linked(json),
    );
  }
  const rows: INodeExecutionData[] = [];
  for await (const { row } of fetchCallRows(call, coriolis, { limit }, { detail, adaptResult, names: batch }))
    rows.push(linked(row));
  return rows;
}

/** Splits a result into items: the result itself, then one item for each row of its table, if it has one. */
function splitRows(result: JsonObject, output: string | undefined): readonly JsonObject[] {
  const rows = output === undefined ? undefined : result[output];
  if (output === undefined || !Array.isArray(rows)) return [result];
  return [omitKeys(result, output), ...rows.filter(isObject)];
}

/** Output of an item that failed. It is a class, so that `instanceof` tells it from a request. */
class FailedItem {
  constructor(readonly result: INodeExecutionData) {}
}

function tryRead<Result>(context: IExecuteFunctions, item: number, read: () => Result): Result | FailedItem {
  try {
    return read();
  } catch (error) {
    return makeFailedItem(context, item, error);
  }
}

/**
 * Makes the output of a failed item.
 * @throws the error, unless _On Error_ of the node is set to continue
 */
function makeFailedItem(
  context: IExecuteFunctions,
  item: number,
  error: unknown,
  names?: ReadonlyMap<string, string>,
): FailedItem {
  const shown = toNodeError(context.getNode(), error, { itemIndex: item, names });
  if (!context.continueOnFail()) throw shown;
  // Every n8n version recognises a failed item when `json` has exactly these two keys and there is no `error` beside
  // it. n8n then sends it to the error output with the item's own data, and leaves the message alone.
  return new FailedItem({
    json: {
      error: shown.message,
      message: [shown.message, shown.description, supportNote(error)]
        .filter((text) => typeof text === 'string')
        .join(' '),
    },
    pairedItem: { item },
  });
}

/**
 * Sentence with the request id, by which Coriolis' logs can be searched; undefined without one. When the node stops,
 * the request id is in the error's details instead.
 */
const supportNote = (error: unknown): string | undefined =>
  isCoriolisError(error) && error.requestId !== undefined
    ? `Request id for support: ${error.requestId}.`
    : undefined;

const itemsAtOnce = (context: IExecuteFunctions): number =>
  Number(context.getNodeParameter('requestOptions.itemsAtOnce', 0, defaultItemsAtOnce));

const signalOf = (context: IExecuteFunctions): AbortSignal | undefined => context.getExecutionCancelSignal();

/** Reports progress to the log and, in a manual run, to the browser's console. */
function reporter(context: IExecuteFunctions): NonNullable<Coriolis['reportProgress']> {
  const manual = context.getMode() === 'manual';
  return ({ message }) => {
    context.logger.debug(message, { node: context.getNode().name });
    if (manual) context.sendMessageToUI(message);
  };
}
