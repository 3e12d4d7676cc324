import { SandboxUser } from './user';
import type { Deployment, Execution, Transfer } from './user';

describe('a deployment in the sandbox', () => {
  let user: SandboxUser;

  beforeEach(async () => {
    user = await SandboxUser.start();
  });

  afterEach(() => user.stop());

  const read = (id: string): Promise<Deployment> => user.get(`/deployments/${id}`, 'deployment');

  const deploy = async (transferId: string, more: object = {}): Promise<Deployment> => {
    const answer = await user.send('POST', '/deployments', {
      deployment: { transfer_id: transferId, ...more },
    });
    return answer.body['deployment'] as Deployment;
  };

  const until = async (id: string, status: string): Promise<Deployment> => {
    for (let step = 0; step < 500; step += 1) {
      const deployment = await read(id);
      if (deployment.last_execution_status === status) return deployment;
      user.clock.advance(5);
    }
    throw new Error(`The deployment never became ${status}`);
  };

  const typesOf = (deployment: Deployment): string[] =>
    (deployment.tasks ?? []).map((task) => task.task_type);

  it('makes the machine and says so', async () => {
    const transfer = await user.syncedTransfer(['web-01']);

    const started = await deploy(transfer.id);
    const done = await until(started.id, 'COMPLETED');

    expect(started).toMatchObject({
      last_execution_status: 'RUNNING',
      transfer_result: null,
      deployer_id: null,
    });
    expect(typesOf(done)).toEqual([
      'VALIDATE_DEPLOYMENT_INPUTS',
      'CREATE_TRANSFER_DISK_SNAPSHOTS',
      'DEPLOY_INSTANCE_RESOURCES',
      'DEPLOY_OS_MORPHING_RESOURCES',
      'OS_MORPHING',
      'DELETE_OS_MORPHING_RESOURCES',
      'FINALIZE_INSTANCE_DEPLOYMENT',
      'DELETE_TRANSFER_TARGET_DISK_SNAPSHOTS',
    ]);
    expect(done['transfer_result']).toMatchObject({ 'web-01': { name: 'web-01' } });
    expect(await user.get('/transfers/' + transfer.id, 'transfer')).toEqual(transfer);
  });

  it('uses the disks up unless it clones them', async () => {
    const transfer = await user.syncedTransfer(['web-01']);

    const { id } = await deploy(transfer.id, { clone_disks: false, skip_os_morphing: true });
    const done = await until(id, 'COMPLETED');

    expect(typesOf(done)).not.toContain('OS_MORPHING');
    const after = await user.get<Transfer>(`/transfers/${transfer.id}`, 'transfer');
    expect(after.last_execution_status).toBe('COMPLETED');
    expect(after.updated_at).not.toBe(transfer.updated_at);
    const again = await user.send('POST', '/deployments', { deployment: { transfer_id: transfer.id } });
    expect(again.status).toBe(400);
  });

  it('shows cleanup tasks only once something failed', async () => {
    const transfer = await user.syncedTransfer(['fail-os-morphing-vm']);

    const started = await deploy(transfer.id, { clone_disks: false });
    const failed = await until(started.id, 'ERROR');

    expect(typesOf(started)).not.toContain('CLEANUP_FAILED_INSTANCE_DEPLOYMENT');
    expect(typesOf(failed)).toEqual(
      expect.arrayContaining(['CLEANUP_FAILED_INSTANCE_DEPLOYMENT', 'RESTORE_TRANSFER_DISK_SNAPSHOTS']),
    );
    const culprit = failed.tasks?.find((task) => task.status === 'ERROR');
    expect(culprit).toMatchObject({
      task_type: 'OS_MORPHING',
      exception_details: expect.stringContaining('Failed to install required packages'),
    });
    expect(failed['transfer_result']).toBeNull();
  });

  it.each([
    [{}, { clone_disks: true, skip_os_morphing: false }],
    [
      { clone_disks: null, skip_os_morphing: null },
      { clone_disks: false, skip_os_morphing: true },
    ],
  ])('given %j takes the settings %j', async (given, expected) => {
    const transfer = await user.syncedTransfer(['web-01'], { clone_disks: false, skip_os_morphing: true });

    const deployment = await deploy(transfer.id, given);

    expect(deployment).toMatchObject(expected);
  });

  it('waits as PENDING for the execution it belongs to, then starts by itself', async () => {
    const { id } = await user.createTransfer(['web-01']);
    const execution = await user.execute(id, { auto_deploy: true });
    user.clock.advance(2);

    const [pending] = await user.get<Deployment[]>('/deployments', 'deployments');

    expect(pending).toMatchObject({
      last_execution_status: 'PENDING',
      deployer_id: execution.id,
      updated_at: null,
    });
    const shown = await read(pending?.id ?? '');
    expect(shown).toMatchObject({ executions: [] });
    expect(shown).not.toHaveProperty('tasks');
    const cancel = await user.send('POST', `/deployments/${pending?.id}/actions`, { cancel: null });
    expect(user.message(cancel)).toContain('has in improper number of tasks executions: 0');
    await user.until(id, execution.id, 'COMPLETED', 30);
    const done = await until(pending?.id ?? '', 'COMPLETED');
    expect(done).not.toHaveProperty('executions');
  });

  it('ends in ERROR without a task or a message when its execution fails', async () => {
    const { id } = await user.createTransfer(['fail-disk-quota-vm']);
    const execution = await user.execute(id, { auto_deploy: true });
    await user.until(id, execution.id, 'ERROR');
    user.clock.advance(12);

    const [deployment] = await user.get<Deployment[]>('/deployments', 'deployments');

    expect(deployment).toMatchObject({ last_execution_status: 'ERROR', deployer_id: execution.id });
    expect(await read(deployment?.id ?? '')).not.toHaveProperty('tasks');
  });

  it('can be canceled while it runs', async () => {
    const transfer = await user.syncedTransfer(['web-01']);
    const { id } = await deploy(transfer.id);
    user.clock.advance(15);

    const cancel = await user.send('POST', `/deployments/${id}/actions`, { cancel: { force: false } });

    expect(cancel.status).toBe(204);
    const canceled = await until(id, 'CANCELED');
    expect(canceled.tasks?.map((task) => task.status)).toContain('UNSCHEDULED');
    const busy = await user.get<Execution[]>(`/transfers/${transfer.id}/executions`, 'executions');
    expect(busy.map((one) => one.status)).toEqual(['COMPLETED']);
  });
});
