import type { INodeParameters } from 'n8n-workflow';
import { locator, startLab, type Lab } from './lab';

let lab: Lab;
beforeAll(async () => {
  lab = await startLab({ transfers: 25 });
});
afterAll(() => lab.stop());
beforeEach(() => lab.sandbox.requests.clear());

/** Machines of the sandbox's destination, ready to be used. */
const pool: INodeParameters = {
  name: 'helpers',
  endpointId: locator('openstack'),
  platform: 'destination',
  osType: 'linux',
  environmentOptions: { migr_network: 'private' },
};

const reuse = { options: { returnExisting: true } };
const transferOf = (instance: string): INodeParameters => ({
  originEndpointId: locator('vcenter'),
  destinationEndpointId: locator('openstack'),
  instances: [instance],
  destinationEnvironment: { migr_network: 'private' },
  networkMap: { 'VM Network': 'private' },
  notes: 'wave 7',
  ...reuse,
});

async function one(operation: string, parameters: INodeParameters) {
  const [row] = await lab.rows(operation, parameters);
  if (row === undefined) throw new Error(`${operation} gave no row`);
  return row;
}
const posts = (path: RegExp) => lab.sandbox.requests.count('POST', path);

describe('a workflow that runs again', () => {
  it('finds the transfer that it created, behind all that were created since', async () => {
    const first = await one('transfer.create', transferOf('web-01'));
    const later = Array.from({ length: 25 }, (_, at) => ({ ...transferOf('db-01'), notes: `wave ${at}` }));
    await Promise.all(later.map((given) => one('transfer.create', { ...given, options: {} })));
    lab.sandbox.requests.clear();

    const again = await one('transfer.create', transferOf('web-01'));

    expect(first).toMatchObject({ already_exists: false });
    expect(again).toMatchObject({ already_exists: true, id: first['id'], name: 'wave 7' });
    expect(posts(/transfers/u)).toBe(0);
  });

  it('creates another one when a setting differs', async () => {
    const first = await one('transfer.create', transferOf('web-02'));
    const other = await one('transfer.create', {
      ...transferOf('web-02'),
      networkMap: { 'VM Network': 'public' },
    });

    expect(other).toMatchObject({ already_exists: false });
    expect(other['id']).not.toBe(first['id']);
  });

  it('creates another one when that is what was asked for', async () => {
    const first = await one('transfer.create', transferOf('app-01'));
    const other = await one('transfer.create', { ...transferOf('app-01'), options: {} });

    expect(other['id']).not.toBe(first['id']);
    expect(other).not.toHaveProperty('already_exists');
  });

  it('finds schedules, endpoints, pools and regions, too', async () => {
    const { id } = await one('transfer.create', transferOf('app-02'));
    const connection = '{"host": "spare.example.com", "username": "u", "password": "p", "port": 443}';
    const made: ReadonlyArray<readonly [string, INodeParameters]> = [
      ['schedule.create', { transferId: locator(String(id)), hour: 1, minute: 30 }],
      ['endpoint.create', { name: 'spare', type: locator('vmware_vsphere'), connection }],
      ['region.create', { name: 'north' }],
      ['minionPool.create', { ...pool, name: 'workers' }],
    ];
    for (const [operation, parameters] of made) {
      const first = await one(operation, { ...parameters, ...reuse });
      const again = await one(operation, { ...parameters, ...reuse });
      expect([operation, first['already_exists'], again['already_exists']]).toEqual([operation, false, true]);
      expect(again['id']).toBe(first['id']);
    }
    expect(posts(/schedules|endpoints$|regions|minion_pools$/u)).toBe(made.length);
  });
});

describe('what counts as the same', () => {
  beforeAll(async () => {
    await one('minionPool.create', { ...pool, waitForCompletion: true });
  });

  // All at the same time: most of it is waiting for what others may be making.
  it('tells transfers apart by each of their settings', async () => {
    const settings: ReadonlyArray<readonly [string, INodeParameters]> = [
      [
        'user scripts',
        { userScripts: '{"global": {"linux": "echo one"}, "instances": {"app-02": "echo two"}}' },
      ],
      ['whether deployments clone disks', { cloneDisks: false }],
      ['whether deployments leave the guest as it is', { skipOsMorphing: true }],
      ['its minion pool', { destinationMinionPoolId: 'helpers' }],
      ['the minion pool of a machine', { osMorphingPools: '{"app-02": "helpers"}' }],
    ];
    const told = await Promise.all(
      settings.map(async ([what, setting]) => {
        const plain = await one('transfer.create', transferOf('app-02'));
        const set = { ...transferOf('app-02'), options: { ...reuse.options, ...setting } };

        const first = await one('transfer.create', set);
        const again = await one('transfer.create', set);

        expect([what, first['already_exists']]).toEqual([what, false]);
        expect([what, again['already_exists'], again['id']]).toEqual([what, true, first['id']]);
        expect(await one('transfer.create', transferOf('app-02'))).toMatchObject({ id: plain['id'] });
        return String(first['id']);
      }),
    );
    expect(new Set(told).size).toBe(settings.length);
  });

  it('names what it does not find in the words of people', async () => {
    const options = { ...reuse.options, destinationMinionPoolId: 'helper' };

    await expect(one('transfer.create', { ...transferOf('app-02'), options })).rejects.toThrow(
      'no minion pool has the id or the exact name "helper". Similar names: "helpers"',
    );
  });

  it('tells calls apart by each of their inputs', async () => {
    const pairs: ReadonlyArray<readonly [string, INodeParameters, INodeParameters]> = [
      [
        'endpoint.create',
        { connection: '{"host": "a.example.com", "username": "u", "password": "p"}' },
        { connection: '{"host": "a.example.com", "username": "u", "password": "q"}' },
      ],
      ['endpoint.create', { options: { description: 'one' } }, { options: { description: 'two' } }],
      ['schedule.create', { options: { autoDeploy: true } }, { options: { autoDeploy: false } }],
      ['schedule.create', { options: { expiresAt: '2040-01-01' } }, { options: { expiresAt: '2041-01-01' } }],
      ['region.create', { description: 'one' }, { description: 'two' }],
      ['minionPool.create', { minimumMinions: 2 }, { minimumMinions: 3 }],
    ];
    await Promise.all(
      pairs.map(async ([operation, mine, other]) => {
        const { id } = await one('transfer.create', transferOf('db-02'));
        const always: Readonly<Record<string, INodeParameters>> = {
          'endpoint.create': {
            name: 'twin',
            type: locator('vmware_vsphere'),
            connection: '{"host": "a.example.com", "username": "u", "password": "p"}',
          },
          'schedule.create': { transferId: locator(String(id)), hour: 4, minute: 0 },
          'region.create': { name: 'south' },
          'minionPool.create': { ...pool, name: 'pair' },
        };
        const call = ({ options = {}, ...parameters }: INodeParameters) =>
          one(operation, {
            ...always[operation],
            ...parameters,
            options: { ...reuse.options, ...(options as INodeParameters) },
          });

        const first = await call(mine);
        const second = await call(other);

        expect([operation, first['already_exists'], second['already_exists']]).toEqual([
          operation,
          false,
          false,
        ]);
        expect([await call(mine), await call(other)]).toMatchObject([
          { id: first['id'] },
          { id: second['id'] },
        ]);
      }),
    );
  });
});
