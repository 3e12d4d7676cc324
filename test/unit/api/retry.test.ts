import { CoriolisClient } from '../../../src/api/coriolis-client';
import { CanceledError, InvalidInputError, TimeoutError, UnreachableError } from '../../../src/api/errors';
import { dateHeader, failure, fakeRuntime, scripted } from './support';
import type { Reply } from './support';

/** A client whose transport answers from a list; the last entry answers for ever. */
function clientOf(...script: ReadonlyArray<Reply | Error>) {
  const runtime = fakeRuntime();
  const { transport, requests } = scripted((_request, count) => {
    const next = script[Math.min(count, script.length) - 1];
    if (next instanceof Error) throw next;
    return next ?? {};
  });
  return { client: new CoriolisClient({ transport, runtime }), requests, runtime };
}

const reset = new UnreachableError('reset', { code: 'ECONNRESET' });
const OK: Reply = { body: { transfers: [], instances: [], 'validate-connection': { valid: true } } };
const proxy = (status: number, headers: Record<string, string> = {}): Reply => ({
  status,
  headers,
  body: '<html></html>',
});
const NO_WORKER: Reply = {
  status: 503,
  body: { error: { fault: 'serviceUnavailable', code: 503, message: 'NoWorkerServiceError: none' } },
};

describe('a read', () => {
  it.each<[string, Reply | Error]>([
    ['the connection was reset', reset],
    ['nobody listened', new UnreachableError('refused', { code: 'ECONNREFUSED' })],
    ['no answer came', new TimeoutError('late')],
    ['a proxy says 502', proxy(502)],
    ['a proxy says 503', proxy(503)],
    ['a proxy says 504', proxy(504)],
    ['there were too many', proxy(429)],
  ])('is repeated when %s', async (_why, first) => {
    const { client, requests } = clientOf(first, OK);
    expect(await client.get('/transfers')).toEqual(OK.body);
    expect(requests).toHaveLength(2);
  });

  it.each<[string, Reply | Error]>([
    ['the host is unknown', new UnreachableError('unknown', { code: 'ENOTFOUND' })],
    ['the certificate is not trusted', new UnreachableError('tls', { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' })],
    ['Coriolis itself says 503: it has no worker for it', NO_WORKER],
    ['the server failed', { status: 500, body: { error: { message: 'failed' } } }],
    ['the input was wrong', { status: 400, body: { error: { message: 'wrong' } } }],
    ['a web page came', { body: '<html>' }],
  ])('is not repeated when %s', async (_why, first) => {
    const { client, requests } = clientOf(first, OK);
    await failure(client.get('/transfers'));
    expect(requests).toHaveLength(1);
  });

  it('goes again at once when the server closed a kept connection, and once only', async () => {
    const { client, requests, runtime } = clientOf(reset, OK);
    await client.get('/transfers');
    expect(requests).toHaveLength(2);
    expect(runtime.slept).toEqual([]);
  });

  it('waits longer each time, and ends with the last error', async () => {
    const refused = new UnreachableError('refused', { code: 'ECONNREFUSED' });
    const { client, requests, runtime } = clientOf(refused);
    expect(await failure(client.get('/transfers'))).toBe(refused);
    expect(requests).toHaveLength(4);
    expect(runtime.slept).toEqual([375, 750, 1_500]);
  });

  it('waits as long as the server asks, in seconds or until a date', async () => {
    const { client, runtime } = clientOf(
      proxy(429, { 'retry-after': '7' }),
      proxy(503, { date: dateHeader(100_000), 'retry-after': dateHeader(109_000) }),
      OK,
    );
    await client.get('/transfers');
    expect(runtime.slept).toEqual([7_000, 9_000]);
  });

  it('believes only so much of that', async () => {
    const { client, runtime } = clientOf(proxy(429, { 'retry-after': '86400' }), OK);
    await client.get('/transfers');
    expect(runtime.slept).toEqual([30_000]);
  });

  it('begins no attempt later than 40 seconds after the first, and ends within 45', async () => {
    const { client, requests } = clientOf(proxy(429, { 'retry-after': '25' }));
    expect(await failure(client.get('/transfers'))).toMatchObject({ status: 429, retryAfterMs: 25_000 });
    expect(requests.map(({ timeoutMs }) => timeoutMs)).toEqual([30_000, 20_000]);
  });

  it('ends when the caller gives up', async () => {
    const { client, requests } = clientOf(reset);
    const controller = new AbortController();
    controller.abort();
    expect(await failure(client.get('/transfers', { signal: controller.signal }))).toBeInstanceOf(
      CanceledError,
    );
    expect(requests).toHaveLength(0);
  });

  it('is given more time when the server asks a platform', async () => {
    const { client, requests } = clientOf(OK);
    await client.get('/transfers');
    await client.get('/endpoints/e/instances', { mayTakeMinutes: true });
    expect(requests.map(({ timeoutMs }) => timeoutMs)).toEqual([30_000, 150_000]);
  });
});

describe('a change', () => {
  it.each<[string, (client: CoriolisClient) => Promise<unknown>]>([
    ['POST', (client) => client.post('/transfers', {})],
    ['PUT', (client) => client.put('/transfers/t', {})],
  ])('is never repeated: %s', async (_method, act) => {
    for (const first of [reset, proxy(502), proxy(503), proxy(504), proxy(429), new TimeoutError('late')]) {
      const { client, requests } = clientOf(first, OK);
      await failure(act(client));
      expect(requests).toHaveLength(1);
    }
  });

  it('is repeated when it only reads', async () => {
    const { client, requests } = clientOf(reset, OK);
    await client.post('/endpoints/e/actions', { 'validate-connection': null }, { repeatable: true });
    expect(requests).toHaveLength(2);
  });

  it('that was refused says why', async () => {
    const { client } = clientOf({
      status: 400,
      body: { error: { code: 400, message: 'Malformed request body' } },
    });
    expect(await failure(client.post('/transfers', {}))).toBeInstanceOf(InvalidInputError);
  });
});
