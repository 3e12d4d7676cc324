import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { loginVariablesOf } from '../../sandbox/login-variables';
import { startLab, type Lab } from '../engine/lab';
import { startTlsFront, type TlsFront } from '../support/tls-front';
import { FACES, facesOf, type Login, type Told } from './faces';

/**
 * A login over https never goes on over http without a word, through n8n, the MCP server and the library: whatever leads
 * there, no password and no token reaches a server that speaks http.
 */

let lab: Lab;
let front: TlsFront;
/** A server that speaks http, with all that it received. */
let eavesdropper: Server;
const overheard: string[] = [];
let closeFaces: () => void;
let faces: ReturnType<typeof facesOf>['faces'];

beforeAll(async () => {
  lab = await startLab();
  front = await startTlsFront(lab.sandbox.url);
  eavesdropper = createServer((request, response) => {
    overheard.push(`${request.method} ${request.url}`);
    response.end('{}');
  });
  eavesdropper.listen(0, '127.0.0.1');
  await once(eavesdropper, 'listening');
  ({ faces, close: closeFaces } = facesOf(lab, front.cert));
});
afterAll(async () => {
  closeFaces();
  front.close();
  eavesdropper.close();
  eavesdropper.closeAllConnections();
  await lab.stop();
});
beforeEach(() => {
  overheard.length = 0;
  front.answer = () => undefined;
  front.rewrite = overHttps;
});

const httpUrl = (): string => `http://127.0.0.1:${(eavesdropper.address() as AddressInfo).port}`;
const OWN_ADDRESS = /http:\/\/127\.0\.0\.1:\d+/gu;
/** The answers of an installation whose services are all behind the front. */
const overHttps = (body: string): string => body.replaceAll(OWN_ADDRESS, front.url);
/** The same with the address of one service over http. */
const except =
  (path: RegExp) =>
  (body: string): string =>
    overHttps(body).replaceAll(new RegExp(`${front.url}(?=${path.source})`, 'gu'), httpUrl());

const redirect = (status: number, path: RegExp, method?: string): TlsFront['answer'] => {
  const headers = { location: `${httpUrl()}/elsewhere` };
  return (asked) =>
    path.test(asked.path) && (method === undefined || asked.method === method)
      ? { status, headers }
      : undefined;
};

/** The login of the sandbox over the front. A region of its own name keeps n8n from sharing the login of another case. */
const login = (more: Login = {}): Login => {
  const { OS_REGION_NAME: _region, ...rest } = loginVariablesOf(lab.sandbox.connection);
  return { ...rest, OS_AUTH_URL: `${front.url}/v3`, ...more };
};
const errorOf = (told: Told): string => ('error' in told ? told.error : `no error, ${told.rows} rows`);

describe.each(FACES)('through %s', (name) => {
  it('an installation over https works', async () => {
    expect(await faces[name](login(), 'endpoints')).toEqual({ rows: 2 });
    expect(await faces[name](login(), 'logs')).toEqual({ rows: expect.any(Number) });
    expect(overheard).toEqual([]);
  });

  it('a Coriolis over http under a Keystone over https is refused', async () => {
    front.rewrite = except(/\/v1\/[0-9a-f]{32}/u);
    const error = errorOf(await faces[name](login({ OS_INTERFACE: 'internal' }), 'endpoints'));
    expect(error).toMatch(/is plain http, although .* is https: the login would travel unencrypted/u);
    expect(overheard).toEqual([]);
  });

  it('and is used when its address is given by hand', async () => {
    const endpoint = lab.sandbox.coriolisUrl;
    const told = await faces[name](login({ CORIOLIS_ENDPOINT: endpoint }), 'endpoints');
    expect(told).toEqual({ rows: 2 });
  });

  it('another service over http is refused, and the others work', async () => {
    front.rewrite = except(/\/logger/u);
    const there = login({ OS_INTERFACE: 'admin' });
    expect(errorOf(await faces[name](there, 'logs'))).toContain('the login would travel unencrypted');
    expect(await faces[name](there, 'endpoints')).toEqual({ rows: 2 });
    expect(overheard).toEqual([]);
  });

  it('an appliance over https whose Keystone is over http gets no password', async () => {
    front.rewrite = except(/\/identity/u);
    const { OS_AUTH_URL: _url, ...rest } = login();
    const error = errorOf(await faces[name]({ ...rest, CORIOLIS_APPLIANCE: front.url }, 'endpoints'));
    expect(error).toContain('the login would travel unencrypted');
    expect(overheard).toEqual([]);
  });

  it.each([301, 307])('a login is not redirected by %d', async (status) => {
    front.answer = redirect(status, /auth\/tokens/u);
    const error = errorOf(await faces[name](login({ OS_REGION_NAME: `moved by ${status}` }), 'endpoints'));
    expect(error).toMatch(
      /was redirected to http:\/\/127\.0\.0\.1:\d+\/elsewhere; redirects are not followed/u,
    );
    expect(overheard).toEqual([]);
  });

  it.each([
    [301, 'endpoints', 'GET'],
    [307, 'region', 'POST'],
  ] as const)('Coriolis does not redirect by %d (%s)', async (status, what, method) => {
    front.answer = redirect(status, /\/v1\//u, method);
    expect(errorOf(await faces[name](login(), what))).toMatch(
      /redirected to http:\/\/127\.0\.0\.1:\d+\/elsewhere/u,
    );
    expect(overheard).toEqual([]);
  });
});
