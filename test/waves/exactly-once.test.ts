import { ConflictError } from '../../src/api/errors';
import type { Coriolis } from '../../src/api/operation-context';
import type { WaveInput } from '../../src/playbooks/wave/wave-input';
import type { WaveBoard } from '../../src/playbooks/wave/board';
import { fetchWaveBoard } from '../../src/playbooks/wave/fetch-wave';
import { withoutUndefined } from '../../src/model/json';
import { planWave } from '../../src/playbooks/wave/plan';
import { makeWaveReport } from '../../src/playbooks/wave/wave-report';
import { verifyWaveReport } from '../../src/playbooks/wave/verify-wave-report';
import { runWave } from '../../src/playbooks/wave/run-wave';
import type { WaveRunOptions } from '../../src/playbooks/wave/wave-run-options';
import { startSync } from '../../src/resources/execution';
import { createTransfer } from '../../src/resources/transfer';
import { startSandbox, type Sandbox } from '../../sandbox/sandbox';
import type { LicenceTerms } from '../../sandbox/world/stores/licensing-server';
import { ManualClock } from '../../sandbox/world/clock';
import { cases, isSoak } from '../support/cases';
import { connect, one, rows } from '../support/coriolis';
import { Killed, mortalCaller, SharedTime, transportTo } from './callers';
import { runOptions, waveOf } from './estate';
import { otherRowsOf, randomWave, rowsOf, SECOND_SITE, type Phase, type RandomWave } from './random-wave';
import { ofReport } from './report-truth';
import { spansOf, truthOf, type Truth } from './truth';
import { ofCommitted, ofEnd, ofLimits, ofMachine, ofPhase, ofTurns, type PastPhase } from './violations';

/**
 * Random waves against the sandbox: machines fail at every stage, are slow or stuck; pools are small, licences few or end,
 * windows short; several callers run a wave at the same time, are killed at random requests, and lose answers. Afterwards
 * the server is asked for everything that was done.
 */

const { numRuns, seed: firstSeed = Date.now() % 1_000_000 } = cases(5);
/**
 * Machines of the largest wave. In a soak every fourth may have 60: they cost most of the time, and show few faults that smaller
 * ones do not show.
 */
const mostMachines = (seed: number): number => (isSoak ? (seed % 4 === 0 ? 60 : 20) : 10);

/** Waves in which a fault was found, by their seeds and the machines of the largest wave. */
const FOUND = [
  // Callers that retry a failed machine, beside callers that began before the failure and go on to the next.
  { seed: 20240235, most: 60 },
] as const;

describe('a wave run by several callers that die', () => {
  const random = Array.from({ length: numRuns }, (_one, index) => ({
    seed: firstSeed + index,
    most: mostMachines(firstSeed + index),
  }));
  const isFound = (one: { readonly seed: number; readonly most: number }): boolean =>
    FOUND.some(({ seed, most }) => seed === one.seed && most === one.most);
  const found = isSoak ? [] : FOUND;
  for (const { seed, most } of [...found, ...random.filter((one) => isSoak || !isFound(one))]) {
    it(`is moved exactly as planned, seed ${seed}`, async () => {
      const wave = randomWave(seed, most);
      const clock = new ManualClock();
      const sandbox = await startSandbox({
        clock,
        seed,
        generation: wave.generation,
        speed: wave.speed,
        machines: [...wave.machines.map(({ spec }) => spec), ...wave.foreign],
      });
      try {
        expect(await violations(wave, sandbox, clock)).toEqual([]);
      } finally {
        await sandbox.stop();
      }
    }, 3_600_000);
  }
});

async function violations(
  wave: RandomWave,
  sandbox: Sandbox,
  clock: ManualClock,
): Promise<readonly string[]> {
  const time = new SharedTime(clock);
  const runtime = time.runtime(wave.random);
  const coriolis = connect(sandbox, sandbox.connection, runtime, transportTo(sandbox));
  const { input, replicas, foreign, begin } = await time.run(() => prepared(wave, sandbox, coriolis));
  const { hash } = await time.run(() => planWave(coriolis, input));
  for (const fault of wave.faults) sandbox.faults.plan(fault);

  const deaths = [...wave.deaths];
  const runPhase = async (phase: Phase): Promise<PastPhase> => {
    const from = clock.now();
    const window = phase.window && {
      kind: 'once' as const,
      from: from + phase.window[0] * 1000,
      to: from + phase.window[1] * 1000,
    };
    const options = runOptions(hash, {
      until: phase.until,
      timeoutSeconds: phase.timeoutSeconds,
      window,
      stopAfter: phase.stopAfter,
      only: phase.only,
      retryFailed: phase.retryFailed,
      maxParallel: wave.maxParallel,
      maxParallelPerEndpoint: wave.maxParallelPerEndpoint,
    });
    const boards: WaveBoard[] = [];
    let calls = 0;
    // Each death is followed by another caller, until one of them sees the end.
    const live = async (): Promise<void> => {
      for (;;) {
        calls += 1;
        const caller = mortalCaller(sandbox, runtime, deaths.shift() ?? Infinity);
        try {
          boards.push(await time.run(() => runWave(caller, input, options)));
          return;
        } catch (error) {
          if (!(error instanceof Killed)) throw error;
        }
      }
    };
    await Promise.all(Array.from({ length: phase.callers }, live));
    // Timestamps are whole seconds: the next phase begins in another one.
    clock.advance(2);
    return { ...phase, from, to: clock.now() - 1000, boards, calls };
  };
  const phases: PastPhase[] = [];
  const started: number[] = [];
  for (const phase of wave.phases) {
    if (phase === wave.phases.at(-1) && wave.endingLicence?.isRenewed === true) addLicence(sandbox, {});
    phases.push(await runPhase(phase));
    if (hasOtherTable(wave)) {
      const other = { ...input, rows: otherRowsOf(wave, begin) };
      started.push(
        await time.run(() =>
          startsOf(coriolis, sandbox, other, runOptions(hash, { retryFailed: true, timeoutSeconds: 0 })),
        ),
      );
    }
  }

  sandbox.faults.clear();
  const ids = [...replicas.values()];
  const truths = await truthOf(coriolis.client, 'Wave 1', ids);
  const board =
    truths.length === 0 ? undefined : await time.run(() => fetchWaveBoard(coriolis, 'Wave 1', ids));
  const spans = spansOf(truths).filter(({ from }) => from >= begin);
  const others = spansOf(await truthOf(coriolis.client, undefined, foreign));
  return [
    ...truths.flatMap((truth) => ofMachine(wave, truth, replicas.get(truth.machine), phases)),
    ...ofLimits(wave, spans, others),
    ...phases.flatMap((phase) => ofPhase(phase, spans)),
    ...ofTurns(wave, spans, { begin, phases }),
    ...ofCommitted(truths, phases),
    ...started
      .filter((count) => count > 0)
      .map((count) => `a table that was not approved started ${count} steps`),
    ...ofEnd(wave, truths, board),
    ...(truths.length === 0
      ? []
      : await time.run(() => ofEvidence(coriolis, sandbox, wave, { truths, ids }))),
  ];
}

/** Whether, after each phase, somebody gives the approved hash with another table. */
const hasOtherTable = ({ seed }: RandomWave): boolean => seed % 3 === 1;

/** Number of steps that a call starts; none when it is refused as a whole. */
async function startsOf(
  coriolis: Coriolis,
  sandbox: Sandbox,
  input: WaveInput,
  options: WaveRunOptions,
): Promise<number> {
  const count = (): number => sandbox.requests.count('POST', STARTS);
  const before = count();
  try {
    await runWave(coriolis, input, options);
  } catch (error) {
    if (!(error instanceof ConflictError)) throw error;
  }
  return count() - before;
}

const STARTS = /\/(?:transfers|replicas|executions|deployments|migrations)$/u;

/** Differences between the report of the wave and the sandbox's own account, and a forgery that nobody noticed. */
async function ofEvidence(
  coriolis: Coriolis,
  sandbox: Sandbox,
  wave: RandomWave,
  { truths, ids }: { readonly truths: readonly Truth[]; readonly ids: readonly string[] },
): Promise<readonly string[]> {
  const report = await makeWaveReport(coriolis, {
    wave: 'Wave 1',
    planHash: undefined,
    plan: undefined,
    approvals: undefined,
    actions: undefined,
    transferIds: ids,
  });
  const honest = await verifyWaveReport(coriolis, JSON.parse(JSON.stringify(report)) as never);
  const [step] = report.steps.slice(Math.floor(wave.random() * report.steps.length));
  const forged = {
    ...report,
    steps: report.steps.map((one) => (one === step ? { ...one, seconds: -1 } : one)),
  };
  const { agrees } = await verifyWaveReport(coriolis, forged);
  return [
    ...ofReport(report, sandbox.listFinishedRuns(), truths),
    ...honest.differences.map((text) => `an honest report is refused: ${text}`),
    ...(agrees && step !== undefined ? ['a forged report agrees'] : []),
  ];
}

function addLicence(sandbox: Sandbox, terms: LicenceTerms): void {
  for (const appliance of sandbox.licensing.appliances.values()) {
    sandbox.licensing.addLicence(appliance, { replicas: 200, migrations: 200, ...terms });
  }
}

/** Everything that exists before the wave: pools, licences, replicas with their copies. */
async function prepared(
  wave: RandomWave,
  sandbox: Sandbox,
  coriolis: Coriolis,
): Promise<{
  readonly input: WaveInput;
  /** Transfers by machine. */
  readonly replicas: ReadonlyMap<string, string>;
  /** Ids of the transfers of others. */
  readonly foreign: readonly string[];
  readonly begin: number;
}> {
  const endpoints = await rows<{ id: string; type: string }>(coriolis, 'endpoint.getAll');
  const idOf = (type: string): string => endpoints.find(({ row }) => row.type === type)?.row.id ?? '';
  const [originEndpointId, destinationEndpointId] = [idOf('vmware_vsphere'), idOf('openstack')];
  if (wave.machines.some(({ isOfSecondSite }) => isOfSecondSite)) await addSecondSite(coriolis);
  const pool =
    wave.poolSize === undefined
      ? undefined
      : await one<{ id: string }>(coriolis, 'minionPool.create', {
          name: 'small',
          endpointId: destinationEndpointId,
          platform: 'destination',
          minimumMinions: 1,
          maximumMinions: wave.poolSize,
          environmentOptions: { migr_network: 'private' },
        });
  if (pool !== undefined) await one(coriolis, 'minionPool.wait', { minionPoolId: pool.id });
  const copied = async (instance: string, notes: string): Promise<readonly [string, string]> => {
    const { id } = await createTransfer(coriolis, {
      originEndpointId,
      destinationEndpointId,
      instances: [instance],
      scenario: 'replica',
      notes,
      destinationEnvironment: { migr_network: 'private' },
      networkMap: { 'VM Network': 'private' },
      checkInstances: false,
    } as never);
    const { id: executionId } = await startSync(coriolis, id, {
      shutdownInstances: false,
      autoDeploy: false,
    });
    return [id, executionId];
  };
  const replicas = new Map<string, string>();
  for (const { spec, isReplica } of wave.machines) {
    if (!isReplica) continue;
    const [transferId, executionId] = await copied(spec.name, `nightly ${spec.name}`);
    await one(coriolis, 'execution.wait', { transferId, executionId, timeoutSeconds: 24 * 3600 });
    replicas.set(spec.name, transferId);
  }
  const units = wave.licences ?? (wave.endingLicence === undefined ? undefined : 200);
  if (units !== undefined) {
    sandbox.licensing.isEnforced = true;
    for (const { licences } of sandbox.licensing.appliances.values()) licences.clear();
    const days = wave.endingLicence && wave.endingLicence.afterSeconds / 86_400;
    addLicence(sandbox, { replicas: units, migrations: units, ...withoutUndefined({ days }) });
  }
  const foreign: string[] = [];
  for (const { name } of wave.foreign) foreign.push((await copied(name, 'of others'))[0]);
  const begin = coriolis.clock();
  return {
    replicas,
    foreign,
    begin,
    input: waveOf(rowsOf(wave, begin), {
      passes: wave.passes,
      shutdownInstances: wave.shutdown,
      scenario: wave.scenario,
      destinationMinionPoolId: pool?.id,
    }),
  };
}

/** Another pair of endpoints, to the same platforms. */
async function addSecondSite(coriolis: Coriolis): Promise<void> {
  await one(coriolis, 'endpoint.create', {
    name: SECOND_SITE.origin,
    type: 'vmware_vsphere',
    connection: {
      host: 'vcenter-2.example.com',
      port: 443,
      username: 'reader',
      password: 'x',
      allow_untrusted: true,
    },
  });
  await one(coriolis, 'endpoint.create', {
    name: SECOND_SITE.destination,
    type: 'openstack',
    connection: {
      identity_api_version: 3,
      auth_url: 'https://openstack-2.example.com:5000/v3',
      username: 'migration',
      password: 'x',
      project_name: 'migration',
      user_domain_name: 'Default',
      project_domain_name: 'Default',
    },
  });
}
