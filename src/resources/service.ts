import type { Coriolis } from '../api/operation-context';
import { matchesSettings } from '../model/compare-settings';
import { withoutUndefined } from '../model/json';
import type { Service } from '../model/api-objects';
import { makePreviewSubject } from '../vocabulary/preview';
import { key, view } from '../vocabulary/result-keys';
import { createOne, fetchAll, sortOldestFirst, requireChanges, updateOne } from '../requests/object-requests';

export const serviceView = view<Service>()({
  id: key.text('Service id'),
  host: key.text('Host of the worker'),
  binary: key.text('Program, usually coriolis-worker'),
  topic: key.text('Message topic'),
  enabled: key.flag('Whether the worker gets work'),
  status: key.text('UP, DOWN or UNKNOWN'),
  platforms: key.texts('Platforms that the worker serves', ({ providers }: Service) =>
    Object.keys(providers ?? {}).sort(),
  ),
  mapped_regions: key.texts('Ids of the regions to which the worker is mapped'),
  created_at: key.time('Registered'),
  updated_at: key.time('Last changed', { nullable: true }),
});

/** The service as the subject of a preview. */
export const makeServicePreviewSubject = (service: Service) =>
  makePreviewSubject(service, service.host, service.status);

/** Settings of a service that is registered by hand. */
export interface NewService extends Pick<Service, 'host' | 'binary' | 'topic' | 'enabled'> {
  /** Ids of the regions to which the service is mapped. */
  readonly regions?: readonly string[] | undefined;
}

const serviceBody = ({ host, binary, topic, regions = [], enabled }: NewService) => ({
  host,
  binary,
  topic,
  mapped_regions: regions,
  enabled,
});

/** Finds the services for which the filter returns true, the oldest first. */
const findServices = async (
  coriolis: Coriolis,
  accepts: (service: Service) => boolean,
): Promise<readonly Service[]> => sortOldestFirst((await fetchAll(coriolis, 'service')).filter(accepts));

/** Finds the recently registered services with these settings, the oldest first. */
export const findRegisteredServices = (
  coriolis: Coriolis,
  input: NewService,
  isRecent: (createdAt: string) => boolean,
): Promise<readonly Service[]> =>
  findServices(coriolis, (one) => isRecent(one.created_at) && matchesSettings(one, serviceBody(input)));

/** Registers a worker service. The server contacts the host before it answers, so this may take long. */
export const registerService = (coriolis: Coriolis, input: NewService): Promise<Service> =>
  createOne(coriolis, 'service', [], serviceBody(input), {
    mayTakeMinutes: true,
    find: (createdSince) =>
      findServices(
        coriolis,
        (one) => one.host === input.host && one.topic === input.topic && createdSince(one.created_at),
      ),
  });

/**
 * Changes a service. Undefined settings are not changed.
 * @throws {InvalidInputError} all settings are undefined
 */
export async function updateService(
  coriolis: Coriolis,
  id: string,
  {
    enabled,
    regions,
  }: { readonly enabled: boolean | undefined; readonly regions: readonly string[] | undefined },
): Promise<Service> {
  const changes = withoutUndefined({ enabled, mapped_regions: regions });
  requireChanges(changes, 'whether it is enabled, or its regions');
  return await updateOne(coriolis, 'service', [id], changes);
}
