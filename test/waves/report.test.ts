import type { JsonObject } from '../../src/model/json';
import { planWave } from '../../src/playbooks/wave/plan';
import { makeWaveReport, type WaveReport } from '../../src/playbooks/wave/wave-report';
import { verifyWaveReport } from '../../src/playbooks/wave/verify-wave-report';
import { makeWaveReportDocument, renderWaveReport } from '../../src/playbooks/wave/wave-report-page';
import { runWave } from '../../src/playbooks/wave/run-wave';
import type { InstanceBehaviour } from '../../sandbox/platforms/platform';
import { startSandbox, type Sandbox } from '../../sandbox/sandbox';
import type { Generation } from '../../sandbox/world/releases';
import { ManualClock } from '../../sandbox/world/clock';
import { connect, one, sleepingOn } from '../support/coriolis';
import { machine, machines, runOptions, waveOf } from './estate';
import { ofReport } from './report-truth';
import { truthOf } from './truth';

/** Evidence of waves, against what the sandbox really did. */

let sandbox: Sandbox | undefined;
afterEach(async () => {
  await sandbox?.stop();
  sandbox = undefined;
});

describe.each(['current', 'legacy'] satisfies Generation[])(
  'the report of a wave on a %s server',
  (generation) => {
    const names = ['wave-001', 'wave-002', 'wave-003'];

    async function reported() {
      const clock = new ManualClock();
      sandbox = await startSandbox({ clock, generation, speed: 10, machines: machines(3) });
      const coriolis = connect(sandbox, sandbox.connection, sleepingOn(clock));
      const input = waveOf(
        names.map((name) => ({ machine: name })),
        { passes: 2, scenario: 'replica' },
      );
      const { hash } = await planWave(coriolis, input);
      const { actions } = await runWave(coriolis, input, runOptions(hash, { maxParallel: 2 }));
      const report = await makeWaveReport(coriolis, {
        wave: 'Wave 1',
        planHash: hash,
        plan: { plan_hash: hash, rows: [] },
        approvals: [{ by: 'Anna', at: '2026-12-05T20:00:00Z', reference: 'CHG-7' }],
        actions: actions as unknown as readonly JsonObject[],
        transferIds: undefined,
      });
      return { coriolis, report, truth: sandbox.listFinishedRuns() };
    }

    it('has the times of the server, to the second', async () => {
      const { coriolis, report, truth } = await reported();
      const told = new Map(report.steps.map((step) => [step.id, step]));
      const own = truth.filter(({ id }) => told.has(id));
      // For each machine two passes, a final sync and a deployment.
      expect(own).toHaveLength(4 * names.length);
      expect(report.totals).toMatchObject({ machines: 3, done: 3, open: 0, syncs: 9, failed_steps: 0 });
      expect(report.machines.every(({ downtime_seconds: seconds }) => (seconds ?? 0) > 0)).toBe(true);
      expect(ofReport(report, truth, await truthOf(coriolis.client, 'Wave 1'))).toEqual([]);
    });

    it('counts the downtime from the first shutdown when the final sync is repeated', async () => {
      const clock = new ManualClock();
      const behaviour: { failure?: NonNullable<InstanceBehaviour['failure']> } = {};
      sandbox = await startSandbox({
        clock,
        generation,
        speed: 10,
        machines: [machine('m-1', { behaviour }), machine('m-2')],
      });
      const coriolis = connect(sandbox, sandbox.connection, sleepingOn(clock));
      const input = waveOf([{ machine: 'm-1' }, { machine: 'm-2' }], { scenario: 'replica' });
      const { hash } = await planWave(coriolis, input);
      await runWave(coriolis, input, runOptions(hash, { until: 'synced' }));
      behaviour.failure = { taskType: 'REPLICATE_DISKS', atPercent: 30, message: 'The host refused.' };
      const failed = await runWave(coriolis, input, runOptions(hash, { retries: 0 }));
      expect(failed.rows).toMatchObject([{ stage: 'failed', committed: true }, { stage: 'done' }]);
      delete behaviour.failure;
      await coriolis.sleep(7_200_000);
      expect(await runWave(coriolis, input, runOptions(hash, { retryFailed: true }))).toMatchObject({
        done: 2,
      });

      const report = await makeWaveReport(coriolis, {
        wave: 'Wave 1',
        planHash: hash,
        plan: undefined,
        approvals: undefined,
        actions: undefined,
        transferIds: undefined,
      });
      const truths = await truthOf(coriolis.client, 'Wave 1');
      expect(ofReport(report, sandbox.listFinishedRuns(), truths)).toEqual([]);
      const [first, other] = report.machines;
      expect(first?.downtime_seconds).toBeGreaterThan(7200);
      expect(other?.downtime_seconds).toBeLessThan(7200);
      expect(report.totals).toMatchObject({
        syncs: 5,
        failed_steps: 1,
        longest_downtime_seconds: first?.downtime_seconds,
      });
    });

    it('is refused after any change, and agrees unchanged', async () => {
      const { coriolis, report } = await reported();
      expect(await verifyWaveReport(coriolis, copyOf(report))).toEqual({ agrees: true, differences: [] });
      const text = JSON.stringify(report);
      // One changed character of each part, and of the hashes.
      const places = [...text.matchAll(/[0-9a-z]/gu)].map(({ index }) => index);
      const tried = places.filter((_place, index) => index % Math.ceil(places.length / 60) === 0);
      for (const place of tried) {
        const other = text[place] === '1' ? '2' : '1';
        const forged = parsed(text.slice(0, place) + other + text.slice(place + 1));
        if (forged === undefined) continue;
        const { agrees } = await verifyWaveReport(coriolis, forged).catch(() => ({ agrees: false }));
        expect([text.slice(place - 20, place + 20), agrees]).toEqual([expect.anything(), false]);
      }
    });
  },
);

it('refuses a page with a changed byte, and the page of another report', async () => {
  const clock = new ManualClock();
  sandbox = await startSandbox({ clock, speed: 10, machines: machines(1) });
  const coriolis = connect(sandbox, sandbox.connection, sleepingOn(clock));
  const input = waveOf([{ machine: 'wave-001' }]);
  const { hash } = await planWave(coriolis, input);
  await runWave(coriolis, input, runOptions(hash));
  const made = async (reference: string): Promise<{ readonly report: WaveReport; readonly html: string }> => {
    const report = await makeWaveReport(coriolis, {
      wave: 'Wave 1',
      planHash: hash,
      plan: undefined,
      approvals: [{ by: 'Änna', reference }],
      actions: undefined,
      transferIds: undefined,
    });
    return { report, html: renderWaveReport(report) };
  };
  const verified = async (result: { readonly report: WaveReport; readonly html: string }) =>
    await verifyWaveReport(coriolis, JSON.parse(JSON.stringify(result)) as JsonObject);

  const { report, html } = await made('CHG-7');
  expect(await verified({ report, html })).toEqual({ agrees: true, differences: [] });
  const bytes = Buffer.from(html, 'utf8');
  for (let tried = 0; tried < 60; tried += 1) {
    const at = Math.floor((tried / 59) * (bytes.length - 1));
    const forged = Buffer.from(bytes);
    forged[at] = (bytes[at] ?? 0) ^ 1;
    const { agrees } = await verified({ report, html: forged.toString('utf8') });
    expect([at, agrees]).toEqual([at, false]);
  }
  expect((await verified({ report, html: '' })).differences).toEqual(['the page has no seal']);
  expect((await verified({ report, html: (await made('CHG-8')).html })).differences).toEqual([
    'the page is that of another report',
  ]);
});

it('shows the readiness as it was planned, what was blocked, and what the calls started', async () => {
  const clock = new ManualClock();
  sandbox = await startSandbox({ clock, speed: 10, machines: machines(1) });
  const coriolis = connect(sandbox, sandbox.connection, sleepingOn(clock));
  const input = {
    wave: 'Wave 1',
    table: 'machine,wave\nwave-001,\nghost,\nother,Wave 2',
    originEndpointId: 'vcenter',
    destinationEndpointId: 'openstack',
    destinationEnvironment: { migr_network: 'private' },
    networkMap: { '*': 'private' },
  };
  const plan = await one(coriolis, 'wave.plan', input);
  const { plan_hash: planHash } = plan;
  const run = await one<{ actions: readonly JsonObject[] }>(coriolis, 'wave.run', { ...input, planHash });
  const refused = { at: '2026-12-05T20:00:00Z', machine: 'wave-001', step: 'sync', request_id: 'req-77' };
  const report = await makeWaveReport(coriolis, {
    wave: 'Wave 1',
    planHash: String(planHash),
    plan,
    approvals: undefined,
    actions: [...run.actions, { ...refused, outcome: 'refused', words: 'it is busy' }],
    transferIds: undefined,
  });

  const page = renderWaveReport(report);
  expect(page).toContain(`with the hash <code>${String(planHash)}</code>.`);
  const [, readiness = ''] = page.split('<h2>Plan</h2>');
  const [planned = ''] = readiness.split('<h2>');
  expect(planned).toContain('wave-001');
  expect(planned).toContain('the source has no machine of this name');
  expect(planned).not.toContain('Wave 2');
  expect(planned).not.toContain('>other<');
  const [, starts = ''] = page.split('<h2>Starts</h2>');
  expect(starts).toContain('2026-12-05 20:00:00');
  expect(starts).toContain('<code>req-77</code>');
  expect(starts).toContain('it is busy');
  expect(makeWaveReportDocument(report).findings).toEqual([
    'wave-001: next: final sync',
    'ghost: blocked in the plan: the source has no machine of this name',
  ]);
});

it('verifies the report of a wave of replicas that existed before', async () => {
  const clock = new ManualClock();
  sandbox = await startSandbox({ clock, speed: 10, machines: machines(1) });
  const coriolis = connect(sandbox, sandbox.connection, sleepingOn(clock));
  const { id } = await one<{ id: string }>(coriolis, 'transfer.create', {
    originEndpointId: 'vcenter',
    destinationEndpointId: 'openstack',
    instances: ['wave-001'],
    scenario: 'replica',
    destinationEnvironment: { migr_network: 'private' },
    networkMap: { 'VM Network': 'private' },
  });
  const input = waveOf([{ machine: 'wave-001' }], { scenario: 'replica' });
  const { hash } = await planWave(coriolis, input);
  expect(await runWave(coriolis, input, runOptions(hash))).toMatchObject({ done: 1 });
  const report = await makeWaveReport(coriolis, {
    wave: 'Wave 1',
    planHash: hash,
    plan: undefined,
    approvals: undefined,
    actions: undefined,
    transferIds: [id],
  });
  expect(await verifyWaveReport(coriolis, copyOf(report))).toEqual({ agrees: true, differences: [] });
  await one(coriolis, 'transfer.delete', { transferId: id });
  const { agrees, differences } = await verifyWaveReport(coriolis, copyOf(report));
  expect(agrees).toBe(false);
  expect(differences).toContainEqual(expect.stringMatching(/^final sync .* is not on the server$/u));
});

const copyOf = (report: WaveReport): JsonObject => JSON.parse(JSON.stringify(report)) as JsonObject;

function parsed(text: string): JsonObject | undefined {
  try {
    return JSON.parse(text) as JsonObject;
  } catch {
    return undefined;
  }
}
