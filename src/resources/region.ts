import type { Coriolis } from '../api/operation-context';
import { matchesSettings } from '../model/compare-settings';
import { withoutUndefined } from '../model/json';
import type { Region } from '../model/api-objects';
import { makePreviewSubject } from '../vocabulary/preview';
import { key, view } from '../vocabulary/result-keys';
import { createOne, fetchAll, sortOldestFirst, requireChanges, updateOne } from '../requests/object-requests';

export const regionView = view<Region>()({
  id: key.text('Region id'),
  name: key.text('Name', { untrusted: true }),
  description: key.text('Description', { nullable: true, untrusted: true }),
  enabled: key.flag('Whether the workers of the region are used'),
  mapped_endpoints: key.texts('Ids of the endpoints mapped to the region, also those of other projects'),
  mapped_services: key.texts('Ids of the services mapped to the region'),
  created_at: key.time('Created'),
  updated_at: key.time('Last changed', { nullable: true }),
});

/** The region as the subject of a preview. */
export const makeRegionPreviewSubject = (region: Region) =>
  makePreviewSubject(region, region.name, region.enabled ? 'enabled' : 'disabled');

/** Finds the recently created regions with these settings, the oldest first. */
export async function findCreatedRegions(
  coriolis: Coriolis,
  settings: Pick<Region, 'name'> & Partial<Region>,
  isRecent: (createdAt: string) => boolean,
): Promise<readonly Region[]> {
  const regions = await fetchAll(coriolis, 'region');
  return sortOldestFirst(regions.filter((one) => isRecent(one.created_at) && matchesSettings(one, settings)));
}

/** Creates a region. */
export const createRegion = (
  coriolis: Coriolis,
  body: Pick<Region, 'name' | 'description' | 'enabled'>,
): Promise<Region> =>
  createOne(coriolis, 'region', [], body, {
    find: (createdSince) => findCreatedRegions(coriolis, body, createdSince),
  });

/**
 * Changes a region. Undefined settings are not changed.
 * @throws {InvalidInputError} all settings are undefined
 */
export async function updateRegion(
  coriolis: Coriolis,
  id: string,
  {
    name,
    description,
    enabled,
  }: { readonly [Key in 'name' | 'description' | 'enabled']: Region[Key] | undefined },
): Promise<Region> {
  const changes = withoutUndefined({ name, description, enabled });
  requireChanges(changes, 'a name, a description, or whether it is enabled');
  return await updateOne(coriolis, 'region', [id], changes);
}
