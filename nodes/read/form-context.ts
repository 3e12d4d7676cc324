import type { IDataObject, ILoadOptionsFunctions } from 'n8n-workflow';
import { isCoriolisError } from '../../src/api/errors';
import type { Coriolis } from '../../src/api/coriolis';
import type { Fields } from '../../src/vocabulary/field';
import { resolveInput } from '../../src/perform';
import { coriolisFor } from '../login/coriolis-for';
import { nodeError } from '../render/node-error';
import { plain } from './parameter-value';

/** What lists and forms know while somebody fills in the form of a node. */

/** A drop-down that hangs is worse than one that says why it is empty; slow platforms answer within this, or it is typed. */
const patience = { timeoutMs: 15_000, retry: { attempts: 1 } };

export const coriolisOf = (context: ILoadOptionsFunctions): Coriolis => coriolisFor(context, patience);

/** A parameter of the form, wherever the form keeps it. An expression that has no value yet counts for nothing. */
export function currentValue(context: ILoadOptionsFunctions, name: string): unknown {
  const parameters = context.getCurrentNodeParameters() ?? {};
  const { options, filters } = parameters as { options?: IDataObject; filters?: IDataObject };
  const value = plain(parameters[name] ?? filters?.[name] ?? options?.[name]);
  return typeof value === 'string' && value.startsWith('=') ? undefined : value;
}

/** Values of the form that a list or another form depends on: checked, with names turned into ids; what is missing is left out. */
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

/** The message of an error in one piece: drop-downs and forms show nothing but it, so what to do next belongs into it. */
export function shortMessage(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return isCoriolisError(error) && error.advice !== undefined
    ? `${message.replace(/\.$/u, '')}. ${error.advice}`
    : message;
}

/** An error for a drop-down. */
export function shortened(context: ILoadOptionsFunctions, error: unknown) {
  const shown = nodeError(context.getNode(), error);
  shown.message = shortMessage(error);
  return shown;
}
