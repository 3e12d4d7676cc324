import { parseServerTime } from '../../model/timestamps';
import { findNextOpening } from '../../model/time-window';
import type { Deployment, Execution } from '../../model/api-objects';
import {
  compareCandidates,
  findFirstMachineByWave,
  findMachineWithKeptSlot,
  findTimeOrOrderWait,
  isFailureLimitReached,
} from './admission';
import type { AdmissionContext, AdmissionCandidate, WaveLimits } from './admission-types';
import { poolIdsOfStep, type WaveMachine } from './machine-state';
import { SlotCounter } from './parallel-slots';
import type { WaveStepName, WaveGoal } from './machine-position';
import {
  assumedSecondsOf,
  estimateMaxLaterStepSeconds,
  estimateMaxStepSeconds,
  measureWaveStepDurations,
  estimateSecondsForSize,
  LATER_SHARE,
  type MeasuredStep,
  type WaveStepDurations,
} from './step-durations';

/**
 * Minimum time left of a run without an estimate of its own, as a fraction of its usual duration. Even an overdue run
 * is assumed to need that much longer.
 */
const MIN_LEFT = 0.1;
/** Assumed seconds between two steps: the pause between two polls, and the 2 s until a final status is trusted. */
const BETWEEN_STEPS = 10;

/** State of a wave from which the time left is estimated. */
export interface ForecastInput {
  readonly machines: readonly WaveMachine[];
  /** Candidates of the machines, in the same order. */
  readonly candidates: readonly AdmissionCandidate[];
  readonly goal: WaveGoal;
  readonly limits: WaveLimits;
  readonly context: AdmissionContext;
}

/** A step that has not started, with its estimated duration. */
interface FutureStep {
  readonly step: WaveStepName;
  readonly seconds: number;
  /** Whether the final sync of its machine shuts the source down. */
  readonly shutsDown: boolean;
  /** Upper estimate in seconds for the step and the steps that must follow at once; null while unknown. */
  readonly upperSeconds: number | null;
  /** Part of `upperSeconds` that is assumed. */
  readonly assumedSeconds: number;
  /** Ids of the minion pools that the step uses. */
  readonly pools: readonly string[];
}

/** A machine in the simulation, with its remaining steps. `candidate` describes the first of them for admission. */
interface SimulatedMachine {
  readonly candidate: AdmissionCandidate;
  readonly steps: readonly FutureStep[];
}

/** A running step in the simulation. */
interface RunningStep {
  readonly player: SimulatedMachine;
  /** End of the step, milliseconds since 1970. */
  readonly until: number;
}

/**
 * Estimates the seconds until all machines that can continue have reached the goal. The wave is simulated with the
 * durations measured so far, so that limits, `order`, `not_before` and windows count. Null while a duration is unknown,
 * and when a step can never start.
 *
 * @param slowdown factor by which all durations are lengthened
 */
export function estimateSecondsLeft(input: ForecastInput, slowdown = 1): number | null {
  const { limits, context } = input;
  const start = initialState(input, slowdown);
  if (start === null) return null;
  const slots = new SlotCounter(limits, context);
  let { now } = context;
  let { working } = start;
  let idle: readonly SimulatedMachine[] = start.idle;
  let barren = 0;
  for (const { player } of working) slots.occupy(player.candidate);
  if (start.kept !== undefined) slots.occupy(start.kept);
  while (idle.length + working.length > 0) {
    const everyone = [...idle, ...working.map(({ player }) => player)].map(({ candidate }) => candidate);
    // Machines do not wait for what `retry_failed` adds, which comes after them.
    const turns = findFirstMachineByWave(everyone.filter(({ retry }) => retry?.failedAt === undefined));
    const turnsOfRetries = findFirstMachineByWave(everyone);
    const begin = (player: SimulatedMachine): boolean => {
      if (slots.isFull) return false;
      const { candidate, steps } = player;
      const [step] = steps;
      const before = candidate.retry?.failedAt === undefined ? turns : turnsOfRetries;
      if (step === undefined || findTimeOrOrderWait(candidate, before, limits.window, now) !== undefined)
        return false;
      if (slots.tryTake(candidate) !== undefined) return false;
      working.push({ player, until: now + (step.seconds * slowdown + BETWEEN_STEPS) * 1000 });
      return true;
    };
    idle = idle.filter((player) => !begin(player));
    barren = working.length === 0 ? barren + 1 : 0;
    const next = nextMoment(idle, working, limits, now);
    // Rounds without a start are normal while machines wait for their `not_before` times (one round each) or for the
    // window (one round). When nothing runs for more rounds than that, no machine can ever start.
    if (next === null || barren > idle.length + 1) return null;
    now = next;
    for (const { player } of working.filter(({ until }) => until <= now)) {
      slots.release(player.candidate);
      idle = insertInOrder(idle, afterStep(player));
    }
    working = working.filter(({ until }) => until > now);
  }
  return Math.round((now - context.now) / 1000);
}

/** Next time at which a step ends or may start, milliseconds since 1970; null when there is none. */
function nextMoment(
  idle: readonly SimulatedMachine[],
  working: readonly RunningStep[],
  { window }: WaveLimits,
  now: number,
): number | null {
  const times = [
    ...working.map(({ until }) => until),
    ...idle.map(({ candidate }) => candidate.notBefore ?? 0),
    ...(window === undefined || idle.length === 0 ? [] : [findNextOpening(window, now) ?? 0]),
  ].filter((time) => time > now);
  return times.length === 0 ? null : Math.min(...times);
}

const compareMachines = (one: SimulatedMachine, other: SimulatedMachine): number =>
  compareCandidates(one.candidate, other.candidate);

/** Inserts a machine in the order of admission, if it has steps left. */
function insertInOrder(
  idle: readonly SimulatedMachine[],
  player: SimulatedMachine,
): readonly SimulatedMachine[] {
  if (player.steps.length === 0) return idle;
  const before = idle.findIndex((other) => compareMachines(player, other) < 0);
  return before === -1 ? [...idle, player] : [...idle.slice(0, before), player, ...idle.slice(before)];
}

/** The machine after the end of its first step. */
function afterStep({ candidate, steps: [step, ...steps] }: SimulatedMachine): SimulatedMachine {
  const { position } = candidate;
  const isOff = position.committed || (step?.step === 'final_sync' && step.shutsDown);
  const [next] = steps;
  // A step that was retried is followed by steps like those of other machines.
  const after = next === undefined ? position.step : { do: next.step };
  return withNextStep(
    { ...candidate, retry: undefined, position: { ...position, committed: isOff, step: after } },
    steps,
  );
}

/** Makes a machine with these steps left. Its candidate gets the pools and the maximum duration of the first step. */
function withNextStep(candidate: AdmissionCandidate, steps: readonly FutureStep[]): SimulatedMachine {
  const [next] = steps;
  if (next === undefined) return { candidate, steps };
  const { upperSeconds, assumedSeconds, pools } = next;
  return { steps, candidate: { ...candidate, upperSeconds, assumedSeconds, pools } };
}

/**
 * Start of the simulation: running steps, waiting machines in order, and the machine for which a slot is kept although the
 * call does not retry it. Null while a duration is unknown.
 */
function initialState({ machines, candidates, goal, limits, context }: ForecastInput, slowdown: number) {
  const kept = findMachineWithKeptSlot(candidates, limits, context);
  const usual = measureWaveStepDurations(machines, {
    expected: expectedFirstCopies(machines, context.now),
    earlierDeploySeconds: context.earlierDeploySeconds,
  });
  const nothingBegins = isFailureLimitReached(candidates, limits);
  const working: RunningStep[] = [];
  const idle: SimulatedMachine[] = [];
  for (const [index, machine] of machines.entries()) {
    const given = candidates[index];
    if (given === undefined) continue;
    const candidate = given === kept ? withoutTurn(given) : given;
    const { step, committed } = machine.position;
    const isHeld = candidate.holdReason !== undefined || (nothingBegins && !committed);
    const isAtWork = step.do === 'wait' || step.do === 'look_again';
    if (!isAtWork && (isHeld || (FINAL_STEPS.includes(step.do) && candidate.retry === undefined))) continue;
    const durations = durationsOf(machine, usual);
    const steps = isHeld ? [] : futureSteps(machine, goal, usual, durations);
    const rest = isAtWork ? remainingSeconds(machine, durations, context.now) : 0;
    if (steps === null || rest === null) return null;
    // The running step comes first, and is removed when it ends.
    if (isAtWork) {
      const until = context.now + (rest * slowdown + BETWEEN_STEPS) * 1000;
      working.push({ player: { candidate, steps: [runningStep(machine), ...steps] }, until });
    } else if (steps.length > 0) idle.push(withNextStep(candidate, steps));
  }
  return { working, idle: idle.sort(compareMachines), kept: kept?.retry === undefined ? kept : undefined };
}

/** A machine whose retry does not come after the others, because a slot is kept for it. */
const withoutTurn = (candidate: AdmissionCandidate): AdmissionCandidate => ({
  ...candidate,
  retry: candidate.retry && { ...candidate.retry, failedAt: undefined },
});

const FINAL_STEPS: readonly string[] = ['reached', 'done', 'failed', 'canceled'];

/**
 * Expected durations of the running first copies, by size. They are needed besides the measured ones: the copies that
 * end first are those of small machines and would mislead.
 */
const expectedFirstCopies = (machines: readonly WaveMachine[], now: number): readonly MeasuredStep[] =>
  machines.flatMap(({ row, position: { step, completedPasses }, progress }) => {
    if (step.do !== 'wait' || step.at !== 'sync' || completedPasses > 0) return [];
    const left = progress?.eta_seconds ?? null;
    return left === null ? [] : [[row.gib, elapsedSeconds(step.run, now) + left] as const];
  });

const elapsedSeconds = ({ created_at: created }: Execution | Deployment, now: number): number =>
  (now - (parseServerTime(created) ?? now)) / 1000;

/** Usual seconds of a machine's first sync, later syncs and deployment; null while unknown. */
interface Durations {
  readonly first: number | null;
  readonly later: number | null;
  readonly deploy: number | null;
}

function durationsOf({ row }: WaveMachine, usual: WaveStepDurations): Durations {
  const first =
    estimateSecondsForSize(usual.firstCopy, row.gib) ??
    row.firstCopySeconds?.high ??
    usual.firstCopyMeanSeconds ??
    null;
  const later =
    estimateSecondsForSize(usual.syncBySize, row.gib) ??
    usual.sync?.median ??
    (first === null ? null : first * LATER_SHARE);
  return { first, later, deploy: usual.deploy?.median ?? later };
}

const runningStepName = ({ position: { step } }: WaveMachine): WaveStepName | 'other' | undefined =>
  step.do === 'wait' ? step.at : undefined;

/** Steps that a machine has not begun; null while a duration is unknown. */
function futureSteps(
  machine: WaveMachine,
  goal: WaveGoal,
  usual: WaveStepDurations,
  { first, later, deploy }: Durations,
): readonly FutureStep[] | null {
  const { row, position } = machine;
  const { completedPasses, completedFinalSync, committed } = position;
  const end = committed ? 'cut_over' : goal;
  const running = runningStepName(machine);
  const isFirst = completedPasses === 0 && running !== 'sync' && running !== 'final_sync';
  const passes = end === 'prepared' || end === 'protected' ? 1 : row.passes;
  const isPastSyncs = completedFinalSync !== undefined || running === 'final_sync' || running === 'deploy';
  const left = isPastSyncs ? 0 : Math.max(0, passes - completedPasses - (running === 'sync' ? 1 : 0));
  const names: readonly WaveStepName[] = [
    ...Array.from({ length: left }, () => 'sync' as const),
    ...(end === 'cut_over' && !isPastSyncs ? (['final_sync'] as const) : []),
    ...(end === 'cut_over' && running !== 'deploy' ? (['deploy'] as const) : []),
  ];
  const steps = names.map((step, index) => {
    const seconds = step === 'deploy' ? deploy : index === 0 && isFirst ? first : later;
    const isNext = index === 0 && running === undefined;
    return {
      step,
      seconds,
      shutsDown: row.shutdown,
      upperSeconds: isNext
        ? estimateMaxStepSeconds(machine, step, usual)
        : estimateMaxLaterStepSeconds(step, usual),
      assumedSeconds: assumedSecondsOf(step, usual),
      pools: poolIdsOfStep(machine, step),
    };
  });
  return steps.every((one): one is FutureStep => one.seconds !== null) ? steps : null;
}

const runningStep = (machine: WaveMachine): FutureStep => ({
  step: runningStepName(machine) === 'final_sync' ? 'final_sync' : 'sync',
  seconds: 0,
  shutsDown: machine.row.shutdown,
  upperSeconds: null,
  assumedSeconds: 0,
  pools: [],
});

/** Estimated seconds until the running step ends; null while unknown. */
function remainingSeconds(
  machine: WaveMachine,
  { first, later, deploy }: Durations,
  now: number,
): number | null {
  const { step, completedPasses } = machine.position;
  if (step.do !== 'wait') return 0;
  // Only copies have an estimate of their own. Without one, the usual duration is taken.
  const measured = machine.progress?.eta_seconds;
  if (measured !== undefined && measured !== null) return measured;
  const expected = step.at === 'deploy' ? deploy : completedPasses === 0 ? first : later;
  const elapsed = elapsedSeconds(step.run, now);
  return expected === null ? null : Math.max(expected * MIN_LEFT, expected - elapsed);
}
