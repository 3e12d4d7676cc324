import { InvalidInputError } from '../../../src/api/errors';

/** Parser for flow values of YAML, those on one line: scalars, `[…]` and `{…}`. JSON is such a value too. */

/** Error about a line that cannot be read. It quotes nothing, because the line may contain a password. */
export const unreadableLineError = (line: number, why: string): InvalidInputError =>
  new InvalidInputError(`The pasted clouds.yaml cannot be read: line ${line} ${why}`, {
    advice: 'Correct the line, or fill in the fields instead.',
  });

/** Parses a text that is one flow value: a scalar, a list or a mapping. */
export function parseYamlFlow(text: string, line: number): unknown {
  if (/^[&*!|>%@`]/u.test(text)) throw unreadableLineError(line, 'uses an anchor, a tag or a block of text');
  const reader = new FlowReader(text, line);
  // An unquoted value outside brackets may contain brackets and commas.
  const value = /^[[{"']/u.test(text) ? reader.value() : plainValue(text);
  if (/^[[{"']/u.test(text) && !reader.isAtEnd())
    throw unreadableLineError(line, 'has something after its value');
  return value;
}

/** Value of a plain scalar: its text, or null. */
const plainValue = (text: string): string | null => (/^(?:|~|null|Null|NULL)$/u.test(text) ? null : text);

class FlowReader {
  private at = 0;

  constructor(
    private readonly text: string,
    private readonly line: number,
  ) {}

  isAtEnd(): boolean {
    this.skipBlanks();
    return this.at >= this.text.length;
  }

  value(): unknown {
    this.skipBlanks();
    switch (this.text.charAt(this.at)) {
      case '{':
        return this.mapping();
      case '[':
        return this.sequence();
      case '"':
        return this.matched(/"((?:[^"\\]|\\.)*)"/uy, (inner) => unescaped(inner, this.line));
      case "'":
        return this.matched(/'((?:[^']|'')*)'/uy, (inner) => inner.replaceAll("''", "'"));
      default:
        return this.matched(/((?:[^,:[\]{}]|:(?![\s,}\]]|$))*)/uy, (inner) => plainValue(inner.trim()));
    }
  }

  private mapping(): Readonly<Record<string, unknown>> {
    const entries = new Map<string, unknown>();
    this.each('}', () => {
      const key = String(this.value());
      if (!this.takes(':')) throw unreadableLineError(this.line, 'has a key without a value');
      entries.set(key, this.value());
    });
    return Object.fromEntries(entries);
  }

  private sequence(): readonly unknown[] {
    const entries: unknown[] = [];
    this.each(']', () => entries.push(this.value()));
    return entries;
  }

  /** Reads entries with commas between them up to the closing bracket. */
  private each(end: string, read: () => void): void {
    this.at += 1;
    while (!this.takes(end)) {
      const before = this.at;
      read();
      const isEnd = this.text.charAt(this.skipBlanks()) === end;
      if ((!isEnd && !this.takes(',')) || this.at === before) {
        throw unreadableLineError(this.line, 'has brackets that do not close');
      }
    }
  }

  private takes(character: string): boolean {
    this.skipBlanks();
    if (this.text.charAt(this.at) !== character) return false;
    this.at += 1;
    return true;
  }

  private matched(pattern: RegExp, read: (inner: string) => unknown): unknown {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text);
    if (found === null) throw unreadableLineError(this.line, 'has quotes that do not close');
    this.at += found[0].length;
    return read(found[1] ?? '');
  }

  /** Skips blanks and returns the new position. */
  private skipBlanks(): number {
    while (/\s/u.test(this.text.charAt(this.at))) this.at += 1;
    return this.at;
  }
}

/** Text of a double-quoted scalar. Parsed as a JSON string; escapes that only YAML has are refused. */
function unescaped(inner: string, line: number): string {
  try {
    return JSON.parse(`"${inner.replace(/\t/gu, '\\t')}"`) as string;
  } catch {
    // The error of JSON.parse would quote the text, so the error below is thrown instead.
  }
  throw unreadableLineError(line, 'has an escape in its quotes that is not understood');
}
