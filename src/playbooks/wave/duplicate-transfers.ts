import type { Coriolis } from '../../api/operation-context';
import { tolerateErrors } from '../../api/tolerate-errors';
import { deleteOne } from '../../requests/object-requests';
import { wasNeverExecuted } from './transfer-index';
import { computeTransferAgeMs, TRANSFER_VISIBLE_AFTER_MS, type WaveMachine } from './machine-state';

/** Result of deleting duplicate transfers. */
export interface DuplicateDeletion {
  /** Whether a deletion was tried, so that the state must be read again. */
  readonly isAnyTried: boolean;
  /** Sentences about duplicates that were executed already: they stay until a user decides. */
  readonly attention: readonly string[];
}

/**
 * Deletes the duplicate transfers of a wave's machines that were never executed, once both they and the valid transfer
 * are old enough to be in every caller's list. A deletion that fails is tried again at the next poll.
 */
export async function deleteDuplicateTransfers(
  coriolis: Coriolis,
  machines: readonly WaveMachine[],
  now: number,
): Promise<DuplicateDeletion> {
  const attention: string[] = [];
  let isAnyTried = false;
  for (const { duplicates, transfer, row } of machines) {
    for (const one of duplicates) {
      if (!wasNeverExecuted(one)) {
        attention.push(`"${row.name}" has a second transfer that has begun: ${one.id}.`);
      } else if (
        transfer !== undefined &&
        Math.min(computeTransferAgeMs(one, now), computeTransferAgeMs(transfer, now)) >=
          TRANSFER_VISIBLE_AFTER_MS
      ) {
        await tolerateErrors(
          deleteOne(coriolis, 'transfer', one.id),
          ['not_found', 'conflict', 'uncertain', 'unreachable', 'timeout', 'server'],
          undefined,
        );
        isAnyTried = true;
      }
    }
  }
  return { isAnyTried, attention };
}
