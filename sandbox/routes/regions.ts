import type { CoriolisRoutes } from '../http/request-context';
import { requirePermission } from '../http/require-permission';
import { readLatin1PathParam, makeHandlerWithBody, makeHandlerWithoutBody } from '../http/wsgi-handlers';
import { getFromDict, getPythonItem, pickDictItems } from '../python/value-operations';
import {
  createRegion,
  deleteRegion,
  listLiveRegions,
  requireRegion,
  updateRegion,
} from '../world/installation/regions';
import { runRequestBodyCheck } from '../world/request-body-check';
import type { World } from '../world/world';
import { regionView } from './json-views';

/** Routes of `/regions` (docs/reference/coriolis-api.md §6.4). */
export function addRegionRoutes(routes: CoriolisRoutes, world: World): void {
  routes.get(
    '/regions',
    makeHandlerWithoutBody((context) => {
      requirePermission(context, 'regions:list');
      return context.json({ regions: listLiveRegions(world).map((region) => regionView(world, region)) });
    }),
  );

  routes.post(
    '/regions',
    makeHandlerWithBody((context, body) => {
      requirePermission(context, 'regions:create');
      const fields = runRequestBodyCheck('region', 'creation', () => {
        const region = getPythonItem(body, 'region');
        return {
          name: getPythonItem(region, 'name'),
          description: getFromDict(region, 'description', ''),
          enabled: getFromDict(region, 'enabled', true),
        };
      });
      return context.json({ region: regionView(world, createRegion(world, fields)) });
    }),
  );

  routes.get(
    '/regions/:id',
    makeHandlerWithoutBody((context) => {
      requirePermission(context, 'regions:show');
      return context.json({
        region: regionView(world, requireRegion(world, readLatin1PathParam(context, 'id'))),
      });
    }),
  );

  routes.put(
    '/regions/:id',
    makeHandlerWithBody((context, body) => {
      requirePermission(context, 'regions:update');
      const changes = runRequestBodyCheck('region', 'update', () =>
        pickDictItems(getPythonItem(body, 'region'), ['name', 'description', 'enabled']),
      );
      const region = updateRegion(world, readLatin1PathParam(context, 'id'), changes);
      return context.json({ region: regionView(world, region) });
    }),
  );

  routes.delete(
    '/regions/:id',
    makeHandlerWithoutBody((context) => {
      requirePermission(context, 'regions:delete');
      deleteRegion(world, readLatin1PathParam(context, 'id'));
      return context.body(null, 204);
    }),
  );
}
