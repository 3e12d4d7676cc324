import fc from 'fast-check';
import { cases } from '../../support/cases';
import { action, HOUR, jumping, MINUTE, troubled, type Action } from './every-kind-actions';
import {
  beginnings,
  breaches,
  compare,
  inSeconds,
  iso,
  missedTimes,
  nothingWrong,
  stalls,
} from './every-kind-expected';
import { BLUR, History, limits, type Poll } from './every-kind-history';

/**
 * Random histories against a server in memory, for the kinds of events that are not the end of something: runs that begin
 * or stand still, replicas that become too old, planned runs that do not happen, minion pools that fail. Counted
 * afterwards by what really happened: none lost, none doubled, none wrong, also when the watcher's state is rewound. With
 * trouble its state is damaged, the credential's address is written otherwise, and lists come as null: what is lost then was
 * before the notice that a part of the watch began anew.
 */

async function live(
  actions: readonly Action[],
  world: {
    readonly ignoresPaging: boolean;
    readonly transfers: number;
    readonly latencies: readonly number[];
    readonly before: readonly Action[];
  },
): Promise<void> {
  const history = new History();
  const { server } = history;
  server.ignoresPaging = world.ignoresPaging;
  let request = 0;
  server.latency = () => world.latencies[(request += 1) % world.latencies.length] ?? 5;
  for (let index = 0; index < world.transfers; index++) server.addTransfer();
  for (const each of world.before) if (each.do !== 'poll' && each.do !== 'crash') await history.act(each);
  server.advance(5000);
  await history.poll();
  const [baseline] = history.polls;
  if (baseline === undefined) throw new Error('There was no first poll');
  expect(history.events).toEqual([]);

  for (const each of actions) await history.act(each);
  server.nullLists.length = 0;
  for (const transfer of server.transfers) server.finish(transfer, 'COMPLETED');
  server.advance(30_000);
  // Later than this the watcher may not be yet.
  const settled = server.now - (limits.graceMinutes + 2) * MINUTE;
  for (let round = 0; round < 8; round++) {
    server.advance(5000);
    await history.poll();
  }

  // Only a damaged state makes a part of the watch begin anew. It says so, and may lose what was before.
  expect(history.restarts.length === 0 || history.damages > 0).toBe(true);
  const baselineOf = (title: string): Poll => ({
    ...baseline,
    to: Math.max(baseline.to, history.restarted(title)),
  });

  const started = beginnings(history, baselineOf('Execution Started'));
  expect(compare(history.keys('execution_started'), started)).toEqual(nothingWrong);
  const stalled = stalls(history, baselineOf('Execution Stalled'));
  expect(compare(history.keys('execution_stalled'), stalled)).toEqual(nothingWrong);
  const overdue = breaches(history, baselineOf('Replica Older Than Its RPO'), settled);
  // A deleted record may have been a sync: such a replica may be told late.
  const told = history.keys('replica_overdue');
  const doubtful = told.filter((key) => history.doubtful.has(key.split('@')[0] ?? ''));
  expect(compare(told, { ...overdue, possible: [...overdue.possible, ...doubtful] })).toEqual(nothingWrong);
  const missed = missedTimes(history, baselineOf('Scheduled Run Did Not Happen'), settled);
  expect(compare(history.keys('schedule_missed'), missed)).toEqual(nothingWrong);

  const pools = (since: number): readonly string[] =>
    server.poolErrors.filter(({ at }) => at >= since).map(({ id }) => id);
  const failures = history.events.filter(({ kind }) => kind === 'minion_pool');
  const failed = counted(failures.map((event) => event.minion_pool_id ?? ''));
  for (const [id, times] of counted(pools(baseline.from))) {
    expect(failed.get(id) ?? 0).toBeLessThanOrEqual(times);
    failed.delete(id);
  }
  expect([...failed.keys()]).toEqual([]);
  const certain = pools(baselineOf('Minion Pool in Error').to).length;
  expect(failures.length).toBeGreaterThanOrEqual(certain);
  expect(new Set(history.keys('minion_pool_error')).size).toBe(failures.length);
}

/** Histories with jumps of the clock: nothing is told twice, and nothing that happens afterwards is lost. */
async function liveWithJumps(
  actions: readonly Action[],
  { transfers, latencies }: { readonly transfers: number; readonly latencies: readonly number[] },
): Promise<void> {
  const history = new History();
  const { server } = history;
  let request = 0;
  server.latency = () => latencies[(request += 1) % latencies.length] ?? 5;
  for (let index = 0; index < transfers; index++) server.addTransfer();
  server.advance(5000);
  await history.poll();
  const [baseline] = history.polls;
  if (baseline === undefined) throw new Error('There was no first poll');
  for (const each of actions) await history.act(each);
  // What began after the last jump comes to its end, and all that is due is told.
  const afterwards = Math.max(baseline.to, history.jumpedAt) + BLUR;
  const firstLook = history.polls.find(({ from }) => from >= history.jumpedAt) ?? { to: server.now };
  for (const transfer of server.transfers) if (!server.isActive(transfer)) server.start(transfer);
  for (let round = 0; round < 8; round++) {
    server.advance(20 * MINUTE);
    await history.poll();
    await history.poll();
  }
  for (const transfer of server.transfers) server.finish(transfer, 'COMPLETED');
  // Longer than the clock can have gone back: until then its times are those of a period that was covered before.
  for (let round = 0; round < 30; round++) {
    server.advance(10 * MINUTE);
    await history.poll();
  }

  const keys = history.events.map(({ key }) => key);
  expect(keys.filter((key, index) => keys.indexOf(key) !== index)).toEqual([]);
  expect(history.restarts).toEqual([]);
  const isAlive = (transferId: string): boolean => !history.doubtful.has(transferId);
  const starts = server.begun
    .filter(
      ({ id, at, transferId }) => at >= afterwards && isAlive(transferId) && history.saw(id, transferId, at),
    )
    .map(({ id }) => `${id}@started`);
  const stalled = server.begun
    .filter(({ id, transferId, at }) => {
      const end = server.ended.find((ended) => ended.id === id)?.at ?? Infinity;
      const last = Math.max(at, ...(server.progressed.get(id) ?? []));
      // A stall between the jump and the next poll looks like one from before the watch began.
      const isCovered = last >= Math.max(afterwards, firstLook.to);
      return isCovered && isAlive(transferId) && end - last > 2 * limits.stallMinutes * MINUTE;
    })
    .map(({ id }) => `${id}@stalled`);
  const overdue = server.transfers.flatMap((transfer) => {
    const last = server.ended.findLast(
      (end) =>
        end.transferId === transfer.id && end.type === 'transfer_execution' && end.status === 'COMPLETED',
    );
    const run = server.begun.find(({ id }) => id === last?.id);
    const isLost = [
      ...server.ended.filter(({ type: kind }) => kind === 'transfer_disks_delete'),
      ...history.losses,
    ].some(({ transferId, at }) => transferId === transfer.id && at >= (last?.at ?? 0));
    if (last === undefined || run === undefined || run.at < afterwards || isLost) return [];
    const at = Math.max(inSeconds(run.time) + limits.rpoHours * HOUR, inSeconds(last.time));
    return isAlive(transfer.id) ? [`${transfer.id}@overdue@${iso(at)}`] : [];
  });
  const pools = server.poolErrors.filter(({ at }) => at >= baseline.to);
  expect({
    lost: [...starts, ...stalled, ...overdue].filter((key) => !keys.includes(key)),
    pools: history.events
      .filter(({ kind }) => kind === 'minion_pool')
      .map((event) => event.minion_pool_id)
      .toSorted(),
  }).toEqual({ lost: [], pools: pools.map(({ id }) => id).toSorted() });
}

/** How often each text occurs. */
function counted(texts: readonly string[]): Map<string, number> {
  const times = new Map<string, number>();
  for (const text of texts) times.set(text, (times.get(text) ?? 0) + 1);
  return times;
}

describe('a watcher tells of each beginning, stall, overdue replica, missed run and failed pool exactly once', () => {
  test.each([
    ['a server that sorts and pages', false, action],
    ['a server that sends whole lists', true, action],
    ['a server with lists that are null, and a state that is damaged', false, troubled],
    ['a server with whole lists that are null, and a state that is damaged', true, troubled],
  ])('of %s', async (_name, ignoresPaging, actionsOf) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(actionsOf, { minLength: 20, maxLength: 120 }),
        fc.array(action, { maxLength: 12 }),
        fc.integer({ min: 0, max: 40 }),
        fc.array(fc.integer({ min: 1, max: 150 }), { minLength: 1, maxLength: 7 }),
        (actions, before, transfers, latencies) =>
          live(actions, { ignoresPaging, transfers, latencies, before }),
      ),
      cases(15),
    );
  });

  test('of a server whose clock jumps', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(jumping, { minLength: 20, maxLength: 100 }),
        fc.integer({ min: 0, max: 12 }),
        fc.array(fc.integer({ min: 1, max: 150 }), { minLength: 1, maxLength: 7 }),
        (actions, transfers, latencies) => liveWithJumps(actions, { transfers, latencies }),
      ),
      cases(15),
    );
  });
});
