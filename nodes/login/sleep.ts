import { sleep } from 'n8n-workflow';
import { CanceledError } from '../../src/api/errors';
import type { Sleep } from '../../src/api/runtime';

/** n8n's sleep cannot be interrupted: short slices, so that little lingers after a workflow was stopped. */
const sliceMs = 500;

/** Sleeps, and wakes as soon as the execution is stopped. */
export const abortableSleep: Sleep = async (ms, signal) => {
  const end = Date.now() + ms;
  for (let left = ms; left > 0; left = end - Date.now()) {
    if (signal?.aborted === true) break;
    const slice = sleep(Math.min(left, sliceMs));
    await (signal === undefined ? slice : untilAborted(slice, signal));
  }
  // n8n tells a stopped execution from a failed one by the word "canceled".
  if (signal?.aborted === true) throw new CanceledError('The execution was canceled');
};

/** Ends with `slice` or with the signal, whichever is first, and leaves no listener behind. */
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
