import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createMetrics } from '../../mcp/http/metrics';
import { startHttpServer as serveInProcess } from '../../mcp/http/http-server';
import { createLog } from '../../mcp/observability/log';
import { readCommand } from '../../mcp/configuration/mcp-options';
import { createSharedDependencies } from '../../mcp/shared-dependencies';
import { combineTelemetry } from '../../mcp/observability/telemetry';
import { until } from '../support/until';
import { connectHttpUser } from './support/client';
import { serveHttp } from './support/http';
import type { HttpProcess } from './support/http';
import { bare } from './support/server';

const initialize = JSON.stringify({
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 't', version: '1' } },
});

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** As `fetch`, which does not let anybody choose a Host. */
function post(
  url: string,
  headers: Readonly<Record<string, string>>,
  body = initialize,
  method = 'POST',
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(
      url,
      {
        method,
        headers: {
          'content-type': 'application/json',
          accept: 'application/json, text/event-stream',
          ...headers,
        },
      },
      (answer) => {
        let text = '';
        answer.on('data', (chunk) => (text += String(chunk)));
        answer.on('end', () =>
          resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: text }),
        );
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

describe('a server on this machine', () => {
  let server: HttpProcess;
  beforeAll(async () => {
    server = await serveHttp(bare, ['--rate-limit', '60', '--allowed-hosts', 'mcp.example.com']);
  });
  afterAll(() => server.stop());

  it.each([
    ['a Host of its own', { host: 'attacker.example' }, '--allowed-hosts'],
    ['the Origin of a web page', { origin: 'https://attacker.example' }, '--allowed-origins'],
    ['an Origin that hides', { origin: 'null' }, 'Origin'],
  ])('refuses who comes with %s', async (_what, headers, words) => {
    const { status, body } = await post(server.url, headers);

    expect(status).toBe(403);
    expect(body).toContain(words);
    expect((await post(`${server.origin}/healthz`, headers)).status).toBe(403);
    expect((await post(`${server.origin}/metrics`, headers)).status).toBe(403);
  });

  it.each([
    ['localhost:1', 200],
    ['[::1]:99', 200],
    ['LOCALHOST', 200],
    ['localhost.attacker.example', 403],
    ['127.0.0.1.nip.io', 403],
    ['localhost:80@attacker.example', 403],
    ['0.0.0.0', 403],
  ])('judges the Host %s by its name, not by its beginning or its port: %d', async (host, status) => {
    expect((await post(`${server.origin}/healthz`, { host })).status).toBe(status);
  });

  it.each([
    ['http://localhost:3000', 200],
    ['http://[::1]:3000', 200],
    ['http://localhost.attacker.example', 403],
    ['file://', 403],
  ])('judges the Origin %s the same way: %d', async (origin, status) => {
    expect((await post(`${server.origin}/healthz`, { origin })).status).toBe(status);
  });

  it.each([
    ['two Hosts', 'GET /healthz HTTP/1.1\r\nHost: localhost\r\nHost: attacker.example\r\n\r\n', 403],
    ['no Host', 'GET /healthz HTTP/1.0\r\n\r\n', 403],
    [
      'a Host in its first line',
      'GET http://attacker.example/metrics HTTP/1.1\r\nHost: localhost\r\n\r\n',
      404,
    ],
    [
      'two lengths',
      'POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      400,
    ],
    [
      'headers without end',
      `GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`,
      431,
    ],
  ])('refuses a request with %s', async (_what, text, status) => {
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1');

    socket.write(text);
    const [answer] = (await once(socket, 'data')) as [Buffer];
    socket.destroy();

    expect(String(answer)).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `, 'u'));
  });

  it.each(['TRACE', 'PUT', 'PATCH', 'HEAD'])('has no method %s', async (method) => {
    const answer = await post(server.url, {}, '', method);

    expect(answer.status).toBe(405);
    expect(answer.headers.allow).toBe('GET, POST, DELETE');
  });

  it('takes the names that the operator allows', async () => {
    expect((await post(server.url, { host: 'mcp.example.com' })).status).toBe(200);
  });

  it('reads no more than 4 MiB', async () => {
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1');

    socket.write(
      'POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 5000000\r\n\r\n{',
    );
    const [answer] = (await once(socket, 'data')) as [Buffer];

    expect(String(answer)).toContain('413');
    socket.destroy();
    expect((await post(server.url, {})).status).toBe(200);
  });

  it('reads no more than that when nobody says how much will come', async () => {
    const tooMuch = new ReadableStream({
      start(stream) {
        for (let part = 0; part < 50; part += 1) stream.enqueue(new Uint8Array(100_000).fill(32));
        stream.close();
      },
    });
    const sent = {
      method: 'POST',
      body: tooMuch,
      duplex: 'half',
      headers: { 'content-type': 'application/json' },
    };

    expect((await fetch(server.url, sent)).status).toBe(413);
  });

  it('answers what is nested without end with words, not with a mistake of its own', async () => {
    const nested = (levels: number): string => `${'['.repeat(levels)}${']'.repeat(levels)}`;
    const { body } = await post(
      server.url,
      {},
      `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"list_transfers","arguments":{"search":${nested(50_000)}}}}`,
    );
    const inside = await post(
      server.url,
      {},
      `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"list_instances","arguments":{"endpoint_id":"e","environment":{"a":${nested(150)}}}}}`,
    );

    expect(body).toContain('nested deeper than 200 levels');
    expect(body).toContain('"id":1');
    expect(inside.body).toContain('nested deeper than 100 levels');
  });

  it('answers what is no JSON with words, not with a stack', async () => {
    const { status, body } = await post(server.url, {}, 'nonsense');

    expect(status).toBe(400);
    expect(body).not.toContain('    at ');
  });

  it('bounds how often one caller calls', async () => {
    const answers = await Promise.all(Array.from({ length: 80 }, () => post(server.url, {})));

    const refused = answers.filter(({ status }) => status === 429);
    expect(refused.length).toBeGreaterThan(0);
    expect(Number(refused[0]?.headers['retry-after'])).toBeGreaterThan(0);
  });
});

describe('a client that sends its request too slowly', () => {
  it('is answered 408 and hung up on', async () => {
    const { options } = readCommand(['--http', '0', '--log-level', 'silent'], {}) as {
      options: Parameters<typeof createSharedDependencies>[0];
    };
    if (options.http === undefined) throw new Error('HTTP is asked for');
    const service = createSharedDependencies(options, createLog('silent', 'json'), combineTelemetry([]));
    const server = await serveInProcess(service, options.http, createMetrics(), { maxRequestMs: 400 });
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
    let heard = '';
    socket.on('data', (chunk) => (heard += String(chunk)));

    socket.write(`POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n{`);
    await once(socket, 'close');

    expect(heard).toContain('408');
    await server.close();
  });
});

describe('a client that gives up within its request', () => {
  it('is no error of the server, and keeps nobody out', async () => {
    const server = await serveHttp(bare, ['--rate-limit', '100000']);
    const { port } = new URL(server.url);
    for (let each = 0; each < 100; each += 1) {
      const socket = connect(Number(port), '127.0.0.1');
      socket.write('POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n{"jsonrpc"', () =>
        socket.destroy(),
      );
      socket.on('error', () => undefined);
    }
    await until(
      'the ends of all requests',
      async () => (await fetch(`${server.origin}/metrics`)).text(),
      (text) => /route="aborted",status="200"\} 100$/mu.test(text),
    );
    expect((await post(server.url, {})).status).toBe(200);
    await server.stop();
    expect(server.log.whole()).not.toContain('request failed');
  });
});

describe('a file of tokens', () => {
  let folder: string;
  let file: string;
  let server: HttpProcess;
  const reader = 'reader-token-0123456789';
  const writer = 'writer-token-0123456789';
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'coriolis-mcp-tokens-'));
    file = join(folder, 'tokens');
    writeFileSync(file, `# who may what\n${reader} read assistant\n${writer} read,write night shift\n`);
    server = await serveHttp(bare, ['--allow-destroy', '--tokens-file', file]);
  });
  afterAll(async () => {
    await server.stop();
    rmSync(folder, { recursive: true });
    expect(server.log.whole()).not.toContain('-token-');
  });

  it('lets nobody in without a token, or with one that it does not hold', async () => {
    expect((await post(server.url, {})).status).toBe(401);
    expect((await post(server.url, { authorization: 'Bearer someone-else-0123456789' })).status).toBe(401);
    expect((await post(server.url, { authorization: `Basic ${reader}` })).status).toBe(401);
    expect((await post(server.url, { authorization: `Bearer ${reader}` })).status).toBe(200);
  });

  it('bounds how often somebody guesses, and lets those in who need not guess', async () => {
    const guarded = await serveHttp(bare, ['--tokens-file', file, '--rate-limit', '10']);
    const guess = () => post(guarded.url, { authorization: 'Bearer someone-else-0123456789' });

    const guesses = await Promise.all(Array.from({ length: 20 }, guess));

    expect(guesses.filter(({ status }) => status === 401).length).toBeGreaterThan(0);
    expect(guesses.filter(({ status }) => status === 429).length).toBeGreaterThan(0);
    expect((await post(guarded.url, { authorization: `Bearer ${reader}` })).status).toBe(200);
    await guarded.stop();
  });

  it('is complained about when everybody on this machine may read it', async () => {
    const open = join(folder, 'open');
    writeFileSync(open, `${reader} read\n`);
    chmodSync(open, 0o644);
    const secret = join(folder, 'secret');
    writeFileSync(secret, `${reader} read\n`);
    chmodSync(secret, 0o600);

    const [careless, careful] = await Promise.all(
      [open, secret].map((path) => serveHttp(bare, ['--tokens-file', path])),
    );

    await Promise.all([careless?.stop(), careful?.stop()]);

    expect(careless?.log.whole()).toContain('can be read by everybody');
    expect(careful?.log.whole()).not.toContain('can be read by everybody');
  });

  it('gives each token its scopes', async () => {
    const toolsWith = async (token: string) => {
      const user = await connectHttpUser({ url: server.url, token });
      const names = (await user.tools()).map(({ name }) => name);
      await user.close();
      return names;
    };

    expect(await toolsWith(reader)).not.toContain('execute_transfer');
    expect(await toolsWith(writer)).toContain('execute_transfer');
  });

  it('is read again when it has changed; nobody is let in while it is not valid', async () => {
    const fresh = 'fresh-token-0123456789';
    const status = async (token: string) =>
      (await post(server.url, { authorization: `Bearer ${token}` })).status;

    writeFileSync(file, `${fresh} read\n`);
    expect([await status(fresh), await status(reader)]).toEqual([200, 401]);
    writeFileSync(file, `${fresh} everything\n`);
    expect(await status(fresh)).toBe(401);
    await server.log.find(/line 1: after the token come its scopes/u);
    writeFileSync(file, `${reader} read again\n`);
    expect(await status(reader)).toBe(200);
  });

  it('is refused at the start when it is not valid, with the line and without the token', async () => {
    const wrong = join(folder, 'wrong');
    writeFileSync(wrong, '\nshort read\n');

    await expect(serveHttp(bare, ['--tokens-file', wrong])).rejects.toThrow(
      'line 2: a token has at least 16 characters',
    );
  });
});
