import { catalogue } from '../../src/catalogue';
import type { AnyField } from '../../src/vocabulary/field';
import { operationId } from '../../src/operation';
import { locator, startLab, type Lab } from './lab';

/** Each operation once, through the node, against the sandbox. What they do in detail is tested with the core. */

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab.stop());

const vcenter = { endpointId: locator('vcenter') };
const openstack = { endpointId: locator('openstack') };

async function only(operation: string, parameters: Parameters<Lab['rows']>[1]) {
  const rows = await lab.rows(operation, parameters);
  expect(rows).toHaveLength(1);
  return rows[0] as Record<string, string>;
}

async function newTransfer(instance: string) {
  return await only('transfer.create', {
    originEndpointId: locator('vcenter'),
    destinationEndpointId: locator('openstack'),
    instances: [instance],
    destinationEnvironment: { migr_network: 'private' },
  });
}

async function executed(instance: string) {
  const transfer = await newTransfer(instance);
  const transferId = locator(String(transfer['id']));
  const execution = await only('execution.start', { transferId });
  const executionId = locator(String(execution['id']));
  await only('execution.wait', { transferId, executionId, timeoutSeconds: 60 });
  return { transferId, executionId };
}

/** Something that fills every required input of the form and turns out to be nothing. */
const nothing = (field: AnyField) => {
  if (field.kind === 'reference') return locator("={{ '' }}");
  return field.kind === 'list' ? '={{ [] }}' : "={{ '' }}";
};

test.each(catalogue.map((operation) => [operationId(operation), operation] as const))(
  '%s is reachable, and asks for what it needs before it sends anything',
  async (id, { input }) => {
    const required = Object.entries(input).filter(([, field]) => field.required);
    const parameters = Object.fromEntries(required.map(([name, field]) => [name, nothing(field)]));
    lab.sandbox.requests.clear();

    const { error } = await lab.run(id, parameters);

    for (const { title } of required.map(([, field]) => field))
      expect(error?.message).toContain(`${title} is `);
    if (required.length > 0) expect(lab.sandbox.requests.total).toBe(0);
  },
);

test('provider: get many, get schema', async () => {
  const providers = await lab.rows('provider.getAll');
  const schema = await only('provider.getSchema', { platform: locator('openstack'), kind: 'destination' });

  expect(providers.map(({ name }) => name)).toContain('vmware_vsphere');
  expect(schema).toMatchObject({ platform: 'openstack', schema: { required: ['migr_network'] } });
});

test('endpoint: create, get, update, validate, delete', async () => {
  const created = await only('endpoint.create', {
    name: 'spare',
    type: locator('vmware_vsphere'),
    connection: '{"host": "spare.example.com", "username": "u", "password": "p", "port": 443}',
  });
  const endpointId = locator(String(created['id']));
  const updated = await only('endpoint.update', { endpointId, name: 'spare 2' });
  const validated = await only('endpoint.validate', { endpointId });
  const read = await only('endpoint.get', { endpointId: locator('spare 2') });
  const deleted = await only('endpoint.delete', { endpointId });

  expect(created).toMatchObject({ name: 'spare' });
  expect(updated).toMatchObject({ name: 'spare 2' });
  expect(validated).toHaveProperty('valid');
  expect(read['id']).toBe(created['id']);
  expect(deleted).toMatchObject({ deleted: true });
  expect(JSON.stringify([created, updated, read])).not.toContain('password');
});

test('endpoint: what it offers', async () => {
  const networks = await lab.rows('endpoint.getNetworks', openstack);
  const storage = await lab.rows('endpoint.getStorage', openstack);
  const source = await lab.rows('endpoint.getSourceOptions', vcenter);
  const destination = await lab.rows('endpoint.getDestinationOptions', openstack);

  expect(networks.map(({ name }) => name)).toContain('private');
  expect(storage.length).toBeGreaterThan(0);
  expect(source).toContainEqual({ name: 'automatically_enable_cbt', default: [true], values: [true, false] });
  expect(destination.length).toBeGreaterThan(0);
});

test('instance: get many, get', async () => {
  const found = await lab.rows('instance.getAll', { ...vcenter, filters: { search: 'web-0' } });
  const instance = await only('instance.get', { ...vcenter, instance: locator('web-01') });

  expect(found.map(({ name }) => name)).toEqual(expect.arrayContaining(['web-01', 'web-02']));
  expect(instance).toMatchObject({ name: 'web-01', networks: expect.arrayContaining(['VM Network']) });
});

test('transfer: create, get, get many, update, delete disks, delete', async () => {
  const { transferId } = await executed('jenkins');

  const read = await only('transfer.get', { transferId });
  const listed = await lab.rows('transfer.getAll', { filters: { search: 'jenkins' } });
  const update = await only('transfer.update', { transferId, notes: 'renamed' });
  await only('execution.wait', { transferId, executionId: locator(String(update['id'])) });
  const disks = await only('transfer.deleteDisks', { transferId });
  await only('execution.wait', { transferId, executionId: locator(String(disks['id'])) });
  const deleted = await only('transfer.delete', { transferId });

  expect(read).toMatchObject({ status: 'COMPLETED', executions: [expect.objectContaining({ number: 1 })] });
  expect(listed.map(({ id }) => id)).toContain(read['id']);
  expect(update).toMatchObject({ type: 'transfer_update' });
  expect(disks).toMatchObject({ type: 'transfer_disks_delete' });
  expect(deleted).toMatchObject({ deleted: true });
});

test('execution: start, get, get many, cancel, wait, diagnose, delete', async () => {
  const transferId = locator(String((await newTransfer('stuck-vm'))['id']));
  const started = await only('execution.start', { transferId, shutdownInstances: false });
  const executionId = locator(String(started['id']));

  const read = await only('execution.get', { transferId, executionId });
  const canceled = await only('execution.cancel', { transferId, executionId, force: true });
  const waited = await only('execution.wait', { transferId, executionId, timeoutSeconds: 60 });
  const diagnosis = await only('execution.diagnose', { transferId, executionId });
  const listed = await lab.rows('execution.getAll', { transferId });
  const deleted = await only('execution.delete', { transferId, executionId });

  expect(read).toMatchObject({ id: started['id'], outcome: null });
  expect(canceled).toMatchObject({ cancel_requested: true, force: true });
  expect(waited).toMatchObject({ outcome: 'canceled' });
  expect(Object.keys(diagnosis).length).toBeGreaterThan(0);
  expect(listed).toEqual([expect.objectContaining({ id: started['id'], outcome: 'canceled' })]);
  expect(deleted).toMatchObject({ deleted: true });
});

test('deployment: create, get, get many, cancel, wait, diagnose, delete', async () => {
  const { transferId } = await executed('gitlab');
  // It must not be over before it is canceled.
  const { id: stall } = lab.sandbox.faults.plan(`stall id=${transferId.value}`);
  const created = await only('deployment.create', { transferId });
  const deploymentId = locator(String(created['id']));

  const canceled = await only('deployment.cancel', { deploymentId });
  lab.sandbox.faults.remove(stall);
  const waited = await only('deployment.wait', { deploymentId, timeoutSeconds: 60 });
  const read = await only('deployment.get', { deploymentId });
  const diagnosis = await only('deployment.diagnose', { deploymentId });
  const listed = await lab.rows('deployment.getAll', { filters: { transferId } });
  const deleted = await only('deployment.delete', { deploymentId });

  expect(canceled).toMatchObject({ cancel_requested: true });
  expect(waited).toMatchObject({ outcome: 'canceled' });
  expect(read).toMatchObject({ outcome: 'canceled' });
  expect(Object.keys(diagnosis).length).toBeGreaterThan(0);
  expect(listed.map(({ id }) => id)).toEqual([created['id']]);
  expect(deleted).toMatchObject({ deleted: true });
});

test('a simplified result shows the keys that matter, the full one all of them, secrets removed', async () => {
  const simple = await only('endpoint.get', vcenter);
  const full = await only('endpoint.get', { ...vcenter, simplify: false });

  expect(simple).not.toHaveProperty('connection_info');
  expect(full).toHaveProperty('connection_info');
  expect(JSON.stringify(full)).not.toContain('sandbox-vcenter');
});

test('what is created shows the same, or all of it without its secrets', async () => {
  const given = {
    name: 'another vcenter',
    type: locator('vmware_vsphere'),
    connection: '{"host": "vcenter.example.com", "username": "admin", "password": "sandbox-secret"}',
    options: { validate: false },
  };
  const simple = await only('endpoint.create', given);
  const full = await only('endpoint.create', { ...given, name: 'one more', simplify: false });

  expect(simple).not.toHaveProperty('connection_info');
  expect(full).toHaveProperty('connection_info');
  expect(JSON.stringify(full)).not.toContain('sandbox-secret');
});

test('a list ends at its limit, or returns all', async () => {
  const limited = await lab.rows('instance.getAll', { ...vcenter, limit: 3 });
  const all = await lab.rows('instance.getAll', { ...vcenter, returnAll: true });

  expect(limited).toHaveLength(3);
  expect(all.length).toBeGreaterThan(20);
});
