/** Waits a number of seconds, then throws a refusal; throws at once for 0 seconds. */
export type RefuseAfterDelay = (seconds: number, then: Error) => Promise<void>;

/**
 * Makes the function that delays refusals.
 * @param speed speed-up over real time
 */
export function makeRefuseAfterDelay(speed: number): RefuseAfterDelay {
  return async (seconds, then) => {
    if (seconds === 0) return;
    await new Promise((resolve) => {
      setTimeout(resolve, (seconds * 1000) / speed).unref();
    });
    throw then;
  };
}
