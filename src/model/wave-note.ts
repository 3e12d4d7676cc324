/**
 * Text that a wave appends to the notes of each transfer that it creates. It has the name of the wave, the hashes of
 * the plan and of the row, and what is to be done: `Shop, web tier [disks=5d3c… order=0] [wave "Wave 7" plan=3f2a…
 * row=9c1e… passes=1 shutdown gib=12.5]`. Release 0.1.0 has no first bracket, and takes it for a part of the text before.
 */
export interface WaveNote {
  readonly wave: string;
  /** First digits of the plan's hash, made by `shortenHash`. */
  readonly shortPlanHash: string;
  /** Hash of the settings of the machine's row in the plan. */
  readonly settingsHash: string;
  /** Hash of the machine's disks in the plan; null when they did not count. */
  readonly disksHash: string | null;
  /** Start of the machine as in the plan; null in the notes of release 0.1.0. */
  readonly start: ApprovedStart | null;
  /** Number of syncs before the cutover. */
  readonly passes: number;
  /** Whether the final sync shuts the source machine down. */
  readonly shutdown: boolean;
  /** Whether the deployment clones the disks. */
  readonly clone: boolean;
  readonly skipOsMorphing: boolean;
  /** Size of the machine's disks in GiB with one decimal, for estimates; null when it was unknown. */
  readonly gib: number | null;
}

/** Start of a machine: what it waits for. */
export interface ApprovedStart {
  /** Position within the wave: machines with a higher one wait. */
  readonly order: number;
  /** Time before which nothing may start, ISO 8601 in UTC; null for none. */
  readonly notBefore: string | null;
}

/** Format of a wave's name. Excludes characters that would end or split the wave note in the notes. */
export const WAVE_NAME_FORMAT = /^[^"[\]\r\n\t]{1,60}$/;

const SHORT_HASH_LENGTH = 12;

/** Short form of a plan's hash, for notes and for boards of waves. */
export const shortenHash = (hash: string): string => hash.slice(0, SHORT_HASH_LENGTH);

const WAVE_NOTE =
  /(?:^|\s)(?:\[(?=disks=|order=)(?:disks=([0-9a-f]{16}))? ?(?:order=(\d{1,6})(?: not-before=([\d:.TZ-]{20,24}))?)?\] )?\[wave "([^"[\]\r\n\t]{1,60})" plan=([0-9a-f]{12}) row=([0-9a-f]{32}) passes=(\d{1,2})( shutdown)?( clone)?( skip-os-morphing)?(?: gib=(\d{1,9}(?:\.\d)?))?\]\s*$/;

/** Appends a wave note to the notes of a transfer. */
export function appendWaveNote(notes: string | undefined, waveNote: WaveNote): string {
  const words = [
    `wave "${waveNote.wave}"`,
    `plan=${waveNote.shortPlanHash}`,
    `row=${waveNote.settingsHash}`,
    `passes=${waveNote.passes}`,
    ...(waveNote.shutdown ? ['shutdown'] : []),
    ...(waveNote.clone ? ['clone'] : []),
    ...(waveNote.skipOsMorphing ? ['skip-os-morphing'] : []),
    ...(waveNote.gib === null ? [] : [`gib=${waveNote.gib}`]),
  ];
  const text = (notes ?? '').trim();
  const before = [
    ...(waveNote.disksHash === null ? [] : [`disks=${waveNote.disksHash}`]),
    ...startWords(waveNote.start),
  ];
  return [text, before.length === 0 ? '' : `[${before.join(' ')}]`, `[${words.join(' ')}]`]
    .filter((part) => part !== '')
    .join(' ');
}

const startWords = (start: ApprovedStart | null): readonly string[] =>
  start === null
    ? []
    : [`order=${start.order}`, ...(start.notBefore === null ? [] : [`not-before=${start.notBefore}`])];

/**
 * Splits the notes of a transfer into the user's text and the wave note; undefined for a transfer that no wave created.
 */
export function parseWaveNote(
  notes: string | null,
): { readonly waveNote: WaveNote; readonly notes: string } | undefined {
  const found = WAVE_NOTE.exec(notes ?? '');
  if (notes === null || found === null) return undefined;
  const [, disks, order, notBefore, wave = '', plan = '', row = '', passes, shutdown, clone, skip, gib] =
    found;
  return {
    notes: notes.slice(0, found.index).trim(),
    waveNote: {
      wave,
      shortPlanHash: plan,
      settingsHash: row,
      disksHash: disks ?? null,
      start: order === undefined ? null : { order: Number(order), notBefore: notBefore ?? null },
      passes: Math.max(1, Number(passes)),
      shutdown: shutdown !== undefined,
      clone: clone !== undefined,
      skipOsMorphing: skip !== undefined,
      gib: gib === undefined ? null : Number(gib),
    },
  };
}
