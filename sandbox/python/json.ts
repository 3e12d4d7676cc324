import { pythonValueError } from './errors';

/** JSON parser that fails with the messages of Python's `JSONDecodeError`. */

const WHITESPACE = /[ \t\n\r]*/y;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const CONSTANTS: Readonly<Record<string, unknown>> = {
  null: null,
  true: true,
  false: false,
  NaN: Number.NaN,
  Infinity: Infinity,
  '-Infinity': -Infinity,
};

/**
 * Parses JSON as Python's `json.loads` does, which takes NaN and the infinities too.
 * @throws PythonError ValueError with Python's words, e.g. `Expecting value: line 1 column 1 (char 0)`
 */
export function parsePythonJson(text: string): unknown {
  const reader = new Reader(text);
  const value = reader.value(reader.skip(0));
  const end = reader.skip(value.end);
  if (end !== text.length) reader.fail('Extra data', end);
  return value.value;
}

interface Parsed<T = unknown> {
  readonly value: T;
  readonly end: number;
}

class Reader {
  constructor(private readonly text: string) {}

  fail(message: string, position: number): never {
    const before = this.text.slice(0, position);
    const line = before.split('\n').length;
    const column = position - before.lastIndexOf('\n');
    throw pythonValueError(`${message}: line ${line} column ${column} (char ${position})`);
  }

  /** The position of the next character that is no white space. */
  skip(position: number): number {
    WHITESPACE.lastIndex = position;
    return position + (WHITESPACE.exec(this.text)?.[0].length ?? 0);
  }

  value(position: number): Parsed {
    const character = this.text[position];
    if (character === '"') return this.string(position);
    if (character === '{') return this.object(position);
    if (character === '[') return this.array(position);
    for (const [word, value] of Object.entries(CONSTANTS)) {
      if (this.text.startsWith(word, position)) return { value, end: position + word.length };
    }
    NUMBER.lastIndex = position;
    const number = NUMBER.exec(this.text)?.[0];
    if (number === undefined || number === '') return this.fail('Expecting value', position);
    return { value: Number(number), end: position + number.length };
  }

  private string(start: number): Parsed<string> {
    for (let position = start + 1; position < this.text.length; position += 1) {
      const character = this.text[position] ?? '';
      if (character === '"') {
        return { value: JSON.parse(this.text.slice(start, position + 1)) as string, end: position + 1 };
      }
      if (character < ' ') this.fail('Invalid control character at', position);
      if (character !== '\\') continue;
      const escape = this.text[position + 1];
      if (escape === undefined) break;
      if (escape === 'u' && !/^[0-9a-fA-F]{4}/.test(this.text.slice(position + 2))) {
        this.fail('Invalid \\uXXXX escape', position + 1);
      }
      if (!'"\\/bfnrtu'.includes(escape)) this.fail('Invalid \\escape', position);
      position += 1;
    }
    return this.fail('Unterminated string starting at', start);
  }

  private object(start: number): Parsed {
    const result: Record<string, unknown> = {};
    let position = this.skip(start + 1);
    if (this.text[position] === '}') return { value: result, end: position + 1 };
    for (;;) {
      if (this.text[position] !== '"') {
        this.fail('Expecting property name enclosed in double quotes', position);
      }
      const key = this.string(position);
      position = this.skip(key.end);
      if (this.text[position] !== ':') this.fail("Expecting ':' delimiter", position);
      const member = this.value(this.skip(position + 1));
      Object.defineProperty(result, key.value, { value: member.value, enumerable: true, writable: true });
      position = this.skip(member.end);
      if (this.text[position] === '}') return { value: result, end: position + 1 };
      if (this.text[position] !== ',') this.fail("Expecting ',' delimiter", position);
      position = this.skip(position + 1);
    }
  }

  private array(start: number): Parsed {
    const result: unknown[] = [];
    let position = this.skip(start + 1);
    if (this.text[position] === ']') return { value: result, end: position + 1 };
    for (;;) {
      const element = this.value(position);
      result.push(element.value);
      position = this.skip(element.end);
      if (this.text[position] === ']') return { value: result, end: position + 1 };
      if (this.text[position] !== ',') this.fail("Expecting ',' delimiter", position);
      position = this.skip(position + 1);
    }
  }
}
