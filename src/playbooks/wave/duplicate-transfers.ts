import type { Coriolis } from '../../api/coriolis';
import { tolerate } from '../../api/tolerate';
import { deleteOne } from '../../requests/objects';
import { wasNeverExecuted } from './existing-transfers';
import { transferAgeMs, TRANSFER_VISIBLE_AFTER_MS, type WaveMachine } from './machine-state';

/** Result of deleting duplicate transfers. */
export interface DuplicateDeletion {
  readonly isAnyRemoved: boolean;
  /** Sentences about duplicates that were executed already: they stay until a user decides. */
  readonly attention: readonly string[];
}

/** Deletes duplicate transfers that were never executed. */
export async function deleteDuplicates(
  coriolis: Coriolis,
  machines: readonly WaveMachine[],
  now: number,
): Promise<DuplicateDeletion> {
  const attention: string[] = [];
  let isAnyRemoved = false;
  for (const { duplicates, transfer, row } of machines) {
    for (const one of duplicates) {
      if (!wasNeverExecuted(one)) {
        attention.push(`"${row.name}" has a second transfer that has begun: ${one.id}.`);
      } else if (
        transfer !== undefined &&
        Math.min(transferAgeMs(one, now), transferAgeMs(transfer, now)) >= TRANSFER_VISIBLE_AFTER_MS
      ) {
        await tolerate(
          deleteOne(coriolis, 'transfer', one.id),
          ['not_found', 'conflict', 'uncertain', 'unreachable', 'timeout', 'server'],
          undefined,
        );
        isAnyRemoved = true;
      }
    }
  }
  return { isAnyRemoved, attention };
}
