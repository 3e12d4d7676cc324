import { shortenHash } from '../../model/wave-note';
import type { WaveRow } from './wave-input';
import type { TransferIndex, WaveTransfer } from './transfer-index';
import { makeRowFromWaveNote, toOverrideColumns, type PlannedRow } from './planned-row';

/**
 * Finds the rows whose transfers were created when the approved plan was run before. A row whose name fits several
 * machines is left out.
 *
 * @param approved hash of the approved plan
 */
export function findRowsWithTransfers(
  rows: readonly WaveRow[],
  transfers: TransferIndex,
  approved: string,
): Map<WaveRow, WaveTransfer> {
  const begun = new Map<WaveRow, WaveTransfer>();
  const waves = new Map<string, ReadonlyMap<string, readonly WaveTransfer[]>>();
  for (const row of rows) {
    if (row.problem !== undefined) continue;
    const index = waves.get(row.wave) ?? indexByMachineName(transfers.ofWave(row.wave));
    waves.set(row.wave, index);
    const names = [row.table.name, ...row.table.ids, ...row.table.paths];
    const found = names.map((name) => index.get(name) ?? []).find((list) => list.length > 0) ?? [];
    const [only] = found;
    const isSure =
      only !== undefined && new Set(found.map(({ transfer }) => transfer.instances[0])).size === 1;
    if (isSure && found.every(({ waveNote }) => waveNote.shortPlanHash === shortenHash(approved)))
      begun.set(row, only);
  }
  return begun;
}

/** Indexes transfers by the identifier of their machine, and by the part of the identifier after its last slash. */
function indexByMachineName(all: readonly WaveTransfer[]): ReadonlyMap<string, readonly WaveTransfer[]> {
  const index = new Map<string, WaveTransfer[]>();
  for (const one of all) {
    const [instance = ''] = one.transfer.instances;
    for (const name of new Set([instance, instance.split('/').at(-1) ?? instance])) {
      index.set(name, [...(index.get(name) ?? []), one]);
    }
  }
  return index;
}

/**
 * Makes a planned row from the wave note of its transfer. Name, `order`, `notBefore`, row hash, tags and overrides come
 * from the table; the size does when the note has none.
 */
export function makeRowFromTableAndNote(
  { table, order, notBefore, overrides }: WaveRow,
  { transfer, waveNote }: WaveTransfer,
): PlannedRow {
  return {
    ...makeRowFromWaveNote(table.line, transfer, waveNote),
    name: table.name,
    order,
    notBefore,
    approvedHash: overrides.rowHash ?? null,
    approvedSettings: table.planned ?? null,
    gib: waveNote.gib ?? table.disksGb,
    tags: table.tags,
    overrides: toOverrideColumns(overrides),
  };
}
