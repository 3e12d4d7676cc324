import { CoriolisClient } from '../../../src/api/coriolis-client';
import { ProtocolError, UncertainError, UnreachableError } from '../../../src/api/errors';
import type {
  ApplianceCredentials,
  CatalogueSelection,
  KeystoneCredentials,
} from '../../../src/api/keystone';
import { makeKeystoneSession } from '../../../src/api/keystone-session';
import { BEGIN, demo, failure, fakeRuntime, scripted, type Reply } from './support';

const PROJECT = '351ed44ac151474599d97370df948b5e';

/** Keystone's answer to a login, with a catalogue that names these addresses. */
const token = (coriolis: string, logger = 'https://cloud/logs'): Reply => ({
  status: 201,
  headers: { 'x-subject-token': 'secret' },
  body: {
    token: {
      issued_at: new Date(BEGIN).toISOString(),
      expires_at: new Date(BEGIN + 3_600_000).toISOString(),
      project: { id: PROJECT, name: 'migration' },
      catalog: [
        {
          type: 'migration',
          name: 'coriolis',
          endpoints: [{ interface: 'public', region_id: 'one', url: coriolis }],
        },
        {
          type: 'coriolis-logger',
          name: 'log',
          endpoints: [{ interface: 'public', region_id: 'one', url: logger }],
        },
      ],
    },
  },
});

const HERE = `https://cloud/v1/${PROJECT}`;
const BUSY: Reply = { status: 503, body: '<html>busy</html>' };
const EXECUTION: Reply = { body: { execution: { id: 'e', status: 'RUNNING' } } };

/** A client, and what it sent to Keystone and to Coriolis. */
function clientOf(
  keystone: (count: number) => Reply,
  coriolis: (count: number) => Reply,
  identity: KeystoneCredentials | ApplianceCredentials = demo('https://cloud/v3'),
  selection: CatalogueSelection = {},
) {
  const runtime = fakeRuntime();
  const counts = { keystone: 0, coriolis: 0, configuration: 0 };
  const { transport, requests } = scripted(({ url }) => {
    if (url.endsWith('/api/config')) {
      counts.configuration += 1;
      return {
        body: { config: { servicesUrls: { keystone: 'http://appliance/identity', coriolis: '/coriolis' } } },
      };
    }
    return url.endsWith('/auth/tokens') ? keystone((counts.keystone += 1)) : coriolis((counts.coriolis += 1));
  });
  const session = makeKeystoneSession({ transport, identity, selection, runtime });
  return { client: new CoriolisClient({ transport: session, runtime }), runtime, counts, requests };
}

const startOf = (client: CoriolisClient) => client.post('/transfers/t/executions', { execution: {} });

describe('a login that fails', () => {
  it.each<[string, (client: CoriolisClient) => Promise<unknown>]>([
    ['read', (client) => client.get('/transfers/t')],
    ['change', startOf],
  ])('is repeated in one place only, and says that nothing was sent: %s', async (_what, call) => {
    const { client, counts, runtime } = clientOf(
      () => BUSY,
      () => EXECUTION,
    );
    const error = await failure(call(client));
    expect(error).toBeInstanceOf(UnreachableError);
    expect(error['nothingSent']).toBe(true);
    expect(error['advice']).toMatch(/Nothing was sent to Coriolis: only the login failed\.$/);
    expect(counts).toEqual({ keystone: 4, coriolis: 0, configuration: 0 });
    expect(runtime.slept.reduce((sum, ms) => sum + ms, 0)).toBeLessThan(10_000);
  });

  it('during a change whose token was refused is no lost response', async () => {
    const refused: Reply = {
      status: 401,
      headers: { 'www-authenticate': "Keystone uri='https://cloud/v3'" },
    };
    const { client, counts } = clientOf(
      (count) => (count === 1 ? token(HERE) : BUSY),
      () => refused,
    );
    const error = await failure(startOf(client));
    expect(error).toBeInstanceOf(UnreachableError);
    expect(counts).toEqual({ keystone: 5, coriolis: 1, configuration: 0 });
  });
});

describe('a 401', () => {
  it('in the form of Keystone lets a change be sent once more', async () => {
    const refused: Reply = {
      status: 401,
      body: {
        error: {
          code: 401,
          title: 'Unauthorized',
          message: 'The request you have made requires authentication.',
        },
      },
    };
    const { client, counts } = clientOf(
      () => token(HERE),
      (count) => (count === 1 ? refused : EXECUTION),
    );
    expect(await startOf(client)).toMatchObject({ execution: { id: 'e' } });
    expect(counts).toMatchObject({ keystone: 2, coriolis: 2 });
  });

  it.each<[string, unknown]>([
    ['a web page', '<html>Sign in</html>'],
    ['nothing', undefined],
    ['JSON of others', { message: 'denied' }],
  ])('of a gateway does not, whose answer is %s: it may have passed the change on', async (_what, body) => {
    const { client, counts } = clientOf(
      () => token(HERE),
      () => ({ status: 401, body }),
    );
    expect(await failure(startOf(client))).toBeInstanceOf(UncertainError);
    expect(counts.coriolis).toBe(1);
  });
});

describe('https never becomes http by itself', () => {
  it('in the catalogue', async () => {
    const { client, counts } = clientOf(
      () => token(`http://cloud/v1/${PROJECT}`),
      () => EXECUTION,
    );
    const error = await failure(client.get('/transfers/t'));
    expect(error).toBeInstanceOf(ProtocolError);
    expect(error.message).toMatch(
      /^http:\/\/cloud is plain http, although https:\/\/cloud, which names it, is https/,
    );
    expect(counts.coriolis).toBe(0);
  });

  it('in the catalogue for a service beside Coriolis', async () => {
    const { client, counts } = clientOf(
      () => token(HERE, 'http://cloud/logs'),
      () => EXECUTION,
    );
    expect(await failure(client.forService('coriolis-logger').get('/logs'))).toBeInstanceOf(ProtocolError);
    expect(counts.coriolis).toBe(0);
  });

  it('in the configuration of an appliance, before the password is sent', async () => {
    const { authUrl: _given, ...caller } = demo('');
    const { client, counts } = clientOf(
      () => token(HERE),
      () => EXECUTION,
      { ...caller, appliance: 'https://appliance' },
    );
    expect(await failure(client.get('/transfers/t'))).toBeInstanceOf(ProtocolError);
    expect(counts).toEqual({ keystone: 0, coriolis: 0, configuration: 1 });
  });

  it('but an address that is given by hand is used', async () => {
    const { client, requests } = clientOf(
      () => token(HERE),
      () => ({ body: { transfer: { id: 't' } } }),
      demo('https://cloud/v3'),
      { override: 'http://laboratory' },
    );
    await client.get('/transfers/t');
    expect(requests.at(-1)?.url).toBe(`http://laboratory/v1/${PROJECT}/transfers/t`);
  });
});
