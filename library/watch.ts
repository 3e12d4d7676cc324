import { asError } from '../src/api/errors';
import type { Coriolis } from '../src/api/coriolis';
import { number } from '../src/vocabulary/fields';
import { readInput } from '../src/vocabulary/input';
import { kinds } from '../src/watch/fields';
import { watch } from '../src/watch/watch';
import type { Cursor, WatchEvent, WatchOptions } from '../src/watch/watch';

/** Options of a watch. */
export interface WatchSettings extends Omit<WatchOptions, 'scope'> {
  /**
   * Cursor of an earlier batch; it can be stored as JSON. Without one, or with one of another server or project, the
   * watch begins now.
   */
  readonly cursor?: unknown;
  /** Seconds between two polls, 1 to 3600. Default 30. */
  readonly intervalSeconds?: number | undefined;
  /** Ends the watch. */
  readonly signal?: AbortSignal | undefined;
}

/** Result of one poll. */
export interface WatchBatch {
  /** Events since the last poll; often none. */
  readonly events: readonly WatchEvent[];
  /**
   * Cursor for the next batch. Store it after the events have been handled: then nothing is lost, and an event that
   * comes again after a crash has the same `key`.
   */
  readonly cursor: Cursor;
}

const fields = {
  intervalSeconds: number('Interval (Seconds)', 'Seconds between two looks.', {
    default: 30,
    minimum: 1,
    maximum: 3600,
  }),
};

/**
 * Polls and yields one batch per poll, until `signal` fires or the caller leaves the loop. When retries do not help it
 * throws; continue with the last cursor.
 */
export async function* watchFrom(
  coriolis: Coriolis,
  scope: string,
  { cursor, intervalSeconds, signal, ...options }: WatchSettings,
): AsyncGenerator<WatchBatch, void> {
  const interval = readInput(fields, { intervalSeconds }).intervalSeconds * 1000;
  // Checked at run time too: with a misspelled kind an untyped program would never get an event.
  for (const kind of options.kinds ?? []) readInput({ kinds }, { kinds: kind });
  const patient: Coriolis = { ...coriolis, ...(signal === undefined ? {} : { signal }) };
  let from = cursor;
  try {
    for (;;) {
      const batch = await watch(patient, from, { ...options, scope });
      from = batch.cursor;
      yield batch;
      await coriolis.sleep(interval, signal);
    }
  } catch (error) {
    if (signal?.aborted !== true) throw asError(error);
  }
}
