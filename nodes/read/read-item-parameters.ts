import type { IExecuteFunctions } from 'n8n-workflow';
import { catalogue } from '../../src/catalogue';
import { InvalidInputError } from '../../src/api/errors';
import type { AnyField } from '../../src/vocabulary/field';
import { readInput } from '../../src/vocabulary/read-input';
import { waitFields } from '../../src/fields/common-fields';
import { operationId, type Operation } from '../../src/operation';
import { checkCall, type CheckedCall, type Detail, type WaitLimits } from '../../src/prepared-call';
import { readChosenNames } from './names-by-id';
import { readEditorValue, makeLabelSpelling, unwrapLocator } from './parameter-value';
import { emptyJsonObject, emptyJsonList } from '../render/render-field';
import { editorParameterNameOf, hasEditor, moreRowsParameterName, formPlaceOf } from '../render/form-layout';

/** Parameters of one item, read and checked: the call and its options. */
export interface ItemParameters {
  readonly call: CheckedCall;
  /** Maximum number of rows of a list; undefined for all. */
  readonly limit: number | undefined;
  readonly detail: Detail;
  /** Limits of the wait for the work that the call starts; undefined to return at once. */
  readonly waitLimits: WaitLimits | undefined;
  /** Whether the item fails when its result has an obstacle, such as a blocking row of a preflight. */
  readonly failsWhenBlocked: boolean;
  /** Whether _Return Existing_ is on: an equal object that exists is returned, and none is created. */
  readonly returnsExisting: boolean;
  /** Names of the objects that were chosen from lists, by id. */
  readonly chosenNames: ReadonlyMap<string, string>;
}

const operations: ReadonlyMap<string, Operation> = new Map(
  catalogue.map((operation) => [operationId(operation), operation]),
);

/**
 * Reads the parameters of an item and checks them, so that nothing is sent for any item while one of them is wrong.
 * @throws {InvalidInputError} naming every parameter that is wrong
 */
export function readItemParameters(context: IExecuteFunctions, item: number): ItemParameters {
  const resource = String(context.getNodeParameter('resource', item));
  const name = String(context.getNodeParameter('operation', item));
  const operation = operations.get(`${resource}.${name}`);
  if (operation === undefined) {
    throw new InvalidInputError(`The resource "${resource}" has no operation "${name}".`, {
      field: 'operation',
      advice: 'Choose an operation that this version of the node has.',
    });
  }
  const parameterOf = makeParameterReader(context, operation, item);
  return {
    call: checkCall(
      operation,
      withItems(context, operation, readInputs(operation, parameterOf)),
      makeLabelSpelling(operation.input),
    ),
    limit: operation.kind === 'list' ? limitOf(context, item) : undefined,
    detail: context.getNodeParameter('simplify', item, true) === false ? 'full' : 'summary',
    waitLimits: waitLimitsOf(context, operation, item),
    failsWhenBlocked:
      operation.kind === 'single' &&
      operation.result?.obstacle !== undefined &&
      context.getNodeParameter('failWhenBlocked', item, false) === true,
    returnsExisting: context.getNodeParameter('options.returnExisting', item, false) === true,
    chosenNames: readChosenNames(operation.input, (name) => parameterOf(name)),
  };
}

/** Whether the chosen operation takes all items at once, as rows of a table. */
export function takesAllItems(context: IExecuteFunctions): boolean {
  const name = `${String(context.getNodeParameter('resource', 0))}.${String(context.getNodeParameter('operation', 0))}`;
  return operations.get(name)?.form?.table !== undefined;
}

/** Inputs with the node's items as the table of the operation, unless the form gives a table or replaces it. */
function withItems(
  context: IExecuteFunctions,
  { form }: Operation,
  given: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const table = form?.table;
  if (table === undefined || [table.input, ...table.instead].some((name) => given[name] !== undefined))
    return given;
  return { ...given, [table.input]: context.getInputData().map(({ json }) => json) };
}

function waitLimitsOf(
  context: IExecuteFunctions,
  operation: Operation,
  item: number,
): WaitLimits | undefined {
  if (operation.kind !== 'single' || operation.completion === undefined) return undefined;
  if (context.getNodeParameter('waitForCompletion', item, false) !== true) return undefined;
  const given = Object.fromEntries(
    Object.keys(waitFields).map((name) => [name, context.getNodeParameter(name, item, '')]),
  );
  return readInput(waitFields, given, makeLabelSpelling(waitFields));
}

/**
 * Reads a parameter of the field `name`, in a collection or outside: the one with the field's own name, or `parameter`,
 * that of its editor.
 */
type ReadParameter = (name: string, parameter?: string) => unknown;

function makeParameterReader(context: IExecuteFunctions, operation: Operation, item: number): ReadParameter {
  const collections = {
    filters: context.getNodeParameter('filters', item, {}) as Record<string, unknown>,
    options: context.getNodeParameter('options', item, {}) as Record<string, unknown>,
  };
  const rows = context.getNodeParameter(moreRowsParameterName, item, {}) as Record<string, unknown>;
  return (name, parameter = name) => {
    const field = operation.input[name];
    const place = field === undefined ? 'form' : formPlaceOf(field, operation);
    if (place === 'form') return context.getNodeParameter(parameter, item, '');
    // Workflows of an earlier version of this node have the rows in the collection instead.
    const isMoreRows = parameter !== name && rows[name] !== undefined;
    return isMoreRows ? { rows: rows[name] } : collections[place][parameter];
  };
}

function readInputs(operation: Operation, parameterOf: ReadParameter): Readonly<Record<string, unknown>> {
  const given: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(operation.input)) {
    const value = writtenValue(field, unwrapLocator(parameterOf(name)));
    given[name] =
      hasEditor(field, formPlaceOf(field, operation)) && value === undefined
        ? readEditorValue(field.title, field, parameterOf(name, editorParameterNameOf(name, field)))
        : value;
  }
  return given;
}

/** The value of a parameter; undefined when its input is empty, whatever n8n stores for an empty input. */
function writtenValue({ kind }: AnyField, value: unknown): unknown {
  const isUnwritten =
    value === null ||
    value === '' ||
    ((kind === 'json' || kind === 'form') && value === emptyJsonObject) ||
    (kind === 'records' && value === emptyJsonList);
  return isUnwritten ? undefined : value;
}

function limitOf(context: IExecuteFunctions, item: number): number | undefined {
  if (context.getNodeParameter('returnAll', item, false) === true) return undefined;
  const limit = Number(context.getNodeParameter('limit', item, 50));
  if (Number.isInteger(limit) && limit >= 1) return limit;
  throw new InvalidInputError('Limit must be a whole number, 1 or more.', {
    field: 'Limit',
    advice: 'Nothing was sent. Correct the input and try again.',
  });
}
