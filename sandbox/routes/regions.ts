import type { CoriolisRoutes } from '../http/context';
import { requirePermission } from '../http/policy';
import { param, withBody, withoutBody } from '../http/resource';
import { get, item, picked } from '../python/values';
import {
  createRegion,
  deleteRegion,
  liveRegions,
  requireRegion,
  updateRegion,
} from '../world/installation/regions';
import { checked } from '../world/checked';
import type { World } from '../world/world';
import { regionView } from './views';

/** Routes of `/regions` (docs/reference/coriolis-api.md §6.4). */
export function addRegionRoutes(routes: CoriolisRoutes, world: World): void {
  routes.get(
    '/regions',
    withoutBody((context) => {
      requirePermission(context, 'regions:list');
      return context.json({ regions: liveRegions(world).map((region) => regionView(world, region)) });
    }),
  );

  routes.post(
    '/regions',
    withBody((context, body) => {
      requirePermission(context, 'regions:create');
      const fields = checked('region', 'creation', () => {
        const region = item(body, 'region');
        return {
          name: item(region, 'name'),
          description: get(region, 'description', ''),
          enabled: get(region, 'enabled', true),
        };
      });
      return context.json({ region: regionView(world, createRegion(world, fields)) });
    }),
  );

  routes.get(
    '/regions/:id',
    withoutBody((context) => {
      requirePermission(context, 'regions:show');
      return context.json({ region: regionView(world, requireRegion(world, param(context, 'id'))) });
    }),
  );

  routes.put(
    '/regions/:id',
    withBody((context, body) => {
      requirePermission(context, 'regions:update');
      const changes = checked('region', 'update', () =>
        picked(item(body, 'region'), ['name', 'description', 'enabled']),
      );
      const region = updateRegion(world, param(context, 'id'), changes);
      return context.json({ region: regionView(world, region) });
    }),
  );

  routes.delete(
    '/regions/:id',
    withoutBody((context) => {
      requirePermission(context, 'regions:delete');
      deleteRegion(world, param(context, 'id'));
      return context.body(null, 204);
    }),
  );
}
