import { CanceledError, ProtocolError, TimeoutError, UnreachableError, type CoriolisError } from './errors';

/** Errors of the network and of TLS, explained for people. All transports use this table. */

/** Maximum size of an answer in bytes after decompression; a larger one is refused. */
export const MAX_ANSWER_BYTES = 64 * 1024 * 1024;

/** Circumstances of a failed request that only the transport knows. */
export interface NetworkFailureDetails {
  readonly url: string;
  /** Host and port of the proxy that the request went to. */
  readonly proxy?: string | undefined;
  /** Advice for a certificate that is not trusted, one sentence. */
  readonly certificateAdvice?: string | undefined;
}

/** Host and port of a URL, without path and query, which may hold secrets. */
export function hostOfUrl(url: string): string {
  return /^https?:\/\/(?:[^/?#@]*@)?([^/?#]+)/i.exec(url)?.[1] ?? 'the server';
}

export const canceledError = (): CanceledError => new CanceledError('The call was canceled');

export const timedOutError = (timeoutMs: number, { url, proxy }: NetworkFailureDetails): TimeoutError =>
  new TimeoutError(
    `No complete answer from ${hostOfUrl(url)}${through(proxy)} within ${Math.round(timeoutMs / 1000)} s`,
    { advice: 'The server or the platform behind it is slow or down: check it, then try again.' },
  );

export const tooLargeError = ({ url }: NetworkFailureDetails): ProtocolError =>
  new ProtocolError(`The answer of ${hostOfUrl(url)} is larger than ${MAX_ANSWER_BYTES / 1024 / 1024} MiB`, {
    incomplete: true,
    advice: 'Check the URL; if it is right, ask for less.',
  });

/**
 * Makes the error for an error code of the operating system or of TLS, such as ECONNREFUSED. The message does not
 * contain the code, because n8n replaces every message that contains one.
 */
export function networkFailureError(code: string | undefined, context: NetworkFailureDetails): CoriolisError {
  const { url, proxy, certificateAdvice } = context;
  const [, what, advice] = FAILURES.find(([pattern]) => pattern.test(code ?? '')) ?? OTHERWISE;
  // The proxy resolves names and opens connections, so the unreachable host is the proxy.
  const met = proxy !== undefined && NEVER_CONNECTED.test(code ?? '') ? `the proxy ${proxy}` : hostOfUrl(url);
  const behind = proxy === undefined || met !== hostOfUrl(url) ? '' : through(proxy);
  return new UnreachableError(`${what(met)}${behind}`, {
    code,
    advice:
      proxy !== undefined && NEVER_CONNECTED.test(code ?? '')
        ? `Check the proxy in HTTP_PROXY and HTTPS_PROXY, written with its scheme (http://${proxy}); hosts in NO_PROXY are reached without it.`
        : advice === undefined
          ? (certificateAdvice ?? CERTIFICATE_ADVICE)
          : advice,
  });
}

const through = (proxy: string | undefined): string =>
  proxy === undefined ? '' : ` through the proxy ${proxy}`;

const CERTIFICATE_ADVICE = 'Add the certificate of its authority to those that are trusted here.';
const REACH_ADVICE = 'Check the address and port, and that a firewall lets requests through.';
const RETRY_ADVICE = 'Try again in a moment.';

/** Error codes of connections that could not be opened, or failed at their first bytes. */
const NEVER_CONNECTED =
  /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|EPROTO|ERR_SSL_WRONG_VERSION_NUMBER)$/;

type Failure = readonly [
  code: RegExp,
  what: (host: string) => string,
  /** Advice for people; undefined for the transport's own advice about certificates. */
  advice: string | undefined,
];

const OTHERWISE: Failure = [/^/, (host) => `No connection to ${host}`, REACH_ADVICE];

/** Failures by error code; the first matching row applies. */
const FAILURES: readonly Failure[] = [
  [/^ECONNREFUSED$/, (host) => `Nothing listens at ${host}: the connection was refused`, REACH_ADVICE],
  [/^ENOTFOUND$/, (host) => `The host name of ${host} is unknown`, 'Check how the host name is spelled.'],
  [/^EAI_AGAIN$/, (host) => `The host name of ${host} could not be looked up`, 'Check the name server.'],
  [/^(EHOSTUNREACH|ENETUNREACH)$/, (host) => `There is no route to ${host}`, REACH_ADVICE],
  [
    /^(DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN)$/,
    (host) => `The certificate of ${host} is self-signed`,
    undefined,
  ],
  [
    /^UNABLE_TO_(GET|VERIFY)/,
    (host) => `The certificate of ${host} was issued by an authority that is not known here`,
    undefined,
  ],
  [/^CERT_HAS_EXPIRED$/, (host) => `The certificate of ${host} has expired`, 'Have it renewed.'],
  [
    /ALTNAME_INVALID$/,
    (host) => `The certificate of ${host} is for another host name`,
    'Use the name that the certificate was issued for.',
  ],
  [/CERT/, (host) => `The certificate of ${host} is not trusted`, undefined],
  [
    /^(EPROTO$|ERR_SSL|ERR_TLS)/,
    (host) => `${host} does not speak TLS as expected`,
    'Check whether the address begins with http:// or https://, and its port.',
  ],
  [/^ERR_BAD_RESPONSE$/, (host) => `The answer of ${host} broke off on the way`, RETRY_ADVICE],
  [
    /^(ECONNRESET|EPIPE|UND_ERR_SOCKET)$/,
    (host) => `${host} closed the connection before it answered`,
    RETRY_ADVICE,
  ],
];
