import { countNoun } from '../../model/display-names';
import { remainingOpenMs, type TimeWindow } from '../../model/time-window';
import { describeSeconds, parseServerTime } from '../../model/timestamps';
import type { MachineWait, WaveLimits, AdmissionCandidate, AdmissionContext } from './admission-types';
import { Slots } from './parallel-slots';
import type { StepName } from './step';

/** Decision about all machines of a wave: which start a step now, and why the others wait. */
export interface Admission {
  /** Steps to start, in order. */
  readonly starts: ReadonlyArray<{ readonly key: string; readonly step: StepName }>;
  readonly waits: ReadonlyMap<string, MachineWait>;
}

/**
 * Orders machines for admission: those whose source is off first, then those without a start time, then by `order` and
 * row. All callers use the same order, so that two of them pick the same machines and the server refuses the second start.
 */
export const compareCandidates = (one: AdmissionCandidate, other: AdmissionCandidate): number =>
  Number(other.position.committed) - Number(one.position.committed) ||
  (parseServerTime(one.notBefore) ?? 0) - (parseServerTime(other.notBefore) ?? 0) ||
  one.order - other.order ||
  one.line - other.line;

/**
 * Decides which machines may start a step now, and why the others wait. Sends no request.
 *
 * Callers of one wave must fill the same free slots with the same machines. They differ in what `retry_failed` repeats:
 * a caller that began before a failure, or without the option, goes on to other machines. So each caller first admits
 * what such earlier callers admit, from the earliest on, and adds its own retries to the slots that are left. What an
 * earlier caller admits depends on the server's state and the limits alone, so all callers compute the same for it.
 *
 * Machines whose source is off come before all others, also when they are retried: they are down. An earlier caller may
 * give that slot to another machine at the same moment, so only such a retry may exceed a limit.
 */
export function admitMachines(
  candidates: readonly AdmissionCandidate[],
  limits: WaveLimits,
  context: AdmissionContext,
): Admission {
  const slots = new Slots(limits, context);
  for (const one of candidates) if (isRunningStep(one)) slots.occupy(one);
  const sorted = [...candidates].sort(compareCandidates);
  const round = new AdmissionRound(slots, limits, context.now);
  const views = viewsOfCallers(sorted);
  for (const view of views)
    round.admit(
      view,
      view.filter(({ position }) => position.committed),
    );
  let waits: ReadonlyMap<string, MachineWait> = new Map();
  for (const view of views) waits = round.admit(view, view);
  return { starts: round.starts, waits };
}

/**
 * The wave as callers see it that retry less: from one that repeats nothing by `retry_failed`, over those that began
 * between the failures, to this one.
 */
function viewsOfCallers(
  candidates: readonly AdmissionCandidate[],
): ReadonlyArray<readonly AdmissionCandidate[]> {
  const failures = new Set(candidates.map(({ retry }) => retry?.failedAt).filter((at) => at !== undefined));
  const times = [-Infinity, ...[...failures].sort((one, other) => one - other)];
  return times.map((time) =>
    candidates.map((one) => ((one.retry?.failedAt ?? -Infinity) > time ? { ...one, retry: undefined } : one)),
  );
}

/** Admission of machines to the slots that are free at one moment. */
class AdmissionRound {
  readonly starts: Array<{ readonly key: string; readonly step: StepName }> = [];
  /** Machines that start or keep a slot. */
  private readonly admitted = new Set<string>();

  constructor(
    private readonly slots: Slots,
    private readonly limits: WaveLimits,
    private readonly now: number,
  ) {}

  /**
   * Admits machines that may start, in the given order. Those admitted before keep their slots.
   *
   * @param all machines of the wave, whose order and failures count
   * @returns why the other machines wait
   */
  admit(
    all: readonly AdmissionCandidate[],
    machines: readonly AdmissionCandidate[],
  ): ReadonlyMap<string, MachineWait> {
    const waits = new Map<string, MachineWait>();
    const turns = findFirstByOrder(all);
    const stop = waitOfStop(all, this.limits);
    for (const one of machines) {
      if (this.admitted.has(one.key)) continue;
      const step = stepToStart(one);
      const wait =
        step === undefined
          ? (one.held ?? waitOfCanceled(one))
          : (this.findWait(one, step, turns, stop) ?? this.take(one, step));
      if (wait !== undefined) waits.set(one.key, wait);
    }
    return waits;
  }

  /** Reason to wait other than the slots. */
  private findWait(
    one: AdmissionCandidate,
    step: StepName,
    turns: FirstByOrder,
    stop: MachineWait | undefined,
  ): MachineWait | undefined {
    return (
      one.held ??
      (one.position.committed ? undefined : stop) ??
      (step === 'create' || step === 'schedule'
        ? undefined
        : findTimeOrOrderWait(one, turns, this.limits.window, this.now))
    );
  }

  /** Takes a slot and starts the step, or returns the reason for waiting. */
  private take(one: AdmissionCandidate, step: StepName): MachineWait | undefined {
    // A machine that is about to start keeps its slot, so that no later machine takes it.
    const full = step === 'schedule' ? undefined : this.slots.take(one);
    // Creating a transfer waits for no slot.
    if (full !== undefined && step !== 'create') return full;
    this.admitted.add(one.key);
    if (step === 'create' || step === 'schedule' || !one.isJustCreated)
      this.starts.push({ key: one.key, step });
    return undefined;
  }
}

function stepToStart({ position: { step }, retry }: AdmissionCandidate): StepName | undefined {
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
export const isStopped = (candidates: readonly AdmissionCandidate[], { stopAfter }: WaveLimits): boolean =>
  stopAfter !== undefined && countFailed(candidates) >= stopAfter;

function waitOfStop(candidates: readonly AdmissionCandidate[], limits: WaveLimits): MachineWait | undefined {
  if (!isStopped(candidates, limits)) return undefined;
  return {
    kind: 'stop_after',
    why: `${countNoun(countFailed(candidates), 'machine')} failed: nothing new begins`,
  };
}

/** Unfinished machine with the lowest `order`, by wave: machines with a higher `order` wait for it. */
export type FirstByOrder = ReadonlyMap<string, AdmissionCandidate>;

export function findFirstByOrder(candidates: readonly AdmissionCandidate[]): FirstByOrder {
  const turns = new Map<string, AdmissionCandidate>();
  for (const one of candidates) {
    const first = turns.get(one.wave);
    if (isUnfinished(one) && (first === undefined || one.order < first.order)) turns.set(one.wave, one);
  }
  return turns;
}

/** Reason to wait for a time, a window or machines of a lower `order`. Machines whose source is off never wait for these. */
export function findTimeOrOrderWait(
  one: AdmissionCandidate,
  turns: FirstByOrder,
  window: TimeWindow | undefined,
  now: number,
): MachineWait | undefined {
  if (one.position.committed) return undefined;
  if (one.notBefore !== null && now < (parseServerTime(one.notBefore) ?? 0))
    return { kind: 'not_before', why: `not before ${one.notBefore}` };
  const first = turns.get(one.wave);
  if (first !== undefined && first.order < one.order)
    return { kind: 'order', why: `order ${first.order} comes first: "${first.name}"` };
  if (window === undefined) return undefined;
  const open = remainingOpenMs(window, now);
  if (open === null) return { kind: 'window', why: 'the window is closed' };
  if (one.upperSeconds !== null && one.upperSeconds * 1000 > open) {
    const [takes, left] = [describeSeconds(one.upperSeconds), describeSeconds(open / 1000)];
    return { kind: 'window', why: `it may take ${takes}, and the window closes in ${left}` };
  }
  return undefined;
}

const isUnfinished = ({ held, position: { step }, retry }: AdmissionCandidate): boolean =>
  held === undefined && (retry !== undefined || !['reached', 'done', 'failed', 'canceled'].includes(step.do));
