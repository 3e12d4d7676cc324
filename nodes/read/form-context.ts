import type { IDataObject, ILoadOptionsFunctions } from 'n8n-workflow';
import { mapConcurrently } from '../../src/api/map-concurrently';
import { isCoriolisError } from '../../src/api/errors';
import type { Coriolis } from '../../src/api/coriolis';
import type { Fields } from '../../src/vocabulary/field';
import { isObject, pickKeys, type JsonObject } from '../../src/model/json';
import { resolveInput } from '../../src/prepared-call';
import { createCoriolis } from '../login/create-coriolis';
import { itemInputsParameter } from '../render/form-layout';
import { toNodeError } from '../render/node-error';
import { labelsOf, unwrapLocator } from './parameter-value';

/** Context of lists and forms while a node's form is being filled in. */

/** Timeout and retries for drop-downs. Slow platforms answer within it, or the drop-down shows an error. */
const dropDownLimits = { timeoutMs: 15_000, retry: { attempts: 1 } };

/** Makes the context of operations for a drop-down or form. */
export const createFormCoriolis = (context: ILoadOptionsFunctions): Coriolis =>
  createCoriolis(context, dropDownLimits);

/** Maximum number of items whose inputs are resolved at the same time. */
const CONCURRENCY = 4;

/**
 * Whether a value is an expression without a value: nothing before the node has run yet. The editor sends null for it;
 * what was not filled in is an empty text.
 */
const lacksValue = (value: unknown): boolean =>
  value === null || (typeof value === 'string' && value.startsWith('='));

function writtenValue(context: ILoadOptionsFunctions, name: string): unknown {
  const parameters = context.getCurrentNodeParameters() ?? {};
  const { options, filters } = parameters as { options?: IDataObject; filters?: IDataObject };
  return unwrapLocator(parameters[name] ?? filters?.[name] ?? options?.[name]);
}

/** Whether a parameter of the form is an expression without a value. */
export const isUnresolved = (context: ILoadOptionsFunctions, name: string): boolean =>
  lacksValue(writtenValue(context, name));

/** Advice about a parameter that is an expression without a value. @param title of the parameter */
export const unresolvedAdvice = (title: string): string =>
  `${title} is an expression without a value yet. Execute the nodes before this one, or choose the ${title.toLowerCase()} from the list`;

/** Reads a parameter of the form, wherever it is kept. An expression without a value counts as not given. */
export function currentValue(context: ILoadOptionsFunctions, name: string): unknown {
  const value = writtenValue(context, name);
  return lacksValue(value) ? undefined : value;
}

const optionalOf = (fields: Fields): Fields =>
  Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, { ...field, required: false }]));

/** Reads the inputs that a list or form depends on: checked, with names resolved to ids. Missing ones are left out. */
export async function currentInputs(
  context: ILoadOptionsFunctions,
  coriolis: Coriolis,
  fields: Fields,
): Promise<Readonly<Record<string, unknown>>> {
  const given = Object.fromEntries(Object.keys(fields).map((name) => [name, currentValue(context, name)]));
  return await resolveInput(optionalOf(fields), coriolis, given, labelsOf(fields));
}

/**
 * Reads the inputs that a list of rows depends on, of every input item, each combination once. Without items they are those
 * of the form.
 */
export async function inputsOfEveryItem(
  context: ILoadOptionsFunctions,
  coriolis: Coriolis,
  fields: Fields,
): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const items = context.getCurrentNodeParameters()?.[itemInputsParameter];
  const different = new Map<string, JsonObject>();
  for (const item of Array.isArray(items) ? (items as unknown[]) : []) {
    if (!isObject(item)) continue;
    const given = Object.fromEntries(
      Object.entries(pickKeys(item, Object.keys(fields))).filter(([, value]) => !lacksValue(value)),
    );
    different.set(JSON.stringify(given), given);
  }
  if (different.size === 0) return [await currentInputs(context, coriolis, fields)];
  return await mapConcurrently([...different.values()], CONCURRENCY, async (given) =>
    resolveInput(optionalOf(fields), coriolis, given, labelsOf(fields)),
  );
}

/** Joins message and advice of an error, because drop-downs and forms show only one text. */
export function shortMessage(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return isCoriolisError(error) && error.advice !== undefined
    ? `${message.replace(/\.$/u, '')}. ${error.advice}`
    : message;
}

/** Converts an error for a drop-down, which shows only its message. */
export function shortError(context: ILoadOptionsFunctions, error: unknown) {
  const shown = toNodeError(context.getNode(), error);
  shown.message = shortMessage(error);
  return shown;
}
