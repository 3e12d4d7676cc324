/** Keeps the caller waiting for that many seconds of life; when there was something to wait for, it then ends in the given error. */
export type Wait = (seconds: number, then: Error) => Promise<void>;

/** @param speed how much faster than life */
export function waiting(speed: number): Wait {
  return async (seconds, then) => {
    if (seconds === 0) return;
    await new Promise((resolve) => {
      setTimeout(resolve, (seconds * 1000) / speed).unref();
    });
    throw then;
  };
}
