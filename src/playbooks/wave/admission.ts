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

/** Decides which machines may start a step now, and why the others wait. Sends no request. */
export function admitMachines(
  candidates: readonly AdmissionCandidate[],
  limits: WaveLimits,
  context: AdmissionContext,
): Admission {
  const starts: Array<{ readonly key: string; readonly step: StepName }> = [];
  const waits = new Map<string, MachineWait>();
  const slots = new Slots(limits, context);
  for (const one of candidates) if (isRunningStep(one)) slots.occupy(one);
  const turns = findFirstByOrder(candidates);
  const mayBegin = !isStopped(candidates, limits);
  for (const one of [...candidates].sort(compareCandidates)) {
    const step = stepToStart(one);
    if (step === undefined) {
      const wait = one.held ?? waitOfCanceled(one);
      if (wait !== undefined) waits.set(one.key, wait);
      continue;
    }
    const wait =
      one.held ??
      (mayBegin || one.position.committed
        ? undefined
        : {
            kind: 'stop_after',
            why: `${countFailed(candidates)} machines have failed: nothing new begins`,
          }) ??
      (step === 'create' || step === 'schedule'
        ? undefined
        : findTimeOrOrderWait(one, turns, limits.window, context.now));
    if (wait !== undefined) {
      waits.set(one.key, wait);
      continue;
    }
    if (step === 'schedule') {
      starts.push({ key: one.key, step });
      continue;
    }
    // A machine that is about to start keeps its slot, so that no later machine takes it.
    const full = slots.take(one);
    if (step === 'create') starts.push({ key: one.key, step });
    else if (full !== undefined) waits.set(one.key, full);
    else if (!one.isJustCreated) starts.push({ key: one.key, step });
  }
  return { starts, waits };
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
      return retry;
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
