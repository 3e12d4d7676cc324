import { ConflictError, isCoriolisError, asError } from '../../api/errors';
import type { Coriolis } from '../../api/operation-context';
import { tolerateErrors } from '../../api/tolerate-errors';
import { quoteText } from '../../model/untrusted-text';
import { deleteOne } from '../../requests/object-requests';
import { startDisksDeletion } from '../../resources/transfer';
import { mayHaveCopiedDisks } from '../transfer-preview';
import { key, view } from '../../vocabulary/result-keys';
import { fetchWave } from './fetch-wave';
import type { WaveMachine } from './machine-state';

/** Action that abandoning a wave takes for one of its transfers. */
export interface AbandonAction {
  readonly machine: string;
  readonly transferId: string;
  /** Action: deleted, disks_deletion (its disks are being deleted: call again to delete the transfer) or kept. */
  readonly action: string;
  /** Reason why the transfer is kept, or is deleted as a duplicate; else null. */
  readonly why: string | null;
}

/** Result of abandoning a wave. */
export interface AbandonedWave {
  readonly wave: string;
  readonly rows: readonly AbandonAction[];
}

const countOf = ({ rows }: AbandonedWave, wanted: string): number =>
  rows.filter(({ action }) => action === wanted).length;

/** Result view of abandoning a wave. */
export const abandonedWaveView = view<AbandonedWave>()({
  wave: key.text('Name', { untrusted: true }),
  deleted: key.number('Transfers deleted', (abandoned: AbandonedWave) => countOf(abandoned, 'deleted')),
  kept: key.number('Transfers kept', (abandoned: AbandonedWave) => countOf(abandoned, 'kept')),
  rows: key.rows('Transfers', {
    machine: key.text('Machine', { untrusted: true }),
    transfer_id: key.text('Transfer', ({ transferId }: AbandonAction) => transferId),
    action: key.text('deleted, disks_deletion (call again after it) or kept'),
    why: key.text('Why', { nullable: true, untrusted: true }),
  }),
});

/** Reason to keep a transfer of a wave; undefined when it can be deleted. */
function reasonToKeep({ position, isAdopted }: WaveMachine): string | undefined {
  if (isAdopted) return 'the transfer existed before the wave';
  if (position.completedDeployment !== undefined) return 'its machine was deployed';
  if (position.committed) return 'its source is off: deploy it, or start the source and delete it by hand';
  if (position.step.do === 'wait' || position.step.do === 'look_again')
    return 'a run of the transfer is active';
  return undefined;
}

/** Lists the action that abandoning a wave would take for each of its transfers. Reads only. */
export async function previewAbandonActions(
  coriolis: Coriolis,
  wave: string,
  deleteDisks: boolean,
): Promise<readonly AbandonAction[]> {
  const { machines } = await fetchWave(coriolis, wave, { goal: 'cut_over' });
  return machines.flatMap((machine) => {
    const { transfer, row, duplicates } = machine;
    const why = reasonToKeep(machine) ?? null;
    const own =
      transfer === undefined
        ? []
        : [
            {
              machine: row.name,
              transferId: transfer.id,
              why,
              action: why === null ? actionOf(machine, deleteDisks) : 'kept',
            },
          ];
    return [
      ...own,
      ...duplicates.map(({ id }) => ({
        machine: row.name,
        transferId: id,
        action: 'deleted',
        why: 'it is a second one',
      })),
    ];
  });
}

/**
 * Action for a transfer that can be deleted. Its disks are deleted first when wanted; a failed sync may have left some.
 */
const actionOf = ({ transfer, executions }: WaveMachine, deleteDisks: boolean): string =>
  deleteDisks && transfer !== undefined && mayHaveCopiedDisks(transfer, executions)
    ? 'disks_deletion'
    : 'deleted';

/**
 * Deletes the transfers of a wave from which nothing was deployed and whose source is not off. Copied disks stay on the
 * destination unless `deleteDisks` is true. Then this call only starts to delete the disks, and a second call deletes
 * the transfers.
 */
export async function abandonWave(
  coriolis: Coriolis,
  wave: string,
  deleteDisks: boolean,
): Promise<readonly AbandonAction[]> {
  const done: AbandonAction[] = [];
  for (const row of await previewAbandonActions(coriolis, wave, deleteDisks)) {
    if (row.action === 'kept') {
      done.push(row);
      continue;
    }
    try {
      done.push(await deleteTransfer(coriolis, row));
    } catch (error) {
      if (!isCoriolisError(error) || !(error instanceof ConflictError || error.kind === 'not_found'))
        throw asError(error);
      done.push({ ...row, action: 'kept', why: quoteText(error.message, 200) });
    }
  }
  return done;
}

/** Starts to delete the disks of a transfer, or deletes the transfer when it has no disks. */
async function deleteTransfer(coriolis: Coriolis, row: AbandonAction): Promise<AbandonAction> {
  if (row.action === 'disks_deletion') {
    const begun = await tolerateErrors(startDisksDeletion(coriolis, row.transferId), ['conflict'], undefined);
    if (begun !== undefined) return row;
  }
  // The server refuses to delete disks when there are none: then the transfer can be deleted. It also refuses while the
  // transfer is busy, and then refuses this deletion as well.
  await deleteOne(coriolis, 'transfer', row.transferId);
  return { ...row, action: 'deleted' };
}
