import { InvalidInputError } from '../api/errors';
import type { AnyField, Fields, InputOf } from './field';
import { isObject, type JsonObject } from '../model/json';

/** Converts a field name to a face's spelling: `transferId` in n8n, `transfer_id` in MCP. */
export type Spelling = (name: string) => string;

/** The spelling of the catalogue, which n8n and programs use. */
export const catalogueSpelling: Spelling = (name) => name;

/** Problem with one value: "must be a whole number from 1 to 100, got 0". */
class Problem {
  constructor(readonly text: string) {}
}

/**
 * Checks a caller's input against the fields of an operation and returns typed values. When it throws, nothing has been
 * sent and the error names every problem, so that nobody corrects one field a round.
 *
 * Empty texts, null and undefined all mean "not given": that is how forms and models leave something out.
 *
 * @param others names that the caller of this function has taken out, for who asks what is accepted
 * @throws {InvalidInputError} naming each field, what was wrong and what is accepted
 */
export function readInput<F extends Fields>(
  fields: F,
  given: Readonly<Record<string, unknown>>,
  spell: Spelling = catalogueSpelling,
  others: readonly string[] = [],
): InputOf<F> {
  const problems: Array<{ readonly name: string; readonly text: string }> = [];
  const input: Record<string, unknown> = {};
  for (const name of Object.keys(given)) {
    if (!Object.hasOwn(fields, name) && given[name] !== undefined) {
      problems.push({
        name,
        text: `is not an input here; accepted: ${[...Object.keys(fields).map(spell), ...others].join(', ')}`,
      });
    }
  }
  for (const [name, field] of Object.entries(fields)) {
    const value = readValue(field, Object.hasOwn(given, name) ? given[name] : undefined);
    if (value instanceof Problem) problems.push({ name, text: value.text });
    else input[name] = value;
  }
  const first = problems[0];
  if (first !== undefined) {
    throw new InvalidInputError(
      problems
        .map(({ name, text }) => {
          const title = fields[name]?.title;
          return title === undefined || title === spell(name)
            ? `${spell(name)} ${text}.`
            : `${title} (${spell(name)}) ${text}.`;
        })
        .join(' '),
      { field: spell(first.name), advice: 'Nothing was sent. Correct the input and try again.' },
    );
  }
  return input as InputOf<F>;
}

/** Problem of a lone surrogate, which UTF-8 cannot encode, so that it would arrive changed. */
const LONE_SURROGATE = new Problem(
  'holds half of a character (a lone UTF-16 surrogate); give whole characters',
);

/** Maximum depth of a value. No form, schema or map is deeper, and recursion on more could exhaust the stack. */
const DEEPEST = 100;
const TOO_DEEP = new Problem(`is nested deeper than ${DEEPEST} levels`);

const isDeeperThan = (levels: number, value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  (levels === 0 || Object.values(value).some((entry) => isDeeperThan(levels - 1, entry)));

/** Whether every text in `value`, keys included, is valid Unicode. */
function isUnicode(value: unknown): boolean {
  if (typeof value === 'string') return !/\p{Surrogate}/u.test(value);
  if (Array.isArray(value)) return value.every(isUnicode);
  return !isObject(value) || Object.entries(value).flat().every(isUnicode);
}

/** Whether a value counts as not given. */
export const isAbsent = (value: unknown): boolean =>
  value === undefined || value === null || (typeof value === 'string' && value.trim() === '');

function readValue(field: AnyField, given: unknown): unknown {
  if (isAbsent(given)) {
    if ('default' in field && field.default !== undefined) return field.default;
    return field.required ? new Problem(`is missing: ${clause(field.description)}`) : undefined;
  }
  const value = readers[field.kind](given, field as never);
  if (!(value instanceof Problem) && isDeeperThan(DEEPEST, value)) return TOO_DEEP;
  if (!isUnicode(value)) return LONE_SURROGATE;
  const empty = (Array.isArray(value) && value.length === 0) || isEmptyObject(value);
  if (empty && field.required && field.kind !== 'form' && field.kind !== 'map') {
    return new Problem(`is empty: ${clause(field.description)}`);
  }
  return value;
}

type Reader<K extends AnyField['kind']> = (given: unknown, field: Extract<AnyField, { kind: K }>) => unknown;

const readers: { readonly [K in AnyField['kind']]: Reader<K> } = {
  text: (given) => {
    if (typeof given === 'string') return given;
    if (typeof given === 'number') return String(given);
    return new Problem(`must be text, got ${describe(given)}`);
  },

  number: (given, { minimum, maximum }) => {
    const value = typeof given === 'string' ? Number(given.trim()) : given;
    const range =
      maximum === Number.MAX_SAFE_INTEGER ? `${minimum} or more` : `from ${minimum} to ${maximum}`;
    return typeof value === 'number' && Number.isInteger(value) && value >= minimum && value <= maximum
      ? value
      : new Problem(`must be a whole number, ${range}; got ${describe(given)}`);
  },

  flag: (given) => {
    if (typeof given === 'boolean') return given;
    if (typeof given === 'string') {
      const word = given.trim().toLowerCase();
      if (word === 'true') return true;
      if (word === 'false') return false;
    }
    return new Problem(`must be true or false, got ${describe(given)}`);
  },

  choice: (given, { choices }) =>
    choices.some(({ value }) => value === given)
      ? given
      : new Problem(`must be one of ${choices.map(({ value }) => value).join(', ')}; got ${describe(given)}`),

  json: (given) => readObject(given),

  records: (given) => {
    const rows = typeof given === 'string' ? parseJson(given) : given;
    if (rows instanceof Problem) return rows;
    return Array.isArray(rows) && rows.every(isObject)
      ? (rows as unknown)
      : new Problem(`must be a list of JSON objects, got ${describe(rows)}`);
  },

  form: (given) => readObject(given),

  list: (given) => {
    const parsed = typeof given === 'string' ? splitList(given) : given;
    if (parsed instanceof Problem) return parsed;
    if (!Array.isArray(parsed)) return new Problem(`must be a list of texts, got ${describe(given)}`);
    const texts: string[] = [];
    for (const entry of parsed as unknown[]) {
      if (isAbsent(entry)) continue;
      if (typeof entry !== 'string') return new Problem(`must hold texts only, found ${describe(entry)}`);
      texts.push(entry.trim());
    }
    const seen = new Set<string>();
    const twice = texts.find((entry) => seen.size === seen.add(entry).size);
    return twice === undefined ? texts : new Problem(`names "${twice}" twice`);
  },

  reference: (given) => {
    if (typeof given === 'string') return given.trim();
    return new Problem(`must be an id or a name, got ${describe(given)}`);
  },

  map: (given, { objects }) => {
    const pairs = readPairs(given);
    if (pairs instanceof Problem) return pairs;
    for (const [key, value] of Object.entries(pairs)) {
      if (typeof value === 'string' && value !== '') continue;
      if (objects && isObject(value)) continue;
      const accepted = objects ? 'a text or an object' : 'a text';
      return new Problem(`must map "${key}" to ${accepted}, got ${describe(value)}`);
    }
    return pairs;
  },
};

function readObject(given: unknown): JsonObject | Problem {
  const value = typeof given === 'string' ? parseJson(given) : given;
  if (value instanceof Problem) return value;
  return isObject(value) ? value : new Problem(`must be a JSON object, got ${describe(value)}`);
}

/**
 * Parses pairs: `{"a": "b"}`, `["a=b"]`, `"a=b"` or several lines of it. Quotes around either side are removed
 * (docs/reference/cli-parity.md G-STORAGE).
 */
function readPairs(given: unknown): JsonObject | Problem {
  if (typeof given === 'string' && given.trimStart().startsWith('{')) return readObject(given);
  if (isObject(given)) return given;
  const entries = typeof given === 'string' ? splitList(given) : given;
  if (entries instanceof Problem) return entries;
  if (!Array.isArray(entries))
    return new Problem(`must be a JSON object or source=destination pairs, got ${describe(given)}`);
  const pairs = new Map<string, string>();
  for (const entry of entries as unknown[]) {
    if (typeof entry !== 'string')
      return new Problem(`must hold source=destination texts, found ${describe(entry)}`);
    const [source, destination, ...rest] = entry.split('=').map(unquote);
    if (
      source === undefined ||
      source === '' ||
      destination === undefined ||
      destination === '' ||
      rest.length > 0
    ) {
      return new Problem(`must hold source=destination with exactly one "=", found "${entry}"`);
    }
    if (pairs.has(source)) return new Problem(`maps "${source}" twice`);
    pairs.set(source, destination);
  }
  return Object.fromEntries(pairs);
}

/** Splits a list: a JSON array, or text separated by commas and line ends. */
function splitList(given: string): unknown {
  if (given.trimStart().startsWith('[')) return parseJson(given);
  return given
    .split(/[\n,]/)
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
}

function parseJson(given: string): unknown {
  try {
    return JSON.parse(given) as unknown;
  } catch (error) {
    // The parser's message is not used: it quotes the text, which may be a misplaced password.
    const position = error instanceof Error ? /position (\d+)/u.exec(error.message)?.[1] : undefined;
    return new Problem(
      position === undefined ? 'is not valid JSON' : `is not valid JSON (at character ${position})`,
    );
  }
}

const unquote = (given: string): string => given.trim().replace(/^(['"])(.*)\1$/u, '$2');

const isEmptyObject = (value: unknown): boolean => isObject(value) && Object.keys(value).length === 0;

/**
 * Describes a value for an error: its type, and the value itself only when short and harmless, because it may be a
 * misplaced secret.
 */
function describe(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (typeof value === 'string')
    return value.length <= 40 && !/\s/u.test(value) ? `"${value}"` : 'other text';
  return typeof value === 'object' ? 'an object' : `a value of type ${typeof value}`;
}

/** Lowers the first letter of a sentence and drops its full stop. */
const clause = (sentence: string): string =>
  sentence.charAt(0).toLowerCase() + sentence.slice(1).replace(/\.$/u, '');
