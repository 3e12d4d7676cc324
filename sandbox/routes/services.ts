import type { CoriolisRoutes } from '../http/context';
import { requirePermission } from '../http/policy';
import { param, withBody, withoutBody } from '../http/resource';
import type { Wait } from '../http/wait';
import type { JsonObject } from '../json';
import { get, item, picked } from '../python/values';
import { checked } from '../world/checked';
import { RPC_TIMEOUT_SECONDS } from '../world/endpoints/endpoints';
import { specsOf } from '../world/installation/diagnostics';
import {
  deleteService,
  liveServices,
  refuseRegistered,
  requireService,
  updateService,
} from '../world/installation/workers';
import type { Service } from '../world/model';
import { internalError } from '../world/refusal';
import type { World } from '../world/world';
import { providersView } from './providers';
import { recordColumns } from './views';

/** Routes of `/services` (docs/reference/coriolis-api.md §6.5). */
export function addServiceRoutes(routes: CoriolisRoutes, world: World, wait: Wait): void {
  const view = (service: Service): JsonObject => ({
    ...recordColumns(service),
    id: service.id,
    host: service.host,
    binary: service.binary,
    topic: service.topic,
    enabled: service.enabled,
    status: service.status,
    providers: providersView(world),
    specs: specsOf(service.binary, service.host),
    mapped_regions: service.mappedRegions,
  });

  routes.get(
    '/services',
    withoutBody((context) => {
      requirePermission(context, 'services:list');
      return context.json({ services: liveServices(world).map(view) });
    }),
  );

  routes.post(
    '/services',
    withBody(async (context, body) => {
      requirePermission(context, 'services:create');
      const { host, binary, topic } = checked('service', 'creation', () => {
        const service = item(body, 'service');
        const parts = {
          host: item(service, 'host'),
          binary: item(service, 'binary'),
          topic: item(service, 'topic'),
        };
        get(service, 'mapped_regions');
        return parts;
      });
      refuseRegistered(world, host, binary, topic);
      await wait(RPC_TIMEOUT_SECONDS, internalError());
      throw internalError();
    }),
  );

  routes.get(
    '/services/:id',
    withoutBody((context) => {
      requirePermission(context, 'services:show');
      return context.json({ service: view(requireService(world, param(context, 'id'))) });
    }),
  );

  routes.put(
    '/services/:id',
    withBody((context, body) => {
      requirePermission(context, 'services:update');
      const changes = checked('service', 'update', () =>
        picked(item(body, 'service'), ['enabled', 'mapped_regions']),
      );
      return context.json({ service: view(updateService(world, param(context, 'id'), changes)) });
    }),
  );

  routes.delete(
    '/services/:id',
    withoutBody((context) => {
      requirePermission(context, 'services:delete');
      deleteService(world, param(context, 'id'));
      return context.body(null, 204);
    }),
  );
}
