import { asError } from '../src/api/errors';
import type { Coriolis } from '../src/api/coriolis';
import { number } from '../src/vocabulary/fields';
import { readInput } from '../src/vocabulary/input';
import { kinds } from '../src/watch/fields';
import { watch } from '../src/watch/watch';
import type { Cursor, WatchEvent, WatchOptions } from '../src/watch/watch';

/** What to watch, from where on, and how long. */
export interface WatchSettings extends Omit<WatchOptions, 'scope'> {
  /**
   * The cursor of an earlier batch, through JSON if you like. Without one, or with one of another server or project, the
   * watch begins now.
   */
  readonly cursor?: unknown;
  /** Seconds between two looks, 1 to 3600; 30 when left out. */
  readonly intervalSeconds?: number | undefined;
  /** Ends the watch. */
  readonly signal?: AbortSignal | undefined;
}

/** What one look found. */
export interface WatchBatch {
  /** What has happened since the last look; often nothing. */
  readonly events: readonly WatchEvent[];
  /**
   * Where to go on. Keep it when the events are dealt with, and only then: nothing is lost, and what is told again after a
   * crash in between has the same `key`.
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
 * Looks again and again, one batch a look, until `signal` fires or the caller leaves the loop. An error ends it too, when
 * retries did not help: go on with the last cursor.
 */
export async function* watchFrom(
  coriolis: Coriolis,
  scope: string,
  { cursor, intervalSeconds, signal, ...options }: WatchSettings,
): AsyncGenerator<WatchBatch, void> {
  const interval = readInput(fields, { intervalSeconds }).intervalSeconds * 1000;
  // Programs that no compiler checks would watch for nothing, and never hear of it.
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
