import { CoriolisClient } from '../../../src/api/coriolis-client';
import { CapabilityError, NotFoundError, ProtocolError, UncertainError } from '../../../src/api/errors';
import { BEGIN, below, dateHeader, failure, fakeRuntime, listen, scripted } from './support';
import type { Listening, Received, Reply } from './support';

/** Over real HTTP: what a server or a proxy puts on the wire, and what the client makes of it. */
let server: Listening | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

type Answer = Parameters<typeof listen>[0];

async function clientOf(answer: Answer): Promise<CoriolisClient> {
  server = await listen(answer);
  return new CoriolisClient({ transport: below(server.url), runtime: fakeRuntime() });
}

/** What any request below is answered with. */
const FULL = { transfers: [], transfer: { id: 't' }, execution: { id: 'e' } };

const received = (): Received[] => server?.received ?? [];
const always =
  (reply: Reply): Answer =>
  () =>
    reply;

describe('a request', () => {
  it('asks for JSON, and says so of its body only when it has one', async () => {
    const client = await clientOf(({ method }) => (method === 'DELETE' ? { status: 204 } : { body: FULL }));
    await client.get('/transfers');
    await client.post('/transfers', { transfer: { notes: 'søk' } });
    await client.put('/transfers/t', { transfer: {} });
    await client.delete('/transfers/t');
    expect(
      received().map(({ method, headers, body }) => [method, headers.accept, headers['content-type'], body]),
    ).toEqual([
      ['GET', 'application/json', undefined, ''],
      ['POST', 'application/json', 'application/json', '{"transfer":{"notes":"søk"}}'],
      ['PUT', 'application/json', 'application/json', '{"transfer":{}}'],
      ['DELETE', 'application/json', undefined, ''],
    ]);
  });

  it('encodes its query, repeats keys of lists and leaves out what is undefined', async () => {
    const client = await clientOf(always({ body: FULL }));
    await client.get('/transfers', {
      query: { env: 'e30=', sort_key: ['number', 'id'], show_deleted: true, limit: 5, marker: undefined },
    });
    expect(received()[0]?.url).toBe(
      '/transfers?env=e30%3D&sort_key=number&sort_key=id&show_deleted=true&limit=5',
    );
  });
});

describe('an answer', () => {
  it('comes back as the server wraps it', async () => {
    const networks = [{ id: 'n', name: 'VM Network', vlan: 7 }];
    const client = await clientOf(always({ body: { networks } }));
    expect(await client.get('/endpoints/e/networks')).toEqual({ networks });
  });

  it('tells the server’s time, or ours when it does not', async () => {
    const client = await clientOf(
      always({ headers: { Date: dateHeader(3_600_000) }, body: { transfers: [] } }),
    );
    expect(await client.getWithDate('/transfers')).toEqual({
      body: { transfers: [] },
      date: BEGIN + 3_600_000,
    });
  });

  it('may begin with blanks or a byte order mark', async () => {
    const { transport } = scripted(() => ({ body: '\ufeff\r\n {"transfers": []}\n' }));
    const client = new CoriolisClient({ transport, runtime: fakeRuntime() });
    expect(await client.get('/transfers')).toEqual({ transfers: [] });
  });

  it('comes as text when another type than JSON was asked for', async () => {
    const client = await clientOf(
      always({ headers: { 'Content-Type': 'text/csv' }, body: 'id,name\n1,a\n' }),
    );
    expect(await client.get('/endpoints/e/inventory', { accept: 'text/csv' })).toBe('id,name\n1,a\n');
    expect(received()[0]?.headers.accept).toBe('text/csv');
  });
});

describe('what is not Coriolis', () => {
  it('is told apart when a proxy sends its login page', async () => {
    const client = await clientOf(
      always({ headers: { 'Content-Type': 'text/html' }, body: '<!DOCTYPE html><title>Sign in</title>' }),
    );
    const error = await failure(client.get('/transfers'));
    expect(error).toBeInstanceOf(ProtocolError);
    expect(error.message).toBe('GET /transfers was answered with a web page instead of JSON');
    expect(error['advice']).toMatch(/proxy/);
    // A proxy may send it after it passed a change on.
    const change = await failure(client.post('/transfers', {}));
    expect(change).toBeInstanceOf(UncertainError);
    expect(change.message).toMatch(
      /nothing shows that it happened: POST \/transfers was answered with a web page/,
    );
  });

  it('is told apart when JSON ends early, without quoting it', async () => {
    const client = await clientOf(
      always({ body: '{"endpoints": [{"connection_info": {"password": "hunter2' }),
    );
    const error = await failure(client.get('/endpoints'));
    expect(error).toBeInstanceOf(ProtocolError);
    expect(error.message).toMatch(/no valid JSON.*cut off/);
    expect(error.message).not.toContain('hunter2');
  });

  it('is told apart when a success brings nothing at all', async () => {
    const client = await clientOf(always({ body: '' }));
    const error = await failure(client.get('/endpoints'));
    expect(error).toBeInstanceOf(ProtocolError);
    expect(error.message).toMatch(/is empty/);
    expect(await failure(client.post('/transfers', {}))).toBeInstanceOf(UncertainError);
    expect(await failure(client.delete('/transfers/1'))).toBeInstanceOf(UncertainError);
  });

  it('leaves a change uncertain when the answer to it ends early', async () => {
    const client = await clientOf(always({ body: '{"transfer": {"id": "t' }));
    expect(await failure(client.post('/transfers', {}))).toBeInstanceOf(UncertainError);
    expect(received()).toHaveLength(1);
  });

  it('is not followed when it redirects, so the token stays here', async () => {
    const client = await clientOf(
      always({ status: 302, headers: { Location: 'https://elsewhere.example/v1/?ticket=1' } }),
    );
    const error = await failure(client.get('/transfers'));
    expect(error).toBeInstanceOf(ProtocolError);
    expect(error.message).toBe(
      'GET /transfers was redirected to https://elsewhere.example/v1/; redirects are not followed',
    );
    expect(received()).toHaveLength(1);
  });
});

describe('a 404 without an error object comes from a router', () => {
  const ROUTING_404: Reply = {
    status: 404,
    body: {
      message: 'The resource could not be found.<br /><br />\n\n\n',
      code: '404 Not Found',
      title: 'Not Found',
    },
  };
  const NOT_FOUND: Reply = {
    status: 404,
    body: { error: { fault: 'itemNotFound', code: 404, message: 'NotFound_Remote: No such thing.' } },
  };
  /** A server that has routes only below these. */
  const routed =
    (...roots: readonly string[]): Answer =>
    ({ url }) =>
      roots.some((root) => url.startsWith(root)) ? NOT_FOUND : ROUTING_404;

  it('costs nothing on a current server, whose objects are simply not found', async () => {
    const client = await clientOf(routed('/transfers'));
    expect(await failure(client.get('/transfers/t'))).toBeInstanceOf(NotFoundError);
    expect(received()).toHaveLength(1);
  });

  it('asks once what a server of the legacy generation speaks, and goes on in its words', async () => {
    const client = await clientOf(routed('/replicas', '/migrations'));
    expect(await failure(client.get('/transfers/t'))).toBeInstanceOf(NotFoundError);
    expect(received().map(({ url }) => url.replace(/[0-9]{8}.*/, 'probe'))).toEqual([
      '/transfers/t',
      '/transfers/probe',
      '/replicas/probe',
      '/replicas/t',
    ]);
    expect(await failure(client.get('/deployments/d'))).toBeInstanceOf(NotFoundError);
    expect(received()).toHaveLength(5);
  });

  it('asks once also for many calls at a time, and all of them go on', async () => {
    const client = await clientOf(routed('/replicas'));
    const errors = await Promise.all(Array.from({ length: 10 }, () => failure(client.get('/transfers/t'))));
    expect(errors.map(({ constructor }) => constructor)).toEqual(Array(10).fill(NotFoundError));
    expect(received()).toHaveLength(22);
  });

  it('notices that a server was upgraded meanwhile', async () => {
    let roots = ['/replicas', '/migrations'];
    const client = await clientOf((request, response) => routed(...roots)(request, response));
    expect(await client.detectGeneration()).toBe('legacy');
    roots = ['/transfers', '/deployments'];
    expect(await failure(client.get('/transfers/t'))).toBeInstanceOf(NotFoundError);
    expect(await client.detectGeneration()).toBe('current');
  });

  it('says that a current server is too old for a route', async () => {
    const client = await clientOf(routed('/transfers'));
    const error = await failure(client.post('/future', {}));
    expect(error).toBeInstanceOf(CapabilityError);
    expect(error.message).toContain('has no POST /future');
  });

  it('says that the URL is wrong where neither generation answers', async () => {
    const client = await clientOf(routed());
    const error = await failure(client.get('/transfers'));
    expect(error).toBeInstanceOf(ProtocolError);
    expect(error.message).toMatch(/No Coriolis API answers at the endpoint URL/);
    expect(error['advice']).toMatch(/project/);
  });

  it('asks again when the question itself failed', async () => {
    let broken = true;
    const client = await clientOf(({ url }) => {
      if (url !== '/transfers' && broken)
        return { status: 401, body: { error: { code: 401, message: 'no' } } };
      return routed('/replicas')({ url } as Received, undefined as never);
    });
    expect(await failure(client.get('/transfers'))).toMatchObject({ kind: 'authentication' });
    broken = false;
    expect(await failure(client.get('/transfers'))).toBeInstanceOf(NotFoundError);
  });
});
