import type { Row, Tool, McpUser } from './client';
import { createTransfer, endpoints, execute } from './estate';

/** Values for the arguments of all tools, by the name of the argument: those of objects that exist. */
export type Known = Readonly<Record<string, unknown>>;

async function made(user: McpUser, tool: string, args: Row): Promise<string> {
  const { isError, text, structured } = await user.call(tool, args);
  if (isError) throw new Error(`${tool}: ${text}`);
  return String(structured.result['id']);
}

/** The id in the first row of a list, or an id that nothing has. */
async function firstId(user: McpUser, tool: string, args: Row = {}, key = 'id'): Promise<string> {
  const { isError, structured } = await user.call(tool, args);
  return String((isError ? undefined : structured.rows[0]?.[key]) ?? '00000000-0000-4000-8000-000000000000');
}

/** Makes one object of every kind. The user must be allowed everything. */
export async function everyObject(user: McpUser): Promise<Known> {
  const { source, destination } = await endpoints(user);
  const transfer_id = await createTransfer(user, 'web-01');
  const { execution_id } = await execute(user, transfer_id);
  const run = { transfer_id, execution_id };
  await user.call('wait_for_execution', { ...run, timeout_seconds: 30 });
  const deployment_id = await made(user, 'deploy_transfer', { transfer_id });
  const schedule_id = await made(user, 'create_schedule', { transfer_id, minute: 0, hour: 3 });
  const region_id = await made(user, 'create_region', { name: 'swept' });
  const appliance_id = await firstId(user, 'list_appliances');
  return {
    ...run,
    deployment_id,
    schedule_id,
    region_id,
    appliance_id,
    endpoint_id: source,
    origin_endpoint_id: source,
    destination_endpoint_id: destination,
    instance: 'web-01',
    instances: ['web-02'],
    migration_id: await firstId(user, 'list_migrations'),
    minion_pool_id: await firstId(user, 'list_minion_pools'),
    service_id: await firstId(user, 'list_services'),
    licence_id: await firstId(user, 'list_licences', { appliance_id }),
    reservation_id: await firstId(user, 'list_reservations', { appliance_id }),
    log: await firstId(user, 'list_logs', {}, 'log'),
    platform: 'vmware_vsphere',
    kind: 'connection',
    type: 'openstack',
    executions: [`${transfer_id}/${execution_id}`],
    deployments: [deployment_id],
    timeout_seconds: 1,
    seconds: 1,
  };
}

/** What the objects that exist cannot tell. */
const MORE: Readonly<Record<string, (known: Known) => Row>> = {
  create_endpoint: () => ({
    name: 'another',
    connection: { host: 'h.example.com', username: 'u', password: 'p' },
  }),
  update_endpoint: () => ({ description: 'changed' }),
  create_transfer: () => PLACED,
  create_migration: () => PLACED,
  update_transfer: () => ({ notes: 'changed' }),
  create_schedule: () => ({ minute: 30, hour: 2 }),
  update_schedule: () => ({ hour: 4 }),
  create_region: () => ({ name: 'another' }),
  update_region: () => ({ description: 'changed' }),
  create_service: () => ({ host: 'worker-9', binary: 'coriolis-worker', topic: 'coriolis_worker' }),
  update_service: () => ({ enabled: true }),
  register_licence: () => ({ licence_pem: '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----' }),
  create_minion_pool: () => ({ name: 'another', platform: 'source', environment_options: {} }),
  ...Object.fromEntries(
    [
      'list_endpoint_networks',
      'list_endpoint_storage',
      'list_destination_options',
      'list_destination_pool_options',
    ].map((tool) => [tool, (known: Known) => ({ endpoint_id: known['destination_endpoint_id'] })]),
  ),
};

const PLACED = {
  destination_environment: { migr_network: 'private' },
  network_map: { 'VM Network': 'private' },
};

/** What says which object is meant, though it need not be given. */
const NAMES_OBJECT = /_id$|^(executions|deployments|log|timeout_seconds|seconds)$/u;

/** Arguments of a tool that mean something: what must be given, and what says which object. */
export function argumentsFor({ name, inputSchema }: Tool, known: Known): Row {
  const properties = Object.keys(inputSchema['properties'] ?? {});
  const required = (inputSchema['required'] ?? []) as readonly string[];
  const wanted = properties.filter(
    (key) => key in known && (required.includes(key) || (!/^create_/u.test(name) && NAMES_OBJECT.test(key))),
  );
  return { ...Object.fromEntries(wanted.map((key) => [key, known[key]])), ...MORE[name]?.(known) };
}
