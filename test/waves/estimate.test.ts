import { fetchWaveBoard } from '../../src/playbooks/wave/fetch-wave';
import { planWave } from '../../src/playbooks/wave/plan';
import { runWave } from '../../src/playbooks/wave/run-wave';
import type { WaveRunOptions } from '../../src/playbooks/wave/wave-run-options';
import type { WaveInput } from '../../src/playbooks/wave/wave-input';
import type { WaveBoard } from '../../src/playbooks/wave/board';
import type { JsonObject } from '../../src/model/json';
import { startSandbox, type Sandbox } from '../../sandbox/sandbox';
import { ManualClock } from '../../sandbox/world/clock';
import { cases } from '../support/cases';
import { connect, one, rows, sleepingOn } from '../support/coriolis';
import { machine, runOptions, waveOf } from './estate';
import { seeded } from './random-wave';

/** Estimates of when waves are through, at half time, against when the sandbox really was. */

interface Shape {
  readonly sizes: readonly number[];
  /** Whether the table has the sizes; otherwise the platform tells them, and the notes keep them. */
  readonly isTableSized?: boolean;
  readonly passes?: number;
  readonly options: Partial<WaveRunOptions>;
  /** `order` by machine. */
  readonly order?: readonly number[];
  /** `not_before` by machine, seconds after the begin. */
  readonly notBefore?: readonly number[];
  /** Machines of the minion pool at the destination. */
  readonly pool?: number;
}

let sandbox: Sandbox | undefined;
afterEach(async () => {
  await sandbox?.stop();
  sandbox = undefined;
});

/** Runs a wave to its end. Returns its board at about half time, and the seconds that it still took. */
async function halfTime({ sizes, isTableSized, passes = 1, options, order, notBefore, pool }: Shape) {
  const clock = new ManualClock();
  sandbox = await startSandbox({
    clock,
    speed: 4,
    machines: sizes.map((size, index) => machine(`m-${index + 1}`, { disks: [size] })),
  });
  const coriolis = connect(sandbox, sandbox.connection, sleepingOn(clock));
  const begin = clock.now();
  const table: readonly JsonObject[] = sizes.map((size, index) => ({
    machine: `m-${index + 1}`,
    ...(isTableSized === true ? { disk_gb: size } : {}),
    order: order?.[index] ?? 0,
    ...(notBefore?.[index] === undefined
      ? {}
      : { not_before: new Date(begin + notBefore[index] * 1000).toISOString() }),
  }));
  const input: WaveInput = waveOf(table, {
    passes,
    destinationMinionPoolId: pool === undefined ? undefined : await poolOf(pool),
  });
  const { hash } = await planWave(coriolis, input);
  const run = async (timeoutSeconds: number): Promise<WaveBoard> =>
    await runWave(coriolis, input, runOptions(hash, { ...options, timeoutSeconds }));
  let board = await run(60);
  while (board.etaLowSeconds === null) board = await run(60);
  // The estimate leads to half time, and gets better on the way.
  for (;;) {
    const passed = (clock.now() - begin) / 1000;
    const left = board.etaLowSeconds ?? 0;
    if (passed >= left * 0.9) break;
    board = await run(Math.min(120, Math.ceil((left - passed) / 2)));
  }
  const half = clock.now();
  const read = await fetchWaveBoard(coriolis, 'Wave 1', undefined);
  const last = await run(14 * 86_400);
  expect(last).toMatchObject({ done: sizes.length, outcome: 'completed' });
  const end = Math.max(...sandbox.listFinishedRuns().map(({ finishedAt }) => finishedAt)) * 1000;
  return { board, read, seconds: (end - half) / 1000 };

  async function poolOf(maximumMinions: number): Promise<string> {
    const endpoints = await rows<{ id: string; type: string }>(coriolis, 'endpoint.getAll');
    const { id } = await one<{ id: string }>(coriolis, 'minionPool.create', {
      name: 'small',
      endpointId: endpoints.find(({ row }) => row.type === 'openstack')?.row.id,
      platform: 'destination',
      minimumMinions: 1,
      maximumMinions,
      environmentOptions: { migr_network: 'private' },
    });
    await one(coriolis, 'minionPool.wait', { minionPoolId: id });
    return id;
  }
}

const MIXED = [5, 60, 10, 40, 20, 80, 15, 30, 5, 25];

const shapes: ReadonlyArray<readonly [what: string, shape: Shape]> = [
  ['four at a time', { sizes: [...MIXED, 10, 50, 35, 5, 45, 20], options: { maxParallel: 4 } }],
  [
    'two passes, sizes from the table',
    { isTableSized: true, sizes: [30, 5, 5, 90, 10, 20], passes: 2, options: { maxParallel: 2 } },
  ],
  [
    'the large ones last, two at a time',
    { sizes: [5, 6, 7, 5, 6, 8, 5, 7, 6, 5, 90, 100, 95, 80], options: { maxParallel: 2 } },
  ],
  [
    'one much larger',
    {
      sizes: [10, 10, 12, 200, 14, 10, 11, 9, 30, 25, 8, 40, 60, 12, 9, 10, 35, 5, 80, 10],
      options: { maxParallel: 8 },
    },
  ],
  [
    'an endpoint for two, and an order',
    {
      sizes: MIXED,
      order: [1, 1, 0, 1, 1, 0, 1, 1, 1, 0],
      options: { maxParallel: 8, maxParallelPerEndpoint: 2 },
    },
  ],
  ['a pool of two', { sizes: MIXED, pool: 2, options: { maxParallel: 8 } }],
];

/** A shape of any kind. */
function randomShape(seed: number): Shape {
  const random = seeded(seed);
  const pick = (from: number, to: number): number => from + Math.floor(random() * (to - from + 1));
  const chance = (part: number): boolean => random() < part;
  const sizes = Array.from({ length: pick(8, 24) }, () => pick(5, 80));
  return {
    sizes,
    isTableSized: chance(0.3),
    passes: pick(1, 2),
    options: { maxParallel: pick(2, 6), maxParallelPerEndpoint: chance(0.3) ? pick(2, 4) : undefined },
    ...(chance(0.4) ? { order: sizes.map(() => pick(0, 2)) } : {}),
    ...(chance(0.3) ? { notBefore: sizes.slice(0, 2).map(() => pick(100, 1500)) } : {}),
    ...(chance(0.3) ? { pool: pick(2, 3) } : {}),
  };
}

/** Whether the parallelism is the only limit of a wave, which shows from the machines at work. */
const knowsLimits = ({ options, order, notBefore, pool }: Shape): boolean =>
  options.maxParallelPerEndpoint === undefined &&
  order === undefined &&
  notBefore === undefined &&
  pool === undefined;

const { numRuns, seed = Date.now() % 1_000_000 } = cases(1);
const all = [
  ...shapes,
  ...Array.from(
    { length: numRuns },
    (_one, index) => [`seed ${seed + index}`, randomShape(seed + index)] as const,
  ),
];

it.each(all)(
  'is within a quarter of the truth at half time: %s',
  async (_what, shape) => {
    const { board, read, seconds } = await halfTime(shape);
    expect(board.outcome).toBe('going_on');
    expect(board.etaLowSeconds).toBeGreaterThan(seconds * 0.75);
    expect(board.etaLowSeconds).toBeLessThan(seconds * 1.25);
    expect(board.etaHighSeconds).toBeGreaterThan(board.etaLowSeconds ?? 0);
    expect(board.etaHighSeconds).toBeGreaterThan(seconds * 0.95);
    // Read by its name alone, a wave has the sizes too, but neither limits nor order.
    if (knowsLimits(shape)) expect(read.etaLowSeconds).toBeGreaterThan(seconds * 0.75);
    if (knowsLimits(shape)) expect(read.etaLowSeconds).toBeLessThan(seconds * 1.25);
  },
  600_000,
);
