import { startSandbox, type Sandbox } from '../../sandbox/sandbox';
import { ManualClock } from '../../sandbox/world/clock';
import type { Coriolis } from '../../src/api/operation-context';
import type { JsonObject } from '../../src/model/json';
import { parseServerTime } from '../../src/model/timestamps';
import { connect, one, rows, sleepingOn } from '../support/coriolis';
import { MOVE, type Named } from '../support/job';
import { SandboxUser } from '../sandbox/user';

/**
 * The traps of the API, by their numbers in docs/reference/coriolis-api.md §17, in order: what a careless caller of the
 * sandbox falls into, as of a real server, and how the core keeps out of it.
 */

let clock: ManualClock;
let sandbox: Sandbox;
let coriolis: Coriolis;
let raw: SandboxUser;
beforeEach(async () => {
  clock = new ManualClock();
  sandbox = await startSandbox({ clock });
  coriolis = connect(sandbox, sandbox.connection, sleepingOn(clock));
  raw = await SandboxUser.login(sandbox, clock, sandbox.connection);
});
afterEach(() => sandbox.stop());

const create = (more: JsonObject = {}) =>
  one<Named>(coriolis, 'transfer.create', { ...MOVE, instances: 'web-01', ...more });
const start = (transferId: string) => one<Named>(coriolis, 'execution.start', { transferId });
const wait = (transferId: string, executionId: string) =>
  one(coriolis, 'execution.wait', { transferId, executionId, timeoutSeconds: 36_000 });
async function synced(): Promise<string> {
  const { id } = await create();
  await wait(id, (await start(id)).id);
  return id;
}
const asked = (): string[] => sandbox.requests.entries.map(({ method, path }) => `${method} ${path}`);
const idOf = async (name: string): Promise<string> => {
  const endpoints = await raw.get<Array<{ id: string; name: string }>>('/endpoints', 'endpoints');
  return endpoints.find((endpoint) => endpoint.name === name)?.id ?? '';
};
/** The body of a transfer as the server wants it. */
const body = async (more: JsonObject = {}): Promise<JsonObject> => ({
  origin_endpoint_id: await idOf('vcenter'),
  destination_endpoint_id: await idOf('openstack'),
  instances: ['web-01'],
  destination_environment: { migr_network: 'private' },
  network_map: { 'VM Network': 'private' },
  ...more,
});
const failing = async (
  result: Promise<unknown>,
): Promise<{ kind: string; message: string; advice: string }> =>
  await result.then(
    () => {
      throw new Error('It did not fail');
    },
    (error: unknown) => error as { kind: string; message: string; advice: string },
  );

test('1: names of fields differ on both sides; foreign ones are ignored', async () => {
  const { body: answer } = await raw.send('POST', '/transfers', {
    transfer: await body({
      source_environment: { vixdisklib_compression: 'zlib' },
      origin_environment: { x: 1 },
    }),
  });
  expect(answer['transfer']).toMatchObject({ source_environment: { vixdisklib_compression: 'zlib' } });
  const { id } = await create({ sourceEnvironment: { vixdisklib_compression: 'zlib' } });
  expect(await raw.get(`/transfers/${id}`, 'transfer')).toMatchObject({
    source_environment: { vixdisklib_compression: 'zlib' },
  });
});

test('2: executions shut instances down, schedules an instance', async () => {
  const { id } = await create();
  await one(coriolis, 'schedule.create', { transferId: id, minute: 5, shutdownInstances: true });
  expect(await raw.get(`/transfers/${id}/schedules`, 'schedules')).toMatchObject([
    { shutdown_instance: true },
  ]);
  await one(coriolis, 'execution.start', { transferId: id, shutdownInstances: true });
  const [execution] = await raw.get<Array<{ tasks: Array<{ task_type: string }> }>>(
    `/transfers/${id}/executions`,
    'executions',
  );
  expect(execution?.tasks.map(({ task_type }) => task_type)).toContain('SHUTDOWN_INSTANCE');
});

test('3: the kind of a schema is a number', async () => {
  expect((await raw.send('GET', '/providers/openstack/schemas/connection')).status).toBe(500);
  await one(coriolis, 'provider.getSchema', { platform: 'openstack', kind: 'connection' });
  expect(asked().at(-1)).toMatch(/\/schemas\/16$/);
});

test('4: what is encoded keeps its padding', async () => {
  const endpoint = await idOf('openstack');
  const env = Buffer.from('{"a":1}').toString('base64url');
  expect(raw.message(await raw.send('GET', `/endpoints/${endpoint}/networks?env=${env}`))).toContain(
    'padding',
  );
  await rows(coriolis, 'instance.getAll', { endpointId: 'vcenter', environment: { a: 1 } });
  expect(asked().at(-1)).toContain(`env=${env}%3D`);
});

test('5: an update and the deletion of disks are executions; a cancellation answers nothing', async () => {
  const id = await synced();
  const update = await one(coriolis, 'transfer.update', { transferId: id, notes: 'new' });
  expect(update).toMatchObject({ type: 'transfer_update', status: 'RUNNING' });
  await wait(id, String(update['id']));
  expect((await one(coriolis, 'transfer.get', { transferId: id }))['notes']).toBe('new');
  const { id: executionId } = await start(id);
  expect(await one(coriolis, 'execution.cancel', { transferId: id, executionId })).toMatchObject({
    cancel_requested: true,
  });
});

test('6: a 204 with a body is a success', async () => {
  const { id } = await create();
  sandbox.faults.plan('DELETE /transfers/* body-on-204');
  expect(await one(coriolis, 'transfer.delete', { transferId: id })).toMatchObject({ deleted: true });
});

test('7: a connection that does not work is no error of HTTP, and creation does not try it', async () => {
  const wrong = { host: 'vcenter.example.com', username: 'x', password: 'wrong' };
  const endpoint = { name: 'broken', type: 'vmware_vsphere', connection_info: wrong };
  const { status, body: answer } = await raw.send('POST', '/endpoints', { endpoint });
  const { id } = answer['endpoint'] as Named;
  const validation = await raw.send('POST', `/endpoints/${id}/actions`, { 'validate-connection': null });
  expect([status, validation.status]).toEqual([200, 200]);
  expect(validation.body['validate-connection']).toMatchObject({ valid: false });
  expect(await one(coriolis, 'endpoint.validate', { endpointId: id })).toMatchObject({ valid: false });
});

test('8 and 9: executions are not in their transfer, and their list is never asked for whole', async () => {
  const id = await synced();
  expect(await raw.get(`/transfers/${id}`, 'transfer')).toMatchObject({ executions: [] });
  sandbox.requests.clear();
  await one(coriolis, 'transfer.get', { transferId: id });
  await one(coriolis, 'execution.diagnose', { transferId: id });
  await wait(id, (await start(id)).id);
  const lists = asked().filter((request) => /^GET .*\/executions(\?|$)/.test(request));
  expect(lists.filter((request) => !request.includes('limit='))).toEqual([]);
});

test('10: each sort key has its direction', async () => {
  expect((await raw.send('GET', '/transfers?sort_key=notes')).status).toBe(400);
  expect((await raw.send('GET', '/transfers?sort_key=colour&sort_dir=asc')).status).toBe(500);
  await rows(coriolis, 'transfer.getAll', { sort: 'updated_at' });
  const { searchParams } = new URL(asked().at(-1)?.split(' ')[1] ?? '', sandbox.url);
  expect(searchParams.getAll('sort_dir')).toHaveLength(searchParams.getAll('sort_key').length);
});

test('11: statuses that the server does not filter by are filtered here', async () => {
  expect((await raw.send('GET', '/transfers?status=UNEXECUTED')).status).toBe(400);
  const found = await rows(coriolis, 'transfer.getAll', { status: 'UNEXECUTED' });
  expect(found.map(({ row }) => row['status'])).toEqual(['UNEXECUTED']);
});

test('12: a deployment has no status and no execution of its own, and perhaps no tasks', async () => {
  const id = await synced();
  const deployment = await one<Named>(coriolis, 'deployment.create', { transferId: id });
  const shown = await raw.get<JsonObject>(`/deployments/${deployment.id}`, 'deployment');
  expect(shown).not.toHaveProperty('status');
  expect(shown).not.toHaveProperty('executions');
  expect(deployment).toMatchObject({ status: 'RUNNING' });
});

test('13: CANCELLING may be the way to ERROR: only final statuses count', async () => {
  const { id } = await create({ instances: 'fail-replication-vm' });
  const { id: executionId } = await start(id);
  const seen = new Set<unknown>();
  for (let look = 0; look < 2_000 && !seen.has('ERROR'); look += 1) {
    seen.add((await raw.execution(id, executionId)).status);
    clock.advance(1);
  }
  expect([...seen]).toEqual(['RUNNING', 'CANCELLING', 'ERROR']);
  expect(await wait(id, executionId)).toMatchObject({ outcome: 'failed' });
});

test('14: a deployment that waited in vain has no tasks and no message, and its diagnosis says why', async () => {
  const { id } = await create({ instances: 'fail-replication-vm' });
  await one(coriolis, 'execution.start', { transferId: id, autoDeploy: true });
  clock.advance(36_000);
  const [deployment] = await rows<Named>(coriolis, 'deployment.getAll');
  const deploymentId = deployment?.row.id ?? '';
  expect(await coriolis.client.get(`/deployments/${deploymentId}`)).not.toHaveProperty('deployment.tasks');
  const diagnosis = await one(coriolis, 'deployment.diagnose', { deploymentId });
  expect(JSON.stringify(diagnosis)).toMatch(/execution/);
  expect(diagnosis).toMatchObject({ outcome: 'failed' });
});

test('15: what is left out is not inherited, null is', async () => {
  const { id } = await create({ cloneDisks: false });
  await wait(id, (await start(id)).id);
  const { id: own } = await one<Named>(coriolis, 'deployment.create', { transferId: id });
  const { deployment } = await coriolis.client.get<{ deployment: JsonObject }>(`/deployments/${own}`);
  expect(deployment['clone_disks']).toBe(false);
  await one(coriolis, 'deployment.wait', { deploymentId: own, timeoutSeconds: 36_000 });
  await wait(id, (await start(id)).id);
  const careless = await coriolis.client.post<{ deployment: JsonObject }>('/deployments', {
    deployment: { transfer_id: id },
  });
  expect(careless.deployment['clone_disks']).toBe(true);
});

test('16: null is refused where nothing can be left out', async () => {
  const answer = await raw.send('POST', '/transfers', { transfer: await body({ storage_mappings: null }) });
  expect(answer.status).toBe(400);
  await create({ storageMappings: null });
});

test('17: a schedule may mean every minute, and Monday is 0', async () => {
  const { id } = await create();
  expect((await raw.send('POST', `/transfers/${id}/schedules`, { schedule: {} })).status).toBe(200);
  expect(await failing(one(coriolis, 'schedule.create', { transferId: id }))).toMatchObject({
    kind: 'invalid_input',
  });
  await one(coriolis, 'schedule.create', { transferId: id, minute: 0, hour: 3, dayOfWeek: 0 });
  const schedules = await raw.get<Array<{ schedule: JsonObject }>>(`/transfers/${id}/schedules`, 'schedules');
  expect(schedules.map(({ schedule }) => schedule['dow'])).toContain(0);
});

test('18: unknown ids are 400 in bodies, nothing in lists, and 500 in updates of schedules', async () => {
  const answer = await raw.send('POST', '/transfers', { transfer: await body({ origin_endpoint_id: 'x' }) });
  expect(answer.status).toBe(400);
  expect(await raw.get('/transfers/x/executions', 'executions')).toEqual([]);
  const { id } = await create();
  const update = await raw.send('PUT', `/transfers/${id}/schedules/x`, { enabled: false });
  expect(update.status).toBe(500);
  const where = { transferId: id, scheduleId: 'x', enabled: false };
  expect(await failing(one(coriolis, 'schedule.update', where))).toMatchObject({ kind: 'not_found' });
});

test('19: a 403 may be about orphans', async () => {
  const error = await failing(one(coriolis, 'endpoint.delete', { endpointId: 'vcenter' }));
  expect(error).toMatchObject({ kind: 'conflict', message: expect.stringContaining('orphaned') as string });
});

test('20: a 503 is a missing worker, and not asked for again', async () => {
  sandbox.requests.clear();
  sandbox.faults.plan('GET /endpoints status=503 times=always');
  expect(await failing(rows(coriolis, 'endpoint.getAll'))).toMatchObject({ kind: 'capability' });
  expect(sandbox.requests.count('GET', /endpoints$/)).toBe(1);
});

test('21: after a 500 that took a minute it may have happened', async () => {
  const { id } = await create();
  sandbox.faults.add({
    method: 'POST',
    path: /executions/,
    fault: { kind: 'status', status: 500, body: '{"error": {"code": 500}}' },
  });
  await rows(coriolis, 'endpoint.getAll');
  const late: Coriolis = connect(sandbox, sandbox.connection, {
    ...sleepingOn(clock),
    clock: () => (clock.advance(30), clock.now()),
  });
  const error = await failing(one(late, 'execution.start', { transferId: id }));
  expect(error.advice).toMatch(/may still have happened/);
});

test('22: a 404 of the router is no 404 of an object', async () => {
  expect((await raw.send('GET', '/transfers/x')).body).toHaveProperty('error');
  expect((await raw.send('GET', '/transfer/x')).body).not.toHaveProperty('error');
  expect(await failing(coriolis.client.get('/transfers/x'))).toMatchObject({ kind: 'not_found' });
  expect(await failing(coriolis.client.get('/transfer/x'))).toMatchObject({ kind: 'capability' });
});

test('23: no slash at the end, no HEAD, no PATCH, and the project of the token', async () => {
  const statuses = [];
  for (const [method, path] of [
    ['GET', '/regions/'],
    ['HEAD', '/regions'],
    ['PATCH', '/regions'],
  ] as const) {
    const { pathname } = new URL(sandbox.coriolisUrl);
    statuses.push((await raw.ask(method, pathname + path)).status);
  }
  expect(statuses).toEqual([404, 404, 404]);
  const foreign = await raw.ask('GET', '/v1/0123456789abcdef0123456789abcdef/regions');
  expect(await foreign.text()).toContain('Malformed request url');
});

test('24: times are UTC without saying so, and much may be null', async () => {
  const { id } = await create();
  const shown = await raw.get<JsonObject>(`/transfers/${id}`, 'transfer');
  expect(shown).toMatchObject({ notes: null, deleted: '0' });
  expect(shown['created_at']).not.toMatch(/Z$/);
  const created = (await one(coriolis, 'transfer.get', { transferId: id }))['created_at'];
  expect(Math.abs((parseServerTime(String(created)) ?? 0) - clock.now())).toBeLessThan(60_000);
});

test('25: storage is one object, providers are a map', async () => {
  const storage = await raw.get<JsonObject>(`/endpoints/${await idOf('openstack')}/storage`, 'storage');
  expect(storage).toHaveProperty('storage_backends');
  expect(await raw.get('/providers', 'providers')).toHaveProperty('openstack.types');
  const found = await rows(coriolis, 'provider.getAll');
  expect(found.map(({ row }) => row['name'])).toContain('openstack');
});

test('26: connection details come in clear text, and go no further', async () => {
  expect(JSON.stringify(await raw.get('/endpoints', 'endpoints'))).toContain('sandbox-vcenter');
  const shown = await one(coriolis, 'endpoint.get', { endpointId: 'vcenter' }, 'full');
  expect(JSON.stringify(shown)).not.toContain('sandbox-vcenter');
});

test('27: names are not unique', async () => {
  const endpoint = { name: 'vcenter', type: 'vmware_vsphere', connection_info: {} };
  await raw.send('POST', '/endpoints', { endpoint });
  const error = await failing(one(coriolis, 'endpoint.get', { endpointId: 'vcenter' }));
  expect(error.message).toContain(await idOf('vcenter'));
});

test('28: pools have an underscore in their path, their options hyphens', async () => {
  expect((await raw.send('GET', '/minion-pools')).status).toBe(404);
  expect(await rows(coriolis, 'minionPool.getAll')).toEqual([]);
  expect(asked().at(-1)).toMatch(/\/minion_pools/);
});

test('29 and 30: older servers have other words, and drop silently what they do not know', async () => {
  const legacy = await startSandbox({ clock, generation: 'legacy' });
  try {
    const older = connect(legacy, legacy.connection, sleepingOn(clock));
    const [{ row } = { row: undefined }] = await rows<Named>(older, 'transfer.getAll');
    const transferId = row?.id ?? '';
    expect(legacy.requests.count('GET', /\/replicas(\?|$)/u)).toBeGreaterThan(0);
    const dropped = await failing(one(older, 'execution.start', { transferId, autoDeploy: true }));
    expect(dropped).toMatchObject({ kind: 'capability' });
    expect(legacy.requests.count('POST', /executions$/)).toBe(0);
  } finally {
    await legacy.stop();
  }
});

test('31 and 32: an application credential starts nothing, and leaves an orphan that nobody takes for its run', async () => {
  const { id } = await create();
  const robot = await raw.withApplicationCredential();
  const answer = await robot.send('POST', `/transfers/${id}/executions`, { execution: {} });
  const [orphan] = await raw.get<JsonObject[]>(`/transfers/${id}/executions`, 'executions');
  expect(answer.status).toBe(500);
  expect(orphan).toMatchObject({ status: 'UNEXECUTED' });
  expect(await start(id)).toMatchObject({ number: 2, status: 'RUNNING' });
});

test('33: a pool that was just made may read DEALLOCATED, and is waited for all the same', async () => {
  sandbox.faults.plan('late-pools');
  const { id } = await one<Named>(coriolis, 'minionPool.create', {
    name: 'workers',
    endpointId: 'openstack',
    platform: 'destination',
    osType: 'linux',
    environmentOptions: { migr_network: 'private' },
  });
  expect(await raw.get(`/minion_pools/${id}`, 'minion_pool')).toMatchObject({ status: 'DEALLOCATED' });
  expect(await one(coriolis, 'minionPool.wait', { minionPoolId: id })).toMatchObject({ status: 'ALLOCATED' });
});
