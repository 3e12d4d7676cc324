import { startSandbox, type Sandbox } from '../../sandbox/sandbox';
import { ManualClock } from '../../sandbox/world/clock';
import { connect, one, rows, sleepingOn } from '../support/coriolis';

interface Row {
  readonly id: string;
  readonly name: string;
  readonly status: string;
  readonly last_copy_at: string | null;
  readonly last_copy_age_seconds: number | null;
}

describe.each(['current', 'legacy'] as const)('filters of lists on a %s server', (generation) => {
  const clock = new ManualClock();
  let sandbox: Sandbox;
  let coriolis: ReturnType<typeof connect>;

  beforeAll(async () => {
    sandbox = await startSandbox({ clock, generation });
    coriolis = connect(sandbox, sandbox.connection.admin, sleepingOn(clock));
    for (const notes of ['fresh #filtered', 'stale #filtered', 'never #filtered', 'fresh #other']) {
      const { id: transferId } = await one<{ id: string }>(coriolis, 'transfer.create', {
        originEndpointId: 'vcenter',
        destinationEndpointId: 'openstack',
        instances: ['web-02'],
        destinationEnvironment: { migr_network: 'private' },
        networkMap: { 'VM Network': 'private' },
        notes,
      });
      if (!notes.startsWith('never')) await sync(transferId);
      if (notes.startsWith('stale')) stale = transferId;
    }
    clock.advance(30 * 3600);
    // An update changes the transfer, not its copy.
    await one(coriolis, 'transfer.update', { transferId: stale, sourceEnvironment: {} });
    await one(coriolis, 'execution.wait', { transferId: stale, timeoutSeconds: 80_000 });
    for (const { id } of (await list({ tag: 'filtered' })).filter(({ name }) => name.startsWith('fresh')))
      await sync(id);
  });
  afterAll(() => sandbox.stop());

  let stale = '';
  const list = async (input: object): Promise<readonly Row[]> =>
    rows<Row>(coriolis, 'transfer.getAll', { ...input }).then((all) => all.map(({ row }) => row));
  const names = async (input: object) => (await list(input)).map(({ name }) => name).sort();

  async function sync(transferId: string): Promise<void> {
    await one(coriolis, 'execution.start', { transferId });
    await one(coriolis, 'execution.wait', { transferId, timeoutSeconds: 80_000 });
  }

  it('find a tag in the notes', async () => {
    expect(await names({ tag: '#Filtered' })).toEqual([
      'fresh #filtered',
      'never #filtered',
      'stale #filtered',
    ]);
    expect(await names({ tag: 'filter' })).toEqual([]);
  });

  it('find copies that are older, or missing', async () => {
    expect(await names({ tag: 'filtered', copyOlderThan: '26h' })).toEqual([
      'never #filtered',
      'stale #filtered',
    ]);
    expect(await names({ tag: 'filtered', copyOlderThan: '2w' })).toEqual(['never #filtered']);
    for (const row of await list({ copyOlderThan: '26h' })) {
      expect(row.last_copy_age_seconds ?? Infinity).toBeGreaterThan(26 * 3600);
    }
  });

  it('find any of several statuses', async () => {
    const all = await list({});
    const wanted = all
      .filter(({ status }) => ['ERROR', 'UNEXECUTED'].includes(status))
      .map(({ name }) => name);
    expect(wanted.length).toBeGreaterThan(1);
    expect(await names({ statuses: ['error', 'UNEXECUTED'] })).toEqual(wanted.sort());
    expect(await rows(coriolis, 'execution.getAll', { transferId: stale, statuses: ['ERROR'] })).toEqual([]);
    expect(
      await rows(coriolis, 'execution.getAll', { transferId: stale, statuses: ['COMPLETED', 'ERROR'] }),
    ).toHaveLength(2);
  });

  it('refuse a status and a period that do not exist', async () => {
    await expect(list({ statuses: ['RUNING'] })).rejects.toThrow('no status is called "RUNING"');
    await expect(list({ copyOlderThan: 'last week' })).rejects.toThrow('does not understand "last week"');
  });
});
