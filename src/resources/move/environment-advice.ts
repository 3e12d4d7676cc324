import type { Coriolis } from '../../api/operation-context';
import { asError, isCoriolisError, type CoriolisError } from '../../api/errors';
import { tolerateErrors } from '../../api/tolerate-errors';
import { isObject, type JsonObject } from '../../model/json';
import { quoteText } from '../../model/untrusted-text';
import { fetchOne, fetchOptional } from '../../requests/object-requests';
import { fetchProviderOptions } from '../endpoint-platform';
import { fetchPlatformSchema } from '../provider';

/** Pattern of the server's message about a refused environment (docs/reference/coriolis-api.md §11). */
const REFUSED = /Invalid (source|destination) environment/u;
/** Maximum number of values that an advice names for one option. */
const SHOWN_VALUES = 8;
/** Maximum number of missing options that an advice names. */
const MAX_OPTIONS = 5;

/** Environments of a request, with the endpoints that they belong to. */
interface Environments {
  readonly originEndpointId: string;
  readonly destinationEndpointId: string;
  readonly sourceEnvironment?: JsonObject | undefined;
  readonly destinationEnvironment?: JsonObject | undefined;
}

/**
 * Makes a function that reads the environments that an update results in: those of the transfer, overridden by
 * `changes`.
 */
export const makeUpdatedEnvironmentsReader =
  (
    coriolis: Coriolis,
    transferId: string,
    changes: Omit<Environments, 'originEndpointId' | 'destinationEndpointId'>,
  ) =>
  async (): Promise<Environments> => {
    const transfer = await fetchOne(coriolis, 'transfer', transferId);
    return {
      originEndpointId: transfer.origin_endpoint_id,
      destinationEndpointId: transfer.destination_endpoint_id,
      sourceEnvironment: { ...transfer.source_environment, ...changes.sourceEnvironment },
      destinationEnvironment: { ...transfer.destination_environment, ...changes.destinationEnvironment },
    };
  };

/**
 * Runs a call that sends environments. When the server refuses an environment because of its schema, the error names
 * the required options that are missing, with accepted values and the platform's default, and the calls that list all
 * options.
 *
 * @param sent the sent environments, or a function that reads them, called only after a refusal
 */
export async function runWithEnvironmentAdvice<T>(
  coriolis: Coriolis,
  sent: Environments | (() => Promise<Environments>),
  run: () => Promise<T>,
): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (!isCoriolisError(error)) throw asError(error);
    throw asError(await explainRefusal(coriolis, sent, error));
  }
}

async function explainRefusal(
  coriolis: Coriolis,
  sent: Environments | (() => Promise<Environments>),
  error: CoriolisError,
): Promise<CoriolisError> {
  const side = REFUSED.exec(error.serverMessage ?? '')?.[1] as 'source' | 'destination' | undefined;
  if (side === undefined) return error;
  const quietly = <Result>(asked: Promise<Result>): Promise<Result | undefined> =>
    tolerateErrors(
      asked,
      [
        'not_found',
        'capability',
        'forbidden',
        'conflict',
        'invalid_input',
        'server',
        'timeout',
        'unreachable',
      ],
      undefined,
    );
  const input = typeof sent === 'function' ? await quietly(sent()) : sent;
  if (input === undefined) return error;
  const endpointId = side === 'source' ? input.originEndpointId : input.destinationEndpointId;
  const given = (side === 'source' ? input.sourceEnvironment : input.destinationEnvironment) ?? {};
  const endpoint = await quietly(fetchOptional(coriolis, 'endpoint', [endpointId]));
  const options = {
    operation: `endpoint.get${side === 'source' ? 'Source' : 'Destination'}Options`,
    input: { endpointId },
  };
  if (endpoint === undefined) return error.following([options]);
  const schema = await quietly(fetchPlatformSchema(coriolis, endpoint.type, side));
  const missing = requiredBy(schema).filter((name) => !(name in given));
  const values =
    missing.length === 0
      ? undefined
      : await quietly(fetchProviderOptions(coriolis, endpointId, side, missing, given));
  const named = missing
    .slice(0, MAX_OPTIONS)
    .map((name) => describeOption(name, values?.find((option) => option.name === name) ?? {}));
  const next = [{ operation: 'provider.getSchema', input: { platform: endpoint.type, kind: side } }, options];
  const explainedError = error.following(next);
  return named.length === 0 ? explainedError : explainedError.advising(`Missing: ${named.join('; ')}.`);
}

function requiredBy(schema: JsonObject | undefined): readonly string[] {
  const required: unknown = schema?.['required'];
  return Array.isArray(required) ? required.filter((name) => typeof name === 'string') : [];
}

function describeOption(
  name: string,
  option: { readonly values?: unknown; readonly config_default?: unknown },
): string {
  const shown = (value: unknown): string => quoteText(describeValue(value), 80);
  const values = Array.isArray(option.values) ? option.values.slice(0, SHOWN_VALUES).map(shown) : [];
  return [
    name,
    ...(values.length === 0 ? [] : [` (${values.join(', ')})`]),
    ...(option.config_default === undefined || option.config_default === null
      ? []
      : [`, by default ${shown(option.config_default)}`]),
  ].join('');
}

/** A value of an option: one that has a name too is shown with its name and its id. */
function describeValue(value: unknown): string {
  if (!isObject(value)) return String(value);
  const { id, name } = value;
  if (id === undefined || name === undefined || id === name) return String(id ?? name);
  return `${String(name)} = ${String(id)}`;
}
