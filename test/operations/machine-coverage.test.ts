import { startSandbox, type Sandbox } from '../../sandbox/sandbox';
import { ManualClock } from '../../sandbox/world/clock';
import type { Coriolis } from '../../src/api/operation-context';
import { connect, one, rows, sleepingOn } from '../support/coriolis';
import { createTransfer } from '../support/transfers';

interface Machine {
  readonly instance: string;
  readonly coverage: string | null;
  readonly last_copy_at: string | null;
  readonly last_copy_age_seconds: number | null;
  readonly no_copy_reason: string | null;
}

describe.each(['current', 'legacy'] as const)('the coverage of machines on a %s server', (generation) => {
  const clock = new ManualClock();
  let sandbox: Sandbox;
  let coriolis: Coriolis;
  let syncedAt = '';

  beforeAll(async () => {
    sandbox = await startSandbox({ clock, generation, populated: true });
    coriolis = connect(sandbox, sandbox.connection, sleepingOn(clock));
    const synced = await createTransfer(coriolis, 'monitoring', { checkInstances: false });
    await one(coriolis, 'execution.start', { transferId: synced });
    await one(coriolis, 'execution.wait', { transferId: synced, timeoutSeconds: 80_000 });
    syncedAt = String((await one(coriolis, 'execution.get', { transferId: synced }))['created_at']);
    // A second replica of the same machine, without a copy, hides nothing.
    await createTransfer(coriolis, 'monitoring', { checkInstances: false, notes: 'second' });
    await createTransfer(coriolis, 'proxy-01', { checkInstances: false });
    await one(coriolis, 'migration.create', {
      originEndpointId: 'vcenter',
      destinationEndpointId: 'openstack',
      instances: ['proxy-02'],
      destinationEnvironment: { migr_network: 'private' },
      networkMap: { 'VM Network': 'private', Backend: 'private', DMZ: 'private' },
      checkInstances: false,
    });
  });
  afterAll(() => sandbox.stop());

  const covered = async (coverage: string): Promise<ReadonlyMap<string, Machine>> => {
    const found = await rows<Machine>(coriolis, 'instance.getAll', { endpointId: 'vcenter', coverage });
    return new Map(found.map(({ row }) => [row.instance.replace(/^.*\//u, ''), row]));
  };

  it('tells replicas with the newest copy of each machine', async () => {
    const machines = await covered('replica');
    expect(machines.get('monitoring')).toMatchObject({
      coverage: 'replica',
      last_copy_at: syncedAt,
      last_copy_age_seconds: Math.floor((clock.now() - Date.parse(syncedAt)) / 1000),
      no_copy_reason: null,
    });
    expect(machines.get('proxy-01')).toMatchObject({ last_copy_at: null, no_copy_reason: 'never_synced' });
    expect([...machines.keys()]).not.toContain('proxy-02');
  });

  it('tells what is only in a migration, and what is in nothing', async () => {
    expect((await covered('migration')).get('proxy-02')).toMatchObject({ coverage: 'migration' });
    const none = await covered('none');
    expect(none.get('exchange-01')).toMatchObject({
      coverage: 'none',
      last_copy_at: null,
      no_copy_reason: null,
    });
    for (const name of ['monitoring', 'proxy-01', 'proxy-02']) expect([...none.keys()]).not.toContain(name);
  });

  it('divides all machines of the endpoint, and costs nothing unless it is asked for', async () => {
    const any = await covered('any');
    const parts = [await covered('replica'), await covered('migration'), await covered('none')];
    expect(parts.flatMap((part) => [...part.keys()]).sort()).toEqual([...any.keys()].sort());
    sandbox.requests.clear();
    const plain = await rows<Machine>(coriolis, 'instance.getAll', { endpointId: 'vcenter' });
    expect(plain.map(({ row }) => row.coverage)).toEqual(plain.map(() => null));
    expect(sandbox.requests.count('GET', /\/(transfers|replicas|migrations|deployments)/u)).toBe(0);
  });
});
