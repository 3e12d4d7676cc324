import { jsonBody, requireFields, unwrap } from '../http/body';
import type { CoriolisRoutes } from '../http/context';
import { requirePermission } from '../http/policy';
import { specsOf } from '../world/installation/diagnostics';
import { RPC_TIMEOUT_SECONDS } from '../world/endpoints/endpoints';
import type { Service } from '../world/model';
import type { JsonObject } from '../json';
import { internalError } from '../world/refusal';
import {
  deleteService,
  liveServices,
  refuseRegistered,
  requireService,
  updateService,
} from '../world/installation/workers';
import type { World } from '../world/world';
import { providersView } from './providers';
import { recordColumns } from './views';
import type { Wait } from '../http/wait';

/** `/services` (coriolis-api.md §6.5). */
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

  routes.get('/services', (context) => {
    requirePermission(context, 'services:list');
    return context.json({ services: liveServices(world).map(view) });
  });

  routes.post('/services', async (context) => {
    requirePermission(context, 'services:create');
    const body = unwrap(await jsonBody(context), 'service', 'service creation');
    requireFields(body, ['host', 'binary', 'topic'], 'service creation');
    refuseRegistered(world, {
      host: String(body['host']),
      binary: String(body['binary']),
      topic: String(body['topic']),
    });
    await wait(RPC_TIMEOUT_SECONDS, internalError());
    throw internalError();
  });

  routes.get('/services/:id', (context) => {
    requirePermission(context, 'services:show');
    return context.json({ service: view(requireService(world, context.req.param('id'))) });
  });

  routes.put('/services/:id', async (context) => {
    requirePermission(context, 'services:update');
    const changes = unwrap(await jsonBody(context), 'service', 'service update');
    return context.json({ service: view(updateService(world, context.req.param('id'), changes)) });
  });

  routes.delete('/services/:id', (context) => {
    requirePermission(context, 'services:delete');
    deleteService(world, context.req.param('id'));
    return context.body(null, 204);
  });
}
