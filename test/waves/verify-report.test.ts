import type { Coriolis } from '../../src/api/operation-context';
import type { JsonObject } from '../../src/model/json';
import { planWave } from '../../src/playbooks/wave/plan';
import { makeManifest, hashManifest } from '../../src/playbooks/report/report-manifest';
import { runWave } from '../../src/playbooks/wave/run-wave';
import { verifyWaveReport } from '../../src/playbooks/wave/verify-wave-report';
import { makeWaveReport, totalsOf, type WaveReport } from '../../src/playbooks/wave/wave-report';
import type { WaveRunOptions } from '../../src/playbooks/wave/wave-run-options';
import { startSync } from '../../src/resources/execution';
import type { InstanceBehaviour } from '../../sandbox/platforms/platform';
import { startSandbox, type Sandbox } from '../../sandbox/sandbox';
import type { Generation } from '../../sandbox/world/releases';
import { ManualClock } from '../../sandbox/world/clock';
import { connect, sleepingOn } from '../support/coriolis';
import { machine, runOptions, waveOf } from './estate';

/** Reports whose hashes were computed anew after a change, against the server. */

let sandbox: Sandbox | undefined;
afterEach(async () => {
  await sandbox?.stop();
  sandbox = undefined;
});

type Parts = Omit<WaveReport, 'manifest' | 'report_hash'>;

const partsOf = ({ manifest: _manifest, report_hash: _hash, ...parts }: WaveReport): Parts => parts;

/** A report of these parts with the hashes that belong to them. */
function sealed(parts: Parts): JsonObject {
  const manifest = makeManifest(parts);
  const report = { ...parts, manifest, report_hash: hashManifest(manifest) };
  return JSON.parse(JSON.stringify(report)) as JsonObject;
}

/** These rows with one value changed or gone, for each value. */
const forged = <Row extends object>(rows: readonly Row[]): ReadonlyArray<readonly [string, readonly Row[]]> =>
  rows.flatMap((row, index) =>
    (Object.entries(row) as ReadonlyArray<[string, unknown]>).flatMap(([name, value]) =>
      [
        typeof value === 'number' ? value + 1 : `${String(value)}.`,
        ...(value === null || name === 'step' ? [] : [null]),
      ].map(
        (other) =>
          [
            `${name}: ${other}`,
            rows.map((each, at) => (at === index ? { ...each, [name]: other } : each)),
          ] as const,
      ),
    ),
  );

const reportOf = (coriolis: Coriolis): Promise<WaveReport> =>
  makeWaveReport(coriolis, {
    wave: 'Wave 1',
    planHash: undefined,
    plan: undefined,
    approvals: undefined,
    actions: undefined,
    transferIds: undefined,
  });

describe.each(['current', 'legacy'] satisfies Generation[])(
  'a report with new hashes on a %s server',
  (generation) => {
    async function estate() {
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
      return {
        coriolis,
        behaviour,
        run: (more: Partial<WaveRunOptions> = {}) => runWave(coriolis, input, runOptions(hash, more)),
        verified: async (parts: Parts) => (await verifyWaveReport(coriolis, sealed(parts))).differences,
      };
    }

    /** A moved wave of which one final sync was repeated. */
    async function moved() {
      const { coriolis, behaviour, run, verified } = await estate();
      await run({ until: 'synced' });
      behaviour.failure = { taskType: 'REPLICATE_DISKS', atPercent: 30, message: 'The host refused.' };
      await run({ retries: 0 });
      delete behaviour.failure;
      expect(await run({ retryFailed: true })).toMatchObject({ done: 2 });
      await coriolis.sleep(5000);
      return { verified, parts: partsOf(await reportOf(coriolis)) };
    }

    it('agrees when nothing was changed, and differs in each changed value of a machine or step', async () => {
      const { verified, parts } = await moved();
      expect(await verified(parts)).toEqual([]);
      const { machines, steps } = parts;
      const forgeries = [
        ...forged(machines).map(([what, rows]) => [what, rows, steps] as const),
        ...forged(steps).map(([what, rows]) => [what, machines, rows] as const),
      ];
      for (const [what, others, runs] of forgeries) {
        const differences = await verified({
          ...parts,
          machines: others,
          steps: runs,
          totals: totalsOf(others, runs),
        });
        expect([what, differences.length > 0]).toEqual([what, true]);
      }
    });

    it('differs when a step or a machine was left out, told twice, or when totals do not follow', async () => {
      const { verified, parts } = await moved();
      const { machines, steps, totals } = parts;
      const kept = steps.filter(({ outcome }) => outcome !== 'failed');
      expect(kept).toHaveLength(steps.length - 1);
      expect(await verified({ ...parts, steps: kept, totals: totalsOf(machines, kept) })).toContainEqual(
        expect.stringMatching(/^final sync .* of "m-1" is missing from the report$/u),
      );
      const one = machines.slice(1);
      expect(await verified({ ...parts, machines: one, totals: totalsOf(one, steps) })).toEqual([
        '"m-1" is missing from the report',
      ]);
      const twice = [...steps, ...steps.slice(0, 1)];
      expect(await verified({ ...parts, steps: twice, totals: totalsOf(machines, twice) })).toEqual([
        expect.stringMatching(/^create .* is told twice$/u),
      ]);
      const shorter = { ...totals, longest_downtime_seconds: 5 };
      expect(await verified({ ...parts, totals: shorter })).toEqual([
        'the totals differ from the machines and steps',
      ]);
    });

    it('agrees still when the wave went on after it, and a change is found then, too', async () => {
      const { coriolis, run, verified } = await estate();
      // Once in the middle of the first copies, once between them and the cutover.
      await run({ timeoutSeconds: 10 });
      const early = partsOf(await reportOf(coriolis));
      expect(early.steps.filter(({ outcome }) => outcome === null).length).toBeGreaterThan(0);
      await run({ until: 'synced' });
      await coriolis.sleep(5000);
      const synced = partsOf(await reportOf(coriolis));
      await run();
      const done = partsOf(await reportOf(coriolis));
      const [{ transfer_id: id } = { transfer_id: null }] = done.machines;
      await coriolis.sleep(60_000);
      await startSync(coriolis, id ?? '', { shutdownInstances: false, autoDeploy: false });
      await coriolis.sleep(600_000);
      for (const parts of [early, synced, done]) expect(await verified(parts)).toEqual([]);
      const machines = synced.machines.map((one) => ({ ...one, syncs: one.syncs + 1 }));
      expect(await verified({ ...synced, machines })).toEqual([
        '"m-1" differs on the server: syncs',
        '"m-2" differs on the server: syncs',
      ]);
    });
  },
);
