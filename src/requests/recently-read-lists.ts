import type { ApiClient } from '../api/api-client';
import type { Coriolis } from '../api/operation-context';
import type { Endpoint, MinionPool } from '../model/api-objects';
import { fetchAll } from './object-requests';

/** Milliseconds for which the rows of a list are used again. */
const MAX_AGE_MS = 5_000;

/** Objects whose lists come in one response and are needed by their names. */
interface NamedRows {
  readonly endpoint: readonly Endpoint[];
  readonly minionPool: readonly MinionPool[];
}

interface ReadList<K extends keyof NamedRows> {
  readonly rows: NamedRows[K];
  /** End of the read, milliseconds on the local clock. */
  readonly at: number;
}

type ReadLists = { [K in keyof NamedRows]?: ReadList<K> };

const lists = new WeakMap<ApiClient, ReadLists>();

/** Reads a list, and keeps its rows for `reuseOrFetchRows`. */
export async function fetchAllAndRemember(
  coriolis: Coriolis,
  kind: keyof NamedRows,
): Promise<ReadonlyArray<Endpoint | MinionPool>> {
  const rows = await fetchAll(coriolis, kind);
  const { withoutDefaults: origin } = coriolis.client;
  lists.set(origin, { ...lists.get(origin), [kind]: { rows, at: coriolis.clock() } });
  return rows;
}

/**
 * Rows of a list that has all wanted objects: those that a lookup of names has just read for the same call, else newly read
 * ones. So a call whose objects are given by names reads the list once.
 *
 * @param wanted ids or names
 */
export async function reuseOrFetchRows<K extends keyof NamedRows>(
  coriolis: Coriolis,
  kind: K,
  wanted: readonly string[],
): Promise<NamedRows[K]> {
  const kept: ReadList<K> | undefined = lists.get(coriolis.client.withoutDefaults)?.[kind];
  if (kept !== undefined && coriolis.clock() - kept.at < MAX_AGE_MS) {
    const known = new Set(kept.rows.flatMap(({ id, name }) => [id, name]));
    if (wanted.every((one) => known.has(one))) return kept.rows;
  }
  return (await fetchAll(coriolis, kind as keyof NamedRows)) as NamedRows[K];
}
