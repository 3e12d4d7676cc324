import type { ConnectOptions, CoriolisApi } from '../../library';
import type { Connection } from '../../sandbox/sandbox';
import type { Operation } from '../../src/operation';
import type { AnyField } from '../../src/vocabulary/field';

/** The login of the admin of a sandbox, who may see everything, at another address: that of a relay before it. */
export const adminAt = (
  { admin, user_domain, project_domain }: Connection,
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

/** Makes an object of every kind, one run that completes and one that fails. */
export async function poisonedEstate(coriolis: CoriolisApi): Promise<KnownInputs> {
  const endpoints = await coriolis.endpoints.list().toArray();
  const idOf = (name: string): string => endpoints.find((one) => one.name === name)?.id ?? NOTHING;
  const [originEndpointId, destinationEndpointId] = [idOf('vcenter'), idOf('openstack')];
  const run = async (instance: string) => {
    const transfer = await coriolis.transfers.create({
      originEndpointId,
      destinationEndpointId,
      instances: [instance],
      destinationEnvironment: { migr_network: 'private' },
      networkMap: { 'VM Network': 'private' },
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
  const [pool] = await coriolis.minionPools.list().toArray();
  return {
    transferId,
    executionId,
    deploymentId,
    scheduleId,
    regionId,
    originEndpointId,
    destinationEndpointId,
    endpointId: originEndpointId,
    minionPoolId: pool?.id ?? NOTHING,
    transferIds: [transferId],
    instance: 'web-01',
    instances: ['web-02'],
    platform: 'vmware_vsphere',
    type: 'openstack',
    kind: 'connection',
    timeoutSeconds: 1,
    wave: 'none',
  };
}

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
export const inputsFor = ({ input }: Operation, known: KnownInputs): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    Object.entries(input)
      .filter(([name, field]) => field.required || name === 'timeoutSeconds')
      .map(([name, field]) => [name, known[name] ?? valueFor(field)]),
  );
