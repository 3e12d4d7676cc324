import { startSandbox, type Sandbox } from '../../sandbox/sandbox';
import { ManualClock } from '../../sandbox/world/clock';
import type { Coriolis } from '../../src/api/operation-context';
import type { JsonObject } from '../../src/model/json';
import { connect, one, previewOf, sleepingOn } from '../support/coriolis';
import { machines } from '../waves/estate';

/** What previews of waves and minion pools show a person, and what they refuse. */

let clock: ManualClock;
let sandbox: Sandbox;
let coriolis: Coriolis;
beforeEach(async () => {
  clock = new ManualClock();
  sandbox = await startSandbox({ clock, machines: machines(4) });
  coriolis = connect(sandbox, sandbox.connection.admin, sleepingOn(clock));
});
afterEach(() => sandbox.stop());

const preview = (id: string, input: JsonObject) => previewOf(coriolis, id, input);

const move = {
  originEndpointId: 'vcenter',
  destinationEndpointId: 'openstack',
  destinationEnvironment: { migr_network: 'private' },
  networkMap: { 'VM Network': 'private', Backend: 'private' },
  defaultStorage: 'ceph-ssd',
  passes: 2,
  shutdownInstances: true,
};
const table = 'machine,wave\nwave-001,W\nwave-002,W\nghost,W';

const planned = async (more: JsonObject = {}): Promise<JsonObject> => {
  const input = { ...move, table, ...more };
  const { plan_hash: planHash } = await one(coriolis, 'wave.plan', input);
  return { ...input, planHash: planHash ?? null, until: 'cut_over' };
};

describe('the preview of a wave', () => {
  it('names machines, endpoints, syncs, networks and storage, and what is left out', async () => {
    const { consequences, refusal } = await preview('wave.run', await planned());

    expect(refusal).toBeUndefined();
    expect(consequences).toEqual([
      'Run until cut over: 2 of 3 machines.',
      'Moved from "vcenter" to "openstack": wave-001, wave-002.',
      'For these: 2 syncs before the deployment. Networks: VM Network → private. Storage: default → ceph-ssd.',
      'All of these are shut down, and not started again by Coriolis: 2 source machines.',
      expect.stringMatching(/^Left out: ghost, the source has no machine of this name/u),
    ]);
  });

  it('names those that are shut down when others are not', async () => {
    const { consequences } = await preview(
      'wave.run',
      await planned({ table: 'machine,wave,shutdown_instances\nwave-001,W,yes\nwave-002,W,no' }),
    );
    const at = consequences.indexOf(
      'Of these are shut down, and not started again by Coriolis: 1 source machine:',
    );
    expect(consequences[at + 1]).toBe('wave-001');
  });

  it('is refused when no machine can be moved, and when the plan is another one', async () => {
    const nothing = await planned({ table: 'machine,wave\nghost,W' });
    expect((await preview('wave.run', nothing)).refusal).toBe('none of its machines can be moved');
    const changed = { ...(await planned()), passes: 3 };
    expect((await preview('wave.run', changed)).refusal).toBe('the plan has changed since it was approved');
  });

  it('of a name that the table does not have is refused, as the run is', async () => {
    const call = { ...(await planned()), only: ['nobody'] };
    await expect(preview('wave.run', call)).rejects.toThrow(
      'Only names machines or waves that the table does not have: nobody',
    );
  });
});

describe('the preview of abandoning a wave', () => {
  it('tells what the first call does when it removes disks, too', async () => {
    await one(coriolis, 'wave.run', {
      ...(await planned({ table: 'machine,wave\nwave-001,W' })),
      until: 'synced',
      timeoutSeconds: 80_000,
    });
    const kept = await preview('wave.abandon', { wave: 'W' });
    const removed = await preview('wave.abandon', { wave: 'W', deleteDisks: true });

    expect(kept.consequences).toEqual([
      'Deleted: 1 transfer; copied disks stay on the destination:',
      'wave-001',
      'Their steps cannot be reported afterwards: keep a report of the wave first.',
      'The server keeps nothing of them: a run of the approved plan would create them anew, so withdraw its approval.',
    ]);
    expect(removed.consequences).toEqual([
      'Copied disks removed from the destination: those of 1 transfer, which a second call deletes:',
      'wave-001',
    ]);
  });
});

describe('the preview of a minion pool', () => {
  const pool = async (more: JsonObject = {}): Promise<string> =>
    String(
      (
        await one(coriolis, 'minionPool.create', {
          name: 'swept',
          endpointId: 'openstack',
          platform: 'destination',
          environmentOptions: { migr_network: 'private' },
          skipAllocation: true,
          ...more,
        })
      )['id'],
    );

  it('that is deleted names its endpoint and the transfers that name it', async () => {
    const minionPoolId = await pool();
    const alone = await preview('minionPool.delete', { minionPoolId });
    const reach = async (action: string, goal: string) => {
      await one(coriolis, `minionPool.${action}`, { minionPoolId });
      await one(coriolis, 'minionPool.wait', { minionPoolId, goal, timeoutSeconds: 80_000 });
    };
    await reach('allocate', 'allocated');
    await one(coriolis, 'transfer.create', {
      ...move,
      passes: undefined,
      shutdownInstances: undefined,
      instances: ['web-01'],
      destinationMinionPoolId: minionPoolId,
    });
    const atWork = await preview('minionPool.delete', { minionPoolId });
    await reach('deallocate', 'deallocated');
    const used = await preview('minionPool.delete', { minionPoolId });

    expect(alone.consequences).toEqual([
      'It is a destination pool of "openstack".',
      'Its settings are lost.',
      'No transfer names it.',
      'No machine is in use.',
    ]);
    expect(atWork.refusal).toBe('it is ALLOCATED: deallocate it first');
    expect(used.refusal).toBeUndefined();
    expect(used.consequences).toContain('Runs fail from then on of 1 transfer: web-01.');
  });

  it('whose machines are removed by force names the runs that use them', async () => {
    const minionPoolId = await pool({ minimumMinions: 1, maximumMinions: 1 });
    const empty = await preview('minionPool.deallocate', { minionPoolId, force: true });
    await one(coriolis, 'minionPool.allocate', { minionPoolId });
    await one(coriolis, 'minionPool.wait', { minionPoolId, timeoutSeconds: 80_000 });
    const { id: transferId } = await one(coriolis, 'transfer.create', {
      ...move,
      passes: undefined,
      shutdownInstances: undefined,
      instances: ['stuck-vm'],
      destinationMinionPoolId: minionPoolId,
    });
    await one(coriolis, 'execution.start', { transferId });
    clock.advance(600);
    const busy = await preview('minionPool.deallocate', { minionPoolId, force: true });

    expect(empty.consequences).toContain('It has no machine: none is removed.');
    expect(busy.consequences).toEqual([
      'It is a destination pool of "openstack".',
      'Removed, also while in use: 1 machine.',
      'In use: 1 machine, by stuck-vm. Their runs fail.',
    ]);
  });
});
