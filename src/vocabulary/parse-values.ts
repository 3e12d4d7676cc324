import { isObject, type JsonObject } from '../model/json';
import { quoteText } from '../model/untrusted-text';
import { findJsonSyntaxError } from './json-syntax-error';

/** Reading of lists, pairs and objects in the forms in which people, expressions and command lines write them. */

/** Problem with one value of an input, as the end of a sentence: "must be a whole number from 1 to 100, got 0". */
export class ValueProblem {
  constructor(readonly text: string) {}
}

/** Reads a JSON object, given as an object or as JSON text. */
export function readObject(given: unknown): JsonObject | ValueProblem {
  const value = typeof given === 'string' ? parseJson(given) : given;
  if (value instanceof ValueProblem) return value;
  return isObject(value) ? value : new ValueProblem(`must be a JSON object, got ${describeValue(value)}`);
}

/**
 * Reads the entries of a list, given as an array, JSON text, a text with commas or line ends between the entries, or a
 * single number.
 */
export function readList(given: unknown): readonly unknown[] | ValueProblem {
  const entries = typeof given === 'string' ? splitList(given) : given;
  if (entries instanceof ValueProblem) return entries;
  if (typeof entries === 'number') return [entries];
  return Array.isArray(entries)
    ? (entries as unknown[])
    : new ValueProblem(`must be a list of texts, got ${describeValue(given)}`);
}

/**
 * Reads pairs: `{"a": "b"}`, `["a=b"]`, `"a=b"` or several lines of it. Quotes around either side are removed
 * (docs/reference/cli-parity.md G-STORAGE). The lists of `{source, destination}` and `{disk_id, destination}` that
 * Coriolis itself uses are accepted too.
 */
export function readPairs(given: unknown): JsonObject | ValueProblem {
  if (typeof given === 'string' && isMeantAsJson(given, '{')) return readObject(given);
  if (isObject(given)) return given;
  const entries = typeof given === 'string' ? splitList(given) : given;
  if (entries instanceof ValueProblem) return entries;
  if (!Array.isArray(entries))
    return new ValueProblem(`must be a JSON object or source=destination pairs, got ${describeValue(given)}`);
  const pairs = new Map<string, unknown>();
  for (const entry of entries as unknown[]) {
    const pair = isObject(entry) ? ownPair(entry) : writtenPair(entry);
    if (pair instanceof ValueProblem) return pair;
    const [source, destination] = pair;
    if (pairs.has(source)) return new ValueProblem(`maps "${quoteText(source.slice(0, 200), 60)}" twice`);
    pairs.set(source, destination);
  }
  return Object.fromEntries(pairs);
}

type Pair = readonly [source: string, destination: unknown];

/**
 * Reads a pair in Coriolis' own format: `{source, destination}` or `{disk_id, destination}`
 * (docs/reference/coriolis-api.md §11.2).
 */
function ownPair(entry: JsonObject): Pair | ValueProblem {
  const { source, disk_id: disk = source, destination, ...others } = entry;
  return (typeof disk === 'string' || typeof disk === 'number') && Object.keys(others).length === 0
    ? [String(disk), destination]
    : new ValueProblem('must hold objects with the keys source (or disk_id) and destination');
}

/** Reads a pair as the command line writes it: `source=destination`. */
function writtenPair(entry: unknown): Pair | ValueProblem {
  if (typeof entry !== 'string')
    return new ValueProblem(`must hold source=destination texts, found ${describeValue(entry)}`);
  const [source = '', destination = '', ...rest] = entry.split('=').map(unquote);
  return source !== '' && destination !== '' && rest.length === 0
    ? [source, destination]
    : new ValueProblem(
        `must hold source=destination with exactly one "=", found "${quoteText(entry.slice(0, 200), 60)}"; give names with "=" as a JSON object`,
      );
}

/** Splits a list: a JSON array, or text separated by commas and line ends. */
function splitList(given: string): unknown {
  if (isMeantAsJson(given, '[')) return parseJson(given);
  return given
    .split(/[\n,]/)
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
}

/**
 * Whether a text is meant as JSON, also when it has a mistake. Names may begin with a bracket too, such as "[PROD]
 * web-01", so the characters after the bracket decide.
 */
function isMeantAsJson(given: string, bracket: '[' | '{'): boolean {
  const text = given.trim();
  if (!text.startsWith(bracket)) return false;
  return !(parseJson(text) instanceof ValueProblem) || /^(?:\[\s*(?:["{[]|$)|\{\s*(?:"|$))/u.test(text);
}

/**
 * Parses JSON text; a `ValueProblem` when it is invalid. The problem names the position and quotes nothing, because the text
 * may be a misplaced password.
 */
export function parseJson(given: string): unknown {
  try {
    return JSON.parse(given) as unknown;
  } catch {
    const mistake = findJsonSyntaxError(given);
    return new ValueProblem(
      mistake === undefined
        ? 'is not valid JSON'
        : `is not valid JSON (line ${mistake.line}, column ${mistake.column})`,
    );
  }
}

const unquote = (given: string): string => given.trim().replace(/^(['"])(.*)\1$/u, '$2');

/**
 * Describes a value for an error by its type. The value itself is quoted only when it is short and has no blanks,
 * because it may be a misplaced secret.
 */
export function describeValue(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (typeof value === 'string')
    return value.length <= 40 && !/\s/u.test(value) ? `"${value}"` : 'other text';
  return typeof value === 'object' ? 'an object' : `a value of type ${typeof value}`;
}
