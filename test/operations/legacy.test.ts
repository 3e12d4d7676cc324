import { startSandbox, type Sandbox } from '../../sandbox/sandbox';
import type { Coriolis } from '../../src/api/operation-context';
import type { JsonObject } from '../../src/model/json';
import { pollWatch } from '../../src/watch/poll-watch';
import { connect, one, rows } from '../support/coriolis';
import { jobOn, type Named } from '../support/job';

/** The whole job on a server that has replicas and migrations, in the words of transfers and deployments. */

let sandbox: Sandbox;
let coriolis: Coriolis;

beforeAll(async () => {
  sandbox = await startSandbox({ generation: 'legacy', speed: 1200 });
  coriolis = connect(sandbox);
});
afterAll(() => sandbox.stop());

const { create, execute, finish, synced } = jobOn(() => coriolis);

const deploy = (transferId: string, more: JsonObject = {}) =>
  one<Named>(coriolis, 'deployment.create', { transferId, ...more });

const finishDeployment = (deploymentId: string) =>
  one(coriolis, 'deployment.wait', { deploymentId, timeoutSeconds: 60 });

describe('the main job', () => {
  it('moves a machine: transfer, execution, deployment, each waited for', async () => {
    const transfer = await create('web-01', { notes: 'Move web-01', storageMappings: 'datastore1=ceph-ssd' });
    expect(transfer).toMatchObject({ status: 'UNEXECUTED', scenario: 'replica', name: 'Move web-01' });

    const execution = await execute(transfer.id);
    expect(execution).toMatchObject({ number: 1, type: 'transfer_execution', transfer_id: transfer.id });
    expect(await finish(transfer.id, execution.id)).toMatchObject({ outcome: 'completed', percent: 100 });

    const deployment = await deploy('Move web-01');
    expect(deployment).toMatchObject({ transfer_id: transfer.id, execution_id: null });
    expect(await finishDeployment(deployment.id)).toMatchObject({ outcome: 'completed' });
    expect(await one(coriolis, 'deployment.get', { deploymentId: deployment.id })).toMatchObject({
      outcome: 'completed',
      deployed_instances: ['web-01'],
    });
    const listed = await rows<Named>(coriolis, 'deployment.getAll', { transferId: transfer.id });
    expect(listed.map(({ row }) => row.id)).toEqual([deployment.id]);
  });

  it('asks only routes that exist there, once it knows the generation', async () => {
    const before = sandbox.requests.count('GET', /\/(transfers|deployments)/u);
    await rows(coriolis, 'transfer.getAll');
    await rows(coriolis, 'deployment.getAll');
    expect(sandbox.requests.count('GET', /\/(transfers|deployments)/u)).toBe(before);
  });
});

describe('transfers', () => {
  it('are found, ordered and cut on this side, for the server only sends all', async () => {
    await create('test-vm-01', { notes: 'Ordered 1' });
    await create('test-vm-01', { notes: 'Ordered 2' });
    await create('test-vm-01', { notes: 'Ordered 3' });
    const given = { search: 'ordered', sort: 'notes:asc' };
    const names = async (window: { limit?: number; after?: string }, sort = 'notes:asc') =>
      (await rows<{ name: string }>(coriolis, 'transfer.getAll', { search: 'ordered', sort }, window)).map(
        ({ row }) => row.name,
      );
    expect(await names({}, 'notes:desc')).toEqual(['Ordered 3', 'Ordered 2', 'Ordered 1']);
    const [first] = await rows(coriolis, 'transfer.getAll', given, { limit: 1 });
    expect(first?.row).toMatchObject({ name: 'Ordered 1' });
    expect(await names({ after: first?.position ?? '' })).toEqual(['Ordered 2', 'Ordered 3']);
  });

  it('take on new settings once they were executed and their update has completed', async () => {
    const { id } = await create('app-01', { notes: 'before' });
    await expect(one(coriolis, 'transfer.update', { transferId: id, notes: 'early' })).rejects.toMatchObject({
      kind: 'conflict',
    });
    await finish(id, (await execute(id)).id);
    const update = await one<Named>(coriolis, 'transfer.update', { transferId: id, notes: 'after' });
    expect(update).toMatchObject({ type: 'transfer_update' });
    await finish(id, update.id);
    expect(await one(coriolis, 'transfer.get', { transferId: id })).toMatchObject({
      notes: 'after',
      executions: [{ type: 'transfer_update' }, { type: 'transfer_execution' }],
    });
  });

  it('lose their disks first and then themselves', async () => {
    const id = await synced('app-02', { notes: 'to be deleted' });
    const removal = await one<Named>(coriolis, 'transfer.deleteDisks', { transferId: id });
    expect(removal).toMatchObject({ type: 'transfer_disks_delete' });
    expect(await finish(id, removal.id)).toMatchObject({ outcome: 'completed' });
    expect(await one(coriolis, 'transfer.delete', { transferId: id })).toEqual({ id, deleted: true });
    await expect(one(coriolis, 'transfer.get', { transferId: id })).rejects.toMatchObject({
      kind: 'not_found',
    });
    const deleted = await rows<Named>(coriolis, 'transfer.getAll', {
      includeDeleted: true,
      search: 'to be deleted',
    });
    expect(deleted.map(({ row }) => row.id)).toEqual([id]);
  });

  it('that were created although the answer was lost are found, not made twice', async () => {
    sandbox.faults.add({ method: 'POST', path: /\/replicas$/u, fault: { kind: 'lost-answer' } });
    const { id } = await create('web-03', { notes: 'lost answer' });
    const found = await rows<Named>(coriolis, 'transfer.getAll', { search: 'lost answer' });
    expect(found.map(({ row }) => row.id)).toEqual([id]);
  });
});

describe('executions', () => {
  it('are canceled, waited for and deleted', async () => {
    const { id } = await create('slow-vm');
    const execution = await execute(id);
    await expect(execute(id)).rejects.toMatchObject({ kind: 'conflict' });
    await one(coriolis, 'execution.cancel', { transferId: id, executionId: execution.id });
    expect(await finish(id, execution.id)).toMatchObject({ outcome: 'canceled' });
    await one(coriolis, 'execution.delete', { transferId: id, executionId: execution.id });
    expect(await rows(coriolis, 'execution.getAll', { transferId: id })).toEqual([]);
  });

  it('that fail are diagnosed in the words of the current generation', async () => {
    const { id } = await create('fail-disk-quota-vm');
    const execution = await execute(id);
    expect(await finish(id, execution.id)).toMatchObject({ outcome: 'failed' });
    expect(
      await one(coriolis, 'execution.diagnose', { transferId: id, executionId: execution.id }),
    ).toMatchObject({
      cause: { task_type: 'DEPLOY_TRANSFER_DISKS', instance: 'fail-disk-quota-vm' },
      known_error: { retry: expect.any(String) as string },
    });
  });
});

describe('deployments', () => {
  it('are canceled and deleted', async () => {
    const { id } = await deploy(await synced('hang-deploy-vm'));
    await one(coriolis, 'deployment.cancel', { deploymentId: id });
    expect(await finishDeployment(id)).toMatchObject({ outcome: 'canceled' });
    await one(coriolis, 'deployment.delete', { deploymentId: id });
    await expect(one(coriolis, 'deployment.get', { deploymentId: id })).rejects.toMatchObject({
      kind: 'not_found',
    });
  });
});

describe('schedules', () => {
  it('are created, shown, changed and deleted', async () => {
    const { id: transferId } = await create('test-vm-02');
    const schedule = await one<Named>(coriolis, 'schedule.create', { transferId, hour: 3, minute: 30 });
    expect(schedule).toMatchObject({ transfer_id: transferId, enabled: true, auto_deploy: null });
    const scheduleId = schedule.id;
    await one(coriolis, 'schedule.update', { transferId, scheduleId, enabled: false });
    expect(await one(coriolis, 'schedule.get', { transferId, scheduleId })).toMatchObject({ enabled: false });
    expect(await rows(coriolis, 'schedule.getAll', { transferId })).toHaveLength(1);
    await one(coriolis, 'schedule.delete', { transferId, scheduleId });
    expect(await rows(coriolis, 'schedule.getAll', { transferId })).toEqual([]);
  });
});

describe('what the server cannot do', () => {
  const posts = () => sandbox.requests.count('POST', /\/(replicas|migrations)/u);

  it.each([
    [
      'auto-deploy',
      'older than 1.1.3 and has no auto-deploy',
      (id: string) => execute(id, { autoDeploy: true }),
    ],
    [
      'auto-deploy by schedule',
      'older than 1.1.3 and has no auto-deploy',
      (transferId: string) => one(coriolis, 'schedule.create', { transferId, minute: 1, autoDeploy: true }),
    ],
    ['live migrations', 'scenario live migration', () => create('web-02', { scenario: 'live_migration' })],
    ['stored defaults', 'defaults for deployments', () => create('web-02', { cloneDisks: false })],
    [
      'phases of scripts',
      'older than 1.2.3 and has no phases of user scripts',
      (transferId: string) =>
        deploy(transferId, {
          userScripts: { global: { linux: [{ phase: 'replica_first_boot', payload: 'echo' }] } },
        }),
    ],
    [
      'scripts for one machine of a deployment',
      'scripts for single instances',
      (transferId: string) => deploy(transferId, { userScripts: { instances: { 'test-vm-03': 'echo' } } }),
    ],
  ])('is refused before anything is sent: %s', async (_what, words, attempt) => {
    const { id } = await create('test-vm-03');
    const before = posts();
    await expect(attempt(id)).rejects.toMatchObject({
      kind: 'capability',
      message: expect.stringContaining(words) as string,
      advice: expect.any(String) as string,
    });
    expect(posts()).toBe(before);
  });

  it('is harmless when it is what the server does anyway', async () => {
    const { id } = await create('test-vm-03', {
      cloneDisks: true,
      skipOsMorphing: false,
      scenario: 'replica',
    });
    expect(await execute(id, { autoDeploy: false })).toMatchObject({ number: 1 });
  });
});

describe('watching', () => {
  it('tells of the runs that ended, once each', async () => {
    const look = (cursor: unknown) => pollWatch(coriolis, cursor, { scope: 'legacy' });
    let { cursor } = await look(undefined);
    const { id } = await create('db-01');
    const execution = await execute(id);
    await finish(id, execution.id);
    const deployment = await deploy(id);
    await finishDeployment(deployment.id);
    await coriolis.sleep(2_100);

    const keys: string[] = [];
    for (let round = 0; round < 2; round++) {
      const seen = await look(JSON.parse(JSON.stringify(cursor)));
      cursor = seen.cursor;
      keys.push(...seen.events.filter(({ transfer_id }) => transfer_id === id).map(({ key }) => key));
    }
    expect(keys).toEqual([execution.id, deployment.id]);
  });
});
