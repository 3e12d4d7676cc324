import { withoutUndefined } from '../../src/model/json';
import { startSandbox, type Sandbox } from '../../sandbox/sandbox';
import type { Coriolis } from '../../src/api/operation-context';
import type { JsonObject } from '../../src/model/json';
import { connect, one, rows } from '../support/coriolis';

/** Servers of the current generation that lack what came later: the same work, and words for what they cannot do. */

interface Named extends JsonObject {
  readonly id: string;
}

const on = (release: string) => startSandbox({ release, speed: 1200, transfers: 120 });

const create = (coriolis: Coriolis, more: JsonObject = {}) =>
  one<Named>(coriolis, 'transfer.create', {
    originEndpointId: 'vcenter',
    destinationEndpointId: 'openstack',
    instances: 'web-01',
    destinationEnvironment: { migr_network: 'private' },
    networkMap: { 'VM Network': 'private' },
    ...more,
  });

async function sync(coriolis: Coriolis, transferId: string): Promise<void> {
  const execution = await one<Named>(coriolis, 'execution.start', { transferId });
  const wait = { transferId, executionId: execution.id, timeoutSeconds: 60 };
  expect(await one(coriolis, 'execution.wait', wait)).toMatchObject({ outcome: 'completed' });
}

const refusedAs = (message: string) => ({
  kind: 'capability',
  message: expect.stringContaining(message) as string,
  advice: expect.any(String) as string,
});

describe.each(['1.1.0', '1.2.1', '1.2.3'])('a server of release %s', (release) => {
  let sandbox: Sandbox;
  let coriolis: Coriolis;
  beforeAll(async () => {
    sandbox = await on(release);
    coriolis = connect(sandbox);
  });
  afterAll(() => sandbox.stop());

  it('moves a machine, and forgets it again', async () => {
    const { id } = await create(coriolis);
    await sync(coriolis, id);
    const deployment = await one<Named>(coriolis, 'deployment.create', { transferId: id });
    const wait = { deploymentId: deployment.id, timeoutSeconds: 60 };
    expect(await one(coriolis, 'deployment.wait', wait)).toMatchObject({ outcome: 'completed' });
    expect(await one(coriolis, 'deployment.delete', { deploymentId: deployment.id })).toMatchObject({
      deleted: true,
    });
    expect(await one(coriolis, 'transfer.delete', { transferId: id })).toEqual({ id, deleted: true });
  });

  it('lists each transfer once, newest first, whole and in windows', async () => {
    const all = await rows<Named>(coriolis, 'transfer.getAll');
    const ids = all.map(({ row }) => row.id);
    expect(ids.length).toBeGreaterThan(120);
    expect(new Set(ids).size).toBe(ids.length);
    const times = all.map(({ row }) => String(row['created_at']));
    expect(times).toEqual([...times].sort().reverse());

    const walked: string[] = [];
    for (let after: string | undefined; ;) {
      const page = await rows<Named>(
        coriolis,
        'transfer.getAll',
        {},
        { limit: 50, ...withoutUndefined({ after }) },
      );
      walked.push(...page.map(({ row }) => row.id));
      after = page.at(-1)?.position;
      if (page.length < 50) break;
    }
    expect(walked).toEqual(ids);
  });

  it('lists only those of a status, in an order of one’s own', async () => {
    const found = await rows<Named>(coriolis, 'transfer.getAll', {
      status: 'COMPLETED',
      sort: 'created_at:asc',
    });
    expect(new Set(found.map(({ row }) => row['status']))).toEqual(new Set(['COMPLETED']));
    const times = found.map(({ row }) => String(row['created_at']));
    expect(times).toEqual([...times].sort());
  });
});

describe('a server before 1.1.3', () => {
  let sandbox: Sandbox;
  beforeAll(async () => {
    sandbox = await on('1.1.2');
  });
  afterAll(() => sandbox.stop());

  const posts = () => sandbox.requests.count('POST', /\/v1\//u);
  const someTransfer = async () =>
    (await rows<Named>(connect(sandbox), 'transfer.getAll', {}, { limit: 1 }))[0]?.row.id;

  it('is asked how old it is before it could drop auto-deploy silently', async () => {
    const transferId = (await someTransfer()) ?? '';
    const before = posts();
    await expect(
      one(connect(sandbox), 'execution.start', { transferId, autoDeploy: true }),
    ).rejects.toMatchObject(refusedAs('older than 1.1.3 and has no auto-deploy'));
    await expect(
      one(connect(sandbox), 'schedule.create', { transferId, minute: 1, autoDeploy: true }),
    ).rejects.toMatchObject(refusedAs('older than 1.1.3 and has no auto-deploy'));
    expect(posts()).toBe(before);
  });

  it.each([
    ['transfer.update', { cloneDisks: false }, 'older than 1.1.3 and has no defaults for deployments'],
    ['transfer.get', { instancesData: true }, 'older than 1.1.9 and has no data of instances'],
  ])('refuses %s with %j in words', async (operation, more, words) => {
    const coriolis = connect(sandbox);
    const [first] = await rows<Named>(coriolis, 'transfer.getAll', {}, { limit: 1 });
    await expect(one(coriolis, operation, { transferId: first?.row.id, ...more })).rejects.toMatchObject(
      refusedAs(words),
    );
  });

  it('refuses to bypass a cache and to export an inventory in words', async () => {
    const coriolis = connect(sandbox);
    await rows(coriolis, 'transfer.getAll', {}, { limit: 1 });
    await expect(
      rows(coriolis, 'instance.getAll', { endpointId: 'vcenter', refresh: true }),
    ).rejects.toMatchObject(refusedAs('older than 1.2.0'));
    await expect(rows(coriolis, 'endpoint.exportInventory', { endpointId: 'vcenter' })).rejects.toMatchObject(
      refusedAs('older than 1.2.2 and has no inventories'),
    );
  });

  it('is deployed from with the disks cloned, although it would take "as the transfer says" for "no clones"', async () => {
    const coriolis = connect(sandbox);
    const { id } = await create(coriolis);
    await sync(coriolis, id);
    for (let times = 0; times < 2; times++) {
      // Consumed disks could not be deployed again.
      const deployment = await one<Named>(connect(sandbox), 'deployment.create', { transferId: id });
      const wait = { deploymentId: deployment.id, timeoutSeconds: 60 };
      expect(await one(coriolis, 'deployment.wait', wait)).toMatchObject({ outcome: 'completed' });
    }
  });
});
