import type { Region } from '../model';
import { remoteNotFound, internalError, notFound } from '../refusal';
import type { World } from '../world';

export type RegionFields = Pick<Region, 'name' | 'description' | 'enabled'>;

/** Something that regions are mapped on: an endpoint or a service. */
interface Mapped {
  mappedRegions: string[];
}

export function liveRegions(world: World): Region[] {
  return [...world.regions.values()].filter(({ deletedAt }) => deletedAt === null);
}

export function createRegion(world: World, fields: RegionFields): Region {
  const region: Region = {
    ...fields,
    id: world.newId(),
    createdAt: world.now(),
    updatedAt: null,
    deletedAt: null,
  };
  world.regions.set(region.id, region);
  return region;
}

export function requireRegion(world: World, id: string): Region {
  const region = findRegion(world, id);
  if (!region) throw remoteNotFound(`Region with ID '${id}' not found.`);
  return region;
}

export function updateRegion(world: World, id: string, changes: Partial<RegionFields>): Region {
  const region = findRegion(world, id);
  if (!region) throw remoteNotFound(`Region with ID '${id}' does not exist.`);
  const before = { ...region };
  Object.assign(region, changes);
  const changed = (Object.keys(changes) as (keyof RegionFields)[]).some((key) => before[key] !== region[key]);
  if (changed) region.updatedAt = world.now();
  return region;
}

/** Deletes a region, also one in use: its mappings go with it. */
export function deleteRegion(world: World, id: string): void {
  const region = findRegion(world, id);
  if (!region) throw notFound('0 region entries were soft deleted');
  region.deletedAt = world.now();
  const unmap = (thing: Mapped): void => {
    thing.mappedRegions = thing.mappedRegions.filter((one) => one !== id);
  };
  for (const endpoint of world.endpoints) unmap(endpoint);
  for (const service of world.services.values()) unmap(service);
}

/**
 * Region ids of a request body, for mapping them on something.
 * @param target what they are mapped on, in the words of the server, e.g. `endpoint 'a1…'`
 * @throws Refusal 404 when one is unknown
 */
export function readMappedRegions(world: World, given: readonly unknown[], target: string): string[] {
  const ids = given.map(String);
  const unknown = ids.find((id) => !findRegion(world, id));
  if (unknown === undefined) return [...new Set(ids)];
  throw remoteNotFound(
    `Could not find region with ID '${unknown}' for associating with ${target} during update process.`,
  );
}

function findRegion(world: World, id: string): Region | undefined {
  const region = world.regions.get(id);
  return region?.deletedAt === null ? region : undefined;
}

/** The database refuses anything but text in a name and a boolean in a flag: generic 500. */
export function readRegionFields(body: Record<string, unknown>): Partial<RegionFields> {
  const { name, description, enabled } = body;
  if (name !== undefined && typeof name !== 'string') throw internalError();
  if (description !== undefined && description !== null && typeof description !== 'string')
    throw internalError();
  if (enabled !== undefined && typeof enabled !== 'boolean') throw internalError();
  return {
    ...(name === undefined ? {} : { name }),
    ...(description === undefined ? {} : { description }),
    ...(enabled === undefined ? {} : { enabled }),
  };
}
