import type { Runtime } from './core-runtime';
import {
  asError,
  CanceledError,
  isCoriolisError,
  ProtocolError,
  TimeoutError,
  UnreachableError,
  type CoriolisError,
} from './errors';

/** Retry policy of a repeatable call. Times in milliseconds. */
export interface RetryPolicy {
  /** Maximum number of attempts, the first included. */
  readonly attempts: number;
  /** Maximum delay before the second attempt, in milliseconds. It doubles before each further attempt. */
  readonly firstDelayMs: number;
  readonly maximumDelayMs: number;
  /** Maximum delay taken from a `Retry-After` header; a longer one is shortened to this. */
  readonly maximumRetryAfterMs: number;
  /** Maximum time from the first attempt to the start of the last one. */
  readonly maximumElapsedMs: number;
}

/**
 * Default policy: four attempts within a minute. During longer outages, waits and callers repeat the call themselves.
 */
export const DEFAULT_RETRY: RetryPolicy = {
  attempts: 4,
  firstDelayMs: 500,
  maximumDelayMs: 8_000,
  maximumRetryAfterMs: 30_000,
  maximumElapsedMs: 40_000,
};

/** Error codes of connections that were never made, so that nothing was sent. */
const NEVER_CONNECTED = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EPROTO',
  'UND_ERR_CONNECT_TIMEOUT',
]);
/**
 * Error codes of refused certificates and failed TLS handshakes. Codes of a damaged TLS record are excluded, because
 * the request may have been sent before.
 */
const FAILED_HANDSHAKE = /CERT|SELF_SIGNED|UNABLE_TO_(GET|VERIFY)|^ERR_(SSL|TLS)_(?!.*(RECORD|DECRYPT))/;

/** Whether the error proves that the request was not sent, so that any request may be repeated. */
export function provesNothingSent(error: UnreachableError): boolean {
  return error.code !== undefined && (NEVER_CONNECTED.has(error.code) || FAILED_HANDSHAKE.test(error.code));
}

/** Whether another attempt may succeed. An unknown host or an invalid certificate stays so, and is not retried. */
function isRetryable(error: unknown): error is UnreachableError | TimeoutError | ProtocolError {
  // A failed login has already been retried by `logIn`.
  if (isCoriolisError(error) && error.nothingSent) return false;
  if (error instanceof TimeoutError || (error instanceof ProtocolError && error.mixedUp)) return true;
  return (
    error instanceof UnreachableError &&
    error.code !== 'ENOTFOUND' &&
    error.code !== 'EPROTO' &&
    !FAILED_HANDSHAKE.test(error.code ?? '')
  );
}

/**
 * Throws when the caller has canceled, and returns otherwise.
 * @throws {CanceledError} `signal` has fired
 */
export function throwIfCanceled(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw new CanceledError('The call was canceled');
}

/** Signal and deadline (milliseconds on the local clock) that end a call with all its attempts. */
interface CallLimits {
  readonly signal?: AbortSignal | undefined;
  readonly deadline?: number | undefined;
}

/** First attempt of a call that the caller made itself and that failed. */
export interface FailedFirstAttempt {
  readonly error: unknown;
  /** Start of the attempt, in milliseconds on the local clock. */
  readonly begunAt: number;
}

/** Maximum milliseconds of a call with all its attempts. It is below the timeouts that clients usually set. */
const MAX_CALL_MS = 45_000;
/** Minimum timeout of an attempt in milliseconds. An attempt gets it even when the deadline is nearer. */
const MIN_ATTEMPT_MS = 1_000;

/**
 * Runs `attempt` until it succeeds, fails for good, or the policy is exhausted; then its last error is thrown. Only for
 * calls that may safely happen twice.
 * @param attempt receives the milliseconds that remain for it
 * @param options.deadline deadline of the caller, in milliseconds on the local clock
 * @throws {CanceledError} `signal` fired, also during a pause
 */
export async function withRetries<T>(
  attempt: (leftMs: number) => Promise<T>,
  policy: RetryPolicy,
  runtime: Runtime,
  { signal, deadline }: CallLimits = {},
  failed?: FailedFirstAttempt,
): Promise<T> {
  const begin = failed?.begunAt ?? runtime.clock();
  const total = deadline === undefined ? MAX_CALL_MS : Math.min(MAX_CALL_MS, deadline - begin);
  const elapsed = (): number => runtime.clock() - begin;
  for (let count = 1; ; count += 1) {
    try {
      if (count === 1 && failed !== undefined) throw asError(failed.error);
      throwIfCanceled(signal);
      return await attempt(Math.max(MIN_ATTEMPT_MS, total - elapsed()));
    } catch (error) {
      if (!isRetryable(error)) throw asError(error);
      // The server closed an idle connection. The retry opens a new one, so it needs no delay.
      if (count === 1 && wasClosed(error) && elapsed() < total) continue;
      if (count >= policy.attempts) throw asError(error);
      const delay = delayBefore(count, error, policy, runtime);
      if (elapsed() + delay > Math.min(policy.maximumElapsedMs, total)) throw asError(error);
      await runtime.sleep(delay, signal);
    }
  }
}

/** Error codes of a keep-alive connection that the server closed just as the next request was sent. */
const CLOSED_CONNECTION = new Set(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET']);

const wasClosed = (error: unknown): boolean =>
  error instanceof UnreachableError && CLOSED_CONNECTION.has(error.code ?? '');

/**
 * Milliseconds before the next attempt. The delay doubles each time, and is shortened at random by up to a half, so
 * that many clients do not retry together. It is at least the server's `Retry-After`, within the policy's maximum.
 */
function delayBefore(count: number, error: CoriolisError, policy: RetryPolicy, runtime: Runtime): number {
  const ceiling = Math.min(policy.maximumDelayMs, policy.firstDelayMs * 2 ** (count - 1));
  const backOff = ceiling * (0.5 + runtime.random() / 2);
  const wish = error instanceof UnreachableError ? (error.retryAfterMs ?? 0) : 0;
  return Math.max(backOff, Math.min(wish, policy.maximumRetryAfterMs));
}

/**
 * Milliseconds that a `Retry-After` header asks for: seconds, or a date compared with `now`. Undefined without a valid
 * value.
 */
export function parseRetryAfter(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined;
  const ms = /^\s*\d+(\.\d+)?\s*$/.test(header) ? Number(header) * 1000 : Date.parse(header) - now;
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}
