import type { JsonObject } from '../../json';
import { invalidInput } from '../refusal';
import { schemaProblem } from '../../python/schema-check';

const NETWORK_MAP_SCHEMA: JsonObject = {
  $schema: 'http://cloudbase.it/coriolis/schemas/network_map_schema#',
  type: 'object',
  description: 'Mapping between source and destination network identifiers.',
};

const pairs = (source: string): JsonObject => ({
  type: 'array',
  items: {
    type: 'object',
    properties: { [source]: { type: 'string' }, destination: { type: 'string' } },
    required: [source, 'destination'],
    additionalProperties: false,
  },
});

const STORAGE_MAPPINGS_SCHEMA: JsonObject = {
  $schema: 'http://cloudbase.it/coriolis/schemas/storage_mappings_schema#',
  type: 'object',
  properties: {
    default: { type: 'string' },
    backend_mappings: pairs('source'),
    disk_mappings: pairs('disk_id'),
  },
  additionalProperties: false,
};

export function requireNetworkMap(value: unknown): JsonObject {
  return checked('network_map', NETWORK_MAP_SCHEMA, value);
}

export function requireStorageMappings(value: unknown): JsonObject {
  return checked('storage_mappings', STORAGE_MAPPINGS_SCHEMA, value);
}

function checked(field: string, schema: JsonObject, value: unknown): JsonObject {
  const problem = schemaProblem(schema, value);
  if (problem !== null) throw invalidInput(`Invalid ${field}: ${problem}`);
  return value as JsonObject;
}

/** Merges storage mappings as an update does: per source and per disk; the default is only replaced by a truthy one (coriolis-api.md §7.5). */
export function mergeStorageMappings(current: JsonObject, changes: JsonObject): JsonObject {
  const fallback = changes['default'] || current['default'];
  return {
    backend_mappings: mergePairs('source', current['backend_mappings'], changes['backend_mappings']),
    disk_mappings: mergePairs('disk_id', current['disk_mappings'], changes['disk_mappings']),
    ...(fallback ? { default: fallback } : {}),
  };
}

function mergePairs(key: string, current: unknown, changes: unknown): JsonObject[] {
  const merged = new Map<unknown, JsonObject>();
  for (const pair of [...listOf(current), ...listOf(changes)]) merged.set(pair[key], pair);
  return [...merged.values()];
}

function listOf(value: unknown): JsonObject[] {
  return Array.isArray(value) ? (value as JsonObject[]) : [];
}
