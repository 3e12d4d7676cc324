import type { RequestQuery } from './api-request';
import { InvalidInputError } from './errors';

/** Fields of a row that paging needs. The server's default order is by `created_at`, then by `id`, both descending. */
export interface PagedRow {
  readonly id: string;
  readonly created_at: string;
}

/** Opaque paging position after `row`; valid even when the row has been deleted by then. */
export function pagingCursorAfter({ id, created_at }: PagedRow): string {
  return `${created_at}_${id}`;
}

/**
 * Decodes a cursor made by `pagingCursorAfter`.
 * @throws {InvalidInputError} a text that `pagingCursorAfter` did not make
 */
function decodeCursor(cursor: string): PagedRow {
  const [, created_at, id] = /^(\d[^_]*)_(.+)$/.exec(cursor) ?? [];
  if (created_at === undefined || id === undefined) {
    throw new InvalidInputError(`"${cursor}" is no position in a list`, {
      advice:
        'Pass on the position of the earlier page unchanged, or leave it out to begin at the newest row.',
    });
  }
  return { created_at, id };
}

/** Sort keys, most important first. */
export type SortOrder = ReadonlyArray<{ readonly key: string; readonly descending: boolean }>;

/** Reads the order from `sort_key` and `sort_dir` of a query; undefined without them. */
export function readSortOrder({ sort_key: keys, sort_dir: directions }: RequestQuery): SortOrder | undefined {
  if (keys === undefined) return undefined;
  const listed = (value: RequestQuery[string]): readonly string[] =>
    Array.isArray(value) ? (value as readonly string[]) : String(value).split(',');
  const given = listed(directions ?? 'desc');
  return listed(keys).map((key, at) => ({ key, descending: given[at] !== 'asc' }));
}

/** Sorts rows like the server's database: null first, case-insensitive. */
function sortLikeServer<T extends object>(rows: readonly T[], order: SortOrder): readonly T[] {
  const rank = (value: unknown): string | number =>
    value === null || value === undefined
      ? ''
      : typeof value === 'number'
        ? value
        : String(value).toLowerCase();
  return [...rows].sort((one, other) => {
    for (const { key, descending } of order) {
      const [a, b] = [rank(one[key as keyof T]), rank(other[key as keyof T])];
      if (a !== b) return (a < b ? -1 : 1) * (descending ? -1 : 1);
    }
    return 0;
  });
}

export interface PagedReadOptions {
  /** Sort order that the caller asks for; the server's default order when undefined. */
  readonly order?: SortOrder | undefined;
  readonly pageSize: number;
  /** Maximum number of rows. */
  readonly limit?: number | undefined;
  /** Cursor made by `pagingCursorAfter`: only rows after it are yielded. */
  readonly after?: string | undefined;
}

/**
 * Reads a paged collection and yields each row once, holding one page at a time. Handles two quirks of servers
 * (docs/reference/coriolis-api.md §1.6). Before 1.2.2 they ignore `limit` and send all rows unsorted; the rows are then
 * sorted here. When the marker is unknown, such as that of a deleted row, they silently start from the first page
 * again; rows that were yielded before are then dropped.
 *
 * With a sort order of the caller, positions of rows cannot be compared. So the ids of all rows are kept, and reading
 * after the cursor of a deleted row starts from the first page.
 */
export async function* fetchPagedRows<T extends PagedRow>(
  fetchPage: (paging: RequestQuery) => Promise<readonly T[]>,
  { order, pageSize, limit = Number.POSITIVE_INFINITY, after }: PagedReadOptions,
): AsyncGenerator<T, void, undefined> {
  const begin = after === undefined ? undefined : decodeCursor(after);
  const guard = order === undefined ? new NewestFirstFilter(begin) : new SeenRowsFilter(order, begin?.id);
  let marker = begin?.id;
  let remaining = limit;
  let stale = false;
  while (remaining > 0) {
    // After the server restarted from the first page, full pages are read, even when fewer rows are needed.
    const size = stale ? pageSize : Math.min(pageSize, remaining);
    const page = await fetchPage({ limit: size, marker });
    const fresh = guard.fresh(page);
    for (const row of fresh) {
      yield row;
      remaining -= 1;
      if (remaining <= 0) return;
    }
    const last = page.at(-1);
    // A shorter page is the last one; a longer one is the whole list.
    if (last === undefined || page.length !== size) return;
    stale = fresh.length === 0;
    if (!guard.mayContinue(last, stale)) {
      // Markers do not work here, so all rows are fetched in one request, which cannot miss any.
      for (const row of guard.fresh(await fetchPage({}))) {
        yield row;
        remaining -= 1;
        if (remaining <= 0) return;
      }
      return;
    }
    marker = last.id;
  }
}

/** Filter that drops rows that were already yielded, and detects lists that do not end. */
interface RepeatFilter {
  /** Returns the rows of a page that were not yielded yet, in order, and remembers them. */
  fresh<T extends PagedRow>(page: readonly T[]): readonly T[];
  /**
   * Whether the page after `last` can contain new rows.
   * @param stale whether the page that ends with `last` had no new row
   */
  mayContinue(last: PagedRow, stale: boolean): boolean;
}

/** Maximum number of restarts from the first page. More than that means the list changes faster than it can be read. */
const MAX_RESTARTS = 20;

/**
 * Drops repeated rows in the server's default order. It remembers only the last row, because every new row must come
 * after it.
 */
class NewestFirstFilter implements RepeatFilter {
  private restarts = 0;
  private lastOfPage: PagedRow | undefined;

  constructor(private frontier: PagedRow | undefined) {
    this.lastOfPage = frontier;
  }

  fresh<T extends PagedRow>(page: readonly T[]): readonly T[] {
    const ordered = page.every((row, at) => at === 0 || isBehind(row, page[at - 1]))
      ? page
      : [...page].sort((one, other) => (isBehind(one, other) ? 1 : -1));
    const fresh = ordered.filter((row) => isBehind(row, this.frontier));
    this.frontier = fresh.at(-1) ?? this.frontier;
    return fresh;
  }

  mayContinue(last: PagedRow): boolean {
    if (!isBehind(last, this.lastOfPage)) {
      this.restarts += 1;
      if (last.id === this.lastOfPage?.id || this.restarts > MAX_RESTARTS) return false;
    }
    this.lastOfPage = last;
    return true;
  }
}

/** Whether `row` comes after `other` in a list that is newest first. */
function isBehind(row: PagedRow, other: PagedRow | undefined): boolean {
  if (other === undefined || row.created_at < other.created_at) return true;
  return row.created_at === other.created_at && row.id < other.id;
}

/** Drops repeated rows in any order. It remembers the ids of all rows. */
class SeenRowsFilter implements RepeatFilter {
  private readonly seen = new Set<string>();
  private freshPages = 0;
  private stalePages = 0;

  /** @param begin id in the caller's cursor: the last row of an earlier listing */
  constructor(
    private readonly order: SortOrder,
    private readonly begin: string | undefined,
  ) {}

  fresh<T extends PagedRow>(page: readonly T[]): readonly T[] {
    const ordered = sortLikeServer(page, this.order);
    // Rows up to the marker are dropped: only a server that ignores paging sends them.
    const isFirst = this.seen.size === 0;
    const behind = isFirst ? ordered.slice(ordered.findIndex(({ id }) => id === this.begin) + 1) : ordered;
    return behind.filter(({ id }) => {
      const fresh = !this.seen.has(id);
      this.seen.add(id);
      return fresh;
    });
  }

  /** Whether to continue. False in a loop: when more pages in a row were repeated than ever brought new rows. */
  mayContinue(_last: PagedRow, stale: boolean): boolean {
    if (stale) this.stalePages += 1;
    else {
      this.freshPages += 1;
      this.stalePages = 0;
    }
    return this.stalePages <= this.freshPages;
  }
}
