import { startSandbox, type Sandbox } from '../../sandbox/sandbox';
import type { Generation } from '../../sandbox/world/generation';
import { ManualClock } from '../../sandbox/world/clock';
import type { Coriolis } from '../../src/coriolis';
import { connect, one, rows, sleepingOn } from '../support/coriolis';

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
    sandbox.troubles.add('late-pools');
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
