import { asError } from './errors';
import type { Coriolis } from './operation-context';

/** Whether a wait must return now: its time is over (`deadline`, milliseconds on `clock`), or the program is ending. */
export const isWaitOver = ({ clock, endWaitsSignal }: Coriolis, deadline: number): boolean =>
  endWaitsSignal?.aborted === true || clock() >= deadline;

/**
 * Pauses a wait for `ms` milliseconds. Returns early when the program is ending (`endWaitsSignal`), so that the caller still
 * gets the state of the work as an answer.
 * @throws {CanceledError} as soon as the caller cancels
 */
export async function pauseWait({ sleep, signal, endWaitsSignal }: Coriolis, ms: number): Promise<void> {
  if (endWaitsSignal === undefined) return await sleep(ms, signal);
  if (endWaitsSignal.aborted && signal?.aborted !== true) return;
  const abort = new AbortController();
  const wake = (): void => abort.abort();
  for (const one of [signal, endWaitsSignal]) one?.addEventListener('abort', wake, { once: true });
  try {
    await sleep(ms, abort.signal);
  } catch (error) {
    // When the caller canceled, the wait has no result, even if `endWaitsSignal` fired too.
    if (!endWaitsSignal.aborted || signal?.aborted === true) throw asError(error);
  } finally {
    for (const one of [signal, endWaitsSignal]) one?.removeEventListener('abort', wake);
  }
}
