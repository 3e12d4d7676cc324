import { key, view } from '../../vocabulary/result-keys';
import type { Coriolis } from '../../api/operation-context';
import { ConflictError } from '../../api/errors';
import { tolerateErrors } from '../../api/tolerate-errors';
import { purposeOf } from '../../model/status';
import { startDisksDeletion } from '../../resources/transfer';
import { deleteOne } from '../../requests/object-requests';
import { waitFor } from '../../waiting/wait-for-targets';
import { type TransferMigration, fetchTransferMigration } from './transfer-migration';
import { isLegacyServer } from './fetch-migration';

/** Result of deleting a migration. */
export interface MigrationRemoval {
  readonly id: string;
  readonly deleted: boolean;
  /** State of the copied disks of the migration. */
  readonly disks: 'deleted' | 'kept' | 'none' | 'in_progress' | 'failed';
}

export const migrationRemovalView = view<MigrationRemoval>()({
  id: key.text('Id of the migration'),
  deleted: key.flag('Whether the migration is deleted'),
  disks: key.text('What happened to its copied disks: deleted, kept, none, in_progress or failed'),
});

/**
 * Deletes a migration with the records of its deployments. On request, the copied disks that no deployment has used up
 * are deleted first; when that fails or takes too long, nothing else is deleted.
 */
export async function deleteMigration(
  coriolis: Coriolis,
  id: string,
  deleteDisks: boolean,
  timeoutSeconds: number,
): Promise<MigrationRemoval> {
  if (await isLegacyServer(coriolis)) {
    await deleteOne(coriolis, 'deployment', id);
    return { id, deleted: true, disks: 'none' };
  }
  const migration = await fetchTransferMigration(coriolis, id);
  const disks = await removeDisks(coriolis, migration, deleteDisks, timeoutSeconds);
  if (disks === 'in_progress' || disks === 'failed') return { id, deleted: false, disks };
  for (const { id: deployment } of migration.deployments) {
    await tolerateErrors(deleteOne(coriolis, 'deployment', deployment), ['not_found'], undefined);
  }
  await deleteOne(coriolis, 'transfer', id);
  return { id, deleted: true, disks };
}

/**
 * Deletes the copied disks of a migration, unless its deployment has used them up. Waits for the deletion.
 *
 * @param wanted whether to delete the disks; when false, only their state is returned
 */
async function removeDisks(
  coriolis: Coriolis,
  { transfer, step, executions }: TransferMigration,
  wanted: boolean,
  timeoutSeconds: number,
): Promise<MigrationRemoval['disks']> {
  // After a completed migration, the disks belong to the deployed machines.
  if (step.do === 'nothing' && step.outcome === 'completed') return 'none';
  if (!wanted) return executions.length === 0 ? 'none' : 'kept';
  const running =
    step.do === 'wait' && 'execution' in step && purposeOf(step.execution.type) === 'disks_delete';
  const execution = running
    ? step.execution
    : await tolerateErrors(startDisksDeletion(coriolis, transfer.id), ['conflict'], undefined);
  if (execution === undefined) {
    // The server refused because there are no disks or because something is running; the migration shows which.
    const now = await fetchTransferMigration(coriolis, transfer.id);
    if (now.step.do === 'wait') {
      throw new ConflictError('The migration is still running.', { advice: 'Cancel it first, and wait.' });
    }
    return 'none';
  }
  const target = { kind: 'execution', transferId: transfer.id, executionId: execution.id } as const;
  const [result] = await waitFor(coriolis, [target], { timeoutSeconds, stallSeconds: timeoutSeconds });
  if (result?.outcome === 'completed') return 'deleted';
  return result?.outcome === 'timed_out' || result?.outcome === 'stalled' ? 'in_progress' : 'failed';
}
