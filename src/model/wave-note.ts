/**
 * Text that a wave appends to the notes of each transfer it creates, with the wave's name, the hash of
 * the plan, the hash of the row, and what is to happen: `Shop, web tier [wave "Wave 7" plan=3f2a… row=9c1e… passes=1
 * shutdown gib=12.5]`.
 */
export interface WaveNote {
  readonly wave: string;
  /** First digits of the plan's hash: `shortHash`. */
  readonly plan: string;
  /** Hash of the row, in full. */
  readonly row: string;
  /** Syncs before the cut-over. */
  readonly passes: number;
  /** Whether the final sync shuts the source machine down. */
  readonly shutdown: boolean;
  /** Whether the deployment clones the disks. */
  readonly clone: boolean;
  readonly skipOsMorphing: boolean;
  /** Size of the machine's disks in GiB with one decimal, for estimates; null when it was unknown. */
  readonly gib: number | null;
}

/** Format of a wave's name. Excludes characters that would end or split the wave note in the notes. */
export const WAVE_NAME_FORMAT = /^[^"[\]\r\n\t]{1,60}$/;

const SHORT = 12;

/** Short form of a plan's hash, for notes and boards. */
export const shortHash = (hash: string): string => hash.slice(0, SHORT);

const WAVE_NOTE =
  /(?:^|\s)\[wave "([^"[\]\r\n\t]{1,60})" plan=([0-9a-f]{12}) row=([0-9a-f]{32}) passes=(\d{1,2})( shutdown)?( clone)?( skip-os-morphing)?(?: gib=(\d{1,9}(?:\.\d)?))?\]\s*$/;

/** Appends a wave note to notes. */
export function appendWaveNote(notes: string | undefined, waveNote: WaveNote): string {
  const words = [
    `wave "${waveNote.wave}"`,
    `plan=${waveNote.plan}`,
    `row=${waveNote.row}`,
    `passes=${waveNote.passes}`,
    ...(waveNote.shutdown ? ['shutdown'] : []),
    ...(waveNote.clone ? ['clone'] : []),
    ...(waveNote.skipOsMorphing ? ['skip-os-morphing'] : []),
    ...(waveNote.gib === null ? [] : [`gib=${waveNote.gib}`]),
  ];
  const text = (notes ?? '').trim();
  return `${text === '' ? '' : `${text} `}[${words.join(' ')}]`;
}

/** Splits notes into text and wave note; undefined for a transfer that no wave created. */
export function parseWaveNote(
  notes: string | null,
): { readonly waveNote: WaveNote; readonly notes: string } | undefined {
  const found = WAVE_NOTE.exec(notes ?? '');
  if (notes === null || found === null) return undefined;
  const [, wave = '', plan = '', row = '', passes, shutdown, clone, skip, gib] = found;
  return {
    notes: notes.slice(0, found.index).trim(),
    waveNote: {
      wave,
      plan,
      row,
      passes: Math.max(1, Number(passes)),
      shutdown: shutdown !== undefined,
      clone: clone !== undefined,
      skipOsMorphing: skip !== undefined,
      gib: gib === undefined ? null : Number(gib),
    },
  };
}
