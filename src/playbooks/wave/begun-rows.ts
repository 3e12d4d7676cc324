import { shortHash } from '../../model/wave-note';
import type { WantedRow } from './blueprint';
import type { KnownTransfers, WaveTransfer } from './existing-transfers';
import { rowFromWaveNote, rowOverrides, type PlannedRow } from './planned-row';

/** Finds the rows whose transfers an earlier run of the approved plan has created. */
export function begunRows(
  wanted: readonly WantedRow[],
  transfers: KnownTransfers,
  approved: string,
): Map<WantedRow, WaveTransfer> {
  const begun = new Map<WantedRow, WaveTransfer>();
  const waves = new Map<string, ReadonlyMap<string, readonly WaveTransfer[]>>();
  for (const row of wanted) {
    if (row.problem !== undefined) continue;
    const index = waves.get(row.wave) ?? byName(transfers.ofWave(row.wave));
    waves.set(row.wave, index);
    const names = [row.table.name, ...row.table.ids, ...row.table.paths];
    const found = names.map((name) => index.get(name) ?? []).find((list) => list.length > 0) ?? [];
    const [only] = found;
    const isSure =
      only !== undefined && new Set(found.map(({ transfer }) => transfer.instances[0])).size === 1;
    if (isSure && found.every(({ waveNote }) => waveNote.plan === shortHash(approved))) begun.set(row, only);
  }
  return begun;
}

/** Indexes transfers by the identifier of their machine, and by the part after its last slash. */
function byName(all: readonly WaveTransfer[]): ReadonlyMap<string, readonly WaveTransfer[]> {
  const index = new Map<string, WaveTransfer[]>();
  for (const one of all) {
    const [instance = ''] = one.transfer.instances;
    for (const name of new Set([instance, instance.split('/').at(-1) ?? instance])) {
      index.set(name, [...(index.get(name) ?? []), one]);
    }
  }
  return index;
}

/** Makes a planned row from the wave note of its transfer; name, order and tags are those of the table. */
export function begunRow(
  { table, order, notBefore, own }: WantedRow,
  { transfer, waveNote }: WaveTransfer,
): PlannedRow {
  return {
    ...rowFromWaveNote(table.line, transfer, waveNote),
    name: table.name,
    order,
    notBefore,
    approvedHash: own.rowHash ?? null,
    gib: waveNote.gib ?? table.disksGb,
    tags: table.tags,
    overrides: rowOverrides(own),
  };
}
