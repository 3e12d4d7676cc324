import type { Coriolis } from '../api/operation-context';
import type { RequestQuery } from '../api/coriolis-client';
import { pagingCursorAfter } from '../api/paging';
import { InvalidInputError } from '../api/errors';
import type { ListRange } from '../vocabulary/list-range';
import {
  fetchAllWithTime,
  fetchAllByQuery,
  fetchPaged,
  type ObjectKind,
  type ObjectTypes,
  type ParentIdsOf,
} from './object-requests';
import { statusOf } from '../model/status';
import { combineMatchers, makeStatusMatcher } from '../fields/list-filters';

/**
 * Statuses that the server's filter accepts for every list. For transfers it accepts statuses of tasks, for other lists
 * those of executions, so these are the common ones (docs/reference/coriolis-api.md §7.3, §8).
 */
const serverFilters: readonly string[] = [
  'RUNNING',
  'CANCELLING',
  'COMPLETED',
  'ERROR',
  'CANCELED',
  'CANCELED_FOR_DEBUGGING',
];

/** Kinds of objects whose lists have pages. */
type PagedKind = 'transfer' | 'execution' | 'deployment';

interface Listing<K extends PagedKind> {
  readonly status?: string | undefined;
  /** Statuses of which a row must have one. */
  readonly statuses?: readonly string[] | undefined;
  /** Sort order: `key:direction` texts separated by commas. */
  readonly sort?: string | undefined;
  readonly includeDeleted?: boolean | undefined;
  readonly window: ListRange;
  /**
   * Filter that is applied here, not by the server; undefined for all rows. With a filter, pages are not made smaller
   * than usual, because small pages would only cost more requests.
   */
  readonly matches?: ((row: ObjectTypes[K]) => boolean) | undefined;
}

/**
 * Reads all rows of a collection, newest first, for callers that usually stop after a few rows. The first page is
 * small, and the others are large.
 */
export async function* fetchNewestFirst<K extends 'transfer' | 'deployment'>(
  coriolis: Coriolis,
  kind: K,
): AsyncGenerator<ObjectTypes[K], void, undefined> {
  let last: ObjectTypes[K] | undefined;
  let rows = 0;
  for await (last of fetchPaged<K>(coriolis, kind, [] as ParentIdsOf<K>, { limit: FIRST_PAGE })) {
    rows += 1;
    yield last;
  }
  if (last === undefined || rows < FIRST_PAGE) return;
  yield* fetchPaged<K>(coriolis, kind, [] as ParentIdsOf<K>, { after: pagingCursorAfter(last) });
}

const FIRST_PAGE = 20;

/** Reads the rows that were created recently and match, newest first. */
export async function fetchRecentlyCreated<K extends 'transfer' | 'deployment'>(
  coriolis: Coriolis,
  kind: K,
  isRecent: (createdAt: string) => boolean,
  matches: (row: ObjectTypes[K]) => boolean,
): Promise<ReadonlyArray<ObjectTypes[K]>> {
  const found: Array<ObjectTypes[K]> = [];
  for await (const row of fetchNewestFirst(coriolis, kind)) {
    if (!isRecent(row.created_at)) break;
    if (matches(row)) found.push(row);
  }
  return found;
}

/**
 * Reads the rows of a collection that changed last, latest first, in one request. Servers before 1.2.2 ignore the order
 * and send all rows; the order is then made here.
 */
export async function fetchLatestChanged<K extends 'transfer' | 'deployment'>(
  coriolis: Coriolis,
  kind: K,
  limit: number,
): Promise<ReadonlyArray<ObjectTypes[K]>> {
  const query = { sort_key: 'updated_at', sort_dir: 'desc', limit };
  const rows = await fetchAllByQuery(coriolis, kind, [] as ParentIdsOf<K>, query);
  return [...rows]
    .sort((one, other) => (other.updated_at ?? '').localeCompare(one.updated_at ?? ''))
    .slice(0, limit);
}

/** Rows per page of a list that is read as a whole. 1,000 transfers are about 1.5 MB. */
const WHOLE_PAGE = 1000;

/**
 * Reads a whole collection, newest first, and the server's time of the first page in milliseconds since 1970.
 * @param since time as in `created_at` of the server. The reading stops at the first row created before it. Without it,
 *   all rows are read
 */
export async function fetchAllPagesWithTime<K extends 'transfer' | 'deployment'>(
  coriolis: Coriolis,
  kind: K,
  since?: string,
): Promise<{ readonly rows: ReadonlyArray<ObjectTypes[K]>; readonly date: number }> {
  const parents = [] as ParentIdsOf<K>;
  const first = await fetchAllWithTime(coriolis, kind, parents, { limit: WHOLE_PAGE });
  const isOld = ({ created_at }: ObjectTypes[K]) => since !== undefined && created_at < since;
  const last = first.rows.at(-1);
  // A page of another size is the last one, or the whole list.
  if (last === undefined || first.rows.length !== WHOLE_PAGE || isOld(last)) return first;
  const rows = [...first.rows];
  const after = pagingCursorAfter(last);
  for await (const row of fetchPaged(coriolis, kind, parents, { pageSize: WHOLE_PAGE, after })) {
    rows.push(row);
    if (isOld(row)) break;
  }
  return { rows, date: first.date };
}

/** Reads the rows of a paged collection. The server filters by status where it can; every row is also checked here. */
export async function* fetchMatchingRows<K extends PagedKind>(
  coriolis: Coriolis,
  kind: K,
  parents: ParentIdsOf<K>,
  { status, statuses: several, sort, includeDeleted, window, matches: given }: Listing<K>,
): AsyncIterable<ObjectTypes[K]> {
  const matches = combineMatchers<ObjectTypes[K]>(makeStatusMatcher(several), given);
  const isFiltered = status !== undefined || matches !== undefined;
  const rows = fetchPaged(coriolis, kind, parents, {
    query: {
      ...sortQuery(sort),
      status: status !== undefined && serverFilters.includes(status) ? status : undefined,
      show_deleted: includeDeleted === true ? true : undefined,
    },
    limit: isFiltered ? undefined : window.limit,
    after: window.after,
  });
  let found = 0;
  for await (const row of rows) {
    if (status !== undefined && statusOf(row) !== status) continue;
    if (matches !== undefined && !matches(row)) continue;
    yield row;
    found += 1;
    if (found === window.limit) return;
  }
}

/** Position of a row: as `after` of a later call it begins after that row. */
fetchMatchingRows.position = pagingCursorAfter;

/**
 * Reads a collection that the server returns in one response, and yields the rows after the last row of an earlier
 * call. They are sorted oldest first, as the Coriolis command line sorts them (docs/reference/cli-parity.md G-SORT).
 */
export async function* fetchUnpagedRows<K extends Exclude<ObjectKind, PagedKind>>(
  coriolis: Coriolis,
  kind: K,
  parents: ParentIdsOf<K>,
  { after }: ListRange,
  query?: RequestQuery,
): AsyncIterable<ObjectTypes[K]> {
  const rows = [...(await fetchAllByQuery(coriolis, kind, parents, query))].sort((one, other) =>
    fetchUnpagedRows.position(one).localeCompare(fetchUnpagedRows.position(other)),
  );
  for (const row of rows) if (after === undefined || fetchUnpagedRows.position(row) > after) yield row;
}

fetchUnpagedRows.position = ({
  created_at,
  id,
}: {
  readonly created_at: string;
  readonly id: string;
}): string => `${created_at} ${id}`;

const PLACE = Symbol('place');

/** Row with its index in the list. The key is a symbol, which no output contains. */
export interface IndexedRow {
  readonly [PLACE]: number;
}

/** Adds its index to each row of a list without ids, and yields the rows after the last row of an earlier call. */
export function* rowsWithIndexes<Row extends object>(
  rows: Iterable<Row>,
  { after }: ListRange,
): Iterable<Row & IndexedRow> {
  let place = 0;
  for (const row of rows) {
    if (after === undefined || place > Number(after)) yield { ...row, [PLACE]: place };
    place += 1;
  }
}

rowsWithIndexes.position = (row: IndexedRow): string => String(row[PLACE]);

/**
 * Makes the query for a sort order, with one direction for each key. The server refuses a key without a direction with
 * 400, and answers an unknown key with 500 (docs/reference/coriolis-api.md §1.6).
 */
function sortQuery(sort: string | undefined): { sort_key?: string[]; sort_dir?: string[] } {
  if (sort === undefined) return {};
  const pairs = sort.split(',').map((entry) => {
    const [key = '', direction = 'desc', ...rest] = entry.trim().split(':');
    if (!/^[a-z_]+$/u.test(key) || !['asc', 'desc'].includes(direction) || rest.length > 0) {
      throw new InvalidInputError(`Sort does not understand "${entry.trim()}".`, {
        field: 'sort',
        advice: 'Write key:asc or key:desc, several with commas: updated_at:desc,id:desc.',
      });
    }
    return { key, direction };
  });
  return { sort_key: pairs.map(({ key }) => key), sort_dir: pairs.map(({ direction }) => direction) };
}

/** Yields the rows after a paging position, for lists that the server returns as a whole. */
export function* rowsAfter<Row>(
  rows: readonly Row[],
  after: string | undefined,
  positionOf: (row: Row) => string,
): Iterable<Row> {
  const start = after === undefined ? 0 : rows.findIndex((row) => positionOf(row) === after) + 1;
  yield* rows.slice(start);
}
