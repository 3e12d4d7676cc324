import { parseCsv, detectDelimiter } from '../csv';
import { isObject, type JsonObject } from '../json';
import {
  normalizeColumnName,
  detectFormat,
  TABLE_FORMATS,
  settingOfColumn,
  type FormatColumns,
  type TableFormat,
} from './inventory-formats';
import { decimalSignFor, parseQuantity, type DecimalSign } from './spreadsheet-number';

/** Row of a table that names a machine to move. */
export interface TableRow {
  /** Number of the row, counted from 1 below the header. */
  readonly line: number;
  readonly name: string;
  /** Further identifiers of the machine, for when several machines have its name. */
  readonly ids: readonly string[];
  /** Possible paths of the machine in the inventory of its platform: datacenter, folder and name. */
  readonly paths: readonly string[];
  /** Values of the columns for settings, by setting, as they stand in the table. */
  readonly settings: JsonObject;
  readonly disksGb: number | null;
  /** Values of all columns that the format does not know, by column name. */
  readonly tags: Readonly<Record<string, string>>;
}

/** Row that was left out, because it does not name a machine to move. */
export interface LeftOutRow {
  readonly line: number;
  readonly name: string;
  readonly reason: string;
}

/** Table of machines, as read. */
export interface MachineTable {
  readonly format: TableFormat;
  readonly rows: readonly TableRow[];
  readonly leftOut: readonly LeftOutRow[];
  /** Names of columns that the format does not have. Their values become tags. */
  readonly unknownColumns: readonly string[];
}

/** Reads a table from a text: CSV, or a JSON list of objects. Undefined when no column names a machine. */
export function readTableText(text: string): MachineTable | undefined {
  const plain = text.replace(/^\uFEFF/, '');
  if (/^\s*\[/.test(plain)) {
    const rows = parsed(plain);
    if (rows !== undefined) return readTableRows(rows);
  }
  // Excel may write a first line that states the delimiter: "sep=;".
  const [, stated, rest = plain] = /^sep=(.)\r?\n([^]*)$/i.exec(plain) ?? [];
  const delimiter = stated === ';' || stated === ',' || stated === '\t' ? stated : detectDelimiter(rest);
  return read(parseCsv(rest, delimiter), decimalSignFor(delimiter));
}

function parsed(text: string): readonly JsonObject[] | undefined {
  try {
    const rows: unknown = JSON.parse(text);
    return Array.isArray(rows) && rows.every(isObject) ? rows : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Reads a table from objects whose keys are the columns, such as items of a spreadsheet. Undefined when no column names
 * a machine.
 */
export const readTableRows = (rows: readonly JsonObject[]): MachineTable | undefined => read(rows, '.');

function read(rows: readonly JsonObject[], decimal: DecimalSign): MachineTable | undefined {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const format = detectFormat(columns);
  if (format === undefined) return undefined;
  const known = TABLE_FORMATS[format];
  const found: TableRow[] = [];
  const leftOut: LeftOutRow[] = [];
  for (const [index, row] of rows.entries()) {
    const cells = new Cells(row, known, decimal);
    const line = index + 1;
    if (cells.isEmpty) continue;
    const { name } = cells;
    if (name === '') {
      leftOut.push({ line, name: '', reason: 'it names no machine' });
      continue;
    }
    const reason = cells.reasonLeftOut;
    if (reason === undefined) found.push(cells.row(line));
    else leftOut.push({ line, name, reason });
  }
  const isUnknown = (column: string): boolean => roleOf(normalizeColumnName(column), known) === 'tag';
  return { format, rows: found, leftOut, unknownColumns: columns.filter(isUnknown) };
}

function roleOf(key: string, known: FormatColumns): 'known' | 'setting' | 'tag' {
  if ([...known.name, ...known.ids, ...known.wave].includes(key) || key in known.leftOut) return 'known';
  if (settingOfColumn(key) !== undefined) return 'setting';
  return known.known.test(key) || known.disks.some(([pattern]) => pattern.test(key)) ? 'known' : 'tag';
}

const YES = /^(true|yes|y|1|x|wahr|ja|vrai|oui|verdadero|si|sì|sí)$/i;

/** Cells of one row, by normalised column name. */
class Cells {
  private readonly cells = new Map<string, unknown>();

  constructor(
    private readonly given: JsonObject,
    private readonly known: FormatColumns,
    private readonly decimal: DecimalSign,
  ) {
    for (const [name, value] of Object.entries(given)) {
      const key = normalizeColumnName(name);
      if (!this.cells.has(key) || this.text(key) === '') this.cells.set(key, value);
    }
  }

  get isEmpty(): boolean {
    return [...this.cells.keys()].every((key) => this.text(key) === '');
  }

  get name(): string {
    return this.first(this.known.name);
  }

  get reasonLeftOut(): string | undefined {
    const found = Object.entries(this.known.leftOut).find(([key]) => YES.test(this.text(key)));
    return found && `it is ${found[1]}`;
  }

  row(line: number): TableRow {
    const { name, known } = this;
    const ids = known.ids.map((key) => this.text(key)).filter((id) => id !== '' && id !== name);
    return {
      line,
      name,
      ids,
      paths: this.paths(),
      settings: this.settings(),
      disksGb: this.disksGb(),
      tags: this.tags(),
    };
  }

  private text(key: string): string {
    const value = this.cells.get(key);
    if (value === undefined || value === null) return '';
    return (typeof value === 'object' ? JSON.stringify(value) : String(value)).trim();
  }

  private first(keys: readonly string[]): string {
    return keys.map((key) => this.text(key)).find((text) => text !== '') ?? '';
  }

  private paths(): readonly string[] {
    const [datacenter, folder] = [this.text('datacenter'), this.text('folder')];
    const inner = folder.replaceAll(/^\/+|\/+$/g, '');
    if (datacenter === '' && inner === '') return [];
    return [`${datacenter}/vm/${inner}`, `${datacenter}/${inner}`, inner].map((path) =>
      `${path}/${this.name}`.replaceAll(/\/{2,}/g, '/').replace(/^\//, ''),
    );
  }

  private settings(): JsonObject {
    const settings: Record<string, unknown> = {};
    const wave = this.first(this.known.wave);
    if (wave !== '') settings['wave'] = wave;
    // Rows of a wave's plan keep the values of all setting columns in the single column `overrides`.
    const overrides = this.cells.get('overrides');
    for (const [column, value] of Object.entries(isObject(overrides) ? overrides : {})) {
      const name = settingOfColumn(normalizeColumnName(column));
      if (name !== undefined) settings[name] = value;
    }
    for (const [key, value] of this.cells) {
      const name = settingOfColumn(key);
      if (name === undefined || this.text(key) === '' || roleOf(key, this.known) !== 'setting') continue;
      settings[name] = typeof value === 'string' ? value.trim() : value;
    }
    return settings;
  }

  private disksGb(): number | null {
    const sizes = [...this.cells.keys()].flatMap((key) => {
      const unit = this.known.disks.find(([pattern]) => pattern.test(key))?.[1];
      const size = unit === undefined ? null : parseQuantity(this.text(key), this.decimal);
      return unit === undefined || size === null ? [] : [size * unit];
    });
    return sizes.length === 0 ? null : sizes.reduce((sum, size) => sum + size, 0);
  }

  private tags(): Readonly<Record<string, string>> {
    return Object.fromEntries(
      Object.keys(this.given)
        .filter((name) => roleOf(normalizeColumnName(name), this.known) === 'tag')
        .map((name) => [name, this.text(normalizeColumnName(name))] as const)
        .filter(([, text]) => text !== ''),
    );
  }
}
