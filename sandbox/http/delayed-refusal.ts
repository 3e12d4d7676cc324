/** Delays an answer by a number of seconds, scaled by the speed; after a delay it throws the given error. */
export type RefuseAfterDelay = (seconds: number, then: Error) => Promise<void>;

/**
 * Makes the function that delays answers.
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
