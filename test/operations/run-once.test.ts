import { startSandbox, type Sandbox } from '../../sandbox/sandbox';
import { CanceledError } from '../../src/api/errors';
import { connect, one, prepareOne, rows } from '../support/coriolis';
import { until } from '../support/until';

/** Equal calls at the same moment create one object, within one process and between processes. */

type Given = Readonly<Record<string, unknown>>;

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox({ port: 0 });
});
afterAll(() => sandbox.stop());

/** Creations that promise to make nothing twice, with how their objects are listed. */
const creations: ReadonlyArray<readonly [operation: string, given: (tag: string) => Given, list: string]> = [
  [
    'transfer.create',
    (tag) => ({
      originEndpointId: 'vcenter',
      destinationEndpointId: 'openstack',
      instances: ['web-02'],
      destinationEnvironment: { migr_network: 'private' },
      networkMap: { 'VM Network': 'private' },
      notes: tag,
    }),
    'transfer.getAll',
  ],
  ['region.create', (tag) => ({ name: tag }), 'region.getAll'],
  [
    'migration.create',
    (tag) => ({
      originEndpointId: 'vcenter',
      destinationEndpointId: 'openstack',
      instances: ['web-03'],
      destinationEnvironment: { migr_network: 'private' },
      networkMap: { 'VM Network': 'private' },
      notes: tag,
    }),
    'migration.getAll',
  ],
  [
    'minionPool.create',
    (tag) => ({
      name: tag,
      endpointId: 'openstack',
      platform: 'destination',
      environmentOptions: { migr_network: 'private' },
    }),
    'minionPool.getAll',
  ],
  [
    'endpoint.create',
    (tag) => ({
      name: tag,
      type: 'openstack',
      connection: {
        auth_url: 'https://keystone.example/v3',
        username: 'u',
        password: 'p',
        project_name: 'x',
      },
      storeInBarbican: true,
      skipValidation: true,
    }),
    'endpoint.getAll',
  ],
];

/** Calls an operation as the MCP server does for assistants, and as n8n does with Return Existing. */
async function once(coriolis: ReturnType<typeof connect>, id: string, given: Given) {
  const [result, existed] = await (await prepareOne(coriolis, id, given)).runOnce();
  return { id: String(result['id']), existed };
}

/** Secrets in Barbican. */
async function secretsLeft(): Promise<number> {
  const { secrets } = await connect(sandbox)
    .client.forService('key-manager')
    .get<{ secrets: readonly unknown[] }>('/v1/secrets');
  return secrets.length;
}

async function endpointsWithSecrets(): Promise<number> {
  const { endpoints } = await connect(sandbox).client.get<{
    endpoints: ReadonlyArray<{ connection_info: object }>;
  }>('/endpoints');
  return endpoints.filter(({ connection_info: info }) => 'secret_ref' in info).length;
}

async function objectsOf(list: string, tag: string): Promise<readonly string[]> {
  const found = await rows<{ id: string; name: string }>(connect(sandbox), list);
  return found.filter(({ row }) => row.name === tag).map(({ row }) => row.id);
}

/** Tries every creation, all at the same time: most of it is waiting for what others may be making. */
async function ofEach<T>(
  attempt: (operation: string, given: (tag: string) => Given, list: string) => Promise<T>,
): Promise<Readonly<Record<string, T>>> {
  const entries = creations.map(
    async ([operation, given, list]) => [operation, await attempt(operation, given, list)] as const,
  );
  return Object.fromEntries(await Promise.all(entries));
}

const forEach = <T>(expected: T): Readonly<Record<string, T>> =>
  Object.fromEntries(creations.map(([operation]) => [operation, expected]));

describe('every creation', () => {
  test('by one process, five times at once, makes one', async () => {
    const made = await ofEach(async (operation, given, list) => {
      const tag = `${operation} in one process`;
      const coriolis = connect(sandbox);
      const calls = await Promise.all(Array.from({ length: 5 }, () => once(coriolis, operation, given(tag))));
      return {
        told: new Set(calls.map(({ id }) => id)).size,
        created: calls.filter(({ existed }) => !existed).length,
        left: (await objectsOf(list, tag)).length,
      };
    });
    expect(made).toEqual(forEach({ told: 1, created: 1, left: 1 }));
  });

  test.each([2, 3])('by %d processes at once makes one, and all are told of the same', async (processes) => {
    const made = await ofEach(async (operation, given, list) => {
      const tag = `${operation} by ${processes}`;
      const callers = Array.from({ length: processes }, () => connect(sandbox));
      // Everybody is logged in, so that the calls really meet.
      await Promise.all(callers.map((coriolis) => rows(coriolis, 'region.getAll')));
      const calls = await Promise.all(callers.map((coriolis) => once(coriolis, operation, given(tag))));
      const left = await objectsOf(list, tag);
      return { left: left.length, toldOfIt: calls.filter(({ id }) => id === left[0]).length };
    });
    expect(made).toEqual(forEach({ left: 1, toldOfIt: processes }));
    // An endpoint that was withdrawn leaves no connection details behind.
    expect(await secretsLeft()).toBe(await endpointsWithSecrets());
  });

  test('one after the other finds the first', async () => {
    const found = await ofEach(async (operation, given) => {
      const tag = `${operation} twice`;
      const first = await once(connect(sandbox), operation, given(tag));
      const second = await once(connect(sandbox), operation, given(tag));
      return { isFirst: second.id === first.id, existed: second.existed };
    });
    expect(found).toEqual(forEach({ isFirst: true, existed: true }));
  });
});

test('a caller that gives up takes nobody with it', async () => {
  const coriolis = connect(sandbox);
  const given = { name: 'given up' };
  const gone = new AbortController();
  const first = once({ ...coriolis, signal: gone.signal }, 'region.create', given);
  const second = once(coriolis, 'region.create', given);
  gone.abort();
  await first.catch((error: unknown) => {
    expect(error).toBeInstanceOf(CanceledError);
  });
  expect((await second).id).toMatch(/./u);
  expect(await objectsOf('region.getAll', 'given up')).toHaveLength(1);
});

test('an equal object that is gone between the list and its read fails no call', async () => {
  const [, given] = creations.find(([operation]) => operation === 'migration.create') ?? [];
  const input = given?.('withdrawn while it was read') ?? {};
  const coriolis = connect(sandbox);
  const first = await once(coriolis, 'migration.create', input);
  sandbox.faults.plan(`GET /transfers/${first.id} status=404 times=1`);
  const second = await once(connect(sandbox), 'migration.create', input);
  // It was there again afterwards, so the younger one was withdrawn.
  expect(second).toEqual({ id: first.id, existed: true });
  expect(await objectsOf('migration.getAll', 'withdrawn while it was read')).toHaveLength(1);
});

test('a very young object that is withdrawn is not the answer', async () => {
  const coriolis = connect(sandbox);
  const given = { name: 'withdrawn' };
  const young = await one(coriolis, 'region.create', given);
  const lists = (): number => sandbox.requests.count('GET', '/v1/{id}/regions');
  const before = lists();
  const call = once(connect(sandbox), 'region.create', given);
  // Its caller has seen the first object, and agrees with another caller on one that becomes visible now.
  await until('the look of the second caller', lists, (count) => count > before);
  const stays = await one(coriolis, 'region.create', given);
  await one(coriolis, 'region.delete', { regionId: young['id'] });

  expect(await call).toEqual({ id: stays['id'], existed: true });
});

test('callers of several processes are told of all appliances that they made at once', async () => {
  const callers = [connect(sandbox), connect(sandbox)];
  await Promise.all(callers.map((coriolis) => rows(coriolis, 'region.getAll')));
  const ids = async (): Promise<readonly string[]> =>
    (await rows<{ id: string }>(connect(sandbox), 'licence.getAppliances')).map(({ row }) => row.id);
  const before = await ids();
  const told = await Promise.all(
    callers.map((coriolis) => once(coriolis, 'licence.createAppliance', {}).catch((error: unknown) => error)),
  );
  const made = (await ids()).filter((id) => !before.includes(id)).toSorted();
  expect(made).toHaveLength(2);
  const advice = `Use ${made[0]}, and do not repeat the call.`;
  for (const one of told) {
    expect(one).toMatchObject({
      kind: 'conflict',
      advice,
      message: expect.stringContaining(made.join(', ')),
    });
  }

  const alone = await once(connect(sandbox), 'licence.createAppliance', {});
  expect(alone.existed).toBe(false);
  expect(await ids()).toContain(alone.id);
});

test('calls that differ make one each', async () => {
  const coriolis = connect(sandbox);
  const made = await Promise.all(
    ['differs 1', 'differs 2'].map((name) => once(coriolis, 'region.create', { name })),
  );
  expect(new Set(made.map(({ id }) => id)).size).toBe(2);
});

test('without the promise, equal calls make what they are told to', async () => {
  const coriolis = connect(sandbox);
  await Promise.all([1, 2].map(() => one(coriolis, 'region.create', { name: 'meant twice' })));
  expect(await objectsOf('region.getAll', 'meant twice')).toHaveLength(2);
});
