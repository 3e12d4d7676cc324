import type { Execution, Timestamps, Transfer } from '../model/api-objects';
import { acceptsTransfer, type EventFilter } from './event-filter';
import { requestRows, type WatchSteps } from './watch-steps';

/** Query for the most recently changed rows. Sample events are searched only among these. */
export const recentRowsQuery = { sort_key: 'updated_at', sort_dir: 'desc', limit: 50 } as const;
/** Maximum number of transfers whose executions are read for one sample event. */
const MAX_LOOKUPS = 5;

/** Sorts rows by latest change, since servers before 1.2.2 ignore the requested order. */
export const sortLatestChangeFirst = <Row extends Timestamps>(rows: readonly Row[]): readonly Row[] =>
  rows.toSorted((a, b) => (b.updated_at ?? '').localeCompare(a.updated_at ?? ''));

/**
 * Finds one recent execution for which `accepts` returns true: in the most recently changed transfer that has one, the
 * newest. The list is empty when none is found.
 *
 * @param isCandidate whether the executions of a transfer are read
 */
export function* findRecentExecution(
  filter: EventFilter,
  isCandidate: (transfer: Transfer) => boolean,
  accepts: (transfer: Transfer, execution: Execution) => boolean,
): WatchSteps<ReadonlyArray<{ readonly transfer: Transfer; readonly execution: Execution }>> {
  const { rows } = yield* requestRows('transfer', [], recentRowsQuery);
  const candidates = sortLatestChangeFirst(rows)
    .filter((transfer) => acceptsTransfer(transfer, filter) && isCandidate(transfer))
    .slice(0, MAX_LOOKUPS);
  for (const transfer of candidates) {
    const { rows: executions } = yield* requestRows('execution', [transfer.id], {
      sort_key: 'number',
      sort_dir: 'desc',
      limit: 3,
    });
    const execution = executions
      .toSorted((a, b) => b.number - a.number)
      .find((one) => accepts(transfer, one));
    if (execution !== undefined) return [{ transfer, execution }];
  }
  return [];
}
