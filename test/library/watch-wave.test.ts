import { connect, type WaveBoard } from '../../library';
import { startSandbox, type Sandbox } from '../../sandbox/sandbox';
import { ManualClock } from '../../sandbox/world/clock';
import { SharedTime } from '../waves/callers';
import { machines } from '../waves/estate';
import { sleepingOn } from '../support/coriolis';
import { loginTo } from './support';

/** The boards of a wave as an async iterable, on a clock that passes only when the library sleeps. */

const NAME = 'Wave 1';

let clock: ManualClock;
let sandbox: Sandbox;
beforeEach(async () => {
  clock = new ManualClock(Date.UTC(2026, 0, 5));
  sandbox = await startSandbox({ clock, speed: 4, machines: machines(3) });
});
afterEach(() => sandbox.stop());

const open = () => connect({ ...loginTo(sandbox), runtime: sleepingOn(clock) });

const input = {
  rows: machines(3).map(({ name }) => ({ machine: name })),
  wave: NAME,
  originEndpointId: 'vcenter',
  destinationEndpointId: 'openstack',
  destinationEnvironment: { migr_network: 'private' },
  networkMap: { '*': 'private' },
};

/** Starts the first steps of a wave. */
async function begin(): Promise<string> {
  const coriolis = open();
  const { plan_hash: planHash } = await coriolis.waves.plan(input);
  await coriolis.waves.run({ ...input, planHash, timeoutSeconds: 10 });
  return planHash;
}

it('yields boards until the wave has ended', async () => {
  const planHash = await begin();
  const coriolis = open();
  const boards: WaveBoard[] = [];
  for await (const board of coriolis.waves.watch({ wave: NAME })) {
    boards.push(board);
    // Nobody else moves the wave on.
    if (boards.length === 3) await coriolis.waves.run({ ...input, planHash, until: 'cut_over' });
  }
  expect(boards.slice(0, 3).map(({ outcome }) => outcome)).toEqual(['going_on', 'going_on', 'going_on']);
  expect(boards.at(-1)).toMatchObject({ outcome: 'completed', done: 3 });
  expect(boards).toHaveLength(4);
});

it('ends at its timeout, with a last board', async () => {
  await begin();
  const begun = clock.now();
  const boards: WaveBoard[] = [];
  for await (const board of open().waves.watch({ wave: NAME, timeoutSeconds: 100, intervalSeconds: 40 })) {
    boards.push(board);
  }
  expect(boards.at(-1)).toMatchObject({ outcome: 'going_on' });
  expect(boards.length).toBeGreaterThanOrEqual(4);
  expect((clock.now() - begun) / 1000).toBe(100);
});

it('yields one board with a timeout of 0', async () => {
  await begin();
  let count = 0;
  for await (const { machines: all } of open().waves.watch({ wave: NAME, timeoutSeconds: 0 })) {
    expect(all).toBe(3);
    count += 1;
  }
  expect(count).toBe(1);
});

it('ends when its signal fires, and sends nothing more', async () => {
  await begin();
  const stop = new AbortController();
  let count = 0;
  let sent = 0;
  for await (const _board of open().waves.watch({ wave: NAME, signal: stop.signal })) {
    count += 1;
    if (count === 2) {
      stop.abort();
      sent = sandbox.requests.total;
    }
  }
  expect(count).toBe(2);
  expect(sandbox.requests.total).toBe(sent);
});

it.each([1, 20])('costs the requests of one watch with %s of the same wave', async (watches) => {
  await begin();
  const time = new SharedTime(clock);
  const coriolis = connect({ ...loginTo(sandbox), runtime: time.runtime(Math.random) });
  // The login, which all calls share.
  await time.run(() => coriolis.waves.get({ wave: NAME }));
  const before = sandbox.requests.total;
  const seen: string[][] = await Promise.all(
    Array.from({ length: watches }, () =>
      time.run(async () => {
        const moments: string[] = [];
        for await (const { as_of: at } of coriolis.waves.watch({ wave: NAME, timeoutSeconds: 300 }))
          moments.push(at);
        return moments;
      }),
    ),
  );
  expect(new Set(seen.map((moments) => moments.join()))).toHaveProperty('size', 1);
  const boards = seen[0]?.length ?? 0;
  expect(boards).toBeGreaterThan(9);
  // The transfers twice, the deployments once, and the runs and disks of three machines at most.
  expect(sandbox.requests.total - before).toBeLessThanOrEqual(boards * 9);
});

it.each([
  [{ wave: 'Nowhere' }, /No transfer belongs to a wave "Nowhere"/],
  [{ wave: NAME, intervalSeconds: 1 }, /intervalSeconds/],
  [{ wave: NAME, timeoutSeconds: -1 }, /timeoutSeconds/],
])('refuses %j', async (settings, message) => {
  await expect(open().waves.watch(settings).next()).rejects.toThrow(message);
});
