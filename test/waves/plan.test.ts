import { startSandbox, type Sandbox } from '../../sandbox/sandbox';
import { TABLE_FORMAT_TITLES } from '../../src/model/table/table-formats';
import type { JsonObject } from '../../src/model/json';
import { connect, one, rows } from '../support/coriolis';
import { machine } from './estate';

/** Plans of one estate, from each table that people have. */

interface Plan extends JsonObject {
  readonly plan_hash: string;
  readonly verdict: string;
  readonly format: string;
  readonly rows: readonly (JsonObject & { readonly machine: string })[];
  readonly checks: ReadonlyArray<{
    readonly check: string;
    readonly status: string;
    readonly message: string;
  }>;
}

const names = ['shop-01', 'shop-02', 'Büro (1)'];

let sandbox: Sandbox;
let coriolis: ReturnType<typeof connect>;
beforeAll(async () => {
  sandbox = await startSandbox({
    speed: 2000,
    licensing: true,
    machines: [
      ...names.map((name) => machine(name, { disks: [40, 2], networks: ['VM Network', 'Backend'] })),
      machine('twin', { identifier: 'DC1/vm/a/twin' }),
      machine('twin', { identifier: 'DC1/vm/b/twin' }),
      machine('annex', { identifier: 'DC1/vm/annex' }),
    ],
  });
  coriolis = connect(sandbox);
});
afterAll(() => sandbox.stop());

const blueprint = {
  wave: 'W 1',
  originEndpointId: 'vcenter',
  destinationEndpointId: 'openstack',
  destinationEnvironment: { migr_network: 'private' },
  networkMap: { '*': 'private' },
};

const plan = (given: JsonObject): Promise<Plan> =>
  one<Plan>(coriolis, 'wave.plan', { ...blueprint, ...given });

const csv = (lines: ReadonlyArray<readonly string[]>, delimiter = ','): string =>
  lines.map((cells) => cells.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(delimiter)).join('\r\n');

/** The same three machines as each tool lists them. */
const tables: Readonly<Record<keyof typeof TABLE_FORMAT_TITLES, string>> = {
  rvtools: csv([
    [
      'VM',
      'Powerstate',
      'Template',
      'SRM Placeholder',
      'CPUs',
      'Provisioned MiB',
      'VM UUID',
      'Datacenter',
      'Folder',
    ],
    ...names.map((name) => [name, 'poweredOn', 'False', 'False', '2', '43,008', `id of ${name}`, 'DC1', '/']),
    ['golden', 'poweredOff', 'True', 'False', '2', '20480', 'x', 'DC1', '/'],
  ]),
  azure_migrate: `\uFEFF${csv(
    [
      [
        'Server name',
        'IP addresses',
        'Cores',
        'Memory (In MB)',
        'OS name',
        'Number of disks',
        'Disk 1 size (In GB)',
      ],
      ...names.map((name) => [name, '192.0.2.1', '2', '4096', 'Linux', '2', '40,5']),
    ],
    ';',
  )}`,
  aws_mgn: csv([
    ['mgn:wave:name', 'mgn:app:name', 'mgn:server:user-provided-id', 'mgn:server:platform'],
    ...names.map((name) => ['W 1', 'shop', name, 'linux']),
  ]),
  coriolis_inventory: csv([
    ['vm_id', 'vm_name', 'firmware', 'num_cpu', 'memory_mb', 'os_type'],
    ...names.map((name, index) => [String(index), name, 'BIOS', '2', '4096', 'linux']),
  ]),
  own: csv([['machine', 'wave'], ...names.map((name) => [name, 'W 1'])], '\t'),
};

describe('a plan', () => {
  it('is the same for five tables of one estate, and for its own rows', async () => {
    const plans = await Promise.all(
      Object.entries(tables).map(async ([format, table]) => ({ format, plan: await plan({ table }) })),
    );
    for (const { format, plan: made } of plans) {
      expect([made.format, made.verdict]).toEqual([
        TABLE_FORMAT_TITLES[format as keyof typeof tables],
        'ready',
      ]);
      expect(made.rows.map(({ machine: name }) => name)).toEqual(names);
    }
    expect(new Set(plans.map(({ plan: made }) => made.plan_hash)).size).toBe(1);
    const again = await plan({ rows: plans[0]?.plan.rows });
    expect(again.plan_hash).toBe(plans[0]?.plan.plan_hash);
    expect(again['unknown_columns']).toEqual([]);
  });

  it('keeps the settings of its rows when they are the table', async () => {
    const given = [
      { machine: 'shop-01', passes: 3, shutdown: 'no', network_map: { Backend: 'storage-net' }, order: 2 },
      { machine: 'shop-02', notes: 'Shop, the second', destination_environment: { fip_pool_name: 'public' } },
      { machine: 'Büro (1)', default_storage: 'ceph', Owner: 'Anna' },
    ];
    const first = await plan({ rows: given });
    const again = await plan({ rows: first.rows });
    expect(again.plan_hash).toBe(first.plan_hash);
    expect(first.rows[0]?.['overrides']).toEqual({
      passes: 3,
      shutdown_instances: false,
      network_map: { Backend: 'storage-net' },
    });
    expect((await plan({ rows: given.map(({ machine: name }) => ({ machine: name })) })).plan_hash).not.toBe(
      first.plan_hash,
    );
  });

  it('has no secret of a row, and its rows without it are another plan', async () => {
    const secret = 'kV9-secret-of-a-row';
    const first = await plan({
      rows: [{ machine: 'shop-01', destination_environment: { admin_password: secret, other: 1 } }],
    });
    expect(JSON.stringify(first)).not.toContain(secret);
    expect(first.rows[0]?.['overrides']).toEqual({});
    expect((await plan({ rows: first.rows })).plan_hash).not.toBe(first.plan_hash);
  });

  const replicaOf = (instance: string) => {
    const { wave: _wave, ...given } = blueprint;
    const input = {
      ...given,
      networkMap: { 'VM Network': 'private' },
      instances: [instance],
      checkInstances: false,
    };
    return one<{ id: string }>(coriolis, 'transfer.create', input);
  };

  it.each(['annex', 'DC1/vm/annex'])('adopts the replica that names its machine "%s"', async (instance) => {
    const { id } = await replicaOf(instance);
    const made = await plan({ rows: [{ machine: 'annex' }] });
    await one(coriolis, 'transfer.delete', { transferId: id });
    expect(made.rows[0]).toMatchObject({ machine: 'annex', transfer_id: id });
  });

  it('takes no replica in for a name that two machines have', async () => {
    const { id } = await replicaOf('twin');
    const made = await plan({ rows: [{ machine: 'DC1/vm/a/twin' }] });
    await one(coriolis, 'transfer.delete', { transferId: id });
    expect(made.rows[0]?.['transfer_id'] ?? null).toBeNull();
  });

  it('lists the candidates of a name that several machines have, or none', async () => {
    const made = await plan({
      rows: [{ machine: 'twin' }, { machine: 'shop01' }, { machine: 'nothing like it' }],
    });
    expect(made.rows.map(({ messages, status }) => [status, messages])).toEqual([
      [
        'blocked',
        ['several machines have this name: DC1/vm/a/twin, DC1/vm/b/twin; write the identifier of one'],
      ],
      [
        'blocked',
        [expect.stringContaining('the source has no machine of this name; similar: shop-01') as string],
      ],
      ['blocked', ['the source has no machine of this name']],
    ]);
    const placed = await plan({
      table: 'VM,Powerstate,Template,Datacenter,Folder\ntwin,poweredOn,False,DC1,/b',
    });
    expect(placed.rows).toMatchObject([{ instance: 'DC1/vm/b/twin', status: 'ready' }]);
  });

  it('lists what has no destination once, with its machines, and refuses what the destination lacks', async () => {
    const made = await plan({
      table: tables.own,
      networkMap: { 'VM Network': 'private', Backnd: 'private' },
    });
    expect(made['unmapped']).toContainEqual({ kind: 'network', name: 'Backend', machines: names });
    expect(made.checks).toContainEqual({
      check: 'network map',
      status: 'ok',
      message: 'No machine of the plan uses Backnd.',
    });
    const wrong = await plan({ rows: [{ machine: 'shop-01' }], networkMap: { '*': 'no such network' } });
    expect(wrong.rows[0]).toMatchObject({
      status: 'blocked',
      messages: ['the destination has no network "no such network"'],
    });
  });

  it('blocks a move between two endpoints with equal connection details, which the server refuses', async () => {
    const { endpoints } = await coriolis.client.get<{ endpoints: JsonObject[] }>('/endpoints');
    const { type, connection_info } = endpoints.find(({ name }) => name === 'vcenter') ?? {};
    const copy = { name: 'vcenter-2', type, description: '', connection_info, mapped_regions: [] };
    await coriolis.client.post('/endpoints', { endpoint: copy });
    const made = await plan({ rows: [{ machine: 'shop-01' }], destinationEndpointId: 'vcenter-2' });
    expect(made.rows[0]).toMatchObject({
      status: 'blocked',
      messages: ['Origin and destination have equal connection details, and Coriolis refuses such a move.'],
    });
  });

  it('reads the endpoints once, also those that are given by name, and sees what was made a moment ago', async () => {
    const reads = (): number => sandbox.requests.count('GET', /\/endpoints$/u);
    const before = reads();
    expect(await plan({ rows: [{ machine: 'shop-01' }] })).toMatchObject({ verdict: 'ready' });
    expect(reads()).toBe(before + 1);
    // Another caller adds one, which only a row names.
    const other = connect(sandbox);
    const { endpoints } = await other.client.get<{ endpoints: JsonObject[] }>('/endpoints');
    const { type, connection_info } = endpoints.find(({ name }) => name === 'openstack') ?? {};
    const { id } = await one<{ id: string }>(other, 'endpoint.create', {
      name: 'openstack-new',
      type,
      connection: { ...(connection_info as JsonObject), project_name: 'new' },
    });
    const made = await plan({ rows: [{ machine: 'shop-01', destination: 'openstack-new' }] });
    await one(other, 'endpoint.delete', { endpointId: id });
    expect(made).toMatchObject({ rows: [{ settings: { destination_endpoint_id: id } }] });
  });

  it('checks workers, minion pools and licences', async () => {
    for (const appliance of sandbox.licensing.appliances.values()) {
      appliance.licences.clear();
      sandbox.licensing.addLicence(appliance, { replicas: 2 });
    }
    const endpoints = await rows<{ id: string; type: string }>(coriolis, 'endpoint.getAll');
    await one(coriolis, 'minionPool.create', {
      name: 'small',
      endpointId: endpoints.find(({ row }) => row.type === 'openstack')?.row.id,
      platform: 'destination',
      environmentOptions: { migr_network: 'private' },
    });
    const made = await plan({ rows: names.map((name) => ({ machine: name, destination_pool: 'small' })) });
    expect(made.checks.map(({ check, status }) => [check, status])).toEqual([
      ['connection', 'ok'],
      ['connection', 'ok'],
      ['workers', 'ok'],
      ['minion pool', expect.stringMatching(/blocking|ok/) as string],
      ['licence', 'warning'],
    ]);
    expect(made.checks.at(-1)?.message).toBe('The licences allow 2 more replicas, and 3 are needed.');
  });
});

it('tells what stands against a machine as it is, and disks that it shares with others of the table or elsewhere', async () => {
  const warningsOf = async (...machines: readonly string[]): Promise<string> =>
    JSON.stringify((await plan({ rows: machines.map((name) => ({ machine: name })) })).rows[0]?.['messages']);

  expect(await warningsOf('firewall-01')).toContain('The guest is bsd');
  expect(await warningsOf('cluster-node-01')).toContain('Find the others');
  expect(await warningsOf('cluster-node-01', 'cluster-node-02')).toContain('Shares disks');
  expect(await warningsOf('shop-01')).toBe('[]');
});
