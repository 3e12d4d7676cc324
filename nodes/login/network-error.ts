import {
  CanceledError,
  CoriolisError,
  isCoriolisError,
  TimeoutError,
  UnreachableError,
} from '../../src/api/errors';

/**
 * Converts a network error. n8n replaces whole messages that contain a code such as "ECONNREFUSED" by its own texts, so
 * the code is not in the message and goes into `code` only.
 */
export function networkError(error: unknown, url: string, timeoutMs: number): CoriolisError {
  for (const cause of causesOf(error)) {
    if (isCoriolisError(cause)) return cause;
    const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : undefined;
    // n8n recognises a stopped execution by the word "canceled".
    if (code === 'ERR_CANCELED') return new CanceledError('The execution was canceled');
    if (code === 'ECONNABORTED' || code === 'ETIMEDOUT') {
      return new TimeoutError(`No answer from ${hostOf(url)} within ${Math.round(timeoutMs / 1000)} s`, {
        advice: 'Check that the server is up and reachable from n8n, then try again.',
      });
    }
    if (code !== undefined) {
      const { what, advice } = explain(code, hostOf(url));
      return new UnreachableError(what, { code, advice });
    }
  }
  return new UnreachableError(`n8n did not send the request to ${hostOf(url)}: ${messageOf(error)}`, {
    advice: 'Check the allowed domains of the credential and the network rules of n8n.',
  });
}

/** Yields an error and its causes. n8n wraps errors of requests, sometimes twice. */
export function* causesOf(error: unknown): Iterable<Error> {
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth += 1) yield at;
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : 'no reason given');

/** Host of a URL, without path and query, which may hold secrets. */
const hostOf = (url: string): string =>
  /^https?:\/\/(?:[^/?#@]*@)?([^/?#]+)/iu.exec(url)?.[1] ?? 'the server';

interface Explanation {
  readonly what: string;
  readonly advice: string;
}

const untrusted =
  'Paste the CA certificate into the credential. Only to try something out: switch on Ignore SSL Issues there.';
const unreachable = 'Check the address and port, and that a firewall lets n8n through.';

function explain(code: string, host: string): Explanation {
  switch (code) {
    case 'ECONNREFUSED':
      return { what: `Nothing listens at ${host}: the connection was refused`, advice: unreachable };
    case 'ENOTFOUND':
      return { what: `The host name of ${host} is unknown`, advice: 'Check how the host name is spelled.' };
    case 'EAI_AGAIN':
      return {
        what: `The host name of ${host} could not be looked up`,
        advice: 'Check the name server of n8n.',
      };
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
    case 'SELF_SIGNED_CERT_IN_CHAIN':
      return { what: `The certificate of ${host} is self-signed`, advice: untrusted };
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
    case 'UNABLE_TO_GET_ISSUER_CERT':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
      return {
        what: `The certificate of ${host} was issued by an authority that n8n does not know`,
        advice: untrusted,
      };
    case 'CERT_HAS_EXPIRED':
      return { what: `The certificate of ${host} has expired`, advice: 'Have it renewed.' };
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return {
        what: `The certificate of ${host} is for another host name`,
        advice: 'Use the name that the certificate was issued for.',
      };
    case 'EPROTO':
      return {
        what: `${host} does not speak TLS as expected`,
        advice: 'Check whether the address begins with http:// or https://.',
      };
    case 'ERR_BAD_RESPONSE':
      return { what: `The answer of ${host} broke off on the way`, advice: 'Try again in a moment.' };
    case 'ECONNRESET':
    case 'EPIPE':
      return { what: `${host} closed the connection before it answered`, advice: 'Try again in a moment.' };
    default:
      return { what: `No connection to ${host}`, advice: unreachable };
  }
}
