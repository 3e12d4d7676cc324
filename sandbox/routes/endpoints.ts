import { requesterOf } from '../http/request-context';
import type { CoriolisRoutes } from '../http/request-context';
import { requirePermission } from '../http/require-permission';
import {
  readLatin1PathParam,
  makeActionHandler,
  makeHandlerWithBody,
  makeHandlerWithoutBody,
} from '../http/wsgi-handlers';
import { PlatformCapability } from '../platforms/platform';
import { getFromDict, getPythonItem, pickDictItems } from '../python/value-operations';
import {
  createEndpoint,
  deleteEndpoint,
  findEndpoint,
  requireEndpoint,
  updateEndpoint,
  validateConnection,
} from '../world/endpoints/endpoints';
import { runRequestBodyCheck } from '../world/request-body-check';
import { requireLockableId } from '../world/database-values';
import { notFound } from '../world/api-error';
import type { World } from '../world/world';
import type { PlatformConnector } from './connect-to-platform';
import { endpointView } from './json-views';

/** Routes of `/endpoints` (docs/reference/coriolis-api.md §6.2). */
export function addEndpointRoutes(routes: CoriolisRoutes, world: World, reach: PlatformConnector): void {
  routes.get(
    '/endpoints',
    makeHandlerWithoutBody((context) => {
      requirePermission(context, 'endpoints:list');
      const endpoints = world.endpoints
        .ofProject(context.get('projectId'))
        .filter(({ deletedAt }) => deletedAt === null);
      return context.json({ endpoints: endpoints.map(endpointView) });
    }),
  );

  routes.post(
    '/endpoints',
    makeHandlerWithBody((context, body) => {
      requirePermission(context, 'endpoints:create');
      const fields = runRequestBodyCheck('endpoint', 'creation', () => {
        const endpoint = getPythonItem(body, 'endpoint');
        return {
          name: getPythonItem(endpoint, 'name'),
          description: getFromDict(endpoint, 'description'),
          type: getPythonItem(endpoint, 'type'),
          connectionInfo: getPythonItem(endpoint, 'connection_info'),
          mappedRegions: getFromDict(endpoint, 'mapped_regions', []),
        };
      });
      return context.json({ endpoint: endpointView(createEndpoint(world, requesterOf(context), fields)) });
    }),
  );

  routes.get(
    '/endpoints/:id',
    makeHandlerWithoutBody((context) => {
      requirePermission(context, 'endpoints:show');
      const endpoint = requireEndpoint(world, context.get('projectId'), readLatin1PathParam(context, 'id'));
      return context.json({ endpoint: endpointView(endpoint) });
    }),
  );

  routes.put(
    '/endpoints/:id',
    makeHandlerWithBody((context, body) => {
      requirePermission(context, 'endpoints:update');
      const changes = runRequestBodyCheck('endpoint', 'update', () =>
        pickDictItems(getPythonItem(body, 'endpoint'), [
          'name',
          'description',
          'connection_info',
          'mapped_regions',
        ]),
      );
      const endpoint = updateEndpoint(
        world,
        context.get('projectId'),
        readLatin1PathParam(context, 'id'),
        changes,
      );
      return context.json({ endpoint: endpointView(endpoint) });
    }),
  );

  routes.delete(
    '/endpoints/:id',
    makeHandlerWithoutBody((context) => {
      requirePermission(context, 'endpoints:delete');
      deleteEndpoint(world, context.get('projectId'), readLatin1PathParam(context, 'id'));
      return context.body(null, 204);
    }),
  );

  routes.post(
    '/endpoints/:id/actions',
    makeActionHandler({
      'validate-connection': async (context) => {
        requirePermission(context, 'endpoints:validate_connection');
        const id = requireLockableId(readLatin1PathParam(context, 'id'));
        const endpoint = findEndpoint(world, context.get('projectId'), id);
        if (!endpoint) throw notFound(`Endpoint with ID '${id}' not found.`);
        const reached = await reach(context, endpoint, PlatformCapability.ENDPOINT);
        return context.json({ 'validate-connection': validateConnection(world, reached) });
      },
    }),
  );
}
