import type { RequestOptions, RequestQuery } from '../api/coriolis-client';
import type { Coriolis } from '../api/operation-context';
import { path } from '../api/request-path';
import { tolerateErrors } from '../api/tolerate-errors';
import { InvalidInputError, ProtocolError, type CoriolisError } from '../api/errors';
import type { JsonObject } from '../model/json';
import type {
  Deployment,
  Endpoint,
  Execution,
  MinionPool,
  Region,
  Schedule,
  Service,
  Transfer,
} from '../model/api-objects';

/**
 * Paths of the API's objects, and the requests that are the same for all kinds of objects
 * (docs/reference/coriolis-api.md §§6-10).
 */

/** Types of the API's objects, by kind. */
export interface ObjectTypes {
  readonly endpoint: Endpoint;
  readonly transfer: Transfer;
  readonly execution: Execution;
  readonly schedule: Schedule;
  readonly deployment: Deployment;
  readonly minionPool: MinionPool;
  readonly region: Region;
  readonly service: Service;
}
export type ObjectKind = keyof ObjectTypes;

/**
 * Ids of the parents of an object, which precede its own id in the path. Only executions and schedules have one: their
 * transfer.
 */
export type ParentIdsOf<K extends ObjectKind> = K extends 'execution' | 'schedule'
  ? [transferId: string]
  : [];
/** Ids in the path of an object: those of its parents, then its own. */
export type IdsOf<K extends ObjectKind> = [...ParentIdsOf<K>, id: string];

interface Wire {
  /** Last segment of the path of the collection. */
  readonly collection: string;
  /** Key of one object in a body. For a list the key has an "s" at the end. */
  readonly key: string;
}

const wire: { readonly [K in ObjectKind]: Wire } = {
  endpoint: { collection: 'endpoints', key: 'endpoint' },
  transfer: { collection: 'transfers', key: 'transfer' },
  execution: { collection: 'executions', key: 'execution' },
  schedule: { collection: 'schedules', key: 'schedule' },
  deployment: { collection: 'deployments', key: 'deployment' },
  minionPool: { collection: 'minion_pools', key: 'minion_pool' },
  region: { collection: 'regions', key: 'region' },
  service: { collection: 'services', key: 'service' },
};

/** Path of a collection: `/transfers/{transferId}/executions`. */
function collectionPath<K extends ObjectKind>(kind: K, ...parents: ParentIdsOf<K>): string {
  const [transferId] = parents as readonly string[];
  const parent = transferId === undefined ? '' : path`/transfers/${transferId}`;
  return `${parent}/${wire[kind].collection}`;
}

/** Path of one object: `/transfers/{transferId}/executions/{id}`. */
export function makeObjectPath<K extends ObjectKind>(kind: K, ...ids: IdsOf<K>): string {
  const parents = ids.slice(0, -1) as ParentIdsOf<K>;
  return collectionPath(kind, ...parents) + path`/${String(ids.at(-1))}`;
}

/** Key in a body that holds the rows of a collection. */
const rowsKey = (kind: ObjectKind): string => `${wire[kind].key}s`;

/** Reads one object. */
export async function fetchOne<K extends ObjectKind>(
  coriolis: Coriolis,
  kind: K,
  ...ids: IdsOf<K>
): Promise<ObjectTypes[K]> {
  return (await fetchOneWithTime(coriolis, kind, ids)).object;
}

/** Reads one object, and the server's time of the response in milliseconds since 1970. */
export async function fetchOneWithTime<K extends ObjectKind>(
  { client, signal }: Coriolis,
  kind: K,
  ids: IdsOf<K>,
  query?: RequestOptions['query'],
): Promise<{ readonly object: ObjectTypes[K]; readonly date: number }> {
  const { body, date } = await client.getWithDate<Record<string, ObjectTypes[K]>>(
    makeObjectPath(kind, ...ids),
    {
      query,
      signal,
    },
  );
  return { object: unwrap(body, kind), date };
}

/**
 * Reads one object; undefined when the call fails with one of the `tolerated` errors. By default that is only an object
 * that does not exist.
 */
export const fetchOptional = <K extends ObjectKind>(
  coriolis: Coriolis,
  kind: K,
  ids: IdsOf<K>,
  tolerated: ReadonlyArray<CoriolisError['kind']> = ['not_found'],
): Promise<ObjectTypes[K] | undefined> =>
  tolerateErrors(fetchOne(coriolis, kind, ...ids), tolerated, undefined);

/** Reads a collection that comes in one response: all kinds but transfers, executions and deployments. */
export const fetchAll = <K extends ObjectKind>(
  coriolis: Coriolis,
  kind: K,
  ...parents: ParentIdsOf<K>
): Promise<ReadonlyArray<ObjectTypes[K]>> => fetchAllByQuery(coriolis, kind, parents);

/** Reads a collection like `fetchAll`, with a query. */
export const fetchAllByQuery = async <K extends ObjectKind>(
  coriolis: Coriolis,
  kind: K,
  parents: ParentIdsOf<K>,
  query?: RequestOptions['query'],
): Promise<ReadonlyArray<ObjectTypes[K]>> => (await fetchAllWithTime(coriolis, kind, parents, query)).rows;

/** Reads a collection like `fetchAllByQuery`, and the server's time of the response in milliseconds since 1970. */
export async function fetchAllWithTime<K extends ObjectKind>(
  { client, signal }: Coriolis,
  kind: K,
  parents: ParentIdsOf<K>,
  query?: RequestOptions['query'],
): Promise<{ readonly rows: ReadonlyArray<ObjectTypes[K]>; readonly date: number }> {
  const { body, date } = await client.getWithDate<Record<string, ReadonlyArray<ObjectTypes[K]> | undefined>>(
    collectionPath(kind, ...parents),
    { query, signal },
  );
  return { rows: body[rowsKey(kind)] ?? [], date };
}

/** Request that reads a collection or one object, described before it is sent. */
export interface ReadRequest {
  readonly path: string;
  /** Key in the body that holds the rows or the object. */
  readonly key: string;
  /** Whether the request reads one object, which may not exist. False: it reads a collection. */
  readonly isObject: boolean;
  readonly query: RequestQuery;
}

/** Makes the request for rows of a collection. */
export const makeRowsRequest = <K extends ObjectKind>(
  kind: K,
  parents: ParentIdsOf<K>,
  query: RequestQuery,
): ReadRequest => ({
  path: collectionPath(kind, ...parents),
  key: rowsKey(kind),
  isObject: false,
  query,
});

/** Makes the request for one object. */
export const makeObjectRequest = <K extends ObjectKind>(kind: K, ...ids: IdsOf<K>): ReadRequest => ({
  path: makeObjectPath(kind, ...ids),
  key: wire[kind].key,
  isObject: true,
  query: {},
});

/** Answer to a `ReadRequest`. */
export interface ReadAnswer {
  /** Rows of the collection. For one object: only this object, or nothing when it does not exist. */
  readonly rows: readonly unknown[];
  /** The server's time of the answer, in milliseconds since 1970; NaN when the object does not exist. */
  readonly date: number;
}

/**
 * Sends a read. An answer without the list does not count as an empty list, because callers draw conclusions from
 * missing rows.
 * @throws {ProtocolError} the answer has no list or object under the key
 */
export async function sendReadRequest(
  { client, signal }: Coriolis,
  request: ReadRequest,
): Promise<ReadAnswer> {
  const { path: where, key, isObject, query } = request;
  const answer = await tolerateErrors(
    client.getWithDate<Record<string, unknown>>(where, { query, isNullRefused: true, signal }),
    isObject ? ['not_found'] : [],
    null,
  );
  if (answer === null) return { rows: [], date: NaN };
  const found = answer.body[key];
  if (Array.isArray(found)) return { rows: found, date: answer.date };
  if (isObject && found !== undefined) return { rows: [found], date: answer.date };
  throw new ProtocolError(`The answer to GET ${where} has no list "${key}"`, {
    advice: 'Check that the endpoint URL is that of Coriolis.',
  });
}

/** Options of a list that the server pages. */
export type PagingOptions = Parameters<Coriolis['client']['getRows']>[2];

/** Reads a paged collection, newest first, holding one page at a time. */
export const fetchPaged = <K extends 'transfer' | 'execution' | 'deployment'>(
  { client, signal }: Coriolis,
  kind: K,
  parents: ParentIdsOf<K>,
  options: PagingOptions = {},
): AsyncIterable<ObjectTypes[K]> =>
  client.getRows<ObjectTypes[K]>(collectionPath(kind, ...parents), rowsKey(kind), {
    ...options,
    signal: options.signal ?? signal,
  });

/** Options of a request that changes something. */
interface ChangeOptions {
  /** Set when the server contacts a platform or a worker before it answers, which can take minutes. */
  readonly mayTakeMinutes?: true;
}

interface CreateOptions<T> extends ChangeOptions {
  /**
   * Finds the objects that the request may have created, after the response was lost. `createdSince` is true for a
   * `created_at` later than the request.
   */
  readonly find: (createdSince: (createdAt: string) => boolean) => Promise<readonly T[]>;
}

interface UpdateOptions<T> extends ChangeOptions {
  /** Reads the object after the response was lost; undefined when it shows that the change was not made. */
  readonly find?: () => Promise<T | undefined>;
}

/** Creates an object. */
export async function createOne<K extends ObjectKind>(
  { client }: Coriolis,
  kind: K,
  parents: ParentIdsOf<K>,
  body: JsonObject,
  { mayTakeMinutes, find }: CreateOptions<ObjectTypes[K]>,
): Promise<ObjectTypes[K]> {
  const answer = await client.post<Record<string, ObjectTypes[K]>>(
    collectionPath(kind, ...parents),
    wrap(kind, body),
    {
      mayTakeMinutes,
      recover: async (createdSince) =>
        (await find(createdSince)).map((object) => ({ [wire[kind].key]: object })),
    },
  );
  return unwrap(answer, kind);
}

/** Changes an object. Callers check first that there is a change (`requireChanges`). */
export async function updateOne<K extends ObjectKind>(
  { client }: Coriolis,
  kind: K,
  ids: IdsOf<K>,
  changes: JsonObject,
  { mayTakeMinutes, find }: UpdateOptions<ObjectTypes[K]> = {},
): Promise<ObjectTypes[K]> {
  const answer = await client.put<Record<string, ObjectTypes[K]>>(
    makeObjectPath(kind, ...ids),
    wrap(kind, changes),
    {
      mayTakeMinutes,
      recover:
        find &&
        (async () => {
          const object = await find();
          return object && { [wire[kind].key]: object };
        }),
    },
  );
  return unwrap(answer, kind);
}

/** Deletes an object. */
export async function deleteOne<K extends ObjectKind>(
  { client }: Coriolis,
  kind: K,
  ...ids: IdsOf<K>
): Promise<{ readonly id: string }> {
  await client.delete(makeObjectPath(kind, ...ids));
  return { id: String(ids.at(-1)) };
}

/**
 * Refuses an update that changes nothing.
 * @throws {InvalidInputError} `changes` is empty; `what` names the inputs that an update takes
 */
export function requireChanges(changes: JsonObject, what: string, advice?: string): void {
  if (Object.keys(changes).length > 0) return;
  throw new InvalidInputError(`Nothing to update: give ${what}.`, { advice });
}

/**
 * Yields the rows of a list that belongs to a transfer. For an unknown transfer the server answers with an empty list
 * instead of 404 (docs/reference/coriolis-api.md §17, trap 18), so the transfer itself is read when the list is empty.
 * @throws {NotFoundError} the transfer does not exist
 */
export async function* requireTransferWhenEmpty<Row>(
  coriolis: Coriolis,
  transferId: string,
  rows: AsyncIterable<Row> | Iterable<Row>,
): AsyncGenerator<Row, void, undefined> {
  let isEmpty = true;
  for await (const row of rows) {
    isEmpty = false;
    yield row;
  }
  if (isEmpty) await fetchOne(coriolis, 'transfer', transferId);
}

/**
 * Wraps a request body under the key of its kind. Bodies of schedules are not wrapped (docs/reference/coriolis-api.md
 * §9).
 */
const wrap = (kind: ObjectKind, body: JsonObject): JsonObject =>
  kind === 'schedule' ? body : { [wire[kind].key]: body };

const unwrap = <K extends ObjectKind>(
  body: Readonly<Record<string, ObjectTypes[K]>>,
  kind: K,
): ObjectTypes[K] => body[wire[kind].key] as ObjectTypes[K];

/**
 * Sorts objects by their creation, the oldest first. Objects of the same second are sorted by id, so that the order is
 * the same for all callers.
 */
export const sortOldestFirst = <Row extends { readonly id: string; readonly created_at: string }>(
  rows: readonly Row[],
): readonly Row[] =>
  [...rows].sort(
    (one, other) => one.created_at.localeCompare(other.created_at) || one.id.localeCompare(other.id),
  );
