import { formatCount } from '../../model/display-texts';
import {
  computeRemainingOpenMs,
  computeWindowLengthMs,
  findNextOpening,
  type TimeWindow,
} from '../../model/time-window';
import { describeSeconds, formatIsoTime, parseServerTime } from '../../model/timestamps';
import type { MachineWait, WaveLimits, AdmissionCandidate, AdmissionContext } from './admission-types';
import { SlotCounter } from './parallel-slots';
import type { WaveStepName } from './machine-position';

/** Decision about all machines of a wave: the steps that start now, and the reasons why other machines wait. */
export interface Admission {
  /** Steps to start, in order. */
  readonly starts: ReadonlyArray<{ readonly key: string; readonly step: WaveStepName }>;
  /** Reasons for waiting, by key of the machine. */
  readonly waits: ReadonlyMap<string, MachineWait>;
}

/**
 * Orders machines for admission: those whose source is off first, then those without a start time, then by `order` and
 * row; what `retry_failed` adds comes last, the earliest failure first. All callers use the same order, so that two of
 * them pick the same machines and the server refuses the second start.
 */
export const compareCandidates = (one: AdmissionCandidate, other: AdmissionCandidate): number =>
  compareTimes(one.retry?.failedAt ?? -Infinity, other.retry?.failedAt ?? -Infinity) ||
  Number(other.position.committed) - Number(one.position.committed) ||
  (one.notBefore ?? 0) - (other.notBefore ?? 0) ||
  one.order - other.order ||
  one.line - other.line;

const compareTimes = (one: number, other: number): number => (one === other ? 0 : one < other ? -1 : 1);

/**
 * Decides which machines may start a step now, and why the others wait. Sends no request.
 *
 * Callers of one wave must fill the same free slots with the same machines. But they differ in the failed steps that
 * they retry with `retry_failed`: a caller without the option, or one that began before a failure, continues with other
 * machines instead. So each caller first admits what such earlier callers admit, beginning with the earliest, and then
 * gives the slots that are left to its own retries. The admissions of an earlier caller depend only on the server's
 * state and the limits, so all callers compute the same.
 *
 * A failed machine whose source is off is down and must not wait for all others: every caller keeps a slot for one of
 * them (`findMachineWithKeptSlot`), and the caller that retries it uses that slot.
 */
export function admitMachines(
  candidates: readonly AdmissionCandidate[],
  limits: WaveLimits,
  context: AdmissionContext,
): Admission {
  const kept = findMachineWithKeptSlot(candidates, limits, context);
  const slots = new SlotCounter(limits, context);
  for (const one of candidates) if (isRunningStep(one)) slots.occupy(one);
  const sorted = [...candidates].sort(compareCandidates);
  const round = new AdmissionRound(slots, limits, context.now);
  const views = viewsOfCallers(sorted);
  const [earliest = []] = views;
  round.admit(
    earliest,
    earliest.filter(({ position }) => position.committed),
  );
  if (kept !== undefined) round.keep(kept);
  let waits: ReadonlyMap<string, MachineWait> = new Map();
  for (const view of views) waits = round.admit(view, view);
  return { starts: round.starts, waits };
}

/**
 * Finds the machine for which all callers keep a slot: of those whose source is off and whose step has failed, the one
 * that failed first, because whoever retries another one of them retries this one, too. Undefined when the limits leave
 * no slot for the other machines, which must go on while nobody retries it.
 */
export function findMachineWithKeptSlot(
  candidates: readonly AdmissionCandidate[],
  limits: WaveLimits,
  context: AdmissionContext,
): AdmissionCandidate | undefined {
  const [first] = candidates
    .filter((one) => failureTime(one) !== undefined && one.position.committed && one.holdReason === undefined)
    .sort((one, other) => (failureTime(one) ?? 0) - (failureTime(other) ?? 0) || one.line - other.line);
  if (first === undefined) return undefined;
  const slots = new SlotCounter(limits, context);
  return slots.tryTake(first) === undefined && slots.tryTake(first) === undefined ? first : undefined;
}

/** End of a failed or canceled run that only `retry_failed` repeats; undefined for other machines. */
function failureTime({ position: { step }, retry }: AdmissionCandidate): number | undefined {
  if (step.do !== 'failed' && step.do !== 'canceled') return undefined;
  if (retry !== undefined && retry.failedAt === undefined) return undefined;
  return parseServerTime(step.run.updated_at) ?? Infinity;
}

/**
 * The wave as callers see it that retry less: from one that repeats nothing by `retry_failed`, over those that began
 * between the failures, to this one.
 */
function viewsOfCallers(
  candidates: readonly AdmissionCandidate[],
): ReadonlyArray<readonly AdmissionCandidate[]> {
  const failures = new Set(candidates.map(({ retry }) => retry?.failedAt).filter((at) => at !== undefined));
  const times = [-Infinity, ...[...failures].sort(compareTimes)];
  return times.map((time) =>
    candidates.map((one) => ((one.retry?.failedAt ?? -Infinity) > time ? { ...one, retry: undefined } : one)),
  );
}

/** Assignment of the slots that are free at one moment to machines. */
class AdmissionRound {
  readonly starts: Array<{ readonly key: string; readonly step: WaveStepName }> = [];
  /** Keys of the machines that have got a slot in this round. */
  private readonly admitted = new Set<string>();
  /** The machine for which a slot is kept although it has not started. */
  private kept: AdmissionCandidate | undefined;

  constructor(
    private readonly slots: SlotCounter,
    private readonly limits: WaveLimits,
    private readonly now: number,
  ) {}

  /** Keeps a free slot for a failed machine, and starts its retry when this caller retries it. */
  keep(one: AdmissionCandidate): void {
    if (this.slots.tryTake(one) !== undefined) return;
    if (one.retry === undefined) {
      this.kept = one;
      return;
    }
    this.admitted.add(one.key);
    this.starts.push({ key: one.key, step: one.retry.step });
  }

  /**
   * Admits machines that may start, in the given order. Machines that were admitted before keep their slots.
   *
   * @param all all machines of the wave; their `order` and failures decide whether others may start
   * @param machines machines to admit
   * @returns reasons why machines wait, by key
   */
  admit(
    all: readonly AdmissionCandidate[],
    machines: readonly AdmissionCandidate[],
  ): ReadonlyMap<string, MachineWait> {
    const waits = new Map<string, MachineWait>();
    const turns = findFirstMachineByWave(all);
    const stop = waitOfStop(all, this.limits);
    for (const one of machines) {
      if (this.admitted.has(one.key)) continue;
      const step = stepToStart(one);
      const wait =
        step === undefined
          ? (one.holdReason ?? waitOfCanceled(one))
          : (this.findWait(one, step, turns, stop) ?? this.take(one, step));
      if (wait !== undefined) waits.set(one.key, wait);
    }
    return waits;
  }

  /** Reason to wait apart from missing slots; undefined for none. */
  private findWait(
    one: AdmissionCandidate,
    step: WaveStepName,
    turns: FirstMachineByWave,
    stop: MachineWait | undefined,
  ): MachineWait | undefined {
    return (
      one.holdReason ??
      (one.position.committed ? undefined : stop) ??
      (step === 'create' || step === 'schedule'
        ? undefined
        : withOpening(
            findTimeOrOrderWait(one, turns, this.limits.window, this.now),
            this.limits.window,
            this.now,
          ))
    );
  }

  /** Takes a slot and starts the step, or returns the reason for waiting. */
  private take(one: AdmissionCandidate, step: WaveStepName): MachineWait | undefined {
    // A machine whose transfer is being created, or was just created, takes a slot too: its sync starts at a later
    // poll, and no later machine shall get the slot meanwhile.
    const full = step === 'schedule' ? undefined : this.slots.tryTake(one);
    // Creating a transfer waits for no slot.
    if (full !== undefined && step !== 'create') return this.withKept(full);
    this.admitted.add(one.key);
    if (step === 'create' || step === 'schedule' || !one.isJustCreated)
      this.starts.push({ key: one.key, step });
    return undefined;
  }

  private withKept({ kind, why }: MachineWait): MachineWait {
    const { kept } = this;
    return kept === undefined
      ? { kind, why }
      : { kind, why: `${why}; a slot is kept for "${kept.name}", whose source is off` };
  }
}

/** Step that a machine would start now; undefined when it starts none. */
function stepToStart({ position: { step }, retry }: AdmissionCandidate): WaveStepName | undefined {
  switch (step.do) {
    case 'create':
    case 'sync':
    case 'final_sync':
    case 'deploy':
    case 'schedule':
      return step.do;
    case 'failed':
    case 'canceled':
      return retry?.step;
    default:
      return undefined;
  }
}

function waitOfCanceled({ position: { step } }: AdmissionCandidate): MachineWait | undefined {
  if (step.do === 'canceled') return { kind: 'canceled', why: 'it was canceled; retry it to go on' };
  return undefined;
}

const isRunningStep = ({ position: { step } }: AdmissionCandidate): boolean =>
  step.do === 'wait' || step.do === 'look_again';

const countFailed = (candidates: readonly AdmissionCandidate[]): number =>
  candidates.filter(({ position, retry }) => position.step.do === 'failed' && retry === undefined).length;

/** Whether the limit of failed machines is reached, so that only machines whose source is off continue. */
export const isFailureLimitReached = (
  candidates: readonly AdmissionCandidate[],
  { stopAfter }: WaveLimits,
): boolean => stopAfter !== undefined && countFailed(candidates) >= stopAfter;

function waitOfStop(candidates: readonly AdmissionCandidate[], limits: WaveLimits): MachineWait | undefined {
  if (!isFailureLimitReached(candidates, limits)) return undefined;
  return {
    kind: 'stop_after',
    why: `${formatCount(countFailed(candidates), 'machine')} failed: nothing new begins`,
  };
}

/** Unfinished machine with the lowest `order` of each wave, by wave. Machines with a higher `order` wait for it. */
export type FirstMachineByWave = ReadonlyMap<string, AdmissionCandidate>;

export function findFirstMachineByWave(candidates: readonly AdmissionCandidate[]): FirstMachineByWave {
  const turns = new Map<string, AdmissionCandidate>();
  for (const one of candidates) {
    const first = turns.get(one.wave);
    if (isUnfinished(one) && (first === undefined || one.order < first.order)) turns.set(one.wave, one);
  }
  return turns;
}

const CLOSED: MachineWait = { kind: 'window', why: 'the window is closed' };

/** Adds to the reason of a closed window when it opens. It is kept apart, because a forecast asks very often. */
function withOpening(
  wait: MachineWait | undefined,
  window: TimeWindow | undefined,
  now: number,
): MachineWait | undefined {
  if (wait !== CLOSED || window === undefined) return wait;
  const at = findNextOpening(window, now);
  return {
    kind: 'window',
    why: `${CLOSED.why}${at === null ? ' and does not open again' : ` until ${formatIsoTime(at)}`}`,
  };
}

/**
 * Reason to wait for `not_before`, for machines with a lower `order`, or for the window; undefined for none. Machines
 * whose source is off never wait for these.
 */
export function findTimeOrOrderWait(
  one: AdmissionCandidate,
  turns: FirstMachineByWave,
  window: TimeWindow | undefined,
  now: number,
): MachineWait | undefined {
  if (one.position.committed) return undefined;
  if (one.notBefore !== null && now < one.notBefore)
    return { kind: 'not_before', why: `not before ${formatIsoTime(one.notBefore)}` };
  const first = turns.get(one.wave);
  if (first !== undefined && first.order < one.order)
    return { kind: 'order', why: `order ${first.order} comes first: "${first.name}"` };
  if (window === undefined) return undefined;
  const open = computeRemainingOpenMs(window, now);
  if (open === null) return CLOSED;
  const needed = neededSeconds(one, window);
  if (needed === null || needed * 1000 <= open) return undefined;
  const [takes, left] = [describeSeconds(needed), describeSeconds(open / 1000)];
  const assumed = one.assumedSeconds > 0 ? ' (partly assumed: not all of it was measured yet)' : '';
  return { kind: 'window', why: `it may take ${takes}${assumed}, and the window closes in ${left}` };
}

/**
 * Seconds that must be left of the window for a step to begin; null while its duration is unknown. An assumed part needs
 * at most half of what the measured part leaves of the whole window: an assumption only makes the step begin early in
 * the window, and never keeps it from beginning in each.
 */
function neededSeconds(
  { upperSeconds, assumedSeconds }: AdmissionCandidate,
  window: TimeWindow,
): number | null {
  if (upperSeconds === null || assumedSeconds === 0) return upperSeconds;
  const measured = upperSeconds - assumedSeconds;
  const spare = Math.max(0, computeWindowLengthMs(window) / 1000 - measured);
  return measured + Math.min(assumedSeconds, spare / 2);
}

const isUnfinished = ({ holdReason, position: { step }, retry }: AdmissionCandidate): boolean =>
  holdReason === undefined &&
  (retry !== undefined || !['reached', 'done', 'failed', 'canceled'].includes(step.do));
