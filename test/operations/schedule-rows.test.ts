import { startSandbox, type Sandbox } from '../../sandbox/sandbox';
import { ManualClock } from '../../sandbox/world/clock';
import { checkCall, fetchCallRows } from '../../src/prepared-call';
import type { ListOperation } from '../../src/operation';
import type { ListPause } from '../../src/vocabulary/list-range';
import { connect, one, operationOf, rows, sleepingOn } from '../support/coriolis';

interface Row {
  readonly name: string;
  readonly transfer_id: string;
  readonly state: string;
  readonly next_run_at: string | null;
}

describe.each(['current', 'legacy'] as const)('schedules of many transfers, a %s server', (generation) => {
  const clock = new ManualClock(Date.parse('2026-11-20T20:00:00Z'));
  let sandbox: Sandbox;
  let coriolis: ReturnType<typeof connect>;
  const ids = new Map<string, string>();
  const idOf = (name: string): string => ids.get(name) ?? '';

  const plan = async (notes: string): Promise<void> => {
    const { id } = await one<{ id: string }>(coriolis, 'transfer.create', {
      originEndpointId: 'vcenter',
      destinationEndpointId: 'openstack',
      instances: ['web-02'],
      destinationEnvironment: { migr_network: 'private' },
      networkMap: { 'VM Network': 'private' },
      notes,
    });
    ids.set(notes, id);
    clock.advance(1);
  };
  const schedule = async (name: string, more: object): Promise<void> => {
    await one(coriolis, 'schedule.create', { transferId: idOf(name), minute: 0, ...more });
  };

  beforeAll(async () => {
    sandbox = await startSandbox({ clock, generation, watcherQuirks: false });
    coriolis = connect(sandbox, sandbox.connection.admin, sleepingOn(clock));
    for (const name of ['tonight #shop', 'weekly #shop', 'off', 'over', 'bare #shop']) await plan(name);
    await schedule('tonight #shop', { hour: 23 });
    // 20 November 2026 is a Friday, so Thursday is six days later.
    await schedule('weekly #shop', { hour: 3, dayOfWeek: 3 });
    await schedule('off', { hour: 23, enabled: false });
    await schedule('over', { hour: 23, expiresAt: '2026-11-20T21:00:00Z' });
  });
  afterAll(() => sandbox.stop());

  const list = async (input: object = {}): Promise<readonly Row[]> =>
    (await rows<Row>(coriolis, 'schedule.getAll', { ...input })).map(({ row }) => row);
  const names = async (input: object = {}): Promise<readonly string[]> =>
    (await list(input)).map(({ name }) => name).filter((name) => ids.has(name));

  it('are those of all transfers when none is named, with names and states', async () => {
    expect(await names()).toEqual(['over', 'off', 'weekly #shop', 'tonight #shop']);
    expect(await list({ transferId: idOf('off') })).toMatchObject([
      { name: 'off', transfer_id: idOf('off'), state: 'disabled', next_run_at: null },
    ]);
    expect((await list({ transferId: idOf('tonight #shop') }))[0]?.next_run_at).toContain('23:00');
  });

  it('are filtered by state and next run', async () => {
    expect(await names({ state: 'disabled' })).toEqual(['off']);
    expect(await names({ withinHours: 12 })).toEqual(['tonight #shop']);
    expect(await names({ withinHours: 24 * 7 })).toEqual(['weekly #shop', 'tonight #shop']);
    clock.advance(3600);
    expect(await names({ state: 'expired' })).toEqual(['over']);
    expect(await names({ state: 'enabled' })).toEqual(['weekly #shop', 'tonight #shop']);
  });

  it('are those of several transfers, also by a word in their notes', async () => {
    expect(await names({ transferIds: ['#shop'] })).toEqual(
      expect.arrayContaining(['tonight #shop', 'weekly #shop']),
    );
    expect(await names({ transferIds: ['off', idOf('over')] })).toEqual(['off', 'over']);
    expect(await names({ transferIds: ['bare #shop'] })).toEqual([]);
    await expect(list({ transferIds: ['off'], transferId: idOf('off') })).rejects.toMatchObject({
      kind: 'invalid_input',
    });
    const unknown = '11111111-1111-4111-8111-111111111111';
    await expect(list({ transferIds: [unknown] })).rejects.toMatchObject({ kind: 'not_found' });
    await expect(list({ transferId: unknown })).rejects.toMatchObject({ kind: 'not_found' });
  });

  it.each([{}, { transferIds: ['#shop', 'off', 'over'] }])(
    'continue after any row of %p, also one that was deleted',
    async (input) => {
      const all = await rows<Row>(coriolis, 'schedule.getAll', input);
      for (const [place, { position }] of all.entries()) {
        const rest = await rows<Row>(coriolis, 'schedule.getAll', input, { after: position });
        expect(rest).toEqual(all.slice(place + 1));
      }
    },
  );
});

it('a list of all transfers pauses after 300, goes on from there, and leaves out none', async () => {
  const sandbox = await startSandbox({ transfers: 700, watcherQuirks: false });
  try {
    const coriolis = connect(sandbox, sandbox.connection.admin);
    const operation = operationOf('schedule.getAll') as ListOperation;
    const transfers = (await rows(coriolis, 'transfer.getAll', {}, {}, 'full')).map(({ row }) => row['id']);
    for (const place of [0, 299, 300, 301, 650])
      await one(coriolis, 'schedule.create', { transferId: transfers[place], minute: 0, hour: 3 });
    const whole = (await rows(coriolis, 'schedule.getAll')).map(({ row }) => row['id']);
    expect(whole.length).toBeGreaterThanOrEqual(5);

    const found: unknown[] = [];
    const requests: number[] = [];
    const pauses: ListPause[] = [];
    let calls = 0;
    do {
      calls += 1;
      const after = pauses.at(-1)?.position;
      sandbox.requests.clear();
      const part = fetchCallRows(
        checkCall(operation, {}),
        coriolis,
        { after },
        {
          onPause: (at) => pauses.push(at),
        },
      );
      for await (const { row } of part) found.push(row['id']);
      requests.push(sandbox.requests.entries.filter(({ path }) => path.includes('/schedules')).length);
    } while (pauses.length === calls);

    expect(found).toEqual(whole);
    expect(Math.max(...requests)).toBeLessThanOrEqual(312);
    for (const { message } of pauses) expect(message).toContain('were not');
    expect(requests.length).toBeGreaterThanOrEqual(3);
  } finally {
    await sandbox.stop();
  }
});
