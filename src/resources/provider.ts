import type { Coriolis } from '../api/coriolis';
import { path } from '../api/path';
import type { JsonObject } from '../model/json';

/** Provider type codes by capability (coriolis-api.md §6.1). */
export const PROVIDER_TYPES = {
  connection: 16,
  destination: 4,
  source: 8,
  source_minion_pool: 524_288,
  destination_minion_pool: 1_048_576,
} as const;

/** Kinds of schemas that a platform may have. */
export type SchemaKind = keyof typeof PROVIDER_TYPES;

/**
 * Fetches a platform's schema of one kind; undefined when the platform has the capability without a schema.
 * @throws {NotFoundError} no worker has the platform, or the platform lacks the capability
 */
export async function fetchSchema(
  { client }: Coriolis,
  platform: string,
  kind: SchemaKind,
): Promise<JsonObject | undefined> {
  const { schemas } = await client.get<{ schemas: Readonly<Record<string, JsonObject>> }>(
    path`/providers/${platform}/schemas/${String(PROVIDER_TYPES[kind])}`,
  );
  return Object.values(schemas)[0];
}
