/**
 * Parses a CSV text (RFC 4180: quotes, doubled quotes, line breaks in quotes). Each row is an object with the names of
 * the header line as keys. A column without a name is called `column_` and its number; a second column of one name gets
 * a number behind it. Missing cells of a short row are empty texts.
 */
export function parseCsv(
  text: string,
  delimiter: CsvDelimiter = ',',
): ReadonlyArray<Readonly<Record<string, string>>> {
  const [head = [], ...lines] = recordsOf(text.replace(/^\uFEFF/, ''), delimiter);
  const names = numberRepeated(
    head.map((name, at) => (name.trim() === '' ? `column_${at + 1}` : name.trim())),
  );
  return lines.map((values) => Object.fromEntries(names.map((name, at) => [name, values[at] ?? ''])));
}

/** Numbers the repetitions of a name: "notes", "notes (2)". */
const numberRepeated = (names: readonly string[]): readonly string[] =>
  names.map((name, at) => {
    const before = names.slice(0, at).filter((other) => other === name).length;
    return before === 0 ? name : `${name} (${before + 1})`;
  });

/** Delimiter between values. Spreadsheets in many countries write semicolons. */
export type CsvDelimiter = ',' | ';' | '\t';

/** Detects the delimiter: the most frequent one in the first line, outside quotes; a comma when the line has none. */
export function detectCsvDelimiter(text: string): CsvDelimiter {
  const [head = ''] = text.replaceAll(/"(?:[^"]|"")*"/g, '').split(/[\r\n]/, 1);
  const count = (delimiter: CsvDelimiter): number => head.split(delimiter).length;
  return ([',', ';', '\t'] as const).reduce((best, one) => (count(one) > count(best) ? one : best));
}

/**
 * Pattern for one value and what ends it: the delimiter, a line break, or the end of the text. A quote within a value without quotes is a
 * character like others, as in what is copied from a spreadsheet.
 */
const valueBefore = (delimiter: CsvDelimiter): RegExp =>
  new RegExp(
    `(?:"((?:[^"]|"")*)"|((?:[^"${delimiter}\\r\\n][^${delimiter}\\r\\n]*)?))(${delimiter}|\\r\\n|\\n|\\r|$)`,
    'gy',
  );

function recordsOf(text: string, delimiter: CsvDelimiter): string[][] {
  const records: string[][] = [];
  let record: string[] = [];
  const pattern = valueBefore(delimiter);
  while (pattern.lastIndex < text.length) {
    const at = pattern.lastIndex;
    const found = pattern.exec(text);
    // After a stray quote, the rest of the line counts as one value.
    const end = found === null ? lineEnd(text, at) : pattern.lastIndex;
    const [, quoted, plain, stop = '\n'] = found ?? [undefined, undefined, text.slice(at, end).trimEnd()];
    pattern.lastIndex = end;
    record.push(quoted?.replaceAll('""', '"') ?? plain ?? '');
    if (stop === delimiter && end < text.length) continue;
    if (stop === delimiter) record.push('');
    // Empty lines are skipped.
    if (record.length > 1 || record[0] !== '') records.push(record);
    record = [];
  }
  return records;
}

function lineEnd(text: string, from: number): number {
  const at = text.indexOf('\n', from);
  return at < 0 ? text.length : at + 1;
}
