import { asError, isCoriolisError } from '../api/errors';
import type { Coriolis } from '../api/coriolis';
import { fetchAll } from '../resources/objects';

/** Time for which names hold, in milliseconds: an endpoint is seldom renamed. */
const HOLD_MS = 10 * 60_000;
/** Time after a failed reading before the next one, in milliseconds. */
const RETRY_MS = 60_000;

/** Names of endpoints by id, as one reading left them. Empty for ids that no endpoint has. */
interface Reading {
  readonly names: ReadonlyMap<string, string>;
  /** Time of our clock until which they hold, in milliseconds. */
  readonly until: number;
}

const NOTHING: Reading = { names: new Map(), until: 0 };

/** The last reading, by what stands for the login: the object of a program with many clients, or the client. */
const readings = new WeakMap<object, Promise<Reading>>();

/**
 * Names of endpoints by id, empty for those that are gone or cannot be read: a name is never worth an error. One list tells
 * all; it is read again after ten minutes, one minute after a reading that failed, and for an id that it does not have.
 * Calls at the same time share it. For names beside a result; a result that is about endpoints reads the list itself.
 * @throws {CanceledError} the caller gave up
 */
export async function endpointNames(
  coriolis: Coriolis,
  ids: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const holder = coriolis.login ?? coriolis.client.origin;
  const last = readings.get(holder);
  const { names, until } = (await last) ?? NOTHING;
  if (ids.length === 0 || (coriolis.clock() < until && ids.every((id) => names.has(id)))) return names;
  // Another call has begun to read meanwhile.
  if (readings.get(holder) !== last) return await endpointNames(coriolis, ids);
  const known = new Map([...ids.map((id) => [id, ''] as const), ...names]);
  const reading = readNames(coriolis, known);
  readings.set(
    holder,
    reading.catch(() => ({ names, until: 0 })),
  );
  return (await reading).names;
}

/**
 * Reads all names. When the server refuses, what was known stays.
 * @throws {CanceledError} the caller gave up
 */
async function readNames(coriolis: Coriolis, known: ReadonlyMap<string, string>): Promise<Reading> {
  try {
    const endpoints = await fetchAll(coriolis, 'endpoint');
    const gone = [...known.keys()].map((id) => [id, ''] as const);
    const found = endpoints.map(({ id, name }) => [id, name] as const);
    return { names: new Map([...gone, ...found]), until: coriolis.clock() + HOLD_MS };
  } catch (error) {
    if (isCoriolisError(error) && error.kind !== 'canceled')
      return { names: known, until: coriolis.clock() + RETRY_MS };
    throw asError(error);
  }
}
