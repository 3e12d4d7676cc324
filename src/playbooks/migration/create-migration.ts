import {
  createDirectMigration,
  type DirectMigrationInput,
  findDirectMigrations,
} from '../../resources/direct-migration';
import { createTransfer, findCreatedTransfers, type TransferInput } from '../../resources/transfer';
import { appendMigrationPlan, RUN_KEY_FORMAT } from '../../model/migration-plan';
import type { Coriolis } from '../../api/operation-context';
import { CapabilityError, InvalidInputError, NotFoundError, asError } from '../../api/errors';
import type { Transfer } from '../../model/api-objects';
import { deleteOne } from '../../requests/object-requests';
import { findOrCreateMigrationByRunKey } from './find-or-create-by-run-key';
import { advanceMigration } from './transfer-migration';
import { fetchTransferMigrationResult, type MigrationResult, makeMigrationResult } from './migration-result';
import { cancelDeployment } from '../../resources/deployment';
import { fetchLegacyMigration, isLegacyServer } from './fetch-migration';
import { matchesMoveSettings } from '../../resources/move/move-request-body';

/** Input of a new migration. */
export interface MigrationInput extends DirectMigrationInput {
  readonly runKey: string | undefined;
}

/** Input for the transfer of a migration. The plan of the migration is stored in the transfer's notes. */
const transferInputOf = (input: MigrationInput): TransferInput => ({
  ...input,
  notes: plannedNotes(input),
  scenario: 'live_migration',
  // A deployment that Coriolis starts by itself after the sync uses this setting of the transfer.
  cloneDisks: false,
  skipOsMorphing: input.skipOsMorphing,
});

const plannedNotes = ({
  notes,
  replicationCount,
  shutdownInstances,
  skipOsMorphing,
  runKey,
}: MigrationInput): string =>
  appendMigrationPlan(notes, {
    passes: replicationCount,
    shutdown: shutdownInstances,
    skipOsMorphing,
    runKey,
  });

/** Adds the plan of the migration to the notes of its input. */
const withPlan = (input: MigrationInput): MigrationInput => ({ ...input, notes: plannedNotes(input) });

/** Creates the transfer of a migration without starting it. */
async function createPlannedTransfer(coriolis: Coriolis, input: MigrationInput): Promise<Transfer> {
  const transfer = transferInputOf(input);
  try {
    return await createTransfer(coriolis, transfer);
  } catch (error) {
    // Nothing was sent: servers before 1.1.3 store no such settings in transfers. They do not deploy by themselves and
    // so do not need them.
    if (!(error instanceof CapabilityError) || error.status !== undefined) throw asError(error);
    return await createTransfer(coriolis, { ...transfer, cloneDisks: undefined, skipOsMorphing: undefined });
  }
}

/** Finds the transfer of the migration with the same run key, or else creates the transfer of a new migration. */
export const findOrCreateMigrationTransfer = (coriolis: Coriolis, input: MigrationInput): Promise<Transfer> =>
  findOrCreateMigrationByRunKey(
    coriolis,
    // A transfer that was just created has no copied disks, so it can simply be deleted.
    { kind: 'transfer', withdraw: (id) => deleteOne(coriolis, 'transfer', id) },
    input,
    () => createPlannedTransfer(coriolis, input),
  );

/**
 * Checks the format of a run key.
 * @throws {InvalidInputError} the run key has characters that the notes cannot hold
 */
export function requireValidRunKey({ runKey }: MigrationInput): void {
  if (runKey === undefined || RUN_KEY_FORMAT.test(runKey)) return;
  throw new InvalidInputError('The run key has characters that are not accepted.', {
    field: 'runKey',
    advice: 'Use letters, digits and . _ - : @ / +, at most 100.',
  });
}

/** Creates a migration that is composed of a transfer, its executions and a deployment, and starts its first step. */
export async function createTransferMigration(
  coriolis: Coriolis,
  input: MigrationInput,
): Promise<MigrationResult> {
  const transfer = await findOrCreateMigrationTransfer(coriolis, input);
  return makeMigrationResult(await advanceMigration(coriolis, transfer.id));
}

/**
 * Creates a direct migration on a legacy server, which runs all steps itself (docs/reference/coriolis-api.md §10.4,
 * form A).
 */
export async function createLegacyMigration(
  coriolis: Coriolis,
  input: MigrationInput,
): Promise<MigrationResult> {
  const { id } = await findOrCreateMigrationByRunKey(
    coriolis,
    // A direct migration runs at once and cannot be deleted while it runs, so it is canceled.
    { kind: 'deployment', withdraw: (made) => cancelDeployment(coriolis, made, false) },
    input,
    () => createDirectMigration(coriolis, withPlan(input)),
  );
  return await fetchLegacyMigration(coriolis, id);
}

/** Reads the object of each item. Items whose object was deleted meanwhile are left out. */
async function readExisting<Item, Result>(
  items: readonly Item[],
  read: (item: Item) => Promise<Result>,
): Promise<readonly Result[]> {
  const results: Result[] = [];
  for (const item of items) {
    try {
      results.push(await read(item));
    } catch (error) {
      if (!(error instanceof NotFoundError)) throw asError(error);
    }
  }
  return results;
}

/** Finds recent migrations that equal calls created, oldest first. */
export async function findEqualMigrations(
  coriolis: Coriolis,
  input: MigrationInput,
  isRecent: (createdAt: string) => boolean,
): Promise<readonly MigrationResult[]> {
  if (await isLegacyServer(coriolis)) {
    const move = withPlan(input);
    const found = await findDirectMigrations(coriolis, (one) => matchesMoveSettings(one, move), isRecent);
    // A migration that is being canceled may be one that a simultaneous call has withdrawn, so it does not count.
    const kept = found.filter(({ last_execution_status: status }) => status !== 'CANCELLING');
    return await readExisting(kept, ({ id }) => fetchLegacyMigration(coriolis, id));
  }
  const found = await findCreatedTransfers(coriolis, transferInputOf(input), isRecent);
  return await readExisting(found, ({ id }) => fetchTransferMigrationResult(coriolis, id));
}
