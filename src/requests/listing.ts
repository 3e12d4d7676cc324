import type { Coriolis } from '../api/coriolis';
import type { Query } from '../api/client';
import { cursorOfLastRow } from '../api/paging';
import { InvalidInputError } from '../api/errors';
import type { ListRange } from '../vocabulary/list-range';
import {
  fetchAllDated,
  fetchAllByQuery,
  fetchPaged,
  type ObjectKind,
  type Objects,
  type ParentsOf,
} from './objects';
import { statusOf } from '../model/status';
import { combineMatchers, statusMatcher } from '../fields/list-filters';

/**
 * Statuses that the server's filter accepts for every list: task statuses for transfers, execution statuses elsewhere
 * (docs/reference/coriolis-api.md §7.3, §8).
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
  /** Any of these statuses. */
  readonly statuses?: readonly string[] | undefined;
  /** Sort order: `key:direction` texts separated by commas. */
  readonly sort?: string | undefined;
  readonly includeDeleted?: boolean | undefined;
  readonly window: ListRange;
  /**
   * Client-side filter; undefined for all rows. With a filter, pages are not limited, because small pages would only
   * cost more requests.
   */
  readonly matches?: ((row: Objects[K]) => boolean) | undefined;
}

/** Reads all rows of a collection, newest first, for a search that ends early: a small page first, then large ones. */
export async function* fetchNewestFirst<K extends 'transfer' | 'deployment'>(
  coriolis: Coriolis,
  kind: K,
): AsyncGenerator<Objects[K], void, undefined> {
  let last: Objects[K] | undefined;
  let rows = 0;
  for await (last of fetchPaged<K>(coriolis, kind, [] as ParentsOf<K>, { limit: FIRST_PAGE })) {
    rows += 1;
    yield last;
  }
  if (last === undefined || rows < FIRST_PAGE) return;
  yield* fetchPaged<K>(coriolis, kind, [] as ParentsOf<K>, { after: cursorOfLastRow(last) });
}

const FIRST_PAGE = 20;

/**
 * Reads the rows of a collection that changed last, the latest first, in one request. Servers before 1.2.2 know no order
 * and send all rows.
 */
export async function fetchLatestChanged<K extends 'transfer' | 'deployment'>(
  coriolis: Coriolis,
  kind: K,
  limit: number,
): Promise<ReadonlyArray<Objects[K]>> {
  const query = { sort_key: 'updated_at', sort_dir: 'desc', limit };
  const rows = await fetchAllByQuery(coriolis, kind, [] as ParentsOf<K>, query);
  return [...rows]
    .sort((one, other) => (other.updated_at ?? '').localeCompare(one.updated_at ?? ''))
    .slice(0, limit);
}

/** Rows per page of a list that is read whole; 1,000 transfers are about 1.5 MB. */
const WHOLE_PAGE = 1000;

/**
 * Reads a whole collection, newest first, with the server's time of the first page.
 * @param since stops at rows created before this time, `created_at` of the server; without it, reads all
 */
export async function fetchWhole<K extends 'transfer' | 'deployment'>(
  coriolis: Coriolis,
  kind: K,
  since?: string,
): Promise<{ readonly rows: ReadonlyArray<Objects[K]>; readonly date: number }> {
  const parents = [] as ParentsOf<K>;
  const first = await fetchAllDated(coriolis, kind, parents, { limit: WHOLE_PAGE });
  const isOld = ({ created_at }: Objects[K]) => since !== undefined && created_at < since;
  const last = first.rows.at(-1);
  // A page of another size is the last one, or the whole list.
  if (last === undefined || first.rows.length !== WHOLE_PAGE || isOld(last)) return first;
  const rows = [...first.rows];
  const after = cursorOfLastRow(last);
  for await (const row of fetchPaged(coriolis, kind, parents, { pageSize: WHOLE_PAGE, after })) {
    rows.push(row);
    if (isOld(row)) break;
  }
  return { rows, date: first.date };
}

/** Reads the rows of a paged collection. The server filters where it can, and the client filters again. */
export async function* listRows<K extends PagedKind>(
  coriolis: Coriolis,
  kind: K,
  parents: ParentsOf<K>,
  { status, statuses: several, sort, includeDeleted, window, matches: given }: Listing<K>,
): AsyncIterable<Objects[K]> {
  const matches = combineMatchers<Objects[K]>(statusMatcher(several), given);
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

/** Position of a window that begins after a row. */
listRows.position = cursorOfLastRow;

/**
 * Reads the rows of a collection that comes in one response, oldest first as the command line sorts them
 * (docs/reference/cli-parity.md G-SORT), after the last row of an earlier window.
 */
export async function* unpagedRows<K extends Exclude<ObjectKind, PagedKind>>(
  coriolis: Coriolis,
  kind: K,
  parents: ParentsOf<K>,
  { after }: ListRange,
  query?: Query,
): AsyncIterable<Objects[K]> {
  const rows = [...(await fetchAllByQuery(coriolis, kind, parents, query))].sort((one, other) =>
    unpagedRows.position(one).localeCompare(unpagedRows.position(other)),
  );
  for (const row of rows) if (after === undefined || unpagedRows.position(row) > after) yield row;
}

unpagedRows.position = ({ created_at, id }: { readonly created_at: string; readonly id: string }): string =>
  `${created_at} ${id}`;

const PLACE = Symbol('place');

/** A row with its index in the list, under a symbol that no output contains. */
export interface IndexedRow {
  readonly [PLACE]: number;
}

/**
 * Adds the index to rows without ids of a list that comes in one response, and yields those after the last row of an
 * earlier window.
 */
export function* indexedRows<Row extends object>(
  rows: Iterable<Row>,
  { after }: ListRange,
): Iterable<Row & IndexedRow> {
  let place = 0;
  for (const row of rows) {
    if (after === undefined || place > Number(after)) yield { ...row, [PLACE]: place };
    place += 1;
  }
}

indexedRows.position = (row: IndexedRow): string => String(row[PLACE]);

/**
 * Makes the query for a sort order, with one direction per key: a key alone is refused with 400
 * (docs/reference/coriolis-api.md §1.6); unknown keys are a 500.
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

/** Rows after a paging position, for lists that the server returns whole. */
export function* rowsAfter<Row>(
  rows: readonly Row[],
  after: string | undefined,
  positionOf: (row: Row) => string,
): Iterable<Row> {
  const start = after === undefined ? 0 : rows.findIndex((row) => positionOf(row) === after) + 1;
  yield* rows.slice(start);
}
