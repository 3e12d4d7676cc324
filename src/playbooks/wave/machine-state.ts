import { findCause, failureOf } from '../../model/failure';
import { matchKnownError, type KnownError } from '../../model/known-errors';
import { computeProgress, type Progress } from '../../model/progress';
import { statusOf } from '../../model/status';
import { durationSeconds, parseServerTime } from '../../model/timestamps';
import type { Deployment, Execution, Transfer } from '../../model/types';
import type { Candidate, MachineWait } from './admission';
import { chooseValidTransfer, wasNeverExecuted, type KnownTransfers } from './existing-transfers';
import { morphingPoolsOf, syncPoolsOf, type WaveTick } from './observe';
import type { PlannedRow } from './planned-row';
import { computePosition, type MachinePosition, type StepName, type WaveGoal } from './step';

/**
 * Time until the transfer of another caller is visible in a list, including the rounding of the server's whole seconds.
 */
export const TRANSFER_VISIBLE_AFTER_MS = 3000;

/** State of one machine of a wave. */
export interface WaveMachine {
  readonly key: string;
  readonly row: PlannedRow;
  readonly transfer: Transfer | undefined;
  readonly isAdopted: boolean;
  readonly isJustCreated: boolean;
  readonly executions: readonly Execution[];
  readonly deployments: readonly Deployment[];
  readonly position: MachinePosition;
  readonly progress: Progress | undefined;
  /** Duplicate transfers that other callers created at the same moment. */
  readonly surplus: readonly Transfer[];
}

export const machineKey = (row: PlannedRow): string =>
  `${row.wave}\n${row.originEndpointId ?? ''}\n${row.destinationEndpointId ?? ''}\n${row.instance ?? row.name}`;

/** The valid transfer of a row, and its duplicates. */
export function transfersOfRow(
  row: PlannedRow,
  transfers: KnownTransfers,
): {
  readonly valid: Transfer | undefined;
  readonly surplus: readonly Transfer[];
  readonly isAdopted: boolean;
} {
  if (row.existing.kind === 'taken_in') {
    return { valid: transfers.byId(row.existing.transfer.id), surplus: [], isAdopted: true };
  }
  const own = transfers.ofMachine(row.wave, row.instance ?? '').filter((one) => isOf(one, row));
  const winner = chooseValidTransfer(own.map((transfer) => ({ transfer })))?.transfer;
  return {
    valid: winner,
    surplus: own.filter(({ id }) => id !== winner?.id),
    isAdopted: false,
  };
}

const isOf = (transfer: Transfer, row: PlannedRow): boolean =>
  transfer.instances.length === 1 &&
  transfer.origin_endpoint_id === row.originEndpointId &&
  transfer.destination_endpoint_id === row.destinationEndpointId;

/** Computes the state of one machine. */
export function computeMachineState(
  row: PlannedRow,
  tick: WaveTick,
  {
    goal,
    scheduled,
  }: { readonly goal: WaveGoal; readonly scheduled: (transferId: string) => boolean | null },
): WaveMachine {
  const { valid: transfer, surplus, isAdopted } = transfersOfRow(row, tick.transfers);
  const { executions = [], deployments = [] } = (transfer && tick.runs.get(transfer.id)) ?? {};
  const position = computePosition(
    {
      exists: transfer !== undefined,
      passes: row.passes,
      shutdown: row.shutdown,
      isAdopted,
      executions,
      deployments,
      scheduled: transfer === undefined ? null : scheduled(transfer.id),
      now: tick.now,
    },
    goal,
  );
  const { step } = position;
  return {
    key: machineKey(row),
    row,
    transfer,
    isAdopted,
    isJustCreated:
      transfer !== undefined &&
      wasNeverExecuted(transfer) &&
      transferAgeMs(transfer, tick.now) < TRANSFER_VISIBLE_AFTER_MS,
    executions,
    deployments,
    position,
    progress:
      step.do === 'wait'
        ? computeProgress(step.run, tick.now, { sizes: transfer && tick.sizes.get(transfer.id) })
        : undefined,
    surplus,
  };
}

export const transferAgeMs = ({ created_at: created }: Transfer, now: number): number =>
  now - (parseServerTime(created) ?? now);

/** Known error of a failed run. */
export function findKnownError(run: Execution | Deployment): KnownError | undefined {
  const cause = findCause(run.tasks ?? []);
  return cause === null || cause.text === null
    ? undefined
    : matchKnownError(cause.text, { taskType: cause.task.task_type });
}

/** Error message of a failed run. */
export function failureText(run: Execution | Deployment): string {
  const failure = failureOf(run.tasks ?? []);
  return failure === null ? `it ended as ${statusOf(run)}` : `${failure.task_type}: ${failure.message}`;
}

/** Rules of a call for retrying failed steps. */
export interface RetryRules {
  /** Number of retries of a step with a temporary error. */
  readonly retries: number;
  /**
   * A step that failed or was canceled before this time (server's clock) is retried once, whatever its error.
   */
  readonly failedBefore: number | undefined;
}

/** Step to retry after a failure; undefined when a user must decide. */
export function stepToRetry(
  { position: { step } }: WaveMachine,
  { retries, failedBefore }: RetryRules,
): StepName | undefined {
  if (step.do !== 'failed' && step.do !== 'canceled') return undefined;
  const ended = parseServerTime(step.run.updated_at) ?? Infinity;
  if (failedBefore !== undefined && ended < failedBefore) return step.at;
  if (step.do === 'canceled') return undefined;
  const isPassing =
    statusOf(step.run) === 'ERROR_ALLOCATING_MINIONS' || findKnownError(step.run)?.retry === 'yes';
  return isPassing && step.attempts <= retries ? step.at : undefined;
}

/** Usual durations of the steps of a wave. */
export interface UsualTimes {
  /** Longest and median seconds of later syncs. */
  readonly sync: { readonly longest: number; readonly median: number } | undefined;
  readonly deploy: { readonly longest: number; readonly median: number } | undefined;
  /** First copies: fixed seconds, plus seconds per GiB. */
  readonly firstCopy: { readonly fixed: number; readonly perGib: number } | undefined;
}

export function measureUsualTimes(machines: readonly WaveMachine[]): UsualTimes {
  const syncs: number[] = [];
  const firsts: Array<readonly [gib: number, seconds: number]> = [];
  const deploys: number[] = [];
  for (const { executions, deployments, row } of machines) {
    for (const { number, created_at, updated_at, status, type } of executions) {
      if (status !== 'COMPLETED' || !/execution$/.test(type)) continue;
      const seconds = durationSeconds(created_at, updated_at);
      if (seconds === null) continue;
      if (number > 1) syncs.push(seconds);
      else if (row.gib !== null && row.gib > 0) firsts.push([row.gib, seconds]);
    }
    for (const { created_at, updated_at, last_execution_status: status } of deployments) {
      const seconds = status === 'COMPLETED' ? durationSeconds(created_at, updated_at) : null;
      if (seconds !== null) deploys.push(seconds);
    }
  }
  return { sync: spread(syncs), deploy: spread(deploys), firstCopy: fitLine(firsts) };
}

/**
 * Least-squares line through points, neither falling nor below zero: small disks also have fixed costs for workers and
 * checks.
 */
function fitLine(
  points: ReadonlyArray<readonly [x: number, y: number]>,
): { readonly fixed: number; readonly perGib: number } | undefined {
  if (points.length === 0) return undefined;
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  const [meanX, meanY] = [mean(points.map(([x]) => x)), mean(points.map(([, y]) => y))];
  const spreadX = mean(points.map(([x]) => (x - meanX) ** 2));
  const slope = spreadX === 0 ? Infinity : mean(points.map(([x, y]) => (x - meanX) * (y - meanY))) / spreadX;
  if (slope < 0) return { fixed: meanY, perGib: 0 };
  const fixed = meanY - slope * meanX;
  return fixed < 0 || slope === Infinity ? { fixed: 0, perGib: meanY / meanX } : { fixed, perGib: slope };
}

/** Estimated seconds of a first copy; null while none has been measured, or without a size. */
export const firstCopySeconds = ({ firstCopy }: UsualTimes, gib: number | null): number | null =>
  firstCopy === undefined || gib === null ? null : firstCopy.fixed + firstCopy.perGib * gib;

/** Factor on an estimated first copy, for the upper estimate. */
const FIRST_MARGIN = 1.5;

function spread(values: readonly number[]): { longest: number; median: number } | undefined {
  const sorted = [...values].sort((one, other) => one - other);
  const [longest, median] = [sorted.at(-1), sorted[Math.floor(sorted.length / 2)]];
  return longest === undefined || median === undefined ? undefined : { longest, median };
}

/** Factor on the longest duration so far, for the upper estimate. */
const MARGIN = 1.2;

const withMargin = (seconds: number | null, margin: number): number | null =>
  seconds === null ? null : seconds * margin;

/** Upper estimate of a step in seconds; that of a final sync includes the deployment. */
export function maxStepSeconds(
  { row, position, executions }: WaveMachine,
  step: StepName,
  usual: UsualTimes,
): number | null {
  const deploy = usual.deploy === undefined ? null : usual.deploy.longest * MARGIN;
  const sync =
    executions.length === 0
      ? (row.firstCopy?.high ?? withMargin(firstCopySeconds(usual, row.gib), FIRST_MARGIN))
      : usual.sync === undefined
        ? null
        : usual.sync.longest * MARGIN;
  if (step === 'deploy') return deploy;
  if (step === 'final_sync') return sync === null && deploy === null ? null : (sync ?? 0) + (deploy ?? 0);
  return position.completedPasses === 0 && executions.length > 0 ? (row.firstCopy?.high ?? sync) : sync;
}

/** Minion pools that a step uses: a deployment those of OS morphing, a sync those of its two sides. */
function poolsOf({ row, transfer }: WaveMachine, step: StepName | 'other' | undefined): readonly string[] {
  if (transfer === undefined) return row.poolIds;
  return step === 'deploy' ? morphingPoolsOf(transfer) : syncPoolsOf(transfer);
}

/** Converts a machine to a candidate for admission. */
export function makeCandidate(
  machine: WaveMachine,
  {
    held,
    retry,
    usual,
  }: {
    readonly held: MachineWait | undefined;
    readonly retry: StepName | undefined;
    readonly usual: UsualTimes;
  },
): Candidate {
  const { row, position, key, isJustCreated } = machine;
  const step =
    retry ??
    (['sync', 'final_sync', 'deploy'].includes(position.step.do)
      ? (position.step.do as StepName)
      : undefined);
  return {
    key,
    name: row.name,
    wave: row.wave,
    order: row.order,
    line: row.line,
    notBefore: row.notBefore,
    endpoints: [row.originEndpointId, row.destinationEndpointId].filter((id) => id !== null),
    pools: poolsOf(machine, position.step.do === 'wait' ? position.step.at : step),
    position,
    isJustCreated,
    held,
    retry,
    upperSeconds: step === undefined ? null : maxStepSeconds(machine, step, usual),
  };
}
