import type { Coriolis } from '../api/operation-context';
import { path } from '../api/request-path';
import type { JsonObject } from '../model/json';
import { key, view } from '../vocabulary/result-keys';

/** The server's number for each capability of a platform (docs/reference/coriolis-api.md §6.1). */
const PROVIDER_TYPES = {
  connection: 16,
  destination: 4,
  source: 8,
  source_minion_pool: 524_288,
  destination_minion_pool: 1_048_576,
} as const;

/** A platform with the numbers of its capabilities (see `PROVIDER_TYPES`). */
export interface Provider {
  readonly name: string;
  readonly types: readonly number[];
}

export const providerView = view<Provider>()({
  name: key.text('Platform name, the type of its endpoints'),
  source: key.flag('Whether machines can be moved from this platform', ({ types }: Provider) =>
    types.includes(PROVIDER_TYPES.source),
  ),
  destination: key.flag('Whether machines can be moved to this platform', ({ types }: Provider) =>
    types.includes(PROVIDER_TYPES.destination),
  ),
  types: key.values('Provider type codes of its capabilities'),
});

/** A JSON schema of a platform. */
export interface PlatformSchema {
  readonly platform: string;
  readonly kind: PlatformSchemaKind;
  /** Undefined when the platform has the capability without a schema. */
  readonly schema: JsonObject | undefined;
}

export const platformSchemaView = view<PlatformSchema>()({
  platform: key.text('Platform name'),
  kind: key.text('What the schema describes'),
  schema: key.json(
    'JSON schema; empty when the platform has no such schema',
    ({ schema }: PlatformSchema) => schema ?? {},
  ),
});

/** Kinds of schemas: one for each capability of a platform. */
export type PlatformSchemaKind = keyof typeof PROVIDER_TYPES;

/**
 * Fetches a platform's schema of one kind; undefined when the platform has the capability without a schema.
 * @throws {NotFoundError} no worker has the platform, or the platform lacks the capability
 */
export async function fetchPlatformSchema(
  { client }: Coriolis,
  platform: string,
  kind: PlatformSchemaKind,
): Promise<JsonObject | undefined> {
  const { schemas } = await client.get<{ schemas: Readonly<Record<string, JsonObject>> }>(
    path`/providers/${platform}/schemas/${String(PROVIDER_TYPES[kind])}`,
  );
  return Object.values(schemas)[0];
}

/** Reads all platforms that have a worker, sorted by name. */
export async function fetchProviders({ client, signal }: Coriolis): Promise<readonly Provider[]> {
  const { providers } = await client.get<{ providers: Record<string, { types?: number[] }> }>('/providers', {
    signal,
  });
  return Object.keys(providers)
    .sort()
    .map((name) => ({ name, types: providers[name]?.types ?? [] }));
}
