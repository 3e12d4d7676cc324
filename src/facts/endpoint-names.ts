import { asError, isCoriolisError } from '../api/errors';
import type { Coriolis } from '../api/operation-context';
import type { EndpointNames } from './transfer-detail';
import type { Transfer } from '../model/api-objects';
import { fetchAll } from '../requests/object-requests';

/** Milliseconds for which names are cached. Endpoints are seldom renamed. */
const CACHE_MS = 10 * 60_000;
/** Milliseconds after a failed reading of the list until it is read again. */
const RETRY_MS = 60_000;

/** Names and types of endpoints by id, from one reading of the list. The name is empty for an id that no endpoint has. */
interface Reading {
  readonly names: ReadonlyMap<string, string>;
  /** Types, such as `vmware_vsphere`; without those that are not known. */
  readonly types: ReadonlyMap<string, string>;
  /** Time at which the names expire, in milliseconds on the local clock. */
  readonly until: number;
}

const NO_NAMES: Reading = { names: new Map(), types: new Map(), until: 0 };

/** Last reading, by the object that stands for the login (`Coriolis.login`), or else by the client. */
const readings = new WeakMap<object, Promise<Reading>>();

/**
 * Finds the names of endpoints by id. The name is empty for an endpoint that is gone or cannot be read, because a
 * missing name must not fail a call. The list of endpoints is cached for ten minutes, and after a failed reading for
 * one minute. It is read again for an unknown id. Simultaneous calls share one reading. Operations whose results are
 * endpoints do not use this cache.
 * @throws {CanceledError} the caller gave up
 */
export async function fetchEndpointNames(
  coriolis: Coriolis,
  ids: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  return (await fetchReading(coriolis, ids)).names;
}

/** Finds the types of endpoints by id, without those that are not known; from the readings of {@link fetchEndpointNames}. */
export async function fetchEndpointTypes(
  coriolis: Coriolis,
  ids: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  return (await fetchReading(coriolis, ids)).types;
}

/** The last reading that has all ids, or a new one. */
async function fetchReading(coriolis: Coriolis, ids: readonly string[]): Promise<Reading> {
  const holder = coriolis.loginKey ?? coriolis.client.withoutDefaults;
  const last = readings.get(holder);
  const before = (await last) ?? NO_NAMES;
  const { names, until } = before;
  if (ids.length === 0 || (coriolis.clock() < until && ids.every((id) => names.has(id)))) return before;
  // While this call waited, another one has begun a new reading: use that one.
  if (readings.get(holder) !== last) return await fetchReading(coriolis, ids);
  const known = { ...before, names: new Map([...ids.map((id) => [id, ''] as const), ...names]) };
  const reading = readEndpoints(coriolis, known);
  readings.set(
    holder,
    reading.catch(() => ({ ...before, until: 0 })),
  );
  return await reading;
}

/**
 * Reads the names and types of all endpoints; after a failure returns the known ones.
 * @throws {CanceledError} the caller gave up
 */
async function readEndpoints(coriolis: Coriolis, known: Reading): Promise<Reading> {
  try {
    const endpoints = await fetchAll(coriolis, 'endpoint');
    const gone = [...known.names.keys()].map((id) => [id, ''] as const);
    const found = endpoints.map(({ id, name }) => [id, name] as const);
    return {
      names: new Map([...gone, ...found]),
      types: new Map(endpoints.map(({ id, type }) => [id, type])),
      until: coriolis.clock() + CACHE_MS,
    };
  } catch (error) {
    if (isCoriolisError(error) && error.kind !== 'canceled')
      return { ...known, until: coriolis.clock() + RETRY_MS };
    throw asError(error);
  }
}

/** Adds the names of its two endpoints to a transfer; null for a name that is not known. */
export async function withEndpointNames<Row extends Transfer>(
  coriolis: Coriolis,
  row: Row,
): Promise<Row & EndpointNames> {
  const { origin_endpoint_id: origin, destination_endpoint_id: destination } = row;
  const names = await fetchEndpointNames(coriolis, [origin, destination]);
  return {
    ...row,
    origin_endpoint_name: names.get(origin) || null,
    destination_endpoint_name: names.get(destination) || null,
  };
}

/** Adds the names of their endpoints to the transfers of a list. */
export async function* rowsWithEndpointNames<Row extends Transfer>(
  coriolis: Coriolis,
  rows: AsyncIterable<Row>,
): AsyncIterable<Row & EndpointNames> {
  for await (const row of rows) yield await withEndpointNames(coriolis, row);
}
