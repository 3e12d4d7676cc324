import fc from 'fast-check';
import { cases } from '../../support/cases';
import { pollWatch } from '../../../src/watch/watch';
import type { WatchEvent } from '../../../src/watch/watch';
import { isCoriolisError } from '../../../src/api/errors';
import { damageState, JUNK } from './damaged-state';
import { ModelServer } from './model-server';
import type { Begun, Ended } from './model-server';

/**
 * Random histories against a server in memory, counted afterwards: no event lost, none doubled, none wrong, within the
 * limits that no watcher can overcome (docs/reference/watching.md §5).
 */

type Action =
  | { do: 'run'; of: number; ms: number; status: string }
  | { do: 'start' | 'touch' | 'orphan' | 'deleteRun' | 'deleteTransfer' | 'pending' | 'deploy'; of: number }
  | { do: 'finish' | 'finishDeployment'; of: number; status: string }
  | { do: 'starve' | 'deleteTransferSoon'; of: number; ms: number }
  | { do: 'wave'; ms: number; status: string }
  | { do: 'deleteDeployment'; of: number }
  | { do: 'create' }
  | { do: 'pass'; ms: number }
  | { do: 'poll' }
  | { do: 'crash' }
  | { do: 'clock'; ms: number }
  | { do: 'address'; of: number }
  | { do: 'null'; of: number }
  | { do: 'damage'; of: number; junk: unknown };

/** Ways to write the address of one server. */
const ADDRESSES = [
  'https://coriolis.example:5000/v3',
  'https://coriolis.example:5000/v3/',
  'https://coriolis.example:5000',
  'http://Coriolis.Example:5000/v3',
];
const scopeOf = (address = 0): string =>
  JSON.stringify([ADDRESSES[address % ADDRESSES.length], { name: 'p', domain: { name: 'Default' } }, {}]);
const KINDS = ['execution', 'deployment', 'execution_started'] as const;
const MINUTE = 60_000;
/** Maximum that the server's clock goes back in one history: what a watch remembers. */
const BACK_MS = 120 * MINUTE;

const final = fc.constantFrom('COMPLETED', 'ERROR', 'CANCELED', 'DEADLOCKED');
const of = fc.oneof({ weight: 3, arbitrary: fc.nat(6) }, { weight: 2, arbitrary: fc.nat(40) });
const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 6, arbitrary: fc.constant({ do: 'poll' } as const) },
  {
    weight: 5,
    arbitrary: fc.record({ do: fc.constant('pass' as const), ms: fc.integer({ min: 1, max: 9000 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('pass' as const), ms: fc.integer({ min: 9000, max: 4_000_000 }) }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('run' as const),
      of,
      ms: fc.integer({ min: 1600, max: 4000 }),
      status: final,
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('start' as const), of }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('finish' as const), of, status: final }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('starve' as const), of, ms: fc.integer({ min: 10, max: 60 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('deleteTransferSoon' as const),
      of,
      ms: fc.integer({ min: 1, max: 600 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('wave' as const),
      ms: fc.integer({ min: 1600, max: 70_000 }),
      status: final,
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constantFrom('touch', 'orphan', 'deleteRun', 'deleteTransfer', 'pending', 'deploy'),
      of,
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('finishDeployment' as const), of, status: final }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('deleteDeployment' as const), of }) },
  { weight: 1, arbitrary: fc.constant({ do: 'create' } as const) },
  { weight: 1, arbitrary: fc.constant({ do: 'crash' } as const) },
);

/** What goes wrong around a watch. */
const trouble: fc.Arbitrary<Action> = fc.oneof(
  { weight: 2, arbitrary: clock(-BACK_MS, -90_000) },
  { weight: 1, arbitrary: clock(90_000, 3 * BACK_MS) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('address' as const), of: fc.nat(3) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('null' as const), of: fc.nat(2) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('damage' as const),
      of: fc.nat(1000),
      junk: fc.constantFrom(...JUNK),
    }),
  },
);

function clock(min: number, max: number): fc.Arbitrary<Action> {
  return fc.record({ do: fc.constant('clock' as const), ms: fc.integer({ min, max }) });
}

/** A watcher that saves its state the way n8n does: with the events; and the history that happens around it. */
class History {
  readonly server = new ModelServer();
  readonly events: WatchEvent[] = [];
  readonly coriolis = this.server.coriolis();
  /** When the first poll began and ended: what ends within may or may not be told. */
  readonly baseline = { from: 0, to: 0 };
  /** For each poll: when it began, and the transfers that were at rest, and alive, during all of it. */
  readonly polls: Array<{
    at: number;
    time: number;
    atRest: ReadonlySet<string>;
    alive: ReadonlySet<string>;
  }> = [];
  /** Polls that said that they began anew. */
  readonly restarts: number[] = [];
  /** Moments at which the stored state was damaged. */
  readonly damages: number[] = [];
  brokenPolls = 0;
  private address = 0;
  private canGoBackMs = BACK_MS;
  private cursor: unknown;
  private saved: unknown;

  async begin(): Promise<void> {
    this.baseline.from = this.server.now;
    const { cursor, events, notices } = await this.watch(undefined);
    expect({ events, notices }).toEqual({ events: [], notices: [] });
    this.cursor = this.saved = JSON.parse(JSON.stringify(cursor));
    this.baseline.to = this.server.now;
  }

  async poll(): Promise<void> {
    const { now: at, time } = this.server;
    const atRest = this.idsAtRest();
    const found = await this.watch(this.cursor).catch((error: unknown) => {
      // An answer without its list is refused, and the old state stays valid.
      if (!isCoriolisError(error) || error.kind !== 'protocol') throw error;
      this.brokenPolls += 1;
      return undefined;
    });
    if (found === undefined) return;
    const { cursor, events, notices } = found;
    if (notices.length > 0) this.restarts.push(this.server.now);
    const still = this.idsAtRest();
    this.polls.push({
      at,
      time,
      atRest: new Set([...atRest].filter((id) => still.has(id))),
      alive: this.idsAlive(),
    });
    this.cursor = JSON.parse(JSON.stringify(cursor));
    this.events.push(...events);
    if (events.length > 0) this.saved = this.cursor;
  }

  private watch(cursor: unknown) {
    return pollWatch(this.coriolis, cursor, { scope: scopeOf(this.address), kinds: KINDS });
  }

  /** Moves the server's clock; back no further than a watch remembers. */
  private moveClock(ms: number): void {
    if (ms < this.canGoBackMs * -1) return;
    // Not within the moment in which a final status is replaced: no watch could tell.
    this.server.advance(100);
    this.canGoBackMs += Math.min(0, ms);
    this.server.skewMs += ms;
  }

  /** Puts junk of another type into some place of the stored state. */
  private damage(index: number, junk: unknown): void {
    this.cursor = damageState(this.cursor, index, junk);
    this.damages.push(this.server.now);
  }

  crash(): void {
    this.cursor = this.saved;
  }

  async act(action: Action): Promise<void> {
    const { server } = this;
    const pick = <T>(all: readonly T[], index: number): T | undefined => all[index % Math.max(all.length, 1)];
    const transfer = 'of' in action ? pick(server.transfers, action.of) : undefined;
    const deployment = 'of' in action ? pick(server.deployments, action.of) : undefined;
    switch (action.do) {
      case 'create':
        server.addTransfer();
        break;
      case 'pass':
        server.advance(action.ms);
        break;
      case 'poll':
        await this.poll();
        break;
      case 'crash':
        this.crash();
        break;
      case 'clock':
        this.moveClock(action.ms);
        break;
      case 'address':
        this.address = action.of;
        break;
      case 'null':
        server.nullLists.push(['transfers', 'executions', 'deployments'][action.of] ?? '');
        break;
      case 'damage':
        this.damage(action.of, action.junk);
        break;
      case 'run':
        if (transfer !== undefined && server.start(transfer) !== undefined) {
          server.advance(action.ms);
          server.finish(transfer, action.status);
        }
        break;
      case 'start':
        if (transfer !== undefined) server.start(transfer);
        server.advance(1600);
        break;
      case 'finish':
        if (transfer !== undefined) server.finish(transfer, action.status);
        break;
      case 'starve':
        if (transfer !== undefined) server.starve(transfer, action.ms);
        break;
      case 'deleteTransferSoon':
        if (transfer !== undefined) server.deleteTransferSoon(transfer, action.ms);
        break;
      case 'wave':
        for (const each of server.transfers) server.start(each);
        server.advance(action.ms);
        for (const each of server.transfers) server.finish(each, action.status);
        break;
      case 'touch':
        if (transfer !== undefined) server.touch(transfer);
        break;
      case 'orphan':
        if (transfer !== undefined) server.startOrphan(transfer);
        break;
      case 'deleteRun':
        if (transfer !== undefined) server.deleteNewestRun(transfer);
        break;
      case 'deleteTransfer':
        if (transfer !== undefined) server.deleteTransfer(transfer);
        break;
      case 'pending':
      case 'deploy':
        if (transfer !== undefined)
          server.addDeployment(transfer, action.do === 'pending' ? 'PENDING' : 'RUNNING');
        break;
      case 'finishDeployment':
        if (deployment !== undefined) server.finishDeployment(deployment, action.status);
        break;
      case 'deleteDeployment':
        if (deployment !== undefined) server.deleteDeployment(deployment);
        break;
    }
  }

  /** Lets everything come to rest and the watcher see it. */
  async settle(): Promise<void> {
    for (const transfer of this.server.transfers) this.server.finish(transfer, 'COMPLETED');
    this.server.nullLists.length = 0;
    for (let round = 0; round < 4; round++) {
      this.server.advance(5000);
      await this.poll();
    }
    // A conductor's clock may be a few minutes ahead, so what is so far in the future waits as long.
    this.server.advance(6 * MINUTE);
    await this.poll();
    await this.poll();
  }

  /** Whether a poll could see this run: old enough, its record there, no other run of its transfer under way. */
  wasVisible({ id, transferId, at, time }: Omit<Begun, 'type'>): boolean {
    const could = this.polls.filter(
      (poll) =>
        poll.at >= at + 3100 && poll.alive.has(id) && (poll.atRest.has(transferId) || poll.atRest.has(id)),
    );
    // One from before the clock was set back is believed when it was seen twice.
    const isSeen = could.some((poll) => poll.time >= time + 3100);
    return isSeen || could.filter((poll) => poll.time < time - 6 * MINUTE).length > 1;
  }

  private idsAtRest(): Set<string> {
    const { server } = this;
    return new Set([
      ...server.transfers.filter((transfer) => !server.isActive(transfer)).map(({ id }) => id),
      ...server.deployments.map(({ id }) => id),
    ]);
  }

  private idsAlive(): Set<string> {
    const { transfers, deployments } = this.server;
    return new Set([
      ...transfers
        .filter(({ deleted_at }) => deleted_at === null)
        .flatMap(({ runs }) => runs.filter(({ deleted }) => !deleted).map(({ id }) => id)),
      // A deleted deployment stays in the list with its last status.
      ...deployments.map(({ id }) => id),
    ]);
  }
}

function check(history: History): void {
  const { server, events, baseline, damages, restarts } = history;
  const mayBeTold = server.ended.filter(({ at }) => at >= baseline.from);
  // A watch whose state was damaged may lose what happened until it began anew, and says so.
  expect(restarts.length === 0 || damages.length > 0).toBe(true);
  const excused = (at: number) => restarts.some((restart) => at <= restart);
  // A status that was final when the watch began, or began anew, may have been replaced in its first moments.
  const isReplaced = ({ at, status }: Ended) => status === 'ERROR_ALLOCATING_MINIONS' && excused(at - 100);
  const later = mayBeTold.filter(
    (end) => end.at >= baseline.to + 100 && !excused(end.at) && !isReplaced(end),
  );
  const ends = events.filter(({ event }) => event !== 'execution_started');
  const named = ends.filter(
    ({ execution_id, deployment_id }) => execution_id !== null || deployment_id !== null,
  );
  const keys = ends.map(({ key }) => key);
  const truth = new Map(mayBeTold.map((end) => [end.id, end]));

  const begun = server.begun.filter(({ at }) => at >= Math.floor(baseline.from / 1000) * 1000);
  const starts = events.filter(({ event }) => event === 'execution_started').map(({ key }) => key);
  const all = [...keys, ...starts];

  const doubled = all.filter((key, index) => all.indexOf(key) !== index);
  const wrong = [
    ...named.filter(({ key, status }) => truth.get(key)?.status !== status),
    ...starts.filter((key) => !begun.some(({ id }) => key === `${id}@started`)),
  ];
  const lost = [
    ...later.filter((end) => !keys.includes(end.id) && history.wasVisible(end)),
    ...begun.filter(
      (start) =>
        start.at >= baseline.to + 1000 &&
        !excused(start.at) &&
        !starts.includes(`${start.id}@started`) &&
        history.wasVisible(start),
    ),
  ];
  expect({ doubled, wrong, lost }).toEqual({ doubled: [], wrong: [], lost: [] });

  // An event without an id stands for runs whose records are gone, at most one for each.
  for (const transfer of server.transfers) {
    const unnamed = ends.filter(({ key, transfer_id }) => transfer_id === transfer.id && key.includes('@'));
    const untold = mayBeTold.filter(({ id, transferId }) => transferId === transfer.id && !keys.includes(id));
    expect(unnamed.length).toBeLessThanOrEqual(untold.length);
  }
}

async function live(
  actions: readonly Action[],
  before: readonly Action[],
  options: {
    readonly ignoresPaging: boolean;
    readonly transfers: number;
    readonly latencies: readonly number[];
    readonly quietMs: number;
  },
): Promise<void> {
  const history = new History();
  const { server } = history;
  server.ignoresPaging = options.ignoresPaging;
  let request = 0;
  server.latency = () => options.latencies[(request += 1) % options.latencies.length] ?? 5;
  for (let index = 0; index < options.transfers; index++) server.addTransfer();
  for (const action of before) if (action.do !== 'poll' && action.do !== 'crash') await history.act(action);
  server.advance(options.quietMs);
  await history.begin();
  for (const action of actions) await history.act(action);
  await history.settle();
  check(history);
}

const world = {
  before: fc.array(action, { maxLength: 12 }),
  transfers: fc.integer({ min: 0, max: 40 }),
  /** Between the last thing that happened and the beginning of the watch. */
  quietMs: fc.oneof(fc.integer({ min: 0, max: 50 }), fc.integer({ min: 0, max: 5000 })),
  latencies: fc.oneof(
    fc.array(fc.integer({ min: 1, max: 8 }), { minLength: 1, maxLength: 3 }),
    fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 7 }),
  ),
};

const troubled = fc.oneof({ weight: 12, arbitrary: action }, { weight: 1, arbitrary: trouble });

describe('each run that starts or finishes is reported exactly once', () => {
  test.each([
    ['a server that sorts and pages', false, action],
    ['a server that sends whole lists', true, action],
    ['a server whose clock jumps, and a state that is damaged', false, troubled],
    ['a server with whole lists whose clock jumps, and a state that is damaged', true, troubled],
  ])('of %s', async (_name, ignoresPaging, actions) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(actions, { minLength: 20, maxLength: 120 }),
        world.before,
        world.transfers,
        world.latencies,
        world.quietMs,
        (history, before, transfers, latencies, quietMs) =>
          live(history, before, { ignoresPaging, transfers, latencies, quietMs }),
      ),
      cases(75),
    );
  });
});
