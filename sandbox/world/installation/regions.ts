import type { Region } from '../model';
import { notFoundWithClassName, notFound } from '../api-error';
import { isDeepStrictEqual } from 'node:util';
import type { JsonObject } from '../../json-object';
import { pythonStr } from '../../python/value-texts';
import { pythonElements } from '../../python/value-operations';
import {
  DESCRIPTION_COLUMN,
  NAME_COLUMN,
  normaliseId,
  requireLockableId,
  toSqlText,
  toStoredFlag,
  toStoredText,
} from '../database-values';
import type { World } from '../world';

export type RegionFields = Pick<Region, 'name' | 'description' | 'enabled'>;

/** An object that regions are assigned to: an endpoint or a service. */
interface Mapped {
  mappedRegions: string[];
}

export function listLiveRegions(world: World): Region[] {
  return [...world.regions.values()].filter(({ deletedAt }) => deletedAt === null);
}

/** Creates a region; nothing is verified. `enabled: null` is stored as false. */
export function createRegion(world: World, fields: Readonly<Record<keyof RegionFields, unknown>>): Region {
  const region: Region = {
    name: toStoredText(fields.name, NAME_COLUMN) ?? '',
    description: toStoredText(fields.description, DESCRIPTION_COLUMN),
    enabled: toStoredFlag(fields.enabled) ?? false,
    id: world.makeId(),
    createdAt: world.serverSeconds(),
    updatedAt: null,
    deletedAt: null,
  };
  world.regions.set(region.id, region);
  return region;
}

export function requireRegion(world: World, id: string): Region {
  const region = findRegion(world, requireLockableId(id));
  if (!region) throw notFoundWithClassName(`Region with ID '${id}' not found.`);
  return region;
}

/** Updates a region. `updated_at` only changes when a value does. */
export function updateRegion(world: World, id: string, changes: JsonObject): Region {
  const region = findRegion(world, requireLockableId(id));
  if (!region) throw notFoundWithClassName(`Region with ID '${id}' does not exist.`);
  const before = { ...region };
  Object.assign(region, {
    ...('name' in changes && { name: toStoredText(changes['name'], NAME_COLUMN) }),
    ...('description' in changes && {
      description: toStoredText(changes['description'], DESCRIPTION_COLUMN),
    }),
    ...('enabled' in changes && { enabled: toStoredFlag(changes['enabled']) }),
  });
  if (!isDeepStrictEqual(before, region)) region.updatedAt = world.serverSeconds();
  return region;
}

/** Deletes a region, even one in use, and removes it from all endpoints and services. */
export function deleteRegion(world: World, id: string): void {
  const region = findRegion(world, requireLockableId(id));
  if (!region) throw notFound('0 region entries were soft deleted');
  region.deletedAt = world.serverSeconds();
  const unmap = (thing: Mapped): void => {
    thing.mappedRegions = thing.mappedRegions.filter((one) => one !== id);
  };
  for (const endpoint of world.endpoints) unmap(endpoint);
  for (const service of world.services.values()) unmap(service);
}

/**
 * Reads region ids of a request body.
 * @param target object that the regions are assigned to, in the words of the server's error, e.g. `endpoint 'a1…'`
 * @throws ApiError 404 when one is unknown, PythonError for something that cannot be iterated
 */
export function parseMappedRegionIds(world: World, given: unknown, target: string): string[] {
  const ids = pythonElements(given);
  const regions = ids.map((id) => findRegion(world, toSqlText(id)));
  const unknown = regions.indexOf(undefined);
  if (unknown === -1) return [...new Set(regions.flatMap((region) => region?.id ?? []))];
  throw notFoundWithClassName(
    `Could not find region with ID '${pythonStr(ids[unknown])}' for associating with ${target} during update process.`,
  );
}

function findRegion(world: World, id: string): Region | undefined {
  const region = world.regions.get(normaliseId(id));
  return region?.deletedAt === null ? region : undefined;
}
