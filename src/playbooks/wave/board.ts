import { formatCount } from '../../model/display-texts';
import { describeSeconds, formatIsoTime, toIsoTime } from '../../model/timestamps';
import { isFinal, statusOf } from '../../model/status';
import { shortenHash } from '../../model/wave-note';
import type { MachineWait } from './admission-types';
import { estimateSecondsLeft, type ForecastInput } from './forecast';
import type { WaveMachine } from './machine-state';
import type { WaveSnapshot } from './wave-observer';
import type { PlannedRow } from './planned-row';
import { wasSyncedAfterShutdown, type WaveStepName, type WaveGoal } from './machine-position';

/** A step that a call of `wave.run` started or tried to start. */
export interface WaveAction {
  readonly at: string;
  readonly machine: string;
  readonly wave: string;
  readonly step: WaveStepName;
  /** Id of the transfer, execution, deployment or schedule; null when none was created. */
  readonly id: string | null;
  /** Result of the attempt: started, refused, failed or uncertain. */
  readonly outcome: string;
  /** The server's error message; null without one. */
  readonly words: string | null;
  readonly requestId: string | null;
}

/** Row of the board: the state of one machine. */
export interface WaveBoardRow {
  readonly machine: string;
  readonly instance: string | null;
  readonly wave: string;
  readonly stage: string;
  readonly percent: number | null;
  readonly etaSeconds: number | null;
  /** Start of the stage, ISO time; null when unknown. */
  readonly since: string | null;
  /** Kind of the reason for waiting (see `MachineWaitKind`), failure or canceled; null when the machine does not wait. */
  readonly waitsFor: string | null;
  /** The reason in words, or the error of a failure; null for none. */
  readonly why: string | null;
  /** Whether the source is off, so that the machine must be deployed. */
  readonly committed: boolean;
  readonly completedPasses: number;
  readonly lastCopyAt: string | null;
  readonly transferId: string | null;
  readonly executionId: string | null;
  readonly deploymentId: string | null;
}

/** State of a wave at one moment: counts, estimates, and a row for each machine. */
export interface WaveBoard {
  readonly asOf: string;
  readonly waves: readonly string[];
  readonly plan: string | null;
  readonly goal: WaveGoal;
  readonly machines: number;
  readonly done: number;
  readonly running: number;
  readonly waiting: number;
  readonly failed: number;
  readonly outcome: string;
  readonly percent: number | null;
  /** Likely seconds until the end of the wave; null while unknown. */
  readonly etaLowSeconds: number | null;
  /** Slow estimate of the seconds until the end of the wave; null while unknown. */
  readonly etaHighSeconds: number | null;
  readonly bottleneck: string | null;
  readonly attention: readonly string[];
  readonly headline: string;
  readonly rows: readonly WaveBoardRow[];
  readonly actions: readonly WaveAction[];
  /** Whether some status or transfer is so new that only the next poll can decide about it. */
  readonly isSettling: boolean;
}

/** Input from which a board is computed. */
export interface WaveBoardInput {
  readonly machines: readonly WaveMachine[];
  /** Rows of the plan that cannot be moved. */
  readonly blocked: readonly PlannedRow[];
  /** Reasons for waiting, by key of the machine. */
  readonly waits: ReadonlyMap<string, MachineWait>;
  readonly snapshot: WaveSnapshot;
  readonly goal: WaveGoal;
  readonly planHash: string | null;
  /** Words about failed runs, by key of the machine (see `explainFailures`). */
  readonly failures: ReadonlyMap<string, string>;
  /** Input for estimating the time left. */
  readonly forecast: Pick<ForecastInput, 'candidates' | 'limits' | 'context'>;
  readonly actions: readonly WaveAction[];
  readonly attention: readonly string[];
}

/** Stage of a machine while a step of it is running. */
const STAGES_OF_STEPS: Readonly<Record<WaveStepName, string>> = {
  create: 'new',
  sync: 'syncing',
  final_sync: 'final_sync',
  deploy: 'deploying',
  schedule: 'synced',
};
/**
 * Factor by which the slow estimate lengthens all durations. Halfway through a wave the likely estimate is at least three
 * quarters of the truth, so that a little more than 4/3 covers it.
 */
const SLOW_FACTOR = 1.35;

/** Computes the board of a wave: counts, estimates and the state of each machine. */
export function makeWaveBoard(input: WaveBoardInput): WaveBoard {
  const { machines, blocked, waits, failures, snapshot, goal } = input;
  const rows = [
    ...machines.map((machine) => boardRow(machine, waits.get(machine.key), failures.get(machine.key))),
    ...blocked.map(blockedRow),
  ];
  const count = (...stages: readonly string[]): number =>
    rows.filter(({ stage }) => stages.includes(stage)).length;
  const ends = ['reached', 'done'];
  const done = machines.filter(({ position: { step } }) => ends.includes(step.do)).length;
  const failed = count('failed', 'canceled', 'blocked', 'refused');
  const running = machines.filter(({ position: { step } }) => step.do === 'wait').length;
  const forecast = { machines, goal, ...input.forecast };
  const percent = percentOf(machines);
  const waiting = rows.length - done - failed - running;
  const board = {
    asOf: formatIsoTime(snapshot.now),
    waves: [...new Set(rows.map(({ wave }) => wave))],
    plan: input.planHash === null ? null : shortenHash(input.planHash),
    goal,
    machines: rows.length,
    done,
    running,
    waiting,
    failed,
    outcome:
      running + waiting > rows.filter(({ waitsFor }) => isLeftOut(waitsFor)).length
        ? 'going_on'
        : failed > 0
          ? 'failed'
          : 'completed',
    percent,
    etaLowSeconds: estimateSecondsLeft(forecast),
    etaHighSeconds: estimateSecondsLeft(forecast, SLOW_FACTOR),
    bottleneck: bottleneckOf(rows, machines),
    attention: [...attentionOf(machines, input), ...syncedAfterShutdown(machines), ...input.attention],
  };
  return {
    ...board,
    headline: headlineOf(board),
    rows,
    actions: input.actions,
    isSettling: machines.some(
      ({ isJustCreated, position: { step } }) => isJustCreated || step.do === 'look_again',
    ),
  };
}

/** Whether a machine waits only because the caller leaves it out (`only`) or stops after failures (`stop_after`). */
const isLeftOut = (waitsFor: string | null): boolean => waitsFor === 'only' || waitsFor === 'stop_after';

function boardRow(
  machine: WaveMachine,
  wait: MachineWait | undefined,
  failure: string | undefined,
): WaveBoardRow {
  const { row, transfer, position, progress, executions, deployments } = machine;
  const { step } = position;
  const run = 'run' in step ? step.run : undefined;
  return {
    machine: row.name,
    instance: row.instance,
    wave: row.wave,
    stage: stageOf(machine, wait),
    percent: progress?.percent ?? (step.do === 'done' ? 100 : null),
    etaSeconds: progress?.eta_seconds ?? null,
    since: sinceOf(machine),
    waitsFor: wait?.kind ?? (failure === undefined ? null : step.do === 'canceled' ? 'canceled' : 'failure'),
    why: wait?.why ?? failure ?? null,
    committed: position.committed,
    completedPasses: position.completedPasses,
    lastCopyAt: toIsoTime(position.lastCopyAt),
    transferId: transfer?.id ?? null,
    executionId: run !== undefined && 'number' in run ? run.id : (executions[0]?.id ?? null),
    deploymentId: position.completedDeployment?.id ?? deployments[0]?.id ?? null,
  };
}

function stageOf(
  { position: { step, completedFinalSync, completedPasses }, transfer }: WaveMachine,
  wait: MachineWait | undefined,
): string {
  if (wait?.kind === 'refused' || wait?.kind === 'blocked') return wait.kind;
  switch (step.do) {
    case 'done':
      return 'done';
    case 'failed':
    case 'canceled':
      return step.do;
    case 'wait':
      return step.at === 'other' ? 'busy' : STAGES_OF_STEPS[step.at];
    default:
      if (completedFinalSync !== undefined) return 'copied';
      if (completedPasses > 0) return 'synced';
      return transfer === undefined ? 'new' : 'created';
  }
}

function sinceOf({
  position: { step, completedDeployment },
  transfer,
  executions,
}: WaveMachine): string | null {
  if (completedDeployment !== undefined) return toIsoTime(completedDeployment.updated_at);
  if ('run' in step) {
    const { run } = step;
    return toIsoTime(isFinal(statusOf(run)) ? run.updated_at : run.created_at);
  }
  return toIsoTime(executions[0]?.updated_at ?? transfer?.created_at);
}

const blockedRow = (row: PlannedRow): WaveBoardRow => ({
  machine: row.name,
  instance: row.instance,
  wave: row.wave,
  stage: 'blocked',
  percent: null,
  etaSeconds: null,
  since: null,
  waitsFor: 'blocked',
  why: row.problem,
  committed: false,
  completedPasses: 0,
  lastCopyAt: null,
  transferId: null,
  executionId: null,
  deploymentId: null,
});

/** Describes the machines whose source is off although no step of them is running. */
function attentionOf(
  machines: readonly WaveMachine[],
  { waits, failures }: Pick<WaveBoardInput, 'waits' | 'failures'>,
): readonly string[] {
  return machines
    .filter(({ position: { committed } }) => committed)
    .flatMap(({ row, key, position: { step } }) => {
      const wait = waits.get(key);
      if (step.do === 'failed' || step.do === 'canceled')
        return [
          `The source of "${row.name}" is off and its ${step.at.replace('_', ' ')} ${step.do}: ${failures.get(key) ?? ''}`,
        ];
      return wait === undefined ? [] : [`The source of "${row.name}" is off and it waits: ${wait.why}.`];
    });
}

/** Describes machines that a final sync has shut down and that were synced again before they were deployed. */
const syncedAfterShutdown = (machines: readonly WaveMachine[]): readonly string[] =>
  machines
    .filter(
      ({ position: { completedDeployment, committed }, executions }) =>
        completedDeployment === undefined && !committed && wasSyncedAfterShutdown(executions),
    )
    .map(
      ({ row }) =>
        `"${row.name}" was shut down by a final sync, and synced again since: see whether its source is on; its cutover begins with another final sync.`,
    );

function bottleneckOf(rows: readonly WaveBoardRow[], machines: readonly WaveMachine[]): string | null {
  const counts = new Map<string, number>();
  for (const { waitsFor } of rows) {
    if (waitsFor !== null && !['refused', 'blocked', 'only'].includes(waitsFor))
      counts.set(waitsFor, (counts.get(waitsFor) ?? 0) + 1);
  }
  const [most] = [...counts].sort(([, one], [, other]) => other - one);
  if (most !== undefined)
    return `${most[0].replace('_', ' ')}: ${most[1]} ${most[1] === 1 ? 'machine waits' : 'machines wait'}`;
  const slowest = machines
    .filter(({ progress }) => (progress?.eta_seconds ?? null) !== null)
    .sort((one, other) => (other.progress?.eta_seconds ?? 0) - (one.progress?.eta_seconds ?? 0))[0];
  return slowest === undefined
    ? null
    : `the slowest is "${slowest.row.name}", about ${describeSeconds(slowest.progress?.eta_seconds ?? 0)} left`;
}

/** Percentage of the steps of all machines (syncs, final syncs, deployments) that are done; null without machines. */
function percentOf(machines: readonly WaveMachine[]): number | null {
  if (machines.length === 0) return null;
  const parts = machines.map(({ position: { step, completedPasses, completedFinalSync }, row, progress }) => {
    if (step.do === 'done' || step.do === 'reached') return 1;
    const all = row.passes + 2;
    const done = completedFinalSync === undefined ? Math.min(completedPasses, row.passes) : row.passes + 1;
    return Math.min(0.999, (done + (progress?.percent ?? 0) / 100) / all);
  });
  return Math.round((parts.reduce((sum, part) => sum + part, 0) / parts.length) * 1000) / 10;
}

function headlineOf({
  machines,
  done,
  running,
  waiting,
  failed,
  etaLowSeconds,
}: Pick<WaveBoard, 'machines' | 'done' | 'running' | 'waiting' | 'failed' | 'etaLowSeconds'>): string {
  return [
    `${done} of ${formatCount(machines, 'machine')} done`,
    ...(running === 0 ? [] : [`${running} at work`]),
    ...(waiting === 0 ? [] : [`${waiting} waiting`]),
    ...(failed === 0 ? [] : [`${failed} failed or blocked`]),
    ...(etaLowSeconds === null || etaLowSeconds === 0
      ? []
      : [`about ${describeSeconds(etaLowSeconds)} left`]),
  ].join(', ');
}
