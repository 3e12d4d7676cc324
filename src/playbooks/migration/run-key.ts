import { ConflictError, isCoriolisError, asError } from '../../api/errors';
import { path } from '../../api/path';
import type { Coriolis } from '../../api/coriolis';
import { planIn } from '../../model/migration-plan';
import { parseTime } from '../../model/timing';
import type { Deployment, Transfer } from '../../model/types';

/**
 * Ensures one migration for a run key, also when two callers create it at the same moment: neither sees what the other
 * is about to make, so both look again when all of that moment can be seen, and agree on the same one.
 */

/** The object that represents a migration: a transfer, or on legacy servers a direct migration. */
type Action = Transfer | Deployment;

/** Time until the row of a simultaneous request is visible, including the rounding of the server's whole seconds. */
const VISIBLE_AFTER_MS = 3000;

interface Kind<Row extends Action> {
  readonly collection: string;
  readonly key: string;
  /** Deletes the object that this caller has created as a duplicate. */
  readonly withdraw: (row: Row) => Promise<void>;
}

/** Migrations with a run key, the valid one first. Throws when the key belongs to other machines. */
async function withRunKey<Row extends Action>(
  { client }: Coriolis,
  { collection, key }: Kind<Row>,
  runKey: string,
  instances: readonly string[],
): Promise<readonly Row[]> {
  const found: Row[] = [];
  for await (const row of client.rows<Row>(collection, key)) {
    if (planIn(row.notes)?.plan.runKey === runKey) found.push(row);
  }
  const [first] = found.sort(inOrder);
  if (first !== undefined && first.instances.join('\n') !== instances.join('\n')) {
    throw new ConflictError(`The run key "${runKey}" belongs to another migration, ${first.id}.`, {
      advice: 'Use a key of its own for each migration.',
    });
  }
  return found;
}

/** Order of duplicates: started before not started, then older before newer. */
const inOrder = (one: Action, other: Action): number =>
  Number(isIdle(one)) - Number(isIdle(other)) ||
  one.created_at.localeCompare(other.created_at) ||
  one.id.localeCompare(other.id);

const isIdle = ({ last_execution_status: status }: Action): boolean => status === 'UNEXECUTED';

/**
 * Returns the migration with a run key, or creates one with `make`. A duplicate of a simultaneous creation is
 * withdrawn.
 *
 * @throws {ConflictError} the key belongs to other machines, or what was made in vain could not be taken back
 */
export async function onlyOne<Row extends Action>(
  coriolis: Coriolis,
  kind: Kind<Row>,
  { runKey, instances }: { readonly runKey: string | undefined; readonly instances: readonly string[] },
  make: () => Promise<Row>,
): Promise<Row> {
  if (runKey === undefined) return await make();
  const [existing] = await withRunKey(coriolis, kind, runKey, instances);
  const row = existing ?? (await make());

  const { date } = await coriolis.client.getWithDate(`${kind.collection}${path`/${row.id}`}`);
  const invisibleMs = (parseTime(row.created_at) ?? 0) + VISIBLE_AFTER_MS - date;
  // Already visible to all callers when it was found.
  if (existing !== undefined && invisibleMs <= -VISIBLE_AFTER_MS) return existing;
  if (invisibleMs > 0) await coriolis.sleep(Math.min(invisibleMs, VISIBLE_AFTER_MS), coriolis.signal);

  const [winner = row] = await withRunKey(coriolis, kind, runKey, instances);
  if (winner.id === row.id || existing !== undefined) return winner;
  const failure = await kind.withdraw(row).then(() => undefined, asError);
  if (failure === undefined) return winner;
  if (!isCoriolisError(failure)) throw failure;
  throw new ConflictError(
    `Somebody created the migration "${runKey}" at the same moment: ${winner.id} is the one that counts, and ${row.id} could not be taken back (${failure.message}).`,
    { advice: `Delete migration ${row.id}, then wait for ${winner.id}.`, cause: failure },
  );
}
