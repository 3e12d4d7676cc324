import { locator, startLab, type Lab } from './lab';

/** How the credential finds services beside Coriolis, so that the node can use them. */

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab.stop());

const asAdmin = async (operation: string, parameters = {}) => {
  const { admin } = lab.sandbox.connection;
  lab.engine.credentials.edit(lab.credential, {
    userName: admin.username,
    password: admin.password,
    projectName: admin.project,
  });
  return await lab.rows(operation, parameters);
};

test('logs come from the log service, licences from the licensing server, with the one login', async () => {
  const logins = () => lab.sandbox.requests.count('POST', '/v3/auth/tokens');
  const names = (await asAdmin('log.getAll', { returnAll: true })).map(({ name }) => name);
  const before = logins();

  const lines = await asAdmin('log.download', { log: locator('coriolis-worker'), returnAll: true });
  const [appliance] = await asAdmin('licence.getAppliances');

  expect(names).toContain('coriolis-worker');
  expect(lines.length).toBeGreaterThan(0);
  expect(appliance).toEqual({ id: expect.any(String) as string });
  expect(logins()).toBe(before);
});

test('connection details go to Barbican', async () => {
  const [endpoint] = await lab.rows('endpoint.create', {
    name: 'through n8n',
    type: locator('vmware_vsphere'),
    connection: JSON.stringify({
      host: 'vcenter.example.com',
      port: 443,
      username: 'migrator',
      password: 'canary-n8n',
      allow_untrusted: true,
    }),
    options: { storeInBarbican: true },
  });

  expect(endpoint).toMatchObject({ name: 'through n8n', valid: true });
  expect(lab.sandbox.requests.count('POST', /\/v1\/secrets$/u)).toBe(1);
});

test('a migration is created and brought to its end', async () => {
  const [created] = await lab.rows('migration.create', {
    originEndpointId: locator('vcenter'),
    destinationEndpointId: locator('openstack'),
    instances: ['web-01'],
    destinationEnvironment: '{"migr_network": "private"}',
    networkMap: '{"VM Network": "private"}',
    options: { runKey: 'n8n-1', replicationCount: 1 },
  });

  const [ended] = await lab.rows('migration.wait', { migrationId: locator(String(created?.['id'])) });

  expect(ended).toMatchObject({ outcome: 'completed', run_key: 'n8n-1', deployed_instances: ['web-01'] });
});

test('a service that the catalogue lacks is named, with what there is, and Coriolis itself still works', async () => {
  const kept = lab.engine.credentials.read(lab.credential);
  const meta = JSON.parse(String(kept['sessionMeta'])) as { services: Record<string, unknown> };
  const problem = 'Keystone knows no log service of Coriolis';
  lab.engine.credentials.edit(lab.credential, {
    sessionMeta: JSON.stringify({ ...meta, services: { ...meta.services, 'coriolis-logger': { problem } } }),
  });

  const { error } = await lab.run('log.getAll');

  expect(error?.message).toContain(problem);
  expect(await lab.rows('endpoint.getAll')).not.toEqual([]);
});
