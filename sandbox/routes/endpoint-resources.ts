import type { CoriolisContext, CoriolisRoutes } from '../http/context';
import { requirePermission } from '../http/policy';
import { decodeBase64, queryEnvironment, queryInteger, queryJson } from '../http/query';
import { ProviderType, findInstance } from '../platforms/platform';
import type { Platform, PlatformInstance, PlatformOption } from '../platforms/platform';
import { connectedPlatform, requireEndpoint } from '../world/endpoints/endpoints';
import { Refusal } from '../world/refusal';
import type { World } from '../world/world';
import type { Reach } from './reach';

/** What an endpoint's platform has: instances, inventory, networks, storage, options (coriolis-api.md §6.3). */
export function addEndpointResourceRoutes(routes: CoriolisRoutes, world: World, reach: Reach): void {
  const platformOf = async (context: CoriolisContext, type: number): Promise<Platform> => {
    queryEnvironment(context);
    const id = context.req.param('id') ?? '';
    const endpoint = requireEndpoint(world, context.get('projectId'), id);
    return connectedPlatform(world, await reach(context, endpoint, type), type);
  };

  routes.get('/endpoints/:id/instances', async (context) => {
    requirePermission(context, 'endpoints:list_instances');
    const limit = queryInteger(context, 'limit') ?? 0;
    const { instances } = await platformOf(context, ProviderType.ENDPOINT_INSTANCES);
    const wanted = matching(instances, context.req.query('name'));
    const shown = after(wanted, context.req.query('marker')).slice(0, limit === 0 ? undefined : limit);
    return context.json({ instances: shown.map(({ summary }) => summary) });
  });

  routes.get('/endpoints/:id/instances/:instance', async (context) => {
    requirePermission(context, 'endpoints:get_instance');
    const name = decodeBase64(context.req.param('instance'));
    const instance = findInstance(await platformOf(context, ProviderType.ENDPOINT_INSTANCES), name);
    if (!instance)
      throw new Refusal('notFound', `InstanceNotFound_Remote: Instance "${name}" could not be found.`);
    return context.json({ instance: instance.details });
  });

  routes.get('/endpoints/:id/inventory', async (context) => {
    requirePermission(context, 'endpoints:export_inventory');
    const csv = inventory((await platformOf(context, ProviderType.INVENTORY)).instances);
    if ((context.req.header('Accept') ?? '').includes('text/csv')) {
      return context.body(csv, 200, { 'Content-Type': 'text/csv' });
    }
    return context.json(csv);
  });

  routes.get('/endpoints/:id/networks', async (context) => {
    requirePermission(context, 'endpoints:list_networks');
    const { networks } = await platformOf(context, ProviderType.ENDPOINT_NETWORKS);
    return context.json({ networks: [...networks] });
  });

  routes.get('/endpoints/:id/storage', async (context) => {
    requirePermission(context, 'endpoints:list_storage');
    const { storage } = await platformOf(context, ProviderType.ENDPOINT_STORAGE);
    return context.json({ storage });
  });

  const optionRoutes: [string, string, number, (platform: Platform) => readonly PlatformOption[]][] = [
    ['source-options', 'source_options', ProviderType.SOURCE_OPTIONS, (one) => one.sourceOptions],
    [
      'destination-options',
      'destination_options',
      ProviderType.DESTINATION_OPTIONS,
      (one) => one.destinationOptions,
    ],
    [
      'source-minion-pool-options',
      'source_minion_pool_options',
      ProviderType.SOURCE_MINION_POOL,
      (one) => one.minionPoolOptions,
    ],
    [
      'destination-minion-pool-options',
      'destination_minion_pool_options',
      ProviderType.DESTINATION_MINION_POOL,
      (one) => one.minionPoolOptions,
    ],
  ];
  for (const [path, key, type, optionsOf] of optionRoutes) {
    routes.get(`/endpoints/:id/${path}`, async (context) => {
      requirePermission(context, `endpoints:list_${key}`);
      const names = queryJson(context, 'options');
      const options = optionsOf(await platformOf(context, type));
      const wanted = Array.isArray(names) ? options.filter(({ name }) => names.includes(name)) : options;
      return context.json({ [key]: [...wanted] });
    });
  }
}

/** What follows the marker; nothing follows an unknown one. A negative limit leaves out that many at the end (recorded). */
function after(
  instances: readonly PlatformInstance[],
  marker: string | undefined,
): readonly PlatformInstance[] {
  if (marker === undefined) return instances;
  const position = instances.findIndex(({ summary }) => summary.id === marker);
  return position === -1 ? [] : instances.slice(position + 1);
}

/** Platforms take the name as a regular expression, or as plain text when it is none. */
function matching(
  instances: readonly PlatformInstance[],
  pattern: string | undefined,
): readonly PlatformInstance[] {
  if (!pattern) return instances;
  let matches: (name: string) => boolean;
  try {
    const expression = new RegExp(pattern, 'i');
    matches = (name) => expression.test(name);
  } catch {
    matches = (name) => name.includes(pattern);
  }
  return instances.filter(({ summary }) => matches(summary.name) || matches(summary.instance_name));
}

function inventory(instances: readonly PlatformInstance[]): string {
  const rows = instances.map(({ details, summary }) => {
    const { disks, nics } = details.devices;
    const bytes = disks.reduce((sum, disk) => sum + disk.size_bytes, 0);
    return [
      summary.id,
      summary.instance_name,
      summary.os_type,
      summary.firmware_type,
      summary.num_cpu,
      summary.memory_mb,
      Math.round(bytes / 1024 ** 3),
      nics.length,
    ];
  });
  const header = [
    'VM ID',
    'VM Name',
    'Guest OS',
    'Firmware',
    'Num CPUs',
    'Memory (MB)',
    'Total Disk (GB)',
    'NIC Count',
  ];
  return [header, ...rows].map((row) => `${row.map(csvField).join(',')}\r\n`).join('');
}

function csvField(value: string | number): string {
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
