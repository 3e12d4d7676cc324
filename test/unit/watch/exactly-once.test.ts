import fc from 'fast-check';
import { cases } from '../../support/cases';
import { watch } from '../../../src/watch/watch';
import type { WatchEvent } from '../../../src/watch/watch';
import { ModelServer } from './model-server';

/**
 * Random histories against a server in memory, counted reloadResult: no event lost, none doubled, none wrong, within the
 * limits that no watcher can overcome (watching.md §5).
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
  | { do: 'crash' };

const SCOPE = 'https://coriolis.example/v1/project';
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

/** A watcher that saves its state the way n8n does: with the events; and the history that happens around it. */
class History {
  readonly server = new ModelServer();
  readonly events: WatchEvent[] = [];
  readonly coriolis = this.server.coriolis();
  /** When the first poll began and ended: what ends within may or may not be told. */
  readonly baseline = { from: 0, to: 0 };
  /** For each poll: when it began, and the transfers that were at rest, and alive, during all of it. */
  readonly polls: Array<{ at: number; atRest: ReadonlySet<string>; alive: ReadonlySet<string> }> = [];
  private cursor: unknown;
  private saved: unknown;

  async begin(): Promise<void> {
    this.baseline.from = this.server.now;
    const { cursor, events } = await watch(this.coriolis, undefined, { scope: SCOPE });
    expect(events).toEqual([]);
    this.cursor = this.saved = JSON.parse(JSON.stringify(cursor));
    this.baseline.to = this.server.now;
  }

  async poll(): Promise<void> {
    const at = this.server.now;
    const atRest = this.idsAtRest();
    const { cursor, events } = await watch(this.coriolis, this.cursor, { scope: SCOPE });
    const still = this.idsAtRest();
    this.polls.push({
      at,
      atRest: new Set([...atRest].filter((id) => still.has(id))),
      alive: this.idsAlive(),
    });
    this.cursor = JSON.parse(JSON.stringify(cursor));
    this.events.push(...events);
    if (events.length > 0) this.saved = this.cursor;
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
    for (let round = 0; round < 4; round++) {
      this.server.advance(5000);
      await this.poll();
    }
  }

  /** Whether a poll could see this run: old enough, its record there, no other run of its transfer under way. */
  wasVisible(id: string, transferId: string, at: number): boolean {
    return this.polls.some(
      (poll) =>
        poll.at >= at + 3100 && poll.alive.has(id) && (poll.atRest.has(transferId) || poll.atRest.has(id)),
    );
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
  const { server, events, baseline } = history;
  const mayBeTold = server.ended.filter(({ at }) => at >= baseline.from);
  const later = mayBeTold.filter(({ at }) => at >= baseline.to);
  const named = events.filter(
    ({ execution_id, deployment_id }) => execution_id !== null || deployment_id !== null,
  );
  const keys = events.map(({ key }) => key);
  const truth = new Map(mayBeTold.map((end) => [end.id, end]));

  const doubled = keys.filter((key, index) => keys.indexOf(key) !== index);
  const wrong = named.filter(({ key, status }) => truth.get(key)?.status !== status);
  const lost = later.filter(
    ({ id, transferId, at }) => !keys.includes(id) && history.wasVisible(id, transferId, at),
  );
  expect({ doubled, wrong, lost }).toEqual({ doubled: [], wrong: [], lost: [] });

  // An event without an id stands for runs whose records are gone, at most one for each.
  for (const transfer of server.transfers) {
    const unnamed = events.filter(({ key, transfer_id }) => transfer_id === transfer.id && key.includes('@'));
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

describe('a watcher tells each finished run exactly once', () => {
  test.each([
    ['a server that sorts and pages', false],
    ['a server that sends whole lists', true],
  ])('of %s', async (_name, ignoresPaging) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(action, { minLength: 20, maxLength: 120 }),
        world.before,
        world.transfers,
        world.latencies,
        world.quietMs,
        (actions, before, transfers, latencies, quietMs) =>
          live(actions, before, { ignoresPaging, transfers, latencies, quietMs }),
      ),
      cases(75),
    );
  });
});
