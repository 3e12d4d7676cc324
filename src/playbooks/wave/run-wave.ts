import { asError, isCoriolisError, NotFoundError } from '../../api/errors';
import { isWaitOver, pauseWait } from '../../api/end-of-wait';
import type { Coriolis } from '../../api/operation-context';
import { fetchEndpointNames } from '../../facts/endpoint-names';
import { admitMachines, type Admission } from './admission';
import type {
  AdmissionCandidate,
  AdmissionContext,
  WaveLimits,
  MachineWait,
  StepRetry,
} from './admission-types';
import { findUnapprovedRows, readPlanHash } from './unapproved-rows';
import type { WaveInput } from './wave-input';
import { explainFailures } from './failure-words';
import { makeWaveBoard, type WaveBoard } from './board';
import {
  makeAdmissionCandidate,
  computeMachineState,
  findTransfersOfRow,
  type WaveMachine,
} from './machine-state';
import { WaveObserver, type WaveSnapshot } from './wave-observer';
import { statusLabelOf } from '../../model/status';
import type { MinionMachine, MinionPool } from '../../model/api-objects';
import { quoteText } from '../../model/untrusted-text';
import { planWave, type WavePlan } from './plan';
import type { PlannedRow } from './planned-row';
import { reportProgressMessage } from './progress-message';
import { isNameOfRow, requireKnownMachineNames } from './machine-name-filter';
import type { WaveRunOptions } from './wave-run-options';
import { canWaveRunEnd } from './can-wave-run-end';
import { findStepToRetry } from './step-retry';
import { StepStarter } from './step-starter';
import type { TransferIndex } from './transfer-index';
import { findChangeSincePlan } from './change-since-plan';
import { deleteDuplicateTransfers } from './duplicate-transfers';
import { measureWaveStepDurations } from './step-durations';

/** Pause in milliseconds after a poll that has started a step. */
const MIN_PAUSE_MS = 2000;
/** Maximum pause between two polls, in milliseconds. */
const MAX_PAUSE_MS = 30_000;
/** Factor by which the pause grows while nothing starts. */
const PAUSE_GROWTH = 1.5;
/** Number of consecutive failed polls that are tolerated; one more fails the call. */
const MAX_FAILURES = 4;
/** Maximum number of characters of a name in a reason. */
const MAX_NAME = 60;

/**
 * Runs the next steps of a wave's approved plan until nothing is left to start or the timeout passes. Each call
 * continues from the server's state, and several calls may run the same wave at once.
 *
 * @throws {ConflictError} no row of the wave is as approved
 * @throws {CanceledError} `coriolis.signal` fired; started steps continue on the server
 */
export async function runWave(
  coriolis: Coriolis,
  input: WaveInput,
  options: WaveRunOptions,
): Promise<WaveBoard> {
  const planHash = readPlanHash(options.planHash);
  const plan = await planWave(coriolis, input, { approved: planHash });
  const refused = findUnapprovedRows(plan, planHash, options.rowHashes);
  requireKnownMachineNames(plan, options.only);
  return await new WaveRun(coriolis, plan, refused, { ...options, planHash }, input.shutdownInstances).run();
}

/** State of the wave at one poll, and the decision about the steps to start. */
interface WaveAssessment {
  readonly snapshot: WaveSnapshot;
  readonly machines: readonly WaveMachine[];
  readonly candidates: readonly AdmissionCandidate[];
  readonly admission: Admission;
  readonly context: AdmissionContext;
  /** Words about failed runs, by key of the machine. */
  readonly failures: ReadonlyMap<string, string>;
}

/** One call of `wave.run`: polls the wave and starts steps until nothing is left to start or the time is over. */
class WaveRun {
  private readonly observer: WaveObserver;
  private readonly starter: StepStarter;
  /** Sentences about what needs attention, collected over all polls. */
  private readonly attention = new Set<string>();
  /** Machines of which this call has seen a transfer. */
  private readonly withTransfer = new Set<string>();

  /** Server's time of the first poll, milliseconds since 1970. */
  private begunAt: number | undefined;

  constructor(
    private readonly coriolis: Coriolis,
    private readonly plan: WavePlan,
    private readonly refused: ReadonlyMap<PlannedRow, MachineWait>,
    private readonly options: WaveRunOptions,
    private readonly allowsShutdown: boolean,
  ) {
    this.observer = new WaveObserver(coriolis, {
      usesPools: plan.rows.some(({ poolIds }) => poolIds.length > 0),
      everyProgress: false,
    });
    this.starter = new StepStarter(coriolis, this.observer, plan.rows, options);
  }

  async run(): Promise<WaveBoard> {
    const { coriolis, options } = this;
    const deadline = coriolis.clock() + options.timeoutSeconds * 1000;
    let pause = MIN_PAUSE_MS;
    let failures = 0;
    for (;;) {
      let moved = false;
      let board: WaveBoard | undefined;
      try {
        const look = await this.assess();
        const { snapshot, machines, candidates, admission } = look;
        board = this.board(look);
        reportProgressMessage(coriolis, board.headline, board.percent);
        const deletion = await deleteDuplicateTransfers(coriolis, machines, snapshot.now);
        for (const text of deletion.attention) this.attention.add(text);
        moved = (await this.starter.start(snapshot, machines, candidates, admission)) || deletion.isAnyTried;
        failures = 0;
        if (!moved && canWaveRunEnd(candidates, admission, snapshot.now, options.window)) return board;
      } catch (error) {
        failures += 1;
        if (!isTemporary(error) || failures > MAX_FAILURES || isWaitOver(coriolis, deadline))
          throw asError(error);
      }
      if (isWaitOver(coriolis, deadline)) {
        if (!moved && board !== undefined) return board;
        return this.board(await this.assess());
      }
      pause = moved ? MIN_PAUSE_MS : Math.min(pause * PAUSE_GROWTH, MAX_PAUSE_MS);
      const soon = board?.isSettling === true ? MIN_PAUSE_MS : pause;
      await pauseWait(coriolis, Math.max(1, Math.min(soon, deadline - coriolis.clock())));
    }
  }

  /** Reads the state of the wave and decides the steps to start. */
  private async assess(): Promise<WaveAssessment> {
    const { plan, options, observer } = this;
    const rows = plan.rows.filter(({ problem }) => problem === null);
    const snapshot = await observer.fetchSnapshot((transfers) =>
      rows.flatMap((row) => {
        const { valid, isAdopted } = findTransfersOfRow(row, transfers);
        return valid === undefined ? [] : [{ transfer: valid, isAdopted }];
      }),
    );
    this.begunAt ??= snapshot.now;
    const machines = rows.map((row) =>
      computeMachineState(row, snapshot, {
        goal: options.until,
        scheduled: (id) => this.starter.isScheduled(id),
      }),
    );
    const { earlierDeploySeconds } = snapshot;
    const usual = measureWaveStepDurations(machines, { earlierDeploySeconds });
    const rules = {
      retries: options.retries,
      failedBefore: options.retryFailed ? this.begunAt : undefined,
    };
    const retries = await Promise.all(
      machines.map((machine) => findStepToRetry(this.coriolis, machine, rules)),
    );
    const candidates = machines.map((machine, index) => {
      const retry = retries[index];
      const held = this.reasonToHold(machine, retry, snapshot.transfers);
      return makeAdmissionCandidate(machine, { held, retry, usual });
    });
    for (const { key, transfer } of machines) if (transfer !== undefined) this.withTransfer.add(key);
    const context = { ...admissionContext(snapshot), endpointNames: await this.endpointNames() };
    const admission = admitMachines(candidates, this.limits, context);
    const failures = await explainFailures(this.coriolis, machines);
    return { snapshot, machines, candidates, admission, context, failures };
  }

  /** Names of the endpoints, for the reasons to wait for them; empty without a limit for each endpoint. */
  private async endpointNames(): Promise<ReadonlyMap<string, string>> {
    if (this.limits.maxParallelPerEndpoint === undefined) return new Map();
    const ids = this.plan.rows.flatMap((row) => [row.originEndpointId, row.destinationEndpointId]);
    return await fetchEndpointNames(this.coriolis, [...new Set(ids.filter((id) => id !== null))]);
  }

  private get limits(): WaveLimits {
    const { maxParallel, maxParallelPerEndpoint, window, stopAfter } = this.options;
    return { maxParallel, maxParallelPerEndpoint, window, stopAfter };
  }

  /** Reason to start no step of a machine in this call; undefined when steps may start. */
  private reasonToHold(
    machine: WaveMachine,
    retry: StepRetry | undefined,
    transfers: TransferIndex,
  ): MachineWait | undefined {
    const { row, key, position, transfer, isAdopted } = machine;
    const refusal = this.refused.get(row);
    if (refusal !== undefined) return refusal;
    const { only, until } = this.options;
    if (only !== undefined && !only.some((name) => isNameOfRow(row, name)))
      return { kind: 'only', why: 'it is not among those to run' };
    const change = findChangeSincePlan(
      machine,
      transfers,
      this.withTransfer.has(key) || this.starter.hasCreated(key),
    );
    if (change !== undefined) return { kind: 'refused', why: change };
    if (until === 'cut_over' && isAdopted && !row.shutdown && position.step.do !== 'done')
      return { kind: 'blocked', why: 'a transfer from before is cut over only with its source shut down' };
    const isFinalSync = position.step.do === 'final_sync' || retry?.step === 'final_sync';
    if (row.shutdown && !this.allowsShutdown && isFinalSync && !position.committed)
      return { kind: 'gate', why: 'its source is shut down only when the call says so (shutdownInstances)' };
    if (until === 'protected' && row.scenario === 'live_migration' && transfer !== undefined)
      return { kind: 'blocked', why: 'only replicas are protected by schedules' };
    return this.starter.skipReason(key);
  }

  private board({ snapshot, machines, candidates, admission, context, failures }: WaveAssessment): WaveBoard {
    const { plan, options, attention, starter } = this;
    return makeWaveBoard({
      machines,
      blocked: plan.rows.filter(({ problem }) => problem !== null),
      waits: admission.waits,
      failures,
      snapshot,
      goal: options.until,
      planHash: options.planHash,
      forecast: { candidates, limits: this.limits, context },
      actions: starter.actions,
      attention: [...attention],
    });
  }
}

const admissionContext = ({ foreignRuns, earlierDeploySeconds, pools, now }: WaveSnapshot) => ({
  foreignRuns,
  earlierDeploySeconds,
  now,
  pools: new Map([...pools].map(([id, pool]) => [id, usableMachines(pool)])),
  poolReasons: new Map([...pools].map(([id, pool]) => [id, reasonOfEmptyPool(pool)])),
});

/** Reason in words why a pool has no usable machine. */
function reasonOfEmptyPool({ name, status }: MinionPool): string {
  const pool = `minion pool "${quoteText(name, MAX_NAME)}"`;
  if (status === 'ALLOCATED') return `${pool} has no free machine`;
  // The server allocates deallocated pools only.
  const remedy =
    status === 'DEALLOCATED'
      ? ': allocate it'
      : status === 'ERROR'
        ? ': deallocate it, then allocate it'
        : '';
  return `${pool} is ${statusLabelOf(status).toLowerCase()}${remedy}`;
}

/**
 * Number of usable machines of a pool, including those in use now (admission counts the runs that use them). A machine that is being checked, created or removed cannot be used, and the server refuses a run
 * for which no machine is left.
 */
function usableMachines({ status, maximum_minions: maximum, minion_machines: machines }: MinionPool): number {
  if (status !== 'ALLOCATED') return 0;
  const isBusy = ({ allocation_status: state, allocated_action: action }: MinionMachine): boolean =>
    action === null && state !== 'AVAILABLE';
  return maximum - (machines ?? []).filter(isBusy).length;
}

const isTemporary = (error: unknown): boolean =>
  isCoriolisError(error) &&
  ['unreachable', 'timeout', 'server', 'protocol', 'not_found'].includes(error.kind) &&
  !(error instanceof NotFoundError && error.status === undefined);
