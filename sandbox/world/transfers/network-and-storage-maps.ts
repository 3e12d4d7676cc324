import type { JsonObject } from '../../json-object';
import { pythonValueError } from '../../python/errors';
import { pythonElements, getFromDict, isPythonTruthy, getPythonItem } from '../../python/value-operations';
import { findSchemaProblem } from '../../python/schema-check';

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
  $schema: 'http://cloudbase.it/coriolis/schemas/storage_mappings#',
  description:
    'Mapping combinations for disk storage backends of migrated/replicated VMs. The order of precendence of mapping is per-disk, ' +
    'per-backend, and finally the default option.',
  type: 'object',
  properties: {
    default: { type: 'string' },
    backend_mappings: pairs('source'),
    disk_mappings: pairs('disk_id'),
  },
  additionalProperties: false,
};

/**
 * Checks a network map against its schema.
 * @throws PythonError for a value that does not fit
 */
export function checkNetworkMap(value: unknown): JsonObject {
  return requireFitting('network_map', NETWORK_MAP_SCHEMA, value);
}

/**
 * Checks storage mappings against their schema.
 * @throws PythonError for a value that does not fit
 */
export function checkStorageMappings(value: unknown): JsonObject {
  return requireFitting('storage_mappings', STORAGE_MAPPINGS_SCHEMA, value);
}

function requireFitting(field: string, schema: JsonObject, value: unknown): JsonObject {
  const problem = findSchemaProblem(schema, value);
  if (problem !== null) throw pythonValueError(`Invalid ${field}: ${problem}`);
  return value as JsonObject;
}

/**
 * Merges storage mappings as an update does: a given mapping replaces that of the same source or disk, and a truthy
 * default replaces the default (docs/reference/coriolis-api.md §7.5). The server merges the changes before it checks
 * them.
 */
export function mergeStorageMappings(current: JsonObject, changes: unknown): JsonObject {
  const backends = getFromDict(changes, 'backend_mappings', []);
  const backendSources = pythonElements(backends).map((mapping) => getPythonItem(mapping, 'source'));
  const disks = getFromDict(changes, 'disk_mappings', []);
  const diskIds = pythonElements(disks).map((mapping) => getPythonItem(mapping, 'disk_id'));
  const chosen = getFromDict(changes, 'default');
  const fallback = isPythonTruthy(chosen) ? chosen : current['default'];
  return {
    backend_mappings: [
      ...without(current['backend_mappings'], 'source', backendSources),
      ...pythonElements(backends),
    ],
    disk_mappings: [...without(current['disk_mappings'], 'disk_id', diskIds), ...pythonElements(disks)],
    ...(isPythonTruthy(fallback) && { default: fallback }),
  };
}

/** Pairs of a list without the given keys. */
function without(pairs: unknown, key: string, keys: readonly unknown[]): unknown[] {
  return pythonElements(pairs ?? []).filter((pair) => !keys.includes(getPythonItem(pair, key)));
}
