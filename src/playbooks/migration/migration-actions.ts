import type { Coriolis } from '../../api/operation-context';
import { cancelDeployment } from '../../resources/deployment';
import { deleteOne } from '../../requests/object-requests';
import { makeRunWaitTarget } from '../../waiting/run-wait-target';
import { waitForTargets, type WaitOptions } from '../../waiting/wait-for-targets';
import type { WaitTarget } from '../../waiting/wait-target';
import {
  createTransferMigration,
  createLegacyMigration,
  findOrCreateMigrationTransfer,
  requireValidRunKey,
  type MigrationInput,
} from './create-migration';
import { advanceMigration, cancelMigration } from './transfer-migration';
import { fetchTransferMigrationResult, makeMigrationResult, type MigrationResult } from './migration-result';
import { fetchMigration, fetchLegacyMigration, isLegacyServer } from './fetch-migration';
import { makeTransferMigrationWaitTarget } from './migration-wait-target';

/**
 * Actions on a migration of either API generation. A current server has a transfer for it, whose steps this project
 * starts; a legacy server has one object, which it calls a migration and runs itself.
 */

/** Creates a migration and starts its first step. */
export async function createMigration(coriolis: Coriolis, input: MigrationInput): Promise<MigrationResult> {
  requireValidRunKey(input);
  return (await isLegacyServer(coriolis))
    ? await createLegacyMigration(coriolis, input)
    : await createTransferMigration(coriolis, input);
}

/** Creates a migration without starting it; on a legacy server it starts by itself. */
export async function createUnstartedMigration(
  coriolis: Coriolis,
  input: MigrationInput,
): Promise<MigrationResult> {
  requireValidRunKey(input);
  if (await isLegacyServer(coriolis)) return await createLegacyMigration(coriolis, input);
  return await fetchTransferMigrationResult(
    coriolis,
    (await findOrCreateMigrationTransfer(coriolis, input)).id,
  );
}

/** Starts the first step of a migration that `createUnstartedMigration` has created. */
export const startMigration = async (
  coriolis: Coriolis,
  { transfer, report }: MigrationResult,
): Promise<MigrationResult> =>
  transfer === undefined
    ? await fetchLegacyMigration(coriolis, report.id)
    : makeMigrationResult(await advanceMigration(coriolis, transfer.id));

/** Withdraws a migration that was just created by mistake. */
export async function withdrawMigration(
  coriolis: Coriolis,
  { transfer, report: { id } }: MigrationResult,
): Promise<unknown> {
  if (transfer !== undefined) return await deleteOne(coriolis, 'transfer', id);
  // A legacy migration runs at once and cannot be deleted while it runs, so it is canceled.
  return await cancelDeployment(coriolis, id, false);
}

/** Requests the cancellation of a migration. */
export const cancelAnyMigration = async (coriolis: Coriolis, id: string, force: boolean): Promise<void> =>
  (await isLegacyServer(coriolis))
    ? await cancelDeployment(coriolis, id, force)
    : await cancelMigration(coriolis, id, force);

/** Wait target of a migration. A legacy server runs all steps itself, so that the wait starts none. */
export const makeMigrationWaitTarget = (id: string, isLegacy: boolean): WaitTarget =>
  isLegacy
    ? { ...makeRunWaitTarget({ kind: 'deployment', deploymentId: id }), kind: 'migration' }
    : makeTransferMigrationWaitTarget(id);

/** Waits for a migration and starts its steps. A wait that ended early has its own outcome in the result. */
export async function waitForMigration(
  coriolis: Coriolis,
  id: string,
  limits: WaitOptions,
): Promise<MigrationResult> {
  const target = makeMigrationWaitTarget(id, await isLegacyServer(coriolis));
  const [watched] = await waitForTargets(coriolis, [target], limits);
  return await fetchMigration(coriolis, id, watched?.outcome ?? undefined);
}
