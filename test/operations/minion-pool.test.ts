import { startSandbox, type Sandbox } from '../../sandbox/sandbox';
import type { Generation } from '../../sandbox/world/releases';
import { ManualClock } from '../../sandbox/world/clock';
import type { Coriolis } from '../../src/api/operation-context';
import { connect, one, operationOf, rows, sleepingOn } from '../support/coriolis';

describe.each(['current', 'legacy'] satisfies Generation[])('a minion pool of a %s server', (generation) => {
  const clock = new ManualClock();
  let sandbox: Sandbox;
  let coriolis: Coriolis;
  let minionPoolId: string;

  beforeAll(async () => {
    sandbox = await startSandbox({ clock, generation });
    coriolis = connect(sandbox, sandbox.connection, sleepingOn(clock));
    const endpoints = await rows<{ id: string; type: string }>(coriolis, 'endpoint.getAll');
    const pool = await one<{ id: string }>(coriolis, 'minionPool.create', {
      name: 'helpers',
      endpointId: endpoints.find(({ row }) => row.type === 'openstack')?.row.id,
      platform: 'destination',
      environmentOptions: { migr_network: 'private' },
    });
    minionPoolId = pool.id;
  });
  afterAll(() => sandbox.stop());

  it('is followed by the wait for what was begun', () => {
    const nextOf = (name: string, status: string) => {
      const operation = operationOf(`minionPool.${name}`);
      return operation.kind === 'single'
        ? operation.result?.next?.({ id: 'p', status } as never, {})
        : undefined;
    };
    const waitFor = (goal: string) => [{ operation: 'minionPool.wait', input: { minionPoolId: 'p', goal } }];

    expect(nextOf('create', 'VALIDATING_INPUTS')).toEqual(waitFor('allocated'));
    expect(nextOf('create', 'DEALLOCATED')).toEqual([]);
    expect(nextOf('allocate', 'IN_MAINTENANCE')).toEqual(waitFor('allocated'));
    expect(nextOf('refresh', 'ALLOCATED')).toEqual(waitFor('allocated'));
    expect(nextOf('deallocate', 'IN_MAINTENANCE')).toEqual(waitFor('deallocated'));
  });

  it('is waited for right after its creation, after a refresh, and until it is gone', async () => {
    const created = await one(coriolis, 'minionPool.wait', { minionPoolId: 'helpers' });
    await one(coriolis, 'minionPool.refresh', { minionPoolId });
    const refreshed = await one(coriolis, 'minionPool.wait', { minionPoolId });
    await one(coriolis, 'minionPool.deallocate', { minionPoolId });
    const gone = await one(coriolis, 'minionPool.wait', { minionPoolId, goal: 'deallocated' });

    expect(created).toMatchObject({
      kind: 'minion_pool',
      id: minionPoolId,
      status: 'ALLOCATED',
      outcome: 'completed',
    });
    expect(refreshed).toMatchObject({ status: 'ALLOCATED', outcome: 'completed' });
    expect(gone).toMatchObject({ status: 'DEALLOCATED', outcome: 'completed', next: null });
  });

  it('is waited for although it reads DEALLOCATED right after its creation', async () => {
    sandbox.faults.plan('late-pools');
    const endpoints = await rows<{ id: string; type: string }>(coriolis, 'endpoint.getAll');

    const created = await one<{ id: string; status: string }>(coriolis, 'minionPool.create', {
      name: 'late helpers',
      endpointId: endpoints.find(({ row }) => row.type === 'openstack')?.row.id,
      platform: 'destination',
      environmentOptions: { migr_network: 'private' },
    });
    const waited = await one(coriolis, 'minionPool.wait', { minionPoolId: created.id });

    expect(created.status).toBe('DEALLOCATED');
    expect(waited).toMatchObject({ status: 'ALLOCATED', outcome: 'completed' });
  });
});
