import type { EstateSummary } from '../../src/playbooks/estate-summary';
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
  expect((await summarize()).attention).toContain('1 licence ends within 30 days. 1 has ended.');
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
