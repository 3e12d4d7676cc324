import { InvalidInputError } from '../api/errors';
import { mapConcurrently } from '../api/map-concurrently';
import type { Coriolis } from '../api/operation-context';
import { pagingCursorAfter } from '../api/paging';
import {
  resolveListedTransfers,
  shortNameOf,
  TRANSFER_IDS_INPUT,
  type NamedTransfer,
} from './transfer-ids-input';
import { combineScheduleStates, computeNextRunTimes } from '../model/schedule';
import { parseServerTime } from '../model/timestamps';
import { fetchUnpagedRows } from '../requests/fetch-lists';
import { fetchOne, fetchPaged } from '../requests/object-requests';
import {
  nextExecutionTimesOf,
  scheduleView,
  withObservedAt,
  type ObservedSchedule,
} from '../resources/schedule';
import { ListPause, type ListRange } from '../vocabulary/list-range';
import { spellFieldNameAsInCatalogue } from '../vocabulary/read-input';
import { key, view } from '../vocabulary/result-keys';

const POSITION = Symbol('position');

/** A schedule with the name of its transfer. The key of its position is a symbol, which no output contains. */
export interface ScheduleRow extends ObservedSchedule {
  readonly name: string | null;
  readonly [POSITION]: string;
}

/** State of one schedule. */
type ScheduleState = 'enabled' | 'disabled' | 'expired';

/** Schedules as rows of a list, of one transfer or of many. */
export const scheduleRowView = view<ScheduleRow>()({
  ...scheduleView.shape,
  name: key.text('Notes of the transfer, else its machines', { nullable: true, untrusted: true }),
  state: key.text('enabled, disabled or expired', stateOf),
  next_run_at: key.text(
    'Next run, UTC; null while disabled or expired',
    (one: ScheduleRow) => nextExecutionTimesOf(one, 1)[0],
    { nullable: true, redundant: true },
  ),
});

/** Conditions for the schedules of a list. */
export interface ScheduleFilter {
  readonly transferId: string | undefined;
  readonly transferIds: readonly string[] | undefined;
  readonly hideExpired: boolean;
  readonly state: ScheduleState | undefined;
  /** Hours within which the schedule must fire. */
  readonly withinHours: number | undefined;
}

/** Maximum number of transfers whose schedules a call asks for by name. */
export const MAX_TRANSFERS_OF_SCHEDULES = 300;
/** Number of transfers whose schedules are read before their rows are yielded. */
const BATCH = 25;
/** Number of transfers whose schedules are read at the same time. */
const CONCURRENCY = 8;
/** Number of transfers, in whole batches, after which a list of all transfers pauses: each costs a request. */
const PAUSE_AFTER = 12 * BATCH;

/**
 * Yields the schedules of transfers. The server has no list of all schedules, and transfers do not show whether they
 * have any, so each transfer costs a request. The list of all transfers pauses after `PAUSE_AFTER` of them.
 *
 * @throws {NotFoundError} a transfer that is named does not exist
 */
export async function* fetchScheduleRows(
  coriolis: Coriolis,
  filter: ScheduleFilter,
  { after }: ListRange,
): AsyncGenerator<ScheduleRow | ListPause, void, undefined> {
  const from = after === undefined ? undefined : readPosition(after);
  const isWanted = makeMatcher(filter, coriolis.clock());
  const schedulesOf = async ({ id, name, before }: SourceTransfer): Promise<readonly ScheduleRow[]> => {
    const rows: ScheduleRow[] = [];
    const window = { after: from?.transferId === id ? from.schedule : undefined };
    const query = { show_expired: filter.hideExpired ? false : undefined };
    for await (const row of fetchUnpagedRows(coriolis, 'schedule', [id], window, query)) {
      if (!isWanted(row)) continue;
      const position = [before, id, fetchUnpagedRows.position(row)].join('|');
      rows.push({ ...withObservedAt(coriolis, row), name, [POSITION]: position });
    }
    return rows;
  };
  let read = 0;
  let batch: SourceTransfer[] = [];
  for await (const transfer of sourceOf(coriolis, filter, from?.before)) {
    if (read >= PAUSE_AFTER && batch.length === 0 && filter.transferIds === undefined) {
      read = 0;
      yield new ListPause(
        [transfer.before, '', ''].join('|'),
        `The schedules of ${PAUSE_AFTER} transfers were read, those of the transfers after them were not.`,
      );
    }
    batch.push(transfer);
    if (batch.length < BATCH) continue;
    yield* (await mapConcurrently(batch, CONCURRENCY, schedulesOf)).flat();
    read += batch.length;
    batch = [];
  }
  yield* (await mapConcurrently(batch, CONCURRENCY, schedulesOf)).flat();
}

fetchScheduleRows.position = ({ [POSITION]: position }: ScheduleRow): string => position;

/** A transfer whose schedules are read, with the position in the list of transfers before it. */
interface SourceTransfer extends NamedTransfer {
  readonly before: string;
}

/** Reads the transfers: one, those that are named, or all, newest first. */
async function* sourceOf(
  coriolis: Coriolis,
  { transferId, transferIds }: ScheduleFilter,
  before = '',
): AsyncGenerator<SourceTransfer, void, undefined> {
  if (transferId !== undefined && transferIds !== undefined) {
    throw new InvalidInputError('Give either one transfer or several, not both.', {
      field: TRANSFER_IDS_INPUT,
    });
  }
  if (transferId !== undefined) {
    // For an unknown transfer the list of schedules is empty (docs/reference/coriolis-api.md §17, trap 18).
    const transfer = await fetchOne(coriolis, 'transfer', transferId);
    yield { id: transferId, name: shortNameOf(transfer), before: '' };
  } else if (transferIds !== undefined) {
    const named = await resolveListedTransfers(
      coriolis,
      transferIds,
      MAX_TRANSFERS_OF_SCHEDULES,
      spellFieldNameAsInCatalogue,
    );
    for (const [place, one] of named.entries()) {
      if (place < Number(before)) continue;
      if (one.name === null) await fetchOne(coriolis, 'transfer', one.id);
      yield { ...one, before: String(place) };
    }
  } else {
    let last = before;
    const rows = fetchPaged(coriolis, 'transfer', [], { after: before === '' ? undefined : before });
    for await (const transfer of rows) {
      yield { id: transfer.id, name: shortNameOf(transfer), before: last };
      last = pagingCursorAfter(transfer);
    }
  }
}

/** Divides a position into that before the transfer, the transfer, and the position among its schedules. */
function readPosition(position: string): {
  readonly before: string;
  readonly transferId: string;
  readonly schedule: string;
} {
  const [before = '', transferId = '', schedule = ''] = position.split('|');
  return { before, transferId, schedule };
}

function stateOf({ observed_at: now, ...schedule }: ObservedSchedule): ScheduleState {
  return combineScheduleStates([schedule], now) as ScheduleState;
}

/** Makes a filter by state and by the next run. */
const makeMatcher =
  ({ state, withinHours: hours }: ScheduleFilter, now: number) =>
  (row: Omit<ObservedSchedule, 'observed_at'>): boolean => {
    const own = stateOf({ ...row, observed_at: now });
    if (state !== undefined && own !== state) return false;
    if (hours === undefined) return true;
    const end = Math.min(parseServerTime(row.expiration_date) ?? Infinity, now + hours * 3_600_000);
    return own === 'enabled' && computeNextRunTimes(row.schedule, now, 1, end).length > 0;
  };
