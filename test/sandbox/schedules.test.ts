import { SandboxUser } from './user';
import type { Deployment, Execution, Json } from './user';

const HOUR = 3600;
/** Tokens outlive every test here. */
const LONG = { tokenLifetimeMs: 1000 * 24 * HOUR * 1000 };

describe('a schedule in the sandbox', () => {
  let user: SandboxUser;
  let transfer: string;

  /** The clock begins on a Thursday, at 08:00 UTC. */
  beforeEach(async () => {
    user = await SandboxUser.start(LONG);
    transfer = (await user.createTransfer(['web-01'])).id;
  });

  afterEach(() => user.stop());

  const schedule = async (body: Json): Promise<string> => {
    const answer = await user.send('POST', `/transfers/${transfer}/schedules`, body);
    expect(answer.status).toBe(200);
    return (answer.body['schedule'] as { id: string }).id;
  };
  const executions = (): Promise<(Execution & { created_at: string })[]> =>
    user.get(`/transfers/${transfer}/executions?sort_key=number&sort_dir=asc`, 'executions');
  const startTimes = async (): Promise<string[]> =>
    (await executions()).map(({ created_at }) => created_at.slice(0, 16));

  it('executes the transfer when its minute comes, again and again', async () => {
    await schedule({ schedule: { minute: 30 } });

    user.clock.advance(3 * HOUR);

    expect(await startTimes()).toEqual(['2026-01-15T08:30', '2026-01-15T09:30', '2026-01-15T10:30']);
  });

  it('counts the days of the week from Monday', async () => {
    await schedule({ schedule: { dow: 6, hour: 3, minute: 0 } });

    user.clock.advance(7 * 24 * HOUR);

    expect(await startTimes()).toEqual(['2026-01-18T03:00']);
  });

  it('keeps to the clock however fast the work goes', async () => {
    await user.stop();
    user = await SandboxUser.start({ ...LONG, speed: 1000 });
    transfer = (await user.createTransfer(['web-01'])).id;
    await schedule({ schedule: { hour: 9, minute: 15 } });

    user.clock.advance(2 * HOUR);

    const [execution] = await executions();
    expect(execution).toMatchObject({ created_at: '2026-01-15T09:15:00.000000', status: 'COMPLETED' });
  });

  it('means every minute when it is empty, and skips silently while the transfer is busy', async () => {
    await schedule({ schedule: {} });

    user.clock.advance(3 * 60);

    const all = await executions();
    expect(all.map(({ number, status }) => [number, status])).toEqual([[1, 'RUNNING']]);
  });

  it('never comes when its date does not exist', async () => {
    await schedule({ schedule: { month: 2, dom: 31 } });

    user.clock.advance(400 * 24 * HOUR);

    expect(await executions()).toEqual([]);
  });

  it('does nothing while disabled, and takes up new times at once', async () => {
    const id = await schedule({ schedule: { minute: 10 }, enabled: false });
    user.clock.advance(HOUR);
    const before = await executions();

    await user.send('PUT', `/transfers/${transfer}/schedules/${id}`, {
      enabled: true,
      schedule: { minute: 20 },
    });
    user.clock.advance(HOUR);

    expect(before).toEqual([]);
    expect(await startTimes()).toEqual(['2026-01-15T09:20']);
  });

  it('ends with its expiration, and can be left out of lists then', async () => {
    await schedule({ schedule: { minute: 0 }, expiration_date: '2026-01-15T09:30:00Z' });

    user.clock.advance(3 * HOUR);

    const list = (query: string): Promise<Json[]> =>
      user.get(`/transfers/${transfer}/schedules${query}`, 'schedules');
    expect(await startTimes()).toEqual(['2026-01-15T09:00']);
    expect(await list('')).toHaveLength(1);
    expect(await list('?show_expired=false')).toEqual([]);
  });

  it('no longer executes once it is deleted', async () => {
    const id = await schedule({ schedule: { minute: 30 } });

    await user.send('DELETE', `/transfers/${transfer}/schedules/${id}`);
    user.clock.advance(HOUR);

    expect(await executions()).toEqual([]);
  });

  it('is not deleted while the transfer runs', async () => {
    const id = await schedule({ schedule: { minute: 30 } });
    await user.execute(transfer);

    const answer = await user.send('DELETE', `/transfers/${transfer}/schedules/${id}`);

    expect(answer.status).toBe(400);
    expect(user.message(answer)).toContain('cannot be deleted while the Transfer is in RUNNING state');
  });

  it('deploys afterwards when it is told to, and shuts the instance down', async () => {
    await schedule({ schedule: { minute: 30 }, auto_deploy: true, shutdown_instance: true });

    user.clock.advance(31 * 60);

    const [execution] = await executions();
    const deployments = await user.get<Deployment[]>('/deployments', 'deployments');
    expect(execution?.tasks.map((task) => task.task_type)).toContain('SHUTDOWN_INSTANCE');
    expect(deployments.map((deployment) => deployment.deployer_id)).toEqual([execution?.id]);
  });
});
