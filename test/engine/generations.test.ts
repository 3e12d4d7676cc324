import { locator, startLab, type Lab } from './lab';

/** A workflow does not know what its server speaks; neither does the node, until the server tells. */

let lab: Lab;
beforeAll(async () => {
  lab = await startLab({ generation: 'legacy' });
});
afterAll(() => lab.stop());

const inWordsOf = (pattern: RegExp) => lab.sandbox.requests.count('GET', pattern);
const current = /\/v1\/[^/]+\/(transfers|deployments)/u;

test('what the server speaks is asked by the first run only', async () => {
  await lab.rows('transfer.getAll');
  const asked = inWordsOf(current);
  expect(asked).toBeGreaterThan(0);

  await lab.rows('transfer.getAll');
  await lab.rows('deployment.getAll');

  expect(inWordsOf(current)).toBe(asked);
});

test('what the server cannot do fails with words, and nothing is made', async () => {
  const { error } = await lab.run('transfer.create', {
    originEndpointId: locator('vcenter'),
    destinationEndpointId: locator('openstack'),
    instances: ['web-03'],
    scenario: 'live_migration',
    destinationEnvironment: { migr_network: 'private' },
  });

  expect(error?.message).toContain('This Coriolis is older than 1.1.0 and has no transfers of the scenario');
  expect(error?.description).toContain('Create a replica');
  expect(lab.sandbox.requests.count('POST', /\/replicas$/u)).toBe(0);
});
