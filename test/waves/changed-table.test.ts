import type { JsonObject } from '../../src/model/json';
import type { WaveBoard } from '../../src/playbooks/wave/board';
import { fetchWaveBoard } from '../../src/playbooks/wave/fetch-wave';
import { planWave } from '../../src/playbooks/wave/plan';
import { previewWaveRun } from '../../src/playbooks/wave/preview-wave-run';
import { runWave } from '../../src/playbooks/wave/run-wave';
import type { WaveInput } from '../../src/playbooks/wave/wave-input';
import type { WaveRunOptions } from '../../src/playbooks/wave/wave-run-options';
import { startSandbox, type Sandbox } from '../../sandbox/sandbox';
import { ManualClock } from '../../sandbox/world/clock';
import { connect, sleepingOn } from '../support/coriolis';
import { machine, runOptions, waveOf } from './estate';
import { truthOf } from './truth';

/** Calls that give the approved hash with another table, when the transfers of the approved plan exist. */

const LATER_SECONDS = 3 * 3600;

let clock: ManualClock;
let sandbox: Sandbox;
let coriolis: ReturnType<typeof connect>;
beforeEach(async () => {
  clock = new ManualClock();
  sandbox = await startSandbox({ clock, speed: 10, machines: [machine('m-1'), machine('m-2')] });
  coriolis = connect(sandbox, sandbox.connection, sleepingOn(clock));
});
afterEach(() => sandbox.stop());

const OTHER: JsonObject = { machine: 'm-2' };

/** Creates the transfers of the approved plan, and returns a run of that plan with any table. */
async function begun(first: JsonObject, more: Partial<WaveInput> = {}) {
  const input = waveOf([{ machine: 'm-1', ...first }, OTHER], more);
  const { hash } = await planWave(coriolis, input);
  const run = (table: WaveInput, options: Partial<WaveRunOptions> = {}): Promise<WaveBoard> =>
    runWave(coriolis, table, runOptions(hash, options));
  await run(input, { until: 'prepared', timeoutSeconds: 0 });
  await coriolis.sleep(10_000);
  return { input, hash, run };
}

const rowOf = (board: WaveBoard, name: string) => board.rows.find(({ machine: own }) => own === name);
const truthFor = async (name: string) =>
  (await truthOf(coriolis.client, 'Wave 1')).find(({ machine: own }) => own === name);
const later = (): string => new Date(clock.now() + LATER_SECONDS * 1000).toISOString();

const APPROVED: JsonObject = {
  order: 0,
  not_before: '2020-01-01T00:00:00Z',
  passes: 2,
  shutdown: 'yes',
  clone_disks: 'no',
  skip_os_morphing: 'no',
};

it.each([
  ['order', { order: 1 }],
  ['not_before', { not_before: '2020-01-02T00:00:00Z' }],
  ['passes', { passes: 3 }],
  ['shutdown', { shutdown: 'no' }],
  ['clone_disks', { clone_disks: 'yes' }],
  ['skip_os_morphing', { skip_os_morphing: 'yes' }],
])(
  'a machine that has begun is refused when the table has another %s, and the others go on',
  async (key, change) => {
    const { input, hash, run } = await begun(APPROVED);
    const changed = waveOf([{ machine: 'm-1', ...APPROVED, ...change }, OTHER]);
    const before = await truthFor('m-1');

    const preview = await previewWaveRun(coriolis, changed, runOptions(hash));
    const board = await run(changed);

    const id = before?.transfers[0]?.id ?? '';
    const why = `transfer ${id} was created for it with other settings: its ${key} differs`;
    expect(preview.consequences).toContain(`Left out: m-1, ${why}.`);
    expect(rowOf(board, 'm-1')).toMatchObject({ stage: 'refused', waitsFor: 'refused', why });
    expect(rowOf(board, 'm-2')).toMatchObject({ stage: 'done' });
    expect(await truthFor('m-1')).toEqual(before);

    // The approved table is carried out to its end, and no plan of other settings is.
    const again = await planWave(coriolis, changed);
    const other = await runWave(coriolis, changed, runOptions(again.hash));
    expect(rowOf(other, 'm-1')).toMatchObject({ stage: 'refused' });
    expect(rowOf(await run(input), 'm-1')).toMatchObject({ stage: 'done' });
  },
);

it.each([
  ['passes', {}, { passes: 3 }],
  ['shutdown', { shutdownInstances: false }, { shutdownInstances: true }],
  ['clone_disks', {}, { cloneDisks: true }],
  ['skip_os_morphing', {}, { skipOsMorphing: true }],
] as const)(
  'machines that have begun are refused when the wave has another %s',
  async (key, first, change) => {
    const { input, run } = await begun({}, first);

    const board = await run({ ...input, ...change });

    expect(board.rows.map(({ stage }) => stage)).toEqual(['refused', 'refused']);
    expect(board.rows.every(({ why }) => why?.endsWith(`: its ${key} differs`) === true)).toBe(true);
  },
);

it('a machine is not moved before its time when the table of a later call has no time', async () => {
  const from = clock.now();
  const { run } = await begun({ not_before: later(), order: 1, passes: 2, clone_disks: 'yes' });
  const short = waveOf([{ machine: 'm-1', passes: 2 }, OTHER]);

  const early = await run(short, { timeoutSeconds: LATER_SECONDS / 2 });

  expect(rowOf(early, 'm-1')).toMatchObject({ waitsFor: 'not_before' });
  expect((await truthFor('m-1'))?.syncs).toEqual([]);
  expect(rowOf(await run(short, { timeoutSeconds: 2 * LATER_SECONDS }), 'm-1')).toMatchObject({
    stage: 'done',
  });
  const [first] = (await truthFor('m-1'))?.syncs ?? [];
  expect(Date.parse(`${first?.created_at ?? ''}Z`)).toBeGreaterThanOrEqual(from + LATER_SECONDS * 1000);
});

it('a board that is read without a table knows when its machines may start', async () => {
  const at = later();
  await begun({ not_before: at, order: 1 });

  const board = await fetchWaveBoard(coriolis, 'Wave 1', undefined);

  expect(rowOf(board, 'm-1')).toMatchObject({ waitsFor: 'not_before' });
});

it('a note of release 0.1.0 has no order and no time: those of the table count, and the rest is compared', async () => {
  const { run } = await begun({ order: 1, passes: 2 });
  for (const transfer of sandbox.world.transfers)
    Object.assign(transfer, { notes: String(transfer.notes).replace(/\[disks=\S+ order=\d+\] /u, '') });
  expect((await truthFor('m-1'))?.transfers[0]?.notes).toMatch(/^m-1 \[wave/u);
  const changed = (passes: number) =>
    waveOf([{ machine: 'm-1', order: 5, not_before: later(), passes }, OTHER]);

  expect(rowOf(await run(changed(2), { timeoutSeconds: 0 }), 'm-1')).toMatchObject({
    waitsFor: 'not_before',
  });
  expect(rowOf(await run(changed(3), { timeoutSeconds: 0 }), 'm-1')).toMatchObject({ stage: 'refused' });
});
