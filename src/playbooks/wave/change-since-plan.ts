import { parseWaveNote } from '../../model/wave-note';
import { chooseAmongDuplicates, wasNeverExecuted, type TransferIndex } from './transfer-index';
import type { WaveMachine } from './machine-state';

/**
 * Reason to refuse a machine because its transfer is no longer what the plan stands for: it was deleted, it has other
 * settings, or another wave or person moves the machine. Undefined when nothing has changed. Transfers that have begun are
 * driven on, whatever else was created later.
 *
 * @param hadTransfer whether this call has seen a transfer of the machine before
 */
export function findChangeSincePlan(
  { row, transfer, isAdopted, position: { step } }: WaveMachine,
  transfers: TransferIndex,
  hadTransfer: boolean,
): string | undefined {
  if (isAdopted) return undefined;
  if (transfer === undefined) {
    if (step.do !== 'create') return undefined;
    if (hadTransfer) return 'its transfer was deleted after this call began: call again to create it anew';
    if (row.newTransferInput === undefined) return 'the transfer that the plan found is gone';
  } else if (parseWaveNote(transfer.notes)?.waveNote.settingsHash !== row.settingsHash) {
    return `transfer ${transfer.id} was created for it with other settings`;
  } else if (!wasNeverExecuted(transfer)) return undefined;
  const others = transfers.othersOfMachine(row.wave, row);
  const first = chooseAmongDuplicates([
    ...others,
    ...(transfer === undefined ? [] : [{ transfer }]),
  ])?.transfer;
  if (first === undefined || first.id === transfer?.id) return undefined;
  const wave = parseWaveNote(first.notes)?.waveNote.wave;
  return `${wave === undefined ? 'another transfer' : `wave "${wave}"`} moves it already, as transfer ${first.id}`;
}
