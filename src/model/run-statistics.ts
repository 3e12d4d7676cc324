import { isFinal, outcomeOf, purposeOf, statusOf, type ExecutionPurpose } from './status';
import { secondsBetween, parseServerTime } from './timestamps';
import type { Deployment, Execution } from './api-objects';

/** Kind of a sync: `full` copies everything, `incremental` what changed since the last sync. */
export type SyncKind = 'full' | 'incremental';

/** Execution with the kind of its sync. Null for other executions, and when the kind is unknown. */
export interface ExecutionWithSyncKind {
  readonly execution: Execution;
  readonly kind: SyncKind | null;
}

/** Numbers of executions or deployments that ended in a period, by outcome. */
export interface RunCounts {
  readonly completed: number;
  readonly failed: number;
  readonly canceled: number;
}

/** Durations of completed executions or deployments of one kind, in whole seconds. */
export interface DurationStatistics {
  readonly count: number;
  readonly mean_seconds: number | null;
  readonly median_seconds: number | null;
  /**
   * Trend in percent: how much longer the last run takes than the first, on a straight line fitted to all runs. 25
   * means a quarter longer. Null with fewer than four runs.
   */
  readonly trend_percent: number | null;
  /** Durations of the latest completed runs, the newest last. */
  readonly latest_seconds: readonly number[];
}

/** Number of latest executions or deployments whose durations are listed one by one. */
const LATEST_RUNS = 5;

/** Minimum number of durations from which a trend is computed. */
const MIN_TREND_RUNS = 4;

/**
 * Marks each sync as full or incremental, oldest first. A sync is full when no completed sync precedes it, or when the
 * disks were deleted since that one. The kind is null for the first syncs when earlier executions are missing.
 */
export function withSyncKinds(executions: readonly Execution[]): readonly ExecutionWithSyncKind[] {
  const sorted = [...executions].sort((one, other) => one.number - other.number);
  let hasCopy = sorted[0]?.number === 1 ? false : undefined;
  return sorted.map((execution) => {
    const purpose = purposeOf(execution.type);
    if (purpose === 'disks_delete' && execution.status !== 'UNEXECUTED') hasCopy = false;
    if (purpose !== 'sync') return { execution, kind: null };
    const kind: SyncKind | null = hasCopy === undefined ? null : hasCopy ? 'incremental' : 'full';
    if (outcomeOf(execution.status) === 'completed') hasCopy = true;
    return { execution, kind };
  });
}

/** Seconds from start to end of an execution or deployment; null while it is running, or when a time is missing. */
const runSeconds = (run: Execution | Deployment): number | null =>
  isFinal(statusOf(run)) ? secondsBetween(run.created_at, run.updated_at) : null;

/**
 * Usual duration in seconds: the median of the completed executions or deployments. Failed and canceled ones are
 * ignored. Null when none completed.
 */
export function medianRunSeconds(runs: ReadonlyArray<Execution | Deployment>): number | null {
  return rounded(
    median(
      runs.filter((run) => outcomeOf(statusOf(run)) === 'completed').flatMap((run) => runSeconds(run) ?? []),
    ),
  );
}

/**
 * Usual duration in seconds of the other executions with the same purpose and kind of sync (full or incremental); null
 * when none completed.
 */
export function medianSecondsOfSameSyncKind(run: Execution, executions: readonly Execution[]): number | null {
  const known = withSyncKinds([...executions.filter(({ id }) => id !== run.id), run]);
  const kind = known.find(({ execution }) => execution.id === run.id)?.kind ?? null;
  const purpose: ExecutionPurpose | undefined = purposeOf(run.type);
  return medianRunSeconds(
    known
      .filter(({ execution, kind: other }) => execution.id !== run.id && other === kind)
      .map(({ execution }) => execution)
      .filter(({ type }) => purposeOf(type) === purpose),
  );
}

/**
 * Usual duration of a deployment in seconds, from the completed ones of the same transfer. When there are none, from
 * those to the same endpoint with as many machines. Null without any.
 */
export function medianDeploymentSeconds(run: Deployment, deployments: readonly Deployment[]): number | null {
  const others = deployments.filter(({ id }) => id !== run.id);
  const own = medianRunSeconds(others.filter(({ transfer_id: id }) => id !== null && id === run.transfer_id));
  return (
    own ??
    medianRunSeconds(
      others.filter(
        ({ destination_endpoint_id: endpoint, instances }) =>
          endpoint === run.destination_endpoint_id && instances.length === run.instances.length,
      ),
    )
  );
}

/**
 * Number of syncs that failed in a row, counted back from the newest one that has ended to the last completed one.
 * Canceled ones are skipped, and so are updates and deletions of disks.
 */
export function countConsecutiveFailures(executions: readonly Execution[]): number {
  let failures = 0;
  for (const { status, type } of [...executions].sort((one, other) => other.number - one.number)) {
    if ((purposeOf(type) ?? 'sync') !== 'sync') continue;
    const outcome = outcomeOf(status);
    if (outcome === 'completed') return failures;
    if (outcome === 'failed') failures += 1;
  }
  return failures;
}

/** Counts the executions or deployments that ended at `since` (milliseconds since 1970) or later. */
export function countRuns(runs: ReadonlyArray<Execution | Deployment>, since: number): RunCounts {
  const counts = { completed: 0, failed: 0, canceled: 0 };
  for (const run of runs) {
    const outcome = outcomeOf(statusOf(run));
    const ended = parseServerTime(run.updated_at ?? run.created_at);
    if (outcome !== undefined && ended !== null && ended >= since) counts[outcome] += 1;
  }
  return counts;
}

/** Computes mean, median and trend of the completed executions or deployments, which must be given oldest first. */
export function computeDurationStatistics(runs: ReadonlyArray<Execution | Deployment>): DurationStatistics {
  const seconds = runs
    .filter((run) => outcomeOf(statusOf(run)) === 'completed')
    .flatMap((run) => runSeconds(run) ?? []);
  return {
    count: seconds.length,
    mean_seconds: rounded(mean(seconds)),
    median_seconds: rounded(median(seconds)),
    trend_percent: trendPercent(seconds),
    latest_seconds: seconds.slice(-LATEST_RUNS),
  };
}

/**
 * Change in percent from the first to the last value along a line through them (Theil-Sen estimator: the slope is the
 * median of the slopes of all pairs). One run of unusual length hardly changes the line. Comparing the means of two
 * halves instead would show only half of a steady rise.
 */
function trendPercent(values: readonly number[]): number | null {
  if (values.length < MIN_TREND_RUNS) return null;
  const slope =
    median(
      values.flatMap((later, at) =>
        values.slice(0, at).map((earlier, before) => (later - earlier) / (at - before)),
      ),
    ) ?? 0;
  const first = median(values.map((value, at) => value - slope * at)) ?? 0;
  return first <= 0 ? null : Math.round((slope * (values.length - 1) * 100) / first);
}

const rounded = (value: number | null): number | null => (value === null ? null : Math.round(value));

const mean = (values: readonly number[]): number | null =>
  values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;

function median(values: readonly number[]): number | null {
  if (values.length === 0) return null;
  const sorted = [...values].sort((one, other) => one - other);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? 0) + upper) / 2;
}
