import { isObject } from '../model/json';
import { CanceledError, TimeoutError, UnreachableError, type CoriolisError } from './errors';
import { refuseIfCanceled } from './retry';
import type { Transport } from './transport';

/** Members of a `Response` that `fetchTransport` uses. */
interface FetchResponse {
  readonly status: number;
  readonly headers: { forEach(each: (value: string, name: string) => void): void };
  text(): Promise<string>;
}

/** Signature of `fetch` that `fetchTransport` needs. The global one of Node.js, browsers and workers has it. */
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
  /** A signal that fires after so many milliseconds: `(ms) => AbortSignal.timeout(ms)`. */
  readonly timeoutSignal: (ms: number) => AbortSignal;
  /** A signal that fires with the first of several: `(signals) => AbortSignal.any([...signals])`. */
  readonly anySignal: (signals: readonly AbortSignal[]) => AbortSignal;
}

/** Makes a transport of any `fetch`. Redirects are returned, not followed; the timeout covers the body too. */
export function fetchTransport(fetch: Fetch, { timeoutSignal, anySignal }: FetchOptions): Transport {
  return {
    async send({ method, url, headers, body, timeoutMs, signal }) {
      refuseIfCanceled(signal);
      const timeout = timeoutSignal(timeoutMs);
      try {
        const response = await fetch(url, {
          method,
          headers: { ...headers },
          ...(body === undefined ? {} : { body }),
          redirect: 'manual',
          signal: signal === undefined ? timeout : anySignal([signal, timeout]),
        });
        const received: Record<string, string> = {};
        response.headers.forEach((value, name) => {
          received[name.toLowerCase()] = value;
        });
        return { status: response.status, headers: received, body: await response.text() };
      } catch (error) {
        throw failure(error, url, {
          canceled: signal?.aborted === true,
          timedOutAfterMs: timeout.aborted ? timeoutMs : undefined,
        });
      }
    },
  };
}

/** Converts an error of `fetch` to a `CoriolisError`. */
function failure(
  error: unknown,
  url: string,
  { canceled, timedOutAfterMs }: { readonly canceled: boolean; readonly timedOutAfterMs: number | undefined },
): CoriolisError {
  if (canceled) return new CanceledError('The call was canceled');
  if (timedOutAfterMs !== undefined) {
    return new TimeoutError(`No answer from ${hostOf(url)} within ${Math.round(timedOutAfterMs / 1000)} s`, {
      advice: 'Check that the server is up and not overloaded, then try again.',
    });
  }
  const code = codeOf(error);
  return new UnreachableError(`No connection to ${hostOf(url)}${code === undefined ? '' : ` (${code})`}`, {
    ...(code === undefined ? {} : { code }),
    advice: 'Check the address, the network in between, and for https the certificate.',
  });
}

/** Host of a URL, without path and query, which may hold secrets. */
function hostOf(url: string): string {
  return /^https?:\/\/(?:[^/?#@]*@)?([^/?#]+)/i.exec(url)?.[1] ?? 'the server';
}

/** The operating system's error code, which `fetch` puts into the causes of its error. */
function codeOf(error: unknown): string | undefined {
  // No `instanceof`: the error may come from another realm.
  for (let at: unknown = error, depth = 0; isObject(at) && depth < 5; at = at['cause'], depth += 1) {
    if (typeof at['code'] === 'string') return at['code'];
  }
  return undefined;
}
