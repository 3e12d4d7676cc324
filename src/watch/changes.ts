import { parseTime } from '../model/timing';
import { ask } from './steps';
import type { Steps } from './steps';

interface Listed {
  readonly id: string;
  readonly updated_at: string | null;
}

/** A row that has changed since it was created, with the time of its change and of the answer that showed it. */
export interface Changed<Row> {
  readonly row: Row;
  readonly changedAt: number;
  readonly date: number;
}

/** The rows that changed lately, oldest change first. */
export interface Changes<Row> {
  readonly rows: ReadonlyArray<Changed<Row>>;
  /** Time of the first answer. */
  readonly date: number;
}

/** Enough when little happens, which is nearly always. */
const FIRST_PAGE = 20;
const PAGE = 100;

/**
 * Reads rows by their last change, newest first, down to `floor` (watching.md §2). Rows that were never changed stand at
 * the end and are never paged into: the server's paging is broken there. Deleted rows are asked for, so that a marker
 * never vanishes and their end is not missed. Servers before 1.2.2 ignore order and limit and send everything at once.
 *
 * Undefined when a page brought nothing new although more was expected: nothing must be concluded from such a list.
 *
 * @param floor from the newest change so far (0 when there is none): changes older than this are not needed
 */
export function* listChanges<Row extends Listed>(
  collection: 'transfers' | 'deployments',
  floor: (newest: number) => number,
): Steps<Changes<Row> | undefined> {
  const seen = new Map<string, { readonly row: Row; readonly date: number }>();
  let date: number | undefined;
  let newest = 0;
  let limit = FIRST_PAGE;
  let marker: string | undefined;

  for (;;) {
    const page = yield* ask<Row>({
      path: `/${collection}`,
      key: collection,
      query: {
        show_deleted: true,
        sort_key: 'updated_at',
        sort_dir: 'desc',
        limit,
        ...(marker === undefined ? {} : { marker }),
      },
    });
    date ??= page.date;
    const before = seen.size;
    for (const row of page.rows) {
      // A row that moved while we paged appears twice; its later state counts.
      seen.set(row.id, { row, date: page.date });
      newest = Math.max(newest, Math.min(parseTime(row.updated_at) ?? 0, page.date));
    }
    const last = page.rows.at(-1);
    const lastChange = parseTime(last?.updated_at);
    const isWholeList = page.rows.length > limit;
    const isLastPage = page.rows.length < limit;
    if (last === undefined || isWholeList || isLastPage) break;
    if (lastChange === null || lastChange < floor(newest)) break;
    if (seen.size === before) return undefined;
    marker = last.id;
    limit = PAGE;
  }

  const rows = [...seen.values()].flatMap((entry) => {
    const changedAt = parseTime(entry.row.updated_at);
    return changedAt === null ? [] : [{ ...entry, changedAt }];
  });
  return { rows: rows.sort((a, b) => a.changedAt - b.changedAt), date };
}
