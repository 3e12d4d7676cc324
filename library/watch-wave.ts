import { asError } from '../src/api/errors';
import { contextForCaller, type Coriolis } from '../src/api/operation-context';
import { number } from '../src/vocabulary/field-constructors';
import { readInput } from '../src/vocabulary/read-input';
import { pollOrShare } from '../src/waiting/poll-or-share';
import type { Call, Group } from './methods';

/** Board of a wave: its machines with their stages, as `waves.get` returns it. */
export type WaveBoard = Group<'wave'>['get'] extends Call<never, infer Board> ? Board : never;

/** Options of `waves.watch()`. */
export interface WaveWatchSettings {
  /** Name of the wave. */
  readonly wave: string;
  /** Ids of existing transfers that the wave has adopted. */
  readonly transferIds?: readonly string[] | undefined;
  /** Seconds between two boards, 5 to 3600. Default 30. */
  readonly intervalSeconds?: number | undefined;
  /** Seconds after which the watch ends, 0 to 604,800. Default 86,400; 0 yields one board. */
  readonly timeoutSeconds?: number | undefined;
  /** Ends the watch. */
  readonly signal?: AbortSignal | undefined;
}

const fields = {
  intervalSeconds: number('Interval (Seconds)', 'Seconds between two boards.', {
    default: 30,
    minimum: 5,
    maximum: 3600,
  }),
  timeoutSeconds: number('Timeout (Seconds)', 'Seconds after which the watch ends.', {
    default: 86_400,
    minimum: 0,
    maximum: 604_800,
  }),
};

/**
 * Yields the board of a wave again and again. The last board has `outcome` completed or failed, or is the one at the
 * timeout; the watch also ends when `signal` fires or the caller leaves the loop. Watches of one wave with the same
 * connection share their requests. Only reads.
 *
 * @throws {NotFoundError} no wave of that name has begun
 * @throws {InvalidInputError} a setting is wrong
 */
export async function* watchWave(
  coriolis: Coriolis,
  get: Group<'wave'>['get'],
  { wave, transferIds, signal, ...settings }: WaveWatchSettings,
): AsyncGenerator<WaveBoard, void> {
  const { intervalSeconds, timeoutSeconds } = readInput(fields, settings);
  const interval = intervalSeconds * 1000;
  const deadline = coriolis.clock() + timeoutSeconds * 1000;
  const own = contextForCaller(coriolis, {
    signal: signal ?? coriolis.signal,
    deadline: coriolis.deadline,
    reportProgress: coriolis.reportProgress,
  });
  const key = `board of ${JSON.stringify([wave, transferIds ?? []])}`;
  const read = async ({ signal: every }: Coriolis): Promise<WaveBoard> =>
    await get({ wave, transferIds }, { signal: every });
  try {
    for (;;) {
      const board = await pollOrShare(own, key, interval / 2, read);
      yield board;
      const now = coriolis.clock();
      if (board.outcome !== 'going_on' || now >= deadline) return;
      // Polls are at multiples of the interval, so that watches with the same interval share a request.
      const next = Math.min(now + interval - (now % interval), deadline);
      await coriolis.sleep(next - now, own.signal);
    }
  } catch (error) {
    if (own.signal?.aborted !== true) throw asError(error);
  }
}
