import type { CoriolisRoutes } from '../http/context';
import { requirePermission } from '../http/policy';
import { providerSchemas } from '../world/endpoints/endpoints';
import type { JsonObject } from '../json';
import { internalError, notFound } from '../world/refusal';
import type { World } from '../world/world';

/** `/providers` (coriolis-api.md §6.1). */
export function addProviderRoutes(routes: CoriolisRoutes, world: World): void {
  routes.get('/providers', (context) => {
    requirePermission(context, 'providers:list');
    return context.json({ providers: providersView(world) });
  });

  routes.get('/providers/:platform', () => {
    throw notFound('The resource could not be found.');
  });

  routes.get('/providers/:platform/schemas/:type', (context) => {
    const { platform, type } = context.req.param();
    if (!/^\d+$/.test(type)) throw internalError();
    return context.json({ schemas: providerSchemas(world, platform, Number(type)) });
  });
}

/** The platforms and their capabilities, as `/providers` and the workers show them. */
export function providersView(world: World): JsonObject {
  return Object.fromEntries(
    world.platformNames.map((name) => [name, { types: world.platform(name)?.types ?? [] }]),
  );
}
