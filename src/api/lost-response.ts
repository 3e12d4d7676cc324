import {
  asError,
  CanceledError,
  isCoriolisError,
  ProtocolError,
  ServerError,
  TimeoutError,
  UncertainError,
  UnreachableError,
} from './errors';
import { provesNothingSent } from './retry';
import type { Runtime } from './core-runtime';

/**
 * Finds what a change made when its response was lost, by listing objects and comparing their fields, not only
 * `created_at`. Undefined or empty when nothing was found. For a creation, returns every object that it may have made,
 * because equal requests of other callers make equal objects.
 * @param createdSince returns true when a `created_at` of the server is later than the request
 */
export type LostResultFinder<T> = (
  createdSince: (createdAt: string) => boolean,
) => Promise<T | readonly T[] | undefined>;

/** Milliseconds to wait before each lookup of a change, because the server may still be working on it. */
const LOOKUP_DELAYS_MS = [1_000, 4_000, 10_000];
/** Milliseconds after which no further lookup starts, for a server that does not answer reads either. */
const MAX_LOOKUP_PERIOD_MS = 30_000;

/** Whether a request may have been carried out although no usable answer came back. */
export function isLostResponse(error: unknown): error is Error {
  if (!isCoriolisError(error) || error.nothingSent) return false;
  if (error instanceof TimeoutError) return true;
  if (error instanceof UnreachableError) return error.status !== 429 && !provesNothingSent(error);
  return (error instanceof ProtocolError || error instanceof ServerError) && error.incomplete;
}

/** A change whose response was lost. */
export interface LostResponse<T> {
  /** Method and path of the request, for the error message. */
  readonly request: string;
  readonly cause: Error;
  /** Finds all objects that the change may have made; undefined when that is impossible. */
  readonly recover: (() => Promise<readonly T[]>) | undefined;
  readonly runtime: Runtime;
  readonly signal: AbortSignal | undefined;
}

/**
 * Looks up the result of a change whose response was lost, a few times. Never sends the change again.
 * @throws {UncertainError} nothing was found, several results were found, or the lookups failed
 */
export async function recoverLostResult<T>({
  request,
  cause,
  recover,
  runtime,
  signal,
}: LostResponse<T>): Promise<T> {
  const begun = runtime.clock();
  let candidates: readonly T[] = [];
  for (const pause of recover === undefined ? [] : LOOKUP_DELAYS_MS) {
    if (runtime.clock() - begun > MAX_LOOKUP_PERIOD_MS) break;
    await runtime.sleep(pause, signal);
    try {
      candidates = (await recover?.()) ?? [];
      const [found] = candidates;
      // With several candidates, all but one were made by other callers, and they cannot be told apart.
      if (found !== undefined && candidates.length === 1) return found;
    } catch (error) {
      // The network may still be down: the next lookup, or else the error below, deals with that.
      if (!isCoriolisError(error) || error instanceof CanceledError) throw asError(error);
    }
  }
  const { serverMessage, requestId, status } = isCoriolisError(cause) ? cause : {};
  throw new UncertainError(
    `The answer to ${request} was lost, and ${
      candidates.length === 0
        ? 'nothing shows that it happened'
        : `it may have made any of ${candidates.length} equal objects`
    }: ${cause.message}`,
    {
      cause,
      serverMessage,
      requestId,
      status,
      advice: 'The change may still have happened: look in Coriolis before you repeat it.',
    },
  );
}
