/**
 * Works on many things with at most `atOnce` at a time and returns the results in the order of the things. After a failure
 * nothing new begins; what is under way ends, and then the failure of the foremost thing is thrown.
 */
export async function inOrder<Thing, Result>(
  things: readonly Thing[],
  atOnce: number,
  work: (thing: Thing, index: number) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = new Array<Result>(things.length);
  const failures: Array<{ readonly index: number; readonly error: unknown }> = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < things.length && failures.length === 0) {
      const index = next;
      next += 1;
      try {
        results[index] = await work(things[index] as Thing, index);
      } catch (error) {
        failures.push({ index, error });
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(Math.max(1, atOnce), things.length) }, worker));
  const [foremost] = failures.sort((one, other) => one.index - other.index);
  if (foremost !== undefined) throw asError(foremost.error);
  return results;
}

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));
