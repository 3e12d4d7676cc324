import { gzipSync } from 'node:zlib';
import { startRelay, type Meddling, type Relay, type RelayedRequest } from '../support/relay';
import { chain, items } from '../support/engine';
import { credentialType, locator, loginOf, startLab, type Lab } from './lab';

/** What the nodes make of answers that have no end, and of refusals that are none of Coriolis. */

let lab: Lab;
let relay: Relay;
let credentials = 0;
beforeAll(async () => {
  lab = await startLab({ transfers: 8, speed: 1 });
  relay = await startRelay(lab.sandbox.url);
});
afterEach(() => {
  relay.meddle = () => undefined;
  jest.restoreAllMocks();
});
afterAll(async () => {
  await relay.close();
  await lab.stop();
});

/** Runs an operation over the relay, with a credential of its own that has logged in when `isWarm`. */
async function run(operation: string, parameters = {}, isWarm = true) {
  const project = new URL(lab.sandbox.coriolisUrl).pathname;
  const credential = lab.engine.credentials.add(credentialType, {
    ...loginOf(lab.sandbox),
    authUrl: `${relay.url}/v3`,
    endpointOverride: relay.url + project,
    // A login of its own: those of the last seconds are shared, failed ones too.
    region: `region-${(credentials += 1)}`,
  });
  const perform = async (name: string, given = {}) =>
    await lab.engine.runWorkflow(
      chain(items({}), {
        ...lab.coriolis(name, given),
        credentials: { [credentialType]: { id: credential.id, name: credential.name } },
      }),
    );
  const { meddle } = relay;
  if (isWarm) {
    relay.meddle = () => undefined;
    expect((await perform('region.getAll')).error).toBeUndefined();
    relay.meddle = meddle;
  }
  relay.requests.length = 0;
  const result = await perform(operation, parameters);
  return { ...result, text: `${result.error?.message ?? ''} ${result.error?.description ?? ''}` };
}

const sent = (method: string, path: RegExp): readonly RelayedRequest[] =>
  relay.requests.filter((request) => request.method === method && path.test(request.path));

const on =
  (method: string, path: RegExp, ...meddlings: readonly Meddling[]): Relay['meddle'] =>
  (request) => {
    if (request.method !== method || !path.test(request.path)) return undefined;
    return meddlings[Math.min(sent(method, path).length, meddlings.length) - 1];
  };

/** 400 MiB in 400 KB. */
const bomb = gzipSync(Buffer.alloc(400 * 1024 * 1024, 0x20));
const sendBomb: Meddling = (response) => {
  response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' }).end(bomb);
};

/** A body, byte by byte: each byte comes before any time-out between two of them. */
const drip: Meddling = (response) => {
  response.writeHead(200, { 'content-type': 'application/json' });
  const timer = setInterval(() => response.write(' '), 20);
  response.on('close', () => clearInterval(timer));
};

/** Headers, one by one. */
const dripHeaders: Meddling = (response) => {
  const { socket } = response;
  socket?.write('HTTP/1.1 200 OK\r\n');
  const timer = setInterval(() => socket?.write('X: y\r\n'), 20);
  socket?.on('close', () => clearInterval(timer));
};

const breakOff: Meddling = async (response, answer) => {
  const { status, body } = await answer();
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': body.length });
  response.write(body.slice(0, body.length / 2), () => response.destroy());
};

/** Shortens every deadline, so that nobody waits for the 30 s of a read. */
const shorten = (factor: number): void => {
  const timeout = AbortSignal.timeout.bind(AbortSignal);
  jest.spyOn(AbortSignal, 'timeout').mockImplementation((ms) => timeout(Math.ceil(ms / factor)));
};

const TOO_LARGE = /The answer of (the server|127\.0\.0\.1:\d+) is larger than 64 MiB/;
const NOT_COMPLETE = /No complete answer from (the server|127\.0\.0\.1:\d+) within 30 s/;

describe('an answer without an end', () => {
  test('a bomb as the answer to a read is refused, and does not fill the memory', async () => {
    relay.meddle = on('GET', /\/transfers/, sendBomb);
    const before = process.memoryUsage().rss;

    const { text } = await run('transfer.getAll');

    expect(text).toMatch(TOO_LARGE);
    expect(process.memoryUsage().rss - before).toBeLessThan(300 * 1024 * 1024);
  });

  test('a bomb as the answer to a login is refused', async () => {
    relay.meddle = on('POST', /auth\/tokens/, sendBomb);

    expect((await run('transfer.getAll', {}, false)).text).toMatch(TOO_LARGE);
    expect(sent('GET', /\/transfers/)).toEqual([]);
  });

  test('a bomb as the answer to a change leaves one object, which is found', async () => {
    relay.meddle = on('POST', /\/regions/, async (response, answer) => {
      await answer();
      await sendBomb(response, answer);
    });

    const result = await run('region.create', { name: 'bombed' });

    expect(result.error).toBeUndefined();
    expect(result.rows('Coriolis')).toEqual([expect.objectContaining({ name: 'bombed' })]);
    expect(sent('POST', /\/regions/)).toHaveLength(1);
  });

  test.each([
    ['a body', drip],
    ['headers', dripHeaders],
  ])('%s, dripping, ends at the deadline of the whole read', async (_, meddling) => {
    relay.meddle = on('GET', /\/transfers/, meddling);
    shorten(100);

    const { text } = await run('transfer.getAll');

    expect(text).toMatch(NOT_COMPLETE);
  });

  test('a login that drips ends too', async () => {
    relay.meddle = on('POST', /auth\/tokens/, drip);
    shorten(100);

    expect((await run('transfer.getAll', {}, false)).text).toMatch(NOT_COMPLETE);
  });

  test('a body that breaks off is read again', async () => {
    relay.meddle = on('GET', /\/regions/, breakOff, (response, answer) =>
      answer().then(({ status, body }) => void response.writeHead(status).end(body)),
    );

    const { error } = await run('region.getAll');

    expect(error).toBeUndefined();
    expect(sent('GET', /\/regions/)).toHaveLength(2);
  });
});

describe('a 401', () => {
  const keystone: Meddling = (response) => {
    response
      .writeHead(401, {
        'content-type': 'application/json',
        'www-authenticate': `Keystone uri="${relay.url}/v3"`,
      })
      .end(
        '{"error": {"code": 401, "title": "Unauthorized", "message": "The request you have made requires authentication."}}',
      );
  };
  const passOn: Meddling = async (response, answer) => {
    const { status, body } = await answer();
    response.writeHead(status, { 'content-type': 'application/json' }).end(body);
  };
  const afterwards =
    (headers: Readonly<Record<string, string>>, body: string): Meddling =>
    async (response, answer) => {
      await answer();
      response.writeHead(401, headers).end(body);
    };

  test('of Keystone is answered with one login, and the change is sent again', async () => {
    relay.meddle = on('POST', /\/regions/, keystone, passOn);

    const { error } = await run('region.create', { name: 'renewed' });

    expect(error).toBeUndefined();
    expect(sent('POST', /auth\/tokens/)).toHaveLength(1);
    const [first, second, ...others] = sent('POST', /\/regions/).map(({ token }) => token);
    expect(second).not.toBe(first);
    expect(others).toEqual([]);
  });

  test('of Keystone again ends, and says so', async () => {
    relay.meddle = on('POST', /\/regions/, keystone);

    const { text } = await run('region.create', { name: 'refused' });

    expect(text).toContain('does not accept the token');
    expect(sent('POST', /\/regions/)).toHaveLength(2);
  });

  test.each([
    ['a web page', { 'content-type': 'text/html' }, '<html>401</html>'],
    ['nothing', { 'www-authenticate': 'Bearer' }, ''],
    ['JSON of others', { 'content-type': 'application/json' }, '{"error": {"message": "unauthorized"}}'],
    ['JSON of others as a text', { 'content-type': 'application/json' }, '{"error": "unauthorized"}'],
    ['Basic', { 'www-authenticate': 'Basic realm="gateway"' }, 'Unauthorized'],
  ])('of a gateway (%s) is no reason to send a change again', async (name, headers, body) => {
    relay.meddle = on('POST', /\/regions/, afterwards(headers, body));

    const result = await run('region.create', { name });

    expect(result.error).toBeUndefined();
    expect(result.rows('Coriolis')).toEqual([expect.objectContaining({ name })]);
    expect(sent('POST', /\/regions/)).toHaveLength(1);
    const regions = (await lab.rows('region.getAll')).filter((region) => region['name'] === name);
    expect(regions).toHaveLength(1);
  });

  test('of a gateway to an update is no reason to send it again', async () => {
    relay.meddle = on('PUT', /\/endpoints/, afterwards({}, 'Unauthorized'));

    await run('endpoint.update', { endpointId: locator('openstack'), name: 'openstack' });

    expect(sent('PUT', /\/endpoints/)).toHaveLength(1);
  });

  test('of a gateway to a read is answered with one login', async () => {
    relay.meddle = on('GET', /\/transfers/, afterwards({}, 'Unauthorized'), passOn);

    const { error } = await run('transfer.getAll');

    expect(error).toBeUndefined();
    expect(sent('POST', /auth\/tokens/)).toHaveLength(1);
  });
});
