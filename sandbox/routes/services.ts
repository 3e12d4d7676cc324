import type { CoriolisRoutes } from '../http/request-context';
import { requirePermission } from '../http/require-permission';
import { readLatin1PathParam, makeHandlerWithBody, makeHandlerWithoutBody } from '../http/wsgi-handlers';
import type { DelayedThrower } from '../http/throw-after-delay';
import type { JsonObject } from '../json-object';
import { getFromDict, getPythonItem, pickDictItems } from '../python/value-operations';
import { runRequestBodyCheck } from '../world/request-body-check';
import { RPC_TIMEOUT_SECONDS } from '../world/endpoints/endpoints';
import { diagnosticsOfProcess } from '../world/installation/diagnostics';
import {
  deleteService,
  listLiveServices,
  refuseSecondRegistration,
  requireService,
  updateService,
} from '../world/installation/workers';
import type { Service } from '../world/model';
import { internalError } from '../world/api-error';
import type { World } from '../world/world';
import { providersView } from './providers';
import { commonKeysView } from './json-views';

/** Routes of `/services` (docs/reference/coriolis-api.md §6.5). */
export function addServiceRoutes(routes: CoriolisRoutes, world: World, wait: DelayedThrower): void {
  const view = (service: Service): JsonObject => ({
    ...commonKeysView(service),
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
      return context.json({ services: listLiveServices(world).map(view) });
    }),
  );

  routes.post(
    '/services',
    makeHandlerWithBody(async (context, body) => {
      requirePermission(context, 'services:create');
      const { host, binary, topic } = runRequestBodyCheck('service', 'creation', () => {
        const service = getPythonItem(body, 'service');
        const parts = {
          host: getPythonItem(service, 'host'),
          binary: getPythonItem(service, 'binary'),
          topic: getPythonItem(service, 'topic'),
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
      const changes = runRequestBodyCheck('service', 'update', () =>
        pickDictItems(getPythonItem(body, 'service'), ['enabled', 'mapped_regions']),
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
