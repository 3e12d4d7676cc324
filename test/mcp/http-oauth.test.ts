import { withoutUndefined } from '../../src/model/json';
import { createHmac } from 'node:crypto';
import { startSandbox } from '../../sandbox/sandbox';
import type { Sandbox } from '../../sandbox/sandbox';
import { connectHttpUser } from './support/client';
import { serveHttp } from './support/http';
import type { HttpProcess } from './support/http';
import { startIssuer } from './support/issuer';
import type { Issuer } from './support/issuer';
import { loginOf } from './support/server';

const PUBLIC_URL = 'https://mcp.example.com/mcp';

let sandbox: Sandbox;
let issuer: Issuer;
let server: HttpProcess;
beforeAll(async () => {
  sandbox = await startSandbox();
  issuer = await startIssuer(PUBLIC_URL);
  server = await serveHttp(loginOf(sandbox), [
    '--allow-write',
    '--oauth-issuer',
    issuer.url,
    '--public-url',
    PUBLIC_URL,
  ]);
});
afterAll(async () => {
  await server.stop();
  await issuer.stop();
  await sandbox.stop();
});

const initialize = (authorization?: string): Promise<Response> =>
  fetch(server.url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      ...withoutUndefined({ authorization }),
    },
    body: JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      method: 'initialize',
      params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 't', version: '1' } },
    }),
  });

const base64 = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A token with good claims, under a header and a signature of somebody else's making. */
const forged = (alg: string, sign: (body: string) => string): string => {
  const soon = Math.floor(Date.now() / 1000) + 300;
  const claims = { iss: issuer.url, aud: PUBLIC_URL, sub: 'mallory', scope: 'read write', exp: soon };
  const body = `${base64({ alg, kid: 'one', typ: 'JWT' })}.${base64(claims)}`;
  return `${body}.${sign(body)}`;
};

describe('with OAuth, a request', () => {
  it('without a token is told whom to ask for one', async () => {
    const answer = await initialize();

    expect(answer.status).toBe(401);
    const challenge = answer.headers.get('www-authenticate') ?? '';
    expect(challenge).toContain('Bearer');
    expect(challenge).toContain(
      'resource_metadata="https://mcp.example.com/.well-known/oauth-protected-resource/mcp"',
    );
    const metadata = await fetch(`${server.origin}/.well-known/oauth-protected-resource/mcp`);
    expect(await metadata.json()).toMatchObject({
      resource: PUBLIC_URL,
      authorization_servers: [issuer.url],
      scopes_supported: ['read', 'write', 'destroy'],
      bearer_methods_supported: ['header'],
    });
  });

  it.each<[string, () => string]>([
    ['is expired', () => issuer.token({}, -300)],
    ['is for another audience', () => issuer.token({ aud: 'https://other.example.com/mcp' })],
    ['is of another issuer', () => issuer.token({ iss: 'https://id.example.org' })],
    ['is not valid yet', () => issuer.token({ nbf: Math.floor(Date.now() / 1000) + 300 })],
    ['has no expiry', () => issuer.token({ exp: undefined })],
    ['has the algorithm none', () => forged('none', () => '')],
    [
      'is signed with the public key as a secret',
      () => forged('HS256', (body) => createHmac('sha256', 'one').update(body).digest('base64url')),
    ],
    ['has a signature of something else', () => forged('RS256', () => 'A'.repeat(342))],
    ['is no JSON web token', () => 'nonsense'],
  ])('is refused when its token %s', async (_what, token) => {
    const bearer = token();

    const answer = await initialize(`Bearer ${bearer}`);

    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toContain('invalid_token');
    expect(await answer.text()).not.toContain(bearer);
  });

  it('is refused when its token may not even read', async () => {
    const answer = await initialize(`Bearer ${issuer.token({ scope: 'openid profile' })}`);

    expect(answer.status).toBe(403);
    expect(answer.headers.get('www-authenticate')).toContain('insufficient_scope');
  });

  it('gets the metrics only with a token', async () => {
    const headers = { authorization: `Bearer ${issuer.token()}` };

    expect((await fetch(`${server.origin}/metrics`)).status).toBe(401);
    expect((await fetch(`${server.origin}/metrics`, { headers })).status).toBe(200);
    expect((await fetch(`${server.origin}/healthz`)).status).toBe(200);
  });
});

describe('with OAuth, what a client sees', () => {
  it.each([
    ['read', false],
    ['read write', true],
    ['write', true],
    ['destroy', true],
  ])('follows from the scope "%s", within what the operator allows', async (scope, writes) => {
    const user = await connectHttpUser({ url: server.url, token: issuer.token({ scope }) });

    const names = (await user.tools()).map(({ name }) => name);

    expect(names).toContain('list_transfers');
    expect(names.includes('execute_transfer')).toBe(writes);
    expect(names).not.toContain('delete_transfer');
    await user.close();
  });

  it('names the scope that a tool needs', async () => {
    const user = await connectHttpUser({ url: server.url, token: issuer.token() });

    const { isError, text } = await user.call('execute_transfer', { transfer_id: 'web-01' });

    expect(isError).toBe(true);
    expect(text).toContain('scope write');
    await user.close();
  });
});

describe('when the issuer cannot be reached', () => {
  it('nobody is let in, and the log tells why', async () => {
    const lonely = await serveHttp(loginOf(sandbox), [
      '--oauth-issuer',
      'http://127.0.0.1:1',
      '--public-url',
      PUBLIC_URL,
    ]);

    const answer = await fetch(lonely.url, {
      method: 'POST',
      headers: { authorization: `Bearer ${issuer.token()}` },
    });

    expect(answer.status).toBe(500);
    await lonely.log.find(/the keys of the OAuth issuer cannot be fetched/u);
    await lonely.stop();
  });
});
