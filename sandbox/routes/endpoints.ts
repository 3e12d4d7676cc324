import { isObject, jsonBody, requestedAction, requireFields, unwrap } from '../http/body';
import { requesterOf } from '../http/context';
import type { CoriolisRoutes } from '../http/context';
import { requirePermission } from '../http/policy';
import { ProviderType } from '../platforms/platform';
import {
  createEndpoint,
  deleteEndpoint,
  findEndpoint,
  requireEndpoint,
  updateEndpoint,
  validateConnection,
} from '../world/endpoints/endpoints';
import type { EndpointFields } from '../world/endpoints/endpoints';
import type { JsonObject } from '../json';
import { internalError, notFound } from '../world/refusal';
import type { World } from '../world/world';
import { endpointView } from './views';
import type { Reach } from './reach';

/** `/endpoints` (coriolis-api.md §6.2). */
export function addEndpointRoutes(routes: CoriolisRoutes, world: World, reach: Reach): void {
  routes.get('/endpoints', (context) => {
    requirePermission(context, 'endpoints:list');
    const endpoints = world.endpoints
      .of(context.get('projectId'))
      .filter(({ deletedAt }) => deletedAt === null);
    return context.json({ endpoints: endpoints.map(endpointView) });
  });

  routes.post('/endpoints', async (context) => {
    requirePermission(context, 'endpoints:create');
    const body = unwrap(await jsonBody(context), 'endpoint', 'endpoint creation');
    requireFields(body, ['name', 'type', 'connection_info'], 'endpoint creation');
    const endpoint = createEndpoint(world, requesterOf(context), {
      name: textOf(body['name']),
      type: textOf(body['type']),
      ...optionalFields(body),
      description: (body['description'] ?? null) as string | null,
      connectionInfo: connectionInfoOf(body),
      mappedRegions: (body['mapped_regions'] ?? []) as string[],
    });
    return context.json({ endpoint: endpointView(endpoint) });
  });

  routes.get('/endpoints/detail', () => {
    throw notFound('The resource could not be found.');
  });

  routes.get('/endpoints/:id', (context) => {
    requirePermission(context, 'endpoints:show');
    const endpoint = requireEndpoint(world, context.get('projectId'), context.req.param('id'));
    return context.json({ endpoint: endpointView(endpoint) });
  });

  routes.put('/endpoints/:id', async (context) => {
    requirePermission(context, 'endpoints:update');
    const body = unwrap(await jsonBody(context), 'endpoint', 'endpoint update');
    const endpoint = updateEndpoint(
      world,
      context.get('projectId'),
      context.req.param('id'),
      optionalFields(body),
    );
    return context.json({ endpoint: endpointView(endpoint) });
  });

  routes.delete('/endpoints/:id', (context) => {
    requirePermission(context, 'endpoints:delete');
    deleteEndpoint(world, context.get('projectId'), context.req.param('id'));
    return context.body(null, 204);
  });

  routes.post('/endpoints/:id/actions', async (context) => {
    requestedAction(await jsonBody(context), ['validate-connection']);
    requirePermission(context, 'endpoints:validate_connection');
    const id = context.req.param('id');
    const endpoint = findEndpoint(world, context.get('projectId'), id);
    if (!endpoint) throw notFound(`Endpoint with ID '${id}' not found.`);
    const reached = await reach(context, endpoint, ProviderType.ENDPOINT);
    return context.json({ 'validate-connection': validateConnection(world, reached) });
  });
}

/** The fields that an update reads; everything else in its body is silently ignored. */
function optionalFields(body: JsonObject): Partial<EndpointFields> {
  return {
    ...('name' in body ? { name: textOf(body['name']) } : {}),
    ...('description' in body ? { description: body['description'] as string | null } : {}),
    ...('connection_info' in body ? { connectionInfo: connectionInfoOf(body) } : {}),
    ...('mapped_regions' in body ? { mappedRegions: (body['mapped_regions'] ?? []) as string[] } : {}),
  };
}

function textOf(value: unknown): string {
  if (typeof value !== 'string') throw internalError();
  return value;
}

function connectionInfoOf(body: JsonObject): JsonObject {
  const info = body['connection_info'];
  if (!isObject(info)) throw internalError();
  return info;
}
