import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { CanceledError } from '../../../src/api/errors';
import { fetchTransport } from '../../../src/api/fetch-transport';
import type { KeystoneCredentials } from '../../../src/api/keystone';
import type { Transport, TransportRequest, TransportResponse } from '../../../src/api/transport';
import type { Runtime } from '../../../src/api/core-runtime';

/** The moment at which tests begin. */
export const BEGIN = Date.UTC(2026, 10, 22, 15, 0, 0);

/** A runtime whose time passes only in `sleep`, and what was slept. */
export interface FakeRuntime extends Runtime {
  readonly slept: number[];
  pass(ms: number): void;
}

export function fakeRuntime(): FakeRuntime {
  let now = BEGIN;
  const slept: number[] = [];
  return {
    slept,
    pass: (ms) => {
      now += ms;
    },
    clock: () => now,
    sleep: async (ms, signal) => {
      if (signal?.aborted === true) throw new CanceledError('canceled');
      slept.push(ms);
      now += ms;
    },
    random: () => 0.5,
  };
}

/** A header of the server's time, `ms` after the beginning. */
export const dateHeader = (ms: number): string => new Date(BEGIN + ms).toUTCString();

export interface Reply {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Text as it is, anything else as JSON. */
  readonly body?: unknown;
}

const textOf = (body: unknown): string =>
  body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body);

/** A transport that answers from a function; a thrown error is thrown by `send`. */
export function scripted(answer: (request: TransportRequest, count: number) => Reply | Promise<Reply>): {
  readonly transport: Transport;
  readonly requests: TransportRequest[];
} {
  const requests: TransportRequest[] = [];
  return {
    requests,
    transport: {
      async send(request) {
        requests.push(request);
        const { status = 200, headers = {}, body } = await answer(request, requests.length);
        return { status, headers, body: textOf(body) };
      },
    },
  };
}

export interface Received {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export interface Listening {
  readonly url: string;
  readonly received: Received[];
  close(): Promise<void>;
}

/** An HTTP server on loopback; `answer` gives a reply or writes to the response itself. */
export async function listen(
  answer: (request: Received, response: ServerResponse) => Reply | undefined | Promise<Reply | undefined>,
): Promise<Listening> {
  const received: Received[] = [];
  const respond = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const seen = { method: request.method ?? '', url: request.url ?? '', headers: request.headers, body };
    received.push(seen);
    const reply = await answer(seen, response);
    if (reply === undefined) return;
    const text = textOf(reply.body);
    response.writeHead(reply.status ?? 200, { 'Content-Length': Buffer.byteLength(text), ...reply.headers });
    response.end(text);
  };
  const server = createServer((request, response) => void respond(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Real HTTP. */
export const overFetch: Transport = fetchTransport(fetch, {
  timeoutSignal: (ms) => AbortSignal.timeout(ms),
  anySignal: (signals) => AbortSignal.any([...signals]),
});

/** Real HTTP to paths below `base`. */
export const below = (base: string): Transport => ({
  send: (request) => overFetch.send({ ...request, url: `${base}${request.url}` }),
});

interface Recording {
  readonly request: { readonly method: string; readonly path: string };
  readonly response: {
    readonly status: number;
    readonly headers: Record<string, string>;
    readonly body: unknown;
  };
  readonly elapsed_ms: number;
}

export const RECORDINGS = join(__dirname, '../../fixtures/recordings');

/** A recorded exchange with a real server: "current/transfer-show-404". */
export function recording(name: string): {
  readonly method: string;
  /** Below the endpoint. */
  readonly path: string;
  readonly response: TransportResponse;
  readonly elapsedMs: number;
} {
  const { request, response, elapsed_ms } = JSON.parse(
    readFileSync(join(RECORDINGS, `${name}.json`), 'utf8'),
  ) as Recording;
  return {
    method: request.method,
    path: request.path.replace(/^\/v1\/[0-9a-f]{32}/, ''),
    response: {
      status: response.status,
      headers: response.headers,
      body: textOf(response.body ?? undefined),
    },
    elapsedMs: elapsed_ms,
  };
}

/** The user of the recordings. */
export const demo = (authUrl: string): Extract<KeystoneCredentials, { method: 'password' }> => ({
  authUrl,
  method: 'password',
  user: { name: 'demo', domain: { name: 'Default' } },
  password: 'correct horse',
  project: { name: 'migration', domain: { name: 'Default' } },
});

/** The error that a promise ends in. */
export async function failure(promise: Promise<unknown>): Promise<Error & Record<string, unknown>> {
  try {
    await promise;
  } catch (error) {
    return error as Error & Record<string, unknown>;
  }
  throw new Error('It succeeded');
}

export async function collect<T>(rows: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const row of rows) all.push(row);
  return all;
}
