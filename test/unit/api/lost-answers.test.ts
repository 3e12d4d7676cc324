import { CoriolisClient } from '../../../src/api/coriolis-client';
import { CanceledError, TimeoutError, UncertainError, UnreachableError } from '../../../src/api/errors';
import { BEGIN, dateHeader, failure, fakeRuntime, scripted } from './support';
import type { Reply } from './support';

/** The server's clock is an hour ahead of ours. */
const AHEAD = 3_600_000;
const serverTime = (ms: number): string =>
  new Date(BEGIN + AHEAD + ms).toISOString().replace(/\.\d+Z$/, '.000000');

interface Execution {
  readonly id: string;
  readonly created_at: string;
}

/** A client whose changes are lost, and a server that lists `executions`. */
function setUp(loss: Reply | Error, executions: () => readonly Execution[]) {
  const runtime = fakeRuntime();
  const { transport, requests } = scripted(({ method }) => {
    if (method === 'GET') {
      const date = dateHeader(AHEAD + runtime.clock() - BEGIN);
      return { headers: { date }, body: { executions: executions() } };
    }
    if (loss instanceof Error) throw loss;
    return loss;
  });
  const client = new CoriolisClient({ transport, runtime });
  const start = () =>
    client.post<Execution>(
      '/transfers/t/executions',
      { execution: {} },
      {
        recover: async (createdSince) => {
          const { executions: listed } = await client.get<{ executions: Execution[] }>(
            '/transfers/t/executions',
          );
          return listed.find((execution) => createdSince(execution.created_at));
        },
      },
    );
  const posts = () => requests.filter(({ method }) => method === 'POST').length;
  return { client, runtime, requests, start, posts };
}

const reset = new UnreachableError('reset', { code: 'ECONNRESET' });

describe('a start whose answer was lost', () => {
  it.each<[string, Reply | Error]>([
    ['by a reset', reset],
    ['by a timeout', new TimeoutError('late')],
    [
      'to a damaged record',
      new UnreachableError('tls', { code: 'ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC' }),
    ],
    ['by a proxy', { status: 504, body: '<html>' }],
    ['halfway', { body: '{"execution": {"id"' }],
  ])('%s is found again, and not repeated', async (_how, loss) => {
    const { start, posts } = setUp(loss, () => [
      { id: 'new', created_at: serverTime(0) },
      { id: 'old', created_at: serverTime(-60_000) },
    ]);
    expect(await start()).toMatchObject({ id: 'new' });
    expect(posts()).toBe(1);
  });

  it('is told from earlier ones by the server’s clock, to two seconds', async () => {
    const found = async (ms: number): Promise<boolean> => {
      const { start } = setUp(reset, () => [{ id: 'e', created_at: serverTime(ms) }]);
      return await start().then(
        () => true,
        () => false,
      );
    };
    expect(await found(-2_000)).toBe(true);
    expect(await found(-3_000)).toBe(false);
    expect(await found(5_000)).toBe(true);
  });

  it('is looked for a few times: the server may still be at it', async () => {
    let looks = 0;
    const { start, runtime } = setUp(reset, () => {
      looks += 1;
      return looks < 3 ? [] : [{ id: 'late', created_at: serverTime(4_000) }];
    });
    expect(await start()).toMatchObject({ id: 'late' });
    expect(runtime.slept).toEqual([1_000, 4_000, 10_000]);
  });

  it('stays uncertain when nothing is found', async () => {
    const { start, posts } = setUp(reset, () => [{ id: 'old', created_at: serverTime(-60_000) }]);
    const error = await failure(start());
    expect(error).toBeInstanceOf(UncertainError);
    expect(error.cause).toBe(reset);
    expect(error['advice']).toMatch(/look in Coriolis before you repeat it/);
    expect(posts()).toBe(1);
  });

  it('stays uncertain when the network stays down', async () => {
    const { start } = setUp(reset, () => {
      throw reset;
    });
    expect(await failure(start())).toBeInstanceOf(UncertainError);
  });

  it('stays uncertain at once when there is no way to look', async () => {
    const { client, runtime } = setUp(reset, () => []);
    expect(await failure(client.put('/transfers/t', {}))).toBeInstanceOf(UncertainError);
    expect(runtime.slept).toEqual([]);
  });

  it('is no longer looked for when the caller gives up', async () => {
    const { client } = setUp(reset, () => []);
    const controller = new AbortController();
    const recover = async (): Promise<undefined> => {
      controller.abort();
      return undefined;
    };
    const options = { recover, signal: controller.signal };
    expect(await failure(client.post('/transfers', {}, options))).toBeInstanceOf(CanceledError);
  });

  it('is not covered up by a mistake in the look', async () => {
    const { client } = setUp(reset, () => []);
    const recover = async (): Promise<undefined> => {
      throw new TypeError('a bug');
    };
    expect(await failure(client.post('/transfers', {}, { recover }))).toBeInstanceOf(TypeError);
  });
});

describe('a start that was never sent', () => {
  it.each([
    'ECONNREFUSED',
    'ENOTFOUND',
    'EAI_AGAIN',
    'SELF_SIGNED_CERT_IN_CHAIN',
    'ERR_SSL_WRONG_VERSION_NUMBER',
    'ERR_TLS_CERT_ALTNAME_INVALID',
  ])('fails as it is: %s', async (code) => {
    const never = new UnreachableError('never', { code });
    const { start, requests } = setUp(never, () => []);
    expect(await failure(start())).toBe(never);
    expect(requests).toHaveLength(1);
  });

  it('fails as it is when there were too many requests', async () => {
    const { start } = setUp({ status: 429, body: '' }, () => []);
    expect(await failure(start())).toBeInstanceOf(UnreachableError);
  });
});

describe('without a Date header', () => {
  it('nothing counts as created since: it cannot be proven', async () => {
    const { transport } = scripted(({ method }) => {
      if (method === 'POST') throw reset;
      return { body: {} };
    });
    const client = new CoriolisClient({ transport, runtime: fakeRuntime() });
    const recover = async (createdSince: (createdAt: string) => boolean) => {
      await client.get('/transfers');
      return createdSince('2999-01-01T00:00:00.000000') ? 'found' : undefined;
    };
    expect(await failure(client.post('/transfers', {}, { recover }))).toBeInstanceOf(UncertainError);
  });
});

describe('a deletion whose answer was lost', () => {
  const deletion = (look: Reply) => {
    const { transport, requests } = scripted(({ method }) => {
      if (method === 'DELETE') throw reset;
      return look;
    });
    const client = new CoriolisClient({ transport, runtime: fakeRuntime() });
    return { done: client.delete('/transfers/t'), requests };
  };

  it('worked when the object is gone', async () => {
    const { done, requests } = deletion({ status: 404, body: { error: { message: 'not found' } } });
    await expect(done).resolves.toBeUndefined();
    expect(requests.map(({ method }) => method)).toEqual(['DELETE', 'GET']);
  });

  it('is uncertain while the object stays, and is not repeated', async () => {
    const { done, requests } = deletion({ body: { transfer: {} } });
    expect(await failure(done)).toBeInstanceOf(UncertainError);
    expect(requests.filter(({ method }) => method === 'DELETE')).toHaveLength(1);
  });
});
