import { withoutUndefined } from '../../../src/model/json';
import { CoriolisClient } from '../../../src/api/coriolis-client';
import { AuthenticationError, CanceledError, ProtocolError, UnreachableError } from '../../../src/api/errors';
import { makeKeystoneSession } from '../../../src/api/keystone-session';
import type { TransportRequest } from '../../../src/api/transport';
import { BEGIN, demo, failure, fakeRuntime, listen, overFetch, scripted } from './support';
import type { FakeRuntime, Listening, Received, Reply } from './support';

const PROJECT = '351ed44ac151474599d97370df948b5e';

interface World {
  /** Seconds that a new token lives. */
  lifetime: number;
  /** How Keystone answers instead of logging in. */
  refusal: Reply | undefined;
  /** Tokens that Coriolis accepts; all that were issued, unless a test takes some away. */
  readonly valid: Set<string>;
  readonly refuseAll: boolean;
  issued: number;
}

/** Keystone and Coriolis on one port: as much of them as a login needs. */
function cloud(world: World, url: () => string): (request: Received) => Reply | Promise<Reply> {
  return ({ method, url: path, headers }) => {
    if (path === '/identity/v3/auth/tokens' && method === 'POST') {
      if (world.refusal !== undefined) return world.refusal;
      world.issued += 1;
      const id = `token-${world.issued}`;
      if (!world.refuseAll) world.valid.add(id);
      return {
        status: 201,
        headers: { 'x-subject-token': id },
        body: {
          token: {
            // Keystone's clock is a day ahead of ours: only differences may count.
            issued_at: new Date(BEGIN + 86_400_000).toISOString(),
            expires_at: new Date(BEGIN + 86_400_000 + world.lifetime * 1000).toISOString(),
            project: { id: PROJECT, name: 'migration' },
            user: { id: 'u', name: 'demo' },
            roles: [],
            catalog: [
              {
                type: 'migration',
                name: 'coriolis',
                endpoints: [{ interface: 'public', region_id: 'one', url: `${url()}/v1/${PROJECT}` }],
              },
            ],
          },
        },
      };
    }
    return world.valid.has(String(headers['x-auth-token']))
      ? { body: { path, transfers: [], execution: { id: 'e' } } }
      : {
          status: 401,
          body: { error: { code: 401, message: 'The request you have made requires authentication.' } },
        };
  };
}

const UNAUTHORIZED: Reply = {
  status: 401,
  body: { error: { code: 401, message: 'The request you have made requires authentication.' } },
};

async function start(given: Partial<World> = {}) {
  const world: World = {
    lifetime: 14_400,
    refusal: undefined,
    valid: new Set(),
    refuseAll: false,
    issued: 0,
    ...given,
  };
  const server: Listening = await listen(cloud(world, () => server.url));
  const runtime: FakeRuntime = fakeRuntime();
  const session = makeKeystoneSession({
    transport: overFetch,
    identity: demo(`${server.url}/identity`),
    runtime,
  });
  const client = new CoriolisClient({ transport: session, runtime });
  const logins = () => server.received.filter(({ url }) => url.endsWith('/auth/tokens')).length;
  return { world, server, runtime, session, client, logins };
}

let running: Awaited<ReturnType<typeof start>> | undefined;
const setUp = async (given?: Partial<World>) => {
  running = await start(given);
  return running;
};
afterEach(async () => {
  await running?.server.close();
  running = undefined;
});

const GET = (url: string, signal?: AbortSignal): TransportRequest => ({
  method: 'GET',
  url,
  headers: {},
  timeoutMs: 60_000,
  ...withoutUndefined({ signal }),
});

describe('a session', () => {
  it('finds Coriolis in the catalogue and sends the token along', async () => {
    const { session, server } = await setUp();
    const answer = await session.send(GET('/transfers?limit=1'));
    expect(JSON.parse(answer.body)).toMatchObject({ path: `/v1/${PROJECT}/transfers?limit=1` });
    expect(server.received.at(-1)?.headers['x-auth-token']).toBe('token-1');
  });

  it('logs in once for 10,000 calls, 100 at a time', async () => {
    const world: World = {
      lifetime: 3_600,
      refusal: undefined,
      valid: new Set(),
      refuseAll: false,
      issued: 0,
    };
    const answer = cloud(world, () => 'http://cloud');
    const { transport, requests } = scripted(async ({ method, url, headers }) => {
      // Answers arrive later, as over a network; the wire itself adds nothing but minutes to this test.
      await new Promise(setImmediate);
      return await answer({
        method,
        url: url.replace('http://cloud', ''),
        headers: { 'x-auth-token': headers['X-Auth-Token'] },
        body: '',
      });
    });
    const session = makeKeystoneSession({
      transport,
      identity: demo('http://cloud/identity'),
      runtime: fakeRuntime(),
    });
    let left = 10_000;
    const worker = async (): Promise<void> => {
      while (left > 0) {
        left -= 1;
        await session.send(GET('/transfers'));
      }
    };
    await Promise.all(Array.from({ length: 100 }, worker));
    expect(requests.filter(({ url }) => url.endsWith('/auth/tokens'))).toHaveLength(1);
    expect(requests).toHaveLength(10_001);
  });

  it('logs in again a minute before the token expires', async () => {
    const { session, runtime, logins } = await setUp({ lifetime: 3_600 });
    await session.send(GET('/transfers'));
    runtime.pass(3_539_000);
    await session.send(GET('/transfers'));
    expect(logins()).toBe(1);
    runtime.pass(2_000);
    await session.send(GET('/transfers'));
    expect(logins()).toBe(2);
  });

  it('uses up nine tenths of a short life', async () => {
    const { session, runtime, logins } = await setUp({ lifetime: 20 });
    await session.send(GET('/transfers'));
    runtime.pass(17_000);
    await session.send(GET('/transfers'));
    expect(logins()).toBe(1);
    runtime.pass(2_000);
    await session.send(GET('/transfers'));
    expect(logins()).toBe(2);
  });

  it('repeats a POST once with a new token when the token no longer works', async () => {
    const { client, world, server, logins } = await setUp();
    await client.get('/transfers');
    world.valid.clear();
    await client.post('/transfers/t/executions', { execution: {} });
    expect(logins()).toBe(2);
    const posts = server.received.filter(
      ({ method, url }) => method === 'POST' && url.includes('executions'),
    );
    expect(posts.map(({ headers, body }) => [headers['x-auth-token'], body])).toEqual([
      ['token-1', '{"execution":{}}'],
      ['token-2', '{"execution":{}}'],
    ]);
  });

  it('logs in once when many calls at a time are told that the token expired', async () => {
    const { session, world, logins } = await setUp();
    await session.send(GET('/transfers'));
    world.valid.clear();
    const answers = await Promise.all(Array.from({ length: 50 }, () => session.send(GET('/transfers'))));
    expect(answers.every(({ status }) => status === 200)).toBe(true);
    expect(logins()).toBe(2);
  });

  it('gives up on a server that refuses fresh tokens, and does not log in for every call', async () => {
    const { session, logins } = await setUp({ refuseAll: true });
    for (let call = 0; call < 20; call += 1) {
      expect(await failure(session.send(GET('/transfers')))).toBeInstanceOf(AuthenticationError);
    }
    expect(logins()).toBe(2);
  });

  it('tries a wrong password exactly once, however many ask', async () => {
    const { client, logins } = await setUp({ refusal: UNAUTHORIZED });
    const errors = await Promise.all(Array.from({ length: 20 }, () => failure(client.get('/transfers'))));
    errors.push(await failure(client.get('/endpoints')));
    expect(errors.every((error) => error instanceof AuthenticationError)).toBe(true);
    expect(logins()).toBe(1);
  });

  it('asks again after a while: the account may have been mended', async () => {
    const { client, world, runtime, logins } = await setUp({ refusal: UNAUTHORIZED });
    await failure(client.get('/transfers'));
    world.refusal = undefined;
    runtime.pass(10_000);
    await client.get('/transfers');
    expect(logins()).toBe(2);
  });

  it('waits out a Keystone that is away for a moment', async () => {
    const { client, world, runtime } = await setUp({ refusal: { status: 503, body: '<html>' } });
    const sleep = runtime.sleep;
    Object.assign(runtime, {
      sleep: async (ms: number) => {
        world.refusal = undefined;
        await sleep(ms);
      },
    });
    await expect(client.get('/transfers')).resolves.toBeDefined();
    expect(runtime.slept).toHaveLength(1);
  });

  it('lets one caller give up without taking the login of the others along', async () => {
    const { server } = await setUp();
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const runtime = fakeRuntime();
    const session = makeKeystoneSession({
      transport: {
        send: async (request) => {
          if (request.url.endsWith('/auth/tokens')) await held;
          return await overFetch.send(request);
        },
      },
      identity: demo(`${server.url}/identity`),
      runtime,
    });
    const controller = new AbortController();
    const impatient = failure(session.send(GET('/transfers', controller.signal)));
    const patient = session.send(GET('/transfers'));
    controller.abort();
    expect(await impatient).toBeInstanceOf(CanceledError);
    release();
    expect((await patient).status).toBe(200);
  });

  it('sends the token to no other host', async () => {
    const { session, server } = await setUp();
    const own = await session.send(GET(`${server.url}/v1/${PROJECT}/regions`));
    expect(own.status).toBe(200);
    for (const url of [
      'http://elsewhere.example/x',
      `${server.url}0/x`,
      '//elsewhere.example/x',
      'transfers',
    ]) {
      expect(await failure(session.send(GET(url)))).toBeInstanceOf(ProtocolError);
    }
  });

  it('keeps token and password out of every error', async () => {
    const { session, client, world, server } = await setUp();
    await session.send(GET('/transfers'));
    world.valid.clear();
    world.refusal = UNAUTHORIZED;
    const errors = [await failure(client.get('/transfers'))];
    await server.close();
    errors.push(await failure(session.send(GET('/transfers'))));
    const down = makeKeystoneSession({
      transport: overFetch,
      identity: demo(`${server.url}/identity`),
      runtime: fakeRuntime(),
    });
    const unreachable = await failure(down.send(GET('/transfers')));
    expect(unreachable).toBeInstanceOf(UnreachableError);
    errors.push(unreachable);
    for (const error of errors) {
      const told = JSON.stringify(error, Object.getOwnPropertyNames(error)) + String(error.cause);
      expect(told).not.toMatch(/token-\d|correct horse/);
    }
  });
});
