import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { rootCertificates } from 'node:tls';
import axios, { isAxiosError } from 'axios';
import {
  canceledError,
  MAX_ANSWER_BYTES,
  networkFailureError,
  timedOutError,
  tooLargeError,
} from '../../src/api/network-failure';
import type { Transport, TransportRequest, TransportResponse } from '../../src/api/transport';
import type { TlsSettings } from './connection-settings';
import { findProxy } from './find-proxy';
import { isCoriolisError, UnreachableError } from '../../src/api/errors';

const CONNECTIONS = 16;

/**
 * Transport over axios: keep-alive, no redirects (a token must not be sent to another host), bodies as text. Proxies
 * come from `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY`.
 */
export function makeAxiosTransport({ ca, clientCertificate: client, insecure }: TlsSettings): Transport {
  const tls = {
    rejectUnauthorized: !insecure,
    ca: ca === undefined ? undefined : [...rootCertificates, ca],
    cert: client?.cert,
    key: client?.key,
  };
  const kept = { keepAlive: true, maxSockets: CONNECTIONS };
  const clientOver = (pool: object) =>
    axios.create({
      httpAgent: new HttpAgent(pool),
      httpsAgent: new HttpsAgent({ ...pool, ...tls }),
      maxRedirects: 0,
      maxContentLength: MAX_ANSWER_BYTES,
      responseType: 'text',
      transformRequest: [(body: unknown) => body],
      transformResponse: [(body: unknown) => body],
      validateStatus: () => true,
    });
  const reads = clientOver(kept);
  // Changes get a new connection each. A kept one may be closed just as a request is sent, and then nobody knows
  // whether the change was made.
  const changes = clientOver({ keepAlive: false });

  return {
    async send(request) {
      // This deadline covers connecting, waiting and reading. The timeout of axios itself begins anew with every byte.
      const deadline = AbortSignal.timeout(request.timeoutMs);
      const signal = request.signal === undefined ? deadline : AbortSignal.any([deadline, request.signal]);
      try {
        const { status, headers, data } = await (request.method === 'GET' ? reads : changes).request<unknown>(
          {
            method: request.method,
            url: request.url,
            headers: { ...request.headers },
            data: request.body,
            signal,
          },
        );
        const proxy = findProxy(request.url, process.env);
        if (status === 407 && proxy !== undefined) throw proxyLogin(proxy);
        return { status, headers: headerTexts(headers), body: typeof data === 'string' ? data : '', proxy };
      } catch (error) {
        throw isCoriolisError(error) ? error : transportError(error, request, deadline);
      }
    },
  };
}

function headerTexts(headers: object): TransportResponse['headers'] {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name.toLowerCase(),
      Array.isArray(value) ? value.join(', ') : String(value),
    ]),
  );
}

/**
 * Converts an error of axios. The original error is not kept as a cause, because it holds the request with its token.
 */
function transportError(error: unknown, { url, timeoutMs, signal }: TransportRequest, deadline: AbortSignal) {
  const context = { url, proxy: findProxy(url, process.env), certificateAdvice: CERTIFICATE };
  if (signal?.aborted === true) return canceledError();
  if (deadline.aborted) return timedOutError(timeoutMs, context);
  if (isAxiosError(error) && error.message.includes('maxContentLength')) return tooLargeError(context);
  return networkFailureError(isAxiosError(error) ? error.code : undefined, context);
}

const CERTIFICATE =
  'Name the file with the certificate of its authority in OS_CACERT (or cacert in clouds.yaml); for a laboratory, OS_INSECURE=true.';

const proxyLogin = (proxy: string): UnreachableError =>
  new UnreachableError(`The proxy ${proxy} asks for a login (HTTP 407)`, {
    status: 407,
    nothingSent: true,
    advice:
      'Write its user and its password into the address of the proxy in HTTPS_PROXY, in front of the host.',
  });
