/** Position in a text: line and column, both counted from 1. */
export interface TextPosition {
  readonly line: number;
  readonly column: number;
}

/**
 * Finds the position of the first syntax error in JSON text; undefined when there is none. The messages of JavaScript's
 * parser are not used: some have no position, and others quote the text, which may be a misplaced password.
 */
export function findJsonSyntaxError(text: string): TextPosition | undefined {
  const scanner = new Scanner(text);
  if (scanner.value() && scanner.isAtEnd()) return undefined;
  const before = text.slice(0, scanner.at).split('\n');
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}

const scalar =
  /"(?:(?!\p{Cc})[^"\\]|[\u007F-\u009F]|\\["\\/bfnrt]|\\u[\da-fA-F]{4})*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/uy;

/**
 * Scanner of JSON that stops at the first syntax error. Each method returns false there, and `at` is then the position
 * of the error.
 */
class Scanner {
  at = 0;

  constructor(private readonly text: string) {}

  isAtEnd(): boolean {
    this.skipBlanks();
    return this.at === this.text.length;
  }

  value(): boolean {
    if (this.takes('{'))
      return this.entries('}', () => this.matches(/"/uy, scalar) && this.takes(':') && this.value());
    if (this.takes('[')) return this.entries(']', () => this.value());
    return this.matches(/./suy, scalar);
  }

  /** Reads entries with commas between them, up to the closing bracket. */
  private entries(end: string, entry: () => boolean): boolean {
    if (this.takes(end)) return true;
    do if (!entry()) return false;
    while (this.takes(','));
    return this.takes(end);
  }

  /** Skips a match of `pattern` at the position. False when `pattern` or `start` does not match there. */
  private matches(start: RegExp, pattern: RegExp): boolean {
    this.skipBlanks();
    start.lastIndex = this.at;
    pattern.lastIndex = this.at;
    const found = start.test(this.text) ? pattern.exec(this.text) : null;
    this.at += found?.[0].length ?? 0;
    return found !== null;
  }

  private takes(character: string): boolean {
    this.skipBlanks();
    if (this.text.charAt(this.at) !== character) return false;
    this.at += 1;
    return true;
  }

  private skipBlanks(): void {
    while (/[ \t\r\n]/u.test(this.text.charAt(this.at))) this.at += 1;
  }
}
