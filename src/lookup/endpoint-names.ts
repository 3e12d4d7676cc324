import { asError, isCoriolisError } from '../api/errors';
import type { Coriolis } from '../api/coriolis';
import { fetchAll } from '../resources/objects';

/** Time for which names hold, in milliseconds: an endpoint is seldom renamed. */
const HOLD_MS = 10 * 60_000;

interface Known {
  readonly readAt: number;
  readonly names: Promise<ReadonlyMap<string, string>>;
}

/** Names of endpoints, by what stands for the login: the object of a program with many clients, or the client. */
const memory = new WeakMap<object, Known>();

/**
 * Names of endpoints by id, empty for those that are gone or cannot be read: a name is never worth an error. One list tells
 * all; it is read again after ten minutes, and for an id that it does not have. Calls at the same time share it.
 * For names beside a result; a result that is about endpoints reads the list itself.
 */
export async function endpointNames(
  coriolis: Coriolis,
  ids: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const holder = coriolis.login ?? coriolis.client.origin;
  const known = memory.get(holder);
  const names = (await known?.names) ?? new Map<string, string>();
  const isFresh = known !== undefined && coriolis.clock() - known.readAt < HOLD_MS;
  if (ids.length === 0 || (isFresh && ids.every((id) => names.has(id)))) return names;
  // Another call has begun to read meanwhile.
  if (memory.get(holder) !== known) return await endpointNames(coriolis, ids);
  const read = readNames(coriolis, [...ids, ...names.keys()]);
  memory.set(holder, { readAt: coriolis.clock(), names: read.catch(() => new Map<string, string>()) });
  return await read;
}

/**
 * Reads all names. Ids that no endpoint has any more keep an empty name, so that they are not asked for again.
 * @throws {CanceledError} the caller gave up
 */
async function readNames(coriolis: Coriolis, ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const unnamed = new Map(ids.map((id) => [id, '']));
  try {
    const endpoints = await fetchAll(coriolis, 'endpoint');
    return new Map([...unnamed, ...endpoints.map(({ id, name }) => [id, name] as const)]);
  } catch (error) {
    if (isCoriolisError(error) && error.kind !== 'canceled') return unnamed;
    throw asError(error);
  }
}
