import { isObject, type JsonObject } from '../model/json';

/** Check of a field's value: it tells which values are accepted unchanged, and converts others. */
export interface FieldCheck {
  /** Kinds of values that are accepted unchanged: the sum of their bits, as `kindOf` returns them. */
  readonly acceptedKinds: number;
  /** Whether a list or an object with this content is accepted unchanged. */
  readonly isSound: (value: unknown) => boolean;
  /** Converts a value to an accepted one; `MalformedValue` when that is impossible. */
  readonly convert: (value: unknown) => unknown;
}

/** Kinds of values. Each is one bit, so that a number can stand for several kinds. */
const MISSING = 1;
const NULL = 2;
const EMPTY_TEXT = 4;
const TEXT = 8;
const NUMBER = 16;
const FLAG = 32;
const OBJECT = 64;
const LIST = 128;

function kindOf(value: unknown): number {
  switch (typeof value) {
    case 'string':
      return value === '' ? EMPTY_TEXT : TEXT;
    case 'object':
      if (value === null) return NULL;
      return Array.isArray(value) ? LIST : OBJECT;
    case 'number':
      return NUMBER;
    case 'boolean':
      return FLAG;
    default:
      return MISSING;
  }
}

/** Place and expected type of a value that cannot be read. */
export class MalformedValue {
  private constructor(
    readonly place: string,
    readonly wanted: string,
  ) {}

  static readonly text = new MalformedValue('', 'a text');
  static readonly number = new MalformedValue('', 'a whole number');
  static readonly flag = new MalformedValue('', 'true or false');
  static readonly list = new MalformedValue('', 'a list');
  static readonly object = new MalformedValue('', 'an object');

  within(place: string): MalformedValue {
    return new MalformedValue(`${place}${this.place}`, this.wanted);
  }
}

const never = (): boolean => false;
const value = (passes: number, read: FieldCheck['convert']): FieldCheck => ({
  acceptedKinds: passes,
  isSound: never,
  convert: read,
});

/** Whether a value is accepted unchanged. */
const isSound = (given: unknown, check: FieldCheck): boolean =>
  (kindOf(given) & check.acceptedKinds) !== 0 || check.isSound(given);

const isNothing = (given: unknown): boolean => given === undefined || given === null;

/** Text. A missing value becomes an empty text, and a number or boolean becomes its text. */
export const textCheck = value(TEXT | EMPTY_TEXT, (given) => {
  if (typeof given === 'string') return given;
  if (isNothing(given)) return '';
  return typeof given === 'number' || typeof given === 'boolean' ? String(given) : MalformedValue.text;
});

/** Text that is neither missing nor empty. */
export const idCheck = value(TEXT, (given) => {
  const read = textCheck.convert(given);
  return read === '' ? MalformedValue.text : read;
});

/** Number. A text of digits becomes a number. */
export const wholeNumberCheck = value(NUMBER, (given) => {
  if (typeof given === 'number') return given;
  return typeof given === 'string' && /^-?\d{1,15}$/.test(given) ? Number(given) : MalformedValue.number;
});

/** Boolean. A missing value becomes false. */
export const flagCheck = value(FLAG, (given) => {
  if (typeof given === 'boolean') return given;
  return isNothing(given) ? false : MalformedValue.flag;
});

/** Part of a schedule's time, such as its minute: a whole number between -59 and 59; undefined for null. */
export const timePartCheck = value(MISSING, (given) => {
  if (isNothing(given)) return undefined;
  const read = wholeNumberCheck.convert(given);
  return Number.isInteger(read) && Math.abs(Number(read)) < 60 ? read : MalformedValue.number;
});

/** Object with any content. */
export const anyObjectCheck = value(OBJECT, (given) => (isObject(given) ? given : MalformedValue.object));

/** The same check, which also accepts null and missing values and leaves them unchanged. */
export const optionalCheck = (of: FieldCheck): FieldCheck => ({
  acceptedKinds: of.acceptedKinds | MISSING | NULL,
  isSound: of.isSound,
  convert: (given) => (isNothing(given) ? given : of.convert(given)),
});

/** The same check, which also accepts null and converts a missing value to null. */
export const nullableCheck = (of: FieldCheck): FieldCheck => ({
  acceptedKinds: of.acceptedKinds | NULL,
  isSound: of.isSound,
  convert: (given) => (isNothing(given) ? null : of.convert(given)),
});

/** List of values of one kind. A missing value becomes an empty list. */
export const listCheck = (of: FieldCheck): FieldCheck => ({
  acceptedKinds: 0,
  isSound: (given) => {
    if (!Array.isArray(given)) return false;
    const rows = given as readonly unknown[];
    for (let at = 0; at < rows.length; at += 1) if (!isSound(rows[at], of)) return false;
    return true;
  },
  convert: (given) => {
    if (isNothing(given)) return [];
    if (!Array.isArray(given)) return MalformedValue.list;
    const rows = given as readonly unknown[];
    let read: unknown[] | undefined;
    for (let at = 0; at < rows.length; at += 1) {
      const row = of.convert(rows[at]);
      if (row instanceof MalformedValue) return row.within(`[${at}]`);
      if (row !== rows[at]) (read ??= [...rows])[at] = row;
    }
    return read ?? rows;
  },
});

/** Callback for one field of an object; returning false skips the remaining fields. */
export type FieldVisitor = (key: string, value: unknown, check: FieldCheck) => boolean;

const soundField: FieldVisitor = (_key, given, check) => isSound(given, check);

/**
 * Object with known fields; other fields pass unchanged.
 * @param fields calls `look` for each known field and joins the results with `&&`. A function instead of a table,
 *   because reading `row['name']` with a constant key is ten times as fast as reading `row[key]`, and every row of
 *   every answer is checked.
 */
export const objectCheck = (fields: (row: JsonObject, look: FieldVisitor) => boolean): FieldCheck => ({
  acceptedKinds: 0,
  isSound: (given) => isObject(given) && fields(given, soundField),
  convert: (given) => {
    if (!isObject(given)) return MalformedValue.object;
    let read: Record<string, unknown> | undefined;
    let wrong: MalformedValue | undefined;
    fields(given, (key, entry, check) => {
      const good = check.convert(entry);
      if (good instanceof MalformedValue) {
        wrong = good.within(`.${key}`);
        return false;
      }
      if (good !== entry) (read ??= { ...given })[key] = good;
      return true;
    });
    return wrong ?? read ?? given;
  },
});

/** Object whose keys are names and whose values have one kind. */
export const recordCheck = (of: FieldCheck): FieldCheck => ({
  acceptedKinds: 0,
  isSound: (given) => isObject(given) && Object.values(given).every((entry) => isSound(entry, of)),
  convert: (given) => {
    if (!isObject(given)) return MalformedValue.object;
    let read: Record<string, unknown> | undefined;
    for (const [name, entry] of Object.entries(given)) {
      const good = of.convert(entry);
      if (good instanceof MalformedValue) return good.within(`.${name}`);
      if (good !== entry) (read ??= { ...given })[name] = good;
    }
    return read ?? given;
  },
});

/**
 * Returns a value as a check accepts it: unchanged and not copied in nearly all cases, else converted, or `MalformedValue`.
 */
export const checkAndConvert = (check: FieldCheck, given: unknown): unknown =>
  isSound(given, check) ? given : check.convert(given);
