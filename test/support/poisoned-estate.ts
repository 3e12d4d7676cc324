import { isCoriolisError, type ConnectOptions, type CoriolisApi } from '../../library';
import type { SandboxConnection } from '../../sandbox/sandbox';
import { operationId, type Operation } from '../../src/operation';
import type { AnyField } from '../../src/vocabulary/field';

/** The login of the admin of a sandbox, who may see everything, at another address: that of a relay before it. */
export const adminAt = (
  { admin, user_domain, project_domain }: SandboxConnection,
  url: string,
): ConnectOptions & { readonly authUrl: string } => ({
  authUrl: `${url}/v3`,
  username: admin.username,
  password: admin.password,
  userDomainName: user_domain,
  projectName: admin.project,
  projectDomainName: project_domain,
});

/** Values for the inputs of all operations, by the name of the input: those of objects that exist. */
export type KnownInputs = Readonly<Record<string, unknown>>;

const NOTHING = '00000000-0000-4000-8000-000000000000';

/** The id of the first row of a list, or an id that nothing has. */
async function firstId(list: () => Promise<readonly { readonly id: string }[]>): Promise<string> {
  const rows = await list().catch((error: unknown) => {
    if (!isCoriolisError(error)) throw error;
    return [];
  });
  return rows[0]?.id ?? NOTHING;
}

const PLACED = {
  destinationEnvironment: { migr_network: 'private' },
  networkMap: { 'VM Network': 'private' },
};

/** Makes an object of every kind, one run that completes and one that fails. */
export async function poisonedEstate(coriolis: CoriolisApi): Promise<KnownInputs> {
  const endpoints = await coriolis.endpoints.list().toArray();
  const idOf = (name: string): string => endpoints.find((one) => one.name === name)?.id ?? NOTHING;
  const [originEndpointId, destinationEndpointId] = [idOf('vcenter'), idOf('openstack')];
  const move = { originEndpointId, destinationEndpointId, ...PLACED };
  const run = async (instance: string) => {
    const transfer = await coriolis.transfers.create({
      ...move,
      instances: [instance],
      notes: `Move ${instance}`,
    });
    const { id: executionId } = await coriolis.executions.start({ transferId: transfer.id });
    await coriolis.executions.wait({ transferId: transfer.id, executionId, timeoutSeconds: 60 });
    return { transferId: transfer.id, executionId };
  };
  await run('fail-disk-quota-vm');
  const { transferId, executionId } = await run('web-01');
  const { id: deploymentId } = await coriolis.deployments.create({ transferId });
  const { id: scheduleId } = await coriolis.schedules.create({ transferId, minute: 0, hour: 3 });
  const { id: regionId } = await coriolis.regions.create({ name: 'poisoned' });
  const { id: migrationId } = await coriolis.migrations.create({ ...move, instances: ['web-03'] });
  const { id: minionPoolId } = await coriolis.minionPools.create({
    name: 'poisoned',
    endpointId: destinationEndpointId,
    platform: 'destination',
    environmentOptions: { migr_network: 'private' },
  });
  const table = { ...move, rows: [{ machine: 'web-04' }], wave: 'poisoned' };
  const plan = await coriolis.waves.plan(table);
  const applianceId = await firstId(() => coriolis.licences.getAppliances().toArray());
  return {
    transferId,
    executionId,
    deploymentId,
    scheduleId,
    regionId,
    migrationId,
    minionPoolId,
    serviceId: await firstId(() => coriolis.services.list().toArray()),
    applianceId,
    licenceId: await firstId(() => coriolis.licences.list({ applianceId }).toArray()),
    reservationId: await firstId(() => coriolis.licences.getReservations({ applianceId }).toArray()),
    log: 'coriolis-api',
    originEndpointId,
    destinationEndpointId,
    endpointId: originEndpointId,
    transferIds: [transferId],
    instance: 'web-01',
    instances: ['web-02'],
    platform: 'vmware_vsphere',
    type: 'openstack',
    kind: 'connection',
    timeoutSeconds: 1,
    wave: 'poisoned',
    planHash: plan.plan_hash,
    table,
  };
}

/** Inputs of an operation that it needs besides those that are required, or others than `known` has. */
const MORE: Readonly<Record<string, (known: KnownInputs) => Readonly<Record<string, unknown>>>> = {
  'endpoint.create': () => ({
    name: 'another',
    connection: { host: 'h.example.com', username: 'u', password: 'p' },
  }),
  'endpoint.update': () => ({ description: 'changed' }),
  'transfer.create': () => PLACED,
  'migration.create': () => PLACED,
  'transfer.update': () => ({ notes: 'changed' }),
  'schedule.create': () => ({ minute: 30, hour: 2 }),
  'schedule.update': () => ({ hour: 4 }),
  'region.create': () => ({ name: 'another' }),
  'region.update': () => ({ description: 'changed' }),
  'service.create': () => ({ host: 'worker-9', binary: 'coriolis-worker', topic: 'coriolis_worker' }),
  'service.update': () => ({ enabled: true }),
  'licence.register': () => ({ licencePem: '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----' }),
  'minionPool.create': ({ destinationEndpointId }) => ({
    name: 'another',
    endpointId: destinationEndpointId,
    platform: 'destination',
    environmentOptions: { migr_network: 'private' },
  }),
  'minionPool.update': () => ({ name: 'changed' }),
  'wave.plan': ({ table }) => table as Readonly<Record<string, unknown>>,
  'wave.run': ({ table }) => table as Readonly<Record<string, unknown>>,
  'drill.run': ({ transferIds }) => ({ transferIds }),
  'drill.report': ({ transferIds }) => ({ transferIds, since: '2000-01-01T00:00:00Z' }),
  'report.drill': ({ transferIds }) => ({ transferIds, since: '2000-01-01T00:00:00Z' }),
  'estate.diagnose': ({ transferId, executionId }) => ({ transferId, executionId }),
  'log.tail': ({ log }) => ({ log, seconds: 1 }),
  'estate.wait': ({ deploymentId }) => ({ deployments: [deploymentId] }),
  ...Object.fromEntries(
    ['getNetworks', 'getStorage', 'getDestinationOptions', 'getDestinationMinionPoolOptions'].map((name) => [
      `endpoint.${name}`,
      ({ destinationEndpointId }: KnownInputs) => ({ endpointId: destinationEndpointId }),
    ]),
  ),
};

/** Some value that an input accepts; ids name nothing. */
export function valueFor(field: AnyField): unknown {
  switch (field.kind) {
    case 'choice':
      return field.choices[0]?.value;
    case 'number':
      return field.minimum;
    case 'flag':
      return false;
    case 'list':
      return ['x'];
    case 'json':
    case 'map':
    case 'form':
      return { x: 'x' };
    default:
      return NOTHING;
  }
}

/** Inputs of an operation that mean something: what must be given, and which object is meant. */
export function inputsFor(operation: Operation, known: KnownInputs): Readonly<Record<string, unknown>> {
  const { input } = operation;
  const more = Object.entries(MORE[operationId(operation)]?.(known) ?? {}).filter(([name]) => name in input);
  return {
    ...Object.fromEntries(
      Object.entries(input)
        .filter(([name, field]) => field.required || name === 'timeoutSeconds' || name === 'executionId')
        .map(([name, field]) => [name, known[name] ?? valueFor(field)]),
    ),
    ...Object.fromEntries(more),
  };
}
