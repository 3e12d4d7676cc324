/** Waits a number of seconds, then throws the error; does nothing for 0 seconds. */
export type DelayedThrower = (seconds: number, then: Error) => Promise<void>;

/**
 * Makes the function that throws an error after a delay.
 * @param speed factor by which the delay is shortened
 */
export function makeDelayedThrower(speed: number): DelayedThrower {
  return async (seconds, then) => {
    if (seconds === 0) return;
    await new Promise((resolve) => {
      setTimeout(resolve, (seconds * 1000) / speed).unref();
    });
    throw then;
  };
}
