import { WebSocket } from 'ws';
import { startSandbox } from '../../sandbox/sandbox';
import { SandboxUser } from './user';

interface Frame {
  readonly severity: number;
  readonly app_name: string;
  readonly message: string;
}

const PATIENCE_MS = 120_000;

describe('coriolis-logger of the sandbox', () => {
  let user: SandboxUser;
  let admin: SandboxUser;

  beforeEach(async () => {
    user = await SandboxUser.start();
    admin = await user.as(user.sandbox.connection.admin);
  });

  afterEach(() => user.stop());

  const download = async (name: string, query = ''): Promise<string> =>
    (await admin.ask('GET', `/logger/api/v1/logs/${name}${query}`)).text();

  it('begins with the logs of all services, last night included', async () => {
    const answer = await user.ask('GET', '/logger/api/v1/logs');
    const { logs } = JSON.parse(await answer.text()) as { logs: { log_name: string }[] };
    const conductor = await download('coriolis-conductor');

    expect(logs.map(({ log_name }) => log_name)).toEqual([
      'coriolis-api',
      'coriolis-conductor',
      'coriolis-minion-manager',
      'coriolis-scheduler',
      'coriolis-transfer-cron',
      'coriolis-worker',
    ]);
    expect(conductor).toMatch(/ERROR coriolis\.conductor\.rpc\.server .* Task error: /);
  });

  it('tells what a failing execution did, within its period', async () => {
    const { id } = await user.createTransfer(['fail-replication-vm']);
    const start = Math.floor(user.clock.now() / 1000);
    const execution = await user.execute(id);
    const { tasks } = await user.until(id, execution.id, 'ERROR');
    const failed = tasks.find(({ status }) => status === 'ERROR');

    const worker = await download('coriolis-worker', `?start_date=${start}`);
    const conductor = await download('coriolis-conductor', `?start_date=${start}`);
    const before = await download('coriolis-worker', `?end_date=${start - 1}`);

    expect(failed?.exception_details).toBeTruthy();
    expect(worker).toContain(`Executing task: ${failed?.id}, type: ${failed?.task_type}`);
    expect(worker).toContain(`failed: ${failed?.exception_details}`);
    expect(conductor).toContain(
      `Tasks execution ${execution.id} (type transfer_execution, action ${id}) status updated to: ERROR`,
    );
    expect(before).not.toContain(execution.id);
  });

  it('sends long logs in chunks unless asked not to', async () => {
    const chunked = await admin.ask('GET', '/logger/api/v1/logs/coriolis-worker');
    const whole = await admin.ask('GET', '/logger/api/v1/logs/coriolis-worker?disable_chunked=true');

    expect(chunked.headers.get('Transfer-Encoding')).toBe('chunked');
    expect(Number(whole.headers.get('Content-Length'))).toBeGreaterThan(2048);
    expect(await chunked.text()).toBe(await whole.text());
  });
});

describe('the live stream of coriolis-logger', () => {
  it('tells what happens while nobody asks for anything else, and ends with the sandbox', async () => {
    const sandbox = await startSandbox({ speed: 1000 });
    const { connection } = sandbox;
    const token = await tokenOf(sandbox.authUrl, connection.admin);
    const url = `${sandbox.url.replace('http', 'ws')}/log-stream?auth_type=keystone&auth_token=${token}&severity=6`;
    const socket = new WebSocket(url);
    const frames: Frame[] = [];
    const finished = new Promise<void>((resolve) => {
      socket.on('message', (data: Buffer) => {
        const frame = JSON.parse(data.toString()) as Frame;
        frames.push(frame);
        if (frame.message.endsWith('status updated to: COMPLETED')) resolve();
      });
    });
    await new Promise((resolve, reject) => {
      socket.once('open', resolve);
      socket.once('error', reject);
    });
    const ended = new Promise((resolve) => socket.once('close', resolve));

    const headers = { 'X-Auth-Token': token, 'Content-Type': 'application/json' };
    const listed = await fetch(`${sandbox.coriolisUrl}/transfers`, { headers });
    const { transfers } = (await listed.json()) as { transfers: { id: string; notes: string }[] };
    const transfer = transfers.find(({ notes }) => notes === 'Not executed yet');
    const started = await fetch(`${sandbox.coriolisUrl}/transfers/${transfer?.id}/executions`, {
      method: 'POST',
      headers,
      body: '{"execution": {}}',
    });
    await within(PATIENCE_MS, finished);
    await sandbox.stop();
    await within(PATIENCE_MS, ended);

    expect(started.status).toBe(200);
    expect(new Set(frames.map(({ app_name }) => app_name))).toEqual(
      new Set(['coriolis-conductor', 'coriolis-worker']),
    );
    expect(frames.every(({ severity }) => severity <= 6)).toBe(true);
  });
});

async function tokenOf(
  authUrl: string,
  { username, password, project }: { username: string; password: string; project: string },
): Promise<string> {
  const domain = { name: 'Default' };
  const auth = {
    identity: { methods: ['password'], password: { user: { name: username, domain, password } } },
    scope: { project: { name: project, domain } },
  };
  const response = await fetch(`${authUrl}/auth/tokens`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ auth }),
  });
  return response.headers.get('X-Subject-Token') ?? '';
}

/** Fails when it takes too long, so that the test ends with a reason. */
async function within(milliseconds: number, awaited: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new Error('Nothing came'));
    }, milliseconds);
  });
  await Promise.race([awaited, late]).finally(() => {
    clearTimeout(timer);
  });
}
