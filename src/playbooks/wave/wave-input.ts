import { asError, InvalidInputError } from '../../api/errors';
import { isObject, type JsonObject } from '../../model/json';
import type { TableSettingName } from '../../model/table/table-formats';
import {
  columnsOfRows,
  columnsOfText,
  readTableRows,
  readTableText,
  type MachineTable,
  type MachineTableRow,
} from '../../model/table/machine-table';
import { isCellError, parseBooleanWord } from '../../model/table/spreadsheet-cell';
import { parseDateNumber } from '../../model/table/spreadsheet-number';
import { parseIsoTime } from '../../model/timestamps';
import { quoteText } from '../../model/untrusted-text';
import { WAVE_NAME_FORMAT } from '../../model/wave-note';
import type { AnyField, InputOf } from '../../vocabulary/field';
import { choice, flag, form, map, number, reference, text } from '../../vocabulary/field-constructors';
import { readInput } from '../../vocabulary/read-input';
import type { MoveSettings } from '../../resources/move/move-request-body';
import { scenarios } from '../../fields/transfer-fields';

/** Settings for all machines of a wave. A row of the table can override most of them for its machine. */
export interface WaveSettings extends MoveSettings {
  readonly wave: string;
  readonly originEndpointId: string | undefined;
  readonly destinationEndpointId: string | undefined;
  readonly scenario: string;
  readonly cloneDisks: boolean | undefined;
  readonly skipOsMorphing: boolean | undefined;
  /** Number of syncs before the cutover. */
  readonly passes: number;
  /** Whether final syncs shut the sources down. When false, no row can do so either. */
  readonly shutdownInstances: boolean;
  /** Throughput for estimates of first copies, in megabits per second; measured when left out. */
  readonly throughputMbps: number | undefined;
}

/** Input of a wave: its settings and its machines, given either as `table` or as `rows`. */
export interface WaveInput extends WaveSettings {
  /** Table of machines as CSV or JSON text. */
  readonly table: string | undefined;
  readonly rows: readonly JsonObject[] | undefined;
}

const optional = { optional: true } as const;

/** Fields for the columns of the table that override settings. They are checked like the inputs of the same names. */
const rowFields = {
  wave: text('Wave', 'Wave of the machine.', optional),
  order: number(
    'Order',
    'Order of start: lower numbers first; a number begins when all machines of the one before are done.',
    {
      ...optional,
      maximum: 100_000,
    },
  ),
  notBefore: text(
    'Not Before',
    'Time before which no step begins: ISO 8601, UTC unless it names a zone.',
    optional,
  ),
  scenario: choice('Scenario', 'Purpose of the transfer.', scenarios, optional),
  passes: number('Passes', 'Syncs before the cutover.', { ...optional, minimum: 1, maximum: 10 }),
  shutdownInstances: flag(
    'Shut Down Instances',
    'Whether the final sync shuts the source machine down.',
    optional,
  ),
  originEndpointId: reference('endpoint', 'Origin Endpoint', 'Id or unique name.', optional),
  destinationEndpointId: reference('endpoint', 'Destination Endpoint', 'Id or unique name.', optional),
  sourceEnvironment: form(
    'source',
    'originEndpointId',
    'Source Environment',
    'Options of the source platform.',
    optional,
  ),
  destinationEnvironment: form(
    'destination',
    'destinationEndpointId',
    'Destination Environment',
    'Options of the destination platform.',
    optional,
  ),
  networkMap: map('Network Map', 'Source network to destination network.', {
    objects: true,
    ...optional,
    keyTitle: 'Source',
    valueTitle: 'Destination',
  }),
  notes: text('Notes', 'Free text for people.', optional),
  defaultStorage: text('Default Storage', 'Destination storage for disks that no mapping names.', optional),
  storageMappings: map('Storage Mappings', 'Source storage to destination storage.', {
    ...optional,
    keyTitle: 'Source',
    valueTitle: 'Destination',
  }),
  diskMappings: map('Disk Mappings', 'Disk id to destination storage.', {
    ...optional,
    keyTitle: 'Disk',
    valueTitle: 'Destination',
  }),
  originMinionPoolId: text('Origin Minion Pool', 'Id or unique name.', optional),
  destinationMinionPoolId: text('Destination Minion Pool', 'Id or unique name.', optional),
  osMorphingPoolId: text('OS Morphing Minion Pool', 'Id or unique name.', optional),
  skipOsMorphing: flag('Skip OS Morphing', 'Whether deployments leave the guest as it is.', optional),
  cloneDisks: flag('Clone Disks', 'Whether the deployment clones the copied disks.', optional),
  transferId: text('Transfer', 'Id of the transfer to adopt, when several move the machine.', optional),
  rowHash: text('Row Hash', 'Hash of the row in the approved plan.', optional),
} satisfies Record<TableSettingName, AnyField>;

/** Settings that a row of the table overrides. */
export type RowOverrides = InputOf<typeof rowFields>;

const NO_OVERRIDES = readInput(rowFields, {}) as RowOverrides;

/** A row of the table with its checked settings. */
export interface WaveRow {
  readonly table: MachineTableRow;
  readonly overrides: RowOverrides;
  readonly wave: string;
  readonly order: number;
  /** Time before which nothing may start, ISO 8601 in UTC; null for none. */
  readonly notBefore: string | null;
  /** Reason why the row is invalid; undefined when it is valid. */
  readonly problem: string | undefined;
}

/**
 * Reads the table of a wave.
 * @throws {InvalidInputError} there is no table, or it names no machines
 */
export function readWaveTable({ table, rows }: Pick<WaveInput, 'table' | 'rows'>): MachineTable {
  if ((table === undefined) === (rows === undefined)) {
    throw new InvalidInputError('A wave needs its machines either as a table or as rows.', {
      field: table === undefined ? 'rows' : 'table',
      advice: 'Give CSV text as table, or a list of objects as rows.',
    });
  }
  const objects = rows?.filter(isObject);
  const found = objects === undefined ? readTableText(table ?? '') : readTableRows(objects);
  const field = rows === undefined ? 'table' : 'rows';
  if (found === undefined) {
    const columns = objects === undefined ? columnsOfText(table ?? '') : columnsOfRows(objects);
    throw new InvalidInputError(`No column of the table names machines. ${describeColumns(columns)}`, {
      field,
      advice:
        'Name the column with the machines "machine". Accepted as they are: RVTools vInfo (VM), Azure Migrate (Server name), AWS MGN (mgn:server:user-provided-id), the Coriolis inventory (vm_name), or a column "machine".',
    });
  }
  if (found.rows.length === 0) {
    throw new InvalidInputError('The table has no machine to move.', {
      field,
      advice: 'Rows without a name, templates and placeholders do not count.',
    });
  }
  return found;
}

/** Maximum number of columns that an error lists, and of characters of each. */
const [MAX_COLUMNS, MAX_COLUMN_LENGTH] = [12, 60];

function describeColumns(columns: readonly string[]): string {
  if (columns.length === 0) return 'It has no columns.';
  const listed = columns.slice(0, MAX_COLUMNS).map((name) => `"${quoteText(name, MAX_COLUMN_LENGTH)}"`);
  const more = columns.length > MAX_COLUMNS ? ` and ${columns.length - MAX_COLUMNS} more` : '';
  return `Its columns: ${listed.join(', ')}${more}.`;
}

/**
 * Checks the format of a wave's name.
 * @throws {InvalidInputError} the notes of a transfer cannot hold the name
 */
export function requireValidWaveName(name: string): string {
  if (WAVE_NAME_FORMAT.test(name)) return name;
  throw new InvalidInputError('The name of the wave has characters that are not accepted, or is too long.', {
    field: 'wave',
    advice: 'Use at most 60 characters and no double quotes, square brackets or line breaks.',
  });
}

/**
 * Reads the settings of a row. An invalid row gets a `problem` and no error is thrown, so that the other rows can be
 * planned.
 */
export function readWaveRow(table: MachineTableRow, defaults: Pick<WaveSettings, 'wave'>): WaveRow {
  const named = { table, wave: defaults.wave, order: 0, notBefore: null, overrides: NO_OVERRIDES };
  try {
    const overrides = readInput(
      rowFields,
      withDates(parseBooleans(rejectCellErrors(table.settings))),
    ) as RowOverrides;
    return {
      ...named,
      overrides,
      wave: requireValidWaveName(overrides.wave ?? defaults.wave),
      order: overrides.order ?? 0,
      notBefore: overrides.notBefore === undefined ? null : toUtc(overrides.notBefore),
      problem: undefined,
    };
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw asError(error);
    return { ...named, problem: error.message };
  }
}

/** Settings that are booleans. */
const FLAGS = ['shutdownInstances', 'skipOsMorphing', 'cloneDisks'];

/** Converts the words that spreadsheets use for booleans, such as "yes", "x" and "-". */
const parseBooleans = (settings: JsonObject): JsonObject =>
  Object.fromEntries(
    Object.entries(settings).map(([name, value]) => [
      name,
      FLAGS.includes(name) ? (parseBooleanWord(String(value)) ?? value) : value,
    ]),
  );

/** Converts `notBefore` to ISO 8601 when it is the number that a spreadsheet stores for a day and time. */
function withDates(settings: JsonObject): JsonObject {
  const at = parseDateNumber(settings['notBefore']);
  return at === undefined ? settings : { ...settings, notBefore: at };
}

/**
 * Rejects a row with a spreadsheet error, such as #N/A, and returns the settings of other rows unchanged.
 * @throws {InvalidInputError} a cell holds such an error
 */
function rejectCellErrors(settings: JsonObject): JsonObject {
  const [name, value] = Object.entries(settings).find(([, one]) => isCellError(one)) ?? [];
  if (name === undefined) return settings;
  throw new InvalidInputError(`${name} holds an error of the spreadsheet: ${String(value)}`, { field: name });
}

const TIME = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2})(:\d{2})?(?:\.\d+)?(Z|[+-]\d{2}:?\d{2})?)?$/;

function toUtc(given: string): string {
  const [, day, time = '00:00', seconds = ':00', zone = 'Z'] = TIME.exec(given.trim()) ?? [];
  const at = day === undefined ? Number.NaN : parseIsoTime(`${day}T${time}${seconds}${zone}`);
  if (!Number.isNaN(at)) return new Date(at).toISOString().replace('.000Z', 'Z');
  throw new InvalidInputError(
    `Not Before (notBefore): "${quoteText(given, MAX_COLUMN_LENGTH)}" is not a time in ISO 8601, which tells day and month apart: write 2026-12-05T22:00+01:00 or 2026-12-05.`,
    { field: 'notBefore' },
  );
}
