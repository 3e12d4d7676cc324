import fc from 'fast-check';
import { cases } from '../../support/cases';
import { History } from './history';
import type { Ended } from './model-server';
import { action, trouble, type Action } from './random-actions';

/**
 * Random histories against a server in memory, counted afterwards: no event lost, none doubled, none wrong, within the
 * limits that no watcher can overcome (docs/reference/watching.md §5).
 */

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
