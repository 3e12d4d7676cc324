import { parseYamlFlow, unreadableLineError } from './parse-yaml-flow';

/**
 * Parser for the part of YAML that `clouds.yaml` files use: block mappings and sequences, flow collections (JSON
 * included), quoted and plain scalars, comments. Scalars stay texts, so that a password of digits does not become a
 * number; `null`, `~` and empty values are null. Anchors, tags, block scalars and everything ambiguous are refused.
 */

/** A line of YAML without its comment. */
interface Line {
  readonly number: number;
  readonly indent: number;
  readonly text: string;
}

/**
 * Parses YAML.
 * @throws {InvalidInputError} naming the line that cannot be read
 */
export function parsePastedYaml(text: string): unknown {
  const lines = linesOf(text);
  if (lines.length === 0) return null;
  const reader = new BlockReader(lines);
  const value = reader.block(lines[0]?.indent ?? 0);
  const [left] = reader.rest();
  if (left !== undefined)
    throw unreadableLineError(left.number, 'is indented in a way that fits nothing above it');
  return value;
}

function linesOf(text: string): readonly Line[] {
  return text.split(/\r?\n/u).flatMap((whole, index) => {
    const line = withoutComment(whole.replace(/^\uFEFF/u, '')).trimEnd();
    const indent = line.length - line.trimStart().length;
    if (line === '' || line === '---' || line === '...' || line.startsWith('%')) return [];
    if (line.slice(0, indent).includes('\t')) throw unreadableLineError(index + 1, 'is indented with a tab');
    return [{ number: index + 1, indent, text: line.trim() }];
  });
}

/** A line up to the `#` that begins its comment: one at the start or after a blank, outside of quotes. */
function withoutComment(line: string): string {
  let quote = '';
  for (let at = 0; at < line.length; at += 1) {
    const character = line.charAt(at);
    const before = line.slice(0, at);
    if (quote !== '') {
      if (character === '\\' && quote === '"') at += 1;
      else if (character === quote) quote = '';
    } else if (/['"]/u.test(character) && /(?:^|[\s:,[{-])$/u.test(before)) quote = character;
    else if (character === '#' && /(?:^|\s)$/u.test(before)) return before;
  }
  return line;
}

/** `key: value` of a block mapping; the key plain or quoted. */
const pair =
  /^("(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^\s#&*!|>'"%@`{}[\],-][^#]*?|-[^\s#][^#]*?)\s*:(?:\s+(.*))?$/u;

/** The dash of an entry of a block sequence. */
const dash = /^-(?:\s|$)/u;

class BlockReader {
  private at = 0;

  constructor(private readonly lines: readonly Line[]) {}

  rest = (): readonly Line[] => this.lines.slice(this.at);

  /** The mapping, sequence or scalar whose lines are indented by `indent`. */
  block(indent: number): unknown {
    const line = this.lines[this.at];
    if (line === undefined) return null;
    if (dash.test(line.text)) return this.sequence(indent);
    if (pair.test(line.text)) return this.mapping(indent);
    return this.scalar(line.text, line);
  }

  private mapping(indent: number): Readonly<Record<string, unknown>> {
    const entries = new Map<string, unknown>();
    for (let line = this.lines[this.at]; line?.indent === indent; line = this.lines[this.at]) {
      const [, key, value = ''] = pair.exec(line.text) ?? [];
      if (key === undefined) break;
      const name = String(parseYamlFlow(key, line.number));
      if (entries.has(name)) throw unreadableLineError(line.number, 'repeats a key');
      entries.set(name, value === '' ? this.below(indent) : this.scalar(value, line));
    }
    return Object.fromEntries(entries);
  }

  private sequence(indent: number): readonly unknown[] {
    const entries: unknown[] = [];
    for (let line = this.lines[this.at]; line?.indent === indent; line = this.lines[this.at]) {
      if (!dash.test(line.text)) break;
      const text = line.text.slice(1).trim();
      if (text === '') entries.push(this.below(indent));
      else if (!pair.test(text) && !dash.test(text)) entries.push(this.scalar(text, line));
      else {
        // "- name: West" begins a mapping that goes on below "name"; "- - West" a sequence.
        const inner = { ...line, text, indent: indent + line.text.length - text.length };
        const reader = new BlockReader([inner, ...this.lines.slice(this.at + 1)]);
        entries.push(reader.block(inner.indent));
        this.at += reader.at;
      }
    }
    return entries;
  }

  /** Value on the lines below a key or dash; null when there is none. */
  private below(indent: number): unknown {
    const number = this.lines[this.at]?.number ?? 0;
    this.at += 1;
    const next = this.lines[this.at];
    // A sequence may stand at the indentation of its key.
    const isBelow =
      next !== undefined && (next.indent > indent || (next.indent === indent && dash.test(next.text)));
    if (!isBelow) return null;
    const value = this.block(next.indent);
    const after = this.lines[this.at];
    if (after !== undefined && after.indent > indent && after.indent !== next.indent) {
      throw unreadableLineError(after.number, `is indented in a way that fits nothing below line ${number}`);
    }
    return value;
  }

  /** A scalar or flow collection, which may go on over the next lines. */
  private scalar(text: string, { number, indent }: Line): unknown {
    this.at += 1;
    let whole = text;
    if (/^[[{"']/u.test(text)) {
      for (let next = this.lines[this.at]; next !== undefined && isOpen(whole); next = this.lines[this.at]) {
        whole = `${whole} ${next.text}`;
        this.at += 1;
      }
    }
    const next = this.lines[this.at];
    if (next !== undefined && next.indent > indent)
      throw unreadableLineError(next.number, 'continues a value');
    return parseYamlFlow(whole, number);
  }
}

/** Whether a quotation or a bracket that begins in the text does not end in it. */
function isOpen(text: string): boolean {
  const bare = text.replace(/"(?:[^"\\]|\\.)*"|'(?:[^']|'')*'/gu, '');
  const count = (characters: RegExp): number => bare.match(characters)?.length ?? 0;
  return /["']/u.test(bare) || count(/[[{]/gu) > count(/[\]}]/gu);
}
