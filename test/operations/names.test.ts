import { startSandbox, type Sandbox } from '../../sandbox/sandbox';
import type { Coriolis } from '../../src/api/operation-context';
import { NameBatch, setResolvedNameCache, type ResolvedNameCache } from '../../src/lookup/name-directory';
import { resolveReferences } from '../../src/lookup/resolve-references';
import { deploymentIdField, endpointIdField, transferIdField } from '../../src/fields/common-fields';
import { list } from '../../src/vocabulary/field-constructors';
import { ManualClock } from '../../sandbox/world/clock';
import { connect, one, sleepingOn } from '../support/coriolis';

const several = { transferIds: list('Transfers', 'Several.', { of: { resource: 'transfer' } }) };

/** Servers that answer lists in pages by time of change, in pages of another generation, and whole. */
const servers = [
  { generation: 'current' },
  { generation: 'legacy' },
  { generation: 'current', release: '1.2.0' },
] as const;

describe.each(servers)('names on a $generation server $release', (options) => {
  const clock = new ManualClock();
  let sandbox: Sandbox;
  let coriolis: Coriolis;
  /** Somebody else, whose changes our client does not hear of. */
  let other: Coriolis;

  beforeAll(async () => {
    sandbox = await startSandbox({ clock, ...options });
    other = connect(sandbox, sandbox.connection.admin, sleepingOn(clock));
    for (let number = 0; number < 30; number += 1) await create(`batch ${number}`);
  });
  afterAll(() => sandbox.stop());
  beforeEach(() => {
    coriolis = connect(sandbox, sandbox.connection.admin, sleepingOn(clock));
  });

  const create = (notes: string): Promise<{ readonly id: string }> =>
    one(other, 'transfer.create', {
      originEndpointId: 'vcenter',
      destinationEndpointId: 'openstack',
      instances: ['web-02'],
      destinationEnvironment: { migr_network: 'private' },
      networkMap: { 'VM Network': 'private' },
      notes,
    });
  const remove = (id: string): Promise<unknown> => one(other, 'transfer.delete', { transferId: id });
  const idOf = async (name: string, batch?: NameBatch): Promise<string> =>
    (await resolveReferences({ transferId: transferIdField }, coriolis, { transferId: name }, String, batch))
      .transferId;
  async function requestsOf(work: () => Promise<unknown>): Promise<number> {
    const before = sandbox.requests.total;
    await work();
    return sandbox.requests.total - before;
  }

  it('cost one reading of the list, however many there are in a call', async () => {
    await one(coriolis, 'region.getAll').catch(() => undefined);
    const names = Array.from({ length: 30 }, (_, number) => `batch ${number}`);
    const once = await requestsOf(() => idOf('batch 0'));
    coriolis = connect(sandbox, sandbox.connection.admin, sleepingOn(clock));
    const together = await requestsOf(async () => {
      const { transferIds } = await resolveReferences(several, coriolis, { transferIds: names }, String);
      expect(new Set(transferIds).size).toBe(30);
    });
    expect(together).toBeLessThanOrEqual(once + 3);
  });

  it('cost one reading and a look at each, when many calls ask at once', async () => {
    const names = Array.from({ length: 30 }, (_, number) => `batch ${number}`);
    await coriolis.client.get('/regions');
    const ids: string[] = [];
    const requests = await requestsOf(async () => {
      ids.push(...(await Promise.all(names.map((name) => idOf(name)))));
    });
    expect(new Set(ids).size).toBe(30);
    expect(requests).toBeLessThanOrEqual(names.length + 8);
  });

  it('cost few small requests again', async () => {
    await idOf('batch 7');
    // Changes, the newest in pages of 20, and a look at the object.
    expect(await requestsOf(() => idOf('batch 8'))).toBeLessThanOrEqual(4);
  });

  it('cost nothing again within the same batch', async () => {
    const batch = new NameBatch();
    await idOf('batch 7', batch);
    expect(await requestsOf(() => idOf('batch 8', batch))).toBe(0);
    clock.advance(3600);
    expect(await requestsOf(() => idOf('batch 8', batch))).toBeGreaterThan(0);
  });

  describe('remembered between clients', () => {
    let memory: ResolvedNameCache;
    beforeEach(() => {
      memory = new Map();
    });
    const startAnew = async (): Promise<void> => {
      coriolis = connect(sandbox, sandbox.connection.admin, sleepingOn(clock));
      // A caller that makes many clients knows the generation of the server.
      await coriolis.client.detectGeneration();
      setResolvedNameCache(coriolis, memory);
    };
    const anew = async (name: string): Promise<string> => {
      await startAnew();
      return await idOf(name);
    };
    const requestsOfAnew = async (name: string): Promise<number> => {
      await startAnew();
      return await requestsOf(() => idOf(name));
    };

    it('cost a look at the object', async () => {
      const id = await anew('batch 3');
      expect(await requestsOfAnew('batch 3')).toBe(1);
      expect(await anew('batch 3')).toBe(id);
    });

    it('are looked up in the list again after an hour, and then remembered again', async () => {
      const { id } = await create('hourly');
      await anew('hourly');
      const { id: twin } = await create('hourly');
      clock.advance(3599);
      expect(await anew('hourly')).toBe(id);
      clock.advance(1);
      await expect(anew('hourly')).rejects.toThrow(/2 transfers are named "hourly"/u);
      await remove(twin);
      expect(await anew('hourly')).toBe(id);
      expect(await requestsOfAnew('hourly')).toBe(1);
    });

    it('never give the id of a deleted object, nor of one with another name', async () => {
      const { id } = await create('passing');
      await anew('passing');
      await remove(id);
      await expect(anew('passing')).rejects.toThrow(/no transfer has the id or the exact name "passing"/u);
      const { id: again } = await create('passing');
      expect(await anew('passing')).toBe(again);
    });
  });

  it('find what was created since', async () => {
    await idOf('batch 1');
    const { id } = await create('new since');
    expect(await idOf('new since')).toBe(id);
  });

  it('are not unique any more when somebody creates a second one', async () => {
    const { id } = await create('single');
    expect(await idOf('single')).toBe(id);
    const { id: second } = await create('single');
    await expect(idOf('single')).rejects.toThrow(/2 transfers are named "single"/u);
    await remove(id);
    expect(await idOf('single')).toBe(second);
  });

  it('never give the id of a deleted object', async () => {
    const { id } = await create('going');
    expect(await idOf('going')).toBe(id);
    await remove(id);
    await expect(idOf('going')).rejects.toThrow(/no transfer has the id or the exact name "going"/u);
    const { id: again } = await create('going');
    expect(await idOf('going')).toBe(again);
  });

  it('never give the id of an object with another name by now', async () => {
    const { id } = await create('before');
    // Older servers update only what was synced.
    await one(other, 'execution.start', { transferId: id });
    await one(other, 'execution.wait', { transferId: id, timeoutSeconds: 80_000 });
    expect(await idOf('before')).toBe(id);
    await one(other, 'transfer.update', { transferId: id, notes: 'after' });
    await one(other, 'execution.wait', { transferId: id, timeoutSeconds: 80_000 });
    await expect(idOf('before')).rejects.toThrow(/exact name "before"/u);
    expect(await idOf('after')).toBe(id);
    const { id: second } = await create('second');
    expect(await idOf('second')).toBe(second);
    await one(other, 'transfer.update', { transferId: id, notes: 'second' });
    await one(other, 'execution.wait', { transferId: id, timeoutSeconds: 80_000 });
    await expect(idOf('second')).rejects.toThrow(/2 transfers are named "second"/u);
  });

  it('name similar ones when there is none', async () => {
    await expect(idOf('batch 2')).resolves.toBeDefined();
    await expect(idOf('BATCH 2')).rejects.toMatchObject({
      advice: expect.stringMatching(/^Similar names: "batch 2/u) as string,
    });
  });

  it('resolve endpoints in one request', async () => {
    await coriolis.client.get('/regions');
    const fields = { endpointId: endpointIdField, other: endpointIdField };
    expect(
      await requestsOf(() =>
        resolveReferences(fields, coriolis, { endpointId: 'vcenter', other: 'openstack' }, String),
      ),
    ).toBe(1);
  });

  it('end for one caller who gives up, not for the others', async () => {
    await coriolis.client.get('/regions');
    const giving = new AbortController();
    const impatient = { ...coriolis, signal: giving.signal };
    const first = resolveReferences(
      { transferId: transferIdField },
      impatient,
      { transferId: 'batch 3' },
      String,
    );
    const second = idOf('batch 4');
    giving.abort();
    await expect(first).rejects.toThrow(/cancel/iu);
    await expect(second).resolves.toBeDefined();
  });

  it('leave ids alone', async () => {
    const id = '00000000-0000-4000-8000-000000000000';
    const fields = { transferId: transferIdField, deploymentId: deploymentIdField };
    expect(
      await requestsOf(async () =>
        expect(
          await resolveReferences(fields, coriolis, { transferId: id, deploymentId: 'any' }, String),
        ).toEqual({ transferId: id, deploymentId: 'any' }),
      ),
    ).toBe(0);
  });
});
