import { sameJson, type JsonObject } from '../../model/json';
import { redact } from '../../model/redact-object';
import type { Transfer } from '../../model/types';
import type { WaveNote } from '../../model/wave-note';
import type { TransferInput } from '../../resources/transfer';
import type { RowOverrides, WaveRow } from './wave-input';
import type { DurationRange } from './copy-pace';
import type { ExistingTransfer } from './existing-transfers';
import { hashRow } from './plan-hash';

/** Plan for one machine of a wave: one row of the plan. */
export interface PlannedRow {
  readonly line: number;
  /** Name in the table. */
  readonly name: string;
  readonly wave: string;
  readonly order: number;
  readonly notBefore: string | null;
  readonly hash: string;
  /** Hash of this row in the approved plan, when the table has a column for it. */
  readonly approvedHash: string | null;
  /** Reason why the machine cannot be moved; null when it can. */
  readonly problem: string | null;
  readonly warnings: readonly string[];
  /** Identifier on the source; null when no machine was found. */
  readonly instance: string | null;
  readonly existing: ExistingTransfer;
  /** The transfer to create; undefined when one exists, or the row has a problem. */
  readonly create: TransferInput | undefined;
  readonly originEndpointId: string | null;
  readonly destinationEndpointId: string | null;
  readonly scenario: string;
  readonly passes: number;
  readonly shutdown: boolean;
  readonly clone: boolean;
  readonly skipOsMorphing: boolean;
  readonly poolIds: readonly string[];
  readonly disks: number | null;
  readonly gib: number | null;
  readonly firstCopy: DurationRange | null;
  readonly unmapped: { readonly networks: readonly string[]; readonly storage: readonly string[] };
  /** Settings without secrets, for display. */
  readonly settings: JsonObject;
  readonly tags: Readonly<Record<string, string>>;
  /** Settings of the row itself, by column, without those that contain secrets. */
  readonly overrides: JsonObject;
}

/** Makes the planned row of a machine that cannot be moved. */
export function makeBlockedRow(
  row: WaveRow,
  problem: string,
  known: {
    readonly instance?: string | undefined;
    readonly origin?: string;
    readonly destination?: string;
  } = {},
): PlannedRow {
  const { table, wave, order, notBefore } = row;
  const settings = { machine: table.name, wave, blocked: true };
  return {
    line: table.line,
    name: table.name,
    wave,
    order,
    notBefore,
    hash: hashRow(settings),
    approvedHash: row.overrides.rowHash ?? null,
    problem,
    warnings: [],
    instance: known.instance ?? null,
    existing: { kind: 'none' },
    create: undefined,
    originEndpointId: known.origin ?? null,
    destinationEndpointId: known.destination ?? null,
    scenario: row.overrides.scenario ?? '',
    passes: 0,
    shutdown: false,
    clone: false,
    skipOsMorphing: false,
    poolIds: [],
    disks: null,
    gib: table.disksGb,
    firstCopy: null,
    unmapped: { networks: [], storage: [] },
    settings,
    tags: table.tags,
    overrides: toOverrideColumns(row.overrides),
  };
}

/** Settings that a planned row shows in keys of their own. */
const OWN_COLUMNS = ['wave', 'order', 'notBefore', 'transferId', 'rowHash'];

/**
 * Overridden settings of a row, under the names of their table columns. Settings with secrets are left out: a plan shows no
 * secrets, and masked ones could not be executed.
 */
export function toOverrideColumns(own: RowOverrides): JsonObject {
  const given = Object.entries(own).filter(
    ([name, value]) =>
      value !== undefined &&
      !OWN_COLUMNS.includes(name) &&
      sameJson(redact({ [name]: value }), { [name]: value }),
  );
  return Object.fromEntries(given.map(([name, value]) => [columnOf(name), value]));
}

const columnOf = (setting: string): string =>
  setting.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

const EMPTY_FIELDS = {
  order: 0,
  notBefore: null,
  approvedHash: null,
  problem: null,
  warnings: [],
  create: undefined,
  disks: null,
  gib: null,
  firstCopy: null,
  unmapped: { networks: [], storage: [] },
  settings: {},
  tags: {},
  overrides: {},
} as const;

const commonFields = (line: number, transfer: Transfer) => {
  const [instance = ''] = transfer.instances;
  return {
    ...EMPTY_FIELDS,
    line,
    name: instance,
    instance,
    originEndpointId: transfer.origin_endpoint_id,
    destinationEndpointId: transfer.destination_endpoint_id,
    scenario: transfer.scenario ?? 'replica',
    poolIds: [transfer.origin_minion_pool_id, transfer.destination_minion_pool_id].filter(
      (id) => typeof id === 'string',
    ),
  };
};

/** Makes the planned row of a transfer from the wave's note in its notes. */
export const rowFromWaveNote = (line: number, transfer: Transfer, waveNote: WaveNote): PlannedRow => ({
  ...commonFields(line, transfer),
  wave: waveNote.wave,
  hash: waveNote.row,
  existing: { kind: 'own', transfer, waveNote },
  passes: waveNote.passes,
  shutdown: waveNote.shutdown,
  clone: waveNote.clone,
  skipOsMorphing: waveNote.skipOsMorphing,
  gib: waveNote.gib,
});

/** Makes the planned row of an adopted transfer, whose notes have no wave note. */
export const rowFromTransfer = (line: number, transfer: Transfer, wave: string): PlannedRow => ({
  ...commonFields(line, transfer),
  wave,
  hash: '',
  existing: { kind: 'taken_in', transfer },
  passes: 1,
  shutdown: true,
  clone: transfer.clone_disks ?? true,
  skipOsMorphing: transfer.skip_os_morphing ?? false,
});
