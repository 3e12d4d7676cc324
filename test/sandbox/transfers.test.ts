import { SandboxUser } from './user';
import type { Execution, Transfer } from './user';

describe('a transfer in the sandbox', () => {
  let user: SandboxUser;

  beforeEach(async () => {
    user = await SandboxUser.start();
  });

  afterEach(() => user.stop());

  const read = (id: string): Promise<Transfer> => user.get(`/transfers/${id}`, 'transfer');

  it('starts nothing when it is created', async () => {
    const transfer = await user.createTransfer(['web-01']);

    user.clock.advance(600);

    expect(await read(transfer.id)).toMatchObject({
      last_execution_status: 'UNEXECUTED',
      updated_at: null,
      executions: [],
      deleted: '0',
    });
  });

  it('takes over new values when its update completes, scripts at once', async () => {
    const { id } = await user.syncedTransfer(['web-01'], { notes: 'old' });
    const change = { notes: 'new', network_map: { DMZ: 'dmz' }, user_scripts: { global: { linux: 'true' } } };

    const answer = await user.send('PUT', `/transfers/${id}`, { transfer: change });
    const during = await read(id);
    const { id: executionId } = answer.body['execution'] as Execution;
    await user.until(id, executionId, 'COMPLETED');

    expect(during).toMatchObject({
      notes: 'old',
      last_execution_status: 'RUNNING',
      user_scripts: { global: { linux: [{ phase: 'osmorphing_post_os_mount', payload: 'true' }] } },
    });
    const network_map = { 'VM Network': 'private', Backend: 'storage-net', DMZ: 'dmz' };
    expect(await read(id)).toMatchObject({
      notes: 'new',
      network_map,
      destination_environment: { network_map },
    });
  });

  it('keeps its values when the platform refuses the update', async () => {
    const { id } = await user.syncedTransfer(['web-01'], { notes: 'old' });
    const change = { notes: 'new', destination_environment: { disk_format: 'qcow2' } };

    const answer = await user.send('PUT', `/transfers/${id}`, { transfer: change });
    const { id: executionId } = answer.body['execution'] as Execution;
    const failed = await user.until(id, executionId, 'ERROR');

    expect(answer.status).toBe(200);
    expect(failed.tasks.at(-1)?.exception_details).toContain("Cannot change 'disk_format'");
    expect(await read(id)).toMatchObject({ notes: 'old' });
  });

  it('has nothing to deploy once its disks are deleted', async () => {
    const { id } = await user.syncedTransfer(['web-01']);

    const answer = await user.send('POST', `/transfers/${id}/actions`, { 'delete-disks': null });
    const execution = answer.body['execution'] as Execution;
    await user.until(id, execution.id, 'COMPLETED');
    const deployment = await user.send('POST', '/deployments', {
      deployment: { transfer_id: id, force: true },
    });

    expect(execution.type).toBe('transfer_disks_delete');
    expect(deployment.status).toBe(400);
    expect(user.message(deployment)).toContain("doesn't contain volumes information for instance: web-01");
  });

  it('changes updated_at with statuses and task results, not with progress', async () => {
    const { id } = await user.createTransfer(['web-01']);
    await user.execute(id);
    user.clock.advance(240);
    const before = await read(id);

    user.clock.advance(60);

    const replicating = await user.get<Execution[]>(`/transfers/${id}/executions?limit=1`, 'executions');
    expect(replicating[0]?.tasks.find((task) => task.task_type === 'REPLICATE_DISKS')?.status).toBe(
      'RUNNING',
    );
    expect((await read(id)).updated_at).toBe(before.updated_at);
  });

  it('masks secrets in the details of one transfer, but not in those of a list', async () => {
    const secret = { migr_network: 'private', encrypted_disks_passphrase: 'open sesame' };
    const { id } = await user.syncedTransfer(['web-01'], { destination_environment: secret });
    const passphrase = (info: unknown): unknown =>
      (info as Record<string, { target_environment: typeof secret }>)['web-01']?.target_environment
        .encrypted_disks_passphrase;

    const one = await user.get<Transfer>(`/transfers/${id}?include_task_info=true`, 'transfer');
    const all = await user.get<Transfer[]>('/transfers?include_task_info=true', 'transfers');

    expect(passphrase(one['info'])).toBe('***');
    expect(passphrase(all.find((transfer) => transfer.id === id)?.['info'])).toBe('open sesame');
  });

  it('is gone when deleted, together with its executions, but lists can still show it', async () => {
    const { id } = await user.syncedTransfer(['web-01']);

    const deleted = await user.send('DELETE', `/transfers/${id}`);

    expect(deleted.status).toBe(204);
    expect((await user.send('GET', `/transfers/${id}`)).status).toBe(404);
    expect(await user.get(`/transfers/${id}/executions`, 'executions')).toEqual([]);
    const all = await user.get<Transfer[]>('/transfers?show_deleted=true', 'transfers');
    expect(all.find((one) => one.id === id)).toMatchObject({ last_execution_status: 'COMPLETED' });
    expect(all.find((one) => one.id === id)?.['deleted']).not.toBe('0');
  });

  it('is invisible to other projects', async () => {
    const { id } = await user.createTransfer(['web-01']);
    const other = await user.as(user.sandbox.connection.other);

    const answer = await other.send('GET', `/transfers/${id}`);

    expect(answer.status).toBe(404);
    expect((await other.get<Transfer[]>('/transfers', 'transfers')).length).toBe(1);
  });

  it('can be read, but not made, by a reader', async () => {
    const reader = await user.as(user.sandbox.connection.reader);

    const made = await reader.send('POST', '/transfers', { transfer: {} });

    expect(made.status).toBe(403);
    expect(user.message(made)).toBe(
      "PolicyNotAuthorized: Policy doesn't allow migration:transfers:create to be performed.",
    );
    expect((await reader.send('GET', '/transfers')).status).toBe(200);
  });

  it('keeps its endpoints from being deleted', async () => {
    const { origin_endpoint_id: endpoint } = await user.createTransfer(['web-01']);

    const answer = await user.send('DELETE', `/endpoints/${String(endpoint)}`);

    expect(answer.status).toBe(403);
    expect(user.message(answer)).toBe('4 transfers would be orphaned!');
  });
});
