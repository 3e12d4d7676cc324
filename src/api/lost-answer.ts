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
 * Finds what a lost answer told of: lists, and picks by more than the time. `createdSince` says whether a `created_at` of
 * the server lies after the moment the request was sent. Undefined: nothing found.
 */
export type Recover<T> = (createdSince: (createdAt: string) => boolean) => Promise<T | undefined>;

/** Waits before each look for what a lost answer created: the server may still be at it. */
const LOOKS_MS = [1_000, 4_000, 10_000];

/** Whether the request may have been carried out although no usable answer to it came back. */
export function isLostAnswer(error: unknown): error is Error {
  if (error instanceof TimeoutError) return true;
  if (error instanceof UnreachableError) return error.status !== 429 && !nothingWasSent(error);
  return error instanceof ProtocolError && error.incomplete;
}

interface Loss<T> {
  /** What was asked, for the words of an error. */
  readonly what: string;
  readonly loss: Error;
  readonly recover: (() => Promise<T | undefined>) | undefined;
  /** Ends with the caller's patience. */
  readonly sleep: (ms: number) => Promise<void>;
}

/**
 * Looks a few times for what a lost answer would have told, and never asks for it again.
 * @throws {UncertainError} nothing was found, or nothing could be looked at
 */
export async function settle<T>({ what, loss, recover, sleep }: Loss<T>): Promise<T> {
  for (const delay of recover === undefined ? [] : LOOKS_MS) {
    await sleep(delay);
    try {
      const found = await recover?.();
      if (found !== undefined) return found;
    } catch (error) {
      // The network may still be down: the next look, or the verdict below, deals with it.
      if (!isCoriolisError(error) || error instanceof CanceledError) throw asError(error);
    }
  }
  throw new UncertainError(`The answer to ${what} was lost, and nothing shows that it happened`, {
    cause: loss,
    advice: 'It may still have happened: look in Coriolis before you repeat it.',
  });
}
