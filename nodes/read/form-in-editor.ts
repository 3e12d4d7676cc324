import type { IDataObject, ILoadOptionsFunctions } from 'n8n-workflow';
import { mapConcurrently } from '../../src/api/map-concurrently';
import { isCoriolisError } from '../../src/api/errors';
import type { Coriolis } from '../../src/api/operation-context';
import type { Fields } from '../../src/vocabulary/field';
import { isObject, pickKeys, type JsonObject } from '../../src/model/json';
import { resolveInput } from '../../src/prepared-call';
import { createOperationContext } from '../login/create-operation-context';
import { itemInputsParameterName } from '../render/form-layout';
import { toNodeError } from '../render/node-error';
import { makeLabelSpelling, unwrapLocator } from './parameter-value';

/** Functions for lists and forms while somebody fills in a node's form: its inputs, a client, and short errors. */

/** Timeout and retries of requests for drop-downs. A platform that is slower makes the drop-down show an error. */
const dropDownLimits = { timeoutMs: 15_000, retry: { attempts: 1 } };

/** Makes the client for a drop-down or a form. */
export const createFormOperationContext = (context: ILoadOptionsFunctions): Coriolis =>
  createOperationContext(context, dropDownLimits);

/** Maximum number of items whose inputs are resolved at the same time. */
const CONCURRENCY = 4;

/**
 * Whether a parameter is an expression that has no value yet, because no earlier node has run. The editor sends null
 * for such an expression, or its text. For a parameter that was not filled in it sends an empty text.
 */
const lacksValue = (value: unknown): boolean =>
  value === null || (typeof value === 'string' && value.startsWith('='));

function writtenValue(context: ILoadOptionsFunctions, name: string): unknown {
  const parameters = context.getCurrentNodeParameters() ?? {};
  const { options, filters } = parameters as { options?: IDataObject; filters?: IDataObject };
  return unwrapLocator(parameters[name] ?? filters?.[name] ?? options?.[name]);
}

/** Whether a parameter of the form is an expression without a value. */
export const isUnresolvedExpression = (context: ILoadOptionsFunctions, name: string): boolean =>
  lacksValue(writtenValue(context, name));

/** Advice about a parameter that is an expression without a value. @param title of the parameter */
export const formatUnresolvedExpressionAdvice = (title: string): string =>
  `${title} is an expression without a value yet. Execute the nodes before this one, or choose the ${title.toLowerCase()} from the list`;

/**
 * Reads a parameter of the form, at the top level or in a collection. Undefined for an expression that has no value
 * yet.
 */
export function readFormParameter(context: ILoadOptionsFunctions, name: string): unknown {
  const value = writtenValue(context, name);
  return lacksValue(value) ? undefined : value;
}

const optionalOf = (fields: Fields): Fields =>
  Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, { ...field, required: false }]));

/**
 * Reads the inputs that a list or form depends on, checks them, and resolves names to ids. Missing inputs are left out.
 */
export async function resolveFormInputs(
  context: ILoadOptionsFunctions,
  coriolis: Coriolis,
  fields: Fields,
): Promise<Readonly<Record<string, unknown>>> {
  const given = Object.fromEntries(
    Object.keys(fields).map((name) => [name, readFormParameter(context, name)]),
  );
  return await resolveInput(optionalOf(fields), coriolis, given, makeLabelSpelling(fields));
}

/**
 * Reads the inputs that a drop-down list in rows depends on, for every input item; equal ones only once. Without input
 * items it reads them from the form.
 */
export async function resolveInputsOfEveryItem(
  context: ILoadOptionsFunctions,
  coriolis: Coriolis,
  fields: Fields,
): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const items = context.getCurrentNodeParameters()?.[itemInputsParameterName];
  const different = new Map<string, JsonObject>();
  for (const item of Array.isArray(items) ? (items as unknown[]) : []) {
    if (!isObject(item)) continue;
    const given = Object.fromEntries(
      Object.entries(pickKeys(item, Object.keys(fields))).filter(([, value]) => !lacksValue(value)),
    );
    different.set(JSON.stringify(given), given);
  }
  if (different.size === 0) return [await resolveFormInputs(context, coriolis, fields)];
  return await mapConcurrently([...different.values()], CONCURRENCY, async (given) =>
    resolveInput(optionalOf(fields), coriolis, given, makeLabelSpelling(fields)),
  );
}

/** Joins message and advice of an error, because drop-downs and forms show only one text. */
export function joinMessageAndAdvice(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return isCoriolisError(error) && error.advice !== undefined
    ? `${message.replace(/\.$/u, '')}. ${error.advice}`
    : message;
}

/** Converts an error for a drop-down, which shows only its message. */
export function toDropDownError(context: ILoadOptionsFunctions, error: unknown) {
  const shown = toNodeError(context.getNode(), error);
  shown.message = joinMessageAndAdvice(error);
  return shown;
}
