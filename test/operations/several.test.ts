import { startSandbox, type Sandbox } from '../../sandbox/sandbox';
import { ManualClock } from '../../sandbox/world/clock';
import type { Coriolis } from '../../src/api/operation-context';
import { catalogue } from '../../src/catalogue';
import { notesHaveWord } from '../../src/lookup/transfer-ids-input';
import { operationId } from '../../src/operation';
import { prepareBulkCall, isBulkOperation, type BulkRow } from '../../src/bulk-call';
import { connect, one, operationOf, sleepingOn } from '../support/coriolis';

describe.each(['current', 'legacy'] as const)('one call for several on a %s server', (generation) => {
  const clock = new ManualClock();
  let sandbox: Sandbox;
  let coriolis: Coriolis;
  const ids: Record<string, string> = {};

  beforeAll(async () => {
    sandbox = await startSandbox({ clock, generation });
    coriolis = connect(sandbox, sandbox.connection.admin, sleepingOn(clock));
    for (const [notes, instance] of [
      ['Shop wave-7', 'web-01'],
      ['Ledger #Wave-7', 'web-02'],
      ['Mail wave-70', 'jenkins'],
    ] as const) {
      const { id } = await one<{ id: string }>(coriolis, 'transfer.create', {
        originEndpointId: 'vcenter',
        destinationEndpointId: 'openstack',
        instances: [instance],
        destinationEnvironment: { migr_network: 'private' },
        networkMap: { 'VM Network': 'private' },
        notes,
      });
      ids[notes] = id;
    }
  });
  afterAll(() => sandbox.stop());

  async function prepared(id: string, given: Readonly<Record<string, unknown>>) {
    const operation = operationOf(id);
    if (operation.kind !== 'single' || !isBulkOperation(operation)) throw new Error(`${id} is for one`);
    return await prepareBulkCall(operation, coriolis, given);
  }
  async function several(id: string, given: Readonly<Record<string, unknown>>) {
    const { result, next } = await (await prepared(id, given)).run();
    return { rows: result.rows ?? [], next };
  }
  const gone = '00000000-0000-4000-8000-00000000dead';
  const wave = ['Shop wave-7', 'Ledger #Wave-7'] as const;

  it('takes a word in the notes, names and ids, each transfer once', async () => {
    const { rows } = await several('execution.start', {
      transferIds: ['#wave-7', 'Shop wave-7', ids[wave[1]] ?? '', gone],
    });
    expect(Object.fromEntries(rows.map(({ transfer_id: id, outcome }) => [id, outcome]))).toEqual({
      [ids[wave[0]] ?? '']: 'done',
      [ids[wave[1]] ?? '']: 'done',
      [gone]: 'failed',
    });
    expect(rows.find(({ transfer_id: id }) => id === gone)).toMatchObject({
      name: null,
      error: expect.stringContaining(gone) as string,
    });
  });

  it('tells what runs already from what was started, and how to wait for all', async () => {
    const { rows, next } = await several('execution.start', {
      transferIds: ['#wave-7', 'Mail wave-70'],
    });
    const outcomes = Object.fromEntries(rows.map(({ name, outcome }) => [name, outcome]));
    expect(outcomes).toEqual({ [wave[0]]: 'running', [wave[1]]: 'running', 'Mail wave-70': 'done' });
    expect(next).toEqual([
      {
        operation: 'estate.wait',
        input: {
          executions: rows.map(({ transfer_id: transfer, ...row }) => `${transfer}/${String(row['id'])}`),
        },
      },
    ]);
  });

  it('previews a destructive call once, names each, and leaves out what would be refused', async () => {
    const call = await prepared('execution.cancel', { transferIds: ['#wave-7', gone], force: true });
    expect(call.effect).toBe('destroy');
    const preview = await call.preview();
    expect(preview?.subject.name).toBe('2 transfers');
    const text = preview?.consequences.join('\n') ?? '';
    for (const name of wave) expect(text).toContain(name);
    expect(text).toMatch(/Left out: .*dead/u);
    const { result } = await call.run();
    const rows = result.rows ?? [];
    expect(rows.map(({ outcome }) => outcome).sort()).toEqual(['done', 'done', 'refused']);
  });

  it('refuses a destructive call of which nothing is left', async () => {
    const call = await prepared('execution.cancel', { transferIds: [gone], force: true });
    expect((await call.preview())?.refusal).toContain('refused');
  });

  it('schedules several, and the same again makes no second one', async () => {
    const given = { transferIds: ['#wave-7'], hour: 2, minute: 0 };
    const { rows } = await several('schedule.create', given);
    expect(rows.map(({ outcome }) => outcome)).toEqual(['done', 'done']);
    expect(rows[0]).toMatchObject({ when: expect.stringContaining('02:00') as string });
    const again = await several('schedule.create', given);
    expect(again.rows.map(({ outcome }) => outcome)).toEqual(['exists', 'exists']);
  });

  it('checks several: a word for each, the worst first, each problem once', async () => {
    for (const name of wave) {
      await one(coriolis, 'execution.wait', { transferId: ids[name], timeoutSeconds: 80_000 });
      await one(coriolis, 'execution.start', { transferId: ids[name] });
      await one(coriolis, 'execution.wait', { transferId: ids[name], timeoutSeconds: 80_000 });
    }
    clock.advance(60);
    const { result } = await (
      await prepared('transfer.preflight', { transferIds: ['#wave-7', gone], purpose: 'deployment' })
    ).run();
    expect(result).toMatchObject({ purpose: 'deployment', blocked: 1 });
    const [first, ...others] = result.rows as readonly BulkRow[];
    expect(first).toMatchObject({ transfer_id: gone, verdict: 'blocked' });
    expect(others.map(({ name }) => name).sort()).toEqual([...wave].sort());
    for (const row of others) expect(row).not.toHaveProperty('checks');
    const problems = result['problems'] as ReadonlyArray<{ message: string; transfers: readonly string[] }>;
    expect(new Set(problems.map(({ message }) => message)).size).toBe(problems.length);
    expect(problems[0]).toMatchObject({ status: 'blocking', transfers: [gone] });
  });

  it('asks what transfers share once', async () => {
    const requests = async (transferIds: readonly string[]): Promise<number> => {
      const before = sandbox.requests.total;
      await (await prepared('transfer.preflight', { transferIds, purpose: 'execution' })).run();
      return sandbox.requests.total - before;
    };
    await requests([wave[0]]);
    const alone = await requests([wave[0]]);
    const both = await requests([...wave]);
    expect(both - alone).toBeLessThan(alone / 2);
  });

  it('deploys several', async () => {
    const { rows, next } = await several('deployment.create', { transferIds: ['#wave-7'] });
    expect(rows.map(({ outcome }) => outcome)).toEqual(['done', 'done']);
    expect(next).toEqual([
      { operation: 'estate.wait', input: { deployments: rows.map((row) => row['id']) } },
    ]);
  });

  it.each([
    ['nothing', { transferIds: [] }, /is empty/u],
    ['a word that no notes have', { transferIds: ['#nobody'] }, /no transfer has the word "nobody"/u],
    ['one and several', { transferId: gone, transferIds: [gone] }, /either transferId or transferIds/u],
    ['a wrong input', { transferIds: [gone], shutdownInstances: 'perhaps' }, /Shut|shutdown/u],
  ])('refuses %s before anything is done', async (_what, given, words) => {
    await expect(prepared('execution.start', given)).rejects.toThrow(words);
  });

  it('refuses more than it can do', async () => {
    const transferIds = Array.from(
      { length: 21 },
      (_, index) => `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
    );
    await expect(prepared('execution.start', { transferIds })).rejects.toThrow(/20/u);
  });
});

describe('operations for several', () => {
  const all = catalogue.filter((operation) => operation.kind === 'single').filter(isBulkOperation);

  it('are those that people do for a group', () => {
    expect(all.map(operationId).sort()).toEqual([
      'deployment.create',
      'execution.cancel',
      'execution.start',
      'schedule.create',
      'transfer.preflight',
    ]);
  });

  it.each(all.map((operation) => [operationId(operation), operation] as const))(
    '%s shows keys that its result has, and names one transfer otherwise',
    (_id, operation) => {
      expect(Object.keys(operation.output.shape)).toEqual(
        expect.arrayContaining([...operation.bulk.rowKeys]),
      );
      expect(operation.input['transferId']).toMatchObject({ kind: 'reference', resource: 'transfer' });
    },
  );

  it.each([
    ['Shop wave-7', 'wave-7', true],
    ['Shop #Wave-7.', 'WAVE-7', true],
    ['Shop wave-70', 'wave-7', false],
    ['', 'wave-7', false],
    [null, 'wave-7', false],
  ])('notes %s have the word %s: %s', (notes, word, expected) => {
    expect(notesHaveWord(notes, word)).toBe(expected);
  });
});
