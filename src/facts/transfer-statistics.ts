import type { Coriolis } from '../api/operation-context';
import {
  countConsecutiveFailures,
  countRuns,
  computeDurationStatistics,
  withSyncKinds,
  type DurationStatistics,
  type ExecutionWithSyncKind,
  type RunCounts,
  type SyncKind,
} from '../model/run-statistics';
import { displayNameOf } from '../model/display-texts';
import { outcomeOf } from '../model/status';
import { formatIsoTime, parseServerTime } from '../model/timestamps';
import type { Execution, Transfer } from '../model/api-objects';
import { quoteText } from '../model/untrusted-text';
import { key, view } from '../vocabulary/result-keys';
import { fetchOneWithTime, fetchPaged } from '../requests/object-requests';

/** Result keys of the durations of one kind of syncs. */
const figures = {
  count: key.number('Completed runs'),
  mean_seconds: key.number('Mean duration', { nullable: true }),
  median_seconds: key.number('Median duration', { nullable: true }),
  trend_percent: key.number(
    'Trend in percent, from the first to the last on a line fitted to all; 25 means a quarter slower',
    {
      nullable: true,
    },
  ),
  latest_seconds: key.numbers('Durations of the latest five runs, the newest last'),
};

/** Executions of a transfer in a period: from `from` until now. */
export interface ExecutionsInPeriod {
  readonly transfer: Transfer;
  /** Start of the period, milliseconds since 1970; undefined for all executions that were read. */
  readonly periodStart: number | undefined;
  /** All executions that were read, newest first. Some are older than the period. */
  readonly executionsRead: readonly Execution[];
  /** Executions within the period, oldest first. */
  readonly executionsWithin: readonly ExecutionWithSyncKind[];
  /** Whether the executions that were read include all of the period. */
  readonly isAllRead: boolean;
}

const countsOf = ({ executionsRead, periodStart = 0 }: ExecutionsInPeriod): RunCounts =>
  countRuns(executionsRead, periodStart);

const figuresOf = ({ executionsWithin }: ExecutionsInPeriod, wanted: SyncKind): DurationStatistics =>
  computeDurationStatistics(
    executionsWithin.filter(({ kind }) => kind === wanted).map(({ execution }) => execution),
  );

/** Result keys of the counts and durations of a transfer's executions in a period. */
export const transferStatisticsKeys = {
  id: key.text('Transfer id', ({ transfer }: ExecutionsInPeriod) => transfer.id),
  name: key.text(
    'Notes, else the machines',
    ({ transfer }: ExecutionsInPeriod) => quoteText(displayNameOf(transfer), 100),
    { untrusted: true },
  ),
  since: key.time(
    'Start of the period',
    ({ periodStart }: ExecutionsInPeriod) => (periodStart === undefined ? null : formatIsoTime(periodStart)),
    { nullable: true },
  ),
  completed: key.number(
    'Executions that completed in the period',
    (period: ExecutionsInPeriod) => countsOf(period).completed,
  ),
  failed: key.number('Executions that failed', (period: ExecutionsInPeriod) => countsOf(period).failed),
  canceled: key.number(
    'Executions that were canceled',
    (period: ExecutionsInPeriod) => countsOf(period).canceled,
  ),
  consecutive_failures: key.number(
    'Failures since the last completed execution',
    ({ executionsRead }: ExecutionsInPeriod) => countConsecutiveFailures(executionsRead),
  ),
  last_failed_at: key.time(
    'End of the last failure',
    ({ executionsWithin }: ExecutionsInPeriod) =>
      executionsWithin.filter(({ execution }) => outcomeOf(execution.status) === 'failed').at(-1)?.execution
        .updated_at,
    { nullable: true },
  ),
  full: key.object('Full syncs, of all data', figures, (period: ExecutionsInPeriod) =>
    figuresOf(period, 'full'),
  ),
  incremental: key.object('Incremental syncs, of changed data', figures, (period: ExecutionsInPeriod) =>
    figuresOf(period, 'incremental'),
  ),
  all_read: key.flag(
    'Whether all executions of the period were read',
    ({ isAllRead }: ExecutionsInPeriod) => isAllRead,
  ),
};

export const transferStatisticsView = view<ExecutionsInPeriod>()(transferStatisticsKeys);

/** Last change of an execution, else its start, in milliseconds since 1970. For a finished execution it is the end. */
const endOf = ({ updated_at, created_at }: Execution): number =>
  parseServerTime(updated_at ?? created_at) ?? 0;

/** Maximum number of executions to read; each comes with all its tasks. */
const MAX_EXECUTIONS = 200;
/** Number of executions in a page. */
const PAGE = 50;

/**
 * Reads the executions of a transfer that ended in a period. It continues to the first completed execution before the
 * period, which shows whether the first sync of the period was full or incremental. The durations leave out failed
 * runs.
 *
 * @param since start of the period, unix seconds; undefined for all executions that are read
 * @throws {NotFoundError} no such transfer
 */
export async function fetchExecutionsInPeriod(
  coriolis: Coriolis,
  id: string,
  since: number | undefined,
): Promise<ExecutionsInPeriod> {
  const { object: transfer } = await fetchOneWithTime(coriolis, 'transfer', [id]);
  const from = since === undefined ? 0 : since * 1000;
  const read: Execution[] = [];
  let isAllRead = true;
  for await (const one of fetchPaged(coriolis, 'execution', [id], { pageSize: PAGE })) {
    read.push(one);
    const isBefore = endOf(one) < from;
    // After a completed execution before the period, the first sync of the period is known to be incremental.
    if (isBefore && outcomeOf(one.status) === 'completed') break;
    if (read.length >= MAX_EXECUTIONS) {
      isAllRead = isBefore;
      break;
    }
  }
  const within = withSyncKinds(read).filter(({ execution }) => endOf(execution) >= from);
  return {
    transfer,
    periodStart: since === undefined ? undefined : from,
    executionsRead: read,
    executionsWithin: within,
    isAllRead,
  };
}
