import { parseCsv, detectCsvDelimiter, type CsvDelimiter } from '../csv';
import { isObject, type JsonObject } from '../json';
import {
  normalizeColumnName,
  detectTableFormat,
  TABLE_FORMATS,
  settingOfColumn,
  type TableFormatColumns,
  type TableFormat,
} from './table-formats';
import { isCellError, parseBooleanWord } from './spreadsheet-cell';
import { decimalSignFor, decimalSignIn, parseSizeGib, type DecimalSign } from './spreadsheet-number';

/** Row of a table that names a machine to move. */
export interface MachineTableRow {
  /** Number of the row, counted from 1 below the header. */
  readonly line: number;
  readonly name: string;
  /** Further identifiers of the machine, for when several machines have its name. */
  readonly ids: readonly string[];
  /** Possible paths of the machine in the inventory of its platform: datacenter, folder and name. */
  readonly paths: readonly string[];
  /** Values of the columns for settings, by setting, as they stand in the table. */
  readonly settings: JsonObject;
  /** Settings that a plan shows, when the row is one of a plan; undefined for other rows. */
  readonly planned: JsonObject | undefined;
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
  readonly rows: readonly MachineTableRow[];
  readonly leftOut: readonly LeftOutRow[];
  /** Names of columns that the format does not have. Their values become tags. */
  readonly unknownColumns: readonly string[];
}

/** Reads a table from a text: CSV, or a JSON list of objects. Undefined when no column names a machine. */
export function readTableText(text: string): MachineTable | undefined {
  const rows = jsonRows(text);
  if (rows !== undefined) return readTableRows(rows);
  const { lines, delimiter } = csvOf(text);
  return readBelowTitle(lines, (below) => {
    const sign = delimiter ?? detectCsvDelimiter(below);
    return read(parseCsv(below, sign), decimalSignFor(sign));
  });
}

/** Text of a CSV without what programs put before it. Excel may write a first line that states the delimiter: "sep=;". */
function csvOf(text: string): { readonly lines: string; readonly delimiter: CsvDelimiter | undefined } {
  const plain = text.replace(/^\uFEFF/, '');
  const [, stated, lines = plain] = /^sep=(.)\r?\n([^]*)$/i.exec(plain) ?? [];
  return { lines, delimiter: stated === ';' || stated === ',' || stated === '\t' ? stated : undefined };
}

/** Names of the columns of rows. */
export const columnsOfRows = (rows: readonly JsonObject[]): readonly string[] => [
  ...new Set(rows.flatMap((row) => Object.keys(row))),
];

/** Names of the columns of a text, for people: those of the first line that has several, else of the first line. */
export function columnsOfText(text: string): readonly string[] {
  const rows = jsonRows(text);
  if (rows !== undefined) return columnsOfRows(rows);
  const { lines, delimiter } = csvOf(text);
  const heads = lines
    .split(/\r\n|\n|\r/)
    .slice(0, MAX_TITLE_LINES)
    .filter((line) => line.trim() !== '')
    // A line of values makes its header a row.
    .map((line) => columnsOfRows(parseCsv(`${line}\n1`, delimiter ?? detectCsvDelimiter(line))));
  return heads.find((names) => names.length > 1) ?? heads[0] ?? [];
}

/** Maximum number of lines above the header that hold at most one value: a title, an empty line. */
const MAX_TITLE_LINES = 10;

function readBelowTitle(
  text: string,
  readLines: (lines: string) => MachineTable | undefined,
): MachineTable | undefined {
  let lines = text;
  for (let skipped = 0; skipped <= MAX_TITLE_LINES; skipped += 1) {
    const found = readLines(lines);
    const [line = ''] = /^.*(?:\r\n|\n|\r|$)/.exec(lines) ?? [];
    const isTitle =
      line.split(/[,;\t]/).filter((value) => value.replaceAll('"', '').trim() !== '').length <= 1;
    if (found !== undefined || !isTitle || line === '') return found;
    lines = lines.slice(line.length);
  }
  return undefined;
}

/** Rows of a text that is a JSON list of objects; undefined for other texts. */
function jsonRows(text: string): readonly JsonObject[] | undefined {
  const plain = text.replace(/^\uFEFF/, '');
  if (!/^\s*\[/.test(plain)) return undefined;
  try {
    const rows: unknown = JSON.parse(plain);
    return Array.isArray(rows) && rows.every(isObject) ? rows : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Reads a table from objects whose keys are the columns, such as items of a spreadsheet. Undefined when no column names
 * a machine.
 */
export const readTableRows = (rows: readonly JsonObject[]): MachineTable | undefined =>
  read(rows, '.') ?? read(rowsBelowTitle(rows), '.');

/** A name that a program made for a column without a header. */
const isMadeUp = (column: string): boolean => /^(?:__EMPTY(?:_\d+)?|column_\d+)$/.test(column);

/** Rows of a sheet whose first line is a title: one of its rows holds the names of the columns. */
function rowsBelowTitle(rows: readonly JsonObject[]): readonly JsonObject[] {
  const columns = columnsOfRows(rows);
  if (columns.filter((column) => !isMadeUp(column)).length > 1) return [];
  const namesOf = (row: JsonObject): readonly string[] =>
    Object.values(row).filter((value) => typeof value === 'string');
  const at = rows.slice(0, MAX_TITLE_LINES).findIndex((row) => detectTableFormat(namesOf(row)) !== undefined);
  const head = rows[at];
  if (head === undefined) return [];
  return rows
    .slice(at + 1)
    .map((row) =>
      Object.fromEntries(
        Object.entries(row).map(([column, value]) => [String(head[column] ?? column), value]),
      ),
    );
}

function read(rows: readonly JsonObject[], decimal: DecimalSign): MachineTable | undefined {
  const columns = columnsOfRows(rows);
  const format = detectTableFormat(columns);
  if (format === undefined) return undefined;
  const known = TABLE_FORMATS[format];
  const sign = decimalSignIn(sizesIn(rows, known)) ?? decimal;
  const found: MachineTableRow[] = [];
  const leftOut: LeftOutRow[] = [];
  for (const [index, row] of rows.entries()) {
    const cells = new Cells(row, known, sign);
    const line = index + 1;
    if (cells.isEmpty) continue;
    const { name } = cells;
    if (name === '' || isCellError(name)) {
      leftOut.push({ line, name, reason: 'it names no machine' });
      continue;
    }
    const reason = cells.reasonLeftOut;
    if (reason === undefined) found.push(cells.row(line));
    else leftOut.push({ line, name, reason });
  }
  const isEmpty = (column: string): boolean => rows.every((row) => String(row[column] ?? '').trim() === '');
  const isUnknown = (column: string): boolean =>
    roleOf(normalizeColumnName(column), known) === 'tag' && !(isMadeUp(column) && isEmpty(column));
  return { format, rows: found, leftOut, unknownColumns: columns.filter(isUnknown) };
}

/** Texts of the columns with sizes. */
const sizesIn = (rows: readonly JsonObject[], { disks }: TableFormatColumns): readonly string[] =>
  rows.flatMap((row) =>
    Object.entries(row).flatMap(([name, value]) =>
      typeof value === 'string' && disks.some(([pattern]) => pattern.test(normalizeColumnName(name)))
        ? [value]
        : [],
    ),
  );

function roleOf(key: string, known: TableFormatColumns): 'known' | 'setting' | 'tag' {
  if ([...known.name, ...known.ids, ...known.wave].includes(key) || key in known.leftOut) return 'known';
  if (settingOf(key, known) !== undefined) return 'setting';
  return known.ignoredPattern.test(key) || known.disks.some(([pattern]) => pattern.test(key))
    ? 'known'
    : 'tag';
}

const settingOf = (key: string, known: TableFormatColumns): string | undefined =>
  settingOfColumn(key, known === TABLE_FORMATS.own);

/** Cells of one row, by normalised column name. */
class Cells {
  private readonly cells = new Map<string, unknown>();

  constructor(
    private readonly given: JsonObject,
    private readonly known: TableFormatColumns,
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
    const found = Object.entries(this.known.leftOut).find(
      ([key]) => parseBooleanWord(this.text(key)) === true,
    );
    return found && `it is ${found[1]}`;
  }

  row(line: number): MachineTableRow {
    const { name, known } = this;
    const ids = known.ids.map((key) => this.text(key)).filter((id) => id !== '' && id !== name);
    return {
      line,
      name,
      ids,
      paths: this.paths(),
      settings: this.settings(),
      planned: this.planned(),
      disksGb: this.disksGb(),
      tags: this.tags(),
    };
  }

  private text(key: string): string {
    const value = this.cells.get(key);
    if (value === undefined || value === null) return '';
    if (value instanceof Date) return value.toISOString();
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

  private planned(): JsonObject | undefined {
    const settings = this.cells.get('settings');
    return this.known === TABLE_FORMATS.own && isObject(settings) ? settings : undefined;
  }

  private settings(): JsonObject {
    const settings: Record<string, unknown> = {};
    const wave = this.first(this.known.wave);
    if (wave !== '') settings['wave'] = wave;
    // Rows of a wave's plan keep the values of all setting columns in the single column `overrides`.
    const overrides = this.cells.get('overrides');
    for (const [column, value] of Object.entries(isObject(overrides) ? overrides : {})) {
      const name = settingOfColumn(normalizeColumnName(column), true);
      if (name !== undefined) settings[name] = value;
    }
    return { ...settings, ...this.settingColumns() };
  }

  /** Settings by their columns. Of several for one setting the one of its own name counts, else the first. */
  private settingColumns(): JsonObject {
    const settings: Record<string, unknown> = {};
    for (const [key, value] of this.cells) {
      const name = settingOf(key, this.known);
      if (name === undefined || this.text(key) === '' || roleOf(key, this.known) !== 'setting') continue;
      if (Object.hasOwn(settings, name) && key !== normalizeColumnName(name)) continue;
      settings[name] = typeof value === 'string' || value instanceof Date ? this.text(key) : value;
    }
    return settings;
  }

  private disksGb(): number | null {
    for (const [pattern, gib] of this.known.disks) {
      const sizes = [...this.cells.keys()]
        .filter((key) => pattern.test(key))
        .map((key) => parseSizeGib(this.text(key), this.decimal, gib))
        .filter((size) => size !== null);
      if (sizes.length > 0) return sizes.reduce((sum, size) => sum + size, 0);
    }
    return null;
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
