import { gzipSync } from 'node:zlib';
import { makeAxiosTransport } from '../../mcp/connection/axios-transport';
import { findProxy } from '../../mcp/connection/find-proxy';
import { readKeystoneToken } from '../../src/api/keystone';
import { demo, failure, listen, type Listening } from '../unit/api/support';

const transport = makeAxiosTransport({ insecure: false });
const request = { method: 'GET', headers: {}, timeoutMs: 20_000 } as const;
let server: Listening | undefined;
afterEach(() => server?.close());

it('refuses an answer of more than 64 MiB, compressed or not', async () => {
  const blanks = Buffer.alloc(65 * 1024 * 1024, ' ');
  server = await listen(({ url }, response) => {
    response.writeHead(200, url === '/gzip' ? { 'Content-Encoding': 'gzip' } : {});
    response.end(url === '/gzip' ? gzipSync(blanks) : blanks);
    return undefined;
  });
  for (const path of ['/plain', '/gzip']) {
    const error = await failure(transport.send({ ...request, url: server.url + path }));
    expect(error.message).toMatch(/is larger than 64 MiB$/);
  }
});

it('gives up an answer that drips', async () => {
  server = await listen((_request, response) => {
    response.writeHead(200);
    const drip = setInterval(() => response.write(' '), 50);
    response.on('close', () => clearInterval(drip));
    return undefined;
  });
  const error = await failure(transport.send({ ...request, url: server.url, timeoutMs: 500 }));
  expect(error).toMatchObject({ kind: 'timeout' });
});

it('sends a change over a connection of its own, which no server has closed before', async () => {
  const seen: Array<string | undefined> = [];
  server = await listen(({ headers }) => {
    seen.push(headers.connection);
    return { body: {} };
  });
  await transport.send({ ...request, url: server.url });
  await transport.send({ ...request, url: server.url, method: 'POST', body: '{}' });
  expect(seen).toEqual(['keep-alive', 'close']);
});

describe('a proxy is named', () => {
  const environment = { ...process.env };
  afterEach(() => {
    process.env = { ...environment };
  });
  const through = async (proxy: string, url = 'http://cloud.example.com/v3') => {
    process.env = { ...environment, HTTP_PROXY: proxy, http_proxy: proxy, NO_PROXY: '', no_proxy: '' };
    return await transport.send({ ...request, url });
  };

  it('when it is down', async () => {
    const error = await failure(through('http://127.0.0.1:9'));
    expect(error.message).toBe('Nothing listens at the proxy 127.0.0.1:9: the connection was refused');
    expect(error['advice']).toMatch(/HTTP_PROXY and HTTPS_PROXY/);
  });

  it('when it asks for a login', async () => {
    server = await listen(() => ({ status: 407, body: '<html>' }));
    const error = await failure(through(server.url));
    expect(error.message).toMatch(/^The proxy 127\.0\.0\.1:\d+ asks for a login \(HTTP 407\)$/);
  });

  it('when it answers itself', async () => {
    server = await listen(() => ({ status: 403, body: '<html>denied</html>' }));
    const answer = await through(server.url);
    expect(answer).toMatchObject({ status: 403, proxy: server.url.replace('http://', '') });
    const error = await failure(
      Promise.resolve().then(() => readKeystoneToken(answer, demo('http://cloud.example.com/v3'))),
    );
    expect(error.message).toContain('through the proxy 127.0.0.1:');
    expect(error['advice']).toMatch(/^Check that the proxy lets requests to Keystone through/);
  });
});

it.each<[string, Readonly<Record<string, string>>, string | undefined]>([
  ['https://cloud:5000/v3', {}, undefined],
  ['https://cloud:5000/v3', { HTTPS_PROXY: 'http://proxy:3128' }, 'proxy:3128'],
  ['https://cloud:5000/v3', { https_proxy: 'http://user:secret@proxy:3128/' }, 'proxy:3128'],
  ['https://cloud:5000/v3', { HTTPS_PROXY: '127.0.0.1:3128' }, '127.0.0.1:3128'],
  ['http://cloud:5000/v3', { HTTPS_PROXY: 'http://proxy:3128' }, undefined],
  ['http://cloud:5000/v3', { ALL_PROXY: 'http://proxy:3128' }, 'proxy:3128'],
  ['https://cloud:5000/v3', { HTTPS_PROXY: 'http://proxy:3128', NO_PROXY: 'cloud' }, undefined],
  ['https://a.cloud/v3', { HTTPS_PROXY: 'http://proxy:3128', NO_PROXY: '.cloud, other' }, undefined],
  ['https://a.cloud/v3', { HTTPS_PROXY: 'http://proxy:3128', NO_PROXY: 'cloud:8080' }, 'proxy:3128'],
  ['https://a.cloud/v3', { HTTPS_PROXY: 'http://proxy:3128', NO_PROXY: '*' }, undefined],
])('finds the proxy of %s in %j: %s', (url, environment, proxy) => {
  expect(findProxy(url, environment)).toBe(proxy);
});
