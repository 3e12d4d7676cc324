import { withoutUndefined } from '../../../src/model/json';
import { CoriolisClient, type GenerationCache } from '../../../src/api/coriolis-client';
import type { Generation } from '../../../src/api/api-request';
import { CapabilityError } from '../../../src/api/errors';
import { failure, fakeRuntime, scripted, type Reply } from './support';

/** What older servers lack is refused where it is known; they would drop it without a word. */

const ROUTING_404: Reply = {
  status: 404,
  body: { message: 'no', code: '404 Not Found', title: 'Not Found' },
};
const MISSING: Reply = { status: 404, body: { error: { fault: 'itemNotFound', code: 404, message: 'no' } } };

const FORBIDDEN: Reply = { status: 403, body: { error: { fault: 'forbidden', code: 403, message: 'no' } } };

const autoDeploy = { execution: { shutdown_instances: false, auto_deploy: true } };
const phases = [{ phase: 'replica_first_boot', payload: 'echo' }];

/** A server of the current generation whose transfers look like this. */
const current = (transfer: object) =>
  scripted(({ method }) =>
    method === 'GET'
      ? { body: { transfers: [{ id: 't', created_at: '', ...transfer }] } }
      : { body: { execution: { id: 'e' }, deployment: { id: 'd' } } },
  );

const clientOf = (server: ReturnType<typeof scripted>, memory?: GenerationCache) =>
  new CoriolisClient({
    transport: server.transport,
    runtime: fakeRuntime(),
    ...withoutUndefined({ memory }),
  });

describe('a server of the current generation', () => {
  it('is asked what it is like, once, before what an older one would drop', async () => {
    const server = current({ clone_disks: true });
    const client = clientOf(server);
    await Promise.all([1, 2].map(() => client.post('/transfers/t/executions', autoDeploy)));
    await client.post('/transfers/t/executions', autoDeploy);
    expect(server.requests.map(({ method, url }) => `${method} ${url}`)).toEqual([
      'GET /transfers?limit=1',
      ...Array<string>(3).fill('POST /transfers/t/executions'),
    ]);
  });

  it('is not asked before what all understand', async () => {
    const server = current({});
    await clientOf(server).post('/transfers/t/executions', { execution: { auto_deploy: false } });
    expect(server.requests).toHaveLength(1);
  });

  it('is believed to do everything when it has nothing to show, or does not show it', async () => {
    for (const reply of [{ body: { transfers: [] } }, FORBIDDEN]) {
      const server = scripted(({ method }) =>
        method === 'GET' ? reply : { body: { execution: { id: 'e' } } },
      );
      expect(await clientOf(server).post('/transfers/t/executions', autoDeploy)).toMatchObject({
        execution: { id: 'e' },
      });
    }
  });

  it.each([
    ['sent as they are', { clone_disks: true }, { transfer_id: 't', clone_disks: null, force: false }],
    ['left out before 1.1.3, where null means no clones', {}, { transfer_id: 't', force: false }],
  ])('gets the nulls of a deployment %s', async (_what, transfer, sent) => {
    const server = current(transfer);
    const deployment = { transfer_id: 't', clone_disks: null, force: false };
    await clientOf(server).post('/deployments', { deployment });
    const body = server.requests.find(({ method }) => method === 'POST')?.body;
    expect(JSON.parse(body ?? '')).toEqual({ deployment: sent });
  });

  it('whose transfers have no clone_disks has no auto-deploy', async () => {
    const server = current({});
    const client = clientOf(server);
    await client.get('/transfers');
    const error = await failure(client.post('/transfers/t/executions', autoDeploy));
    expect(error).toBeInstanceOf(CapabilityError);
    expect(error.message).toBe('This Coriolis is older than 1.1.3 and has no auto-deploy');
    expect(error['advice']).toMatch(/create the deployment/);
    expect(server.requests).toHaveLength(1);
  });

  it('that has them may still lack clusters, which nobody asks for', async () => {
    const server = current({ clone_disks: true });
    const client = clientOf(server);
    await client.get('/transfers');
    await client.post('/transfers/t/executions', autoDeploy);
    expect(server.requests).toHaveLength(2);
  });

  it('without a route is named by what the route is for', async () => {
    const server = scripted(({ url }) => (url.startsWith('/transfers') ? MISSING : ROUTING_404));
    const error = await failure(clientOf(server).get('/endpoints/e/inventory'));
    expect(error).toBeInstanceOf(CapabilityError);
    expect(error.message).toBe('This Coriolis is older than 1.2.2 and has no inventories');
  });

  it('is believed again after an upgrade', async () => {
    let transfer = {};
    const server = scripted(() => ({ body: { transfer: { id: 't', ...transfer }, execution: { id: 'e' } } }));
    const client = clientOf(server);
    await client.get('/transfers/t');
    transfer = { clone_disks: true };
    await client.get('/transfers/t');
    await client.post('/transfers/t/executions', autoDeploy);
    expect(server.requests).toHaveLength(3);
  });
});

describe('a server of the legacy generation', () => {
  const legacy = () =>
    scripted(({ url }) => (/^\/(replicas|migrations|endpoints)/.test(url) ? MISSING : ROUTING_404));

  it.each([
    ['auto-deploy', 'POST', '/transfers/t/executions', autoDeploy],
    ['auto-deploy', 'PUT', '/transfers/t/schedules/s', { auto_deploy: true }],
    ['live migration', 'POST', '/transfers', { transfer: { scenario: 'live_migration' } }],
    ['defaults for deployments', 'POST', '/transfers', { transfer: { clone_disks: false } }],
    ['defaults for deployments', 'PUT', '/transfers/t', { transfer: { skip_os_morphing: true } }],
    ['phases', 'POST', '/transfers', { transfer: { user_scripts: { global: { linux: phases } } } }],
    ['phases', 'POST', '/deployments', { deployment: { user_scripts: { global: { linux: phases } } } }],
    ['single instances', 'POST', '/deployments', { deployment: { user_scripts: { instances: { vm: '' } } } }],
  ] as const)('has no %s (%s %s)', async (words, method, path, body) => {
    const server = legacy();
    const client = clientOf(server);
    await client.detectGeneration();
    const send = method === 'POST' ? client.post(path, body) : client.put(path, body);
    const error = await failure(send);
    expect(error).toBeInstanceOf(CapabilityError);
    expect(error.message).toContain(words);
    expect(server.requests.filter((request) => request.method !== 'GET')).toEqual([]);
  });

  it('is refused the same when the refused request is the first', async () => {
    const server = legacy();
    const error = await failure(clientOf(server).post('/transfers/t/executions', autoDeploy));
    expect(error).toBeInstanceOf(CapabilityError);
    expect(server.requests.filter(({ method }) => method === 'POST')).toEqual([]);
  });
});

describe('what earlier clients found out', () => {
  function remembering(generation?: Generation): GenerationCache & { known: Generation | undefined } {
    return {
      known: generation,
      get() {
        return this.known;
      },
      set(found) {
        this.known = found;
      },
    };
  }
  const serving = (root: string) => scripted(({ url }) => (url.startsWith(root) ? MISSING : ROUTING_404));

  it('saves the question', async () => {
    const memory = remembering();
    const server = serving('/replicas');
    await failure(clientOf(server, memory).get('/transfers/t'));
    expect(memory.known).toBe('legacy');
    const before = server.requests.length;
    await failure(clientOf(server, memory).get('/transfers/t'));
    expect(server.requests.slice(before).map(({ url }) => url)).toEqual(['/replicas/t']);
  });

  it('is corrected when it is wrong', async () => {
    const memory = remembering('legacy');
    const server = serving('/transfers');
    expect(await failure(clientOf(server, memory).get('/transfers/t'))).toMatchObject({ kind: 'not_found' });
    expect(server.requests.at(-1)?.url).toBe('/transfers/t');
    expect(memory.known).toBe('current');
  });

  it('refuses nothing before the server was asked', async () => {
    const server = scripted(({ url, method }) =>
      !url.startsWith('/transfers')
        ? ROUTING_404
        : method === 'GET'
          ? MISSING
          : { body: { execution: { id: 'e' } } },
    );
    const client = clientOf(server, remembering('legacy'));
    expect(await client.post('/transfers/t/executions', autoDeploy)).toMatchObject({
      execution: { id: 'e' },
    });
  });
});
