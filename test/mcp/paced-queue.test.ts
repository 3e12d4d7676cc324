import { PacedQueue } from '../../mcp/http/paced-queue';

const loopTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Lets this many pieces of work ask for a turn; the ones that have begun. */
function queue(turns: PacedQueue, count: number): readonly number[] {
  const begun: number[] = [];
  for (let index = 0; index < count; index += 1) void turns.waitForTurn().then(() => begun.push(index));
  return begun;
}

it('lets one piece of work begin in each turn of the event loop, in their order', async () => {
  const begun = queue(new PacedQueue(), 3);
  const seen: number[][] = [];
  for (let turn = 0; turn < 3; turn += 1) {
    await loopTurn();
    seen.push([...begun]);
  }
  expect(seen).toEqual([[0], [0, 1], [0, 1, 2]]);
});

it('lets none begin in a turn that has brought a connection, but stops for no flood of them', async () => {
  const turns = new PacedQueue();
  const begun = queue(turns, 2);
  const counts: number[] = [];
  for (let turn = 0; turn < 50; turn += 1) {
    turns.reportConnection();
    await loopTurn();
    counts.push(begun.length);
  }
  expect(counts.slice(0, 20)).toEqual(Array.from({ length: 20 }, () => 0));
  expect(counts.at(-1)).toBe(2);
});
