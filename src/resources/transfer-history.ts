import type { Coriolis } from '../api/coriolis';
import {
  consecutiveFailures,
  countRuns,
  durationFigures,
  knownRuns,
  type DurationFigures,
  type SyncKind,
} from '../model/history';
import { transferName } from '../model/names';
import { outcomeOf } from '../model/status';
import { formatIso, parseServerTime } from '../model/timestamps';
import type { Execution } from '../model/types';
import { quoteText } from '../model/untrusted';
import { key, type OutputOf } from '../vocabulary/result-keys';
import { fetchDated, fetchPaged } from './objects';

const figures = {
  count: key.number('Completed runs'),
  mean_seconds: key.number('Mean duration', { nullable: true }),
  median_seconds: key.number('Median duration', { nullable: true }),
  trend_percent: key.number('Newer half against older half; 25 is a quarter slower', { nullable: true }),
};

export const transferHistoryShape = {
  id: key.text('Transfer id'),
  name: key.text('Notes, else the machines', { untrusted: true }),
  since: key.time('Start of the period', { nullable: true }),
  completed: key.number('Executions that completed in the period'),
  failed: key.number('Those that failed'),
  canceled: key.number('Those that were canceled'),
  consecutive_failures: key.number('Failures since the last completed execution'),
  last_failed_at: key.time('End of the last failure', { nullable: true }),
  full: key.object('Syncs of all data', figures),
  incremental: key.object('Syncs of changes', figures),
  all_read: key.flag('Whether no older execution of the period was left out'),
};

/** Counts and durations of the executions of a transfer in a period. */
export type TransferHistoryFigures = OutputOf<typeof transferHistoryShape>;

/** End of a run, or its start while it is not over, milliseconds since 1970. */
const endOf = ({ updated_at, created_at }: Execution): number =>
  parseServerTime(updated_at ?? created_at) ?? 0;

/** Maximum number of executions to read; each comes with all its tasks. */
const MAX_EXECUTIONS = 200;
const PAGE = 50;

/**
 * Counts and durations of the executions of a transfer that ended in a period. It reads further back only to tell full
 * from incremental syncs. Failed runs count for no duration.
 *
 * @param since start of the period, unix seconds; undefined for all that is read
 * @throws {NotFoundError} no such transfer
 */
export async function fetchTransferFigures(
  coriolis: Coriolis,
  id: string,
  since: number | undefined,
): Promise<TransferHistoryFigures> {
  const { object: transfer } = await fetchDated(coriolis, 'transfer', [id]);
  const from = since === undefined ? 0 : since * 1000;
  const read: Execution[] = [];
  let isAllRead = true;
  for await (const one of fetchPaged(coriolis, 'execution', [id], { pageSize: PAGE })) {
    read.push(one);
    const isBefore = endOf(one) < from;
    // One completed sync before the period tells that the first one in it is incremental.
    if (isBefore && outcomeOf(one.status) === 'completed') break;
    if (read.length >= MAX_EXECUTIONS) {
      isAllRead = isBefore;
      break;
    }
  }
  const known = knownRuns(read);
  const within = known.filter(({ execution }) => endOf(execution) >= from);
  const failed = within.filter(({ execution }) => outcomeOf(execution.status) === 'failed').at(-1);
  const of = (wanted: SyncKind): DurationFigures =>
    durationFigures(within.filter(({ kind }) => kind === wanted).map(({ execution }) => execution));
  return {
    id,
    name: quoteText(transferName(transfer), 100),
    since: since === undefined ? null : formatIso(from),
    ...countRuns(read, from),
    consecutive_failures: consecutiveFailures(read),
    last_failed_at: failed?.execution.updated_at ?? null,
    full: of('full'),
    incremental: of('incremental'),
    all_read: isAllRead,
  };
}
