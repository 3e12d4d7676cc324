import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { rootCertificates } from 'node:tls';
import axios, { isAxiosError } from 'axios';
import { CanceledError, ProtocolError, TimeoutError, UnreachableError } from '../../src/api/errors';
import type { Transport, TransportRequest, TransportResponse } from '../../src/api/transport';
import type { Tls } from './connection';

/** Maximum size of an answer, to limit memory. Coriolis' answers are smaller. */
const LARGEST_ANSWER_BYTES = 256 * 1024 * 1024;
const CONNECTIONS = 16;

/**
 * Transport over axios: keep-alive, no redirects (a token must not be sent to another host), bodies as text. Proxies
 * come from `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY`.
 */
export function axiosTransport({ ca, insecure }: Tls): Transport {
  const pool = { keepAlive: true, maxSockets: CONNECTIONS };
  const client = axios.create({
    httpAgent: new HttpAgent(pool),
    httpsAgent: new HttpsAgent({
      ...pool,
      rejectUnauthorized: !insecure,
      ...(ca === undefined ? {} : { ca: [...rootCertificates, ca] }),
    }),
    maxRedirects: 0,
    maxContentLength: LARGEST_ANSWER_BYTES,
    responseType: 'text',
    transformRequest: [(body: unknown) => body],
    transformResponse: [(body: unknown) => body],
    validateStatus: () => true,
  });

  return {
    async send(request) {
      // Covers connecting, waiting and reading. The timeout of axios restarts with every byte.
      const deadline = AbortSignal.timeout(request.timeoutMs);
      const signal = request.signal === undefined ? deadline : AbortSignal.any([deadline, request.signal]);
      try {
        const { status, headers, data } = await client.request<unknown>({
          method: request.method,
          url: request.url,
          headers: { ...request.headers },
          data: request.body,
          signal,
        });
        return { status, headers: texts(headers), body: typeof data === 'string' ? data : '' };
      } catch (error) {
        throw failure(error, request, deadline);
      }
    },
  };
}

function texts(headers: object): TransportResponse['headers'] {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name.toLowerCase(),
      Array.isArray(value) ? value.join(', ') : String(value),
    ]),
  );
}

/** Converts an error of axios. It is not kept as a cause, because it holds the request with its token. */
function failure(
  error: unknown,
  { method, url, timeoutMs, signal }: TransportRequest,
  deadline: AbortSignal,
) {
  const about = `${method} ${url.replace(/\?.*$/s, '')}`;
  if (signal?.aborted === true) return new CanceledError(`${about} was canceled`);
  if (deadline.aborted) {
    return new TimeoutError(`${about} got no complete answer within ${timeoutMs / 1000} s`, {
      advice: 'The server or the platform behind it is slow or down: check it, then try again.',
    });
  }
  const code = isAxiosError(error) ? error.code : undefined;
  if (isAxiosError(error) && error.message.includes('maxContentLength')) {
    return new ProtocolError(`The answer to ${about} is larger than ${LARGEST_ANSWER_BYTES >> 20} MiB`, {
      advice: 'Check the URL; if it is right, ask for less.',
    });
  }
  return new UnreachableError(`${about} got no answer: ${reason(code)}`, {
    ...(code === undefined ? {} : { code }),
    advice: ADVICE.find(([pattern]) => pattern.test(code ?? ''))?.[1] ?? LOOK,
  });
}

const LOOK = 'Check the address, and that the server is up and can be reached from here.';

const ADVICE: ReadonlyArray<readonly [RegExp, string]> = [
  [
    /SELF_SIGNED|UNABLE_TO_(GET|VERIFY)/,
    'The certificate is signed by an authority unknown here: name its CA file in OS_CACERT (or cacert in clouds.yaml); for a laboratory, OS_INSECURE=true.',
  ],
  [/CERT_HAS_EXPIRED/, 'The certificate of the server has expired: renew it.'],
  [/ALTNAME/, 'The certificate is for another host name: use the name it was made for.'],
  [/EPROTO|ERR_(SSL|TLS)/, 'TLS failed: is the address http instead of https, or the port another one?'],
  [/ENOTFOUND|EAI_AGAIN/, 'The host name is unknown here: check its spelling and the name servers.'],
];

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'the connection was refused',
  ECONNRESET: 'the connection was reset',
  ENOTFOUND: 'the host is unknown',
  EAI_AGAIN: 'the host name could not be looked up now',
  EHOSTUNREACH: 'there is no route to the host',
  ENETUNREACH: 'there is no route to the network',
  ERR_BAD_RESPONSE: 'the answer broke off',
};

function reason(code: string | undefined): string {
  if (code === undefined) return 'the connection failed';
  const words = REASONS[code];
  if (words !== undefined) return `${words} (${code})`;
  return /CERT|SELF_SIGNED|UNABLE_TO/.test(code)
    ? `its certificate is not trusted (${code})`
    : `the connection failed (${code})`;
}
