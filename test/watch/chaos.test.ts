import { isCoriolisError } from '../../src/api/errors';
import type { Coriolis } from '../../src/api/operation-context';
import { parseServerTime } from '../../src/model/timestamps';
import type { Execution } from '../../src/model/api-objects';
import { pollWatch } from '../../src/watch/poll-watch';
import type { EventKind, WatchEvent } from '../../src/watch/poll-watch';
import { startSandbox } from '../../sandbox/sandbox';
import type { Sandbox } from '../../sandbox/sandbox';
import { ManualClock } from '../../sandbox/world/clock';
import { connect, People, seeded } from './people';
import { beginnings, breaches, compare, missedTimes, nothingWrong, stalls } from './truth';
import type { Replica, Span } from './truth';

/**
 * Over HTTP, against the sandbox: people start, hold up, cancel, deploy and delete at random, schedules fire or do not, pools
 * fail, connections break and watchers are killed. Afterwards the events of each watcher are compared with what really
 * happened. The sandbox's clock is moved by hand, so hours of work take seconds.
 */

const SCOPE = 'sandbox';
const KINDS: readonly EventKind[] = [
  'execution',
  'execution_started',
  'execution_stalled',
  'deployment',
  'replica_overdue',
  'schedule_missed',
  'minion_pool_error',
];
const limits = { stallMinutes: 10, rpoHours: 1, graceMinutes: 5 };
const MINUTE = 60_000;

class Watcher {
  readonly events: WatchEvent[] = [];
  /** Those that succeeded. */
  readonly polls: Span[] = [];
  /** Runs whose records were deleted before their end, or their beginning, was told. */
  readonly unseen = new Set<string>();
  readonly untoldBegun = new Set<string>();
  brokenPolls = 0;
  due = 0;
  private cursor: unknown;
  private saved: unknown;

  constructor(
    private readonly coriolis: Coriolis,
    private readonly everyMs: number,
  ) {}

  async poll(): Promise<void> {
    const from = this.coriolis.clock();
    this.due = Math.max(from, this.due) + this.everyMs;
    try {
      const { cursor, events } = await pollWatch(this.coriolis, this.cursor, {
        scope: SCOPE,
        kinds: KINDS,
        ...limits,
      });
      this.cursor = JSON.parse(JSON.stringify(cursor));
      this.events.push(...events);
      // As n8n does: state is written only when a poll tells something.
      if (events.length > 0 || this.saved === undefined) this.saved = this.cursor;
      this.polls.push({ from, to: this.coriolis.clock() });
    } catch (error) {
      if (!isCoriolisError(error)) throw error;
      this.brokenPolls += 1;
    }
  }

  /** The process dies, and another one begins with what was written last. */
  crash(): void {
    this.cursor = this.saved;
  }

  forget(ids: readonly string[]): void {
    const told = new Set(this.events.map(({ key }) => key));
    for (const id of ids) {
      if (!told.has(id)) this.unseen.add(id);
      if (!told.has(`${id}@started`)) this.untoldBegun.add(id);
    }
  }

  keys(event: WatchEvent['event']): readonly string[] {
    return this.events.filter((each) => each.event === event).map(({ key }) => key);
  }
}

class Chaos {
  readonly watchers: readonly Watcher[];
  readonly people: People;

  constructor(
    sandbox: Sandbox,
    readonly clock: ManualClock,
    coriolis: Coriolis,
    private readonly random: () => number,
    intervals: readonly number[],
  ) {
    this.watchers = intervals.map((seconds) => new Watcher(coriolis, seconds * 1000));
    this.people = new People(sandbox, clock, coriolis, random, (ids) => {
      for (const watcher of this.watchers) watcher.forget(ids);
    });
  }

  /** Time, in which each watcher polls when it is due. */
  async pass(ms: number): Promise<void> {
    const until = this.clock.now() + ms;
    for (;;) {
      const [next] = this.watchers.toSorted((one, other) => one.due - other.due);
      if (next === undefined || next.due > until) break;
      this.clock.advance(Math.max(0, next.due - this.clock.now()) / 1000);
      await next.poll();
    }
    this.clock.advance(Math.max(0, until - this.clock.now()) / 1000);
  }

  /** One thing that happens. */
  async step(): Promise<void> {
    const { people, random } = this;
    await this.pass(random() * (random() < 0.2 ? 20 : 1) * MINUTE);
    const dice = random();
    if (dice < 0.08) this.watchers[Math.floor(random() * this.watchers.length)]?.crash();
    else if (dice < 0.18) people.breakSomething();
    else if (dice < 0.23) await people.hold();
    else if (dice < 0.27) people.release();
    else if (dice < 0.3) people.silence(random() < 0.5);
    else if (dice < 0.34) await people.failPool();
    else await people.act(random());
  }

  /** Everything comes to rest, and the watchers look a few times more. */
  async settle(): Promise<void> {
    const { people } = this;
    while (people.held.some(({ releasedAt }) => releasedAt === undefined)) people.release();
    // Nothing begins any more.
    people.silence(true);
    do await this.pass(10 * MINUTE);
    while (await people.isBusy());
    await this.pass(50 * MINUTE);
  }
}

async function replicasOf(coriolis: Coriolis, people: People): Promise<Replica[]> {
  const transfers = (await people.transfers()).filter(({ scenario }) => scenario !== 'live_migration');
  return await Promise.all(
    transfers.map(async ({ id, created_at, updated_at: changed }) => {
      const { executions } = await coriolis.client.get<{ executions: Execution[] }>(
        `/transfers/${id}/executions`,
      );
      const syncs = executions
        .filter(({ type, status }) => type === 'transfer_execution' && status === 'COMPLETED')
        .map((sync) => ({
          from: parseServerTime(sync.created_at) ?? 0,
          to: parseServerTime(sync.updated_at) ?? 0,
        }));
      return {
        id,
        createdAt: parseServerTime(created_at) ?? 0,
        syncs,
        changedAt: parseServerTime(changed),
      };
    }),
  );
}

describe('watchers over HTTP, while everything happens at once', () => {
  let running: Sandbox | undefined;
  afterEach(() => running?.stop());

  test.each([
    { generation: 'current', steps: 100, intervals: [110, 300, 1020] },
    { generation: 'legacy', steps: 80, intervals: [160, 610] },
  ] as const)(
    'tell of everything on a $generation server exactly once, as it really was',
    async ({ generation, steps, intervals }) => {
      const clock = new ManualClock(Date.UTC(2026, 10, 22, 8, 0, 30));
      const sandbox = await startSandbox({
        clock,
        generation,
        speed: 20,
        transfers: 1,
        tokenLifetimeMs: 1000 * 60 * MINUTE,
      });
      running = sandbox;
      const coriolis = connect(sandbox, clock);
      const chaos = new Chaos(sandbox, clock, coriolis, seeded(20261122), intervals);
      const { people, watchers } = chaos;
      await people.addTroubled();
      await people.plan((await people.transfers()).slice(0, 4));
      const replicas = await replicasOf(coriolis, people);
      const before = sandbox.listFinishedRuns().length;
      for (const watcher of watchers) await watcher.poll();

      for (let step = 0; step < steps; step++) await chaos.step();
      const settled = clock.now() - (limits.graceMinutes + 2) * MINUTE;
      sandbox.faults.clear();
      await chaos.settle();

      const runs = sandbox
        .listFinishedRuns()
        .slice(before)
        .filter(({ projectId }) => projectId === sandbox.users.migration.id);
      const truth = new Map(runs.map((run) => [run.id, run.status]));
      const failures = await people.poolFailures();
      for (const watcher of watchers) {
        const [baseline] = watcher.polls;
        if (baseline === undefined) throw new Error('There was no first poll');
        const ended = [...watcher.keys('execution_finished'), ...watcher.keys('deployment_finished')];
        const named = watcher.events.filter(
          ({ event, execution_id }) =>
            (event === 'execution_finished' && execution_id !== null) || event === 'deployment_finished',
        );
        const missing = [...truth.keys()].filter((id) => !ended.includes(id));
        expect({
          doubled: ended.filter((key, index) => ended.indexOf(key) !== index),
          wrong: named.filter(({ key, status }) => truth.get(key) !== status),
          lost: missing.filter((id) => !watcher.unseen.has(id)),
        }).toEqual(nothingWrong);
        // An end whose record is gone is told without it.
        expect(ended.length - named.length).toBeLessThanOrEqual(missing.length);

        expect(compare(watcher.keys('execution_started'), beginnings(runs, watcher.untoldBegun))).toEqual(
          nothingWrong,
        );
        expect(
          compare(watcher.keys('execution_stalled'), stalls(people.held, watcher.polls, limits)),
        ).toEqual(nothingWrong);

        const told = watcher.keys('replica_overdue');
        const overdue = breaches(replicas, runs, baseline, settled, limits, people.doubtful);
        // A deleted record may have been a sync: such a replica may be told late.
        const doubtful = told.filter((key) => people.doubtful.has(key.split('@')[0] ?? ''));
        expect(compare(told, { ...overdue, possible: [...overdue.possible, ...doubtful] })).toEqual(
          nothingWrong,
        );
        expect(
          compare(
            watcher.keys('schedule_missed'),
            missedTimes(people.planned, runs, baseline, settled, clock.now(), limits, people.doubtful),
          ),
        ).toEqual(nothingWrong);

        const failed = watcher.events.filter(({ event }) => event === 'minion_pool_error');
        expect(new Set(failed.map(({ key }) => key)).size).toBe(failed.length);
        for (const [id, times] of failures) {
          expect(failed.filter(({ minion_pool_id }) => minion_pool_id === id)).toHaveLength(times);
        }
      }

      // It was worth it: enough happened, of every kind.
      expect(Math.max(...watchers.map(({ brokenPolls }) => brokenPolls))).toBeGreaterThan(0);
      const all = watchers.flatMap(({ events }) => events);
      const happened = all.map(({ event, outcome }) => (outcome === null ? event : `${event} ${outcome}`));
      expect([...new Set(happened)]).toEqual(
        expect.arrayContaining([
          'deployment_finished canceled',
          'deployment_finished completed',
          // On the legacy server this history has none.
          ...(generation === 'current' ? ['deployment_finished failed'] : []),
          'execution_finished canceled',
          'execution_finished completed',
          'execution_finished failed',
          'execution_stalled',
          'execution_started',
          'minion_pool_error',
          'replica_overdue',
          'schedule_missed',
        ]),
      );
    },
    120_000,
  );
});
