import { CanceledError, connect, type CoriolisApi, type ProgressNote } from '../../library';
import { startSandbox, type Sandbox } from '../../sandbox/sandbox';
import { loginTo } from './support';

/** The operations as methods, over HTTP against the sandbox. */

let sandbox: Sandbox;
let coriolis: CoriolisApi;
beforeAll(async () => {
  sandbox = await startSandbox({ speed: 1200, transfers: 30 });
  coriolis = connect(loginTo(sandbox));
});
afterAll(() => sandbox.stop());

const create = (instance: string) =>
  coriolis.transfers.create({
    originEndpointId: 'vcenter',
    destinationEndpointId: 'openstack',
    instances: [instance],
    destinationEnvironment: { migr_network: 'private' },
    networkMap: { 'VM Network': 'private' },
    notes: `Move ${instance}`,
  });

describe('a list', () => {
  it('sends nothing before somebody asks for rows', async () => {
    sandbox.requests.clear();
    const rows = coriolis.transfers.list();
    expect(sandbox.requests.total).toBe(0);
    expect((await rows.toArray()).length).toBeGreaterThan(30);
  });

  it('can be iterated, and left early', async () => {
    const seen: string[] = [];
    for await (const { id } of coriolis.transfers.list()) {
      seen.push(id);
      if (seen.length === 3) break;
    }
    expect(new Set(seen).size).toBe(3);
  });

  it('is no longer than its limit', async () => {
    expect(await coriolis.transfers.list({}, { limit: 5 }).toArray()).toHaveLength(5);
  });

  it('comes in pages that join without gaps or doubles', async () => {
    const list = coriolis.transfers.list();
    const ids: string[] = [];
    let after: string | undefined;
    do {
      const page = await list.page({ limit: 10, after });
      expect(page.rows.length).toBeLessThanOrEqual(10);
      ids.push(...page.rows.map(({ id }) => id));
      after = page.next;
    } while (after !== undefined);
    expect(ids).toEqual((await list.toArray()).map(({ id }) => id));
  });

  it('is narrowed by its inputs', async () => {
    const statuses = await coriolis.transfers.list({ status: 'UNEXECUTED' }).toArray();
    expect(new Set(statuses.map(({ status }) => status))).toEqual(new Set(['UNEXECUTED']));
  });
});

describe('a call', () => {
  it('moves a machine and tells how far it is', async () => {
    const notes: ProgressNote[] = [];
    const { id: transferId } = await create('web-01');
    await coriolis.executions.start({ transferId });
    const sync = await coriolis.executions.wait(
      { transferId, timeoutSeconds: 60 },
      { onProgress: (note) => notes.push(note) },
    );
    const { id: deploymentId } = await coriolis.deployments.create({ transferId: 'Move web-01' });
    const deployed = await coriolis.deployments.wait({ deploymentId, timeoutSeconds: 60 });

    expect([sync.outcome, deployed.outcome]).toEqual(['completed', 'completed']);
    expect(notes.at(-1)?.progress.percent).toBe(100);
  });

  it('shows the documented keys, or all that the server sent without its secrets', async () => {
    const endpoint = await coriolis.endpoints.get({ endpointId: 'vcenter' });
    const whole = await coriolis.endpoints.get({ endpointId: 'vcenter' }, { detail: 'full' });
    expect(endpoint).not.toHaveProperty('connection_info');
    expect(whole['connection_info']).toMatchObject({ username: '[redacted]', password: '[redacted]' });
  });

  it('shows what it would destroy, and destroys nothing by that', async () => {
    const { id: transferId } = await create('web-02');
    const preview = await coriolis.transfers.delete.preview({ transferId });
    expect(preview).toMatchObject({ subject: { id: transferId, name: 'Move web-02' } });
    expect(await coriolis.transfers.get({ transferId })).toMatchObject({ id: transferId });

    expect(await coriolis.transfers.delete({ transferId })).toEqual({ id: transferId, deleted: true });
    await expect(coriolis.transfers.get({ transferId })).rejects.toMatchObject({ kind: 'not_found' });
  });

  it('does it for several transfers, each with a row of its own', async () => {
    const { id: transferId } = await create('web-01');
    const gone = '00000000-0000-4000-8000-00000000dead';
    const given = { transferIds: [transferId, gone], hour: 4, minute: 0, shutdownInstances: true };
    const preview = await coriolis.schedules.create.several.preview(given);
    expect(preview?.subject.name).toBe('1 transfer');
    const { rows = [] } = await coriolis.schedules.create.several(given);
    expect(rows.map(({ transfer_id: id, outcome }) => [id, outcome])).toEqual([
      [transferId, 'done'],
      [gone, 'failed'],
    ]);
    expect(await coriolis.schedules.list({ transferId }).toArray()).toHaveLength(1);
  });

  it('tells what already does it after a conflict', async () => {
    const slow = await startSandbox();
    try {
      const { executions, transfers } = connect(loginTo(slow));
      const [transfer] = await transfers.list({ status: 'COMPLETED' }).toArray();
      const transferId = transfer?.id ?? '';
      const running = await executions.start({ transferId });
      await expect(executions.start({ transferId })).rejects.toMatchObject({ kind: 'conflict' });
      expect(await executions.start.underway({ transferId })).toMatchObject({ id: running.id });
    } finally {
      await slow.stop();
    }
  });

  it('ends when its signal fires, and what it waited for goes on', async () => {
    const slow = await startSandbox();
    try {
      const { executions, transfers } = connect(loginTo(slow));
      const [transfer] = await transfers.list({ status: 'COMPLETED' }).toArray();
      const transferId = transfer?.id ?? '';
      await executions.start({ transferId });
      const stop = new AbortController();
      const waiting = executions.wait(
        { transferId },
        { signal: stop.signal, onProgress: () => stop.abort() },
      );
      await expect(waiting).rejects.toBeInstanceOf(CanceledError);
      expect(await transfers.get({ transferId })).toMatchObject({ status: 'RUNNING' });
    } finally {
      await slow.stop();
    }
  });

  it('refuses wrong input in words before anything is sent, also where no compiler watched', async () => {
    sandbox.requests.clear();
    const careless = coriolis.transfers.get as (given: object) => Promise<unknown>;
    await expect(careless({ transfer: 'x' })).rejects.toMatchObject({
      kind: 'invalid_input',
      message: expect.stringContaining('transferId'),
    });
    expect(sandbox.requests.total).toBe(0);
  });
});
