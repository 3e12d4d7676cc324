import type { Coriolis } from '../../src/api/coriolis';
import type { WaveInput } from '../../src/playbooks/wave/blueprint';
import type { WaveBoard } from '../../src/playbooks/wave/board';
import { boardOfWave } from '../../src/playbooks/wave/known-wave';
import { planWave } from '../../src/playbooks/wave/plan';
import { runWave } from '../../src/playbooks/wave/run';
import { startExecution } from '../../src/resources/execution';
import { createTransfer } from '../../src/resources/transfer';
import { startSandbox, type Sandbox } from '../../sandbox/sandbox';
import { ManualClock } from '../../sandbox/world/clock';
import { cases } from '../support/cases';
import { connect, one, rows } from '../support/coriolis';
import { Killed, mortalCaller, SharedTime } from './callers';
import { runOptions, waveOf } from './estate';
import { randomWave, rowsOf, type Phase, type RandomWave } from './random-wave';
import { faultsOf, isCommitted, isMoved, mostAtOnce, spansOf, truthOf, type Span, type Truth } from './truth';

/**
 * Random waves against the sandbox: machines fail at every stage, are slow or stuck; pools are small, licences few, windows
 * short; several callers run a wave at the same time, are killed at random requests, and lose answers. Afterwards the server
 * is asked for everything that was done.
 */

const { numRuns, seed: firstSeed = Date.now() % 1_000_000 } = cases(5);
/** Machines of the largest waves: few in the usual cases, which must be quick. */
const MOST_MACHINES = numRuns > 5 ? 60 : 10;

describe('a wave run by several callers that die', () => {
  for (let index = 0; index < numRuns; index += 1) {
    const seed = firstSeed + index;
    it(`is moved exactly as planned, seed ${seed}`, async () => {
      const wave = randomWave(seed, MOST_MACHINES);
      const clock = new ManualClock();
      const sandbox = await startSandbox({
        clock,
        seed,
        generation: wave.generation,
        speed: wave.speed,
        machines: wave.machines.map(({ spec }) => spec),
      });
      try {
        expect(await violations(wave, sandbox, clock)).toEqual([]);
      } finally {
        await sandbox.stop();
      }
    }, 3_600_000);
  }
});

/** One phase with its times and what its callers saw last. */
interface PastPhase extends Phase {
  readonly from: number;
  readonly to: number;
  readonly boards: readonly WaveBoard[];
}

async function violations(
  wave: RandomWave,
  sandbox: Sandbox,
  clock: ManualClock,
): Promise<readonly string[]> {
  const time = new SharedTime(clock);
  const runtime = time.runtime(wave.random);
  const coriolis = connect(sandbox, sandbox.connection, runtime);
  const { input, replicas, begin } = await time.run(() => prepared(wave, sandbox, coriolis));
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
      maxParallel: wave.maxParallel,
      maxParallelPerEndpoint: wave.maxParallelPerEndpoint,
    });
    const boards: WaveBoard[] = [];
    // Each death is followed by another caller, until one of them sees the end.
    const live = async (): Promise<void> => {
      for (;;) {
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
    return { ...phase, from, to: clock.now() - 1000, boards };
  };
  const phases: PastPhase[] = [];
  for (const phase of wave.phases) phases.push(await runPhase(phase));

  sandbox.faults.clear();
  const ids = [...replicas.values()];
  const truths = await truthOf(coriolis.client, 'Wave 1', ids);
  const board = truths.length === 0 ? undefined : await time.run(() => boardOfWave(coriolis, 'Wave 1', ids));
  const spans = spansOf(truths).filter(({ from }) => from >= begin);
  return [
    ...truths.flatMap((truth) => ofMachine(wave, truth, replicas.get(truth.machine))),
    ...ofLimits(wave, spans),
    ...phases.flatMap((phase) => ofPhase(phase, spans)),
    ...ofTurns(wave, spans, begin),
    ...ofCommitted(truths, phases),
    ...ofEnd(wave, truths, board),
  ];
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
  readonly begin: number;
}> {
  const endpoints = await rows<{ id: string; type: string }>(coriolis, 'endpoint.getAll');
  const idOf = (type: string): string => endpoints.find(({ row }) => row.type === type)?.row.id ?? '';
  const [originEndpointId, destinationEndpointId] = [idOf('vmware_vsphere'), idOf('openstack')];
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
  const replicas = new Map<string, string>();
  for (const { spec, isReplica } of wave.machines) {
    if (!isReplica) continue;
    const { id } = await createTransfer(coriolis, {
      originEndpointId,
      destinationEndpointId,
      instances: [spec.name],
      scenario: 'replica',
      notes: `nightly ${spec.name}`,
      destinationEnvironment: { migr_network: 'private' },
      networkMap: { 'VM Network': 'private' },
      checkInstances: false,
    } as never);
    const { id: executionId } = await startExecution(coriolis, id, {
      shutdownInstances: false,
      autoDeploy: false,
    });
    await one(coriolis, 'execution.wait', { transferId: id, executionId, timeoutSeconds: 24 * 3600 });
    replicas.set(spec.name, id);
  }
  if (wave.licences !== undefined) {
    sandbox.licensing.enforced = true;
    for (const appliance of sandbox.licensing.appliances.values()) {
      appliance.licences.clear();
      sandbox.licensing.addLicence(appliance, { replicas: wave.licences, migrations: wave.licences });
    }
  }
  const begin = coriolis.clock();
  return {
    replicas,
    begin,
    input: waveOf(rowsOf(wave, begin), {
      passes: wave.passes,
      shutdownInstances: wave.shutdown,
      scenario: wave.scenario,
      destinationMinionPoolId: pool?.id,
    }),
  };
}

function ofMachine(wave: RandomWave, truth: Truth, replica: string | undefined): readonly string[] {
  const { machine, transfers, syncs } = truth;
  const before = replica === undefined ? 0 : 1;
  const passes = Math.max(wave.passes, before);
  const { failure } = wave.machines.find(({ spec }) => spec.name === machine) ?? {};
  const failed = syncs.filter(({ status }) => status === 'ERROR').length;
  return [
    ...faultsOf(truth, { passes, shutdown: wave.shutdown }),
    ...(isMoved(truth) && syncs.filter(({ status }) => status === 'COMPLETED').length !== passes + 1
      ? [`${machine} was deployed after ${syncs.length} syncs`]
      : []),
    ...(failed > 2 ? [`${machine} was tried ${failed} times`] : []),
    ...(failure !== undefined && mustFail(wave, failure.taskType) && isMoved(truth)
      ? [`${machine} cannot have been moved: ${failure.taskType} fails`]
      : []),
    ...(replica !== undefined && transfers.some(({ notes }) => notes !== `nightly ${machine}`)
      ? [`the notes of the replica of ${machine} were changed`]
      : []),
  ];
}

const mustFail = ({ shutdown }: RandomWave, taskType: string): boolean =>
  shutdown || taskType !== 'SHUTDOWN_INSTANCE';

function ofLimits(wave: RandomWave, spans: readonly Span[]): readonly string[] {
  const most = mostAtOnce(spans);
  const pooled = mostAtOnce(spans.filter(({ kind }) => kind === 'sync'));
  return [
    ...(most > wave.maxParallel ? [`${most} runs at a time, ${wave.maxParallel} allowed`] : []),
    ...(most > (wave.maxParallelPerEndpoint ?? Infinity)
      ? [`${most} runs at a time at an endpoint, ${wave.maxParallelPerEndpoint ?? ''} allowed`]
      : []),
    ...(wave.poolSize !== undefined && pooled > wave.poolSize && wave.machines.every((one) => !one.isReplica)
      ? [`${pooled} runs at a time with a pool of ${wave.poolSize}`]
      : []),
  ];
}

/** Seconds between a look at the server and the start that follows, with lost answers in between. */
const TOLERANCE_MS = 10_000;

function ofPhase(
  { from, to, window, stopAfter, until }: PastPhase,
  spans: readonly Span[],
): readonly string[] {
  const free = spans.filter((span) => span.from >= from && span.from < to && !span.isCommitted);
  const lasts = new Map(spans.filter((span) => span.from < to).map((span) => [span.machine, span]));
  const failures = [...lasts.values()]
    .filter(({ outcome }) => outcome === 'failed')
    .map(({ to: end }) => end)
    .sort((first, second) => first - second);
  const stopped = stopAfter === undefined ? undefined : failures[stopAfter - 1];
  const text = ({ machine, kind, from: at }: Span): string =>
    `a ${kind} of ${machine} (${until}) at ${(at - from) / 1000} s`;
  return [
    ...free
      .filter(
        (span) =>
          window !== undefined &&
          (span.from < from + window[0] * 1000 || span.from > from + window[1] * 1000 + TOLERANCE_MS),
      )
      .map((span) => `${text(span)} is outside of the window ${window?.join(' to ') ?? ''}`),
    ...free
      .filter((span) => stopped !== undefined && span.from > stopped + TOLERANCE_MS)
      .map((span) => `${text(span)} began after ${stopAfter ?? 0} failures`),
  ];
}

/** Machines wait for their order and their time. */
function ofTurns(wave: RandomWave, spans: readonly Span[], begin: number): readonly string[] {
  const byName = new Map(wave.machines.map((one) => [one.spec.name, one]));
  return spans.flatMap(({ machine, from, isCommitted: isOff }) => {
    const { notBeforeSeconds = 0 } = byName.get(machine) ?? {};
    return isOff || from >= begin + notBeforeSeconds * 1000 - 1000 ? [] : [`${machine} began too early`];
  });
}

/** A machine whose source is off is deployed, or people are told. */
function ofCommitted(truths: readonly Truth[], phases: readonly PastPhase[]): readonly string[] {
  const boards = phases.at(-1)?.boards ?? [];
  return truths.filter(isCommitted).flatMap(({ machine }) =>
    boards
      .filter(({ attention, rows: all }) => {
        const row = all.find((each) => each.machine === machine);
        const isNamed = attention.some((text) => text.includes(`"${machine}"`));
        return !(row?.committed === true && (isNamed || ['final_sync', 'deploying'].includes(row.stage)));
      })
      .map(() => `the source of ${machine} is off and the board does not tell`),
  );
}

/** What can be moved is moved, and the board agrees with the server. */
function ofEnd(wave: RandomWave, truths: readonly Truth[], board: WaveBoard | undefined): readonly string[] {
  const moved = truths.filter(isMoved).length;
  const isHeld = wave.machines.some(({ isStuck }) => isStuck);
  const missing = wave.machines
    .filter(({ failure }) => failure === undefined || !mustFail(wave, failure.taskType))
    .map(({ spec: { name } }) => truths.find(({ machine }) => machine === name) ?? name)
    .filter((truth) => typeof truth === 'string' || !isMoved(truth))
    .map((truth) => (typeof truth === 'string' ? truth : truth.machine));
  const own = truths.filter(({ transfers }) => transfers.some(({ notes }) => /\[wave /.test(notes ?? '')));
  return [
    ...(wave.licences === undefined && !isHeld ? missing.map((name) => `${name} was not moved`) : []),
    ...(wave.licences !== undefined && own.length > wave.licences
      ? [`${own.length} transfers with ${wave.licences} licences`]
      : []),
    ...(board !== undefined && board.done !== moved
      ? [`the board tells ${board.done} moved machines, the server ${moved}`]
      : []),
  ];
}
