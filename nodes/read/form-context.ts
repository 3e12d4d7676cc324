import type { IDataObject, ILoadOptionsFunctions } from 'n8n-workflow';
import { isCoriolisError } from '../../src/api/errors';
import type { Coriolis } from '../../src/api/coriolis';
import type { Fields } from '../../src/vocabulary/field';
import { resolveInput } from '../../src/prepared-call';
import { coriolisFor } from '../login/coriolis-for';
import { nodeError } from '../render/node-error';
import { locatorValue } from './parameter-value';

/** Context of lists and forms while a node's form is being filled in. */

/** Timeout and retries for drop-downs. Slow platforms answer within it, or the drop-down shows an error. */
const dropDownLimits = { timeoutMs: 15_000, retry: { attempts: 1 } };

/** Makes the context of operations for a drop-down or form. */
export const coriolisOf = (context: ILoadOptionsFunctions): Coriolis => coriolisFor(context, dropDownLimits);

/** Whether a value is an expression that n8n could not resolve, because the nodes before have not run yet. */
const isExpression = (value: unknown): boolean => typeof value === 'string' && value.startsWith('=');

function writtenValue(context: ILoadOptionsFunctions, name: string): unknown {
  const parameters = context.getCurrentNodeParameters() ?? {};
  const { options, filters } = parameters as { options?: IDataObject; filters?: IDataObject };
  return locatorValue(parameters[name] ?? filters?.[name] ?? options?.[name]);
}

/** Whether a parameter of the form is an expression without a value. */
export const isUnresolved = (context: ILoadOptionsFunctions, name: string): boolean =>
  isExpression(writtenValue(context, name));

/** Reads a parameter of the form, wherever it is kept. An expression without a value counts as not given. */
export function currentValue(context: ILoadOptionsFunctions, name: string): unknown {
  const value = writtenValue(context, name);
  return isExpression(value) ? undefined : value;
}

/** Reads the inputs that a list or form depends on: checked, with names resolved to ids. Missing ones are left out. */
export async function currentInputs(
  context: ILoadOptionsFunctions,
  coriolis: Coriolis,
  fields: Fields,
): Promise<Readonly<Record<string, unknown>>> {
  const optional = Object.fromEntries(
    Object.entries(fields).map(([name, field]) => [name, { ...field, required: false }]),
  );
  const given = Object.fromEntries(Object.keys(fields).map((name) => [name, currentValue(context, name)]));
  return await resolveInput(optional, coriolis, given, (name) => fields[name]?.title ?? name);
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
  const shown = nodeError(context.getNode(), error);
  shown.message = shortMessage(error);
  return shown;
}
