import { CanceledError } from '../../src/api/errors';
import type { Runtime, Sleep } from '../../src/api/runtime';

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

/** Clock, sleep and chance of this process. */
export const runtime: Runtime = { clock: Date.now, sleep, random: Math.random };
