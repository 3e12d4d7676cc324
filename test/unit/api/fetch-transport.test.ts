import { gzipSync } from 'node:zlib';
import { CanceledError, TimeoutError, UnreachableError } from '../../../src/api/errors';
import { fetchTransport } from '../../../src/api/fetch-transport';
import type { TransportRequest } from '../../../src/api/transport';
import { failure, listen, overFetch } from './support';
import type { Listening } from './support';

let server: Listening | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

const request = (url: string, more: Partial<TransportRequest> = {}): TransportRequest => ({
  method: 'GET',
  url,
  headers: {},
  timeoutMs: 60_000,
  ...more,
});

/** A server that keeps everybody waiting, and a promise of the moment when somebody does. */
async function silent(): Promise<{ url: string; asked: Promise<void> }> {
  let tell = (): void => undefined;
  const asked = new Promise<void>((resolve) => {
    tell = resolve;
  });
  server = await listen(() => {
    tell();
    return undefined;
  });
  return { url: server.url, asked };
}

describe('a transport over fetch', () => {
  it('moves method, headers and body, and answers every status', async () => {
    server = await listen(({ body }) => ({
      status: 418,
      headers: { 'X-Request-Id': 'r1' },
      body: `got ${body}`,
    }));
    const answer = await overFetch.send(
      request(`${server.url}/x?y=1`, { method: 'PUT', headers: { 'X-Auth-Token': 't' }, body: 'søk' }),
    );
    expect(answer).toMatchObject({ status: 418, body: 'got søk' });
    expect(answer.headers['x-request-id']).toBe('r1');
    expect(server.received[0]).toMatchObject({ method: 'PUT', url: '/x?y=1', body: 'søk' });
    expect(server.received[0]?.headers['x-auth-token']).toBe('t');
  });

  it('follows no redirect', async () => {
    server = await listen(() => ({ status: 302, headers: { Location: '/elsewhere' } }));
    const answer = await overFetch.send(request(server.url));
    expect(answer).toMatchObject({ status: 302, headers: { location: '/elsewhere' } });
    expect(server.received).toHaveLength(1);
  });

  it('gives up after the timeout', async () => {
    const { url, asked } = await silent();
    const clock = new AbortController();
    const given: number[] = [];
    const transport = fetchTransport(fetch, {
      timeoutSignal: (ms) => {
        given.push(ms);
        return clock.signal;
      },
      anySignal: (signals) => AbortSignal.any([...signals]),
    });
    const lost = failure(transport.send(request(`${url}/secret?x=1`, { timeoutMs: 30_000 })));
    await asked;
    clock.abort();
    const error = await lost;
    expect(error).toBeInstanceOf(TimeoutError);
    expect(error.message).toMatch(/^No complete answer from 127\.0\.0\.1:\d+ within 30 s$/);
    expect(given).toEqual([30_000]);
  });

  it('gives up with the caller', async () => {
    const { url, asked } = await silent();
    const caller = new AbortController();
    const lost = failure(overFetch.send(request(url, { signal: caller.signal })));
    await asked;
    caller.abort();
    expect(await lost).toBeInstanceOf(CanceledError);
    expect(await failure(overFetch.send(request(url, { signal: caller.signal })))).toBeInstanceOf(
      CanceledError,
    );
  });

  it('tells the operating system’s word for no connection', async () => {
    server = await listen(() => ({}));
    const { url } = server;
    await server.close();
    const error = await failure(overFetch.send(request(`${url}/?token=secret`)));
    expect(error).toBeInstanceOf(UnreachableError);
    expect(error['code']).toBe('ECONNREFUSED');
    expect(error.message).toMatch(/^Nothing listens at 127\.0\.0\.1:\d+: the connection was refused$/);
  });

  it('refuses an answer of more than 64 MiB, compressed or not, and reads no more of it', async () => {
    const bomb = gzipSync(Buffer.alloc(65 * 1024 * 1024, ' '));
    for (const headers of [{}, { 'Content-Encoding': 'gzip' }]) {
      server = await listen((_request, response) => {
        response.writeHead(200, headers);
        response.end('Content-Encoding' in headers ? bomb : Buffer.alloc(65 * 1024 * 1024, ' '));
        return undefined;
      });
      const error = await failure(overFetch.send(request(server.url)));
      expect(error.message).toMatch(/^The answer of 127\.0\.0\.1:\d+ is larger than 64 MiB$/);
      expect(error).toMatchObject({ kind: 'protocol', incomplete: true });
      await server.close();
    }
  });

  it('has lost an answer that breaks off', async () => {
    server = await listen((_request, response) => {
      response.writeHead(200, { 'Content-Length': 100 });
      response.write('{"transfers": [');
      response.socket?.end();
      return undefined;
    });
    expect(await failure(overFetch.send(request(server.url)))).toBeInstanceOf(UnreachableError);
  });
});
