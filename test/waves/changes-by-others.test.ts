import type { JsonObject } from '../../src/model/json';
import type { Endpoint, Schedule } from '../../src/model/api-objects';
import { planWave } from '../../src/playbooks/wave/plan';
import { previewWaveRun } from '../../src/playbooks/wave/preview-wave-run';
import { runWave } from '../../src/playbooks/wave/run-wave';
import type { WaveRunOptions } from '../../src/playbooks/wave/wave-run-options';
import type { WaveInput } from '../../src/playbooks/wave/wave-input';
import type { WaveBoard } from '../../src/playbooks/wave/board';
import { startSync } from '../../src/resources/execution';
import type { InstanceFailure } from '../../sandbox/platforms/platform';
import { startSandbox, type Sandbox } from '../../sandbox/sandbox';
import { ManualClock } from '../../sandbox/world/clock';
import { connect, one, sleepingOn } from '../support/coriolis';
import { createTransfer } from '../support/transfers';
import { machine, runOptions, waveOf } from './estate';
import { truthOf } from './truth';

/** What people and other callers do to a wave between its plan and its end. */

let clock: ManualClock;
let sandbox: Sandbox;
let coriolis: ReturnType<typeof connect>;
beforeEach(async () => {
  clock = new ManualClock();
  sandbox = await startSandbox({
    clock,
    speed: 10,
    machines: ['m-1', 'm-2'].map((name) => machine(name)),
  });
  coriolis = connect(sandbox, sandbox.connection, sleepingOn(clock));
});
afterEach(() => sandbox.stop());

const BOTH: readonly JsonObject[] = [{ machine: 'm-1' }, { machine: 'm-2' }];

async function planned(input: WaveInput) {
  const { hash, rows } = await planWave(coriolis, input);
  return {
    hash,
    rowHashes: Object.fromEntries(rows.map(({ name, hash: own }) => [name, own])),
    run: (options: Partial<WaveRunOptions> = {}): Promise<WaveBoard> =>
      runWave(coriolis, input, runOptions(hash, options)),
  };
}

const rowOf = (board: WaveBoard, name: string) => board.rows.find(({ machine: own }) => own === name);
const started = (): number => sandbox.requests.count('POST', /\/(?:transfers|executions|deployments)$/u);

it.each([
  ['of two names', { wave: 'Wave 2' }, /^wave "Wave [12]" moves it already, as transfer /u],
  ['of one name', {}, /was created for it with other settings$/u],
])('lets one of two plans %s move a machine, as it says, and refuses the other', async (_what, more, why) => {
  const plans = [
    { passes: 1, ...(await planned(waveOf(BOTH))) },
    { passes: 2, ...(await planned(waveOf(BOTH, { passes: 2, ...more }))) },
  ];

  const boards = await Promise.all(plans.map(({ run }) => run()));

  const waves = await Promise.all(['Wave 1', 'Wave 2'].map((name) => truthOf(coriolis.client, name)));
  for (const { machine: name } of waves.flat()) {
    const moved = waves.flat().filter((truth) => truth.machine === name && truth.syncs.length > 0);
    expect([name, moved.length]).toEqual([name, 1]);
    const done = boards.flatMap((board, index) =>
      rowOf(board, name)?.stage === 'done' ? [plans[index]?.passes ?? 0] : [],
    );
    expect(done).toHaveLength(1);
    expect(moved[0]?.syncs).toHaveLength((done[0] ?? 0) + 1);
    const others = boards.map((board) => rowOf(board, name)).filter((row) => row?.stage !== 'done');
    expect(others).toMatchObject([{ stage: 'refused', why: expect.stringMatching(why) as string }]);
  }
});

it('makes no second transfer of a machine whose transfer somebody deletes meanwhile', async () => {
  const { run } = await planned(waveOf(BOTH));
  const { sleep } = coriolis;
  let deleted: string | undefined;
  coriolis = {
    ...coriolis,
    sleep: async (ms, signal) => {
      const [truth] = await truthOf(coriolis.client, 'Wave 1');
      if (deleted === undefined && truth?.machine !== undefined) {
        deleted = truth.machine;
        await one(coriolis, 'transfer.delete', { transferId: truth.transfers[0]?.id });
      }
      await sleep(ms, signal);
    },
  };

  const board = await run();

  expect(rowOf(board, deleted ?? '')).toMatchObject({
    stage: 'refused',
    why: expect.stringContaining('its transfer was deleted after this call began') as string,
  });
  expect(board).toMatchObject({ done: 1, failed: 1, outcome: 'failed' });
  expect(sandbox.requests.count('POST', /\/transfers$/u)).toBe(2);
  // Whoever calls again wants it back.
  expect(await run()).toMatchObject({ done: 2 });
});

it('counts the execution that somebody else started as a pass, and waits for its end', async () => {
  const { run } = await planned(waveOf(BOTH, { passes: 2 }));
  await run({ until: 'prepared', timeoutSeconds: 0 });
  const [truth] = await truthOf(coriolis.client, 'Wave 1');
  const { id } = await startSync(coriolis, truth?.transfers[0]?.id ?? '', {
    shutdownInstances: false,
    autoDeploy: false,
  });

  expect(await run()).toMatchObject({ done: 2, failed: 0 });

  const truths = await truthOf(coriolis.client, 'Wave 1');
  expect(truths.map(({ syncs }) => syncs.length)).toEqual([3, 3]);
  expect(truths.flatMap(({ syncs }) => syncs.map((sync) => sync.id))).toContain(id);
});

it('names a machine that was synced after its final sync, and begins its cutover with another one', async () => {
  await sandbox.stop();
  const behaviour: { failure?: InstanceFailure } = {
    failure: { taskType: 'OS_MORPHING', message: 'No operating system found on the disks' },
  };
  sandbox = await startSandbox({ clock, speed: 10, machines: [machine('m-1', { behaviour })] });
  coriolis = connect(sandbox, sandbox.connection, sleepingOn(clock));
  const { run } = await planned(waveOf([{ machine: 'm-1' }], { scenario: 'replica' }));
  expect((await run()).rows).toMatchObject([{ stage: 'failed', committed: true }]);
  const [truth] = await truthOf(coriolis.client, 'Wave 1');
  const transferId = truth?.transfers[0]?.id ?? '';
  // As a schedule does.
  const { id: executionId } = await startSync(coriolis, transferId, {
    shutdownInstances: false,
    autoDeploy: false,
  });
  await one(coriolis, 'execution.wait', { transferId, executionId, timeoutSeconds: 24 * 3600 });
  delete behaviour.failure;

  const { attention } = await run({ until: 'synced' });
  expect(attention).toEqual([expect.stringMatching(/^"m-1" was shut down by a final sync/u)]);
  expect(await run({ retryFailed: true })).toMatchObject({ done: 1, attention: [] });
});

it('starts nothing when an endpoint of the plan is gone', async () => {
  const { endpoints } = await coriolis.client.get<{ endpoints: Endpoint[] }>('/endpoints');
  const copy = endpoints.find(({ name }) => name === 'vcenter');
  const { endpoint } = await coriolis.client.post<{ endpoint: Endpoint }>('/endpoints', {
    endpoint: {
      name: 'vcenter-2',
      type: copy?.type,
      description: '',
      connection_info: { ...copy?.connection_info, host: 'vcenter-2.example.com' },
      mapped_regions: [],
    },
  });
  const { run } = await planned(waveOf(BOTH, { originEndpointId: endpoint.id }));
  await one(coriolis, 'endpoint.delete', { endpointId: endpoint.id });

  await expect(run()).rejects.toMatchObject({ kind: 'conflict' });
  expect(started()).toBe(0);
});

it('refuses a machine that was made anew under the same name', async () => {
  const { run, rowHashes } = await planned(waveOf(BOTH));
  const found = sandbox.world
    .platform('vmware_vsphere')
    ?.instances.find(({ summary: { name } }) => name === 'm-1');
  if (found === undefined) throw new Error('the platform has no m-1');
  Object.assign(found.summary, { id: 'made-anew' });
  Object.assign(found.details, { id: 'made-anew' });

  await expect(run()).rejects.toMatchObject({ kind: 'conflict' });
  const board = await run({ rowHashes });

  expect(rowOf(board, 'm-1')).toMatchObject({
    stage: 'refused',
    why: 'its machine, disks, settings or transfer are not as approved: plan again and have that approved',
  });
  expect(rowOf(board, 'm-2')).toMatchObject({ stage: 'done' });
});

it('does not move a machine that was renamed', async () => {
  const { run, rowHashes } = await planned(waveOf(BOTH));
  const found = sandbox.world
    .platform('vmware_vsphere')
    ?.instances.find(({ summary: { name } }) => name === 'm-1');
  if (found === undefined) throw new Error('the platform has no m-1');
  for (const part of [found.summary, found.details])
    Object.assign(part, { name: 'old-m-1', instance_name: 'old-m-1' });

  const board = await run({ rowHashes });

  expect(rowOf(board, 'm-1')).toMatchObject({
    stage: 'blocked',
    why: 'the source has no machine of this name',
  });
  expect(rowOf(board, 'm-2')).toMatchObject({ stage: 'done' });
  expect((await truthOf(coriolis.client, 'Wave 1')).map(({ machine: name }) => name)).toEqual(['m-2']);
});

it('cuts a replica with a schedule over, and protects it without a second schedule', async () => {
  const id = await createTransfer(coriolis, 'm-1', { notes: 'nightly m-1', scenario: 'replica' });
  await one(coriolis, 'schedule.create', { transferId: id, hour: 3, minute: 0, enabled: true });
  const schedulesOf = async (): Promise<readonly Schedule[]> =>
    (await coriolis.client.get<{ schedules: Schedule[] }>(`/transfers/${id}/schedules`)).schedules;
  const before = await schedulesOf();
  const { run } = await planned(waveOf([{ machine: 'm-1' }], { scenario: 'replica' }));

  expect(await run({ until: 'protected' })).toMatchObject({ done: 1, outcome: 'completed' });
  expect(await schedulesOf()).toEqual(before);
  // The schedule fires once more while the wave sleeps.
  await coriolis.sleep(24 * 3_600_000);
  expect(await run()).toMatchObject({ done: 1, outcome: 'completed' });
  const [truth] = await truthOf(coriolis.client, undefined, [id]);
  expect(truth?.transfers).toMatchObject([{ notes: 'nightly m-1' }]);
  expect(truth?.deployments).toHaveLength(1);
});

it('logs in again when its token ends in the middle', async () => {
  const { run } = await planned(waveOf(BOTH));
  sandbox.faults.plan('GET /transfers expire-tokens after=2');
  sandbox.faults.plan('POST /executions expire-tokens after=1');
  sandbox.faults.plan('POST /deployments expire-tokens');

  expect(await run()).toMatchObject({ done: 2, failed: 0 });
  for (const { transfers, syncs, deployments } of await truthOf(coriolis.client, 'Wave 1'))
    expect([transfers.length, syncs.length, deployments.length]).toEqual([1, 2, 1]);
});

describe('the hash that was approved', () => {
  it('may have capital letters and blanks around it', async () => {
    const { hash, run } = await planned(waveOf(BOTH));
    expect(await run({ planHash: ` ${hash.toUpperCase()}\n`, until: 'prepared' })).toMatchObject({ done: 2 });
    // Its transfers are those of the plan.
    expect(await run()).toMatchObject({ done: 2 });
  });

  it.each([
    ['its beginning', (hash: string) => hash.slice(0, 12)],
    ['more than a hash', (hash: string) => `${hash}0`],
    ['nothing', () => ''],
  ])('is not %s', async (_what, change) => {
    const input = waveOf(BOTH);
    const { hash } = await planWave(coriolis, input);
    const options = runOptions(change(hash));
    const refusal = { kind: 'invalid_input', field: 'planHash' };
    await expect(runWave(coriolis, input, options)).rejects.toMatchObject(refusal);
    await expect(previewWaveRun(coriolis, input, options)).rejects.toMatchObject(refusal);
    expect(started()).toBe(0);
  });
});

it('runs machines of another wave only when the table has them, and is told so otherwise', async () => {
  const { run } = await planned(waveOf([{ machine: 'm-1' }, { machine: 'm-2', wave: 'Wave 2' }]));

  await expect(run({ only: ['m-3'] })).rejects.toMatchObject({ kind: 'invalid_input', field: 'only' });
  await expect(run({ only: ['wave 2'] })).rejects.toMatchObject({ kind: 'invalid_input', field: 'only' });
  expect(started()).toBe(0);
  const board = await run({ only: ['Wave 2'], until: 'synced' });
  expect(rowOf(board, 'm-1')).toMatchObject({ waitsFor: 'only' });
  expect(rowOf(board, 'm-2')).toMatchObject({ stage: 'synced' });
});
