import fc from 'fast-check';
import { cases } from '../../support/cases';
import { pollWatch } from '../../../src/watch/watch';
import type { EventKind, WatchEvent } from '../../../src/watch/watch';
import { isCoriolisError } from '../../../src/api/errors';
import { damageState, JUNK } from './damaged-state';
import { ModelServer } from './model-server';
import type { OwnTransfer } from './model-server';

/**
 * Random histories against a server in memory, for the kinds of events that are not the end of something: runs that begin
 * or stand still, replicas that become too old, planned runs that do not happen, minion pools that fail. Counted
 * afterwards by what really happened: none lost, none doubled, none wrong, also when the watcher's state is rewound. With
 * trouble its state is damaged, the credential's address is written otherwise, and lists come as null: what is lost then was
 * before the notice that a part of the watch began anew.
 */

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** Ways to write the address of one server. */
const ADDRESSES = [
  'https://coriolis.example:5000/v3',
  'https://Coriolis.example:5000/',
  'http://coriolis.example:5000',
];
const scopeOf = (address: number): string =>
  JSON.stringify([ADDRESSES[address % ADDRESSES.length], { name: 'p', domain: { name: 'Default' } }, {}]);
const KINDS: readonly EventKind[] = [
  'execution',
  'execution_started',
  'execution_stalled',
  'replica_overdue',
  'schedule_missed',
  'minion_pool_error',
];
const limits = { stallMinutes: 20, rpoHours: 2, graceMinutes: 10 };
/** Times of the server are cut to seconds, its header as well; a poll takes a while. */
const BLUR = 4_000;
/** A scan covers what is older than a minute. */
const SETTLED = 70_000;

type Action =
  | { do: 'run'; of: number; ms: number; status: string; type: string }
  | { do: 'start' | 'progress' | 'touch' | 'orphan' | 'consume' | 'deleteRun' | 'deleteTransfer'; of: number }
  | { do: 'finish'; of: number; status: string }
  | { do: 'schedule'; of: number; minute: number }
  | { do: 'pool'; of: number; status: string }
  | { do: 'silence'; silent: boolean }
  | { do: 'pass'; ms: number }
  | { do: 'wave' | 'create' | 'addPool' | 'poll' | 'crash' }
  | { do: 'clock'; ms: number }
  | { do: 'address'; of: number }
  | { do: 'null'; list: string }
  | { do: 'damage'; of: number; junk: unknown };

const of = fc.nat(40);
const status = fc.constantFrom('COMPLETED', 'COMPLETED', 'ERROR', 'CANCELED');
const type = fc.constantFrom(
  'transfer_execution',
  'transfer_execution',
  'transfer_update',
  'transfer_disks_delete',
);
const always = <Value>(value: Value) => fc.constant(value);
const weighted = <Value>(weight: number, arbitrary: fc.Arbitrary<Value>) => ({ weight, arbitrary });

const action: fc.Arbitrary<Action> = fc.oneof(
  weighted(9, always({ do: 'poll' } as const)),
  weighted(6, fc.record({ do: always('pass' as const), ms: fc.integer({ min: 1, max: 3 * MINUTE }) })),
  weighted(3, fc.record({ do: always('pass' as const), ms: fc.integer({ min: 1, max: 2 * HOUR }) })),
  weighted(
    5,
    fc.record({ do: always('run' as const), of, ms: fc.integer({ min: 1600, max: 9000 }), status, type }),
  ),
  weighted(4, fc.record({ do: always('start' as const), of })),
  weighted(4, fc.record({ do: always('finish' as const), of, status })),
  weighted(3, fc.record({ do: fc.constantFrom('progress', 'touch', 'orphan'), of })),
  weighted(1, fc.record({ do: fc.constantFrom('deleteRun', 'deleteTransfer'), of })),
  weighted(1, fc.record({ do: always('consume' as const), of })),
  weighted(2, fc.record({ do: always('schedule' as const), of, minute: fc.nat(59) })),
  weighted(
    3,
    fc.record({
      do: always('pool' as const),
      of,
      status: fc.constantFrom('ERROR', 'ALLOCATED', 'DEALLOCATED'),
    }),
  ),
  weighted(1, fc.record({ do: always('silence' as const), silent: fc.boolean() })),
  weighted(1, fc.record({ do: fc.constantFrom('wave', 'create', 'addPool', 'crash') })),
);

/** What goes wrong around a watch. */
const trouble: fc.Arbitrary<Action> = fc.oneof(
  weighted(1, fc.record({ do: always('address' as const), of: fc.nat(2) })),
  weighted(
    2,
    fc.record({
      do: always('null' as const),
      list: fc.constantFrom('transfers', 'executions', 'schedules', 'minion_pools'),
    }),
  ),
  weighted(2, fc.record({ do: always('damage' as const), of: fc.nat(1000), junk: fc.constantFrom(...JUNK) })),
);
const troubled = fc.oneof(weighted(12, action), weighted(1, trouble));
/** Maximum that the server's clock goes back in one history: what a watch remembers. */
const BACK_MS = 120 * MINUTE;
/** Jumps of the server's clock. Schedules follow the true hours of the model, so there are none here. */
const jumping = fc.oneof(
  weighted(
    14,
    action.filter((one) => one.do !== 'schedule'),
  ),
  weighted(
    1,
    fc.record({
      do: always('clock' as const),
      ms: fc.oneof(
        fc.integer({ min: -BACK_MS, max: -90_000 }),
        fc.integer({ min: 90_000, max: 3 * BACK_MS }),
      ),
    }),
  ),
);

interface Poll {
  readonly from: number;
  readonly to: number;
  /** Runs whose records were there, and transfers at rest, all the time. */
  readonly alive: ReadonlySet<string>;
  readonly atRest: ReadonlySet<string>;
}

class History {
  readonly server = new ModelServer();
  readonly events: WatchEvent[] = [];
  readonly polls: Poll[] = [];
  /** Transfers of which a record was deleted: what became of their runs cannot always be told. */
  readonly doubtful = new Set<string>();
  /** Deployments that took the disks of their transfers. */
  readonly losses: Array<{ readonly transferId: string; readonly at: number }> = [];
  private readonly coriolis = this.server.coriolis();
  /** Polls that said that a part of the watch began anew, with their sentences. */
  readonly restarts: Array<{ readonly at: number; readonly notice: string }> = [];
  damages = 0;
  /** When the clock last jumped, in real time. */
  jumpedAt = 0;
  private canGoBackMs = BACK_MS;
  private address = 0;
  private cursor: unknown;
  private saved: unknown;

  async poll(): Promise<void> {
    const from = this.server.now;
    const [alive, atRest] = [this.alive(), this.atRest()];
    const watched = pollWatch(this.coriolis, this.cursor, {
      scope: scopeOf(this.address),
      kinds: KINDS,
      ...limits,
    });
    const found = await watched.catch((error: unknown) => {
      // An answer without its list is refused, and the old state stays valid.
      if (!isCoriolisError(error) || error.kind !== 'protocol') throw error;
      return undefined;
    });
    if (found === undefined) return;
    const { cursor, events, notices } = found;
    for (const notice of notices) this.restarts.push({ at: this.server.now, notice });
    const isFirst = this.cursor === undefined;
    this.cursor = JSON.parse(JSON.stringify(cursor));
    this.events.push(...events);
    if (events.length > 0 || isFirst) this.saved = this.cursor;
    const [stillAlive, stillAtRest] = [this.alive(), this.atRest()];
    this.polls.push({
      from,
      to: this.server.now,
      alive: new Set([...alive].filter((id) => stillAlive.has(id))),
      atRest: new Set([...atRest].filter((id) => stillAtRest.has(id))),
    });
  }

  async act(action: Action): Promise<void> {
    const { server } = this;
    const pick = <T>(all: readonly T[], index: number): T | undefined => all[index % Math.max(all.length, 1)];
    const transfer = 'of' in action ? pick(server.transfers, action.of) : undefined;
    const pool = 'of' in action ? pick(server.pools, action.of) : undefined;
    if (action.do === 'poll') await this.poll();
    else if (action.do === 'clock') this.moveClock(action.ms);
    else if (action.do === 'address') this.address = action.of;
    else if (action.do === 'null') server.nullLists.push(action.list);
    else if (action.do === 'damage') {
      this.cursor = damageState(this.cursor, action.of, action.junk);
      this.damages += 1;
    } else if (action.do === 'crash') this.cursor = this.saved;
    else if (action.do === 'pass') server.advance(action.ms);
    else if (action.do === 'create') server.addTransfer();
    else if (action.do === 'addPool') server.addPool();
    else if (action.do === 'silence') server.isSilent = action.silent;
    else if (action.do === 'consume') await this.consume(transfer);
    else if (action.do === 'wave') for (const each of server.transfers) server.start(each);
    else if (action.do === 'pool') {
      if (pool !== undefined) server.setPool(pool, action.status);
    } else if (transfer !== undefined) this.change(transfer, action);
  }

  /** Moves the server's clock; back no further than a watch remembers. */
  private moveClock(ms: number): void {
    if (ms < -this.canGoBackMs) return;
    this.canGoBackMs += Math.min(0, ms);
    this.server.skewMs += ms;
    this.jumpedAt = this.server.now;
  }

  /** When the watch of these events last began anew, and said so. */
  restarted(title: string): number {
    const own = this.restarts.filter(
      ({ notice }) => notice.includes(title) || notice.startsWith('The watch'),
    );
    return Math.max(0, ...own.map(({ at }) => at));
  }

  /** A deployment that takes the disks. Nothing tells of it once the transfer changes again, so it is looked at first. */
  private async consume(transfer: OwnTransfer | undefined): Promise<void> {
    if (transfer === undefined || !this.server.consume(transfer)) return;
    this.losses.push({ transferId: transfer.id, at: this.server.now });
    if (this.cursor === undefined) {
      this.doubtful.add(transfer.id);
      return;
    }
    for (let round = 0; round < 4; round++) {
      this.server.advance(SETTLED);
      await this.poll();
    }
  }

  private change(transfer: OwnTransfer, action: Action): void {
    const { server } = this;
    switch (action.do) {
      case 'run':
        if (server.start(transfer, action.type) === undefined) break;
        server.advance(action.ms);
        server.finish(transfer, action.status);
        break;
      case 'start':
        server.start(transfer);
        break;
      case 'finish':
        server.finish(transfer, action.status);
        break;
      case 'progress':
        server.progress(transfer);
        break;
      case 'touch':
        server.touch(transfer);
        break;
      case 'orphan':
        server.startOrphan(transfer);
        break;
      case 'schedule':
        server.addSchedule(transfer, action.minute);
        break;
      case 'deleteRun':
        server.deleteNewestRun(transfer);
        this.doubtful.add(transfer.id);
        break;
      case 'deleteTransfer':
        server.deleteTransfer(transfer);
        this.doubtful.add(transfer.id);
        break;
    }
  }

  /** A poll that saw a run's record, with nothing of its transfer under way that could hide it. */
  saw(id: string, transferId: string, since: number): boolean {
    return this.polls.some(
      ({ from, alive, atRest }) => from >= since + BLUR && alive.has(id) && atRest.has(transferId),
    );
  }

  keys(event: string): readonly string[] {
    return this.events.filter((each) => each.event === event).map(({ key }) => key);
  }

  private alive(): Set<string> {
    const transfers = this.server.transfers.filter(({ deleted_at }) => deleted_at === null);
    return new Set(
      transfers.flatMap(({ runs }) => runs.filter(({ deleted }) => !deleted).map(({ id }) => id)),
    );
  }

  private atRest(): Set<string> {
    const { transfers } = this.server;
    return new Set(transfers.filter((transfer) => !this.server.isActive(transfer)).map(({ id }) => id));
  }
}

/** What was told against what had to be told and what might be. */
function compare(
  keys: readonly string[],
  { certain, possible }: { readonly certain: readonly string[]; readonly possible: readonly string[] },
) {
  return {
    doubled: keys.filter((key, index) => keys.indexOf(key) !== index),
    wrong: keys.filter((key) => !possible.includes(key)),
    lost: certain.filter((key) => !keys.includes(key)),
  };
}

const nothingWrong = { doubled: [], wrong: [], lost: [] };
const inSeconds = (ms: number): number => Math.floor(ms / 1000) * 1000;
const iso = (ms: number): string => new Date(ms).toISOString().replace('.000Z', 'Z');

function beginnings(history: History, baseline: Poll) {
  const { begun } = history.server;
  const since = (moment: number) => begun.filter(({ at }) => at >= moment);
  return {
    possible: since(inSeconds(baseline.from)).map(({ id }) => `${id}@started`),
    certain: since(baseline.to + 1000)
      .filter(({ id, transferId, at }) => history.saw(id, transferId, at))
      .map(({ id }) => `${id}@started`),
  };
}

function stalls(history: History, baseline: Poll) {
  const stallMs = limits.stallMinutes * MINUTE;
  const possible: string[] = [];
  const certain: string[] = [];
  for (const { id } of history.server.begun) {
    const end = history.server.ended.find((ended) => ended.id === id)?.at ?? Infinity;
    const moments = history.server.progressed.get(id) ?? [];
    const pauses = moments.map((from, index) => ({
      from,
      to: Math.min(moments[index + 1] ?? Infinity, end),
    }));
    const key = `${id}@stalled`;
    if (pauses.some(({ from, to }) => to - from >= stallMs - BLUR)) possible.push(key);
    const isSeen = pauses.some(
      ({ from, to }) =>
        from + stallMs > baseline.to + BLUR &&
        history.polls.some(
          (poll) => poll.from >= from + stallMs + BLUR && poll.to < to - BLUR && poll.alive.has(id),
        ),
    );
    if (isSeen) certain.push(key);
  }
  return { possible, certain };
}

/**
 * The moments at which the last usable copy of a replica became too old, or was lost: the age counts from the start of
 * its sync, and the copy is usable from the end.
 */
function breaches(history: History, baseline: Poll, settled: number) {
  const rpoMs = limits.rpoHours * HOUR;
  const { server } = history;
  const moments = server.transfers.flatMap((transfer) => {
    const ends = server.ended.filter((end) => end.transferId === transfer.id && end.type !== 'deployment');
    const copies = [
      { copiedAt: Date.parse(`${transfer.created_at.slice(0, 19)}Z`), since: -Infinity, isCopy: false },
      ...ends
        .filter((end) => end.type === 'transfer_execution' && end.status === 'COMPLETED')
        .map(({ id, at }) => ({
          copiedAt: inSeconds(server.begun.find((run) => run.id === id)?.at ?? NaN),
          since: inSeconds(at),
          isCopy: true,
        })),
    ];
    const losses = [
      ...ends.filter((end) => end.type === 'transfer_disks_delete'),
      ...history.losses.filter(({ transferId }) => transferId === transfer.id),
    ]
      .map(({ at }) => inSeconds(at))
      .toSorted((one, other) => one - other);
    // Without a look since it began, a watch takes the last change for the end of a short sync.
    const changes = [...ends, ...history.losses.filter(({ transferId }) => transferId === transfer.id)];
    const unseen = Math.max(...changes.map(({ at }) => at).filter((at) => at <= baseline.to));
    return copies.flatMap(({ copiedAt, since, isCopy }, index) => {
      const until = copies[index + 1]?.since ?? Infinity;
      const lostAt = isCopy ? (losses.find((at) => at >= since && at < until) ?? Infinity) : Infinity;
      const at = Math.min(Math.max(copiedAt + rpoMs, since), lostAt);
      const found = until > at ? [{ id: transfer.id, at, by: Math.max(at, unseen + rpoMs) }] : [];
      // A watch that began anew does not know of disks that were used up before.
      const late = Math.max(copiedAt + rpoMs, since);
      return history.damages > 0 && lostAt < late && until > late
        ? [...found, { id: transfer.id, at: late, by: Infinity }]
        : found;
    });
  });
  const key = ({ id, at }: { readonly id: string; readonly at: number }) => `${id}@overdue@${iso(at)}`;
  return {
    possible: moments.filter(({ at }) => at > baseline.from - MINUTE - BLUR).map(key),
    certain: moments
      .filter(({ id, at, by }) => at > baseline.to && by <= settled && !history.doubtful.has(id))
      .map(key),
  };
}

/** The planned times at which no sync began. */
function missedTimes(history: History, baseline: Poll, settled: number) {
  const graceMs = limits.graceMinutes * MINUTE;
  const possible: string[] = [];
  const certain: string[] = [];
  for (const { id, transfer_id, schedule, created_at } of history.server.schedules) {
    const made = Date.parse(`${created_at.slice(0, 19)}Z`);
    const begun = history.server.begun.filter(
      (run) => run.transferId === transfer_id && run.type === 'transfer_execution',
    );
    const first = Math.floor(made / HOUR) * HOUR + (schedule.minute ?? 0) * MINUTE;
    for (let at = first; at <= history.server.now; at += HOUR) {
      if (at <= made) continue;
      const isKept = begun.some((run) => run.at >= at - 5_000 && run.at <= at + graceMs);
      const isNearlyKept = begun.some((run) => run.at >= at - 6_000 && run.at < at + graceMs + 1_000);
      if (isKept) continue;
      possible.push(`${id}@${iso(at)}`);
      const isInTime = at > baseline.to - graceMs + BLUR && at <= settled;
      if (isInTime && !isNearlyKept && !history.doubtful.has(transfer_id)) certain.push(`${id}@${iso(at)}`);
    }
  }
  return { possible, certain };
}

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
