import { parseServerTime } from '../model/timestamps';
import type { Objects, ParentsOf } from '../requests/objects';
import { requestRows, type WatchSteps } from './watch-steps';

/** A row with a change, its time, and the server time of the answer. */
export interface ChangedRow<Row> {
  readonly row: Row;
  readonly changedAt: number;
  readonly date: number;
}

/** Rows with recent changes, oldest change first. */
export interface ListChanges<Row> {
  readonly rows: ReadonlyArray<ChangedRow<Row>>;
  /** Server time of the first answer. */
  readonly date: number;
  /** Whether no older changes exist. */
  readonly isAll: boolean;
}

/** Progress of reading a list, from which the need for another page follows. */
export interface ListReading {
  /** Time of the newest change so far; 0 for none. */
  readonly newest: number;
  readonly count: number;
  /** Server time of the first answer. */
  readonly date: number;
}

/** Rows of the first page, enough for nearly every poll. */
const FIRST_PAGE = 20;
const PAGE = 100;

/**
 * Lists rows by their last change, newest first, down to `floor` (docs/reference/watching.md §2). Rows without a change
 * come last and are never paged into, because the server's paging is broken there. Deleted rows are included, so that a
 * marker never vanishes and the end of a deleted run is seen. Servers before 1.2.2 ignore order and limit and send
 * everything at once.
 *
 * Undefined when a page brought nothing new although more was expected: the list is incomplete.
 *
 * @param floor time from which on changes are needed
 */
export function* listChanges<K extends 'transfer' | 'deployment'>(
  kind: K,
  floor: (reading: ListReading) => number,
): WatchSteps<ListChanges<Objects[K]> | undefined> {
  const seen = new Map<string, { readonly row: Objects[K]; readonly date: number }>();
  let date: number | undefined;
  let newest = 0;
  let limit = FIRST_PAGE;
  let marker: string | undefined;
  let isAll = false;

  for (;;) {
    const page = yield* requestRows<K>(kind, [] as ParentsOf<K>, {
      show_deleted: true,
      sort_key: 'updated_at',
      sort_dir: 'desc',
      limit,
      marker,
    });
    date ??= page.date;
    const before = seen.size;
    for (const row of page.rows) {
      // A row that changed between two pages appears twice; the later state counts.
      seen.set(row.id, { row, date: page.date });
      newest = Math.max(newest, Math.min(parseServerTime(row.updated_at) ?? 0, page.date));
    }
    const last = page.rows.at(-1);
    const lastChange = parseServerTime(last?.updated_at);
    // A page of another size than asked for is the whole list, or the last page. Rows without a change come last.
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
  return { rows: rows.sort((a, b) => a.changedAt - b.changedAt), date, isAll };
}
