import { serveHttp } from './support/http';
import type { HttpProcess } from './support/http';
import { bare } from './support/server';

const page = 'https://assistant.example.com';

let server: HttpProcess;
beforeAll(async () => {
  server = await serveHttp(bare, ['--sandbox', '--allowed-origins', 'assistant.example.com']);
});
afterAll(() => server.stop());

/** What a browser asks before it lets a page send this. */
const preflight = (origin: string, wanted: string) =>
  fetch(server.url, {
    method: 'OPTIONS',
    headers: {
      origin,
      'access-control-request-method': 'POST',
      'access-control-request-headers': wanted,
    },
  });

describe('a web page that is allowed', () => {
  it('is told before it calls what it may send, with no token and no cookies', async () => {
    const wanted = 'authorization,content-type,mcp-method,mcp-param-limit,mcp-protocol-version';
    const { status, headers } = await preflight(page, wanted);

    expect(status).toBe(204);
    expect(headers.get('access-control-allow-origin')).toBe(page);
    expect(headers.get('access-control-allow-methods')).toContain('POST');
    expect(headers.get('access-control-allow-headers')).toBe(wanted);
    expect(headers.get('vary')).toBe('Origin');
    expect(headers.has('access-control-allow-credentials')).toBe(false);
  });

  it('may read answers and what they say of sessions, limits and logins', async () => {
    const answer = await fetch(server.url, {
      method: 'POST',
      headers: {
        origin: page,
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
      },
      body: JSON.stringify({
        jsonrpc: '2.0',
        id: 1,
        method: 'initialize',
        params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 't', version: '1' } },
      }),
    });

    expect(answer.status).toBe(200);
    expect(answer.headers.get('access-control-allow-origin')).toBe(page);
    expect(answer.headers.get('access-control-expose-headers')).toContain('www-authenticate');
    expect(await answer.text()).toContain('serverInfo');
  });

  it('may read that a path does not exist, too', async () => {
    const answer = await fetch(`${server.origin}/other`, { headers: { origin: page } });

    expect(answer.status).toBe(404);
    expect(answer.headers.get('access-control-allow-origin')).toBe(page);
  });

  it('gets nothing back as a header that is no list of names', async () => {
    const { headers } = await preflight(page, 'x; evil=1');

    expect(headers.has('access-control-allow-headers')).toBe(false);
  });
});

describe('others', () => {
  it('are refused when they are pages, also before they call', async () => {
    const { status, headers } = await preflight('https://attacker.example', 'content-type');

    expect(status).toBe(403);
    expect(headers.has('access-control-allow-origin')).toBe(false);
  });

  it('are told nothing about pages when they are programs', async () => {
    const { headers } = await fetch(`${server.origin}/healthz`);

    expect(headers.has('access-control-allow-origin')).toBe(false);
  });
});
