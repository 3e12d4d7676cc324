import { ConflictError, isCoriolisError, asError, NotFoundError, UncertainError } from '../../api/errors';
import type { Coriolis } from '../../api/operation-context';
import { parseMigrationPlan } from '../../model/migration-plan';
import type { Deployment, Transfer } from '../../model/api-objects';
import { fetchPaged, type ObjectTypes, type ParentIdsOf } from '../../requests/object-requests';
import { pauseUntilSettled, estimateServerTimeOfRead } from '../../waiting/pause-until-settled';

/**
 * Ensures that each run key has one migration, also when two callers create it at the same moment. Each caller then
 * reads all migrations with the key once all are visible. All callers choose the same one, and each deletes its own if
 * it was not chosen.
 */

/**
 * Object that represents a migration on the server: a transfer, or on legacy servers a direct migration, which has the
 * type `Deployment` in this code.
 */
type MigrationObject = Transfer | Deployment;

/** Kind of a migration's object, and the function that deletes or cancels a surplus object. */
interface ObjectKind<K extends 'transfer' | 'deployment'> {
  readonly kind: K;
  /**
   * Deletes or cancels an object that this caller has just created, because the object of another caller was chosen.
   */
  readonly withdraw: (id: string) => Promise<unknown>;
}

/**
 * Finds all existing migrations with a run key. The first is the one that all callers choose.
 * @throws {ConflictError} the key belongs to a migration of other machines
 */
async function findByRunKey<K extends 'transfer' | 'deployment'>(
  coriolis: Coriolis,
  { kind }: ObjectKind<K>,
  runKey: string,
  instances: readonly string[],
): Promise<ReadonlyArray<ObjectTypes[K]>> {
  const found: Array<ObjectTypes[K]> = [];
  for await (const row of fetchPaged<K>(coriolis, kind, [] as ParentIdsOf<K>)) {
    if (parseMigrationPlan(row.notes)?.plan.runKey === runKey) found.push(row);
  }
  const [first] = found.sort(inOrder);
  if (first !== undefined && first.instances.join('\n') !== instances.join('\n')) {
    throw new ConflictError(`The run key "${runKey}" belongs to another migration, ${first.id}.`, {
      advice: 'Use a key of its own for each migration.',
    });
  }
  return found;
}

/** Order of choice: migrations that have started come first, then older ones. */
const inOrder = (one: MigrationObject, other: MigrationObject): number =>
  Number(isIdle(one)) - Number(isIdle(other)) ||
  one.created_at.localeCompare(other.created_at) ||
  one.id.localeCompare(other.id);

const isIdle = ({ last_execution_status: status }: MigrationObject): boolean => status === 'UNEXECUTED';

/**
 * Finds the migration with a run key. When it is very young, its caller may still delete it in favour of a migration
 * that lists do not show yet. So a young migration is searched again once its place in the list is final.
 */
async function findSettled<K extends 'transfer' | 'deployment'>(
  coriolis: Coriolis,
  ...search: [kind: ObjectKind<K>, runKey: string, instances: readonly string[]]
): Promise<ObjectTypes[K] | undefined> {
  const begun = coriolis.clock();
  const [first] = await findByRunKey(coriolis, ...search);
  if (first === undefined) return undefined;
  const now = estimateServerTimeOfRead(coriolis, begun);
  if (!(await pauseUntilSettled(coriolis, first.created_at, now))) return first;
  const [agreed] = await findByRunKey(coriolis, ...search);
  return agreed;
}

/**
 * Finds the migration with a run key, or creates one with `make`. When other callers create one at the same moment, all
 * callers choose the same migration, however long their answers take, and each deletes its own if it was not chosen.
 * For that, each caller lists the migrations once the place of its own in the list is final.
 *
 * @throws {ConflictError} the key belongs to other machines, or the surplus object could not be deleted
 * @throws {UncertainError} the answer to the creation was lost, and several migrations have the key
 */
export async function findOrCreateMigrationByRunKey<K extends 'transfer' | 'deployment'>(
  coriolis: Coriolis,
  kind: ObjectKind<K>,
  { runKey, instances }: { readonly runKey: string | undefined; readonly instances: readonly string[] },
  make: () => Promise<ObjectTypes[K]>,
): Promise<ObjectTypes[K]> {
  if (runKey === undefined) return await make();
  const existing = await findSettled(coriolis, kind, runKey, instances);
  if (existing !== undefined) return existing;
  const row = await make();
  await pauseUntilSettled(coriolis, row.created_at, coriolis.client.serverTime);
  const found = await findByRunKey(coriolis, kind, runKey, instances);
  const [winner = row] = found;
  if (winner.id === row.id) return winner;
  // After a lost answer, the migration that was found may be that of another caller, so it is not deleted.
  if (coriolis.client.wasFoundAfterLostResponse(row.id) || !found.some(({ id }) => id === row.id)) {
    throw new UncertainError(
      `The answer to the creation of the migration "${runKey}" was lost, and several have this run key: ${found.map(({ id }) => id).join(', ')}`,
      {
        advice: `${winner.id} is the one that counts: wait for it, or repeat the call with the same run key.`,
      },
    );
  }
  const failure = await kind.withdraw(row.id).then(() => undefined, asError);
  if (failure === undefined || failure instanceof NotFoundError) return winner;
  if (!isCoriolisError(failure)) throw failure;
  throw new ConflictError(
    `Somebody created the migration "${runKey}" at the same moment: ${winner.id} is the one that counts, and ${row.id} could not be taken back (${failure.message}).`,
    { advice: `Delete migration ${row.id}, then wait for ${winner.id}.`, cause: failure },
  );
}
