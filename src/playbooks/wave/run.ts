import {
  AuthenticationError,
  CanceledError,
  ConflictError,
  asError,
  InvalidInputError,
  isCoriolisError,
  NotFoundError,
} from '../../api/errors';
import { concurrently } from '../../api/concurrently';
import { path } from '../../api/path';
import type { Coriolis } from '../../api/coriolis';
import { tolerate } from '../../api/tolerate';
import type { ScheduleTimes } from '../../model/schedule';
import type { TimeWindow } from '../../model/time-window';
import { formatIso } from '../../model/timestamps';
import { quoteText } from '../../model/untrusted';
import {
  admitMachines,
  type Admission,
  type Candidate,
  type WaveLimits,
  type MachineWait,
  type WaitKind,
} from './admission';
import { unapprovedRows } from './approval';
import type { WaveInput } from './blueprint';
import { makeBoard, type WaveAction, type WaveBoard } from './board';
import { wasNeverExecuted } from './existing-transfers';
import {
  transferAgeMs,
  makeCandidate,
  computeMachineState,
  stepToRetry,
  transfersOfRow,
  measureUsualTimes,
  TRANSFER_VISIBLE_AFTER_MS,
  type WaveMachine,
} from './machine-state';
import { progressNote } from './progress-note';
import { WaveObserver, type WaveTick } from './observe';
import { planWave, type WavePlan } from './plan';
import type { PlannedRow } from './planned-row';
import { startWaveStep } from './start';
import { computePosition, type StepName, type WaveGoal } from './step';

/** Options of a wave's run. */
export interface RunOptions {
  readonly planHash: string;
  readonly until: WaveGoal;
  /** Names of the machines or waves to run; all when undefined. */
  readonly only: readonly string[] | undefined;
  readonly rowHashes: Readonly<Record<string, string>> | undefined;
  readonly maxParallel: number;
  readonly maxParallelPerEndpoint: number | undefined;
  readonly window: TimeWindow | undefined;
  readonly stopAfter: number | undefined;
  readonly retries: number;
  readonly retryFailed: boolean;
  /** Hour of the first schedule of replicas, in UTC. */
  readonly scheduleHour: number;
  readonly scheduleStaggerMinutes: number;
  readonly timeoutSeconds: number;
}

const CREATES_AT_ONCE = 4;
const SOON_MS = 2000;
const MAX_PAUSE_MS = 30_000;
const GROWTH = 1.5;
/** Number of consecutive failures to start a step, after which the machine is skipped until the next call. */
const MAX_START_FAILURES = 4;

/**
 * Runs the next steps of a wave's approved plan within the given time. A call continues from the server's state;
 * several may run at once.
 *
 * @throws {ConflictError} nothing of the wave is as approved
 * @throws {CanceledError} the caller gave up; what was started goes on
 */
export async function runWave(coriolis: Coriolis, input: WaveInput, options: RunOptions): Promise<WaveBoard> {
  const plan = await planWave(coriolis, input, { approved: options.planHash });
  const refused = unapprovedRows(plan, options.planHash, options.rowHashes);
  requireKnown(plan, options.only);
  return await new WaveRun(coriolis, plan, refused, options, input.shutdownInstances).run();
}

function requireKnown(plan: WavePlan, only: readonly string[] | undefined): void {
  const unknown = only?.filter((name) => !plan.rows.some((row) => isNamed(row, name))) ?? [];
  if (unknown.length > 0) {
    throw new InvalidInputError(`Only names what the table does not have: ${unknown.join(', ')}.`, {
      field: 'only',
      advice: 'Name machines as the table does, or waves.',
    });
  }
}

const isNamed = (row: PlannedRow, name: string): boolean =>
  row.name === name || row.wave === name || row.instance === name;

class WaveRun {
  private readonly observer: WaveObserver;
  private readonly actions: WaveAction[] = [];
  /** Failures to start a step in this call, by machine. */
  private readonly troubles = new Map<string, { readonly count: number; readonly wait: MachineWait }>();
  private readonly attention = new Set<string>();
  private readonly scheduled = new Map<string, boolean>();
  /** Server's time of the first tick. */
  private begunAt: number | undefined;

  constructor(
    private readonly coriolis: Coriolis,
    private readonly plan: WavePlan,
    private readonly refused: ReadonlyMap<PlannedRow, MachineWait>,
    private readonly options: RunOptions,
    private readonly allowsShutdown: boolean,
  ) {
    this.observer = new WaveObserver(coriolis, {
      usesPools: plan.rows.some(({ poolIds }) => poolIds.length > 0),
      everyProgress: false,
    });
  }

  async run(): Promise<WaveBoard> {
    const { coriolis, options } = this;
    const deadline = coriolis.clock() + options.timeoutSeconds * 1000;
    let pause = SOON_MS;
    let troubles = 0;
    for (;;) {
      let moved = false;
      let board: WaveBoard | undefined;
      try {
        const { tick, machines, candidates, admission } = await this.look();
        board = this.board(tick, machines, admission);
        progressNote(coriolis, board.headline, board.percent);
        const surplus = await this.removeSurplus(machines, tick);
        moved = (await this.start(tick, machines, candidates, admission)) || surplus;
        troubles = 0;
        if (!moved && isOver(candidates, admission, tick.now, options.window)) return board;
      } catch (error) {
        troubles += 1;
        if (!mayPass(error) || troubles > MAX_START_FAILURES || coriolis.clock() >= deadline)
          throw asError(error);
      }
      if (coriolis.clock() >= deadline) {
        if (!moved && board !== undefined) return board;
        const { tick, machines, admission } = await this.look();
        return this.board(tick, machines, admission);
      }
      pause = moved ? SOON_MS : Math.min(pause * GROWTH, MAX_PAUSE_MS);
      const soon = board?.isSettling === true ? SOON_MS : pause;
      await coriolis.sleep(Math.max(1, Math.min(soon, deadline - coriolis.clock())), coriolis.signal);
    }
  }

  /** Reads the state of the wave and decides the steps to start. */
  private async look(): Promise<{
    readonly tick: WaveTick;
    readonly machines: readonly WaveMachine[];
    readonly candidates: readonly Candidate[];
    readonly admission: Admission;
  }> {
    const { plan, options, observer } = this;
    const rows = plan.rows.filter(({ problem }) => problem === null);
    const tick = await observer.tick((transfers) =>
      rows.flatMap((row) => {
        const { valid, isAdopted } = transfersOfRow(row, transfers);
        return valid === undefined ? [] : [{ transfer: valid, isAdopted }];
      }),
    );
    this.begunAt ??= tick.now;
    const machines = rows.map((row) =>
      computeMachineState(row, tick, {
        goal: options.until,
        scheduled: (id) => this.scheduled.get(id) ?? null,
      }),
    );
    const usual = measureUsualTimes(machines);
    const rules = {
      retries: options.retries,
      failedBefore: options.retryFailed ? this.begunAt : undefined,
    };
    const candidates = machines.map((machine) =>
      makeCandidate(machine, { held: this.heldBy(machine), retry: stepToRetry(machine, rules), usual }),
    );
    return {
      tick,
      machines,
      candidates,
      admission: admitMachines(candidates, this.limits, surroundings(tick)),
    };
  }

  private get limits(): WaveLimits {
    const { maxParallel, maxParallelPerEndpoint, window, stopAfter } = this.options;
    return { maxParallel, maxParallelPerEndpoint, window, stopAfter };
  }

  private heldBy({ row, key, position, transfer, isAdopted }: WaveMachine): MachineWait | undefined {
    const refusal = this.refused.get(row);
    if (refusal !== undefined) return refusal;
    const { only, until } = this.options;
    if (only !== undefined && !only.some((name) => isNamed(row, name)))
      return { kind: 'only', why: 'it is not among those to run' };
    if (position.step.do === 'create' && row.create === undefined)
      return { kind: 'refused', why: 'the transfer that the plan found is gone' };
    if (until === 'cut_over' && isAdopted && !row.shutdown && position.step.do !== 'done')
      return { kind: 'blocked', why: 'a transfer from before is cut over only with its source shut down' };
    if (row.shutdown && !this.allowsShutdown && position.step.do === 'final_sync')
      return { kind: 'gate', why: 'its source is shut down only when the call says so (shutdownInstances)' };
    if (until === 'protected' && row.scenario === 'live_migration' && transfer !== undefined)
      return { kind: 'blocked', why: 'only replicas are protected by schedules' };
    return this.troubles.get(key)?.count === undefined ||
      (this.troubles.get(key)?.count ?? 0) < MAX_START_FAILURES
      ? undefined
      : this.troubles.get(key)?.wait;
  }

  private async start(
    tick: WaveTick,
    machines: readonly WaveMachine[],
    candidates: readonly Candidate[],
    { starts }: Admission,
  ): Promise<boolean> {
    const byKey = new Map(machines.map((machine) => [machine.key, machine]));
    const isRetry = new Set(candidates.filter(({ retry }) => retry !== undefined).map(({ key }) => key));
    const wanted = starts.flatMap(({ key, step }) => {
      const machine = byKey.get(key);
      return machine === undefined ? [] : [{ machine, step }];
    });
    const creates = wanted.filter(({ step }) => step === 'create');
    await concurrently(creates, CREATES_AT_ONCE, ({ machine }) => this.take(machine, 'create'));
    let moved = creates.length > 0;
    for (const { machine, step } of wanted) {
      if (step === 'create') continue;
      const outcome = await this.takeFresh(tick, machine, step, isRetry.has(machine.key));
      moved ||= outcome !== 'refused';
      // Another caller runs the same wave, so slots and order must be decided again.
      if (outcome === 'elsewhere') return true;
    }
    return moved;
  }

  /**
   * Reads a machine again and starts its step if that is still the next one: another caller may have taken it since the
   * tick.
   */
  private async takeFresh(
    tick: WaveTick,
    machine: WaveMachine,
    step: StepName,
    isRetry: boolean,
  ): Promise<'started' | 'elsewhere' | 'refused'> {
    const { transfer, row, isAdopted } = machine;
    if (transfer === undefined) return 'refused';
    try {
      if (step === 'schedule' && (await this.observer.isScheduled(transfer.id))) {
        this.scheduled.set(transfer.id, true);
        return 'started';
      }
      const runs = await this.observer.fresh({ transfer, isAdopted }, tick.now);
      const facts = { exists: true, passes: row.passes, shutdown: row.shutdown, isAdopted, ...runs };
      const now = computePosition(
        { ...facts, scheduled: this.scheduled.get(transfer.id) ?? null, now: tick.now },
        this.options.until,
      ).step;
      const isSame =
        now.do === step ||
        (isRetry &&
          (now.do === 'failed' || now.do === 'canceled') &&
          (machine.position.step.do === 'failed' || machine.position.step.do === 'canceled') &&
          now.run.id === machine.position.step.run.id);
      if (!isSame) return 'elsewhere';
    } catch (error) {
      return this.trouble(machine, step, error);
    }
    return await this.take(machine, step);
  }

  private async take(machine: WaveMachine, step: StepName): Promise<'started' | 'elsewhere' | 'refused'> {
    const { coriolis, options, plan } = this;
    const at = coriolis.clock();
    try {
      const started = await startWaveStep(coriolis, machine, step, {
        planHash: options.planHash,
        schedule: scheduleOf(plan.rows.indexOf(machine.row), options),
      });
      if (step === 'schedule' && machine.transfer !== undefined)
        this.scheduled.set(machine.transfer.id, true);
      this.troubles.delete(machine.key);
      this.record(machine, { at, step, id: started.id, outcome: 'started', words: null, requestId: null });
      return 'started';
    } catch (error) {
      return this.trouble(machine, step, error);
    }
  }

  /** Handles a step that could not be started: another caller's work, a refusal, or an error. */
  private trouble(machine: WaveMachine, step: StepName, error: unknown): 'elsewhere' | 'refused' {
    if (!isCoriolisError(error) || error instanceof AuthenticationError || error instanceof CanceledError)
      throw asError(error);
    const words = quoteText(error.message, 300);
    const { key } = machine;
    const isBusy = error instanceof ConflictError;
    const isFinal = !isBusy && ['invalid_input', 'capability', 'forbidden', 'not_found'].includes(error.kind);
    const kind = /licen[cs]e/iu.test(error.message) ? 'licence' : 'server';
    const count = isFinal ? MAX_START_FAILURES : (this.troubles.get(key)?.count ?? 0) + 1;
    this.troubles.set(key, { count, wait: { kind, why: words } });
    this.record(machine, {
      at: this.coriolis.clock(),
      step,
      id: null,
      outcome: isBusy ? 'refused' : error.kind === 'uncertain' ? 'uncertain' : 'failed',
      words,
      requestId: error.requestId ?? null,
    });
    return isBusy ? 'elsewhere' : 'refused';
  }

  private record(
    { row }: WaveMachine,
    { at, ...action }: Omit<WaveAction, 'machine' | 'wave' | 'at'> & { readonly at: number },
  ): void {
    this.actions.push({ at: formatIso(at), machine: row.name, wave: row.wave, ...action });
  }

  /** Deletes duplicate transfers of one machine. A started one is kept and reported. */
  private async removeSurplus(machines: readonly WaveMachine[], { now }: WaveTick): Promise<boolean> {
    let removed = false;
    for (const { surplus, transfer, row } of machines) {
      for (const one of surplus) {
        if (!wasNeverExecuted(one)) {
          this.attention.add(`"${row.name}" has a second transfer that has begun: ${one.id}.`);
        } else if (
          transfer !== undefined &&
          Math.min(transferAgeMs(one, now), transferAgeMs(transfer, now)) >= TRANSFER_VISIBLE_AFTER_MS
        ) {
          await tolerate(
            this.coriolis.client.delete(path`/transfers/${one.id}`),
            ['not_found', 'conflict', 'uncertain', 'unreachable', 'timeout', 'server'],
            undefined,
          );
          removed = true;
        }
      }
    }
    return removed;
  }

  private board(tick: WaveTick, machines: readonly WaveMachine[], admission: Admission): WaveBoard {
    const { plan, options, actions, attention } = this;
    return makeBoard({
      machines,
      blocked: plan.rows.filter(({ problem }) => problem !== null),
      waits: admission.waits,
      tick,
      goal: options.until,
      planHash: options.planHash,
      maxParallel: options.maxParallel,
      actions,
      attention: [...attention],
    });
  }
}

const surroundings = ({ foreign, pools, now }: WaveTick) => ({
  foreign,
  now,
  pools: new Map(
    [...pools].map(([id, { status, maximum_minions: most }]) => [id, status === 'ALLOCATED' ? most : 0]),
  ),
});

/** Reasons to wait that do not end by themselves. `order` ends with the machines before it. */
const FOR_PEOPLE: readonly WaitKind[] = [
  'order',
  'gate',
  'licence',
  'failure',
  'canceled',
  'stop_after',
  'refused',
  'blocked',
  'only',
  'server',
];

/**
 * Whether no machine can continue in this call: nothing is running, and all wait for people or a window that is over.
 */
const isOver = (
  candidates: readonly Candidate[],
  { waits }: Admission,
  now: number,
  window: TimeWindow | undefined,
): boolean =>
  candidates.every(({ key, retry, position: { step } }) => {
    if (step.do === 'wait' || step.do === 'look_again') return false;
    if (retry === undefined && ['reached', 'done', 'failed', 'canceled'].includes(step.do)) return true;
    const kind = waits.get(key)?.kind;
    if (kind === 'window') return window?.kind === 'once' && now >= window.from;
    return kind !== undefined && FOR_PEOPLE.includes(kind);
  });

/** Schedule of a replica, spread so that not all start at once. */
function scheduleOf(
  place: number,
  { scheduleHour, scheduleStaggerMinutes }: Pick<RunOptions, 'scheduleHour' | 'scheduleStaggerMinutes'>,
): ScheduleTimes {
  const minutes = scheduleHour * 60 + place * scheduleStaggerMinutes;
  return { hour: Math.floor(minutes / 60) % 24, minute: minutes % 60 };
}

const mayPass = (error: unknown): boolean =>
  isCoriolisError(error) &&
  ['unreachable', 'timeout', 'server', 'protocol', 'not_found'].includes(error.kind) &&
  !(error instanceof NotFoundError && error.status === undefined);
