import { setTimeout as sleep } from 'node:timers/promises';
import { until } from './until';

/** Longer than two pauses of whatever asks a server again and again. */
const WINDOW_MS = 3_500;

/**
 * Waits until nothing is counted for a while: what was on its way when it was told to stop may still arrive.
 *
 * @param what is to be over, for the error message
 * @throws when it goes on
 */
export async function quiet(what: string, count: () => number): Promise<void> {
  const during = async (): Promise<number> => {
    const before = count();
    await sleep(WINDOW_MS);
    return count() - before;
  };
  await until(`the end of ${what}`, during, (counted) => counted === 0);
}
