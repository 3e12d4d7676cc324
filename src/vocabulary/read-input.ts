import { InvalidInputError } from '../api/errors';
import type { AnyField, Fields, InputOf, ReferableResource } from './field';
import { parseDuration } from '../model/duration';
import { isObject } from '../model/json';
import { quoteText } from '../model/untrusted-text';
import { describeExcess, INPUT_LIMITS } from './input-limits';
import { splitServerFormat } from './split-server-format';
import { describeValue, parseJson, ValueProblem, readList, readObject, readPairs } from './parse-values';

/** Converts the name of a field to the caller's spelling: `transferId` in n8n, `transfer_id` in MCP. */
export type FieldNameSpelling = (name: string) => string;

/** Spelling of names as the catalogue of operations has them, which n8n and programs use. */
export const spellFieldNameAsInCatalogue: FieldNameSpelling = (name) => name;

/**
 * Checks a caller's input against the fields of an operation and returns typed values. No request is sent before this
 * check. Its error names every problem at once.
 *
 * Empty texts, null and undefined all mean "not given", because forms and models leave something out in these ways.
 *
 * @param others further accepted names, which other code reads. The error about an unknown name lists them too
 * @throws {InvalidInputError} naming each field, what was wrong and what is accepted
 */
export function readInput<F extends Fields>(
  fields: F,
  given: Readonly<Record<string, unknown>>,
  spell: FieldNameSpelling = spellFieldNameAsInCatalogue,
  others: readonly string[] = [],
): InputOf<F> {
  const problems: Array<{ readonly name: string; readonly sentence: string }> = [];
  const input: Record<string, unknown> = {};
  const unknown = Object.keys(given).filter(
    (name) => !Object.hasOwn(fields, name) && given[name] !== undefined && given[name] !== null,
  );
  const [stranger] = unknown;
  if (stranger !== undefined) {
    const accepted = [...Object.keys(fields).map(spell), ...others].join(', ');
    const are = unknown.length === 1 ? 'is not an input' : 'are not inputs';
    problems.push({
      name: short(stranger),
      sentence: `${joinFirstNames(unknown.map((name) => spell(short(name))))} ${are} here; accepted: ${accepted}.`,
    });
  }
  const spelled = splitServerFormat(fields, given, spell);
  for (const [name, field] of Object.entries(fields)) {
    const one = Object.hasOwn(spelled, name) ? spelled[name] : undefined;
    const value = one instanceof ValueProblem ? one : readValue(field, one);
    if (value instanceof ValueProblem) {
      const title = field.title === spell(name) ? '' : `${field.title} `;
      problems.push({
        name,
        sentence: `${title}${title === '' ? spell(name) : `(${spell(name)})`} ${value.text}.`,
      });
    } else input[name] = value;
  }
  const [first] = problems;
  if (first !== undefined) {
    const more = problems.length - MAX_NAMED;
    throw new InvalidInputError(
      [
        ...problems.slice(0, MAX_NAMED).map(({ sentence }) => sentence),
        ...(more > 0 ? [`And ${more} more.`] : []),
      ].join(' '),
      { field: spell(first.name), advice: 'Nothing was sent. Correct the input and try again.' },
    );
  }
  return input as InputOf<F>;
}

/** Problem of a text with a lone surrogate, which UTF-8 cannot encode. */
const LONE_SURROGATE = new ValueProblem(
  'holds half of a character (a lone UTF-16 surrogate); give whole characters',
);

/** Maximum number of problems that one error lists, and of names that one problem lists. */
const MAX_NAMED = 10;

/** Joins names; of more than ten, only the first ten, followed by the number of the others. */
export const joinFirstNames = (names: readonly string[]): string =>
  names.length <= MAX_NAMED
    ? names.join(', ')
    : `${names.slice(0, MAX_NAMED).join(', ')} and ${names.length - MAX_NAMED} more`;

/** Shortens a caller's text for an error. */
const short = (text: string): string => quoteText(text.slice(0, 200), 60);

/** Maximum number of values and of characters that a field accepts. */
function maximumSize(field: AnyField): readonly [values: number, characters: number] {
  switch (field.kind) {
    case 'text':
      return [1, field.multiline ? INPUT_LIMITS.longText : INPUT_LIMITS.text];
    case 'reference':
      return [1, INPUT_LIMITS.reference];
    case 'list':
      return [INPUT_LIMITS.entries + 1, INPUT_LIMITS.entries * INPUT_LIMITS.reference];
    case 'records':
      return [INPUT_LIMITS.rowValues, 4 * INPUT_LIMITS.longText];
    default:
      return [INPUT_LIMITS.values, INPUT_LIMITS.longText];
  }
}

/** Problem of a value that is too large; undefined when it is not. This is checked before everything else. */
function sizeProblem(value: unknown, field: AnyField): ValueProblem | undefined {
  const [values, characters] = maximumSize(field);
  if (Array.isArray(value)) {
    const maximum =
      field.kind === 'list'
        ? field.maximum
        : field.kind === 'records'
          ? INPUT_LIMITS.rows
          : INPUT_LIMITS.entries;
    if (value.length > maximum)
      return new ValueProblem(`has ${value.length} entries; at most ${maximum} are accepted`);
  }
  const excess = describeExcess(value, values, characters);
  return excess === undefined ? undefined : new ValueProblem(excess);
}

/** Whether every text in `value`, keys included, is valid Unicode. */
function isUnicode(value: unknown): boolean {
  if (typeof value === 'string') return !/\p{Surrogate}/u.test(value);
  if (Array.isArray(value)) return value.every(isUnicode);
  return !isObject(value) || Object.entries(value).flat().every(isUnicode);
}

/** Whether a value counts as not given: undefined, null, or a text of blanks only. */
export const isAbsent = (value: unknown): boolean =>
  value === undefined || value === null || (typeof value === 'string' && value.trim() === '');

function readValue(field: AnyField, given: unknown): unknown {
  if (isAbsent(given)) {
    if ('default' in field && field.default !== undefined) return field.default;
    return field.required ? new ValueProblem(`is missing: ${clause(field.description)}`) : undefined;
  }
  const tooLarge = sizeProblem(given, field);
  if (tooLarge !== undefined) return tooLarge;
  const value = readers[field.kind](given, field as never);
  if (value instanceof ValueProblem) return value;
  // JSON given as text has passed only the check of its length, so the parsed value is checked too.
  const read = typeof given === 'string' ? sizeProblem(value, field) : undefined;
  if (read !== undefined) return read;
  if (!isUnicode(value)) return LONE_SURROGATE;
  const empty = (Array.isArray(value) && value.length === 0) || isEmptyObject(value);
  if (empty && field.required && field.kind !== 'form' && field.kind !== 'map') {
    return new ValueProblem(`is empty: ${clause(field.description)}`);
  }
  return value;
}

/**
 * Converts a text or a number to a text; undefined for other values. Spreadsheets and expressions return names that
 * consist of digits as numbers.
 */
function textOf(given: unknown): string | undefined {
  if (typeof given === 'string') return given;
  return typeof given === 'number' && Number.isFinite(given) ? String(given) : undefined;
}

/** Reason why the database column of the server cannot store a text; undefined when it can. */
function storageProblem(text: string, maximum: number): ValueProblem | undefined {
  const [character] = /[\u{10000}-\u{10FFFF}]/u.exec(text) ?? [];
  if (character !== undefined)
    return new ValueProblem(`has the character ${character}, which Coriolis cannot store; leave emoji out`);
  return text.length > maximum
    ? new ValueProblem(`has ${text.length} characters; Coriolis stores ${maximum} at most`)
    : undefined;
}

/** Resources whose names or ids are chosen by users or platforms. Blanks at either end may belong to them. */
const UNTRIMMED_RESOURCES: readonly ReferableResource[] = [
  'endpoint',
  'instance',
  'network',
  'storage',
  'transfer',
  'migration',
  'minionPool',
  'region',
];

const UUID = /^\s*[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\s*$/iu;

/** Trims a name or id, because blanks are often pasted along, except where they may belong to it. */
const nameOrId = (given: string, resource: ReferableResource): string =>
  UNTRIMMED_RESOURCES.includes(resource) && !UUID.test(given) ? given : given.trim();

type Reader<K extends AnyField['kind']> = (given: unknown, field: Extract<AnyField, { kind: K }>) => unknown;

const readers: { readonly [K in AnyField['kind']]: Reader<K> } = {
  text: (given, { stored }) => {
    const text = textOf(given);
    if (text === undefined) return new ValueProblem(`must be text, got ${describeValue(given)}`);
    return (stored === undefined ? undefined : storageProblem(text, stored)) ?? text;
  },

  number: (given, { minimum, maximum, isDuration }) => {
    const duration = isDuration && typeof given === 'string' ? parseDuration(given) : undefined;
    const value = duration ?? (typeof given === 'string' ? Number(given.trim()) : given);
    const range =
      maximum === Number.MAX_SAFE_INTEGER ? `${minimum} or more` : `from ${minimum} to ${maximum}`;
    return typeof value === 'number' && Number.isInteger(value) && value >= minimum && value <= maximum
      ? value
      : new ValueProblem(
          `must be ${isDuration ? 'a duration such as 90m or 2h, or a whole number of seconds' : 'a whole number'}, ${range}; got ${describeValue(given)}`,
        );
  },

  flag: (given) => {
    if (typeof given === 'boolean') return given;
    if (typeof given === 'string') {
      const word = given.trim().toLowerCase();
      if (word === 'true') return true;
      if (word === 'false') return false;
    }
    return new ValueProblem(`must be true or false, got ${describeValue(given)}`);
  },

  choice: (given, { choices }) =>
    choices.some(({ value }) => value === given)
      ? given
      : new ValueProblem(
          `must be one of ${choices.map(({ value }) => value).join(', ')}; got ${describeValue(given)}`,
        ),

  json: (given) => readObject(given),

  records: (given) => {
    const rows = typeof given === 'string' ? parseJson(given) : given;
    if (rows instanceof ValueProblem) return rows;
    return Array.isArray(rows) && rows.every(isObject)
      ? (rows as unknown)
      : new ValueProblem(`must be a list of JSON objects, got ${describeValue(rows)}`);
  },

  form: (given) => readObject(given),

  list: (given, { of }) => {
    const entries = readList(given);
    if (entries instanceof ValueProblem) return entries;
    const texts: string[] = [];
    for (const entry of entries) {
      if (isAbsent(entry)) continue;
      const text = textOf(entry);
      if (text === undefined) return new ValueProblem(`must hold texts only, found ${describeValue(entry)}`);
      if (text.length > INPUT_LIMITS.reference) {
        return new ValueProblem(`has an entry of more than ${INPUT_LIMITS.reference} characters`);
      }
      texts.push(of === undefined ? text.trim() : nameOrId(text, of.resource));
    }
    const seen = new Set<string>();
    const twice = texts.find((entry) => seen.size === seen.add(entry).size);
    return twice === undefined ? texts : new ValueProblem(`names "${short(twice)}" twice`);
  },

  reference: (given, { resource }) => {
    const text = textOf(given);
    return text === undefined
      ? new ValueProblem(`must be an id or a name, got ${describeValue(given)}`)
      : nameOrId(text, resource);
  },

  map: (given, { objects }) => {
    const pairs = readPairs(given);
    if (pairs instanceof ValueProblem) return pairs;
    const count = Object.keys(pairs).length;
    if (count > INPUT_LIMITS.entries)
      return new ValueProblem(`has ${count} pairs; at most ${INPUT_LIMITS.entries} are accepted`);
    const read = new Map<string, unknown>();
    for (const [key, value] of Object.entries(pairs)) {
      const text = textOf(value);
      if (text !== undefined && text !== '') read.set(key, text);
      else if (objects && isObject(value)) read.set(key, value);
      else {
        const accepted = objects ? 'a text or an object' : 'a text';
        return new ValueProblem(`must map "${short(key)}" to ${accepted}, got ${describeValue(value)}`);
      }
    }
    return Object.fromEntries(read);
  },
};

const isEmptyObject = (value: unknown): boolean => isObject(value) && Object.keys(value).length === 0;

/** Makes a clause of a sentence: first letter in lower case, no full stop. */
const clause = (sentence: string): string =>
  sentence.charAt(0).toLowerCase() + sentence.slice(1).replace(/\.$/u, '');
