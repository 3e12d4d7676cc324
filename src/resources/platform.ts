import { path } from '../api/path';
import { encodeEnvironment, encodeInstance, encodeOptions } from '../api/url-encoding';
import { asError, InvalidInputError, NotFoundError } from '../api/errors';
import { mapConcurrently } from '../api/map-concurrently';
import type { Coriolis } from '../api/coriolis';
import type { JsonObject } from '../model/json';
import { key, view } from '../vocabulary/result-keys';
import type { Instance, Network, ProviderOption, StorageBackend } from '../model/types';

/**
 * Requests that Coriolis forwards to an endpoint's platform, which takes long (docs/reference/coriolis-api.md §1.9,
 * §6.3).
 */

export const networkView = view<Network>()({
  id: key.text('Network id'),
  name: key.text('Name', { untrusted: true }),
});

export const storageView = view<StorageBackend & { readonly is_default: boolean }>()({
  id: key.text('Storage id'),
  name: key.text('Name', { untrusted: true }),
  is_default: key.flag('Whether the platform uses it unless told otherwise'),
});

export const optionView = view<ProviderOption>()({
  name: key.text('Name of the field'),
  values: key.values('Accepted values', { untrusted: true }),
  default: key.values(
    'What the platform is set up to use, when it is',
    ({ config_default: standard }: ProviderOption) =>
      standard === undefined || standard === null
        ? null
        : Array.isArray(standard)
          ? (standard as unknown[])
          : [standard],
    { nullable: true },
  ),
});

/** Result of validating a connection: success, or the platform's reason for the failure. */
export interface ConnectionValidation {
  readonly valid: boolean;
  readonly message: string | null;
}

/** Validates the connection of an endpoint. Reads only; a failed validation is a result, not an error (trap 7). */
export async function validateConnection({ client }: Coriolis, id: string): Promise<ConnectionValidation> {
  const answer = await client.post<{ 'validate-connection': ConnectionValidation }>(
    path`/endpoints/${id}/actions`,
    { 'validate-connection': null },
    { repeatable: true, slow: true },
  );
  return answer['validate-connection'];
}

/** Instances per page: few requests, yet small enough for platforms that need seconds for each. */
const instancePage = 100;

export interface InstanceQuery {
  /** Text in names. Some providers read it as a regular expression, so both readings are tried. */
  readonly name?: string | undefined;
  readonly environment?: JsonObject | undefined;
  /** Whether to bypass the worker's cache (servers from 1.2.0). */
  readonly refresh?: boolean;
  readonly limit?: number | undefined;
  /** Id of the last instance of an earlier page. */
  readonly after?: string | undefined;
}

/**
 * Identifier of an instance in transfers and paths: `instance_name` when present, else `id`
 * (docs/reference/coriolis-api.md §6.3).
 */
export const instanceIdentifier = (instance: Pick<Instance, 'id' | 'instance_name'>): string =>
  instance.instance_name ?? instance.id;

/**
 * Yields the instances of an endpoint whose names contain `name`. For providers that read the name as a regular expression
 * its special characters are escaped first ("Büro Server (1)"); when that finds nothing, the text is sent as it is, which
 * finds what providers with plain searches have and what a caller means as a pattern.
 */
export async function* listInstances(
  coriolis: Coriolis,
  endpointId: string,
  query: InstanceQuery = {},
): AsyncIterable<Instance> {
  const { name } = query;
  const escaped = name?.replaceAll(REGEXP_SYNTAX, String.raw`\$&`);
  if (escaped !== name) {
    let found = false;
    for await (const instance of pagesOf(coriolis, endpointId, { ...query, name: escaped })) {
      found = true;
      yield instance;
    }
    if (found) return;
  }
  yield* pagesOf(coriolis, endpointId, query);
}

/** Characters that a regular expression reads as syntax. */
const REGEXP_SYNTAX = /[.*+?^${}()|[\]\\]/g;

/** Yields instances page by page. The marker is the last id; a short page is the last. */
async function* pagesOf(
  { client, signal }: Coriolis,
  endpointId: string,
  { name, environment, refresh, limit, after }: InstanceQuery,
): AsyncIterable<Instance> {
  const pageSize = Math.min(limit ?? instancePage, instancePage);
  let marker = after;
  let left = limit ?? Number.POSITIVE_INFINITY;
  while (left > 0) {
    const { instances: page } = await client.get<{ instances: Instance[] }>(
      path`/endpoints/${endpointId}/instances`,
      {
        query: {
          limit: pageSize,
          marker,
          name,
          refresh: refresh === true ? true : undefined,
          env: encodeEnvironment(environment),
        },
        slow: true,
        signal,
      },
    );
    // A platform that ignores the marker sends the same page again.
    const last = page.at(-1);
    if (
      last === undefined ||
      last.id === marker ||
      (marker !== undefined && page.some(({ id }) => id === marker))
    )
      return;
    yield* page.slice(0, left);
    left -= page.length;
    // A page of another size than requested means that the platform does not page.
    if (page.length !== pageSize) return;
    marker = last.id;
  }
}

/** Fetches one instance with its disks and networks. */
export async function fetchInstance(
  { client }: Coriolis,
  endpointId: string,
  identifier: string,
  environment?: JsonObject,
): Promise<Instance> {
  const answer = await client.get<{ instance: Instance }>(
    path`/endpoints/${endpointId}/instances/${encodeInstance(identifier)}`,
    { query: { env: encodeEnvironment(environment) }, slow: true },
  );
  return answer.instance;
}

/** Maximum number of parallel requests to a platform: they are slow, and a worker serves few at once. */
const CHECK_CONCURRENCY = 4;

/**
 * Checks that machines exist. The server accepts any name and fails in the first execution
 * (docs/reference/coriolis-api.md §7.4).
 *
 * @throws {InvalidInputError} naming those that the platform does not know
 */
export async function requireInstances(
  coriolis: Coriolis,
  endpointId: string,
  identifiers: readonly string[],
  environment?: JsonObject,
): Promise<void> {
  const unknown: string[] = [];
  await mapConcurrently(identifiers, CHECK_CONCURRENCY, async (identifier) => {
    try {
      await fetchInstance(coriolis, endpointId, identifier, environment);
    } catch (error) {
      // An unknown endpoint is a 404 as well.
      if (!(error instanceof NotFoundError) || !/instance/iu.test(error.serverMessage ?? ''))
        throw asError(error);
      unknown.push(identifier);
    }
  });
  if (unknown.length > 0) {
    throw new InvalidInputError(
      `The origin endpoint has no instance ${unknown.map((name) => `"${name}"`).join(', ')}.`,
      {
        field: 'instances',
        advice: 'Nothing was created. List the instances of the endpoint and use their identifiers.',
      },
    );
  }
}

export async function fetchNetworks(
  { client }: Coriolis,
  endpointId: string,
  environment?: JsonObject,
): Promise<readonly Network[]> {
  const answer = await client.get<{ networks: Network[] }>(path`/endpoints/${endpointId}/networks`, {
    query: { env: encodeEnvironment(environment) },
    slow: true,
  });
  return answer.networks;
}

/** Fetches the storage of an endpoint with the platform's default: an object under a singular key (trap 25). */
export async function fetchStorage(
  { client }: Coriolis,
  endpointId: string,
  environment?: JsonObject,
): Promise<{ readonly backends: readonly StorageBackend[]; readonly standard: string | undefined }> {
  const answer = await client.get<{
    storage: { storage_backends: StorageBackend[]; config_default?: string | null };
  }>(path`/endpoints/${endpointId}/storage`, { query: { env: encodeEnvironment(environment) }, slow: true });
  return { backends: answer.storage.storage_backends, standard: answer.storage.config_default ?? undefined };
}

export const fetchStorageBackends = async (
  coriolis: Coriolis,
  endpointId: string,
): Promise<readonly StorageBackend[]> => (await fetchStorage(coriolis, endpointId)).backends;

/** Kinds of options that a platform offers values for. */
export type OptionSide = 'source' | 'destination' | 'source_minion_pool' | 'destination_minion_pool';

/** Fetches the values that a platform offers for an environment or for minion pool options. */
export async function fetchOptions(
  { client }: Coriolis,
  endpointId: string,
  side: OptionSide,
  names: readonly string[] | undefined,
  environment: JsonObject | undefined,
): Promise<readonly ProviderOption[]> {
  const answer = await client.get<Record<string, ProviderOption[] | undefined>>(
    // Hyphens in paths, underscores in keys (trap 28).
    path`/endpoints/${endpointId}/${side.replaceAll('_', '-')}-options`,
    {
      query: {
        options: encodeOptions(names),
        env: encodeEnvironment(environment),
      },
      slow: true,
    },
  );
  return answer[`${side}_options`] ?? [];
}

/** Exports the machines of an endpoint as CSV, with the provider's columns (servers from 1.2.2). */
export async function fetchInventory(
  { client, signal }: Coriolis,
  endpointId: string,
  environment: JsonObject | undefined,
): Promise<string> {
  return await client.get<string>(path`/endpoints/${endpointId}/inventory`, {
    query: { env: encodeEnvironment(environment) },
    accept: 'text/csv',
    slow: true,
    signal,
  });
}
