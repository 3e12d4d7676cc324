import { CanceledError } from '../../src/api/errors';
import type { Coriolis } from '../../src/api/operation-context';
import type { JsonObject } from '../../src/model/json';
import { useClockedSandbox } from '../support/clocked-sandbox';
import { connect, one, rows, sleepingOn } from '../support/coriolis';
import { MOVE } from '../support/job';

const lab = useClockedSandbox({}, 'demo');
afterEach(() => lab.sandbox.faults.clear());

interface Migration extends JsonObject {
  readonly id: string;
  readonly outcome: string | null;
}

const create = (instances: string, more: JsonObject = {}, as: Coriolis = lab.coriolis) =>
  one<Migration>(as, 'migration.create', {
    ...MOVE,
    instances,
    ...more,
  });

const wait = (migrationId: string, more: JsonObject = {}, as = lab.coriolis) =>
  one<Migration>(as, 'migration.wait', { migrationId, timeoutSeconds: 80_000, ...more });

const syncsOf = async (transferId: string) =>
  (await rows(lab.coriolis, 'execution.getAll', { transferId })).filter(
    ({ row }) => row['type'] === 'transfer_execution',
  );
const deploymentsOf = (transferId: string) => rows(lab.coriolis, 'deployment.getAll', { transferId });

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

  it('has its title as a name everywhere, and leaves that name to a replica that is called so in full', async () => {
    const { id } = await create('web-01', { notes: 'Titled move', runKey: 'order-2' });
    const named = async (transferId: string) => await one(lab.coriolis, 'transfer.get', { transferId });

    expect(await named(id)).toMatchObject({
      name: 'Titled move',
      notes: expect.stringContaining('[migration '),
    });
    expect(await named('Titled move')).toMatchObject({ id });

    const replica = await one(lab.coriolis, 'transfer.create', {
      ...MOVE,
      instances: ['web-02'],
      notes: 'Titled move',
    });

    expect(await named('Titled move')).toMatchObject({ id: replica['id'] });
    expect(await named(String((await named(id))['notes']))).toMatchObject({ id });
  });

  it('reads as over from the moment its deployment has completed, and shows no percent between two steps', async () => {
    const { id } = await create('web-01', { replicationCount: 1 });
    const look = () => one(lab.coriolis, 'migration.get', { migrationId: id });
    const seen = new Set<string>();
    let shown = await look();
    for (let looks = 0; shown['outcome'] === null && looks < 10_000; looks += 1) {
      seen.add(`${String(shown['status'])}${shown['percent'] === 100 ? ' at 100 %' : ''}`);
      lab.clock.advance(Number(shown['percent']) > 80 ? 0.5 : 10);
      shown = await look();
    }

    expect(shown).toMatchObject({
      status: 'COMPLETED',
      outcome: 'completed',
      percent: 100,
      eta_seconds: null,
    });
    expect([...seen].filter((words) => words.includes('100 %'))).toEqual([]);
  });

  it('shuts the machines down in the last pass only', async () => {
    const { id } = await create('web-02', { shutdownInstances: true });

    await wait(id);

    const shutDown: Array<readonly [unknown, boolean]> = [];
    for (const { row } of await syncsOf(id)) {
      const given = { transferId: id, executionId: row['id'] };
      const { tasks } = await one<{ tasks: ReadonlyArray<{ task_type: string }> }>(
        lab.coriolis,
        'execution.get',
        given,
        'full',
      );
      shutDown.push([row['number'], tasks.some(({ task_type: type }) => type === 'SHUTDOWN_INSTANCE')]);
    }
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

  it('is one migration when several create it with a run key at the same moment', async () => {
    const callers = [1, 2, 3, 4].map(() => connect(lab.sandbox, undefined, sleepingOn(lab.clock)));

    const created = await Promise.all(callers.map((caller) => create('web-03', { runKey: 'race' }, caller)));

    const ids = new Set(created.map(({ id }) => id));
    expect(ids.size).toBe(1);
    const [id = ''] = ids;
    expect(
      (await rows(lab.coriolis, 'migration.getAll', { search: 'race' })).map(({ row }) => row['id']),
    ).toEqual([id]);
    await wait(id);
    expect(await syncsOf(id)).toHaveLength(2);
    expect(await deploymentsOf(id)).toHaveLength(1);
  });

  it('says which one counts when the other, made at the same moment, cannot be taken back', async () => {
    const [first, second] = [1, 2].map(() => connect(lab.sandbox, undefined, sleepingOn(lab.clock)));
    lab.sandbox.faults.add({
      method: 'DELETE',
      path: /transfers/,
      times: 100,
      fault: { kind: 'status', status: 403, body: '{"error": {"code": 403, "message": "No."}}' },
    });

    const both = await Promise.allSettled([
      create('app-01', { runKey: 'stuck' }, first),
      create('app-01', { runKey: 'stuck' }, second),
    ]);

    const winner = both.find(({ status }) => status === 'fulfilled') as PromiseFulfilledResult<Migration>;
    const loser = both.find(({ status }) => status === 'rejected') as PromiseRejectedResult;
    expect(loser.reason).toMatchObject({ kind: 'conflict' });
    expect(String(loser.reason)).toContain(`${winner.value.id} is the one that counts`);
  });

  it('is neither synced nor deployed twice by two who wait for it', async () => {
    const { id } = await create('web-02');

    const both = await Promise.all([
      wait(id),
      wait(id, {}, connect(lab.sandbox, undefined, sleepingOn(lab.clock))),
    ]);

    expect(both.map(({ outcome }) => outcome)).toEqual(['completed', 'completed']);
    expect(await syncsOf(id)).toHaveLength(2);
    expect(await deploymentsOf(id)).toHaveLength(1);
  });

  it('goes on where it stands when whoever waited for it dies, at whatever moment', async () => {
    const { id } = await create('web-01', { runKey: 'crashes' });
    let crashes = 0;
    for (let alive = 1; ; alive += 1) {
      let naps = 0;
      const mortal = sleepingOn(lab.clock);
      const caller = connect(lab.sandbox, undefined, {
        ...mortal,
        sleep: async (ms) => {
          await mortal.sleep(ms);
          naps += 1;
          if (naps === alive) throw new CanceledError('died');
        },
      });
      const again = await create('web-01', { runKey: 'crashes' });
      const ended = await wait(again.id, {}, caller).catch(() => undefined);
      if (ended !== undefined) {
        expect(ended).toMatchObject({ id, outcome: 'completed', completed_passes: 2 });
        break;
      }
      crashes += 1;
    }

    expect(crashes).toBeGreaterThan(2);
    expect(await syncsOf(id)).toHaveLength(2);
    expect(await deploymentsOf(id)).toHaveLength(1);
  });

  it('goes on although answers are lost', async () => {
    lab.sandbox.faults.add({
      method: 'POST',
      path: /\/executions$/u,
      times: 2,
      fault: { kind: 'lost-answer' },
    });
    lab.sandbox.faults.add({
      method: 'POST',
      path: /\/deployments$/u,
      times: 1,
      fault: { kind: 'lost-answer' },
    });

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
    expect(await one(lab.coriolis, 'migration.delete', { migrationId: id, deleteDisks: true })).toEqual({
      id,
      deleted: true,
      disks: 'deleted',
    });
    await expect(one(lab.coriolis, 'migration.get', { migrationId: id })).rejects.toMatchObject({
      kind: 'not_found',
    });
  });

  it('that is canceled is over, and waiting for it starts nothing', async () => {
    const { id } = await create('slow-vm');

    expect(await one(lab.coriolis, 'migration.cancel', { migrationId: id })).toMatchObject({
      cancel_requested: true,
    });

    expect(await wait(id)).toMatchObject({ outcome: 'canceled', status: 'CANCELED' });
    expect(await wait(id)).toMatchObject({ outcome: 'canceled' });
    expect(await syncsOf(id)).toHaveLength(1);
    expect(await one(lab.coriolis, 'migration.delete', { migrationId: id })).toMatchObject({ deleted: true });
  });

  it('can be canceled between two passes, for everybody who would drive it on', async () => {
    const { id } = await create('web-03');
    await one(lab.coriolis, 'execution.wait', { transferId: id, timeoutSeconds: 80_000 });
    expect(await one(lab.coriolis, 'migration.get', { migrationId: id })).toMatchObject({
      phase: 'pass 2 of 2',
    });

    await one(lab.coriolis, 'migration.cancel', { migrationId: id });

    expect(await wait(id)).toMatchObject({ outcome: 'canceled', status: 'CANCELED' });
    expect(await wait(id, {}, connect(lab.sandbox, undefined, sleepingOn(lab.clock)))).toMatchObject({
      outcome: 'canceled',
    });
    expect(await syncsOf(id)).toHaveLength(1);
    expect(await deploymentsOf(id)).toHaveLength(0);
    await expect(one(lab.coriolis, 'migration.cancel', { migrationId: id })).rejects.toMatchObject({
      kind: 'conflict',
    });
  });

  it('is taken up again when its transfer is executed by hand', async () => {
    const { id } = await create('slow-vm');
    await one(lab.coriolis, 'migration.cancel', { migrationId: id });
    await wait(id);

    await one(lab.coriolis, 'execution.start', { transferId: id });

    expect(await one(lab.coriolis, 'migration.get', { migrationId: id })).toMatchObject({
      outcome: null,
      phase: 'pass 1 of 2',
    });
    await one(lab.coriolis, 'migration.cancel', { migrationId: id });
    await wait(id);
  });

  it('is found by its notes and listed with one status', async () => {
    const { id } = await create('web-01', { notes: 'Listed move' });
    await wait('Listed move');

    const [listed, ...others] = await rows(lab.coriolis, 'migration.getAll', { search: 'listed' });

    expect(others).toEqual([]);
    expect(listed?.row).toMatchObject({ id, name: 'Listed move', status: 'COMPLETED', outcome: 'completed' });
  });

  it('is no other transfer', async () => {
    const transfer = await one<Migration>(lab.coriolis, 'transfer.create', {
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
