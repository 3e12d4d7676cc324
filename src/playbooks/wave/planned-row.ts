import { isSameJson, type JsonObject } from '../../model/json';
import { redact } from '../../model/redact-object';
import type { Transfer } from '../../model/api-objects';
import type { WaveNote } from '../../model/wave-note';
import type { TransferInput } from '../../resources/transfer';
import type { RowOverrides, WaveRow } from './wave-input';
import type { DurationRange } from './copy-pace';
import type { ExistingTransferMatch } from './transfer-index';
import { combineHashes, hashRow, type RowHashes } from './plan-hash';

/** Plan for one machine of a wave: one row of the plan. */
export interface PlannedRow extends RowHashes {
  /** Number of the row in the table. */
  readonly line: number;
  /** Name of the machine in the table. */
  readonly name: string;
  readonly wave: string;
  /** Position within the wave: machines with a higher one wait. */
  readonly order: number;
  /** ISO time before which nothing may start; null for none. */
  readonly notBefore: string | null;
  /** Hash of this row in the approved plan, from the table's column `row_hash`; null without one. */
  readonly approvedHash: string | null;
  /** Settings of this row in the approved plan, when a row of that plan is the table's; null otherwise. */
  readonly approvedSettings: JsonObject | null;
  /**
   * Settings in which the table differs from the approved plan, by their keys in `settings`, when the transfer was created
   * under that plan. Empty for other rows: their hash tells.
   */
  readonly changedSettings: readonly string[];
  /** Reason why the machine cannot be moved; null when it can. */
  readonly problem: string | null;
  readonly warnings: readonly string[];
  /** Identifier of the machine on the source; null when none was found. */
  readonly instance: string | null;
  readonly existingTransfer: ExistingTransferMatch;
  /** Input for the transfer to create; undefined when a transfer exists or the row has a problem. */
  readonly newTransferInput: TransferInput | undefined;
  readonly originEndpointId: string | null;
  readonly destinationEndpointId: string | null;
  readonly scenario: string;
  /** Number of syncs before the cutover. */
  readonly passes: number;
  /** Whether the final sync shuts the source down. */
  readonly shutdown: boolean;
  /** Whether the deployment clones the copied disks. */
  readonly clone: boolean;
  readonly skipOsMorphing: boolean;
  readonly poolIds: readonly string[];
  /** Number of disks; null while unknown. */
  readonly disks: number | null;
  /** Total size of the disks in GiB; null while unknown. */
  readonly gib: number | null;
  /** Estimated seconds of the first copy; null while unknown, and for an adopted transfer. */
  readonly firstCopySeconds: DurationRange | null;
  /** Networks and storage of the machine that no map covers. */
  readonly unmapped: { readonly networks: readonly string[]; readonly storage: readonly string[] };
  /** Settings of the row, which are hashed. Shown with secrets masked. */
  readonly settings: JsonObject;
  readonly tags: Readonly<Record<string, string>>;
  /** Settings that the row itself gives, by table column, without those that contain secrets. */
  readonly overrides: JsonObject;
}

/** Makes the planned row of a machine that cannot be moved because of `problem`. */
export function makeBlockedRow(
  row: WaveRow,
  problem: string,
  known: {
    readonly instance?: string | undefined;
    readonly origin?: string;
    readonly destination?: string;
  } = {},
): PlannedRow {
  const { table, wave } = row;
  return {
    ...plannedRowHead(row, { machine: table.name, wave, blocked: true }),
    problem,
    warnings: [],
    instance: known.instance ?? null,
    existingTransfer: { kind: 'none' },
    newTransferInput: undefined,
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
    firstCopySeconds: null,
    unmapped: { networks: [], storage: [] },
  };
}

/** Keys of a planned row that are known from the table and the settings alone. */
export const plannedRowHead = (
  { table, wave, order, notBefore, overrides }: WaveRow,
  settings: JsonObject,
) => ({
  line: table.line,
  name: table.name,
  wave,
  order,
  notBefore,
  ...hashRow(settings),
  approvedHash: overrides.rowHash ?? null,
  approvedSettings: table.planned ?? null,
  changedSettings: [],
  settings,
  tags: table.tags,
  overrides: toOverrideColumns(overrides),
});

/** Settings that a planned row has in keys of their own, so that `overrides` leaves them out. */
const OWN_COLUMNS = ['wave', 'order', 'notBefore', 'transferId', 'rowHash'];

/**
 * Settings that a row itself gives, under the names of their table columns. Settings with secrets are left out: a plan
 * shows no secrets, and masked secrets would be useless.
 */
export function toOverrideColumns(own: RowOverrides): JsonObject {
  const given = Object.entries(own).filter(
    ([name, value]) =>
      value !== undefined &&
      !OWN_COLUMNS.includes(name) &&
      isSameJson(redact({ [name]: value }), { [name]: value }),
  );
  return Object.fromEntries(given.map(([name, value]) => [columnOfSetting(name), value]));
}

/** Name of the column of a setting, as tables and plans have it: "network_map". */
export const columnOfSetting = (setting: string): string =>
  setting.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

const EMPTY_FIELDS = {
  order: 0,
  notBefore: null,
  approvedHash: null,
  approvedSettings: null,
  changedSettings: [],
  problem: null,
  warnings: [],
  newTransferInput: undefined,
  disks: null,
  gib: null,
  firstCopySeconds: null,
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

/** Makes the planned row of a transfer from the note about the wave in the transfer's notes. */
export const makeRowFromWaveNote = (line: number, transfer: Transfer, waveNote: WaveNote): PlannedRow => ({
  ...commonFields(line, transfer),
  wave: waveNote.wave,
  ...combineHashes(waveNote.settingsHash, waveNote.disksHash),
  ...waveNote.start,
  existingTransfer: { kind: 'own', transfer, waveNote },
  passes: waveNote.passes,
  shutdown: waveNote.shutdown,
  clone: waveNote.clone,
  skipOsMorphing: waveNote.skipOsMorphing,
  gib: waveNote.gib,
});

/** Makes the planned row of an adopted transfer. Its notes have no note about the wave, so it has no hash. */
export const makeRowFromAdoptedTransfer = (line: number, transfer: Transfer, wave: string): PlannedRow => ({
  ...commonFields(line, transfer),
  wave,
  ...combineHashes('', null),
  existingTransfer: { kind: 'adopted', transfer },
  passes: 1,
  shutdown: true,
  clone: transfer.clone_disks ?? true,
  skipOsMorphing: transfer.skip_os_morphing ?? false,
});
