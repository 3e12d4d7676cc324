import type { ApiClient } from '../api/client';
import { cursorAfter, type Row } from '../api/paging';
import { InvalidInputError } from '../api/errors';
import { choice } from '../vocabulary/fields';
import { statusLabel } from '../model/status';
import type { Action, Execution, Timestamps } from '../model/types';
import type { Window } from '../vocabulary/window';

/**
 * Statuses a list can be narrowed to. The server's own filter refuses some of them with 400 (trap 11) and servers before
 * 1.2.3 ignore it, so every row is checked here as well.
 */
const statuses = [
  'UNEXECUTED',
  'PENDING',
  'AWAITING_MINION_ALLOCATIONS',
  'RUNNING',
  'CANCELLING',
  'COMPLETED',
  'ERROR',
  'CANCELED',
  'CANCELED_FOR_DEBUGGING',
  'DEADLOCKED',
  'ERROR_ALLOCATING_MINIONS',
] as const;

/**
 * Statuses that the server's filter accepts for every list: task statuses for transfers, execution statuses elsewhere
 * (coriolis-api.md §7.3, §8).
 */
const serverFilters: readonly string[] = [
  'RUNNING',
  'CANCELLING',
  'COMPLETED',
  'ERROR',
  'CANCELED',
  'CANCELED_FOR_DEBUGGING',
];

export const statusFilter = choice(
  'Status',
  'Only those with this status.',
  statuses.map((value) => ({ value, title: statusLabel(value) })),
  { optional: true },
);

interface Listing<Row> {
  readonly client: ApiClient;
  readonly signal: AbortSignal | undefined;
  readonly path: string;
  readonly key: string;
  readonly status: string | undefined;
  /** Sort order as `key:direction`, separated by commas. */
  readonly sort: string | undefined;
  readonly includeDeleted?: boolean;
  readonly window: Window;
  readonly matches?: (row: Row) => boolean;
  /** Whether `matches` drops rows; then pages are large, to save requests. */
  readonly narrowed?: boolean;
}

/** Yields the rows of a collection, newest first: a small page, then large ones, for searches that mostly end early. */
export async function* newestFirst<R extends Row>(
  client: ApiClient,
  path: string,
  key: string,
): AsyncGenerator<R, void, undefined> {
  let last: R | undefined;
  let rows = 0;
  for await (last of client.rows<R>(path, key, { limit: FEW })) {
    rows += 1;
    yield last;
  }
  if (last !== undefined && rows === FEW) yield* client.rows<R>(path, key, { after: cursorAfter(last) });
}

const FEW = 20;

/** Yields the rows of a paged collection, filtered by the server where it can, and here. */
export async function* listRows<Row extends Action | Execution>({
  client,
  signal,
  path,
  key,
  status,
  sort,
  includeDeleted,
  window,
  matches,
  narrowed,
}: Listing<Row>): AsyncIterable<Row> {
  const filtered = status !== undefined || narrowed === true;
  const rows = client.rows<Row>(path, key, {
    query: {
      ...sortQuery(sort),
      status: status !== undefined && serverFilters.includes(status) ? status : undefined,
      show_deleted: includeDeleted === true ? true : undefined,
    },
    ...(signal === undefined ? {} : { signal }),
    ...(window.limit === undefined || filtered ? {} : { limit: window.limit }),
    ...(window.after === undefined ? {} : { after: window.after }),
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

/** Position of a row, for the `after` of the next window. */
listRows.position = cursorAfter;

/**
 * Yields the rows of an unpaged collection, oldest first like the command line (cli-parity.md G-SORT), after the
 * position of a window.
 */
export async function* wholeList<Row extends Timestamps & { readonly id: string }>(
  client: ApiClient,
  where: string,
  key: string,
  { after }: Window,
): AsyncIterable<Row> {
  const answer = await client.get<Readonly<Record<string, readonly Row[] | undefined>>>(where);
  const rows = [...(answer[key] ?? [])].sort((one, other) =>
    wholeList.position(one).localeCompare(wholeList.position(other)),
  );
  for (const row of rows) if (after === undefined || wholeList.position(row) > after) yield row;
}

wholeList.position = ({ created_at, id }: { readonly created_at: string; readonly id: string }): string =>
  `${created_at} ${id}`;

const PLACE = Symbol('place');

/** A row with its index in the list, under a symbol so that it is not shown. */
export interface Placed {
  readonly [PLACE]: number;
}

/** Yields rows without ids of an unpaged answer, after the position of a window. */
export function* placed<Row extends object>(rows: Iterable<Row>, { after }: Window): Iterable<Row & Placed> {
  let place = 0;
  for (const row of rows) {
    if (after === undefined || place > Number(after)) yield { ...row, [PLACE]: place };
    place += 1;
  }
}

placed.position = (row: Placed): string => String(row[PLACE]);

const statusOf = (row: Action | Execution): string =>
  'status' in row ? row.status : row.last_execution_status;

/**
 * Query for an order, with one direction per key: a key alone is refused with 400 (coriolis-api.md §1.6); unknown keys
 * are a 500.
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
