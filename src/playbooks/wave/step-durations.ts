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
  /** Longest and median duration of deployments; of earlier ones, until the wave has deployed a machine. */
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
 * @param more `expected`: sizes and expected total durations of first copies that are still running; `earlierDeploySeconds`:
 * durations of deployments outside the wave, between endpoints of the wave
 */
export function measureWaveStepDurations(
  machines: readonly MeasuredMachine[],
  {
    expected = [],
    earlierDeploySeconds = [],
  }: {
    readonly expected?: readonly MeasuredStep[];
    readonly earlierDeploySeconds?: readonly number[] | undefined;
  } = {},
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
    deploys.push(...deployments.flatMap((one) => secondsOfDeployment(one) ?? []));
  }
  return {
    sync: longestAndMedian(syncs.map(([, seconds]) => seconds)),
    syncBySize: fitLine(syncs),
    deploy: longestAndMedian(deploys.length === 0 ? earlierDeploySeconds : deploys),
    firstCopy: fitLine(firsts),
    firstCopyMeanSeconds: firsts.length === 0 ? undefined : mean(firsts.map(([, seconds]) => seconds)),
  };
}

/** Duration of a completed deployment in seconds; null of others. */
export const secondsOfDeployment = ({
  created_at: begin,
  updated_at: end,
  last_execution_status: status,
}: Deployment): number | null => (status === 'COMPLETED' ? secondsBetween(begin, end) : null);

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

/** Assumed duration of a later sync as a fraction of the first copy, until one has been measured. */
export const LATER_SHARE = 0.1;
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
 * deployment, because the source is down until the deployment has ended, and what is assumed
 * (`assumedSecondsOf`).
 */
export function estimateMaxLaterStepSeconds(step: WaveStepName, usual: WaveStepDurations): number | null {
  const { sync, deploy } = measuredMaxSeconds(usual);
  if (step === 'deploy') return deploy;
  if (step !== 'final_sync') return sync;
  const total = (sync ?? 0) + (deploy ?? 0) + assumedSecondsOf(step, usual);
  return total === 0 ? null : total;
}

/**
 * Part of the upper estimate of a step that is assumed, in seconds, because it was not measured yet. A final sync turns
 * the source off, so neither of its parts counts as nothing: the sync counts as a fraction of the first copies, the
 * deployment as long as the sync.
 */
export function assumedSecondsOf(step: WaveStepName, usual: WaveStepDurations): number {
  if (step !== 'final_sync') return 0;
  const { sync, deploy } = measuredMaxSeconds(usual);
  const assumedSync = sync ?? (usual.firstCopyMeanSeconds ?? 0) * LATER_SHARE * MARGIN;
  return (sync === null ? assumedSync : 0) + (deploy === null ? assumedSync : 0);
}

const measuredMaxSeconds = ({ sync, deploy }: WaveStepDurations) => ({
  sync: withMargin(sync?.longest ?? null, MARGIN),
  deploy: withMargin(deploy?.longest ?? null, MARGIN),
});
