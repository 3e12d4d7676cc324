import { startSandbox, type Sandbox } from '../../sandbox/sandbox';
import { ManualClock } from '../../sandbox/world/clock';
import type { Coriolis } from '../../src/api/operation-context';
import type { JsonObject } from '../../src/model/json';
import { connect, one, rows, sleepingOn } from '../support/coriolis';

interface Migration extends JsonObject {
  readonly id: string;
  readonly outcome: string | null;
}

const clock = new ManualClock();

describe('a migration on a legacy server', () => {
  let legacy: Sandbox;
  let old: Coriolis;
  beforeAll(async () => {
    legacy = await startSandbox({ clock, generation: 'legacy' });
    old = connect(legacy, undefined, sleepingOn(clock));
  });
  afterAll(() => legacy.stop());

  it('is one object, created, waited for, listed and deleted the same way', async () => {
    const given = {
      originEndpointId: 'vcenter',
      destinationEndpointId: 'openstack',
      instances: 'web-01',
      destinationEnvironment: { migr_network: 'private' },
      networkMap: { 'VM Network': 'private' },
      notes: 'Old move',
      runKey: 'old-1',
      shutdownInstances: true,
      replicationCount: 3,
    };
    const created = await one<Migration>(old, 'migration.create', given);
    expect(created).toMatchObject({
      name: 'Old move',
      outcome: null,
      replication_count: 3,
      run_key: 'old-1',
    });
    expect((await one<Migration>(old, 'migration.create', given)).id).toBe(created.id);

    const ended = await one(old, 'migration.wait', { migrationId: 'Old move', timeoutSeconds: 80_000 });

    expect(ended).toMatchObject({
      id: created.id,
      status: 'COMPLETED',
      outcome: 'completed',
      shutdown_instances: true,
      deployed_instances: ['web-01'],
    });
    expect((await rows(old, 'migration.getAll', { search: 'old-1' })).map(({ row }) => row['id'])).toEqual([
      created.id,
    ]);
    expect(await one(old, 'migration.delete', { migrationId: created.id })).toMatchObject({ deleted: true });
    await expect(one(old, 'migration.get', { migrationId: created.id })).rejects.toMatchObject({
      kind: 'not_found',
    });
  });

  it('is one migration when two create it with a run key at the same moment', async () => {
    const given = {
      originEndpointId: 'vcenter',
      destinationEndpointId: 'openstack',
      instances: 'slow-vm',
      destinationEnvironment: { migr_network: 'private' },
      runKey: 'old-race',
    };
    const callers = [1, 2].map(() => connect(legacy, undefined, sleepingOn(clock)));

    const created = await Promise.all(
      callers.map((caller) => one<Migration>(caller, 'migration.create', given)),
    );
    const ended = await Promise.all(
      (await rows(old, 'migration.getAll', { search: 'old-race' })).map(({ row }) =>
        one(old, 'migration.wait', { migrationId: row['id'], timeoutSeconds: 80_000 }),
      ),
    );

    expect(new Set(created.map(({ id }) => id)).size).toBe(1);
    expect(ended.filter(({ outcome }) => outcome === 'completed').map(({ id }) => id)).toEqual([
      created[0]?.id,
    ]);
    expect(ended.map(({ outcome }) => outcome).filter((outcome) => outcome !== 'completed')).toEqual(
      ended.slice(1).map(() => 'canceled'),
    );
  });

  it('is canceled there', async () => {
    const { id } = await one<Migration>(old, 'migration.create', {
      originEndpointId: 'vcenter',
      destinationEndpointId: 'openstack',
      instances: 'slow-vm',
      destinationEnvironment: { migr_network: 'private' },
    });

    await one(old, 'migration.cancel', { migrationId: id });

    expect(await one(old, 'migration.wait', { migrationId: id, timeoutSeconds: 80_000 })).toMatchObject({
      outcome: 'canceled',
    });
  });
});
