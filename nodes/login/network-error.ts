import { CanceledError, isCoriolisError, UnreachableError, type CoriolisError } from '../../src/api/errors';
import { hostOfUrl, networkFailureError, timedOutError } from '../../src/api/network-failure';

const certificateAdvice =
  'Paste the CA certificate into the credential. Only to try something out: switch on Ignore SSL Issues there.';

/**
 * Converts a network error of n8n's HTTP helper. The code, such as "ECONNREFUSED", is in `code` only: n8n replaces a
 * message that contains a code by a text of its own.
 * @param isStopped whether the execution was stopped; otherwise an aborted request has timed out
 */
export function networkErrorToCoriolisError(
  error: unknown,
  url: string,
  timeoutMs: number,
  isStopped: boolean,
): CoriolisError {
  for (const cause of causesOf(error)) {
    if (isCoriolisError(cause)) return cause;
    const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : undefined;
    // n8n recognises the error of a stopped execution by the word "canceled".
    if (code === 'ERR_CANCELED' && isStopped) return new CanceledError('The execution was canceled');
    if (code === 'ERR_CANCELED' || code === 'ECONNABORTED' || code === 'ETIMEDOUT') {
      return timedOutError(timeoutMs, { url });
    }
    if (code !== undefined) {
      return networkFailureError(code, { url, certificateAdvice });
    }
  }
  return new UnreachableError(`n8n did not send the request to ${hostOfUrl(url)}: ${messageOf(error)}`, {
    advice: 'Check the allowed domains of the credential and the network rules of n8n.',
  });
}

/** Yields an error and its causes. n8n wraps errors of requests, sometimes twice. */
function* causesOf(error: unknown): Iterable<Error> {
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth += 1) yield at;
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : 'no reason given');
