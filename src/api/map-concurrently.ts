import { asError } from './errors';

/**
 * Runs `work` for every item, at most `limit` at a time, and returns the results in the order of the items. After a
 * failure no further item is started. The started ones are awaited, and then the error of the first failed item in the
 * list is thrown.
 */
export async function mapConcurrently<Item, Result>(
  items: readonly Item[],
  limit: number,
  work: (item: Item, index: number) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  const failures = new Map<number, unknown>();
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < items.length && failures.size === 0) {
      const index = next;
      next += 1;
      try {
        results[index] = await work(items[index] as Item, index);
      } catch (error) {
        failures.set(index, error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(Math.max(1, limit), items.length) }, worker));
  if (failures.size > 0) throw asError(failures.get(Math.min(...failures.keys())));
  return results;
}
