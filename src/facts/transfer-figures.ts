import type { Coriolis } from '../api/coriolis';
import {
  consecutiveFailures,
  countRuns,
  durationFigures,
  withSyncKinds,
  type DurationFigures,
  type ClassifiedRun,
  type RunCounts,
  type SyncKind,
} from '../model/run-history';
import { transferName } from '../model/display-names';
import { outcomeOf } from '../model/status';
import { formatIso, parseServerTime } from '../model/timestamps';
import type { Execution, Transfer } from '../model/types';
import { quoteText } from '../model/untrusted-text';
import { key, view } from '../vocabulary/result-keys';
import { fetchDated, fetchPaged } from '../requests/objects';

const figures = {
  count: key.number('Completed runs'),
  mean_seconds: key.number('Mean duration', { nullable: true }),
  median_seconds: key.number('Median duration', { nullable: true }),
  trend_percent: key.number('From the first to the last along the line through all; 25 is a quarter slower', {
    nullable: true,
  }),
  latest_seconds: key.numbers('Durations of the latest five, the newest last'),
};

/** Executions of a transfer in a period. */
export interface ExecutionsInPeriod {
  readonly transfer: Transfer;
  /** Start of the period, milliseconds since 1970; undefined for all executions that were read. */
  readonly from: number | undefined;
  /** Executions as read, newest first, some of them older than the period. */
  readonly read: readonly Execution[];
  /** Executions within the period, oldest first. */
  readonly within: readonly ClassifiedRun[];
  readonly isAllRead: boolean;
}

const countsOf = ({ read, from = 0 }: ExecutionsInPeriod): RunCounts => countRuns(read, from);

const figuresOf = ({ within }: ExecutionsInPeriod, wanted: SyncKind): DurationFigures =>
  durationFigures(within.filter(({ kind }) => kind === wanted).map(({ execution }) => execution));

/** Result keys of the counts and durations of a transfer's executions in a period. */
export const transferFiguresKeys = {
  id: key.text('Transfer id', ({ transfer }: ExecutionsInPeriod) => transfer.id),
  name: key.text(
    'Notes, else the machines',
    ({ transfer }: ExecutionsInPeriod) => quoteText(transferName(transfer), 100),
    { untrusted: true },
  ),
  since: key.time(
    'Start of the period',
    ({ from }: ExecutionsInPeriod) => (from === undefined ? null : formatIso(from)),
    { nullable: true },
  ),
  completed: key.number(
    'Executions that completed in the period',
    (period: ExecutionsInPeriod) => countsOf(period).completed,
  ),
  failed: key.number('Those that failed', (period: ExecutionsInPeriod) => countsOf(period).failed),
  canceled: key.number('Those that were canceled', (period: ExecutionsInPeriod) => countsOf(period).canceled),
  consecutive_failures: key.number(
    'Failures since the last completed execution',
    ({ read }: ExecutionsInPeriod) => consecutiveFailures(read),
  ),
  last_failed_at: key.time(
    'End of the last failure',
    ({ within }: ExecutionsInPeriod) =>
      within.filter(({ execution }) => outcomeOf(execution.status) === 'failed').at(-1)?.execution.updated_at,
    { nullable: true },
  ),
  full: key.object('Syncs of all data', figures, (period: ExecutionsInPeriod) => figuresOf(period, 'full')),
  incremental: key.object('Syncs of changes', figures, (period: ExecutionsInPeriod) =>
    figuresOf(period, 'incremental'),
  ),
  all_read: key.flag(
    'Whether no older execution of the period was left out',
    ({ isAllRead }: ExecutionsInPeriod) => isAllRead,
  ),
};

export const transferFiguresView = view<ExecutionsInPeriod>()(transferFiguresKeys);

/** End of a run, or its start while the run has no change yet, in milliseconds since 1970. */
const endOf = ({ updated_at, created_at }: Execution): number =>
  parseServerTime(updated_at ?? created_at) ?? 0;

/** Maximum number of executions to read; each comes with all its tasks. */
const MAX_EXECUTIONS = 200;
const PAGE = 50;

/**
 * Reads the executions of a transfer that ended in a period, and older ones only to tell full from incremental syncs.
 * Failed runs are left out of the durations.
 *
 * @param since start of the period, unix seconds; undefined for all executions that are read
 * @throws {NotFoundError} no such transfer
 */
export async function fetchTransferFigures(
  coriolis: Coriolis,
  id: string,
  since: number | undefined,
): Promise<ExecutionsInPeriod> {
  const { object: transfer } = await fetchDated(coriolis, 'transfer', [id]);
  const from = since === undefined ? 0 : since * 1000;
  const read: Execution[] = [];
  let isAllRead = true;
  for await (const one of fetchPaged(coriolis, 'execution', [id], { pageSize: PAGE })) {
    read.push(one);
    const isBefore = endOf(one) < from;
    // A completed sync before the period shows that the first one in the period is incremental.
    if (isBefore && outcomeOf(one.status) === 'completed') break;
    if (read.length >= MAX_EXECUTIONS) {
      isAllRead = isBefore;
      break;
    }
  }
  const within = withSyncKinds(read).filter(({ execution }) => endOf(execution) >= from);
  return { transfer, from: since === undefined ? undefined : from, read, within, isAllRead };
}
