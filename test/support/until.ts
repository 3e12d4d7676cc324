import { setTimeout as sleep } from 'node:timers/promises';

const PAUSE_MS = 25;

/**
 * Waits for a condition on another process or server, which may take longer on a busy machine.
 *
 * @param what awaited condition, for the error message
 * @param ask reads the present state
 * @param isEnough whether the state is the awaited one
 * @param timeoutMs maximum wait in milliseconds
 * @returns the first state that is enough
 * @throws with the last state, when the time is over
 */
export async function until<T>(
  what: string,
  ask: () => Promise<T> | T,
  isEnough: (state: T) => boolean,
  { timeoutMs = 300_000, pauseMs = PAUSE_MS } = {},
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const state = await ask();
    if (isEnough(state)) return state;
    if (Date.now() > deadline) throw new Error(`waited in vain for ${what}; last: ${JSON.stringify(state)}`);
    await sleep(pauseMs);
  }
}
