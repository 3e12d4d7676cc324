import { connect, type Cursor, type EventKind, type WatchEvent } from '../../library';
import { startSandbox, type Sandbox } from '../../sandbox/sandbox';
import { ManualClock } from '../../sandbox/world/clock';
import { sleepingOn } from '../support/coriolis';
import { loginTo } from './support';

/** The watch as an async iterable, on a clock that passes only when the library sleeps. */

let clock: ManualClock;
let sandbox: Sandbox;
beforeEach(async () => {
  clock = new ManualClock(Date.UTC(2026, 0, 5));
  sandbox = await startSandbox({ clock });
});
afterEach(() => sandbox.stop());

const open = () => connect({ ...loginTo(sandbox), runtime: sleepingOn(clock) });

/** Starts a sync and returns its id. */
async function sync(coriolis = open()): Promise<string> {
  const [transfer] = await coriolis.transfers.list({ status: 'COMPLETED' }).toArray();
  return (await coriolis.executions.start({ transferId: transfer?.id ?? '' })).id;
}

it('tells of a run that ends, once, and replays nothing from before', async () => {
  const coriolis = open();
  const stop = new AbortController();
  const told: WatchEvent[] = [];
  let execution: string | undefined;
  let looks = 0;
  for await (const { events } of coriolis.watch({ kinds: ['execution'], signal: stop.signal })) {
    looks += 1;
    if (looks === 1) {
      expect(events).toEqual([]);
      execution = await sync(coriolis);
    }
    told.push(...events);
    if (told.length > 0 && events.length === 0) stop.abort();
  }
  expect(told).toEqual([expect.objectContaining({ execution_id: execution, outcome: 'completed' })]);
});

it('goes on where a stored cursor says, with what happened in between', async () => {
  let kept = '';
  for await (const { cursor } of open().watch()) {
    kept = JSON.stringify(cursor);
    break;
  }
  const execution = await sync();
  clock.advance(3600);

  for await (const { events } of open().watch({ cursor: JSON.parse(kept) as Cursor })) {
    expect(events).toEqual([expect.objectContaining({ execution_id: execution })]);
    break;
  }
});

it.each([['{"version":1}'], [[]], [7]])('refuses a cursor that is no object: %j', async (cursor) => {
  const first = open().watch({ cursor })[Symbol.asyncIterator]().next();
  await expect(first).rejects.toThrow(/cursor must be the object that an earlier batch gave; got a/);
});

it('says in its batch that the cursor belongs to another project', async () => {
  for await (const { cursor, notices } of open().watch()) {
    expect(notices).toEqual([]);
    const { other } = sandbox.connection;
    const elsewhere = connect({
      ...loginTo(sandbox),
      username: other.username,
      password: other.password,
      projectName: other.project,
      runtime: sleepingOn(clock),
    });
    for await (const batch of elsewhere.watch({ cursor })) {
      expect(batch.notices).toEqual([expect.stringContaining('another server or project')]);
      break;
    }
    break;
  }
});

it('ends with its error when the way to the server stays closed', async () => {
  const { watch } = open();
  sandbox.faults.add({ times: 1000, fault: { kind: 'reset' } });
  await expect(watch().next()).rejects.toMatchObject({ kind: 'unreachable' });
});

it('refuses an interval that would press the server', async () => {
  await expect(open().watch({ intervalSeconds: 0 }).next()).rejects.toMatchObject({
    kind: 'invalid_input',
    message: expect.stringContaining('intervalSeconds'),
  });
});

it('refuses a kind that there is not', async () => {
  const kinds = ['execution', 'minion_pool'] as unknown as readonly EventKind[];
  await expect(open().watch({ kinds }).next()).rejects.toMatchObject({
    kind: 'invalid_input',
    message: expect.stringMatching(/kinds.*minion_pool_error/s),
  });
});
