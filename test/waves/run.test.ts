import type { WaveInput } from '../../src/playbooks/wave/wave-input';
import type { WaveBoard } from '../../src/playbooks/wave/board';
import { planWave } from '../../src/playbooks/wave/plan';
import { runWave } from '../../src/playbooks/wave/run-wave';
import type { WaveRunOptions } from '../../src/playbooks/wave/wave-run-options';
import { parseTimeWindow } from '../../src/model/time-window';
import type { JsonObject } from '../../src/model/json';
import type { MinionPool, Schedule } from '../../src/model/api-objects';
import type { InstanceBehaviour, InstanceFailure } from '../../sandbox/platforms/platform';
import { startSandbox, type Sandbox } from '../../sandbox/sandbox';
import { ManualClock } from '../../sandbox/world/clock';
import { connect, one, rows, sleepingOn } from '../support/coriolis';
import { createTransfer } from '../support/transfers';
import { machine, runOptions, waveOf } from './estate';
import { truthOf } from './truth';

/** What a run does and does not do: the approval, why machines wait, repetitions, schedules, and estimates before it. */

let clock: ManualClock;
let sandbox: Sandbox;
let coriolis: ReturnType<typeof connect>;

/** Starts a sandbox with the machines m-1, m-2, …, of which some behave in their own way. */
async function estate(
  count: number,
  behaviours: Readonly<Record<string, InstanceBehaviour>> = {},
): Promise<void> {
  clock = new ManualClock();
  const names = Array.from({ length: count }, (_one, index) => `m-${index + 1}`);
  sandbox = await startSandbox({
    clock,
    speed: 10,
    machines: names.map((name) => machine(name, { behaviour: behaviours[name] ?? {} })),
  });
  coriolis = connect(sandbox, sandbox.connection, sleepingOn(clock));
}
afterEach(() => sandbox.stop());

const tableOf = (count: number, more: Readonly<Record<string, JsonObject>> = {}): readonly JsonObject[] =>
  Array.from({ length: count }, (_one, index) => ({ machine: `m-${index + 1}`, ...more[`m-${index + 1}`] }));

async function planned(input: WaveInput) {
  const { hash, rows } = await planWave(coriolis, input);
  const rowHashes = Object.fromEntries(rows.map(({ name, hash: own }) => [name, own]));
  return {
    rowHashes,
    run: (options: Partial<WaveRunOptions> = {}, changed = input): Promise<WaveBoard> =>
      runWave(coriolis, changed, runOptions(hash, options)),
  };
}

const rowOf = (board: WaveBoard, name: string) => board.rows.find(({ machine: own }) => own === name);
const waitOf = (board: WaveBoard, name: string) => rowOf(board, name)?.waitsFor ?? null;

describe('what was not approved', () => {
  it('is refused by name when the settings of a row have changed, and the others go on', async () => {
    await estate(3);
    const { run, rowHashes } = await planned(waveOf(tableOf(3)));
    const changed = waveOf(tableOf(3, { 'm-2': { passes: 3 } }));

    await expect(run({}, changed)).rejects.toMatchObject({ kind: 'conflict' });
    expect(sandbox.requests.count('POST', /\/transfers$/u)).toBe(0);

    const board = await run({ rowHashes }, changed);
    expect(rowOf(board, 'm-2')).toMatchObject({
      stage: 'refused',
      waitsFor: 'refused',
      why: 'its machine, disks, settings or transfer are not as approved: plan again and have that approved',
    });
    expect(board).toMatchObject({ done: 2, failed: 1, outcome: 'failed' });
    expect((await truthOf(coriolis.client, 'Wave 1')).map(({ machine: name }) => name).sort()).toEqual([
      'm-1',
      'm-3',
    ]);
  });

  it('is refused when a transfer of the machine has appeared since, and nothing touches that transfer', async () => {
    await estate(2);
    const { run, rowHashes } = await planned(waveOf(tableOf(2), { scenario: 'replica' }));
    const id = await createTransfer(coriolis, 'm-1', { notes: 'nightly m-1' });

    const board = await run({ rowHashes });

    expect(rowOf(board, 'm-1')).toMatchObject({ stage: 'refused' });
    expect(rowOf(board, 'm-2')).toMatchObject({ stage: 'done' });
    const [truth] = await truthOf(coriolis.client, undefined, [id]);
    expect(truth).toMatchObject({ syncs: [], deployments: [], transfers: [{ notes: 'nightly m-1' }] });
  });

  it('is not given by hashes of rows that do not add up to the approved plan', async () => {
    await estate(2);
    const { run, rowHashes } = await planned(waveOf(tableOf(2)));
    const changed = waveOf(tableOf(2, { 'm-2': { passes: 3 } }));
    const forged = await planned(changed);

    await expect(
      run({ rowHashes: { ...rowHashes, 'm-2': forged.rowHashes['m-2'] ?? '' } }, changed),
    ).rejects.toMatchObject({ kind: 'conflict' });
  });
});

it('waits while the machines of an allocated minion pool are checked, and starts nothing that would be refused', async () => {
  await estate(2);
  const endpoints = await rows<{ id: string; type: string }>(coriolis, 'endpoint.getAll');
  const { id } = await one<{ id: string }>(coriolis, 'minionPool.create', {
    name: 'small',
    endpointId: endpoints.find(({ row }) => row.type === 'openstack')?.row.id,
    platform: 'destination',
    minimumMinions: 2,
    maximumMinions: 2,
    environmentOptions: { migr_network: 'private' },
  });
  await one(coriolis, 'minionPool.wait', { minionPoolId: id });
  const { run } = await planned(waveOf(tableOf(2), { destinationMinionPoolId: id }));
  await run({
    until: 'prepared',
    timeoutSeconds: 0,
    window: parseTimeWindow('2020-01-01T00:00Z/2020-01-02T00:00Z'),
  });
  await one(coriolis, 'minionPool.refresh', { minionPoolId: id });
  const [pool] = (
    await coriolis.client.get<{ minion_pools: MinionPool[] }>('/minion_pools')
  ).minion_pools.filter((one) => one.id === id);
  expect(pool?.minion_machines?.map(({ allocation_status: state }) => state)).toEqual([
    'HEALTHCHECKING',
    'HEALTHCHECKING',
  ]);

  const waiting = await run({ timeoutSeconds: 0 });
  expect(waiting.rows.map(({ waitsFor }) => waitsFor)).toEqual(['pool', 'pool']);
  const board = await run({ retries: 0 });

  expect(board).toMatchObject({ done: 2, failed: 0 });
  for (const { syncs } of await truthOf(coriolis.client, 'Wave 1')) expect(syncs).toHaveLength(2);
});

describe('the board tells why a machine waits', () => {
  it('for parallelism, its order and its time', async () => {
    await estate(4);
    const later = new Date(clock.now() + 86_400_000).toISOString();
    const { run } = await planned(
      waveOf(tableOf(4, { 'm-3': { order: 1 }, 'm-4': { order: 0, not_before: later } })),
    );

    const board = await run({ maxParallel: 1, timeoutSeconds: 20 });

    expect(['m-1', 'm-2', 'm-3', 'm-4'].map((name) => waitOf(board, name))).toEqual([
      null,
      'parallelism',
      'order',
      'not_before',
    ]);
    expect(board.bottleneck).toMatch(/machine/u);
  });

  it('for a window in its zone, which a step that is too long does not begin', async () => {
    await estate(2);
    const { run } = await planned(waveOf(tableOf(2), { throughputMbps: 10 }));
    // Ten GiB at 10 Mbit/s take more than two hours.
    const at = (seconds: number): string => new Date(clock.now() + seconds * 1000).toISOString();
    const short = parseTimeWindow(`${at(-60)}/${at(3600)}`);
    const opens = at(3600);
    const closed = parseTimeWindow(`${opens}/${at(7200)}`);

    const tooLong = await run({ window: short, timeoutSeconds: 20 });
    expect(rowOf(tooLong, 'm-1')?.why).toMatch(/^it may take .*, and the window closes in /u);
    expect(rowOf(await run({ window: closed, timeoutSeconds: 20 }), 'm-1')?.why).toBe(
      `the window is closed until ${opens.replace('.000Z', 'Z')}`,
    );
    expect(sandbox.requests.count('POST', /\/executions$/u)).toBe(0);
  });

  it('for the gate, a failure and what stops after it', async () => {
    await estate(3, {
      'm-1': { failure: { taskType: 'DEPLOY_TRANSFER_DISKS', message: 'Quota exceeded for volumes' } },
    });
    const input = waveOf(tableOf(3, { 'm-2': { order: 1 }, 'm-3': { order: 1 } }));
    const { run } = await planned(input);

    const stopped = await run({ stopAfter: 1 });
    expect(rowOf(stopped, 'm-1')).toMatchObject({
      stage: 'failed',
      waitsFor: 'failure',
      why: expect.stringContaining('Quota exceeded') as string,
    });
    expect(waitOf(stopped, 'm-2')).toBe('stop_after');

    const gated = await run({}, { ...input, shutdownInstances: false });
    expect(gated.rows.map(({ waitsFor }) => waitsFor)).toEqual(['failure', 'gate', 'gate']);
  });
});

it.each([
  ['by itself, after an error that passes', 'Service Unavailable (HTTP 503)', {}],
  ['when told to', 'Quota exceeded for volumes', { retryFailed: true }],
])('repeats a final sync %s only in calls that shut sources down', async (_what, message, again) => {
  const behaviour: { failure?: InstanceFailure } = {};
  await estate(1, { 'm-1': behaviour });
  const input = waveOf(tableOf(1));
  const { run } = await planned(input);
  await run({ until: 'synced' });
  behaviour.failure = { taskType: 'DEPLOY_TRANSFER_DISKS', message };
  await run({ retries: 0 });
  delete behaviour.failure;
  const tried = sandbox.requests.count('POST', /\/executions$/u);

  const gated = await run({ retries: 2, ...again }, { ...input, shutdownInstances: false });

  expect(gated.rows).toMatchObject([{ stage: 'failed', waitsFor: 'gate', committed: false }]);
  expect(sandbox.requests.count('POST', /\/executions$/u)).toBe(tried);
  expect(await run({ retries: 2, ...again })).toMatchObject({ done: 1 });
});

it('repeats a step with a temporary error as often as told, and one with another error not at all', async () => {
  await estate(2, {
    'm-1': { failure: { taskType: 'DEPLOY_TRANSFER_DISKS', message: 'Service Unavailable (HTTP 503)' } },
    'm-2': { failure: { taskType: 'DEPLOY_TRANSFER_DISKS', message: 'Quota exceeded for volumes' } },
  });
  const { run } = await planned(waveOf(tableOf(2)));

  const board = await run({ retries: 2 });

  expect(board).toMatchObject({ failed: 2, outcome: 'failed' });
  // The reason of each repetition stands with its start.
  const repeated = 'repeated after: DEPLOY_TRANSFER_DISKS: Service Unavailable (HTTP 503)';
  expect(
    board.actions.filter(({ step }) => step === 'sync').map(({ machine: name, words }) => [name, words]),
  ).toEqual([
    ['m-1', null],
    ['m-2', null],
    ['m-1', repeated],
    ['m-1', repeated],
  ]);
  const tries = new Map(
    (await truthOf(coriolis.client, 'Wave 1')).map(({ machine: name, syncs }) => [name, syncs.length]),
  );
  expect(tries).toEqual(
    new Map([
      ['m-2', 1],
      ['m-1', 3],
    ]),
  );
});

it('repeats all that failed with the settings of the plan', async () => {
  const behaviours = { 'm-1': {}, 'm-2': {} } as Record<string, { failure?: InstanceFailure }>;
  await estate(2, behaviours);
  const settings = {
    scenario: 'replica',
    cloneDisks: true,
    skipOsMorphing: true,
    userScripts: { global: { linux: 'echo moved' } },
  };
  const { run } = await planned(
    waveOf(tableOf(2, { 'm-2': { clone_disks: false, skip_os_morphing: 'no' } }), settings),
  );
  for (const one of Object.values(behaviours))
    one.failure = { taskType: 'DEPLOY_INSTANCE_RESOURCES', message: 'No valid host was found' };
  expect(await run()).toMatchObject({ failed: 2 });
  for (const one of Object.values(behaviours)) delete one.failure;

  expect(await run({ retryFailed: true })).toMatchObject({ done: 2 });

  for (const { machine: name, deployments } of await truthOf(coriolis.client, 'Wave 1')) {
    const expected = {
      clone_disks: name === 'm-1',
      skip_os_morphing: name === 'm-1',
      user_scripts: { global: { linux: [{ payload: 'echo moved' }] } },
    };
    expect(deployments).toMatchObject([expected, expected]);
  }
});

it('protects replicas by schedules of their own, spread over time, once for all callers', async () => {
  await estate(3);
  const { run } = await planned(waveOf(tableOf(3), { scenario: 'replica', shutdownInstances: false }));
  const options = { until: 'protected', scheduleHour: 23, scheduleStaggerMinutes: 40 } as const;

  await Promise.all([run(options), run(options)]);
  const board = await run(options);

  expect(board).toMatchObject({ done: 3, outcome: 'completed' });
  const truths = await truthOf(coriolis.client, 'Wave 1');
  const times: string[] = [];
  for (const { transfers } of truths) {
    expect(transfers).toHaveLength(1);
    const { schedules } = await coriolis.client.get<{ schedules: Schedule[] }>(
      `/transfers/${transfers[0]?.id ?? ''}/schedules`,
    );
    times.push(...schedules.map(({ schedule: { hour, minute } }) => `${hour}:${minute}`));
  }
  expect(times.sort()).toEqual(['0:20', '23:0', '23:40']);
  expect(truths.flatMap(({ deployments }) => deployments)).toEqual([]);
});

it('estimates first copies by the stated throughput, else by earlier ones between the same endpoints', async () => {
  await estate(2);
  const only = async (input: WaveInput) => (await planWave(coriolis, input)).rows[1]?.firstCopySeconds;

  // The sandbox has one earlier copy.
  const earlier = (await only(waveOf(tableOf(2))))?.low ?? 0;
  // 10 GiB are 85,899 megabits.
  expect(await only(waveOf(tableOf(2), { throughputMbps: 1000 }))).toEqual({ low: 86, high: 138 });
  const { run } = await planned(waveOf(tableOf(1), { wave: 'Before' }));
  await run({ until: 'prepared' });
  const [first] = (await truthOf(coriolis.client, 'Before'))[0]?.syncs ?? [];
  const seconds = (Date.parse(String(first?.updated_at)) - Date.parse(String(first?.created_at))) / 1000;
  expect(await only(waveOf(tableOf(2)))).toEqual({
    low: Math.min(earlier, seconds),
    high: Math.max(earlier, seconds),
  });
});

it('keeps the id of the request of each start, as the server logs it', async () => {
  await estate(2);
  const told: unknown[] = [];
  const { run } = await planned(waveOf(tableOf(2)));
  coriolis = { ...coriolis, onChange: ({ requestId }) => told.push(requestId) };

  const { actions } = await run();

  expect(actions.map(({ step }) => step).sort()).toEqual([
    'create',
    'create',
    'deploy',
    'deploy',
    'final_sync',
    'final_sync',
    'sync',
    'sync',
  ]);
  const ids = actions.map(({ requestId }) => requestId);
  expect(ids).toEqual(ids.map(() => expect.stringMatching(/^req-[0-9a-f-]{36}$/u) as string));
  expect(new Set(ids).size).toBe(ids.length);
  // Whoever called hears of every change, too.
  expect([...told].sort()).toEqual([...ids].sort());
});

it('tells of its progress while it plans and while it runs', async () => {
  await estate(20);
  const { run } = await planned(waveOf(tableOf(20)));
  await run({ until: 'prepared' });

  const told = coriolis.notes.map(({ message }) => message);
  expect(told).toContain('10 of 20 machines looked at');
  expect(told).toContain('checking connections, workers, pools and licences');
  expect(told).toContainEqual(expect.stringMatching(/^0 of 20 machines done, \d+ at work/u));
});

it('returns the board at once when the program is ending, and starts nothing more', async () => {
  await estate(3);
  const input = waveOf(tableOf(3));
  const { hash } = await planWave(coriolis, input);
  const ending = new AbortController();
  const begun = clock.now();
  const sleep = async (ms: number): Promise<void> => {
    clock.advance(ms / 1000);
    ending.abort();
    await Promise.resolve();
  };

  const board = await runWave(
    { ...coriolis, sleep, endWaitsSignal: ending.signal },
    input,
    runOptions(hash, { maxParallel: 1 }),
  );

  expect(board.done).toBe(0);
  expect(board.rows.map(({ stage }) => stage)).not.toContain('deployed');
  expect(clock.now() - begun).toBeLessThan(60_000);
});
