import type { JsonObject } from '../../src/model/json';
import { hashPlan } from '../../src/playbooks/wave/plan-hash';
import { planWave } from '../../src/playbooks/wave/plan';
import { runWave } from '../../src/playbooks/wave/run-wave';
import type { WaveRunOptions } from '../../src/playbooks/wave/wave-run-options';
import type { WaveBoard } from '../../src/playbooks/wave/board';
import { startSandbox, type Sandbox } from '../../sandbox/sandbox';
import type { Disk } from '../../sandbox/platforms/platform';
import { ManualClock } from '../../sandbox/world/clock';
import { connect, one, sleepingOn } from '../support/coriolis';
import { machine, runOptions, waveOf } from './estate';
import { truthOf } from './truth';

/** Disks that somebody changes at the source between the approval of a plan and its run. */

const GIB = 1024 ** 3;
const TABLE: readonly JsonObject[] = [{ machine: 'm-1' }, { machine: 'm-2' }];

let clock: ManualClock;
let sandbox: Sandbox;
let coriolis: ReturnType<typeof connect>;
beforeEach(async () => {
  clock = new ManualClock();
  sandbox = await startSandbox({
    clock,
    speed: 10,
    machines: ['m-1', 'm-2'].map((name) => machine(name, { disks: [10, 5] })),
  });
  coriolis = connect(sandbox, sandbox.connection, sleepingOn(clock));
});
afterEach(() => sandbox.stop());

const rowOf = (board: WaveBoard, name: string) => board.rows.find(({ machine: own }) => own === name);

/** Changes the disks of a machine at the source. */
function changeDisks(name: string, change: (disks: readonly Disk[]) => readonly Disk[]): void {
  const found = sandbox.world
    .platform('vmware_vsphere')
    ?.instances.find(({ summary: { name: own } }) => own === name);
  if (found === undefined) throw new Error(`the platform has no ${name}`);
  const { devices } = found.details;
  Object.assign(found.details, { devices: { ...devices, disks: change(devices.disks) } });
}

async function planned(input = waveOf(TABLE)) {
  const { hash, rows } = await planWave(coriolis, input);
  return {
    hash,
    rows,
    rowHashes: Object.fromEntries(rows.map(({ name, hash: own }) => [name, own])),
    run: (options: Partial<WaveRunOptions> = {}): Promise<WaveBoard> =>
      runWave(coriolis, input, runOptions(hash, options)),
  };
}

const grown = (disks: readonly Disk[]): readonly Disk[] =>
  disks.map((disk, position) => (position === 0 ? { ...disk, size_bytes: 30 * GIB } : disk));

const CHANGES: ReadonlyArray<
  readonly [what: string, change: Parameters<typeof changeDisks>[1], why: string]
> = [
  ['grew', grown, 'disk 2000 has 30 GiB, not 10 GiB'],
  [
    'shrank',
    (disks) => disks.map((disk) => ({ ...disk, size_bytes: 5 * GIB })),
    'disk 2000 has 5 GiB, not 10 GiB',
  ],
  [
    'was added',
    (disks) => [...disks, ...disks.slice(0, 1).map((disk) => ({ ...disk, id: '2007' }))],
    'disk 2007 is new (10 GiB)',
  ],
  ['was removed', (disks) => disks.slice(0, 1), 'disk 2001 is gone'],
  [
    'was replaced by another of the same size',
    ([first, ...rest]) => [...(first === undefined ? [] : [{ ...first, id: '2007' }]), ...rest],
    'disk 2000 is gone, disk 2007 is new (10 GiB)',
  ],
];

it.each(CHANGES)(
  'a machine whose disk %s is refused by name, and the others go on',
  async (_what, change, why) => {
    const { rowHashes, run, rows } = await planned();
    changeDisks('m-1', change);

    await expect(run()).rejects.toMatchObject({ kind: 'conflict' });
    expect(sandbox.requests.count('POST', /\/transfers$/u)).toBe(0);
    const board = await run({ rowHashes });

    expect(rowOf(board, 'm-1')).toMatchObject({
      stage: 'refused',
      why: 'its machine, disks, settings or transfer are not as approved: plan again and have that approved',
    });
    expect(rowOf(board, 'm-2')).toMatchObject({ stage: 'done' });
    expect((await truthOf(coriolis.client, 'Wave 1')).map(({ machine: name }) => name)).toEqual(['m-2']);

    // The rows of the approved plan as the table, as a workflow hands them on, tell which disk it is.
    const shown = rows.map(({ name, wave, hash, settings }) => ({
      machine: name,
      wave,
      row_hash: hash,
      settings,
    }));
    const told = await runWave(coriolis, waveOf(shown), runOptions(hashPlan(Object.values(rowHashes))));
    const words = rowOf(told, 'm-1')?.why?.replaceAll(/disk \S+-(?=\d{4}\b)/gu, 'disk ');
    expect(words).toBe(`it is not as approved: ${why}; plan again and have that approved`);

    const again = await planned();
    expect(await again.run()).toMatchObject({ done: 2, failed: 0 });
  },
);

it('words about a change are not taken from settings that the approved hash does not prove', async () => {
  const { rowHashes, rows } = await planned();
  changeDisks('m-1', grown);
  const forged = rows.map(({ name, hash, settings }) => ({
    machine: name,
    wave: 'Wave 1',
    row_hash: hash,
    settings: { ...settings, notes: 'forged' },
  }));

  const board = await runWave(coriolis, waveOf(forged), runOptions(hashPlan(Object.values(rowHashes))));

  expect(rowOf(board, 'm-1')?.why).toMatch(/^its machine, disks, settings or transfer are not as approved/u);
});

it('a machine whose transfer exists goes on when its disk grows, also under a plan made since', async () => {
  const { hash, run } = await planned();
  await run({ until: 'prepared' });
  changeDisks('m-1', grown);

  const again = await planned();
  expect(again.hash).toBe(hash);
  expect(await run({ until: 'synced' })).toMatchObject({ done: 2, failed: 0 });
  expect(await again.run()).toMatchObject({ done: 2, failed: 0 });
  for (const { transfers } of await truthOf(coriolis.client, 'Wave 1')) expect(transfers).toHaveLength(1);
});

it('a machine that has begun goes on when the disk of another grows', async () => {
  const { run, rowHashes } = await planned();
  await run({ until: 'prepared', only: ['m-2'] });
  changeDisks('m-1', grown);

  for (const options of [{}, { rowHashes }]) {
    const board = await run({ ...options, until: 'synced' });
    expect(rowOf(board, 'm-1')).toMatchObject({ stage: 'refused' });
    expect(rowOf(board, 'm-2')).toMatchObject({ stage: 'synced' });
  }
});

it.each([
  ['rounds sizes otherwise', (disk: Disk) => ({ ...disk, size_bytes: disk.size_bytes + 1024 ** 2 })],
  ['tells its thin disks otherwise', (disk: Disk) => ({ ...disk, allocation_type: 'static', allocated: 1 })],
  ['has moved them to other storage', (disk: Disk) => ({ ...disk, path: '[other] m-1.vmdk' })],
  ['lists them in another order', undefined],
])('the same disks are as approved when the source %s', async (_what, change) => {
  const { run } = await planned();
  changeDisks('m-1', (disks) => (change === undefined ? [...disks].reverse() : disks.map(change)));

  expect(await run()).toMatchObject({ done: 2, failed: 0 });
});

it('a plan that was approved without disks is carried out to its end, and its rows prove themselves', async () => {
  const { rows } = await planned();
  const hash = hashPlan(rows.map(({ settingsHash }) => settingsHash));
  const run = (more: Partial<WaveRunOptions>, table = TABLE): Promise<WaveBoard> =>
    runWave(coriolis, waveOf(table), runOptions(hash, more));
  changeDisks('m-1', grown);

  await run({ until: 'prepared', only: ['m-1'] });
  const changed = [{ machine: 'm-1' }, { machine: 'm-2', passes: 2 }];
  const rowHashes = Object.fromEntries(rows.map(({ name, settingsHash }) => [name, settingsHash]));
  const board = await run({ until: 'synced', rowHashes }, changed);
  expect(rowOf(board, 'm-1')).toMatchObject({ stage: 'synced' });
  expect(rowOf(board, 'm-2')).toMatchObject({ stage: 'refused' });

  expect(await run({})).toMatchObject({ done: 2, failed: 0 });
});

it('the sandbox grows disks by a fault', async () => {
  const { run, rowHashes } = await planned();
  sandbox.faults.plan('grown-disks id=m-1');

  const board = await run({ rowHashes });

  expect(board.rows.map(({ stage }) => stage)).toEqual(['refused', 'done']);
});

it('a plan shows the disks that it stands for', async () => {
  const plan = await one<{ rows: ReadonlyArray<{ settings: JsonObject }> }>(coriolis, 'wave.plan', {
    rows: [{ machine: 'm-1' }],
    originEndpointId: 'vcenter',
    destinationEndpointId: 'openstack',
    networkMap: { '*': 'private' },
    destinationEnvironment: { migr_network: 'private' },
  });
  expect(Object.values(plan.rows[0]?.settings['disks_gib'] ?? {})).toEqual([10, 5]);
});
