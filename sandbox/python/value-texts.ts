/** Line width of the server's JSON schema library. */
const WIDTH = 72;

/** A JSON value as Python prints it: `True`, `None`, `'text'`. */
export function pythonRepr(value: unknown): string {
  if (value === null || value === undefined) return 'None';
  if (value === true) return 'True';
  if (value === false) return 'False';
  if (typeof value === 'string') return quoted(value);
  if (Array.isArray(value)) return `[${value.map(pythonRepr).join(', ')}]`;
  if (typeof value === 'object') {
    const members = Object.entries(value).map(([key, member]) => `${quoted(key)}: ${pythonRepr(member)}`);
    return `{${members.join(', ')}}`;
  }
  return typeof value === 'number' ? numberText(value) : '';
}

/** Python's text of a number: `nan`, `inf`, small fractions as `1e-05`. */
function numberText(value: number): string {
  if (!Number.isFinite(value)) return String(value).toLowerCase().replace('infinity', 'inf');
  const text = value !== 0 && Math.abs(value) < 1e-4 ? value.toExponential() : String(value);
  return text.replace(/e-(\d)$/, 'e-0$1');
}

/** A JSON value inside a Python message: texts without quotes. */
export function pythonStr(value: unknown): string {
  return typeof value === 'string' ? value : pythonRepr(value);
}

function quoted(text: string): string {
  const escaped = text
    .replaceAll('\\', '\\\\')
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r')
    .replaceAll('\t', '\\t')
    .replaceAll(/[\0-\x1f\x7f-\xa0\xad]/g, (one) => `\\x${one.charCodeAt(0).toString(16).padStart(2, '0')}`);
  return escaped.includes("'") && !escaped.includes('"')
    ? `"${escaped}"`
    : `'${escaped.replaceAll("'", "\\'")}'`;
}

/** A JSON value as Python's pretty printer shows it: keys sorted, wrapped where a line would be too long. */
export function pythonPrettyPrint(value: unknown): string {
  return pretty(value, 0, 0);
}

/**
 * Formats a value as Python's pretty printer does.
 * @param indent the column at which the value begins
 * @param allowance number of characters that must still fit behind the value on its last line
 */
function pretty(value: unknown, indent: number, allowance: number): string {
  const flat = pythonRepr(sorted(value));
  if (flat.length <= WIDTH - indent - allowance) return flat;
  if (typeof value === 'string') return prettyText(value, indent, allowance);
  if (Array.isArray(value)) {
    const items = value.map((item, position) =>
      pretty(item, indent + 1, position === value.length - 1 ? allowance + 1 : 1),
    );
    return `[${items.join(`,\n${' '.repeat(indent + 1)}`)}]`;
  }
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).sort(byKey);
    const members = entries.map(([key, member], position) => {
      const name = `${quoted(key)}: `;
      const last = position === entries.length - 1;
      return `${name}${pretty(member, indent + 1 + name.length, last ? allowance + 1 : 1)}`;
    });
    return `{${members.join(`,\n${' '.repeat(indent + 1)}`)}}`;
  }
  return flat;
}

/** Prints a long string as Python's pretty printer does: as several adjacent literals, broken at blanks. */
function prettyText(text: string, indent: number, allowance: number): string {
  const chunks: string[] = [];
  const words = text.match(/\S*\s*/g)?.filter((word) => word !== '') ?? [];
  let current = '';
  words.forEach((word, position) => {
    const candidate = current + word;
    const room = WIDTH - indent - (position === words.length - 1 ? allowance : 0);
    if (quoted(candidate).length > room && current !== '') {
      chunks.push(quoted(current));
      current = word;
    } else {
      current = candidate;
    }
  });
  if (current !== '') chunks.push(quoted(current));
  return chunks.join(`\n${' '.repeat(indent)}`);
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(byKey)
      .map(([key, member]) => [key, sorted(member)]),
  );
}

function byKey([one]: [string, unknown], [other]: [string, unknown]): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
