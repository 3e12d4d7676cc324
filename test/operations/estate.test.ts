import type { JsonObject } from '../../src/model/json';
import type { EstateSummary } from '../../src/playbooks/estate-summary';
import { MAX_COPY_LOOKUPS } from '../../src/facts/fetch-last-copies';
import { useClockedSandbox } from '../support/clocked-sandbox';
import { connect, one, operationOf, realFetch, sleepingOn } from '../support/coriolis';
import { createTransfer } from '../support/transfers';
import { SandboxUser } from '../sandbox/user';

const lab = useClockedSandbox({ transfers: 3000 });

const summarize = (given: JsonObject = {}) => one<EstateSummary>(lab.coriolis, 'estate.summarize', given);

const transferOf = (instance: string) =>
  createTransfer(lab.coriolis, instance, { notes: `Summary of ${instance}` });

const sum = (counts: JsonObject) => Object.values(counts).reduce<number>((all, one) => all + Number(one), 0);

describe('the summary of an estate', () => {
  it('shows what runs with its progress, what failed with its cause, and what never ran', async () => {
    const fails = await transferOf('fail-disk-quota-vm');
    const failed = await one<{ id: string }>(lab.coriolis, 'execution.start', { transferId: fails });
    await one(lab.coriolis, 'execution.wait', {
      transferId: fails,
      executionId: failed.id,
      timeoutSeconds: 80_000,
    });
    const runs = await transferOf('slow-vm');
    const running = await one<{ id: string }>(lab.coriolis, 'execution.start', { transferId: runs });
    const waits = await transferOf('web-02');
    lab.clock.advance(60);

    const summary = await summarize();

    expect(summary.running).toContainEqual(
      expect.objectContaining({
        kind: 'transfer',
        id: runs,
        execution_id: running.id,
        name: 'Summary of slow-vm',
        status: 'RUNNING',
        percent: expect.any(Number) as number,
      }),
    );
    expect(summary.failed[0]).toMatchObject({ id: fails, execution_id: failed.id });
    expect(summary.failed[0]?.cause).toMatch(/^DEPLOY_TRANSFER_DISKS: .*quota/i);
    expect(summary.never_executed[0]).toEqual({
      id: waits,
      name: 'Summary of web-02',
      scenario: 'replica',
    });
    expect(summary.attention.join(' ')).toContain(`${summary.failed_count} failed within 24 h`);
  });

  it('explains a failure although another execution has begun since the transfers were listed', async () => {
    const transferId = await transferOf('fail-worker-vm');
    const start = () => one<{ id: string }>(lab.coriolis, 'execution.start', { transferId });
    const { id: executionId } = await start();
    await one(lab.coriolis, 'execution.wait', { transferId, executionId, timeoutSeconds: 80_000 });
    let isBegun = false;
    const racing = connect(lab.sandbox, lab.sandbox.connection.admin, sleepingOn(lab.clock), {
      ...realFetch,
      send: async (request) => {
        if (!isBegun && request.url.includes(`/${transferId}/executions`)) {
          isBegun = true;
          await start();
        }
        return await realFetch.send(request);
      },
    });

    const { failed } = await one<EstateSummary>(racing, 'estate.summarize', {});

    expect(isBegun).toBe(true);
    expect(failed.find(({ id }) => id === transferId)).toMatchObject({
      execution_id: executionId,
      cause: expect.stringMatching(/^[A-Z_]+: /u) as string,
    });
  });

  it('counts every transfer and deployment once', async () => {
    const summary = await summarize();

    expect(summary.transfers).toBeGreaterThan(3000);
    expect(sum(summary.transfers_by_status)).toBe(summary.transfers);
    expect(sum(summary.transfers_by_scenario)).toBe(summary.transfers);
    expect(sum(summary.deployments_by_status)).toBe(summary.deployments);
  });

  it('costs a request for each thousand rows and for each row it explains', async () => {
    lab.sandbox.requests.clear();

    const { transfers, deployments, running, failed } = await summarize();

    const pages = Math.ceil((transfers + 1) / 1000) + Math.ceil((deployments + 1) / 1000);
    const explained = 2 * (running.length + failed.length);
    expect(running.length + failed.length).toBeLessThanOrEqual(10);
    const copies = lab.sandbox.requests.count('GET', /transfers\/[^/]+\/executions$/u);
    expect(copies).toBeLessThanOrEqual(MAX_COPY_LOOKUPS * 2 + explained);
    expect(lab.sandbox.requests.total - copies).toBeLessThanOrEqual(pages + 5 + explained + 2);
  });

  it('tells failures of the given hours only', async () => {
    lab.clock.advance(48 * 3600);

    expect((await summarize()).failed_count).toBe(0);
    expect((await summarize({ hours: 72 })).failed_count).toBeGreaterThan(0);
  });

  it('names deployments that were refused after they were stored, of the period and not of the last minute', async () => {
    const id = await transferOf('web-03');
    const { id: execution } = await one<{ id: string }>(lab.coriolis, 'execution.start', { transferId: id });
    await one(lab.coriolis, 'execution.wait', {
      transferId: id,
      executionId: execution,
      timeoutSeconds: 80_000,
    });
    const user = await SandboxUser.login(lab.sandbox, lab.clock, lab.sandbox.connection);
    const robot = await user.withApplicationCredential();
    const { status } = await robot.send('POST', '/deployments', {
      deployment: { transfer_id: id, clone_disks: true },
    });
    expect(status).toBe(500);
    const words = '1 deployment never started: the server refused the request after storing it.';

    expect((await summarize()).attention.join(' ')).not.toContain('never started');
    lab.clock.advance(120);
    const summary = await summarize();
    expect(summary.deployments_by_status).toMatchObject({ UNEXECUTED: 1 });
    expect(summary.attention.join(' ')).toContain(words);
    lab.clock.advance(48 * 3600);
    expect((await summarize()).attention.join(' ')).not.toContain('never started');
  });

  it('tells what time it is, and the replicas with the oldest copies or none', async () => {
    const { as_of, stale_count, stale, attention } = await summarize({ hours: 24 });

    expect(Math.abs(Date.parse(as_of) - lab.clock.now())).toBeLessThan(1000);
    expect(stale_count).toBeGreaterThan(stale.length);
    const copies = stale.map(({ last_copy_at: at }) => at ?? '');
    expect(copies).toEqual([...copies].sort());
    for (const { last_copy_at: at, last_copy_age_seconds: age, no_copy_reason: reason } of stale) {
      if (at === null) expect(reason).toMatch(/^(never_synced|disks_deleted|deployed_without_clones)$/u);
      else expect(age).toBeGreaterThan(24 * 3600);
    }
    expect(attention.join(' ')).toContain(
      `${stale_count} executed replicas whose last usable copy is older than 24 h or missing`,
    );
  });

  it('finds a replica stale whose settings were updated after its last sync', async () => {
    const transferId = await transferOf('web-03');
    await one(lab.coriolis, 'execution.start', { transferId });
    await one(lab.coriolis, 'execution.wait', { transferId, timeoutSeconds: 80_000 });
    lab.clock.advance(48 * 3600);
    const before = (await summarize()).stale_count;
    await one(lab.coriolis, 'transfer.update', { transferId, sourceEnvironment: {} });
    await one(lab.coriolis, 'execution.wait', { transferId, timeoutSeconds: 80_000 });
    lab.clock.advance(60);
    const { stale_count: count, copies_not_looked_up: unknown } = await summarize();

    expect(count).toBe(before);
    expect(unknown).toBe(0);
  });

  it('works for users who may not see workers', async () => {
    const reader = connect(lab.sandbox, lab.sandbox.connection.reader, sleepingOn(lab.clock));

    const summary = await one<EstateSummary>(reader, 'estate.summarize');

    expect(summary.transfers).toBeGreaterThan(3000);
  });
});

describe('a wait for executions that Coriolis deploys by itself', () => {
  it('goes on with their deployments, found by one walk for all', async () => {
    const started = await Promise.all(
      ['web-01', 'web-02', 'web-03'].map(async (instance, index) => {
        const transferId = await transferOf(instance);
        const { id } = await one<{ id: string }>(lab.coriolis, 'execution.start', {
          transferId,
          autoDeploy: index < 2,
        });
        return `${transferId}/${id}`;
      }),
    );
    const executions = started.join();
    lab.sandbox.requests.clear();

    const report = await one<JsonObject & { readonly targets: readonly JsonObject[] }>(
      lab.coriolis,
      'estate.wait',
      {
        executions,
      },
    );

    const [first, second, third] = report.targets;
    expect(report.targets.map(({ outcome }) => outcome)).toEqual(['completed', 'completed', 'completed']);
    expect([typeof first?.['deployment_id'], typeof second?.['deployment_id']]).toEqual(['string', 'string']);
    expect(third?.['deployment_id']).toBeNull();
    expect(lab.sandbox.requests.count('GET', /\/deployments$/u)).toBe(1);
    const operation = operationOf('estate.wait');
    const next = operation.kind === 'single' ? operation.result?.next?.(report as never, {}) : undefined;
    expect(next).toEqual([
      {
        operation: 'estate.wait',
        input: { deployments: [first?.['deployment_id'], second?.['deployment_id']] },
      },
    ]);
  });
});
