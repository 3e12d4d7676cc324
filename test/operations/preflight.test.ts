import { startSandbox } from '../../sandbox/sandbox';
import { ManualClock } from '../../sandbox/world/clock';
import type { JsonObject } from '../../src/model/json';
import type { PreflightResult } from '../../src/playbooks/preflight/preflight';
import { useClockedSandbox } from '../support/clocked-sandbox';
import { connect, one, rows, sleepingOn } from '../support/coriolis';
import { createTransfer } from '../support/transfers';

const lab = useClockedSandbox();

const transferOf = (instance: string, more: JsonObject = {}) =>
  createTransfer(lab.coriolis, instance, {
    networkMap: { 'VM Network': 'private', Backend: 'private' },
    checkInstances: false,
    ...more,
  });

async function sync(transferId: string): Promise<void> {
  await one(lab.coriolis, 'execution.start', { transferId });
  await one(lab.coriolis, 'execution.wait', { transferId, timeoutSeconds: 80_000 });
}

const preflight = (transferId: string, more: JsonObject = {}) =>
  one<PreflightResult>(lab.coriolis, 'transfer.preflight', { transferId, ...more });

const messageOf = ({ checks }: PreflightResult, subject: string, status: string): string | undefined =>
  checks.find((check) => check.check === subject && check.status === status)?.message;

describe('a preflight', () => {
  it('finds a synced transfer ready to deploy, and starts nothing', async () => {
    const id = await transferOf('web-01');
    await sync(id);
    lab.sandbox.requests.clear();

    const result = await preflight(id);

    expect(result).toMatchObject({ id, purpose: 'deployment', blocking: 0 });
    expect(result.verdict).not.toBe('blocked');
    expect(result.checks.map(({ check }) => check)).toEqual(
      expect.arrayContaining([
        'running work',
        'copied disks',
        'origin connection',
        'destination connection',
        'machines',
        'networks',
        'storage',
        'workers',
      ]),
    );
    // Validating a connection is a question to the platform.
    expect(lab.sandbox.requests.count('POST', /(transfers|deployments|executions)(\/|$)/u)).toBe(0);
    expect(lab.sandbox.requests.count('PUT', /./u) + lab.sandbox.requests.count('DELETE', /./u)).toBe(0);
  });

  it('refuses a deployment before a sync has completed, but not an execution', async () => {
    const id = await transferOf('web-02');

    const deployment = await preflight(id);

    expect(deployment.verdict).toBe('blocked');
    expect(messageOf(deployment, 'copied disks', 'blocking')).toContain('No sync has completed yet');
    expect((await preflight(id, { purpose: 'execution' })).verdict).not.toBe('blocked');
  });

  it('puts what blocks first, such as an execution that runs', async () => {
    const id = await transferOf('slow-vm');
    const { id: execution } = await one<{ id: string }>(lab.coriolis, 'execution.start', { transferId: id });

    const { checks } = await preflight(id, { purpose: 'execution' });

    expect(checks[0]).toMatchObject({ check: 'running work', status: 'blocking' });
    expect(checks[0]?.message).toContain(execution);
  });

  it('says of an execution that stands still to diagnose it rather than to wait', async () => {
    const id = await transferOf('stuck-vm');
    await one(lab.coriolis, 'execution.start', { transferId: id });
    for (let hour = 0; hour < 4; hour += 1) {
      lab.clock.advance(3600);
      await lab.coriolis.client.get('/transfers', { query: { limit: 1 } });
    }

    const words = messageOf(await preflight(id, { purpose: 'execution' }), 'running work', 'blocking');

    expect(words).toMatch(/stands still\. Nothing has changed for \d+ h.* Diagnose it\.$/u);
    expect(words).not.toContain('wait for it');
  });

  it('warns of an old sync', async () => {
    const id = await transferOf('web-03');
    await sync(id);
    lab.clock.advance(30 * 3600);

    expect(messageOf(await preflight(id), 'copied disks', 'warning')).toContain('30 h');
  });

  it('expects as long as earlier syncs took that copied as much', async () => {
    const id = await transferOf('web-03');
    const expected = async () => (await preflight(id, { purpose: 'execution' })).expected_seconds;
    expect(await expected()).toBeNull();
    await sync(id);
    // The next one copies changes only, which none has done yet.
    expect(await expected()).toBeNull();
    await sync(id);
    const durations = await rows<{ duration_seconds: number }>(lab.coriolis, 'execution.getAll', {
      transferId: id,
    });
    const [changes, all] = durations.map(({ row }) => row.duration_seconds);
    expect(all).toBeGreaterThan(changes ?? Infinity);
    expect(await expected()).toBe(changes);

    await one(lab.coriolis, 'transfer.deleteDisks', { transferId: id });
    await one(lab.coriolis, 'execution.wait', { transferId: id, timeoutSeconds: 80_000 });
    expect(await expected()).toBe(all);
  });

  it('warns of a deployment that failed after the last sync, until another sync', async () => {
    const id = await transferOf('fail-os-morphing-vm');
    await sync(id);
    const deployment = await one(lab.coriolis, 'deployment.create', { transferId: id });
    await one(lab.coriolis, 'deployment.wait', { deploymentId: deployment['id'], timeoutSeconds: 80_000 });

    const failed = await preflight(id);
    await sync(id);

    expect(messageOf(failed, 'latest deployment', 'warning')).toBe(
      `Deployment ${String(deployment['id'])} failed after the last sync: diagnose it first.`,
    );
    expect(messageOf(await preflight(id), 'latest deployment', 'warning')).toBeUndefined();
  });

  it('sees that the disks were deleted since', async () => {
    const id = await transferOf('app-01');
    await sync(id);
    await one(lab.coriolis, 'transfer.deleteDisks', { transferId: id });
    await one(lab.coriolis, 'execution.wait', { transferId: id, timeoutSeconds: 80_000 });

    expect(messageOf(await preflight(id), 'copied disks', 'blocking')).toContain('deleted after');
  });

  it('names machines, networks and storage that do not exist', async () => {
    const id = await transferOf('no-such-vm', {
      networkMap: { 'VM Network': 'no-such-network' },
      defaultStorage: 'no-such-storage',
    });

    const result = await preflight(id);

    expect(messageOf(result, 'machines', 'warning')).toContain('no-such-vm');
    expect(messageOf(await preflight(id, { purpose: 'execution' }), 'machines', 'blocking')).toContain(
      'no-such-vm',
    );
    expect(messageOf(result, 'networks', 'blocking')).toContain('no-such-network');
    expect(messageOf(result, 'storage', 'blocking')).toContain('no-such-storage');
  });

  it('warns of networks without a destination', async () => {
    const id = await transferOf('web-01', { networkMap: {} });

    expect(messageOf(await preflight(id), 'networks', 'warning')).toContain('VM Network');
  });

  it('takes nothing for missing, and nothing for right, that nobody could ask about', async () => {
    const id = await transferOf('web-01', { defaultStorage: 'ceph-ssd' });
    const workers = (await rows(lab.coriolis, 'service.getAll')).map(({ row }) => row['id']);
    for (const serviceId of workers) await one(lab.coriolis, 'service.update', { serviceId, enabled: false });

    const result = await preflight(id);
    for (const serviceId of workers) await one(lab.coriolis, 'service.update', { serviceId, enabled: true });

    expect(messageOf(result, 'workers', 'blocking')).toContain('No enabled worker');
    expect(messageOf(result, 'machines', 'warning')).toContain('could not say whether these exist: web-01');
    expect(messageOf(result, 'networks', 'warning')).toContain(
      'networks of the destination could not be read',
    );
    expect(messageOf(result, 'storage', 'warning')).toContain('storage of the destination could not be read');
  });

  it('tells what the licences leave', async () => {
    const id = await transferOf('web-01');

    expect(messageOf(await preflight(id), 'licence', 'ok')).toMatch(/allow \d+ more replicas/u);
  });

  it('tells of licences that end soon, not of those that ended long ago only', async () => {
    const id = await transferOf('web-01');
    const [appliance] = [...lab.sandbox.licensing.appliances.values()];
    if (appliance === undefined) throw new Error('the sandbox begins with an appliance');
    const expired = lab.sandbox.licensing.addLicence(appliance, { days: -3 });
    expect(messageOf(await preflight(id), 'licence', 'ok')).toMatch(
      /^The licences allow \d+ more replicas\.$/u,
    );

    const ending = lab.sandbox.licensing.addLicence(appliance, { days: 12 });
    const { checks } = await preflight(id);
    // The transfer itself goes on: it is no warning, and said once.
    expect(checks.filter(({ check }) => check === 'licence')).toEqual([
      {
        check: 'licence',
        status: 'ok',
        message: expect.stringMatching(
          /replicas\. Within 30 days 1 licence ends, on 20[-\d]{8}, and 1 ended before/u,
        ) as string,
      },
    ]);
    for (const { id: licence } of [expired, ending]) appliance.licences.delete(licence);
  });
});

describe('a preflight of what the server would refuse', () => {
  it('knows that an auto-deployment without clones has used the disks up, although it was created before', async () => {
    const id = await transferOf('web-01', { cloneDisks: false });
    await one(lab.coriolis, 'execution.start', { transferId: id, autoDeploy: true });
    await one(lab.coriolis, 'execution.wait', { transferId: id, timeoutSeconds: 80_000 });
    lab.clock.advance(9000);
    await expect(one(lab.coriolis, 'deployment.create', { transferId: id })).rejects.toThrow(
      /volumes information/u,
    );

    expect(messageOf(await preflight(id), 'copied disks', 'blocking')).toBe(
      'A deployment without clones has used the copied disks up: execute the transfer first.',
    );
  });

  it('names what a server of the legacy generation knows of copied disks', async () => {
    const time = new ManualClock();
    const old = await startSandbox({ clock: time, generation: 'legacy' });
    try {
      const there = connect(old, old.connection.admin, sleepingOn(time));
      const [done] = await rows(there, 'transfer.getAll', { status: 'COMPLETED' }, { limit: 1 });
      const transferId = done?.row['id'];
      const { id } = await one<{ id: string }>(there, 'deployment.create', { transferId, cloneDisks: false });
      await one(there, 'deployment.wait', { deploymentId: id, timeoutSeconds: 80_000 });

      const result = await one<PreflightResult>(there, 'transfer.preflight', { transferId });

      expect(messageOf(result, 'copied disks', 'blocking')).toContain('without clones');
    } finally {
      await old.stop();
    }
  });

  async function poolOf(more: JsonObject = {}): Promise<string> {
    const { id } = await one<{ id: string }>(lab.coriolis, 'minionPool.create', {
      name: `pool of ${Object.keys(more).join(' ')}`,
      endpointId: 'openstack',
      platform: 'destination',
      environmentOptions: { migr_network: 'private' },
      ...more,
    });
    await one(lab.coriolis, 'minionPool.wait', { minionPoolId: id, timeoutSeconds: 80_000 });
    return id;
  }

  it.each([
    [
      'all machines are in use',
      'busy',
      /has no free machine: wait until others have ended, or raise its maximum/u,
    ],
    ['it is not allocated', 'deallocated', /is DEALLOCATED: allocate it first/u],
  ])('says what to do about a pool: %s', async (_case, state, words) => {
    const pool = await poolOf({ notes: state });
    const id = await transferOf('web-02', { destinationMinionPoolId: pool });
    if (state === 'busy') lab.sandbox.faults.plan(`busy-pools id=${pool}`);
    else {
      await one(lab.coriolis, 'minionPool.deallocate', { minionPoolId: pool });
      lab.clock.advance(3000);
    }
    try {
      const before = await preflight(id, { purpose: 'execution' });
      expect(messageOf(before, 'minion pool', 'blocking')).toMatch(words);
      // A deployment does not use the pools of the sync.
      expect(messageOf(await preflight(id), 'minion pool', 'blocking')).toBeUndefined();
    } finally {
      lab.sandbox.faults.clear();
    }
  });

  it("gives the server's word about a disabled region", async () => {
    const id = await transferOf('web-03');
    const region = await one(lab.coriolis, 'region.create', { name: 'north', enabled: false });
    await one(lab.coriolis, 'endpoint.update', { endpointId: 'openstack', regions: [region['id']] });

    const result = await preflight(id, { purpose: 'execution' });
    await one(lab.coriolis, 'region.update', { regionId: region['id'], enabled: true });
    const [worker] = await rows(lab.coriolis, 'service.getAll');
    await one(lab.coriolis, 'service.update', { serviceId: worker?.row['id'], regions: [region['id']] });

    expect(messageOf(result, 'destination connection', 'blocking')).toContain('None of the selected Regions');
    expect(messageOf(result, 'networks', 'warning')).toContain('None of the selected Regions');
  });

  it.each([
    [
      'a network without an id',
      { network_map: { 'VM Network': { security_groups: ['x'] } } },
      'networks',
      /names no network for VM Network/u,
    ],
    [
      'null as an id',
      { network_map: { 'VM Network': { id: null } } },
      'networks',
      /names no network for VM Network/u,
    ],
    [
      'a backend without a destination',
      { storage_mappings: { backend_mappings: [{ source: 'ds1', destination: null }] } },
      'storage',
      /name no destination for ds1/u,
    ],
    [
      'a default that is no name',
      { storage_mappings: { default: 7 } },
      'storage',
      /default .* is not the name/u,
    ],
  ])('speaks about the row of a map: %s', async (_case, stored, subject, words) => {
    const id = await transferOf('web-01');
    const asStored = {
      ...lab.coriolis,
      client: Object.create(lab.coriolis.client, {
        getWithDate: {
          value: async (path: string, ...rest: unknown[]) => {
            const answer = await (
              lab.coriolis.client.getWithDate as (
                ...all: unknown[]
              ) => Promise<{ body: JsonObject; date: number }>
            )(path, ...rest);
            const { transfer } = answer.body as { readonly transfer?: JsonObject };
            return transfer === undefined
              ? answer
              : { ...answer, body: { transfer: { ...transfer, ...stored } } };
          },
        },
      }) as typeof lab.coriolis.client,
    };
    const result = await one<PreflightResult>(asStored, 'transfer.preflight', { transferId: id });
    expect(messageOf(result, subject, 'blocking')).toMatch(words);
  });
});
