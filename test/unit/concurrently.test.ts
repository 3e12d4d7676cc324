import { concurrently } from '../../src/concurrently';

const later = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('running work concurrently', () => {
  it('keeps the order of the items and never exceeds the limit', async () => {
    let running = 0;
    let most = 0;
    const results = await concurrently([5, 1, 4, 2, 3], 2, async (rounds, index) => {
      running += 1;
      most = Math.max(most, running);
      for (let round = 0; round < rounds; round += 1) await later();
      running -= 1;
      return `${index}:${rounds}`;
    });
    expect(results).toEqual(['0:5', '1:1', '2:4', '3:2', '4:3']);
    expect(most).toBe(2);
  });

  it('throws the first error after the work under way has ended, and begins nothing more', async () => {
    const ended: number[] = [];
    const run = concurrently([1, 2, 3, 4], 2, async (item) => {
      await later();
      if (item === 1) throw new Error('first');
      await later();
      ended.push(item);
    });
    await expect(run).rejects.toThrow('first');
    expect(ended).toEqual([2]);
  });

  it('has nothing to do for no items', async () => {
    await expect(concurrently([], 3, async () => 1)).resolves.toEqual([]);
  });
});
