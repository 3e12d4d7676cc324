import { parseServerTime } from '../model/timestamps';
import type { ObjectTypes, ParentIdsOf } from '../requests/object-requests';
import { requestRows, type WatchSteps } from './watch-steps';

/** A row of a list that has changed since its creation. Times are milliseconds since 1970 on the server's clock. */
export interface ChangedRow<Row> {
  readonly row: Row;
  /** Time of the row's last change. */
  readonly changedAt: number;
  /** Server time of the answer that contained the row. */
  readonly date: number;
}

/** Rows with recent changes, oldest change first. */
export interface ListChanges<Row> {
  readonly rows: ReadonlyArray<ChangedRow<Row>>;
  /** Server time of the first answer. */
  readonly date: number;
  /** Whether the rows include all that ever changed. */
  readonly isWholeList: boolean;
}

/** State while a list is read; it decides how far back to read. */
export interface ListReadingState {
  /** Time of the newest change read so far; 0 for none. */
  readonly newest: number;
  /** Number of rows read so far. */
  readonly count: number;
  /** Server time of the first answer. */
  readonly date: number;
}

/** Number of rows in the first page, enough for nearly every poll. */
const FIRST_PAGE = 20;
/** Number of rows in each further page. */
const PAGE = 100;

/**
 * Reads the rows that changed since `floor` (docs/reference/watching.md §2). Pages are requested by last change, newest
 * first. Rows that never changed come last and are not read, because the server's paging is broken there. Deleted rows
 * are included: the row at which a page begins must still exist, and the end of a deleted run must be seen. Servers
 * before 1.2.2 ignore order and limit and send all rows at once.
 *
 * Undefined when a page brought no new row although more were expected: the list is incomplete.
 *
 * @param floor returns the time from which changes are needed
 */
export function* requestChangedRows<K extends 'transfer' | 'deployment'>(
  kind: K,
  floor: (reading: ListReadingState) => number,
): WatchSteps<ListChanges<ObjectTypes[K]> | undefined> {
  const seen = new Map<string, { readonly row: ObjectTypes[K]; readonly date: number }>();
  let date: number | undefined;
  let newest = 0;
  let limit = FIRST_PAGE;
  let marker: string | undefined;
  let isAll = false;

  for (;;) {
    const page = yield* requestRows<K>(kind, [] as ParentIdsOf<K>, {
      show_deleted: true,
      sort_key: 'updated_at',
      sort_dir: 'desc',
      limit,
      marker,
    });
    date ??= page.date;
    const before = seen.size;
    for (const row of page.rows) {
      // A row that changed between the requests for two pages appears twice; the later state counts.
      seen.set(row.id, { row, date: page.date });
      newest = Math.max(newest, Math.min(parseServerTime(row.updated_at) ?? 0, page.date));
    }
    const last = page.rows.at(-1);
    const lastChange = parseServerTime(last?.updated_at);
    // A page of another size than requested is the whole list or its last page. A row that never changed ends the
    // changed rows.
    isAll = last === undefined || page.rows.length !== limit || lastChange === null;
    if (isAll || last === undefined || lastChange === null) break;
    if (lastChange < floor({ newest, count: seen.size, date })) break;
    if (seen.size === before) return undefined;
    marker = last.id;
    limit = PAGE;
  }

  const rows = [...seen.values()].flatMap((entry) => {
    const changedAt = parseServerTime(entry.row.updated_at);
    return changedAt === null ? [] : [{ ...entry, changedAt }];
  });
  return { rows: rows.sort((a, b) => a.changedAt - b.changedAt), date, isWholeList: isAll };
}
