import { startSandbox } from '../../sandbox/sandbox';
import type { Sandbox } from '../../sandbox/sandbox';
import { createSealMaker } from '../../mcp/confirmation/seal';
import { connectHttpUser } from './support/client';
import type { Row, Structured, McpUser } from './support/client';
import { createTransfer } from './support/estate';
import { serveHttp } from './support/http';
import type { HttpProcess } from './support/http';
import { loginOf } from './support/server';
import { ask, declaring } from './support/wire';
import type { Reply } from './support/wire';
import { until } from '../support/until';

/** The project of the main user, as the address of Coriolis names it. */
const projectId = (): string => slow.connection.coriolis_url.split('/').at(-1) ?? '';

const key = { CORIOLIS_MCP_CONFIRM_KEY: 'a key of all replicas, 32 characters' };

let fast: Sandbox;
let slow: Sandbox;
let one: HttpProcess;
let other: HttpProcess;
let patient: HttpProcess;
let user: McpUser;
beforeAll(async () => {
  [fast, slow] = await Promise.all([startSandbox({ speed: 600 }), startSandbox({ speed: 1 })]);
  const args = ['--allow-write', '--toolsets', 'default,migration'];
  [one, other, patient] = await Promise.all([
    serveHttp(loginOf(fast, key), args),
    serveHttp(loginOf(fast, key), args),
    serveHttp(loginOf(slow, key), args),
  ]);
  user = await connectHttpUser({ url: one.url });
});
afterAll(async () => {
  await user.close();
  await Promise.all([one, other, patient].map((server) => server.stop()));
  await Promise.all([fast.stop(), slow.stop()]);
});

const call = (server: HttpProcess, name: string, args: Row, capabilities: Row = declaring): Promise<Reply> =>
  ask(server.url, 'tools/call', { name, arguments: args }, capabilities);

/** Reads a task until it has ended. */
async function ended({ url }: HttpProcess, taskId: unknown): Promise<Row> {
  const read = async (): Promise<Row> => {
    const { result, error } = await ask(url, 'tasks/get', { taskId });
    if (result === undefined) throw new Error(error?.message);
    return result;
  };
  return await until('the end of the task', read, ({ status }) => status !== 'working');
}

const resultOf = (task: Row): Structured =>
  (task['result'] as { readonly structuredContent: Structured }).structuredContent;

describe('a client that declares the tasks extension', () => {
  it('gets a task for an execution, which any other process with the same key can tell about', async () => {
    const transfer = await createTransfer(user, 'web-01');

    const { result: begun } = await call(one, 'execute_transfer', { transfer_id: transfer });

    expect(begun).toMatchObject({ resultType: 'task', status: 'working', pollIntervalMs: 5000 });
    const task = await ended(other, begun?.['taskId']);
    expect(task).toMatchObject({ resultType: 'complete', status: 'completed', taskId: begun?.['taskId'] });
    expect(resultOf(task).result).toMatchObject({
      transfer_id: transfer,
      status: 'COMPLETED',
      outcome: 'completed',
    });
  });

  it('is told what failed, and which call explains it: the task itself has completed', async () => {
    const transfer = await createTransfer(user, 'fail-disk-quota-vm');
    const { result: begun } = await call(one, 'execute_transfer', { transfer_id: transfer });

    const task = await ended(one, begun?.['taskId']);

    expect(task['status']).toBe('completed');
    expect(resultOf(task).result['outcome']).toBe('failed');
    expect(resultOf(task).next_steps?.map(({ tool }) => tool)).toEqual(['diagnose']);
  });

  it('gets one for a deployment', async () => {
    const transfer = await createTransfer(user, 'web-02');
    await ended(one, (await call(one, 'execute_transfer', { transfer_id: transfer })).result?.['taskId']);

    const { result: begun } = await call(one, 'deploy_transfer', { transfer_id: transfer });

    expect(resultOf(await ended(other, begun?.['taskId'])).result).toMatchObject({ outcome: 'completed' });
  });

  it('gets one for a migration, which looking at it drives to its end', async () => {
    const { result: begun } = await call(one, 'create_migration', {
      origin_endpoint_id: 'vcenter',
      destination_endpoint_id: 'openstack',
      instances: ['web-03'],
      destination_environment: { migr_network: 'private' },
      network_map: { 'VM Network': 'private' },
    });

    expect(resultOf(await ended(other, begun?.['taskId'])).result).toMatchObject({ outcome: 'completed' });
  });

  it('gets one for a wait that is not over, with the answer of that wait in the end', async () => {
    const transfer = await createTransfer(user, 'web-01');
    await user.call('execute_transfer', { transfer_id: transfer });

    const { result: begun } = await call(one, 'wait_for', { executions: [transfer] });

    const task = await ended(other, begun?.['taskId']);
    expect(resultOf(task).result).toMatchObject({ done: true, ended: 1 });
    const again = await call(one, 'wait_for', { executions: [transfer] });
    expect(again.result).toMatchObject({
      resultType: 'complete',
      structuredContent: { result: { done: true } },
    });
  });

  it('gets plain answers where nothing goes on', async () => {
    const { result } = await call(one, 'list_endpoints', {});

    expect(result).toMatchObject({ resultType: 'complete', content: [{ type: 'text' }] });
  });

  it('is told at once of arguments that are wrong', async () => {
    const { result } = await call(one, 'wait_for', { executions: ['a/b'], timeout_seconds: 'long' });

    expect(result).toMatchObject({ resultType: 'complete', isError: true });
  });
});

describe('a task of work that takes long', () => {
  let transfer: string;
  let taskId: string;
  beforeAll(async () => {
    const owner = await connectHttpUser({ url: patient.url });
    transfer = await createTransfer(owner, 'slow-vm');
    await owner.close();
    const { result } = await call(patient, 'execute_transfer', { transfer_id: transfer });
    taskId = String(result?.['taskId']);
  });

  it('says how far it is', async () => {
    const { result } = await ask(patient.url, 'tasks/get', { taskId });

    expect(result).toMatchObject({ resultType: 'complete', taskId, status: 'working' });
    expect(result?.['statusMessage']).toContain('is running');
  });

  it('asks Coriolis once for each look', async () => {
    slow.requests.clear();

    await ask(patient.url, 'tasks/get', { taskId });

    expect(slow.requests.total).toBe(1);
  });

  it('stops nothing when it is canceled', async () => {
    const canceled = await ask(patient.url, 'tasks/cancel', { taskId });
    const { result } = await ask(patient.url, 'tasks/get', { taskId });

    expect(canceled.result).toMatchObject({ resultType: 'complete' });
    expect(canceled.result).not.toHaveProperty('status');
    expect(result).toMatchObject({ status: 'working' });
    expect(result?.['statusMessage']).toContain('is running');
  });

  it('takes an update, and asks for none', async () => {
    const { result } = await ask(patient.url, 'tasks/update', { taskId, inputResponses: { nobody: {} } });

    expect(result).toMatchObject({ resultType: 'complete' });
  });

  it('ends when the time is up that a wait was given', async () => {
    const { result: begun } = await call(patient, 'wait_for', { executions: [transfer], timeout_seconds: 1 });

    const task = await ended(patient, begun?.['taskId']);

    expect(resultOf(task).result).toMatchObject({ done: false, going_on: 1 });
  });

  it.each([
    ['changed', () => `x${taskId}`],
    ['cut', () => taskId.slice(0, -1)],
    ['made up', () => 'e30.e30'],
    ['missing', () => undefined],
  ])('is refused in words when its id was %s', async (_how, id) => {
    for (const method of ['tasks/get', 'tasks/update', 'tasks/cancel']) {
      const { error } = await ask(patient.url, method, { taskId: id() });

      expect(error?.code).toBe(-32602);
      expect(error?.message).toContain('taskId');
    }
  });

  it.each([
    ['with another key', () => loginOf(slow)],
    [
      'of another project',
      () => {
        const { username, password, project } = slow.connection.other;
        const login = { OS_USERNAME: username, OS_PASSWORD: password, OS_PROJECT_NAME: project };
        return loginOf(slow, { ...login, ...key });
      },
    ],
  ])('is nothing to a server %s', async (_which, environment) => {
    const stranger = await serveHttp(environment(), ['--allow-write']);

    const { error } = await ask(stranger.url, 'tasks/get', { taskId });

    await stranger.stop();
    expect(error?.code).toBe(-32602);
    expect(error?.message).toContain('another project or a server with another key');
  });

  it('belongs to the caller who started it', async () => {
    const seal = createSealMaker(key.CORIOLIS_MCP_CONFIRM_KEY)('task');
    const [body = ''] = taskId.split('.');
    const idFor = (caller: string): string =>
      `${body}.${seal.sign(JSON.stringify([caller, projectId(), body]))}`;

    expect(idFor('anybody')).toBe(taskId);
    const { error } = await ask(patient.url, 'tasks/get', { taskId: idFor('file:somebody') });
    expect(error?.message).toContain('another caller');
  });

  it('expires after 30 days, which its work does not', async () => {
    const [body = ''] = taskId.split('.');
    const task = JSON.parse(Buffer.from(body, 'base64url').toString()) as { readonly createdAt: number };
    const createdAt = task.createdAt - 30 * 86_400_000;
    const old = Buffer.from(JSON.stringify({ ...task, createdAt })).toString('base64url');
    const seal = createSealMaker(key.CORIOLIS_MCP_CONFIRM_KEY)('task');

    const { error } = await ask(patient.url, 'tasks/get', {
      taskId: `${old}.${seal.sign(JSON.stringify(['anybody', projectId(), old]))}`,
    });

    expect(error?.code).toBe(-32602);
    expect(error?.message).toContain('expired');
  });
});

describe('a client that does not declare the extension', () => {
  it('never gets a task', async () => {
    const transfer = await createTransfer(user, 'web-01');

    const { result } = await call(one, 'execute_transfer', { transfer_id: transfer }, {});

    expect(result).toMatchObject({ resultType: 'complete' });
    expect(result).toHaveProperty('structuredContent');
  });

  it.each(['tasks/get', 'tasks/update', 'tasks/cancel'])(
    'is refused %s, with what it lacks',
    async (method) => {
      const { error } = await ask(one.url, method, { taskId: 'any' }, {});

      expect(error).toMatchObject({
        code: -32021,
        data: { requiredCapabilities: { extensions: { 'io.modelcontextprotocol/tasks': {} } } },
      });
    },
  );
});
