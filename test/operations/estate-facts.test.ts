import type { EstateSummary } from '../../src/playbooks/estate-summary';
import { startSandbox } from '../../sandbox/sandbox';
import type { SingleOperation } from '../../src/operation';
import { worlds } from '../evals/worlds';
import type { World } from '../evals/world';
import { connect, one, operationOf } from '../support/coriolis';

/** What a summary says besides counts: what failed again, which schedules are off, which licences end; and of which part. */

let world: World;
let coriolis: ReturnType<typeof connect>;
beforeAll(async () => {
  world = await worlds.nights();
  coriolis = connect(world.sandbox);
});
afterAll(() => world.stop());

const summarize = (input: object = {}) => one<EstateSummary>(coriolis, 'estate.summarize', { ...input });

const rowOf = <Row extends { readonly name: string }>(rows: readonly Row[], name: string): Row | undefined =>
  rows.find((row) => row.name === name);

it('tells failures in a row of executions, and none for a first failure', async () => {
  const { failed, attention } = await summarize();

  expect(rowOf(failed, 'Orders database')?.in_a_row).toBe(3);
  expect(rowOf(failed, 'Payroll')?.in_a_row).toBeNull();
  expect(attention).toContain('1 of the 2 latest failures is at least the second in a row.');
});

it('tells whether a schedule syncs a replica whose copy is too old', async () => {
  const { stale, attention } = await summarize();

  expect(rowOf(stale, 'Continuous integration')?.schedule).toBe('disabled');
  expect(rowOf(stale, 'Orders database')?.schedule).toBe('enabled');
  expect(rowOf(stale, 'Archive')?.schedule).toBe('none');
  expect(attention).toContain('1 of the 5 shown has only schedules that are disabled or have expired.');
});

it('tells of licences that end or have ended', async () => {
  const [appliance] = world.sandbox.licensing.appliances.values();
  const next = [...(appliance?.licences.values() ?? [])].find(({ replicas }) => replicas === 20);
  const { licences, attention } = await summarize();

  expect(licences).toEqual({
    expired: 1,
    ending_soon: 1,
    ending: [
      {
        id: next?.id,
        version: 'v2',
        valid_until: expect.stringMatching(/^20\d\d-/u) as string,
        replicas: 20,
        migrations: 10,
        appliance_id: appliance?.id,
      },
    ],
  });
  const day = new Date((next?.periodEnd ?? 0) * 1000).toISOString().slice(0, 10);
  expect(attention).toContain(`1 licence ends within 30 days, on ${day}. 1 has ended.`);
});

it('says that a count of stale replicas is a lower bound until all copies were looked up', async () => {
  const sandbox = await startSandbox({ transfers: 260, watcherQuirks: false });
  try {
    const many = connect(sandbox);
    const { result } = operationOf('estate.summarize') as SingleOperation;
    const look = async () => {
      const summary = await one<EstateSummary>(many, 'estate.summarize', { hours: 24, search: '(' });
      return {
        summary,
        words: summary.attention.join(' '),
        headline: result?.headline?.(summary) ?? '',
        again: (result?.next?.(summary as never, { hours: 24, search: '(' }) ?? []).filter(
          ({ operation }) => operation === 'estate.summarize',
        ),
      };
    };
    const looks = [await look()];
    while ((looks.at(-1)?.again.length ?? 0) > 0 && looks.length < 10) looks.push(await look());
    const [first, last] = [looks[0], looks.at(-1)];

    expect(looks.length).toBeGreaterThan(2);
    expect(first?.summary.copies_not_looked_up).toBeGreaterThan(0);
    expect(first?.summary.stale_count).toBeLessThanOrEqual(last?.summary.stale_count ?? 0);
    for (const { summary, words, headline } of looks.slice(0, -1)) {
      expect(words).toMatch(new RegExp(`At least ${summary.stale_count} executed replicas`, 'u'));
      expect(words).toMatch(/were not looked up yet, so more may be stale/u);
      expect(headline).toMatch(
        /at least \d+ replicas? without a recent copy, copies of \d+ not looked up yet/u,
      );
    }
    expect(first?.again).toEqual([{ operation: 'estate.summarize', input: { hours: 24, search: '(' } }]);
    expect(last?.summary.copies_not_looked_up).toBe(0);
    expect(`${last?.words} ${last?.headline}`).not.toMatch(/at least|not looked up/iu);
  } finally {
    await sandbox.stop();
  }
});

it('shows what stands still apart from what moves, with its percentage', async () => {
  const { running, running_count: count, stalled } = await summarize();

  expect(running.map(({ name }) => name)).toEqual(['File server']);
  expect(stalled.map(({ name }) => name).sort()).toEqual(['Archive', 'Batch jobs']);
  expect(rowOf(stalled, 'Batch jobs')?.percent).toBeGreaterThan(60);
  expect(count).toBe(3);
});

it.each([
  [{ search: 'orders' }, ['Orders database']],
  [{ search: 'ORDERS-DB' }, ['Orders database']],
  [{ scenario: 'live_migration' }, ['Mail']],
])('is that of a part of the estate: %j', async (filter, names) => {
  const { transfers } = await summarize(filter);

  expect(transfers).toBe(names.length);
});

it('is that of an endpoint, with its deployments', async () => {
  const all = await summarize();
  const { transfers, deployments } = await summarize({ endpointId: 'vcenter' });

  expect([transfers, deployments]).toEqual([all.transfers, all.deployments]);
  expect((await summarize({ scenario: 'live_migration' })).deployments).toBe(1);
  expect((await summarize({ scenario: 'live_migration' })).deployments_by_status).toEqual({ COMPLETED: 1 });
});

it('counts runs from a given moment, and the age of copies by the hours all the same', async () => {
  const whole = await summarize();
  const lately = await summarize({ since: '6h' });

  expect(whole.failed_count).toBe(2);
  expect(lately.failed.map(({ name }) => name)).toEqual(['Payroll']);
  expect(lately.completed_count).toBeLessThan(whole.completed_count);
  expect(lately.stale_count).toBe(whole.stale_count);
  expect(lately.attention.join(' ')).toMatch(/1 failed since 20\d\d-/u);
});

it('refuses a moment that is none', async () => {
  await expect(summarize({ since: 'tonight' })).rejects.toMatchObject({
    kind: 'invalid_input',
    field: 'since',
  });
});

it('names the lists that continue those it cuts, with its filter', async () => {
  const summary = await summarize({ rows: 1, search: 'a' });
  const operation = operationOf('estate.summarize');
  const next =
    operation.kind === 'single' ? operation.result?.next?.(summary, { hours: 24, search: 'a' }) : undefined;

  expect(summary.failed_count).toBeGreaterThan(1);
  expect(next).toContainEqual({
    operation: 'transfer.getAll',
    input: { search: 'a', scenario: 'replica', copyOlderThan: '24h' },
  });
});

describe('a diagnosis by the name of a transfer', () => {
  interface Diagnosed {
    readonly kind: string;
    readonly name: string | null;
    readonly outcome: string;
    readonly cause: { readonly task_type: string } | null;
  }
  const diagnose = (input: object) => one<Diagnosed>(coriolis, 'estate.diagnose', { ...input });

  it('is that of its deployment when this failed last, although its sync completed', async () => {
    expect(await diagnose({ transferId: 'Payroll' })).toMatchObject({
      kind: 'deployment',
      outcome: 'failed',
      cause: { task_type: 'DEPLOY_INSTANCE_RESOURCES' },
    });
  });

  it('is that of its failed execution, or of the newest when none failed', async () => {
    expect(await diagnose({ transferId: 'Orders database' })).toMatchObject({
      kind: 'execution',
      cause: { task_type: 'REPLICATE_DISKS' },
    });
    expect(await diagnose({ transferId: 'Web shop' })).toMatchObject({
      kind: 'execution',
      outcome: 'completed',
      cause: null,
    });
  });

  it('is that of what failed last of all, when it names nothing', async () => {
    expect(await diagnose({})).toMatchObject({ kind: 'deployment', name: 'Payroll', outcome: 'failed' });
  });
});
