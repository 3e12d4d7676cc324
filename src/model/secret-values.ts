/**
 * Finds the value that follows the name of a secret in free text: in quotes, in brackets, or bare. Takes time linear in
 * the length of the value.
 */

/** Value found in a text. */
export interface ValueInText {
  /** Index after the value. */
  readonly end: number;
  /** The value without its quotes. */
  readonly inner: string;
  /** Quotes around the value as they are written, also escaped ones; empty for a bare value or one in brackets. */
  readonly quote: string;
}

/**
 * Pattern for a value without quotes. A comma belongs to the value, unless a blank or the next name follows:
 * `password=a,X`.
 */
const BARE = /(?:[^\s,;&'"<>)}\]\\]|,(?![\s'"]|[\w.-]{1,80}\s{0,3}[=:])|\\(?!["'nrt]))+/uy;

/** Pattern for prefixes of Python strings (`u'x'`, `rb"x"`), which are not part of the value. */
const PREFIX = /(?:[ubrf]{1,2}(?=\\{0,8}["']))?/iuy;
/**
 * Pattern for a YAML block whose lines were joined into one. The end of the block is unknown, so the rest of the line
 * counts as the value.
 */
const JOINED_BLOCK = /[|>][-+\d]{0,2}[^\S\n]+(?=\S)[^\n]*/uy;
const QUOTE = /"""|'''|["']|\\{1,8}["']/uy;

const CLOSING: Readonly<Record<string, string>> = { '[': ']', '{': '}', '(': ')' };

/**
 * Finds the value that begins at index `at` of a text; undefined when there is none. A value whose end is missing
 * reaches to the end of the text.
 */
export function findValueAt(text: string, at: number): ValueInText | undefined {
  JOINED_BLOCK.lastIndex = at;
  const block = JOINED_BLOCK.exec(text)?.[0];
  if (block !== undefined) return { end: at + block.length, inner: block, quote: '' };
  PREFIX.lastIndex = at;
  const start = at + (PREFIX.exec(text)?.[0].length ?? 0);
  QUOTE.lastIndex = start;
  const quote = QUOTE.exec(text)?.[0];
  if (quote !== undefined) return quotedAt(text, start + quote.length, quote);
  if (text.charAt(start) in CLOSING) {
    const end = endOfBrackets(text, start);
    return { end, inner: text.slice(start, end), quote: '' };
  }
  BARE.lastIndex = start;
  const bare = BARE.exec(text)?.[0];
  return bare === undefined ? undefined : { end: start + bare.length, inner: bare, quote: '' };
}

function quotedAt(text: string, start: number, quote: string): ValueInText {
  const isEscaped = quote.startsWith('\\');
  for (let at = start; at < text.length; at += 1) {
    if (text.startsWith(quote, at)) return { end: at + quote.length, inner: text.slice(start, at), quote };
    // An escaped quote inside does not end the value.
    if (!isEscaped && text.charAt(at) === '\\') at += 1;
  }
  return { end: text.length, inner: text.slice(start), quote };
}

/** Index after the bracket that closes the one at `start`; brackets in quotes do not count. */
function endOfBrackets(text: string, start: number): number {
  const open: string[] = [];
  for (let at = start; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (character in CLOSING) open.push(CLOSING[character] ?? '');
    else if (character === open.at(-1)) open.pop();
    else if (character === '"' || character === "'") at = quotedAt(text, at + 1, character).end - 1;
    else if (character === '\\') at += 1;
    if (open.length === 0) return at + 1;
  }
  return text.length;
}
