import { Hono } from 'hono';
import type { Context } from 'hono';
import type { IdentityService } from '../keystone';
import type { BareMetalServer, MetalHub } from '../world/stores/metal-hub';
import type { World } from '../world/world';

/** Path prefix of the metal hub, the same as in an appliance. */
export const METAL_HUB_PREFIX = '/metal-hub';

/**
 * Routes of the registry of bare-metal agents: arrays and objects without a wrapper, integer ids
 * (docs/reference/coriolis-api.md §15).
 */
export function makeMetalHubRoutes(identity: IdentityService, world: World): Hono {
  const routes = new Hono();
  const hub: MetalHub = world.metalHub;

  routes.use('*', async (context, next) => {
    if (!identity.findCaller(context.req.header('X-Auth-Token') ?? '')) {
      return context.json({ error: { code: 401, message: 'Authentication is required.' } }, 401);
    }
    world.advance();
    return next();
  });

  routes.get('/servers', (context) => context.json(hub.list().map(view)));
  routes.post('/servers', async (context) => {
    const address = await addressOf(context);
    return address === null
      ? badRequest(context)
      : context.json(view(hub.add(address, world.serverSeconds())));
  });
  routes.get('/servers/:id', (context) => answer(context, hub.get(idOf(context))));
  routes.put('/servers/:id', async (context) => {
    const address = await addressOf(context);
    return address === null
      ? badRequest(context)
      : answer(context, hub.changeApiEndpoint(idOf(context), address, world.serverSeconds()));
  });
  routes.get('/servers/:id/refresh', (context) =>
    answer(context, hub.refreshServer(idOf(context), world.serverSeconds())),
  );
  routes.delete('/servers/:id', (context) =>
    hub.delete(idOf(context)) ? context.body(null, 204) : notFound(context),
  );
  routes.all('*', notFound);
  return routes;
}

function answer(context: Context, server: BareMetalServer | undefined): Response {
  return server ? context.json(view(server)) : notFound(context);
}

function notFound(context: Context): Response {
  return context.json({ error: { code: 404, message: 'Not found.' } }, 404);
}

function badRequest(context: Context): Response {
  return context.json({ error: { code: 400, message: 'The body must be {"api_endpoint": URL}.' } }, 400);
}

function idOf(context: Context): number {
  return Number(context.req.param('id'));
}

async function addressOf(context: Context): Promise<string | null> {
  const body: unknown = await context.req.json().catch(() => null);
  const address = (body as { api_endpoint?: unknown } | null)?.api_endpoint;
  return typeof address === 'string' && address !== '' ? address : null;
}

function view(server: BareMetalServer): object {
  return {
    id: server.id,
    active: server.active,
    hostname: server.hostname,
    api_endpoint: server.apiEndpoint,
    firmware_type: 'EFI',
    memory: server.memoryBytes,
    os_info: { os_name: 'ubuntu', os_version: '22.04' },
    disks: [{ name: '/dev/sda', size: server.diskBytes, partitions: [] }],
    nics: [{ nic_name: 'eno1', mac_address: server.macAddress, ip_addresses: [] }],
    physical_cores: 16,
    logical_cores: 32,
    created_at: timestamp(server.createdAt),
    updated_at: timestamp(server.updatedAt),
  };
}

function timestamp(seconds: number): string {
  return new Date(seconds * 1000).toISOString();
}
