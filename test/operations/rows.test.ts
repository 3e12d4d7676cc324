import type { JsonObject } from '../../src/model/json';
import { useClockedSandbox } from '../support/clocked-sandbox';
import { one, previewOf, rows } from '../support/coriolis';
import { createTransfer, moveOf } from '../support/transfers';

/** Small faults that a real Coriolis showed: what is told before and after a call. */

const lab = useClockedSandbox();
afterEach(() => lab.sandbox.faults.clear());

const preview = (id: string, input: JsonObject) => previewOf(lab.coriolis, id, input);

const move = moveOf(['web-01', 'app-01'], { networkMap: { 'VM Network': 'private', Backend: 'private' } });

const transferOf = (more: JsonObject = {}) =>
  createTransfer(lab.coriolis, ['web-01', 'app-01'], { ...move, notes: 'Two machines', ...more });

const ended = { timeoutSeconds: 80_000 };

describe('the preview of a migration that shuts its machines down', () => {
  const given = {
    ...move,
    shutdownInstances: true,
    replicationCount: 3,
    defaultStorage: 'ceph-hdd',
    diskMappings: { 'disk-7': 'ceph-ssd' },
  };

  it('names machines, endpoints, passes, networks and storage', async () => {
    const { subject, consequences, refusal } = await preview('migration.create', given);
    const told = consequences.join('\n');

    expect(subject).toMatchObject({ name: 'web-01, app-01', status: 'new migration' });
    for (const words of [
      'web-01, app-01',
      'from "vcenter" (vmware_vsphere) to "openstack" (openstack)',
      '3 syncs before the deployment',
      'VM Network → private',
      'disk-7 → ceph-ssd',
      'others to ceph-hdd',
    ]) {
      expect(told).toContain(words);
    }
    expect(refusal).toBeUndefined();
  });

  it.each<[string, JsonObject, RegExp]>([
    [
      'a required option',
      { destinationEnvironment: { set_dhcp: true } },
      /destination environment lacks "migr_network"/u,
    ],
    ['a network that exists', { networkMap: { 'VM Network': 'nowhere' } }, /no network nowhere/u],
    ['a storage that exists', { defaultStorage: 'nowhere' }, /no storage nowhere/u],
    ['a machine that exists', { instances: ['no-such-vm'] }, /Not found on the source: no-such-vm/u],
    ['two endpoints', { destinationEndpointId: 'vcenter' }, /same endpoint/u],
    [
      'a pool that exists',
      { originMinionPoolId: '00000000-0000-4000-8000-000000000001' },
      /Pool .* does not exist/u,
    ],
  ])('refuses what lacks %s', async (_what, change, words) => {
    lab.sandbox.requests.clear();
    expect((await preview('migration.create', { ...given, ...change })).refusal).toMatch(words);
    expect(lab.sandbox.requests.count('POST', /(transfers|executions|deployments)$/u)).toBe(0);
  });

  it('refuses two endpoints with equal connection details', async () => {
    const { endpoints } = await lab.coriolis.client.get<{ endpoints: JsonObject[] }>('/endpoints');
    const { type, connection_info } = endpoints.find(({ name }) => name === 'vcenter') ?? {};
    const copy = { name: 'vcenter again', type, description: '', connection_info, mapped_regions: [] };
    await lab.coriolis.client.post('/endpoints', { endpoint: copy });
    const change = { destinationEndpointId: 'vcenter again' };
    expect((await preview('migration.create', { ...given, ...change })).refusal).toMatch(/equal connection/u);
  });
});

describe('the preview of a cutover', () => {
  it('is refused for what the execution would be refused for', async () => {
    const transferId = await transferOf();
    expect(
      (await preview('execution.start', { transferId, shutdownInstances: true })).refusal,
    ).toBeUndefined();
    for (const { row } of await rows(lab.coriolis, 'service.getAll'))
      await one(lab.coriolis, 'service.update', { serviceId: row['id'], enabled: false });
    const { refusal } = await preview('execution.start', { transferId, shutdownInstances: true });
    for (const { row } of await rows(lab.coriolis, 'service.getAll'))
      await one(lab.coriolis, 'service.update', { serviceId: row['id'], enabled: true });

    expect(refusal).toContain('No enabled worker');
  });
});

describe('the preview of a forced cancel', () => {
  it('names the transfer and its machines, and the last change', async () => {
    const transferId = await transferOf({ instances: ['slow-vm'] });
    await one(lab.coriolis, 'execution.start', { transferId });
    lab.clock.advance(300);
    const { subject, consequences } = await preview('execution.cancel', { transferId, force: true });
    const running = await one(lab.coriolis, 'execution.get', { transferId });
    await one(lab.coriolis, 'execution.cancel', { transferId, force: true });
    lab.clock.advance(300);

    expect(subject.name).toBe('execution #1 of Two machines');
    expect(consequences[0]).toBe('It moves 1 machine: slow-vm.');
    expect(subject.changed).toBe(running['last_progress_at']);
  });
});

describe('the preview of a deletion', () => {
  it('names endpoints and schedules', async () => {
    const transferId = await transferOf();
    await one(lab.coriolis, 'schedule.create', { transferId, hour: 3, minute: 0 });
    const told = (await preview('transfer.delete', { transferId })).consequences.join('\n');

    expect(told).toContain('from "vcenter" to "openstack"');
    expect(told).toContain('Its schedules: at 03:00 UTC.');
  });

  it('tells of a canceled deployment what is there', async () => {
    const transferId = await transferOf();
    await one(lab.coriolis, 'execution.start', { transferId });
    await one(lab.coriolis, 'execution.wait', { transferId, ...ended });
    const { id: deploymentId } = await one<{ id: string }>(lab.coriolis, 'deployment.create', { transferId });
    lab.clock.advance(2);
    await one(lab.coriolis, 'deployment.cancel', { deploymentId });
    await one(lab.coriolis, 'deployment.wait', { deploymentId, ...ended });
    const told = (await preview('deployment.delete', { deploymentId })).consequences.join('\n');

    expect(told).not.toContain('Deployed machines stay');
    expect(told).toContain('deployed no machine');
  });

  it('tells of a canceled migration whether it has disks', async () => {
    const { id: migrationId } = await one<{ id: string }>(lab.coriolis, 'migration.create', move);
    await one(lab.coriolis, 'migration.cancel', { migrationId });
    lab.clock.advance(600);
    const told = async () => (await preview('migration.delete', { migrationId })).consequences.join('\n');

    expect(await told()).toMatch(/It has no copied disks|copied disks/u);
    expect(await told()).not.toContain('Its copied disks stay');
  });

  it('of an endpoint names its transfers, and how many more', async () => {
    for (let count = 0; count < 6; count += 1) await transferOf({ notes: `Move ${count}` });
    const { refusal } = await preview('endpoint.delete', { endpointId: 'vcenter' });

    expect(refusal).toMatch(/^\d+ transfers use it: \S+.* \([0-9a-f-]{36}\).* and \d+ more$/u);
  });
});

describe('an endpoint whose secret goes with it', () => {
  const secretive = async (name: string) => {
    const connection = { host: name, username: 'u', password: 'p', port: 443 };
    return String(
      (
        await one(lab.coriolis, 'endpoint.create', {
          name,
          type: 'vmware_vsphere',
          connection,
          storeInBarbican: true,
          skipValidation: true,
        })
      )['id'],
    );
  };

  it('stays when Barbican does not answer', async () => {
    const endpointId = await secretive('kept');
    lab.sandbox.faults.plan('* /v1/secrets/* status=500 times=always');
    await expect(one(lab.coriolis, 'endpoint.delete', { endpointId, deleteSecret: true })).rejects.toThrow();
    lab.sandbox.faults.clear();

    expect((await one(lab.coriolis, 'endpoint.get', { endpointId }))['name']).toBe('kept');
  });

  it('is reported as deleted when only the secret could not be', async () => {
    const endpointId = await secretive('gone');
    lab.sandbox.faults.plan('DELETE /v1/secrets/* status=500 times=always');

    expect(await one(lab.coriolis, 'endpoint.delete', { endpointId, deleteSecret: true })).toMatchObject({
      deleted: true,
      secret_deleted: false,
    });
  });
});

describe('texts that the server cannot store', () => {
  it.each<[string, JsonObject]>([
    ['transfer.update', { transferId: 'x', notes: 'note 🚀' }],
    ['transfer.create', { ...move, notes: 'note 🚀' }],
    ['migration.create', { ...move, notes: 'note 🚀' }],
    ['endpoint.update', { endpointId: 'vcenter', name: '🚀' }],
    ['region.create', { name: '🚀' }],
    ['minionPool.update', { minionPoolId: 'x', notes: '🚀' }],
    ['endpoint.update', { endpointId: 'vcenter', name: 'x'.repeat(256) }],
  ])('are refused by %s before anything is sent', async (id, given) => {
    lab.sandbox.requests.clear();
    await expect(one(lab.coriolis, id, given)).rejects.toMatchObject({
      kind: 'invalid_input',
      message: expect.stringMatching(/cannot store|stores 255 at most/u),
    });
    expect(lab.sandbox.requests.total).toBe(0);
  });
});

describe('minion pools', () => {
  const poolOf = async (more: JsonObject = {}): Promise<string> =>
    (
      await one<{ id: string }>(lab.coriolis, 'minionPool.create', {
        name: 'helpers',
        endpointId: 'openstack',
        platform: 'destination',
        environmentOptions: { migr_network: 'private' },
        ...more,
      })
    ).id;

  it('of which none was started are told so at once', async () => {
    const minionPoolId = await poolOf({ skipAllocation: true });
    lab.clock.advance(20);
    const before = lab.clock.now();
    const result = await one(lab.coriolis, 'minionPool.wait', { minionPoolId, ...ended });

    expect(result).toMatchObject({ outcome: 'canceled' });
    expect(lab.clock.now() - before).toBeLessThan(5000);
  });

  it('that are not allocated are to be allocated, in the error of an execution', async () => {
    const minionPoolId = await poolOf();
    await one(lab.coriolis, 'minionPool.wait', { minionPoolId, ...ended });
    const transferId = await transferOf({
      destinationMinionPoolId: minionPoolId,
      instances: ['web-01'],
      notes: 'pooled',
    });
    await one(lab.coriolis, 'minionPool.deallocate', { minionPoolId });
    lab.clock.advance(3000);

    await expect(one(lab.coriolis, 'execution.start', { transferId })).rejects.toMatchObject({
      kind: 'conflict',
      advice: expect.stringContaining('allocate it'),
    });
  });

  it('without a free machine are named by the diagnosis, with what to do', async () => {
    const minionPoolId = await poolOf();
    await one(lab.coriolis, 'minionPool.wait', { minionPoolId, ...ended });
    const transferId = await transferOf({
      destinationMinionPoolId: minionPoolId,
      instances: ['web-01'],
      notes: 'busy',
    });
    lab.sandbox.faults.plan(`busy-pools id=${minionPoolId}`);
    await one(lab.coriolis, 'execution.start', { transferId });
    await one(lab.coriolis, 'execution.wait', { transferId, ...ended }).catch(() => undefined);

    const diagnosis = await one<{ summary: string; next_steps: readonly string[] }>(
      lab.coriolis,
      'execution.diagnose',
      { transferId },
    );
    expect(diagnosis.summary).toMatch(/no free machine/u);
    expect(diagnosis.next_steps.join(' ')).toMatch(/[Ww]ait until .*free|enlarge|maximum/u);
    expect(diagnosis.next_steps.join(' ')).not.toContain('log of the worker');
  });
});
