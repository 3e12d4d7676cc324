import { jsonBody, requireFields, unwrap } from '../http/body';
import type { CoriolisRoutes } from '../http/context';
import { requirePermission } from '../http/policy';
import {
  createRegion,
  deleteRegion,
  liveRegions,
  readRegionFields,
  requireRegion,
  updateRegion,
} from '../world/installation/regions';
import { internalError } from '../world/refusal';
import type { World } from '../world/world';
import { regionView } from './views';

/** `/regions` (coriolis-api.md §6.4). */
export function addRegionRoutes(routes: CoriolisRoutes, world: World): void {
  routes.get('/regions', (context) => {
    requirePermission(context, 'regions:list');
    return context.json({ regions: liveRegions(world).map((region) => regionView(world, region)) });
  });

  routes.post('/regions', async (context) => {
    requirePermission(context, 'regions:create');
    const body = unwrap(await jsonBody(context), 'region', 'region creation');
    requireFields(body, ['name'], 'region creation');
    const { name, description = '', enabled = true } = readRegionFields(body);
    if (name === undefined) throw internalError();
    return context.json({ region: regionView(world, createRegion(world, { name, description, enabled })) });
  });

  routes.get('/regions/:id', (context) => {
    requirePermission(context, 'regions:show');
    return context.json({ region: regionView(world, requireRegion(world, context.req.param('id'))) });
  });

  routes.put('/regions/:id', async (context) => {
    requirePermission(context, 'regions:update');
    const changes = readRegionFields(unwrap(await jsonBody(context), 'region', 'region update'));
    return context.json({
      region: regionView(world, updateRegion(world, context.req.param('id'), changes)),
    });
  });

  routes.delete('/regions/:id', (context) => {
    requirePermission(context, 'regions:delete');
    deleteRegion(world, context.req.param('id'));
    return context.body(null, 204);
  });
}
