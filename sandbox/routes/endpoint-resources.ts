import type { CoriolisContext, CoriolisRoutes } from '../http/request-context';
import { requirePermission } from '../http/require-permission';
import { decodeBase64Text, readQueryInteger, readQueryJson, readQueryText } from '../http/query-parameters';
import { readLatin1PathParam, makeHandlerWithoutBody } from '../http/wsgi-handlers';
import { wantsCsv } from '../http/csv-answer';
import { PlatformCapability, findInstance } from '../platforms/platform';
import type { Platform, PlatformInstance, PlatformOption } from '../platforms/platform';
import { pythonElements, isPythonTruthy } from '../python/value-operations';
import { connectToPlatform, requireEndpoint } from '../world/endpoints/endpoints';
import { ApiError } from '../world/api-error';
import type { World } from '../world/world';
import type { PlatformConnector } from './connect-to-platform';

/**
 * Routes of an endpoint's platform: instances, inventory, networks, storage, options (docs/reference/coriolis-api.md
 * §6.3).
 */
export function addEndpointResourceRoutes(
  routes: CoriolisRoutes,
  world: World,
  reach: PlatformConnector,
): void {
  /** Platform of the endpoint; refused when the platform lacks the capability `type`. */
  const platformOf = async (context: CoriolisContext, type: number): Promise<Platform> => {
    const id = readLatin1PathParam(context, 'id');
    const endpoint = requireEndpoint(world, context.get('projectId'), id);
    return connectToPlatform(world, await reach(context, endpoint, type), type);
  };

  routes.get(
    '/endpoints/:id/instances',
    makeHandlerWithoutBody(async (context) => {
      requirePermission(context, 'endpoints:list_instances');
      const limit = Number(readQueryInteger(context, 'limit') ?? 0);
      readQueryJson(context, 'env');
      const { instances } = await platformOf(context, PlatformCapability.ENDPOINT_INSTANCES);
      const wanted = instancesNamed(instances, readQueryText(context, 'name'));
      const marker = readQueryText(context, 'marker');
      // A negative limit drops rows at the end (recorded).
      const shown = instancesAfter(wanted, marker === '' ? undefined : marker).slice(
        0,
        limit === 0 ? undefined : limit,
      );
      return context.json({ instances: shown.map(({ summary }) => summary) });
    }),
  );

  routes.get(
    '/endpoints/:id/instances/:instance',
    makeHandlerWithoutBody(async (context) => {
      requirePermission(context, 'endpoints:get_instance');
      const name = decodeBase64Text(readLatin1PathParam(context, 'instance'));
      readQueryJson(context, 'env');
      const instance = findInstance(await platformOf(context, PlatformCapability.ENDPOINT_INSTANCES), name);
      if (!instance)
        throw new ApiError('notFound', `InstanceNotFound_Remote: Instance "${name}" could not be found.`);
      return context.json({ instance: instance.details });
    }),
  );

  routes.get(
    '/endpoints/:id/inventory',
    makeHandlerWithoutBody(async (context) => {
      requirePermission(context, 'endpoints:export_inventory');
      readQueryJson(context, 'env');
      const csv = inventory((await platformOf(context, PlatformCapability.INVENTORY)).instances);
      return wantsCsv(context) ? context.body(csv, 200, { 'Content-Type': 'text/csv' }) : context.json(csv);
    }),
  );

  routes.get(
    '/endpoints/:id/networks',
    makeHandlerWithoutBody(async (context) => {
      requirePermission(context, 'endpoints:list_networks');
      readQueryJson(context, 'env');
      const { networks } = await platformOf(context, PlatformCapability.ENDPOINT_NETWORKS);
      return context.json({ networks: [...networks] });
    }),
  );

  routes.get(
    '/endpoints/:id/storage',
    makeHandlerWithoutBody(async (context) => {
      requirePermission(context, 'endpoints:list_storage');
      readQueryJson(context, 'env');
      const { storage } = await platformOf(context, PlatformCapability.ENDPOINT_STORAGE);
      return context.json({ storage });
    }),
  );

  for (const [path, key, type, optionsOf] of OPTION_ROUTES) {
    routes.get(
      `/endpoints/:id/${path}`,
      makeHandlerWithoutBody(async (context) => {
        requirePermission(context, `endpoints:list_${key}`);
        readQueryJson(context, 'env');
        const names = readQueryJson(context, 'options');
        const options = optionsOf(await platformOf(context, type));
        const chosen = isPythonTruthy(names) ? pythonElements(names) : undefined;
        return context.json({ [key]: options.filter(({ name }) => chosen?.includes(name) ?? true) });
      }),
    );
  }
}

const OPTION_ROUTES: readonly [string, string, number, (platform: Platform) => readonly PlatformOption[]][] =
  [
    ['source-options', 'source_options', PlatformCapability.SOURCE_OPTIONS, (one) => one.sourceOptions],
    [
      'destination-options',
      'destination_options',
      PlatformCapability.DESTINATION_OPTIONS,
      (one) => one.destinationOptions,
    ],
    [
      'source-minion-pool-options',
      'source_minion_pool_options',
      PlatformCapability.SOURCE_MINION_POOL,
      (one) => one.minionPoolOptions,
    ],
    [
      'destination-minion-pool-options',
      'destination_minion_pool_options',
      PlatformCapability.DESTINATION_MINION_POOL,
      (one) => one.minionPoolOptions,
    ],
  ];

/** Returns the instances after the marker; none when no instance has that id. */
function instancesAfter(
  instances: readonly PlatformInstance[],
  marker: string | undefined,
): readonly PlatformInstance[] {
  if (marker === undefined) return instances;
  const position = instances.findIndex(({ summary }) => summary.id === marker);
  return position === -1 ? [] : instances.slice(position + 1);
}

/**
 * Returns the instances whose names match a pattern: a regular expression, or plain text when it is not a valid one.
 */
function instancesNamed(
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
