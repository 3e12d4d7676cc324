import { startSandbox, type Sandbox } from '../../sandbox/sandbox';
import { ManualClock } from '../../sandbox/world/clock';
import type { JsonObject } from '../../src/model/json';
import { connect, one, rows, sleepingOn } from '../support/coriolis';
import { createTransfer } from '../support/transfers';

interface Copy {
  readonly id: string;
  readonly last_copy_at: string | null;
  readonly last_copy_age_seconds: number | null;
  readonly no_copy_reason: string | null;
}

const HISTORIES = [
  { title: 'never synced', steps: [], reason: 'never_synced' },
  { title: 'synced', steps: ['sync'], reason: null },
  { title: 'synced twice', steps: ['sync', 'sync'], reason: null },
  { title: 'synced, then updated', steps: ['sync', 'update'], reason: null },
  { title: 'synced, then deployed with clones', steps: ['sync', 'deploy'], reason: null },
  { title: 'disks deleted', steps: ['sync', 'deleteDisks'], reason: 'disks_deleted' },
  { title: 'disks deleted, synced again', steps: ['sync', 'deleteDisks', 'sync'], reason: null },
  { title: 'deployed without clones', steps: ['sync', 'consume'], reason: 'deployed_without_clones' },
  {
    title: 'deployed without clones, then updated',
    steps: ['sync', 'consume', 'update'],
    reason: 'deployed_without_clones',
  },
  { title: 'deployed without clones, synced again', steps: ['sync', 'consume', 'sync'], reason: null },
] as const;

type Step = (typeof HISTORIES)[number]['steps'][number];

describe.each(['current', 'legacy'] as const)('the last usable copy on a %s server', (generation) => {
  const clock = new ManualClock();
  let sandbox: Sandbox;
  let coriolis: ReturnType<typeof connect>;
  const known: { readonly id: string; readonly startedAt: string | null; readonly title: string }[] = [];

  beforeAll(async () => {
    sandbox = await startSandbox({ clock, generation });
    coriolis = connect(sandbox, sandbox.connection.admin, sleepingOn(clock));
    for (const { title, steps } of HISTORIES) {
      const id = await transferOf(title);
      let startedAt: string | null = null;
      for (const step of steps) startedAt = (await take(id, step)) ?? startedAt;
      known.push({ id, title, startedAt });
    }
    clock.advance(60);
  });
  afterAll(() => sandbox.stop());

  const transferOf = (notes: string) => createTransfer(coriolis, 'web-02', { notes });

  /** Takes a step to its end; the start of a sync is returned. */
  async function take(transferId: string, step: Step): Promise<string | undefined> {
    clock.advance(30);
    const wait = { transferId, timeoutSeconds: 80_000 };
    switch (step) {
      case 'sync': {
        const { created_at: at } = await one<{ created_at: string }>(coriolis, 'execution.start', {
          transferId,
        });
        await one(coriolis, 'execution.wait', wait);
        return at;
      }
      case 'update':
        await one(coriolis, 'transfer.update', { transferId, sourceEnvironment: {} });
        await one(coriolis, 'execution.wait', wait);
        return undefined;
      case 'deleteDisks':
        await one(coriolis, 'transfer.deleteDisks', { transferId });
        await one(coriolis, 'execution.wait', wait);
        return undefined;
      default: {
        const { id: deploymentId } = await one<{ id: string }>(coriolis, 'deployment.create', {
          transferId,
          cloneDisks: step === 'deploy',
        });
        await one(coriolis, 'deployment.wait', { deploymentId, timeoutSeconds: 80_000 });
        return undefined;
      }
    }
  }

  const expected = (startedAt: string | null, reason: string | null) =>
    reason === null
      ? { last_copy_at: startedAt, last_copy_age_seconds: expect.any(Number), no_copy_reason: null }
      : { last_copy_at: null, last_copy_age_seconds: null, no_copy_reason: reason };

  const listed = async (more: JsonObject = {}): Promise<Map<string, Copy>> =>
    new Map((await rows<Copy>(coriolis, 'transfer.getAll', more)).map(({ row }) => [row.id, row]));

  it.each(HISTORIES)('is right when it was $title, in the list and in details', async ({ title, reason }) => {
    const { id, startedAt } = known.find((one_) => one_.title === title) ?? { id: '', startedAt: null };

    expect((await listed()).get(id)).toMatchObject(expected(startedAt, reason));
    expect(await one(coriolis, 'transfer.get', { transferId: id })).toMatchObject(
      expected(startedAt, reason),
    );
  });

  it('is not asked again while the rows stand still', async () => {
    await listed();
    sandbox.requests.clear();
    await listed();

    expect(sandbox.requests.count('GET', /executions|deployments|migrations/u)).toBe(0);
  });

  it('is asked again for the one that changed', async () => {
    const [first] = known;
    await take(first?.id ?? '', 'sync');
    clock.advance(60);
    sandbox.requests.clear();

    expect((await listed()).get(first?.id ?? '')?.no_copy_reason).toBeNull();
    expect(sandbox.requests.count('GET', /executions/u)).toBe(1);
  });

  it('is found anew after the record of its sync was deleted', async () => {
    const [, second] = known;
    const { executions } = await one<{ executions: { id: string }[] }>(coriolis, 'transfer.get', {
      transferId: second?.id ?? '',
    });
    await one(coriolis, 'execution.delete', {
      transferId: second?.id ?? '',
      executionId: executions[0]?.id ?? '',
    });

    expect((await listed()).get(second?.id ?? '')).toMatchObject({
      last_copy_at: null,
      no_copy_reason: 'never_synced',
    });
  });
});

it('costs at most 100 looks for a list, and says which rows were left out', async () => {
  const clock = new ManualClock();
  const sandbox = await startSandbox({ clock, transfers: 400 });
  try {
    const coriolis = connect(sandbox, sandbox.connection.admin, sleepingOn(clock));
    sandbox.requests.clear();
    const all = await rows<Copy>(coriolis, 'transfer.getAll');
    const unknown = all.filter(({ row: { no_copy_reason: reason } }) => reason === 'not_looked_up');

    expect(sandbox.requests.count('GET', /executions/u)).toBeLessThanOrEqual(300);
    expect(unknown.length).toBeGreaterThan(200);
    expect(unknown.every(({ row: { last_copy_at: at } }) => at === null)).toBe(true);
    // The next call looks at others.
    const again = await rows<Copy>(coriolis, 'transfer.getAll');
    expect(again.filter(({ row: { no_copy_reason: reason } }) => reason === 'not_looked_up').length).toBe(
      unknown.length - 100,
    );
  } finally {
    await sandbox.stop();
  }
});
