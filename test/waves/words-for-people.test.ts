import type { JsonObject } from '../../src/model/json';
import { parseTimeWindow } from '../../src/model/time-window';
import type { WaveBoard } from '../../src/playbooks/wave/board';
import { abandonWave } from '../../src/playbooks/wave/abandon-wave';
import { fetchWaveBoard } from '../../src/playbooks/wave/fetch-wave';
import { planWave } from '../../src/playbooks/wave/plan';
import { runWave } from '../../src/playbooks/wave/run-wave';
import type { WaveRunOptions } from '../../src/playbooks/wave/wave-run-options';
import type { WaveInput } from '../../src/playbooks/wave/wave-input';
import type { WaveReport } from '../../src/playbooks/wave/wave-report';
import { startSandbox, type Sandbox } from '../../sandbox/sandbox';
import { ManualClock } from '../../sandbox/world/clock';
import { connect, one, rows, sleepingOn } from '../support/coriolis';
import { machine, runOptions, waveOf } from './estate';

/** Whoever leads a cutover reads what holds a machine up and what to do, also when others have changed something. */

let clock: ManualClock;
let sandbox: Sandbox;
let coriolis: ReturnType<typeof connect>;
afterEach(() => sandbox.stop());

const NAMES = ['m-1', 'm-2', 'm-3'];

/** Plans a wave of three machines, from a table that names them by a day in winter. */
async function wave(
  more: Partial<WaveInput> = {},
  table: readonly JsonObject[] = NAMES.map((name) => ({ machine: name })),
) {
  const input = waveOf(table, more);
  const { hash } = await planWave(coriolis, input);
  const run = (options: Partial<WaveRunOptions> = {}): Promise<WaveBoard> =>
    runWave(coriolis, input, runOptions(hash, options));
  return { run, hash };
}

beforeEach(async () => {
  clock = new ManualClock();
  sandbox = await startSandbox({
    clock,
    speed: 10,
    machines: NAMES.map((name) => machine(name, { behaviour: {} })),
  });
  coriolis = connect(sandbox, sandbox.connection, sleepingOn(clock));
});

const whyOf = ({ rows: all }: WaveBoard, name: string): string | null =>
  all.find(({ machine: own }) => own === name)?.why ?? null;

it('a minion pool by its name, and its status when nobody can use it', async () => {
  const endpoints = await rows<{ id: string; type: string }>(coriolis, 'endpoint.getAll');
  const { id } = await one<{ id: string }>(coriolis, 'minionPool.create', {
    name: 'small',
    endpointId: endpoints.find(({ row }) => row.type === 'openstack')?.row.id,
    platform: 'destination',
    minimumMinions: 1,
    maximumMinions: 1,
    environmentOptions: { migr_network: 'private' },
  });
  await one(coriolis, 'minionPool.wait', { minionPoolId: id });
  const { run } = await wave({ destinationMinionPoolId: id });

  expect(whyOf(await run({ timeoutSeconds: 20 }), 'm-2')).toBe('minion pool "small" has no free machine');
  await run({ until: 'synced' });
  await one(coriolis, 'minionPool.deallocate', { minionPoolId: id, force: true });
  await coriolis.sleep(600_000);
  expect(whyOf(await run({ timeoutSeconds: 0 }), 'm-1')).toBe(
    'minion pool "small" is deallocated: allocate it',
  );
  await one(coriolis, 'minionPool.allocate', { minionPoolId: id });
  expect(await run()).toMatchObject({ done: 3, outcome: 'completed' });
});

it('a worker that is disabled, in words and with what to do, both before and in the middle of a step', async () => {
  const { run } = await wave();
  await run({ until: 'prepared', only: ['m-1'] });
  const services = await rows<{ id: string }>(coriolis, 'service.getAll');
  const enable = async (enabled: boolean): Promise<void> => {
    for (const { row } of services) await one(coriolis, 'service.update', { serviceId: row.id, enabled });
  };
  await enable(false);

  const board = await run({ only: ['m-1'], timeoutSeconds: 600 });

  const [{ why } = { why: null }] = board.rows.filter(({ machine: name }) => name === 'm-1');
  expect(why).toMatch(/^No worker can take the task: Check worker status/u);
  expect(board.actions.at(-1)?.words).toMatch(/^Failed to schedule task/u);
  expect(whyOf(board, 'm-2')).toMatch(
    /^the source "vcenter" does not list its machines: No worker can take the task: Check worker status/u,
  );
  await enable(true);
  expect(await run({ retryFailed: true })).toMatchObject({ done: 3 });
});

it('a known error of a run, with what to do, and the words of the server in the report', async () => {
  const message = 'Quota exceeded for volumes';
  await sandbox.stop();
  const failure = { taskType: 'DEPLOY_TRANSFER_DISKS', message };
  sandbox = await startSandbox({ clock, speed: 10, machines: [machine('m-1', { behaviour: { failure } })] });
  coriolis = connect(sandbox, sandbox.connection, sleepingOn(clock));
  const { run } = await wave({}, [{ machine: 'm-1' }]);

  const why = whyOf(await run(), 'm-1');
  expect(why).toMatch(
    /^Destination quota exceeded: .* \(DEPLOY_TRANSFER_DISKS: Quota exceeded for volumes\)$/u,
  );
  const { report } = await one<{ report: WaveReport }>(coriolis, 'wave.report', { wave: 'Wave 1' }, 'full');
  expect(report.steps.at(-1)?.words).toBe(`DEPLOY_TRANSFER_DISKS: ${message}`);
});

it('the side of a full endpoint', async () => {
  const { run } = await wave();
  const board = await run({ maxParallelPerEndpoint: 1, timeoutSeconds: 20 });
  expect(whyOf(board, 'm-2')).toBe('1 run at work at its origin, endpoint "vcenter": no more are allowed');
});

it.each([
  // Whoever waits over midnight, and over the end of summer time, reads when it goes on.
  ['22:00-06:00 Europe/Berlin', '2026-10-25T12:00:00Z', 'the window is closed until 2026-10-25T21:00:00Z'],
  [
    'Sun 01:00-03:30 Europe/Berlin',
    '2026-10-24T22:30:00Z',
    'the window is closed until 2026-10-24T23:00:00Z',
  ],
  [
    '2026-10-01T00:00Z/2026-10-02T00:00Z',
    '2026-10-25T12:00:00Z',
    'the window is closed and does not open again',
  ],
])('when the window %s opens, at %s', async (window, now, why) => {
  clock.advance((Date.parse(now) - clock.now()) / 1000);
  const { run } = await wave();
  const board = await run({ window: parseTimeWindow(window), timeoutSeconds: 0 });
  expect(board.rows.map((row) => row.waitsFor)).toEqual(['window', 'window', 'window']);
  expect(whyOf(board, 'm-1')).toBe(why);
  expect(sandbox.requests.count('POST', /\/executions$/u)).toBe(0);
});

describe('a wave that was abandoned', () => {
  const reportOf = async (more: JsonObject): Promise<WaveReport> =>
    (await one<{ report: WaveReport }>(coriolis, 'wave.report', { wave: 'Wave 1', ...more }, 'full')).report;

  it('in the middle is not reported as through: the plan has what is open', async () => {
    const blocked = [...NAMES, 'ghost'].map((name) => ({ machine: name }));
    const { run, hash } = await wave({}, blocked);
    const plan = await one(
      coriolis,
      'wave.plan',
      {
        wave: 'Wave 1',
        rows: blocked,
        originEndpointId: 'vcenter',
        destinationEndpointId: 'openstack',
        networkMap: { '*': 'private' },
        destinationEnvironment: { migr_network: 'private' },
        scenario: 'live_migration',
      },
      'full',
    );
    await run({ only: ['m-1'] });
    await run({ until: 'synced', only: ['m-2'] });
    const actions = await abandonWave(coriolis, 'Wave 1', false);
    expect(actions.map(({ machine: name, action }) => [name, action])).toEqual([
      ['m-1', 'kept'],
      ['m-2', 'deleted'],
    ]);

    const { totals, machines } = await reportOf({ plan, planHash: hash });

    expect(totals).toMatchObject({ machines: 4, done: 1, open: 3 });
    const gone = 'no transfer of it is on the server: it has not begun, or was abandoned';
    expect(machines.map(({ machine: name, outcome, left_open: left }) => [name, outcome, left])).toEqual([
      ['m-1', 'done', null],
      ['m-2', 'open', gone],
      ['m-3', 'open', gone],
      ['ghost', 'open', expect.stringMatching(/^blocked in the plan: the source has no machine/u) as string],
    ]);
    const verified = await one(coriolis, 'wave.report', {
      wave: 'Wave 1',
      verify: JSON.parse(JSON.stringify(await reportOf({ plan }))) as JsonObject,
    });
    expect(verified).toMatchObject({ agrees: true, differences: [] });
  });

  it('as a whole is told apart from a mistyped one, and says beforehand to keep a report', async () => {
    const { run } = await wave();
    await run({ until: 'synced' });
    await abandonWave(coriolis, 'Wave 1', false);
    await expect(fetchWaveBoard(coriolis, 'Wave 1', undefined)).rejects.toMatchObject({
      message: 'No transfer belongs to a wave "Wave 1".',
      advice: expect.stringContaining('or its transfers were deleted') as string,
    });
    await run({ until: 'prepared' });
    await expect(fetchWaveBoard(coriolis, 'wave 1', undefined)).rejects.toMatchObject({
      advice: 'Waves that have begun: "Wave 1".',
    });
  });
});
