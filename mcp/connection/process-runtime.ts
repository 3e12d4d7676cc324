import { CanceledError } from '../../src/api/errors';
import type { Runtime, Sleep } from '../../src/api/core-runtime';

const sleep: Sleep = (ms, signal) =>
  new Promise((resolve, reject) => {
    const cancel = (): void => {
      clearTimeout(timer);
      reject(new CanceledError('The call was canceled'));
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', cancel);
      resolve();
    }, ms);
    if (signal?.aborted === true) cancel();
    else signal?.addEventListener('abort', cancel, { once: true });
  });

/** Runtime of this process: clock, sleep and random numbers. */
export const processRuntime: Runtime = { clock: Date.now, sleep, random: Math.random };
