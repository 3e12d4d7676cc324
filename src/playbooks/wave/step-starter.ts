import {
  AuthenticationError,
  asError,
  CanceledError,
  ConflictError,
  isCoriolisError,
} from '../../api/errors';
import { mapConcurrently } from '../../api/map-concurrently';
import { contextForCaller, type Coriolis } from '../../api/operation-context';
import type { ScheduleTimes } from '../../model/schedule';
import { formatIsoTime } from '../../model/timestamps';
import { quoteText } from '../../model/untrusted-text';
import type { Admission } from './admission';
import type { AdmissionCandidate, MachineWait } from './admission-types';
import type { WaveAction } from './board';
import { describeRunFailure, explainRefusal } from './failure-words';
import type { WaveMachine } from './machine-state';
import type { WaveObserver, WaveSnapshot } from './wave-observer';
import type { PlannedRow } from './planned-row';
import type { WaveRunOptions } from './wave-run-options';
import { startWaveStep } from './start-wave-step';
import { computeMachinePosition, type WaveStepName } from './machine-position';

/** Maximum number of transfers that are created at the same time. */
const CREATE_CONCURRENCY = 4;
/** Number of consecutive failed attempts to start a step, after which this call skips the machine. */
const MAX_START_FAILURES = 4;
/** Maximum number of characters of the server's words. */
const MAX_WORDS = 300;

/** Starts the steps of one call of `wave.run`, and records each attempt. */
export class StepStarter {
  /** All attempts, the oldest first. */
  readonly actions: WaveAction[] = [];
  /** Consecutive failed attempts of this call, by key of the machine. */
  private readonly failures = new Map<string, { readonly count: number; readonly wait: MachineWait }>();
  /** Whether a transfer has its schedule, by transfer id; only those that are known. */
  private readonly scheduled = new Map<string, boolean>();
  private readonly created = new Set<string>();

  constructor(
    private readonly coriolis: Coriolis,
    private readonly observer: WaveObserver,
    private readonly rows: readonly PlannedRow[],
    private readonly options: WaveRunOptions,
  ) {}

  /** Whether a transfer has its schedule; null when unknown. */
  isScheduled(transferId: string): boolean | null {
    return this.scheduled.get(transferId) ?? null;
  }

  /** Whether this call has created the transfer of a machine. */
  hasCreated(key: string): boolean {
    return this.created.has(key);
  }

  /**
   * Reason to skip a machine because its step could not be started too often; undefined while it may be tried again.
   */
  skipReason(key: string): MachineWait | undefined {
    const failure = this.failures.get(key);
    return failure !== undefined && failure.count >= MAX_START_FAILURES ? failure.wait : undefined;
  }

  /**
   * Starts the admitted steps.
   *
   * @returns whether anything was started, by this call or by another caller
   */
  async start(
    tick: WaveSnapshot,
    machines: readonly WaveMachine[],
    candidates: readonly AdmissionCandidate[],
    { starts }: Admission,
  ): Promise<boolean> {
    const byKey = new Map(machines.map((machine) => [machine.key, machine]));
    const isRetry = new Set(candidates.filter(({ retry }) => retry !== undefined).map(({ key }) => key));
    const wanted = starts.flatMap(({ key, step }) => {
      const machine = byKey.get(key);
      return machine === undefined ? [] : [{ machine, step }];
    });
    const creates = wanted.filter(({ step }) => step === 'create');
    await mapConcurrently(creates, CREATE_CONCURRENCY, ({ machine }) => this.startStep(machine, 'create'));
    let moved = creates.length > 0;
    for (const { machine, step } of wanted) {
      if (step === 'create') continue;
      const outcome = await this.startIfStillNext(tick, machine, step, isRetry.has(machine.key));
      moved ||= outcome !== 'refused';
      // Another caller has changed the machine, so the admission of the others may be outdated: decide again.
      if (outcome === 'elsewhere') return true;
    }
    return moved;
  }

  /**
   * Reads a machine again and starts its step, unless another caller has started it since the poll.
   *
   * @returns `elsewhere` when another caller was faster, `refused` when the step could not be started
   */
  private async startIfStillNext(
    tick: WaveSnapshot,
    machine: WaveMachine,
    step: WaveStepName,
    isRetry: boolean,
  ): Promise<'started' | 'elsewhere' | 'refused'> {
    const { transfer, row, isAdopted } = machine;
    if (transfer === undefined) return 'refused';
    try {
      if (step === 'schedule' && (await this.observer.isScheduled(transfer.id))) {
        this.scheduled.set(transfer.id, true);
        return 'started';
      }
      const runs = await this.observer.fetchTransferRuns({ transfer, isAdopted }, tick.now);
      const facts = { transferExists: true, passes: row.passes, shutdown: row.shutdown, isAdopted, ...runs };
      const now = computeMachinePosition(
        { ...facts, isScheduled: this.scheduled.get(transfer.id) ?? null, now: tick.now },
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
      return await this.recordFailure(machine, step, error);
    }
    return await this.startStep(machine, step, isRetry);
  }

  private async startStep(
    machine: WaveMachine,
    step: WaveStepName,
    isRetry = false,
  ): Promise<'started' | 'elsewhere' | 'refused'> {
    const { coriolis, options } = this;
    const at = coriolis.clock();
    let requestId: string | null = null;
    const onChange: Coriolis['onChange'] = (change) => {
      requestId = change.requestId ?? null;
      coriolis.onChange?.(change);
    };
    try {
      const started = await startWaveStep(
        contextForCaller(coriolis, { ...coriolis, onChange }),
        machine,
        step,
        {
          planHash: options.planHash,
          schedule: scheduleOf(this.rows.indexOf(machine.row), options),
        },
      );
      if (step === 'schedule' && machine.transfer !== undefined)
        this.scheduled.set(machine.transfer.id, true);
      if (step === 'create') this.created.add(machine.key);
      this.failures.delete(machine.key);
      const words = isRetry ? retriedFailure(machine) : null;
      this.record(machine, { at, step, id: started.id, outcome: 'started', words, requestId });
      return 'started';
    } catch (error) {
      return await this.recordFailure(machine, step, error);
    }
  }

  /** Records a step that could not be started. Returns `elsewhere` when the conflict shows work of another caller. */
  private async recordFailure(
    machine: WaveMachine,
    step: WaveStepName,
    error: unknown,
  ): Promise<'elsewhere' | 'refused'> {
    if (!isCoriolisError(error) || error instanceof AuthenticationError || error instanceof CanceledError)
      throw asError(error);
    const words = quoteText(error.message, MAX_WORDS);
    const { key, row } = machine;
    const isBusy = error instanceof ConflictError;
    const isFinal = !isBusy && ['invalid_input', 'capability', 'forbidden', 'not_found'].includes(error.kind);
    const kind = /licen[cs]e/iu.test(error.message) ? 'licence' : 'server';
    const count = isFinal ? MAX_START_FAILURES : (this.failures.get(key)?.count ?? 0) + 1;
    const why = await explainRefusal(this.coriolis, error, {
      origin_endpoint_id: row.originEndpointId,
      destination_endpoint_id: row.destinationEndpointId,
    });
    this.failures.set(key, { count, wait: { kind, why } });
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
    this.actions.push({ at: formatIsoTime(at), machine: row.name, wave: row.wave, ...action });
  }
}

/** The server's words about the run that a step repeats. */
const retriedFailure = ({ position: { step } }: WaveMachine): string | null =>
  step.do === 'failed' || step.do === 'canceled'
    ? quoteText(`repeated after: ${describeRunFailure(step.run)}`, MAX_WORDS)
    : null;

/**
 * Daily time of a replica's schedule. The times of replicas are staggered, so that not all start at once.
 *
 * @param place index of the replica's row in the plan
 */
function scheduleOf(
  place: number,
  { scheduleHour, scheduleStaggerMinutes }: Pick<WaveRunOptions, 'scheduleHour' | 'scheduleStaggerMinutes'>,
): ScheduleTimes {
  const minutes = scheduleHour * 60 + place * scheduleStaggerMinutes;
  return { hour: Math.floor(minutes / 60) % 24, minute: minutes % 60 };
}
