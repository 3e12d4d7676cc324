import { SandboxUser } from './user';
import type { Execution, Transfer } from './user';

describe('an execution in the sandbox', () => {
  let user: SandboxUser;

  beforeEach(async () => {
    user = await SandboxUser.start();
  });

  afterEach(() => user.stop());

  const types = (execution: Execution): string[] => execution.tasks.map((task) => task.task_type);
  const statusOf = (execution: Execution, type: string): string | undefined =>
    execution.tasks.find((task) => task.task_type === type)?.status;

  it('runs its tasks in the order of their dependencies', async () => {
    const { id } = await user.createTransfer(['web-01']);

    const started = await user.execute(id);

    expect(started).toMatchObject({ status: 'RUNNING', type: 'transfer_execution', number: 1 });
    expect(started.tasks.map((task) => [task.task_type, task.index, task.status])).toEqual([
      ['VALIDATE_TRANSFER_SOURCE_INPUTS', 2, 'PENDING'],
      ['GET_INSTANCE_INFO', 3, 'PENDING'],
      ['VALIDATE_TRANSFER_DESTINATION_INPUTS', 4, 'SCHEDULED'],
      ['DEPLOY_TRANSFER_DISKS', 5, 'SCHEDULED'],
      ['DEPLOY_TRANSFER_SOURCE_RESOURCES', 6, 'SCHEDULED'],
      ['DEPLOY_TRANSFER_TARGET_RESOURCES', 7, 'SCHEDULED'],
      ['REPLICATE_DISKS', 8, 'SCHEDULED'],
      ['DELETE_TRANSFER_SOURCE_RESOURCES', 9, 'SCHEDULED'],
      ['DELETE_TRANSFER_TARGET_RESOURCES', 10, 'SCHEDULED'],
    ]);
    for (let step = 0; step < 200; step += 1) {
      const { status, tasks } = await user.execution(id, started.id);
      const done = new Set(tasks.filter((task) => task.status === 'COMPLETED').map((task) => task.id));
      for (const task of tasks) {
        if (task.status !== 'SCHEDULED')
          expect((task.depends_on ?? []).every((parent) => done.has(parent))).toBe(true);
      }
      if (status === 'COMPLETED') break;
      user.clock.advance(5);
    }
    expect((await user.execution(id, started.id)).status).toBe('COMPLETED');
  });

  it('takes minutes for a disk of 40 GiB, and the progress of the disk grows in place', async () => {
    const { id } = await user.createTransfer(['web-01']);
    const started = await user.execute(id);
    const seen: { id: string; step: number }[] = [];

    for (let step = 0; step < 100; step += 1) {
      user.clock.advance(10);
      const { tasks, status } = await user.execution(id, started.id);
      const update = tasks.find((task) => task.task_type === 'REPLICATE_DISKS')?.progress_updates[1];
      if (update) seen.push({ id: update.id, step: update.current_step });
      if (status === 'COMPLETED') break;
    }

    const steps = seen.map(({ step }) => step);
    expect(new Set(seen.map((one) => one.id)).size).toBe(1);
    expect(steps).toEqual([...steps].sort((one, other) => one - other));
    expect(steps.filter((step) => step > 0 && step < 100).length).toBeGreaterThan(20);
    expect(steps.at(-1)).toBe(100);
  });

  it('goes faster with a higher speed', async () => {
    const fast = await SandboxUser.start({ speed: 1000 });
    try {
      const { id } = await fast.createTransfer(['web-01']);
      const { id: executionId } = await fast.execute(id);

      fast.clock.advance(2);

      expect((await fast.execution(id, executionId)).status).toBe('COMPLETED');
    } finally {
      await fast.stop();
    }
  });

  it('copies everything the first time and only changes afterwards', async () => {
    const { id } = await user.syncedTransfer(['web-01']);

    const second = await user.execute(id);
    const done = await user.until(id, second.id, 'COMPLETED');

    const messages = done.tasks.find((task) => task.task_type === 'REPLICATE_DISKS')?.progress_updates;
    expect(messages?.[0]?.message).toBe('Incremental backup of instance');
    expect(done.number).toBe(2);
  });

  it('shuts the machine down first when asked, and takes any text for yes', async () => {
    const { id } = await user.createTransfer(['web-01']);

    const started = await user.execute(id, { shutdown_instances: 'false' });

    expect(types(started).slice(6, 8)).toEqual(['SHUTDOWN_INSTANCE', 'REPLICATE_DISKS']);
  });

  it('fails with the reason, cleans up, and passes through CANCELLING on its way to ERROR', async () => {
    const { id } = await user.createTransfer(['fail-cbt-vm']);
    const { id: executionId } = await user.execute(id);

    await user.until(id, executionId, 'CANCELLING', 1);
    const failed = await user.until(id, executionId, 'ERROR', 1);

    expect(failed.tasks.filter((task) => task.status === 'ERROR')).toMatchObject([
      { task_type: 'REPLICATE_DISKS', exception_details: expect.stringContaining('deviceKey') },
    ]);
    expect(statusOf(failed, 'DELETE_TRANSFER_TARGET_RESOURCES')).toBe('COMPLETED');
    expect((await user.get<Transfer>(`/transfers/${id}`, 'transfer')).last_execution_status).toBe('ERROR');
  });

  it.each([
    ['fail-validation-vm', 'VALIDATE_TRANSFER_SOURCE_INPUTS'],
    ['fail-disk-quota-vm', 'DEPLOY_TRANSFER_DISKS'],
    ['fail-worker-vm', 'DEPLOY_TRANSFER_TARGET_RESOURCES'],
    ['fail-replication-vm', 'REPLICATE_DISKS'],
    ['no-such-vm', 'VALIDATE_TRANSFER_SOURCE_INPUTS'],
  ])('of %s fails in %s', async (instance, taskType) => {
    const { id } = await user.createTransfer([instance]);
    const { id: executionId } = await user.execute(id);

    const failed = await user.until(id, executionId, 'ERROR');

    const culprits = failed.tasks.filter((task) => task.status === 'ERROR');
    expect(culprits.map((task) => task.task_type)).toEqual([taskType]);
  });

  it('that is stuck stays RUNNING without progress until it is canceled', async () => {
    const { id } = await user.createTransfer(['stuck-vm']);
    const { id: executionId } = await user.execute(id);
    user.clock.advance(3 * 3600);

    const stuck = await user.execution(id, executionId);

    expect(stuck.status).toBe('RUNNING');
    const replication = stuck.tasks.find((task) => task.task_type === 'REPLICATE_DISKS');
    expect(replication?.progress_updates.at(-1)?.current_step).toBe(63);
  });

  it('can be canceled once; cancelling it again needs force', async () => {
    const { id } = await user.createTransfer(['slow-vm']);
    const { id: executionId } = await user.execute(id);
    user.clock.advance(400);
    const actions = `/transfers/${id}/executions/${executionId}/actions`;

    const first = await user.send('POST', actions, { cancel: null });
    const second = await user.send('POST', actions, { cancel: { force: false } });
    const forced = await user.send('POST', actions, { cancel: { force: true } });

    expect([first.status, second.status, forced.status]).toEqual([204, 400, 204]);
    expect(user.message(second)).toContain('is already being cancelled');
    const canceled = await user.until(id, executionId, 'CANCELED', 1);
    expect(statusOf(canceled, 'REPLICATE_DISKS')).toBe('FORCE_CANCELED');
    expect(statusOf(canceled, 'DELETE_TRANSFER_SOURCE_RESOURCES')).toBe('COMPLETED');
    const late = await user.send('POST', actions, { cancel: null });
    expect(user.message(late)).toBe(`Transfer '${id}' has no running execution to cancel.`);
  });

  it('of several machines waits for all of them where the server makes them wait', async () => {
    const { id } = await user.createTransfer(['web-01', 'app-01']);
    const { id: executionId } = await user.execute(id);
    const seen = new Set<string>();

    for (let step = 0; step < 200; step += 1) {
      for (const task of (await user.execution(id, executionId)).tasks)
        seen.add(`${task.task_type} ${task.status}`);
      user.clock.advance(0.5);
    }

    expect(seen).toContain('GET_INSTANCE_INFO SYNCING');
    expect(seen).not.toContain('DEPLOY_TRANSFER_DISKS SYNCING');
    await user.until(id, executionId, 'COMPLETED', 60);
  });

  it('keeps the transfer busy', async () => {
    const { id } = await user.createTransfer(['web-01']);
    const { id: executionId } = await user.execute(id);

    const attempts = await Promise.all([
      user.send('POST', `/transfers/${id}/executions`, { execution: {} }),
      user.send('PUT', `/transfers/${id}`, { transfer: { notes: 'x' } }),
      user.send('DELETE', `/transfers/${id}`),
      user.send('POST', '/deployments', { deployment: { transfer_id: id } }),
    ]);

    for (const attempt of attempts) {
      expect(attempt.status).toBe(400);
      expect(user.message(attempt)).toBe(`Another tasks execution is in progress: ['${executionId}']`);
    }
  });

  it('refused for want of a trust leaves an orphan that blocks nothing', async () => {
    const { id } = await user.createTransfer(['web-01']);
    const robot = await user.withApplicationCredential();

    const refused = await robot.send('POST', `/transfers/${id}/executions`, { execution: {} });

    expect(refused.status).toBe(500);
    const [orphan] = await user.get<Execution[]>(`/transfers/${id}/executions`, 'executions');
    expect(orphan).toMatchObject({ status: 'UNEXECUTED', number: 1, updated_at: null });
    expect(new Set(orphan?.tasks.map((task) => task.status))).toEqual(new Set(['SCHEDULED']));
    expect((await user.get<Transfer>(`/transfers/${id}`, 'transfer')).last_execution_status).toBe(
      'UNEXECUTED',
    );
    expect((await user.execute(id)).number).toBe(2);
  });

  it('is told to tests as it really ended', async () => {
    const { id } = await user.syncedTransfer(['web-01']);

    const [run] = user.sandbox.listFinishedRuns();

    const [execution] = await user.get<Execution[]>(`/transfers/${id}/executions`, 'executions');
    expect(run).toMatchObject({
      kind: 'execution',
      id: execution?.id,
      transferId: id,
      number: 1,
      status: 'COMPLETED',
    });
    expect(`${new Date((run?.finishedAt ?? 0) * 1000).toISOString().slice(0, 19)}.000000`).toBe(
      execution?.updated_at,
    );
  });
});
