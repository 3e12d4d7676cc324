import type { INodeParameters } from 'n8n-workflow';
import { locator, startLab, type Lab } from './lab';

/** Bad input gets a message that names the parameter, what was wrong and what is accepted, and nothing is sent. */

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab.stop());
beforeEach(() => lab.sandbox.requests.clear());

const id = '12345678-1234-4234-8234-123456789abc';
const otherId = '22345678-1234-4234-8234-123456789abc';
const create: INodeParameters = {
  originEndpointId: locator(id),
  destinationEndpointId: locator(otherId),
  instances: ['web-01'],
};

const changes = (): readonly string[] =>
  lab.sandbox.requests.entries
    .filter(({ method, path }) => method !== 'GET' && !path.startsWith('/v3/'))
    .map(({ method, path }) => `${method} ${path}`);

test.each<[string, string, INodeParameters, RegExp]>([
  [
    'malformed JSON',
    'transfer.create',
    { ...create, destinationEnvironment: '{"migr_network": "private"' },
    /Destination Environment is not valid JSON/,
  ],
  [
    'JSON of the wrong type',
    'transfer.create',
    { ...create, sourceEnvironment: '["a"]' },
    /Source Environment must be a JSON object, got a list/,
  ],
  [
    'a storage mapping without "="',
    'transfer.create',
    { ...create, options: { storageMappings: 'datastore1' } },
    /Storage Mappings must hold source=destination with exactly one "=", found "datastore1"/,
  ],
  [
    'the same machine twice',
    'transfer.create',
    { ...create, instances: ['web-01', 'web-01'] },
    /Instances \(VMs\) names "web-01" twice/,
  ],
  [
    'a text for a number',
    'execution.wait',
    { transferId: locator(id), executionId: locator(id), timeoutSeconds: '={{ "soon" }}' },
    /Timeout must be a duration such as 90m or 2h, or a whole number of seconds, from 0 to 604800; got "soon"/,
  ],
  [
    'a word for a switch',
    'execution.start',
    { transferId: locator(id), shutdownInstances: '={{ "maybe" }}' },
    /Shut Down Instances must be true or false; got "maybe"|must be true or false, got "maybe"/,
  ],
  [
    'a choice that does not exist',
    'transfer.create',
    { ...create, scenario: '={{ "teleport" }}' },
    /Scenario must be one of replica, live_migration; got "teleport"/,
  ],
  ['a limit of zero', 'transfer.getAll', { limit: '={{ 0 }}' }, /Limit must be a whole number, 1 or more/],
  ['nothing to update', 'endpoint.update', { endpointId: locator(id) }, /Nothing to update/],
])('%s', async (_, operation, parameters, message) => {
  const { status, error } = await lab.run(operation, parameters);

  expect(status).toBe('error');
  expect(error?.message).toMatch(message);
  expect(lab.sandbox.requests.total).toBe(0);
});

test('all that is wrong is named at once, with what to do', async () => {
  const { error } = await lab.run('transfer.create', {
    ...create,
    networkMap: 'VM Network',
    destinationEnvironment: '{',
  });

  expect(error?.message).toContain('Network Map');
  expect(error?.message).toContain('Destination Environment');
  expect(error?.description).toBe('Nothing was sent. Correct the input and try again.');
});

test('a wrong item stops the right ones before anything is sent', async () => {
  const { error } = await lab.run(
    'endpoint.get',
    { endpointId: locator('={{ $json.endpoint }}') },
    { items: [{ endpoint: 'vcenter' }, { endpoint: '' }] },
  );

  expect(error?.message).toContain('Endpoint is missing');
  expect(error?.context['itemIndex']).toBe(1);
  expect(lab.sandbox.requests.total).toBe(0);
});

test('identical endpoints', async () => {
  const { error } = await lab.run('transfer.create', {
    ...create,
    destinationEndpointId: locator('={{ "vcenter" }}'),
    originEndpointId: locator('vcenter'),
  });

  expect(error?.message).toContain('Origin and destination are the same endpoint');
  expect(changes()).toEqual([]);
});

test('an unknown id is answered in the words of the server', async () => {
  const { error } = await lab.run('transfer.get', { transferId: locator(id) });

  expect(error).toMatchObject({
    httpCode: '404',
    message: expect.stringContaining(id),
    description: expect.stringContaining('other projects stay invisible'),
  });
});

test('an unknown name lists similar ones', async () => {
  const { error } = await lab.run('endpoint.delete', { endpointId: locator('center') });

  expect(error?.message).toContain('no endpoint has the id or the exact name "center"');
  expect(error?.description).toContain('vcenter');
  expect(changes()).toEqual([]);
});

test('an ambiguous name lists whom it may mean', async () => {
  const twin = { name: 'twin', type: locator('vmware_vsphere'), options: { skipValidation: true } };
  const connection = '{"host": "twin.example.com", "username": "u", "password": "p", "port": 443}';
  const ids = await Promise.all(
    [1, 2].map(async () => (await lab.rows('endpoint.create', { ...twin, connection }))[0]?.['id']),
  );
  lab.sandbox.requests.clear();

  const { error } = await lab.run('endpoint.delete', { endpointId: locator('twin') });

  expect(error?.message).toContain('2 endpoints are named "twin"');
  for (const each of ids) expect(error?.message).toContain(String(each));
  expect(changes()).toEqual([]);
});

test('a machine that does not exist', async () => {
  const { error } = await lab.run('transfer.create', {
    originEndpointId: locator('vcenter'),
    destinationEndpointId: locator('openstack'),
    instances: ['no-such-machine'],
    destinationEnvironment: { migr_network: 'private' },
  });

  expect(error?.message).toContain('no-such-machine');
  expect(changes()).toEqual([]);
});

test('a secret in the wrong place is not repeated in the message', async () => {
  const { error } = await lab.run('endpoint.create', {
    name: 'x',
    type: locator('vmware_vsphere'),
    connection: 'password is hunter2',
  });

  expect(error?.message).toContain('Connection is not valid JSON');
  expect(`${error?.message} ${error?.description}`).not.toContain('hunter2');
});
