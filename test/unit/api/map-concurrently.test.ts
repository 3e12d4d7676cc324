import { mapConcurrently } from '../../../src/api/map-concurrently';

const later = () => new Promise<void>((resolve) => setImmediate(resolve));

test('results stand in the order of the things, whichever is ready first', async () => {
  const work = async (thing: number) => {
    for (let turns = 10 - thing; turns > 0; turns -= 1) await later();
    return thing * 2;
  };

  expect(await mapConcurrently([1, 2, 3, 4, 5], 3, work)).toEqual([2, 4, 6, 8, 10]);
});

test('never more than allowed are worked on at once', async () => {
  let now = 0;
  let most = 0;

  await mapConcurrently(Array.from({ length: 20 }), 4, async () => {
    now += 1;
    most = Math.max(most, now);
    await later();
    now -= 1;
  });

  expect(most).toBe(4);
});

test('after a failure nothing begins, what runs ends, and the foremost failure is thrown', async () => {
  const begun: number[] = [];
  const ended: number[] = [];

  const running = mapConcurrently([0, 1, 2, 3, 4, 5], 3, async (thing) => {
    begun.push(thing);
    if (thing === 1) throw new Error('one');
    await later();
    if (thing === 0) throw new Error('zero');
    ended.push(thing);
  });

  await expect(running).rejects.toThrow('zero');
  expect(begun).toEqual([0, 1, 2]);
  expect(ended).toEqual([2]);
});

test('nothing to do is nothing done', async () => {
  expect(await mapConcurrently([], 5, async () => 1)).toEqual([]);
});
