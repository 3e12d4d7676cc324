import { startSandbox, type Sandbox } from '../../sandbox/sandbox';
import { ManualClock } from '../../sandbox/world/clock';
import { connect, one, rows, sleepingOn } from '../support/coriolis';

/** Updates and actions that were made although their answers never came: what the server shows then tells that they were. */

let sandbox: Sandbox;
let coriolis: ReturnType<typeof connect>;
beforeEach(async () => {
  const clock = new ManualClock();
  sandbox = await startSandbox({ clock });
  coriolis = connect(sandbox, undefined, sleepingOn(clock));
});
afterEach(() => sandbox.stop());

const lose = (path: RegExp) =>
  sandbox.faults.add({ method: 'PUT', path, times: 1, fault: { kind: 'lost-answer' } });

it('a schedule is recognized by what was changed, its expiration included', async () => {
  const [transfer] = await rows(coriolis, 'transfer.getAll', {}, { limit: 1 });
  const transferId = transfer?.row['id'];
  const { id: scheduleId } = await one(coriolis, 'schedule.create', { transferId, hour: 1, minute: 5 });

  for (const [change, shown] of [
    [{ enabled: false }, { enabled: false }],
    [
      { hour: 2, minute: 30, enabled: true },
      { when: 'at 02:30 UTC', enabled: true },
    ],
    [{ expiresAt: '2040-01-01T02:00:00+02:00' }, { expires_at: '2040-01-01T00:00:00Z' }],
    [{ noExpiration: true }, { expires_at: null }],
  ] as const) {
    lose(/\/schedules\//u);
    await expect(
      one(coriolis, 'schedule.update', { transferId, scheduleId, ...change }),
    ).resolves.toMatchObject(shown);
  }
  expect(sandbox.requests.count('PUT', /\/schedules\//u)).toBe(4);
});

/** Creates a pool without machines. */
async function emptyPool(name: string) {
  const { id } = await one(coriolis, 'minionPool.create', {
    name,
    endpointId: 'openstack',
    platform: 'destination',
    environmentOptions: { migr_network: 'private' },
    skipAllocation: true,
  });
  return id;
}

it('a minion pool is recognized by what was changed', async () => {
  const minionPoolId = await emptyPool('spare');
  lose(/\/minion_pools\//u);
  const change = { notes: 'for the weekend', minimumMinions: 2, maximumMinions: 3 };

  await expect(one(coriolis, 'minionPool.update', { minionPoolId, ...change })).resolves.toMatchObject({
    notes: 'for the weekend',
    maximum_minions: 3,
  });
  expect(sandbox.requests.count('PUT', /\/minion_pools\//u)).toBe(1);
});

it('an action on a minion pool is recognized by the event that it leaves, and is not repeated', async () => {
  const minionPoolId = await emptyPool('helpers');
  const path = /\/minion_pools\/.+\/actions$/u;
  const act = async (action: string, goal: string) => {
    sandbox.faults.add({ method: 'POST', path, times: 1, fault: { kind: 'lost-answer' } });
    await expect(one(coriolis, `minionPool.${action}`, { minionPoolId })).resolves.toMatchObject({
      id: minionPoolId,
    });
    await expect(one(coriolis, 'minionPool.wait', { minionPoolId, goal })).resolves.toMatchObject({
      outcome: 'completed',
    });
  };

  await act('allocate', 'allocated');
  await act('refresh', 'allocated');
  await act('deallocate', 'deallocated');
  expect(sandbox.requests.count('POST', path)).toBe(3);
});

it('an action that never reached the server stays uncertain', async () => {
  const minionPoolId = await emptyPool('spare');
  sandbox.faults.add({ method: 'POST', path: /\/actions$/u, times: 1, fault: { kind: 'reset' } });

  await expect(one(coriolis, 'minionPool.allocate', { minionPoolId })).rejects.toThrow(
    /nothing shows that it happened/u,
  );
});
