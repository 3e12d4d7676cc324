import { isObject } from '../model/json';
import { isCoriolisError } from './errors';
import { readLimitedText, type StreamedBody } from './read-limited-text';
import { canceledError, networkFailureError, timedOutError, tooLargeError } from './network-failure';
import { throwIfCanceled } from './retry';
import type { Transport } from './transport';

/** Members of a `Response` that `fetchTransport` uses. */
interface FetchResponse {
  readonly status: number;
  readonly headers: { forEach(each: (value: string, name: string) => void): void };
  /** Body as a stream, read in parts so that its size can be limited. */
  readonly body?: StreamedBody | null | undefined;
  text(): Promise<string>;
}

/** Signature of `fetch` that `fetchTransport` needs. The global `fetch` of Node.js, browsers and workers has it. */
export type Fetch = (
  url: string,
  init: {
    method: string;
    headers: Record<string, string>;
    body?: string;
    redirect: 'manual';
    signal: AbortSignal;
  },
) => Promise<FetchResponse>;

export interface FetchOptions {
  /** Makes a signal that fires after the given milliseconds: `(ms) => AbortSignal.timeout(ms)`. */
  readonly timeoutSignal: (ms: number) => AbortSignal;
  /** Makes a signal that fires with the first of several: `(signals) => AbortSignal.any([...signals])`. */
  readonly anySignal: (signals: readonly AbortSignal[]) => AbortSignal;
}

/**
 * Makes a transport from any `fetch`. Redirects are returned, not followed. The timeout covers reading the body too.
 */
export function fetchTransport(fetch: Fetch, { timeoutSignal, anySignal }: FetchOptions): Transport {
  return {
    async send({ method, url, headers, body, timeoutMs, signal }) {
      throwIfCanceled(signal);
      const timeout = timeoutSignal(timeoutMs);
      try {
        const init: Parameters<Fetch>[1] = {
          method,
          headers: { ...headers },
          redirect: 'manual',
          signal: signal === undefined ? timeout : anySignal([signal, timeout]),
        };
        if (body !== undefined) init.body = body;
        const response = await fetch(url, init);
        const received: Record<string, string> = {};
        response.headers.forEach((value, name) => {
          received[name.toLowerCase()] = value;
        });
        const text = response.body ? await readLimitedText(response.body) : await response.text();
        if (text === undefined) throw tooLargeError({ url });
        return { status: response.status, headers: received, body: text };
      } catch (error) {
        if (signal?.aborted === true) throw canceledError();
        if (timeout.aborted) throw timedOutError(timeoutMs, { url });
        throw isCoriolisError(error) ? error : networkFailureError(codeOf(error), { url });
      }
    },
  };
}

/** Finds the error code of the operating system, which `fetch` hides in the causes of its error. */
function codeOf(error: unknown): string | undefined {
  // `instanceof` is not used, because the error may come from another realm of JavaScript.
  for (let at: unknown = error, depth = 0; isObject(at) && depth < 5; at = at['cause'], depth += 1) {
    if (typeof at['code'] === 'string') return at['code'];
  }
  return undefined;
}
