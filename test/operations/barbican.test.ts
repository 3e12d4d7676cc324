import { startSandbox, type Sandbox } from '../../sandbox/sandbox';
import type { Coriolis } from '../../src/api/operation-context';
import type { JsonObject } from '../../src/model/json';
import { connect, one, rows } from '../support/coriolis';

let sandbox: Sandbox;
let coriolis: Coriolis;

beforeAll(async () => {
  sandbox = await startSandbox();
  coriolis = connect(sandbox);
});
afterAll(() => sandbox.stop());
afterEach(() => sandbox.faults.clear());

const connection = {
  host: 'vcenter.example.com',
  port: 443,
  username: 'migrator',
  password: 'canary-b4rb1c4n',
  allow_untrusted: true,
};

const create = (name: string, more: JsonObject = {}) =>
  one(coriolis, 'endpoint.create', {
    name,
    type: 'vmware_vsphere',
    connection,
    storeInBarbican: true,
    ...more,
  });

/** The reference that an endpoint holds; there must be nothing else beside it. */
async function secretOf(endpointId: unknown): Promise<string> {
  const { endpoint } = await coriolis.client.get<{ endpoint: { connection_info: Record<string, string> } }>(
    `/endpoints/${String(endpointId)}`,
  );
  expect(Object.keys(endpoint.connection_info)).toEqual(['secret_ref']);
  return endpoint.connection_info['secret_ref'] ?? '';
}

const exists = async (reference: string): Promise<boolean> =>
  await coriolis.client
    .forService('key-manager')
    .get(`/v1/secrets/${reference.split('/').at(-1) ?? ''}`)
    .then(
      () => true,
      () => false,
    );

const created = (): number => sandbox.requests.count('POST', /\/v1\/secrets$/u);
const deleted = (): number => sandbox.requests.count('DELETE', /\/v1\/secrets\//u);

describe('connection details in Barbican', () => {
  it('are what the endpoint connects with, and Coriolis has their reference only', async () => {
    const endpoint = await create('kept in barbican');

    expect(endpoint).toMatchObject({ name: 'kept in barbican', valid: true });
    expect(await exists(await secretOf(endpoint['id']))).toBe(true);
    const shown = [endpoint, await rows(coriolis, 'endpoint.getAll', {}, {}, 'full')];
    expect(JSON.stringify(shown)).not.toContain(connection.password);
  });

  it('are replaced by an update, and the old ones go', async () => {
    const { id } = await create('to be updated');
    const before = await secretOf(id);

    await one(coriolis, 'endpoint.update', { endpointId: id, connection, storeInBarbican: true });

    expect(await secretOf(id)).not.toBe(before);
    expect(await exists(before)).toBe(false);
  });

  it('stay when the endpoint is deleted, unless asked for, and while another endpoint uses them', async () => {
    const { id } = await create('first user');
    const secret = await secretOf(id);
    const { id: other } = await create('second user', {
      connection: undefined,
      storeInBarbican: false,
      connectionSecret: secret,
    });

    await one(coriolis, 'endpoint.delete', { endpointId: id, deleteSecret: true });
    expect(await exists(secret)).toBe(true);

    await one(coriolis, 'endpoint.delete', { endpointId: other, deleteSecret: true });
    expect(await exists(secret)).toBe(false);
  });

  it('are removed again when the endpoint cannot be created', async () => {
    const before = [created(), deleted()];
    sandbox.faults.add({
      method: 'POST',
      path: /\/endpoints$/u,
      fault: { kind: 'status', status: 400, body: '{"error": {"code": 400, "message": "No such thing"}}' },
    });

    await expect(create('refused')).rejects.toMatchObject({ kind: 'invalid_input' });

    expect([created(), deleted()]).toEqual(before.map((count) => count + 1));
  });

  it('are stored once and stay when the answer about the endpoint was lost', async () => {
    const before = [created(), deleted()];
    sandbox.faults.add({ method: 'POST', path: /\/endpoints$/u, fault: { kind: 'lost-answer' } });

    const { id } = await create('lost answer');

    expect(await exists(await secretOf(id))).toBe(true);
    expect([created() - (before[0] ?? 0), deleted() - (before[1] ?? 0)]).toEqual([1, 0]);
  });

  it('need a role that the error names, and nothing is created without it', async () => {
    const reader = connect(sandbox, sandbox.connection.reader);
    const attempt = one(reader, 'endpoint.create', {
      name: 'forbidden',
      type: 'vmware_vsphere',
      connection,
      storeInBarbican: true,
    });

    await expect(attempt).rejects.toMatchObject({
      kind: 'forbidden',
      message: expect.stringContaining('Secret creation attempt not allowed') as string,
      advice: expect.stringContaining('role creator') as string,
    });
    await expect(attempt).rejects.not.toThrow(connection.password);
  });

  it('are missed when only a reference was given', async () => {
    const attempt = create('contradiction', {
      connection: undefined,
      connectionSecret: 'https://barbican/v1/secrets/1',
    });

    await expect(attempt).rejects.toMatchObject({ field: 'connection' });
  });
});
