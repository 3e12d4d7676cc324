import type { Coriolis } from '../api/coriolis';
import { hasSettings } from '../model/compare-settings';
import type { Service } from '../model/types';
import { previewSubject } from '../vocabulary/preview';
import { key, view } from '../vocabulary/result-keys';
import { createOne, fetchAll, oldestFirst } from '../requests/objects';

export const serviceView = view<Service>()({
  id: key.text('Service id'),
  host: key.text('Host it runs on'),
  binary: key.text('Program, usually coriolis-worker'),
  topic: key.text('Message topic'),
  enabled: key.flag('Whether it gets work'),
  status: key.text('UP, DOWN or UNKNOWN'),
  platforms: key.texts('Platforms it serves', ({ providers }: Service) =>
    Object.keys(providers ?? {}).sort(),
  ),
  mapped_regions: key.texts('Ids of the regions it is mapped to'),
  created_at: key.time('Registered'),
  updated_at: key.time('Last changed', { nullable: true }),
});

/** The service as the subject of a preview. */
export const servicePreviewSubject = (service: Service) =>
  previewSubject(service, service.host, service.status);

type ServiceSettings = Pick<Service, 'host' | 'binary' | 'topic' | 'mapped_regions' | 'enabled'>;

/** Finds the service with these settings that was registered recently. */
export async function findRegisteredServices(
  coriolis: Coriolis,
  settings: ServiceSettings,
  isRecent: (createdAt: string) => boolean,
): Promise<readonly Service[]> {
  const services = await fetchAll(coriolis, 'service');
  return oldestFirst(services.filter((one) => isRecent(one.created_at) && hasSettings(one, settings)));
}

/** Registers a worker service; the server contacts the host before it answers. */
export const registerService = (coriolis: Coriolis, body: ServiceSettings): Promise<Service> =>
  createOne(coriolis, 'service', [], body, {
    slow: true,
    find: async (createdSince) =>
      (await fetchAll(coriolis, 'service')).filter(
        (one) => one.host === body.host && one.topic === body.topic && createdSince(one.created_at),
      ),
  });
