import { startSandbox, type Sandbox } from '../../sandbox/sandbox';
import type { Coriolis } from '../../src/api/operation-context';
import type { JsonObject } from '../../src/model/json';
import { connect, one, rows } from '../support/coriolis';
import { MOVE } from '../support/job';

let sandbox: Sandbox;
let coriolis: Coriolis;

beforeAll(async () => {
  sandbox = await startSandbox({ speed: 600 });
  coriolis = connect(sandbox);
});
afterAll(() => sandbox.stop());

const connection = {
  host: 'vcenter.example.com',
  port: 443,
  username: 'migrator',
  password: 'canary-7f3a',
  allow_untrusted: true,
};

describe('endpoints', () => {
  it('never show their connection details, not even in full', async () => {
    const { id } = await one(coriolis, 'endpoint.create', {
      name: 'canary',
      type: 'vmware_vsphere',
      connection,
    });
    const shown = [
      await rows(coriolis, 'endpoint.getAll', {}, {}, 'full'),
      await one(coriolis, 'endpoint.get', { endpointId: id }, 'full'),
      await one(coriolis, 'endpoint.update', { endpointId: id, connection }, 'full'),
    ];
    expect(JSON.stringify(shown)).not.toContain(connection.password);
    await one(coriolis, 'endpoint.delete', { endpointId: id });
  });

  it('are found by exact name', async () => {
    const byName = await one(coriolis, 'endpoint.get', { endpointId: 'vcenter' });
    expect(await one(coriolis, 'endpoint.get', { endpointId: String(byName['id']) })).toEqual(byName);
  });

  it('with an unknown name are refused with similar names', async () => {
    await expect(one(coriolis, 'endpoint.get', { endpointId: 'vcent' })).rejects.toMatchObject({
      kind: 'not_found',
      message: expect.stringContaining('no endpoint has the id or the exact name "vcent"') as string,
      advice: expect.stringContaining('vcenter') as string,
    });
  });

  it('can be created, validated, renamed and deleted', async () => {
    const { id } = await one(coriolis, 'endpoint.create', {
      name: 'second vcenter',
      type: 'vmware_vsphere',
      connection,
    });
    expect(await one(coriolis, 'endpoint.validate', { endpointId: id })).toEqual({
      id,
      valid: true,
      message: null,
    });
    expect(await one(coriolis, 'endpoint.update', { endpointId: id, description: 'spare' })).toMatchObject({
      name: 'second vcenter',
      description: 'spare',
    });
    expect(await one(coriolis, 'endpoint.delete', { endpointId: id })).toEqual({
      id,
      deleted: true,
      secret_deleted: null,
    });
    await expect(one(coriolis, 'endpoint.get', { endpointId: id })).rejects.toMatchObject({
      kind: 'not_found',
    });
  });

  it('whose details are wrong are created, and the result says why they do not work', async () => {
    const wrong = { ...connection, password: undefined };
    const created = await one(coriolis, 'endpoint.create', {
      name: 'broken',
      type: 'vmware_vsphere',
      connection: wrong,
    });
    expect(created).toMatchObject({ name: 'broken', valid: false });
    expect(created['message']).toMatch(
      /Schema validation for the provided connection parameters has failed/u,
    );
    await one(coriolis, 'endpoint.delete', { endpointId: created['id'] });
  });

  it('that no worker can check are created all the same, and the result has their id and says so', async () => {
    const created = await one(coriolis, 'endpoint.create', {
      name: 'nobody knows it',
      type: 'no-such-platform',
      connection,
    });
    expect(created).toMatchObject({
      name: 'nobody knows it',
      valid: null,
      message: expect.stringMatching(/could not be checked: .*HTTP 503.*check the workers/su) as string,
    });
    await one(coriolis, 'endpoint.delete', { endpointId: created['id'] });
  });

  it('are found by names as people see them, the very name first', async () => {
    const named = async (name: string) =>
      String((await one(coriolis, 'endpoint.create', { name, type: 'vmware_vsphere', connection }))['id']);
    // An accent of its own, and blanks that nobody sees.
    const apart = await named('re\u0301seau ');
    const found = async (name: string) => (await one(coriolis, 'endpoint.get', { endpointId: name }))['id'];
    expect(await found('r\u00e9seau')).toBe(apart);
    const exact = await named('r\u00e9seau');
    expect(await found('r\u00e9seau')).toBe(exact);
    for (const endpointId of [apart, exact]) await one(coriolis, 'endpoint.delete', { endpointId });
  });

  it('whose name is the id of another one are that other one', async () => {
    const [vcenter] = await rows<{ id: string }>(coriolis, 'endpoint.getAll');
    const id = vcenter?.row.id ?? '';
    const impostor = await one(coriolis, 'endpoint.create', { name: id, type: 'vmware_vsphere', connection });
    expect((await one(coriolis, 'endpoint.get', { endpointId: id }))['id']).toBe(id);
    await one(coriolis, 'endpoint.delete', { endpointId: impostor['id'] });
  });

  it('with the same name are ambiguous, and the error lists them', async () => {
    const twin = { name: 'twin', type: 'vmware_vsphere', connection };
    const ids = [
      await one(coriolis, 'endpoint.create', twin),
      await one(coriolis, 'endpoint.create', twin),
    ].map(({ id }) => id);
    const get = one(coriolis, 'endpoint.get', { endpointId: 'twin' });
    await expect(get).rejects.toThrow(new RegExp(`2 endpoints are named "twin".*${String(ids[0])}`, 'u'));
    for (const endpointId of ids) await one(coriolis, 'endpoint.delete', { endpointId });
  });

  it('in use cannot be deleted, and the error is no matter of permissions', async () => {
    await expect(one(coriolis, 'endpoint.delete', { endpointId: 'vcenter' })).rejects.toMatchObject({
      kind: 'conflict',
      message: expect.stringContaining('would be orphaned') as string,
    });
  });

  it('of another project do not exist', async () => {
    const foreign = await rows<{ id: string }>(connect(sandbox, sandbox.connection.other), 'endpoint.getAll');
    await expect(one(coriolis, 'endpoint.get', { endpointId: foreign[0]?.row.id })).rejects.toMatchObject({
      kind: 'not_found',
    });
  });

  it('cannot be changed by a reader', async () => {
    const reader = connect(sandbox, sandbox.connection.reader);
    const creation = one(reader, 'endpoint.create', { name: 'x', type: 'vmware_vsphere', connection });
    await expect(creation).rejects.toMatchObject({ kind: 'forbidden' });
  });

  it('that were created although the answer was lost are found again', async () => {
    sandbox.faults.add({ method: 'POST', path: /\/endpoints$/u, times: 1, fault: { kind: 'lost-answer' } });
    const created = await one(coriolis, 'endpoint.create', {
      name: 'lost and found',
      type: 'vmware_vsphere',
      connection,
      skipValidation: true,
    });
    const named = (await rows(coriolis, 'endpoint.getAll')).filter(
      ({ row }) => row['name'] === 'lost and found',
    );
    expect(named.map(({ row }) => row['id'])).toEqual([created['id']]);
    await one(coriolis, 'endpoint.delete', { endpointId: created['id'] });
  });

  it('need connection details or a secret, not both', async () => {
    const given = { name: 'x', type: 'vmware_vsphere' };
    await expect(one(coriolis, 'endpoint.create', given)).rejects.toMatchObject({ field: 'connection' });
    await expect(
      one(coriolis, 'endpoint.create', {
        ...given,
        connection,
        connectionSecret: 'https://barbican/v1/secrets/1',
      }),
    ).rejects.toThrow('not both');
  });
});

describe('what an endpoint offers', () => {
  it('pages through its instances', async () => {
    const all = await rows<{ instance: string }>(coriolis, 'instance.getAll', { endpointId: 'vcenter' });
    const first = await rows<{ instance: string }>(
      coriolis,
      'instance.getAll',
      { endpointId: 'vcenter' },
      { limit: 5 },
    );
    const rest = await rows<{ instance: string }>(
      coriolis,
      'instance.getAll',
      { endpointId: 'vcenter' },
      { after: first.at(-1)?.position ?? '' },
    );
    expect(first).toHaveLength(5);
    expect([...first, ...rest]).toEqual(all);
    expect(all.length).toBeGreaterThanOrEqual(25);
  });

  it('tells which machines no transfer moves, page by page as well', async () => {
    const listed = async (given: JsonObject, window = {}) =>
      (
        await rows<{ instance: string }>(
          coriolis,
          'instance.getAll',
          { endpointId: 'vcenter', ...given },
          window,
        )
      ).map(({ row }) => row.instance);
    const before = await listed({ withoutTransfer: true });
    await one(coriolis, 'transfer.create', { ...MOVE, instances: 'web-03' });
    sandbox.requests.clear();

    const without = await listed({ withoutTransfer: true });

    expect(before).toContain('web-03');
    expect(without).toEqual(before.filter((name) => name !== 'web-03'));
    expect(await listed({})).toContain('web-03');
    expect(sandbox.requests.count('GET', /\/transfers$/u)).toBe(1);
    expect(await listed({ withoutTransfer: true }, { limit: 3 })).toEqual(without.slice(0, 3));
  });

  it('searches instances and shows one with disks and networks', async () => {
    const found = await rows<{ instance: string }>(coriolis, 'instance.getAll', {
      endpointId: 'vcenter',
      search: 'web-',
    });
    expect(found.map(({ row }) => row.instance)).toEqual(['web-01', 'web-02', 'web-03']);
    const web = await one<{ disks: unknown[]; networks: string[] }>(coriolis, 'instance.get', {
      endpointId: 'vcenter',
      instance: 'web-01',
    });
    expect(web.disks[0]).toMatchObject({
      id: expect.any(String) as string,
      size_bytes: expect.any(Number) as number,
    });
    expect(web.networks.length).toBeGreaterThan(0);
  });

  it('shows an instance whose identifier has slashes, spaces and umlauts', async () => {
    const instance = 'Datacenter-1/vm/Büro Server (1)';
    expect(await one(coriolis, 'instance.get', { endpointId: 'vcenter', instance })).toMatchObject({
      instance,
    });
  });

  it('lists networks, storage with its default, and options', async () => {
    const names = async (id: string, given = {}) =>
      (await rows<{ name: string }>(coriolis, id, { endpointId: 'openstack', ...given })).map(
        ({ row }) => row.name,
      );
    expect(await names('endpoint.getNetworks')).toContain('private');
    expect(await names('endpoint.getDestinationOptions', { names: 'flavor_name' })).toEqual(['flavor_name']);
    const storage = await rows(coriolis, 'endpoint.getStorage', { endpointId: 'openstack' });
    expect(storage.filter(({ row }) => row['is_default'] === true)).toHaveLength(1);
  });

  it('lists the options of minion pools for each side', async () => {
    for (const side of ['Source', 'Destination']) {
      const options = await rows(coriolis, `endpoint.get${side}MinionPoolOptions`, {
        endpointId: 'openstack',
      });
      expect(options.map(({ row }) => row['name'])).toContain('migr_network');
    }
  });

  it('exports its machines as rows with the columns of the platform, and as CSV', async () => {
    const table = await rows(coriolis, 'endpoint.exportInventory', { endpointId: 'vcenter' });
    const all = await rows(coriolis, 'instance.getAll', { endpointId: 'vcenter' });
    const [raw] = await rows<{ csv: string }>(coriolis, 'endpoint.exportInventory', {
      endpointId: 'vcenter',
      raw: true,
    });

    expect(table).toHaveLength(all.length);
    const [first] = table;
    expect(raw?.row.csv.split('\r\n')[0]).toBe(Object.keys(first?.row ?? {}).join(','));
    expect(Object.values(first?.row ?? {}).join()).toContain('web-01');
    const [second] = await rows(
      coriolis,
      'endpoint.exportInventory',
      { endpointId: 'vcenter' },
      { after: first?.position ?? '' },
    );
    expect(second).toEqual(table[1]);
  });

  it('says in words what a platform cannot do', async () => {
    const networks = rows(coriolis, 'endpoint.getNetworks', { endpointId: 'vcenter' });
    await expect(networks).rejects.toMatchObject({
      kind: 'capability',
      advice: expect.stringContaining('No running worker offers') as string,
    });
  });
});

describe('providers', () => {
  it('tell which side of a migration they can be', async () => {
    const platforms = await rows<{ name: string; source: boolean; destination: boolean }>(
      coriolis,
      'provider.getAll',
    );
    expect(platforms.find(({ row }) => row.name === 'vmware_vsphere')?.row).toMatchObject({
      source: true,
      destination: false,
    });
  });

  it('have schemas for the options of minion pools', async () => {
    for (const kind of ['source_minion_pool', 'destination_minion_pool']) {
      const { schema } = await one(coriolis, 'provider.getSchema', { platform: 'openstack', kind });
      expect(schema).toHaveProperty('properties');
    }
  });

  it.each(['connection', 'source'] as const)('have a %s schema', async (kind) => {
    const answer = await one(coriolis, 'provider.getSchema', { platform: 'vmware_vsphere', kind });
    expect(answer['schema']).toMatchObject({ $schema: expect.stringContaining('vmware_vsphere') as string });
  });
});
