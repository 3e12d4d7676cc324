import { parseServerTime } from '../model/timestamps';
import type { Transfer } from '../model/api-objects';
import { acceptsTransfer, type EventFilter } from './event-filter';
import { requestObject, requestRows, runInBatches, runInParallel, type WatchSteps } from './watch-steps';
import {
  storedProperty,
  optionalStoredProperty,
  numberCodec,
  makeObjectCodec,
  textCodec,
  type StoredValue,
} from './stored-codec';

/**
 * A scan of all transfers for details that no list shows, such as schedules. Each poll reads one page of transfers. A
 * scan covers one period, the same for all transfers, and the next scan covers the period that follows. So each moment
 * is covered exactly once, however long a scan takes and wherever it is interrupted, and no state is needed for each
 * transfer.
 */

/** Number of transfers that one poll lists. */
const PAGE = 200;
/** Maximum number of transfers with a lookup in one poll; each lookup takes a few requests. */
const MAX_LOOKUPS = 20;
/** Maximum number of transfers in the filter that are read one by one; when it has more, the list is read. */
const MAX_SINGLE_READS = 10;

export const scanPositionProperties = {
  /** Start of the covered period, exclusive. */
  from: storedProperty('from', numberCodec),
  /** End of the covered period, inclusive. */
  until: storedProperty('until', numberCodec),
  /** Last transfer that this scan has read; it goes from new to old transfers. Absent once the scan is complete. */
  after: optionalStoredProperty(
    'after',
    makeObjectCodec({ at: storedProperty('at', textCodec), id: storedProperty('id', textCodec) }),
  ),
};

export const scanPositionCodec = makeObjectCodec(scanPositionProperties);

/** Position of a scan. Times are milliseconds since 1970 on the server's clock. */
export type ScanPosition = StoredValue<typeof scanPositionCodec>;

/** Options of a scan. */
export interface TransferScanOptions<Result> {
  /** Milliseconds by which a period ends before the present, so that what the server records late is not missed. */
  readonly settleMs: number;
  readonly filter: EventFilter;
  /** Whether a transfer is included in the scan. */
  readonly isIncluded?: (row: Transfer) => boolean;
  /** Whether the lookup of this transfer needs a request. */
  readonly needsRequest: (row: Transfer, scan: ScanPosition) => boolean;
  /** Reads the details of a transfer. */
  readonly lookup: (row: Transfer, scan: ScanPosition) => WatchSteps<Result>;
}

/** Result of one poll of a scan. */
export interface TransferScanStep<Result> {
  /** Position from which the next poll continues. */
  readonly position: ScanPosition;
  readonly results: readonly Result[];
  /** Whether the scan is complete, so that the next poll starts the next scan. */
  readonly isComplete: boolean;
}

/** Continues a scan, or starts the next when it was complete. Without a stored scan, only records the start time. */
export function* continueTransferScan<Result>(
  before: ScanPosition | undefined,
  { settleMs, filter, isIncluded = () => true, needsRequest, lookup }: TransferScanOptions<Result>,
): WatchSteps<TransferScanStep<Result>> {
  const { rows, date, isLast } = yield* readNextRows(before?.after, filter.transferIds);
  const settled = date - settleMs;
  if (before === undefined)
    return { position: { from: settled, until: settled }, results: [], isComplete: true };

  const scan =
    before.after === undefined
      ? // After the clock was set back, the period is empty rather than one that was covered already.
        { from: before.until, until: Math.max(before.until, settled) }
      : before;
  const wanted = rows.filter(
    (row) => row.deleted_at === null && isIncluded(row) && acceptsTransfer(row, filter),
  );
  const { now, isCut } = firstLookups(wanted, (row) => needsRequest(row, scan));
  const results = yield* runInBatches(now, (row) => lookup(row, scan));
  const last = isCut ? now.at(-1) : rows.at(-1);
  const isComplete = (!isCut && isLast) || last === undefined;
  const after = isComplete ? undefined : positionOf(last);
  return { position: { from: scan.from, until: scan.until, after }, results, isComplete };
}

interface Rows {
  readonly rows: readonly Transfer[];
  readonly date: number;
  readonly isLast: boolean;
}

type Position = NonNullable<ScanPosition['after']>;

/**
 * Reads the next transfers of a scan, newest first by creation, since that order never changes.
 *
 * @param only ids of the transfers in the filter; empty for all transfers
 */
function* readNextRows(after: Position | undefined, only: readonly string[] = []): WatchSteps<Rows> {
  const areFew = only.length > 0 && only.length <= MAX_SINGLE_READS;
  const { rows, date, isLast } = areFew ? yield* readChosen(only, after) : yield* readPage(after);
  const inOrder = rows.toSorted((a, b) => newestFirst(positionOf(a), positionOf(b)));
  // Servers before 1.2.2 send all rows, unsorted: leave out those that were read before.
  return {
    rows: inOrder.filter((row) => after === undefined || newestFirst(positionOf(row), after) > 0),
    date,
    isLast,
  };
}

function* readPage(after: Position | undefined): WatchSteps<Rows> {
  const { rows, date } = yield* requestRows('transfer', [], {
    sort_key: 'created_at',
    sort_dir: 'desc',
    limit: PAGE,
    // Deleted transfers are listed so that the marker still exists. Otherwise the server starts from the first page
    // (docs/reference/coriolis-api.md §1.6).
    ...(after === undefined ? {} : { show_deleted: true, marker: after.id }),
  });
  return { rows, date, isLast: rows.length !== PAGE };
}

function* readChosen(ids: readonly string[], after: Position | undefined): WatchSteps<Rows> {
  const answers = yield* runInParallel(ids.map((id) => requestObject('transfer', id)));
  const found = answers.filter(({ rows }) => rows.length > 0);
  if (found.length === 0) return { ...(yield* readPage(after)), rows: [], isLast: true };
  return {
    rows: found.flatMap(({ rows }) => rows),
    date: Math.min(...found.map(({ date }) => date)),
    isLast: true,
  };
}

const positionOf = ({ created_at, id }: Transfer): Position => ({ at: created_at, id });

/** Compares rows in the server's order: newest first, then by id. */
function newestFirst(one: Position, other: Position): number {
  const difference = (parseServerTime(other.at) ?? 0) - (parseServerTime(one.at) ?? 0);
  if (difference !== 0) return difference;
  return one.id < other.id ? 1 : one.id > other.id ? -1 : 0;
}

/** Rows up to the limit of lookups. `isCut` is true when some rows were left for the next poll. */
function firstLookups(
  rows: readonly Transfer[],
  needsRequest: (row: Transfer) => boolean,
): { readonly now: readonly Transfer[]; readonly isCut: boolean } {
  let lookups = 0;
  const end = rows.findIndex((row) => {
    if (needsRequest(row)) lookups += 1;
    return lookups > MAX_LOOKUPS;
  });
  return end === -1 ? { now: rows, isCut: false } : { now: rows.slice(0, end), isCut: true };
}
