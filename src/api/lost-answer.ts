import {
  asError,
  CanceledError,
  isCoriolisError,
  ProtocolError,
  TimeoutError,
  UncertainError,
  UnreachableError,
} from './errors';
import { nothingWasSent } from './retry';

/**
 * Finds the result of a request whose answer was lost: lists, and compares more than the time. `createdSince` says
 * whether a `created_at` of the server lies after the moment the request was sent. Undefined: nothing found.
 */
export type Recover<T> = (createdSince: (createdAt: string) => boolean) => Promise<T | undefined>;

/** Delays before each look-up after a lost answer, because the server may still be working. */
const LOOKS_MS = [1_000, 4_000, 10_000];

/** Whether an error means that the request may have been carried out. */
export function isLostAnswer(error: unknown): error is Error {
  if (error instanceof TimeoutError) return true;
  if (error instanceof UnreachableError) return error.status !== 429 && !nothingWasSent(error);
  return error instanceof ProtocolError && error.incomplete;
}

interface Loss<T> {
  /** The request, for the error message. */
  readonly what: string;
  readonly loss: Error;
  readonly recover: (() => Promise<T | undefined>) | undefined;
  /** Sleep that ends when the caller cancels. */
  readonly sleep: (ms: number) => Promise<void>;
}

/**
 * Looks a few times for the result of a lost answer. Never sends the request again.
 * @throws {UncertainError} nothing was found, or nothing could be looked at
 */
export async function settle<T>({ what, loss, recover, sleep }: Loss<T>): Promise<T> {
  for (const delay of recover === undefined ? [] : LOOKS_MS) {
    await sleep(delay);
    try {
      const found = await recover?.();
      if (found !== undefined) return found;
    } catch (error) {
      // The network may still be down; the next look-up or the error below handles it.
      if (!isCoriolisError(error) || error instanceof CanceledError) throw asError(error);
    }
  }
  throw new UncertainError(`The answer to ${what} was lost, and nothing shows that it happened`, {
    cause: loss,
    advice: 'It may still have happened: look in Coriolis before you repeat it.',
  });
}
