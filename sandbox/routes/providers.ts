import type { CoriolisRoutes } from '../http/request-context';
import { requirePermission } from '../http/require-permission';
import { readLatin1PathParam, makeHandlerWithoutBody } from '../http/wsgi-handlers';
import type { JsonObject } from '../json-object';
import { PythonError } from '../python/errors';
import { pythonInt } from '../python/value-operations';
import { requireProviderSchemas } from '../world/endpoints/endpoints';
import { internalError } from '../world/api-error';
import type { World } from '../world/world';

/** Routes of `/providers` (docs/reference/coriolis-api.md §6.1). */
export function addProviderRoutes(routes: CoriolisRoutes, world: World): void {
  routes.get(
    '/providers',
    makeHandlerWithoutBody((context) => {
      requirePermission(context, 'providers:list');
      return context.json({ providers: providersView(world) });
    }),
  );

  routes.get(
    '/providers/:platform/schemas/:type',
    makeHandlerWithoutBody((context) => {
      const type = providerType(readLatin1PathParam(context, 'type'));
      return context.json({
        schemas: requireProviderSchemas(world, readLatin1PathParam(context, 'platform'), type),
      });
    }),
  );
}

function providerType(text: string): number {
  try {
    return pythonInt(text);
  } catch (error) {
    throw error instanceof PythonError ? internalError() : error;
  }
}

/** The platforms and their capabilities, as `/providers` and the workers show them. */
export function providersView(world: World): JsonObject {
  return Object.fromEntries(
    world.platformNames.map((name) => [name, { types: world.platform(name)?.capabilityCodes ?? [] }]),
  );
}
