import { asError, InvalidInputError } from '../src/api/errors';
import type { Coriolis } from '../src/api/operation-context';
import { number } from '../src/vocabulary/field-constructors';
import { readInput } from '../src/vocabulary/read-input';
import { eventsField } from '../src/watch/trigger-fields';
import { pollWatch, type Cursor, type WatchEvent, type WatchOptions } from '../src/watch/poll-watch';

/** Options of `watch()`. */
export interface WatchSettings extends Omit<WatchOptions, 'scope'> {
  /**
   * Cursor of an earlier batch: an object, parsed when it was stored as JSON text. Without a cursor the watch begins
   * now. With a damaged cursor, or one of another server or project, it also begins now, and `notices` says so.
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
  /** Sentences for people that say why the watch, or a part of it, began anew now. Usually empty. */
  readonly notices: readonly string[];
}

const fields = {
  intervalSeconds: number('Interval (Seconds)', 'Seconds between two polls.', {
    default: 30,
    minimum: 1,
    maximum: 3600,
  }),
};

/**
 * Polls and yields one batch per poll, until `signal` fires or the caller leaves the loop. Throws when retries fail;
 * continue with the last cursor.
 *
 * @throws {InvalidInputError} the cursor is no object, or a setting is wrong
 */
export async function* watchEvents(
  coriolis: Coriolis,
  scope: string,
  { cursor, intervalSeconds, signal, ...options }: WatchSettings,
): AsyncGenerator<WatchBatch, void> {
  const interval = readInput(fields, { intervalSeconds }).intervalSeconds * 1000;
  // Checked at run time too: with a misspelled kind an untyped program would never get an event.
  for (const kind of options.kinds ?? []) readInput({ kinds: eventsField }, { kinds: kind });
  requireCursor(cursor);
  const cancelable: Coriolis = { ...coriolis, signal: signal ?? coriolis.signal };
  let from = cursor;
  try {
    for (;;) {
      const batch = await pollWatch(cancelable, from, { ...options, scope });
      from = batch.cursor;
      yield batch;
      await coriolis.sleep(interval, signal);
    }
  } catch (error) {
    if (signal?.aborted !== true) throw asError(error);
  }
}

function requireCursor(cursor: unknown): void {
  if (cursor === undefined || cursor === null || (typeof cursor === 'object' && !Array.isArray(cursor)))
    return;
  const given = Array.isArray(cursor) ? 'a list' : `a ${typeof cursor}`;
  throw new InvalidInputError(`cursor must be the object that an earlier batch gave; got ${given}.`, {
    field: 'cursor',
    advice: 'A cursor that was stored as JSON text must be parsed first: JSON.parse(text).',
  });
}
