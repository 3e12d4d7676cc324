import { ConflictError, isCoriolisError, asError } from '../../api/errors';
import type { Coriolis } from '../../api/coriolis';
import { parsePlan } from '../../model/migration-plan';
import { parseServerTime } from '../../model/timestamps';
import type { Deployment, Transfer } from '../../model/types';
import { fetchDated, fetchPaged, type IdsOf, type Objects, type ParentsOf } from '../../requests/objects';

/**
 * Ensures one migration for each run key, also when two callers create it at the same moment: both read again once both
 * objects are visible, and choose the same one.
 */

/** Object of the server for a migration: a transfer, or on legacy servers a direct migration. */
type Action = Transfer | Deployment;

/** Milliseconds until a row that another caller created can be read; the server's times are whole seconds. */
const VISIBLE_AFTER_MS = 3000;

/** Kind of object that stands for a migration on this server, and how to delete it. */
interface ObjectKind<K extends 'transfer' | 'deployment'> {
  readonly kind: K;
  /**
   * Deletes or cancels an object that this caller has just created, because another caller's object takes precedence.
   */
  readonly withdraw: (id: string) => Promise<unknown>;
}

/**
 * Finds all existing migrations with a run key, in order of precedence.
 * @throws {ConflictError} the key belongs to a migration of other machines
 */
async function findByRunKey<K extends 'transfer' | 'deployment'>(
  coriolis: Coriolis,
  { kind }: ObjectKind<K>,
  runKey: string,
  instances: readonly string[],
): Promise<ReadonlyArray<Objects[K]>> {
  const found: Array<Objects[K]> = [];
  for await (const row of fetchPaged<K>(coriolis, kind, [] as ParentsOf<K>)) {
    if (parsePlan(row.notes)?.plan.runKey === runKey) found.push(row);
  }
  const [first] = found.sort(inOrder);
  if (first !== undefined && first.instances.join('\n') !== instances.join('\n')) {
    throw new ConflictError(`The run key "${runKey}" belongs to another migration, ${first.id}.`, {
      advice: 'Use a key of its own for each migration.',
    });
  }
  return found;
}

/** Order of precedence: started before not started, then older before newer. */
const inOrder = (one: Action, other: Action): number =>
  Number(isIdle(one)) - Number(isIdle(other)) ||
  one.created_at.localeCompare(other.created_at) ||
  one.id.localeCompare(other.id);

const isIdle = ({ last_execution_status: status }: Action): boolean => status === 'UNEXECUTED';

/**
 * Finds the migration with a run key, or creates one with `make`. When another caller made one at the same moment, the
 * one of lower precedence is withdrawn and the other returned.
 *
 * @throws {ConflictError} the key belongs to other machines, or the surplus object could not be deleted
 */
export async function findOrCreateMigration<K extends 'transfer' | 'deployment'>(
  coriolis: Coriolis,
  kind: ObjectKind<K>,
  { runKey, instances }: { readonly runKey: string | undefined; readonly instances: readonly string[] },
  make: () => Promise<Objects[K]>,
): Promise<Objects[K]> {
  if (runKey === undefined) return await make();
  const [existing] = await findByRunKey(coriolis, kind, runKey, instances);
  const row = existing ?? (await make());

  const { date } = await fetchDated<K>(coriolis, kind.kind, [row.id] as unknown as IdsOf<K>);
  const invisibleMs = (parseServerTime(row.created_at) ?? 0) + VISIBLE_AFTER_MS - date;
  // Already visible to all callers when it was found.
  if (existing !== undefined && invisibleMs <= -VISIBLE_AFTER_MS) return existing;
  if (invisibleMs > 0) await coriolis.sleep(Math.min(invisibleMs, VISIBLE_AFTER_MS), coriolis.signal);

  const [winner = row] = await findByRunKey(coriolis, kind, runKey, instances);
  if (winner.id === row.id || existing !== undefined) return winner;
  const failure = await kind.withdraw(row.id).then(() => undefined, asError);
  if (failure === undefined) return winner;
  if (!isCoriolisError(failure)) throw failure;
  throw new ConflictError(
    `Somebody created the migration "${runKey}" at the same moment: ${winner.id} is the one that counts, and ${row.id} could not be taken back (${failure.message}).`,
    { advice: `Delete migration ${row.id}, then wait for ${winner.id}.`, cause: failure },
  );
}
