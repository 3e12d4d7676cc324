import type { Coriolis } from '../api/operation-context';
import type { JsonObject } from '../model/json';
import type { Instance, TransferOrDeployment } from '../model/api-objects';
import { key, view } from '../vocabulary/result-keys';
import { path } from '../api/request-path';
import { encodeEnvironment, encodeInstance } from '../api/url-encoding';
import { NotFoundError, asError, InvalidInputError } from '../api/errors';
import { mapConcurrently } from '../api/map-concurrently';

type Disk = NonNullable<NonNullable<Instance['devices']>['disks']>[number];

export const instanceKeys = {
  instance: key.text(
    'Identifier to use in transfers',
    (instance: Instance) => instanceIdentifierOf(instance),
    {
      untrusted: true,
    },
  ),
  name: key.text('Name', { untrusted: true }),
  os_type: key.text('Operating system family'),
  vcpus: key.number('Virtual processors', ({ num_cpu: count }: Instance) => count),
  memory_mb: key.number('Memory in MiB'),
  firmware: key.text('BIOS or EFI', ({ firmware_type: type }: Instance) => type, { nullable: true }),
  disks: key.rows(
    'Disks',
    {
      id: key.text('Disk id, for storage mappings'),
      size_bytes: key.number('Size in bytes', { nullable: true }),
      storage_backend: key.text(
        'Storage of the disk on the source',
        ({ storage_backend_identifier: backend }: Disk) => backend,
        { nullable: true },
      ),
    },
    ({ devices }: Instance) => devices?.disks ?? [],
  ),
  networks: key.texts('Source networks, the keys of a network map', networksOf, { untrusted: true }),
};

/** Names of the networks of an instance, each once. */
function networksOf({ devices }: Instance): readonly string[] {
  return [...new Set((devices?.nics ?? []).flatMap(({ network_name: name }) => name ?? []))];
}

export const instanceView = view<Instance>()(instanceKeys);

/**
 * Number of instances in a page: large, to send few requests, yet small enough for platforms that need seconds each.
 */
const instancePage = 100;

/** Query of the instances of an endpoint. */
export interface InstanceQuery {
  /** Text that names contain. Some providers read the text as a regular expression (see `fetchInstances`). */
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
export const instanceIdentifierOf = (instance: Pick<Instance, 'id' | 'instance_name'>): string =>
  instance.instance_name ?? instance.id;

/**
 * Yields the instances of an endpoint whose names contain `name`. Some providers read the name as a regular expression,
 * so its special characters are escaped first ("Büro Server (1)"). When nothing is found, the text is sent unescaped:
 * for providers with plain searches, and for callers who mean a pattern.
 */
export async function* fetchInstances(
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

/** Yields instances page by page. The marker of a page is the last id of the page before; a short page is the last. */
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
        mayTakeMinutes: true,
        signal,
      },
    );
    // A page that contains the marker is the previous one again: the platform ignores markers.
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
    { query: { env: encodeEnvironment(environment) }, mayTakeMinutes: true },
  );
  return answer.instance;
}

/** Reads a machine of a transfer or direct migration from its origin, with its source environment. */
export const fetchInstanceOf = (
  coriolis: Coriolis,
  action: Pick<TransferOrDeployment, 'origin_endpoint_id' | 'source_environment'>,
  identifier: string,
): Promise<Instance> =>
  fetchInstance(coriolis, action.origin_endpoint_id, identifier, action.source_environment ?? undefined);

/** Maximum number of parallel requests to a platform. Such requests are slow, and a worker serves few at once. */
const CHECK_CONCURRENCY = 4;

/**
 * Checks that machines exist. The server itself accepts any name, and only the first execution then fails
 * (docs/reference/coriolis-api.md §7.4).
 *
 * @throws {InvalidInputError} names the machines that the platform does not know
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
      // An unknown endpoint gives a 404 as well; only the message tells the two apart.
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
