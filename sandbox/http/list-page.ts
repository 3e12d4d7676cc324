import { badRequest, internalError, invalidInput } from '../world/api-error';
import { normaliseId } from '../world/database-values';
import { readQueryInteger, readQueryText, readQueryValues } from './query-parameters';
import type { CoriolisContext } from './request-context';

export type SortValue = string | number | boolean | null;
/** Sort columns of a list, with the function that reads each. */
export type SortColumns<T> = Readonly<Record<string, (row: T) => SortValue>>;

interface SortKey<T> {
  readonly read: (row: T) => SortValue;
  readonly descending: boolean;
}

/** Columns that are appended to every list of sort keys. Alone they are the default order. */
const DEFAULT_KEYS = ['created_at', 'id'];

/** A list to page through. */
export interface PageableList<T> {
  /** All rows in the default order: by `created_at` and `id`, newest first. */
  readonly newestFirst: readonly T[];
  /** Whether a row is visible to the caller. Invisible rows cannot be markers. */
  readonly isVisible: (row: T) => boolean;
  /** Status filter of the list. */
  readonly filterableStatus: {
    readonly accepted: readonly string[];
    /** Words for the status in the error about an unknown one, such as `task status`. */
    readonly what: string;
    readonly of: (row: T) => string;
  };
  readonly columns: SortColumns<T>;
}

/** Highest `limit` that the server's database accepts. */
const MAX_LIMIT = 18_446_744_073_709_551_615n;

/**
 * Makes one page of a list, with the quirks of the real server (docs/reference/coriolis-api.md §1.6,
 * docs/reference/watching.md §2). The order is newest first. There are two default directions, so a single `sort_key`
 * needs its `sort_dir`. An unknown marker starts from the beginning. Markers on null values repeat or lose rows.
 */
export function makeListPage<T extends { readonly id: string }>(
  context: CoriolisContext,
  { newestFirst, isVisible: visible, filterableStatus: status, columns }: PageableList<T>,
): T[] {
  if (!context.get('features').paging) {
    return newestFirst.filter(visible).sort((one, other) => compareValues(one.id, other.id));
  }
  const givenLimit = readQueryInteger(context, 'limit');
  const wantedStatus = queryStatus(context, status);
  const keys = sortKeys(context, columns);
  if (givenLimit !== undefined && (givenLimit < 0n || givenLimit > MAX_LIMIT)) throw internalError();
  const limit = givenLimit === undefined ? Infinity : Number(givenLimit);
  const markerId = readQueryText(context, 'marker');
  if (markerId === '') throw internalError();
  const position =
    markerId === undefined
      ? -1
      : newestFirst.findIndex((row) => normaliseId(row.id) === normaliseId(markerId) && visible(row));
  const marker = newestFirst[position];
  const behind = context.get('features').watcherQuirks ? isAfterInSql : comesAfter;
  const shown = (row: T): boolean =>
    visible(row) && (wantedStatus === undefined || status.of(row) === wantedStatus);
  if (keys === null) return take(newestFirst, position + 1, shown, limit);
  const candidates = newestFirst.filter((row) => shown(row) && (!marker || behind(row, marker, keys)));
  if (limit >= candidates.length) return candidates.sort((one, other) => compare(one, other, keys));
  return firstRows(candidates, limit, keys);
}

/** Reads the status filter of a request. @throws 400 when it is none of the accepted ones */
function queryStatus(
  context: CoriolisContext,
  { accepted, what }: { readonly accepted: readonly string[]; readonly what: string },
): string | undefined {
  const status = readQueryText(context, 'status');
  if (status === undefined || !context.get('features').statusFilter) return undefined;
  if (!accepted.includes(status)) throw badRequest(`Unknown ${what}: ${status}`);
  return status;
}

/** Returns at most `limit` matching rows, beginning at position `start`. */
function take<T>(rows: readonly T[], start: number, wanted: (row: T) => boolean, limit: number): T[] {
  const taken: T[] = [];
  for (let index = start; index < rows.length && taken.length < limit; index += 1) {
    const row = rows[index];
    if (row !== undefined && wanted(row)) taken.push(row);
  }
  return taken;
}

/**
 * Reads the sort keys and directions of a request.
 * @returns `null` for the default order
 */
function sortKeys<T>(context: CoriolisContext, columns: SortColumns<T>): SortKey<T>[] | null {
  const given = (name: string, absent: readonly string[]): readonly string[] => {
    const values = readQueryValues(context, name).map((value) => value.trim());
    return values.length > 0 ? values.reverse() : absent;
  };
  const names = given('sort_key', DEFAULT_KEYS);
  const directions = given('sort_dir', ['desc', 'desc']);
  for (const direction of directions) {
    if (direction !== 'asc' && direction !== 'desc') {
      throw invalidInput(`Unknown sort direction: ${direction}, must be 'desc' or 'asc'.`);
    }
  }
  if (directions.length > names.length) {
    throw invalidInput('Sort direction array size exceeds sort key array size.');
  }
  const asUsual = names.every((name, position) => name === DEFAULT_KEYS[position]);
  if (asUsual && directions.every((direction) => direction === 'desc')) return null;
  const fallback = directions[0] ?? 'desc';
  const all = [...names, ...DEFAULT_KEYS.filter((name) => !names.includes(name))];
  return all.map((name, position) => {
    const read = columns[name];
    if (!Object.hasOwn(columns, name) || !read) throw internalError();
    return { read, descending: (directions[position] ?? fallback) === 'desc' };
  });
}

/** Compares two values. Nulls come first, as in the server's database. */
function compareValues(one: SortValue, other: SortValue): number {
  if (one === other) return 0;
  if (one === null) return -1;
  if (other === null) return 1;
  return one < other ? -1 : 1;
}

function compare<T>(one: T, other: T, keys: readonly SortKey<T>[]): number {
  for (const { read, descending } of keys) {
    const result = compareValues(read(one), read(other));
    if (result !== 0) return descending ? -result : result;
  }
  return 0;
}

/**
 * Whether the server's SQL puts a row after the marker. When just one of the two values is null, the answer is always
 * yes in descending and always no in ascending order, so rows are repeated or lost.
 */
function isAfterInSql<T>(row: T, marker: T, keys: readonly SortKey<T>[]): boolean {
  for (const { read, descending } of keys) {
    const value = read(row);
    const limit = read(marker);
    if (value === limit) continue;
    if (limit === null) return descending;
    if (value === null) return descending;
    return descending ? value < limit : value > limit;
  }
  return false;
}

/** Whether a row comes after the marker in the sort order. */
function comesAfter<T>(row: T, marker: T, keys: readonly SortKey<T>[]): boolean {
  return compare(row, marker, keys) > 0;
}

/** Selects the first rows of a long list without sorting all of it: a bounded heap whose root is the last row. */
function firstRows<T>(rows: readonly T[], limit: number, keys: readonly SortKey<T>[]): T[] {
  if (limit === 0) return [];
  const heap: T[] = [];
  const after = (one: number, other: number): boolean => {
    const a = heap[one];
    const b = heap[other];
    return a !== undefined && b !== undefined && compare(a, b, keys) > 0;
  };
  const swap = (one: number, other: number): void => {
    const a = heap[one];
    const b = heap[other];
    if (a === undefined || b === undefined) return;
    heap[one] = b;
    heap[other] = a;
  };
  const sink = (): void => {
    for (let index = 0; ;) {
      const left = 2 * index + 1;
      if (left >= heap.length) return;
      const child = left + 1 < heap.length && after(left + 1, left) ? left + 1 : left;
      if (!after(child, index)) return;
      swap(child, index);
      index = child;
    }
  };
  for (const row of rows) {
    const root = heap[0];
    if (heap.length < limit) {
      heap.push(row);
      for (let index = heap.length - 1; index > 0;) {
        const parent = (index - 1) >> 1;
        if (!after(index, parent)) break;
        swap(index, parent);
        index = parent;
      }
    } else if (root !== undefined && compare(row, root, keys) < 0) {
      heap[0] = row;
      sink();
    }
  }
  return heap.sort((one, other) => compare(one, other, keys));
}
