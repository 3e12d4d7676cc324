import { sleep } from 'n8n-workflow';
import { CanceledError } from '../src/api/errors';
import type { Runtime, Sleep } from '../src/api/core-runtime';

/**
 * Maximum milliseconds of one sleep of n8n. n8n's sleep cannot be interrupted, so a long one would go on after the
 * workflow was stopped.
 */
const sliceMs = 500;

/** Sleeps until the time has passed. @throws {CanceledError} as soon as the execution is stopped */
export const abortableSleep: Sleep = async (ms, signal) => {
  const end = Date.now() + ms;
  for (let left = ms; left > 0; left = end - Date.now()) {
    if (signal?.aborted === true) break;
    const slice = sleep(Math.min(left, sliceMs));
    await (signal === undefined ? slice : untilAborted(slice, signal));
  }
  // n8n recognises the error of a stopped execution by the word "canceled".
  if (signal?.aborted === true) throw new CanceledError('The execution was canceled');
};

/** Waits until `slice` has ended or the signal fires, then removes the listener from the signal. */
async function untilAborted(slice: Promise<unknown>, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const wake = (): void => {
      signal.removeEventListener('abort', wake);
      resolve();
    };
    signal.addEventListener('abort', wake);
    void slice.then(wake);
  });
}

/** Runtime of the nodes: clock, sleep and random numbers. */
export const nodeRuntime: Runtime = {
  clock: () => Date.now(),
  sleep: abortableSleep,
  random: () => Math.random(),
};
