import { startSandbox, type Sandbox } from '../../sandbox/sandbox';
import type { Coriolis, ProgressNote } from '../../src/coriolis';
import type { JsonObject } from '../../src/fields';
import { connect, one, rows } from '../support/coriolis';

let sandbox: Sandbox;
let coriolis: Coriolis & { readonly notes: ProgressNote[] };

beforeAll(async () => {
  sandbox = await startSandbox({ speed: 1200 });
  coriolis = connect(sandbox);
});
afterAll(() => sandbox.stop());
afterEach(() => sandbox.faults.clear());

interface Migration extends JsonObject {
  readonly id: string;
  readonly outcome: string | null;
}

const create = (instances: string, more: JsonObject = {}) =>
  one<Migration>(coriolis, 'migration.create', {
    originEndpointId: 'vcenter',
    destinationEndpointId: 'openstack',
    instances,
    destinationEnvironment: { migr_network: 'private' },
    networkMap: { 'VM Network': 'private' },
    ...more,
  });

const wait = (migrationId: string, more: JsonObject = {}, as = coriolis) =>
  one<Migration>(as, 'migration.wait', { migrationId, timeoutSeconds: 90, ...more });

const syncsOf = async (transferId: string) =>
  (await rows(coriolis, 'execution.getAll', { transferId })).filter(
    ({ row }) => row['type'] === 'transfer_execution',
  );
const deploymentsOf = (transferId: string) => rows(coriolis, 'deployment.getAll', { transferId });

describe('a one-shot migration', () => {
  it('goes through its passes and one deployment, and says at each step where it is', async () => {
    const created = await create('web-01', { notes: 'Move web-01', runKey: 'order-1' });

    expect(created).toMatchObject({
      name: 'Move web-01',
      outcome: null,
      phase: 'pass 1 of 2',
      replication_count: 2,
      run_key: 'order-1',
    });

    const ended = await wait(created.id);

    expect(ended).toMatchObject({
      id: created.id,
      status: 'COMPLETED',
      outcome: 'completed',
      completed_passes: 2,
      deployed_instances: ['web-01'],
      next: null,
    });
    expect(await syncsOf(created.id)).toHaveLength(2);
    expect(await deploymentsOf(created.id)).toHaveLength(1);
  });

  it('shuts the machines down in the last pass only', async () => {
    const { id } = await create('web-02', { shutdownInstances: true });

    await wait(id);

    const shutDown = await Promise.all(
      (await syncsOf(id)).map(async ({ row }) => {
        const { full } = {
          full: await one(coriolis, 'execution.get', { transferId: id, executionId: row['id'] }, 'full'),
        };
        return [
          row['number'],
          (full['tasks'] as Array<{ task_type: string }>).some(
            (task) => task.task_type === 'SHUTDOWN_INSTANCE',
          ),
        ];
      }),
    );
    expect(shutDown.sort()).toEqual([
      [1, false],
      [2, true],
    ]);
  });

  it('of one pass is left to the server, which deploys by itself', async () => {
    const { id } = await create('web-03', { replicationCount: 1 });

    expect(await wait(id)).toMatchObject({ outcome: 'completed', completed_passes: 1 });

    const [deployment, ...others] = await deploymentsOf(id);
    const [sync] = await syncsOf(id);
    expect(others).toEqual([]);
    expect(deployment?.row['execution_id']).toBe(sync?.row['id']);
  });

  it('created again with the same run key is the same one, and other machines are refused', async () => {
    const first = await create('web-01', { runKey: 'twice' });
    const second = await create('web-01', { runKey: 'twice' });

    expect(second.id).toBe(first.id);
    await expect(create('web-02', { runKey: 'twice' })).rejects.toMatchObject({ kind: 'conflict' });
    await wait(first.id);
    expect(await create('web-01', { runKey: 'twice' })).toMatchObject({ id: first.id, outcome: 'completed' });
    expect(await syncsOf(first.id)).toHaveLength(2);
  });

  it('is neither synced nor deployed twice by two who wait for it', async () => {
    const { id } = await create('web-02');

    const both = await Promise.all([wait(id), wait(id, {}, connect(sandbox))]);

    expect(both.map(({ outcome }) => outcome)).toEqual(['completed', 'completed']);
    expect(await syncsOf(id)).toHaveLength(2);
    expect(await deploymentsOf(id)).toHaveLength(1);
  });

  it('goes on although answers are lost', async () => {
    sandbox.faults.add({ method: 'POST', path: /\/executions$/u, times: 2, fault: { kind: 'lost-answer' } });
    sandbox.faults.add({ method: 'POST', path: /\/deployments$/u, times: 1, fault: { kind: 'lost-answer' } });

    const { id } = await create('web-03');

    expect(await wait(id)).toMatchObject({ outcome: 'completed' });
    expect(await syncsOf(id)).toHaveLength(2);
    expect(await deploymentsOf(id)).toHaveLength(1);
  });

  it('that fails keeps what exists, says so, and is deleted with its disks', async () => {
    const { id } = await create('fail-deploy-vm', { replicationCount: 1 });

    const failed = await wait(id);

    expect(failed).toMatchObject({
      outcome: 'failed',
      status: 'ERROR',
      next: expect.stringMatching(/Diagnose deployment .*still there/u) as string,
    });
    expect(await one(coriolis, 'migration.delete', { migrationId: id, deleteDisks: true })).toEqual({
      id,
      deleted: true,
      disks: 'deleted',
    });
    await expect(one(coriolis, 'migration.get', { migrationId: id })).rejects.toMatchObject({
      kind: 'not_found',
    });
  });

  it('that is canceled is over, and waiting for it starts nothing', async () => {
    const { id } = await create('slow-vm');

    expect(await one(coriolis, 'migration.cancel', { migrationId: id })).toMatchObject({
      cancel_requested: true,
    });

    expect(await wait(id)).toMatchObject({ outcome: 'canceled', status: 'CANCELED' });
    expect(await wait(id)).toMatchObject({ outcome: 'canceled' });
    expect(await syncsOf(id)).toHaveLength(1);
    expect(await one(coriolis, 'migration.delete', { migrationId: id })).toMatchObject({ deleted: true });
  });

  it('is taken up again when its transfer is executed by hand', async () => {
    const { id } = await create('slow-vm');
    await one(coriolis, 'migration.cancel', { migrationId: id });
    await wait(id);

    await one(coriolis, 'execution.start', { transferId: id });

    expect(await one(coriolis, 'migration.get', { migrationId: id })).toMatchObject({
      outcome: null,
      phase: 'pass 1 of 2',
    });
    await one(coriolis, 'migration.cancel', { migrationId: id });
    await wait(id);
  });

  it('is found by its notes and listed with one status', async () => {
    const { id } = await create('web-01', { notes: 'Listed move' });
    await wait('Listed move');

    const [listed, ...others] = await rows(coriolis, 'migration.getAll', { search: 'listed' });

    expect(others).toEqual([]);
    expect(listed?.row).toMatchObject({ id, name: 'Listed move', status: 'COMPLETED', outcome: 'completed' });
  });

  it('is no other transfer', async () => {
    const transfer = await one<Migration>(coriolis, 'transfer.create', {
      originEndpointId: 'vcenter',
      destinationEndpointId: 'openstack',
      instances: 'web-01',
      destinationEnvironment: { migr_network: 'private' },
    });

    await expect(wait(transfer.id)).rejects.toMatchObject({ kind: 'invalid_input' });
  });

  it('with a run key that notes cannot hold is refused before anything is sent', async () => {
    await expect(create('web-01', { runKey: 'two words' })).rejects.toMatchObject({ field: 'runKey' });
  });
});
