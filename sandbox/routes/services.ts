import type { CoriolisRoutes } from '../http/request-context';
import { requirePermission } from '../http/permissions';
import { readLatin1PathParam, makeHandlerWithBody, makeHandlerWithoutBody } from '../http/wsgi-handlers';
import type { ThrowAfterDelay } from '../http/throw-after-delay';
import type { JsonObject } from '../json';
import { getFromDict, getItem, pickItems } from '../python/values';
import { runBodyCheck } from '../world/body-check';
import { RPC_TIMEOUT_SECONDS } from '../world/endpoints/endpoints';
import { diagnosticsOfProcess } from '../world/installation/diagnostics';
import {
  deleteService,
  liveServices,
  refuseSecondRegistration,
  requireService,
  updateService,
} from '../world/installation/workers';
import type { Service } from '../world/model';
import { internalError } from '../world/refusal';
import type { World } from '../world/world';
import { providersView } from './providers';
import { recordColumns } from './views';

/** Routes of `/services` (docs/reference/coriolis-api.md §6.5). */
export function addServiceRoutes(routes: CoriolisRoutes, world: World, wait: ThrowAfterDelay): void {
  const view = (service: Service): JsonObject => ({
    ...recordColumns(service),
    id: service.id,
    host: service.host,
    binary: service.binary,
    topic: service.topic,
    enabled: service.enabled,
    status: service.status,
    providers: providersView(world),
    specs: diagnosticsOfProcess(service.binary, service.host),
    mapped_regions: service.mappedRegions,
  });

  routes.get(
    '/services',
    makeHandlerWithoutBody((context) => {
      requirePermission(context, 'services:list');
      return context.json({ services: liveServices(world).map(view) });
    }),
  );

  routes.post(
    '/services',
    makeHandlerWithBody(async (context, body) => {
      requirePermission(context, 'services:create');
      const { host, binary, topic } = runBodyCheck('service', 'creation', () => {
        const service = getItem(body, 'service');
        const parts = {
          host: getItem(service, 'host'),
          binary: getItem(service, 'binary'),
          topic: getItem(service, 'topic'),
        };
        getFromDict(service, 'mapped_regions');
        return parts;
      });
      refuseSecondRegistration(world, host, binary, topic);
      await wait(RPC_TIMEOUT_SECONDS, internalError());
      throw internalError();
    }),
  );

  routes.get(
    '/services/:id',
    makeHandlerWithoutBody((context) => {
      requirePermission(context, 'services:show');
      return context.json({ service: view(requireService(world, readLatin1PathParam(context, 'id'))) });
    }),
  );

  routes.put(
    '/services/:id',
    makeHandlerWithBody((context, body) => {
      requirePermission(context, 'services:update');
      const changes = runBodyCheck('service', 'update', () =>
        pickItems(getItem(body, 'service'), ['enabled', 'mapped_regions']),
      );
      return context.json({
        service: view(updateService(world, readLatin1PathParam(context, 'id'), changes)),
      });
    }),
  );

  routes.delete(
    '/services/:id',
    makeHandlerWithoutBody((context) => {
      requirePermission(context, 'services:delete');
      deleteService(world, readLatin1PathParam(context, 'id'));
      return context.body(null, 204);
    }),
  );
}
