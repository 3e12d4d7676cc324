import { secondsBetween } from '../../model/timestamps';
import type { Deployment, Execution } from '../../model/api-objects';
import type { WaveStepName } from './machine-position';

/** Properties of a machine from which durations are measured. */
interface MeasuredMachine {
  readonly row: {
    /** Total size of the machine's disks in GiB; null while unknown. */
    readonly gib: number | null;
    /** Estimate of the plan for the first copy, in seconds. */
    readonly firstCopySeconds: { readonly high: number } | null | undefined;
  };
  readonly position: { readonly completedPasses: number };
  readonly executions: readonly Execution[];
  readonly deployments: readonly Deployment[];
}

/** Usual durations of the steps of a wave, in seconds; each undefined while nothing has been measured. */
export interface WaveStepDurations {
  /** Longest and median duration of the syncs after the first copies. */
  readonly sync: { readonly longest: number; readonly median: number } | undefined;
  /** Longest and median duration of deployments. */
  readonly deploy: { readonly longest: number; readonly median: number } | undefined;
  /** Duration of the syncs after the first copies, by size of the machine. */
  readonly syncBySize: SecondsBySize | undefined;
  /** Duration of first copies, by size of the machine. */
  readonly firstCopy: SecondsBySize | undefined;
  /** Mean seconds of first copies, for machines of unknown size. */
  readonly firstCopyMeanSeconds: number | undefined;
}

/** Duration of a step by the size of the machine: fixed seconds, and seconds for each GiB. */
export interface SecondsBySize {
  readonly fixed: number;
  readonly perGib: number;
}

/** Size of a machine (null while unknown) and duration of one of its steps. */
export type MeasuredStep = readonly [gib: number | null, seconds: number];

/**
 * Measures the usual durations of the steps of a wave.
 *
 * @param expected sizes and expected total durations of first copies that are still running
 */
export function measureWaveStepDurations(
  machines: readonly MeasuredMachine[],
  expected: readonly MeasuredStep[] = [],
): WaveStepDurations {
  const syncs: MeasuredStep[] = [];
  const firsts: MeasuredStep[] = [...expected];
  const deploys: number[] = [];
  for (const { executions, deployments, row } of machines) {
    for (const { number, created_at, updated_at, status, type } of executions) {
      if (status !== 'COMPLETED' || !/execution$/.test(type)) continue;
      const seconds = secondsBetween(created_at, updated_at);
      if (seconds === null) continue;
      (number > 1 ? syncs : firsts).push([row.gib, seconds]);
    }
    for (const { created_at, updated_at, last_execution_status: status } of deployments) {
      const seconds = status === 'COMPLETED' ? secondsBetween(created_at, updated_at) : null;
      if (seconds !== null) deploys.push(seconds);
    }
  }
  return {
    sync: longestAndMedian(syncs.map(([, seconds]) => seconds)),
    syncBySize: fitLine(syncs),
    deploy: longestAndMedian(deploys),
    firstCopy: fitLine(firsts),
    firstCopyMeanSeconds: firsts.length === 0 ? undefined : mean(firsts.map(([, seconds]) => seconds)),
  };
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/**
 * Line through the measured points by least squares: fixed seconds, which also small disks cost for workers and checks,
 * and seconds for each GiB. Neither is ever negative.
 */
function fitLine(steps: readonly MeasuredStep[]): SecondsBySize | undefined {
  const points = steps.flatMap(([gib, seconds]) =>
    gib !== null && gib > 0 ? [[gib, seconds] as const] : [],
  );
  if (points.length === 0) return undefined;
  const [meanX, meanY] = [mean(points.map(([x]) => x)), mean(points.map(([, y]) => y))];
  const spreadX = mean(points.map(([x]) => (x - meanX) ** 2));
  const slope = spreadX === 0 ? Infinity : mean(points.map(([x, y]) => (x - meanX) * (y - meanY))) / spreadX;
  if (slope < 0) return { fixed: meanY, perGib: 0 };
  const fixed = meanY - slope * meanX;
  return fixed < 0 || slope === Infinity ? { fixed: 0, perGib: meanY / meanX } : { fixed, perGib: slope };
}

/** Estimated seconds for a size; null while nothing has been measured, or without a size. */
export const estimateSecondsForSize = (
  measured: SecondsBySize | undefined,
  gib: number | null,
): number | null => (measured === undefined || gib === null ? null : measured.fixed + measured.perGib * gib);

/** Factor from the estimated duration of a first copy to its upper estimate. */
const FIRST_MARGIN = 1.5;

function longestAndMedian(values: readonly number[]): { longest: number; median: number } | undefined {
  const sorted = [...values].sort((one, other) => one - other);
  const [longest, median] = [sorted.at(-1), sorted[Math.floor(sorted.length / 2)]];
  return longest === undefined || median === undefined ? undefined : { longest, median };
}

/** Factor from the longest duration so far to the upper estimate. */
const MARGIN = 1.2;

const withMargin = (seconds: number | null, margin: number): number | null =>
  seconds === null ? null : seconds * margin;

/** Upper estimate of a machine's next step in seconds; null while unknown. */
export function estimateMaxStepSeconds(
  { row, position }: MeasuredMachine,
  step: WaveStepName,
  usual: WaveStepDurations,
): number | null {
  if (step !== 'sync' || position.completedPasses > 0) return estimateMaxLaterStepSeconds(step, usual);
  return (
    row.firstCopySeconds?.high ?? withMargin(estimateSecondsForSize(usual.firstCopy, row.gib), FIRST_MARGIN)
  );
}

/**
 * Upper estimate of a step after the first copy, in seconds; null while unknown. For a final sync it includes the
 * deployment, because the source is down until the deployment has ended.
 */
export function estimateMaxLaterStepSeconds(step: WaveStepName, usual: WaveStepDurations): number | null {
  const sync = withMargin(usual.sync?.longest ?? null, MARGIN);
  const deploy = withMargin(usual.deploy?.longest ?? null, MARGIN);
  if (step === 'deploy') return deploy;
  if (step !== 'final_sync') return sync;
  return sync === null && deploy === null ? null : (sync ?? 0) + (deploy ?? 0);
}
