import { startSandbox, type Sandbox } from '../../sandbox/sandbox';
import { connect, one } from '../support/coriolis';

/** An update whose environment the platform's schema refuses helps on, as a creation does. */

let sandbox: Sandbox;
let transferId: string;
beforeAll(async () => {
  sandbox = await startSandbox();
  ({ id: transferId } = await one<{ id: string }>(connect(sandbox), 'transfer.create', {
    originEndpointId: 'vcenter',
    destinationEndpointId: 'openstack',
    instances: ['web-01'],
    destinationEnvironment: { migr_network: 'private' },
    networkMap: { 'VM Network': 'private' },
  }));
});
afterAll(() => sandbox.stop());

const update = (destinationEnvironment: object) =>
  one(connect(sandbox), 'transfer.update', { transferId, destinationEnvironment });

it('names the calls that list the schema and the options, and no option as missing that the transfer has', async () => {
  const error = await update({ set_dhcp: 'perhaps' }).catch((thrown: unknown) => thrown);

  expect(error).toMatchObject({
    serverMessage: expect.stringContaining('Invalid destination environment') as string,
    next: [
      { operation: 'provider.getSchema', input: { platform: 'openstack', kind: 'destination' } },
      { operation: 'endpoint.getDestinationOptions' },
    ],
  });
  expect(String((error as { advice?: string }).advice)).not.toContain('Missing: migr_network');
});

it('names what a creation misses, with the values and the default of the platform', async () => {
  const creation = one(connect(sandbox), 'transfer.create', {
    originEndpointId: 'vcenter',
    destinationEndpointId: 'openstack',
    instances: ['web-02'],
    destinationEnvironment: {},
    networkMap: { 'VM Network': 'private' },
  });

  await expect(creation).rejects.toMatchObject({
    advice: expect.stringMatching(
      /Missing: migr_network \(private = [-0-9a-f]{36}, .*\), by default private\./u,
    ) as string,
    next: [
      { operation: 'provider.getSchema', input: { platform: 'openstack', kind: 'destination' } },
      { operation: 'endpoint.getDestinationOptions' },
    ],
  });
});

it('reads the transfer only when an environment is refused', async () => {
  sandbox.requests.clear();

  await update({ set_dhcp: true });

  expect(sandbox.requests.count('GET', /\/transfers\/[^/]+$/u)).toBe(0);
});
