import { shortenHash, type WaveNote } from '../../model/wave-note';
import type { WaveRow, WaveSettings } from './wave-input';
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
 * Makes a planned row from the wave note of its transfer. Name, row hash, tags and overrides come from the table. So does
 * what the note lacks: the size, and in notes of release 0.1.0 `order` and `notBefore`.
 */
export function makeRowFromTableAndNote(
  row: WaveRow,
  { transfer, waveNote }: WaveTransfer,
  blueprint: WaveSettings,
): PlannedRow {
  const { table, order, notBefore, overrides } = row;
  return {
    ...makeRowFromWaveNote(table.line, transfer, waveNote),
    ...(waveNote.start ?? { order, notBefore }),
    name: table.name,
    approvedHash: overrides.rowHash ?? null,
    approvedSettings: table.planned ?? null,
    changedSettings: findChangedSettings(row, waveNote, blueprint),
    gib: waveNote.gib ?? table.disksGb,
    tags: table.tags,
    overrides: toOverrideColumns(overrides),
  };
}

/**
 * Finds the settings of a row that differ from those in the note of its transfer, by their keys in `settings`. Settings that
 * neither the row nor the wave gives do not count: the note has them.
 */
function findChangedSettings(
  { overrides, notBefore }: WaveRow,
  { start, ...approved }: WaveNote,
  blueprint: WaveSettings,
): readonly string[] {
  const compared: ReadonlyArray<readonly [key: string, given: unknown, approved: unknown]> = [
    ...(start === null
      ? []
      : ([
          ['order', overrides.order, start.order],
          ['not_before', notBefore ?? undefined, start.notBefore],
        ] as const)),
    ['passes', overrides.passes ?? blueprint.passes, approved.passes],
    // A wave that shuts no source down holds back final syncs, and changes nothing about what was approved.
    [
      'shutdown',
      overrides.shutdownInstances ?? (blueprint.shutdownInstances || undefined),
      approved.shutdown,
    ],
    ['clone_disks', overrides.cloneDisks ?? blueprint.cloneDisks, approved.clone],
    ['skip_os_morphing', overrides.skipOsMorphing ?? blueprint.skipOsMorphing, approved.skipOsMorphing],
  ];
  return compared.flatMap(([key, given, was]) => (given === undefined || given === was ? [] : [key]));
}
