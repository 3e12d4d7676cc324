import { startSandbox, type Sandbox } from '../../sandbox/sandbox';
import type { Coriolis, ProgressNote } from '../../src/api/operation-context';
import type { JsonObject } from '../../src/model/json';
import { connect, one, rows } from '../support/coriolis';
import { jobOn, type Named } from '../support/job';

let sandbox: Sandbox;
let coriolis: Coriolis & { readonly notes: ProgressNote[] };

beforeAll(async () => {
  sandbox = await startSandbox({ speed: 1200 });
  coriolis = connect(sandbox);
});
afterAll(() => sandbox.stop());
afterEach(() => sandbox.faults.clear());

const { create, execute, finish, synced } = jobOn(() => coriolis);

describe('the main job', () => {
  it('moves a machine: transfer, execution, deployment, each waited for, with progress', async () => {
    const transfer = await create('web-01', { notes: 'Move web-01', storageMappings: 'datastore1=ceph-ssd' });
    expect(transfer).toMatchObject({ status: 'UNEXECUTED', name: 'Move web-01', instances: ['web-01'] });

    const execution = await execute(transfer.id);
    expect(execution).toMatchObject({ number: 1, type: 'transfer_execution', outcome: null });
    const sync = await finish(transfer.id, execution.id);
    expect(sync).toMatchObject({ outcome: 'completed', percent: 100, failure: null });

    const deployment = await one<Named>(coriolis, 'deployment.create', { transferId: 'Move web-01' });
    const deployed = await one(coriolis, 'deployment.wait', {
      deploymentId: deployment.id,
      timeoutSeconds: 60,
    });
    expect(deployed).toMatchObject({ outcome: 'completed' });
    expect(await one(coriolis, 'deployment.get', { deploymentId: deployment.id })).toMatchObject({
      outcome: 'completed',
      deployed_instances: ['web-01'],
    });

    const percents = coriolis.notes.map(({ progress }) => progress.percent ?? 0);
    expect(percents.length).toBeGreaterThan(1);
    expect(Math.max(...percents)).toBe(100);
  });

  it('deploys by itself when asked to, and the pending deployment can be waited for', async () => {
    const { id } = await create('web-02');
    const execution = await execute(id, { autoDeploy: true });
    const synced = await finish(id, execution.id);
    const [deployment] = await rows<Named>(coriolis, 'deployment.getAll', { transferId: id });
    expect(deployment?.row).toMatchObject({ execution_id: execution.id });
    expect(synced).toMatchObject({
      outcome: 'completed',
      eta_seconds: null,
      deployment_id: deployment?.row.id,
      next: expect.stringContaining(`deployment ${deployment?.row.id ?? ''}`) as string,
    });
    const waited = await one(coriolis, 'deployment.wait', {
      deploymentId: deployment?.row.id,
      timeoutSeconds: 60,
    });
    expect(waited).toMatchObject({ outcome: 'completed' });
  });
});

describe('creating a transfer', () => {
  const requestsDuring = async (action: () => Promise<unknown>): Promise<number> => {
    const before = sandbox.requests.count('POST', /\/transfers$/u);
    await action();
    return sandbox.requests.count('POST', /\/transfers$/u) - before;
  };

  it.each([
    [
      'identical endpoints',
      { destinationEndpointId: 'vcenter' },
      'Origin and destination are the same endpoint',
    ],
    ['an instance that does not exist', { instances: 'web-01,ghost' }, 'no instance "ghost"'],
    ['a storage mapping without =', { storageMappings: 'datastore1' }, 'exactly one "="'],
    ['malformed JSON', { networkMap: '{"VM Network":' }, 'not valid JSON'],
    [
      'scripts for an unknown system',
      { userScripts: { global: { linus: 'x' } } },
      'no operating system "linus"',
    ],
  ])('sends nothing for %s', async (_case, given, words) => {
    const sent = await requestsDuring(() =>
      expect(create('web-01', given)).rejects.toMatchObject({
        kind: 'invalid_input',
        message: expect.stringContaining(words) as string,
      }),
    );
    expect(sent).toBe(0);
  });

  it('repeats the words of the server about an environment', async () => {
    await expect(create('web-01', { destinationEnvironment: { migr_network: 7 } })).rejects.toMatchObject({
      kind: 'invalid_input',
      serverMessage: expect.stringContaining('migr_network') as string,
    });
  });

  it('finds the one that was created although the answer was lost, and makes no second', async () => {
    sandbox.faults.add({ method: 'POST', path: /\/transfers$/u, fault: { kind: 'lost-answer' } });
    const transfer = await create('web-03', { notes: 'lost answer' });
    const found = await rows(coriolis, 'transfer.getAll', { search: 'lost answer' });
    expect(found.map(({ row }) => row['id'])).toEqual([transfer.id]);
  });

  it('says that nothing is known when the request itself was lost', async () => {
    sandbox.faults.add({ method: 'POST', path: /\/transfers$/u, fault: { kind: 'reset' } });
    await expect(create('web-03', { notes: 'lost request' })).rejects.toMatchObject({ kind: 'uncertain' });
    expect(await rows(coriolis, 'transfer.getAll', { search: 'lost request' })).toEqual([]);
  });
});

describe('executions', () => {
  it('of a busy transfer are refused as a conflict', async () => {
    const { id } = await create('slow-vm');
    const execution = await execute(id);
    await expect(execute(id)).rejects.toMatchObject({ kind: 'conflict' });
    expect(
      await one(coriolis, 'execution.cancel', { transferId: id, executionId: execution.id }),
    ).toMatchObject({
      cancel_requested: true,
    });
    expect(await finish(id, execution.id)).toMatchObject({ outcome: 'canceled' });
    await expect(
      one(coriolis, 'execution.cancel', { transferId: id, executionId: execution.id }),
    ).rejects.toMatchObject({ kind: 'conflict' });
  });

  it('are canceled without their id: Coriolis runs one of a transfer at a time', async () => {
    const { id } = await create('slow-vm', { notes: 'Which one runs' });
    const cancel = () => one(coriolis, 'execution.cancel', { transferId: id });
    await expect(cancel()).rejects.toThrow('The transfer has no executions yet.');
    const execution = await execute(id);

    expect(await cancel()).toEqual({
      id: execution.id,
      transfer_id: id,
      cancel_requested: true,
      force: false,
    });
    expect(await finish(id, execution.id)).toMatchObject({ outcome: 'canceled' });
    await expect(cancel()).rejects.toMatchObject({
      kind: 'not_found',
      message: `No execution of the transfer is running; the newest, ${execution.id}, is CANCELED.`,
    });
  });

  it('that fail are diagnosed: the task, its text, and what to do', async () => {
    const { id } = await create('fail-replication-vm');
    const execution = await execute(id);
    expect(await finish(id, execution.id)).toMatchObject({
      outcome: 'failed',
      failure: { task_type: 'REPLICATE_DISKS', instance: 'fail-replication-vm' },
    });
    const diagnosis = await one<{ next_steps: unknown[]; cause: JsonObject }>(
      coriolis,
      'execution.diagnose',
      {
        transferId: id,
        executionId: execution.id,
      },
    );
    expect(diagnosis.cause).toMatchObject({ task_type: 'REPLICATE_DISKS', instance: 'fail-replication-vm' });
    expect(diagnosis.next_steps.length).toBeGreaterThan(0);
  });

  it('of an unknown transfer are an error, not an empty list', async () => {
    const unknown = '00000000-0000-4000-8000-00000000dead';
    await expect(rows(coriolis, 'execution.getAll', { transferId: unknown })).rejects.toMatchObject({
      kind: 'not_found',
    });
  });

  it('are listed newest first, in windows, and can be deleted when they are over', async () => {
    const id = await synced('test-vm-02');
    const second = await execute(id);
    await finish(id, second.id);
    const all = await rows<Named>(coriolis, 'execution.getAll', { transferId: id });
    expect(all.map(({ row }) => row['number'])).toEqual([2, 1]);
    const [first] = await rows<Named>(coriolis, 'execution.getAll', { transferId: id }, { limit: 1 });
    const [next] = await rows<Named>(
      coriolis,
      'execution.getAll',
      { transferId: id },
      { after: first?.position ?? '' },
    );
    expect([first?.row['number'], next?.row['number']]).toEqual([2, 1]);
    await one(coriolis, 'execution.delete', { transferId: id, executionId: second.id });
    expect(await rows(coriolis, 'execution.getAll', { transferId: id })).toHaveLength(1);
  });

  it('started although the answer was lost are found, not started twice', async () => {
    const { id } = await create('test-vm-03');
    sandbox.faults.add({ method: 'POST', path: /\/executions$/u, fault: { kind: 'lost-answer' } });
    const execution = await execute(id);
    const all = await rows<Named>(coriolis, 'execution.getAll', { transferId: id });
    expect(all.map(({ row }) => row.id)).toEqual([execution.id]);
  });
});

describe('transfers', () => {
  it('are listed by scenario, status, endpoint and words', async () => {
    await create('test-vm-01', { scenario: 'live_migration', notes: 'One Move' });
    const names = async (given: JsonObject) =>
      (await rows<{ name: string }>(coriolis, 'transfer.getAll', given)).map(({ row }) => row.name);
    expect(await names({ scenario: 'live_migration' })).toEqual(['One Move']);
    expect(await names({ search: 'one move', status: 'UNEXECUTED', endpointId: 'vcenter' })).toEqual([
      'One Move',
    ]);
    expect(await names({ search: 'one move', status: 'COMPLETED' })).toEqual([]);
    expect((await names({ sort: 'created_at:asc' })).at(-1)).toBe('One Move');
  });

  it('refuse an order that the server would answer with a 500', async () => {
    await expect(rows(coriolis, 'transfer.getAll', { sort: 'name:up' })).rejects.toMatchObject({
      field: 'sort',
    });
  });

  it('take on new settings when their update has completed, and keep the rest', async () => {
    const id = await synced('app-01', { notes: 'before' });
    const update = await one<Named>(coriolis, 'transfer.update', {
      transferId: id,
      notes: 'after',
      cloneDisks: false,
    });
    expect(update).toMatchObject({ type: 'transfer_update' });
    await finish(id, update.id);
    expect(await one(coriolis, 'transfer.get', { transferId: id })).toMatchObject({
      notes: 'after',
      clone_disks: false,
      network_map: { 'VM Network': 'private' },
      destination_environment: { migr_network: 'private' },
      executions: [{ type: 'transfer_update' }, { type: 'transfer_execution' }],
    });
  });

  it('refuse an update that changes nothing', async () => {
    const { id } = await create('test-vm-01');
    await expect(one(coriolis, 'transfer.update', { transferId: id })).rejects.toThrow('Nothing to update');
  });

  it('lose their disks first and then themselves', async () => {
    const id = await synced('app-02');
    const removal = await one<Named>(coriolis, 'transfer.deleteDisks', { transferId: id });
    expect(await finish(id, removal.id)).toMatchObject({ outcome: 'completed' });
    expect(await one(coriolis, 'transfer.delete', { transferId: id })).toEqual({ id, deleted: true });
    await expect(one(coriolis, 'transfer.get', { transferId: id })).rejects.toMatchObject({
      kind: 'not_found',
    });
    const deleted = await rows<Named>(coriolis, 'transfer.getAll', {
      includeDeleted: true,
      search: 'app-02',
    });
    expect(deleted.map(({ row }) => row.id)).toContain(id);
  });
});

describe('deployments', () => {
  it('inherit what the transfer keeps when nothing is given', async () => {
    const id = await synced('test-vm-01', { skipOsMorphing: true, cloneDisks: true });
    const { id: deploymentId } = await one<Named>(coriolis, 'deployment.create', { transferId: id });
    expect(await one(coriolis, 'deployment.get', { deploymentId }, 'full')).toMatchObject({
      skip_os_morphing: true,
      clone_disks: true,
    });
    await one(coriolis, 'deployment.wait', { deploymentId, timeoutSeconds: 60 });
    await one(coriolis, 'deployment.delete', { deploymentId });
  });

  it('before the first sync are a conflict in the words of the server', async () => {
    const { id } = await create('test-vm-01');
    await expect(one(coriolis, 'deployment.create', { transferId: id })).rejects.toMatchObject({
      kind: 'conflict',
    });
  });

  it('that fail are diagnosed', async () => {
    const id = await synced('fail-os-morphing-vm');
    const { id: deploymentId } = await one<Named>(coriolis, 'deployment.create', { transferId: id });
    await one(coriolis, 'deployment.wait', { deploymentId, timeoutSeconds: 60 });
    expect(await one(coriolis, 'deployment.diagnose', { deploymentId })).toMatchObject({
      outcome: 'failed',
      cause: { task_type: 'OS_MORPHING' },
    });
  });

  it('whose execution failed say so, although they have no tasks', async () => {
    const { id } = await create('fail-replication-vm');
    const execution = await execute(id, { autoDeploy: true });
    await finish(id, execution.id);
    const [pending] = await rows<Named>(coriolis, 'deployment.getAll', { transferId: id });
    const deploymentId = pending?.row.id;
    await one(coriolis, 'deployment.wait', { deploymentId, timeoutSeconds: 60 });
    expect(await one(coriolis, 'deployment.diagnose', { deploymentId })).toMatchObject({
      cause: { task_type: 'REPLICATE_DISKS' },
    });
  });
});

describe('a wait', () => {
  it('that runs out of time is no error and stops nothing', async () => {
    const { id } = await create('slow-vm', { notes: 'slow' });
    const execution = await execute(id);
    const result = await one(coriolis, 'execution.wait', {
      transferId: id,
      executionId: execution.id,
      timeoutSeconds: 1,
    });
    expect(result).toMatchObject({ outcome: 'timed_out', status: 'RUNNING' });
    expect(await one(coriolis, 'execution.get', { transferId: id, executionId: execution.id })).toMatchObject(
      {
        status: 'RUNNING',
      },
    );
    await one(coriolis, 'execution.cancel', { transferId: id, executionId: execution.id, force: true });
  });
});

describe('a cancel', () => {
  it('whose answer was lost is found to have happened, not sent again', async () => {
    const { id } = await create('slow-vm', { notes: 'old server' });
    const execution = await execute(id);
    sandbox.faults.add({ method: 'POST', path: /\/actions$/u, fault: { kind: 'lost-answer' } });
    const canceled = await one(coriolis, 'execution.cancel', { transferId: id, executionId: execution.id });
    expect(canceled).toMatchObject({ cancel_requested: true });
    expect(await finish(id, execution.id)).toMatchObject({ outcome: 'canceled' });
  });
});

describe('one question', () => {
  it('is enough to learn why the latest failure of a machine happened', async () => {
    const diagnosis = await one(coriolis, 'execution.diagnose', { transferId: 'db-01' });
    expect(diagnosis).toMatchObject({ outcome: 'failed', cause: { instance: 'db-01' } });
  });

  it('about a transfer that was never executed says so', async () => {
    await create('test-vm-01', { notes: 'never executed' });
    await expect(one(coriolis, 'execution.get', { transferId: 'never executed' })).rejects.toMatchObject({
      kind: 'not_found',
      message: expect.stringContaining('no executions yet') as string,
    });
  });
});
