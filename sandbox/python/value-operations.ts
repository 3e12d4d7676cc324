/**
 * Operations of Python 3.11 on values of parsed JSON, with the exceptions that they raise. The server's code does not
 * check the types in bodies, so its answers depend on these exceptions.
 */

import { isJsonObject } from '../json-object';
import type { JsonObject } from '../json-object';
import { PythonError, pythonTypeError, pythonValueError } from './errors';
import { MAX_INTEGER_DIGITS, parsePythonInteger } from './integer';
import { pythonRepr } from './value-texts';

/** Python's name of a value's type. Parsed JSON does not tell 5 from 5.0, so every whole number is an int. */
export function pythonTypeName(value: unknown): string {
  if (value === null || value === undefined) return 'NoneType';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'number') return Number.isInteger(value) ? 'int' : 'float';
  if (typeof value === 'string') return 'str';
  return Array.isArray(value) ? 'list' : 'dict';
}

/** Python's `bool(value)`. */
export function isPythonTruthy(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0;
  if (isJsonObject(value)) return Object.keys(value).length > 0;
  return Boolean(value);
}

/** Python's `container[key]`. */
export function getPythonItem(container: unknown, key: string): unknown {
  if (isJsonObject(container)) {
    if (!Object.hasOwn(container, key)) throw new PythonError('KeyError', key);
    return container[key];
  }
  if (Array.isArray(container)) throw pythonTypeError('list indices must be integers or slices, not str');
  if (typeof container === 'string') throw pythonTypeError("string indices must be integers, not 'str'");
  throw pythonTypeError(`'${pythonTypeName(container)}' object is not subscriptable`);
}

/** Returns a dict for a method call. @throws AttributeError for other types, which lack the method */
export function requireDict(value: unknown, method: 'get' | 'keys' | 'items' | 'update'): JsonObject {
  if (isJsonObject(value)) return value;
  throw new PythonError('AttributeError', `'${pythonTypeName(value)}' object has no attribute '${method}'`);
}

/** Python's `container.get(key, fallback)`. */
export function getFromDict(container: unknown, key: string, fallback: unknown = null): unknown {
  const dict = requireDict(container, 'get');
  return Object.hasOwn(dict, key) ? dict[key] : fallback;
}

/** Python's `key in container`. */
export function pythonContains(container: unknown, key: string): boolean {
  if (isJsonObject(container)) return Object.hasOwn(container, key);
  if (Array.isArray(container)) return container.includes(key);
  if (typeof container === 'string') return container.includes(key);
  throw pythonTypeError(`argument of type '${pythonTypeName(container)}' is not iterable`);
}

/** Elements of Python's `for element in value`. */
export function pythonElements(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  if (isJsonObject(value)) return Object.keys(value);
  if (typeof value === 'string') return Array.from(value);
  throw pythonTypeError(`'${pythonTypeName(value)}' object is not iterable`);
}

/** Python's `{key: value[key] for key in value.keys() & names}`. */
export function pickDictItems(value: unknown, names: readonly string[]): JsonObject {
  const dict = requireDict(value, 'keys');
  return Object.fromEntries(Object.entries(dict).filter(([name]) => names.includes(name)));
}

/** A copy of a dict after `container[key] = value`. */
export function withDictItem(container: unknown, key: string, value: unknown): JsonObject {
  if (isJsonObject(container)) return { ...container, [key]: value };
  if (Array.isArray(container)) throw pythonTypeError('list indices must be integers or slices, not str');
  throw pythonTypeError(`'${pythonTypeName(container)}' object does not support item assignment`);
}

/** A copy of a dict after `dict.update(changes)`. */
export function withDictItems(dict: JsonObject, changes: unknown): JsonObject {
  if (isJsonObject(changes)) return { ...dict, ...changes };
  const result = { ...dict };
  pythonElements(changes).forEach((pair, position) => {
    const parts = sequence(pair, position);
    const [key, value] = parts;
    if (parts.length !== 2) {
      throw pythonValueError(
        `dictionary update sequence element #${position} has length ${parts.length}; 2 is required`,
      );
    }
    requireHashable(key);
    result[String(key)] = value;
  });
  return result;
}

function sequence(value: unknown, position: number): readonly unknown[] {
  try {
    return pythonElements(value);
  } catch {
    throw pythonTypeError(`cannot convert dictionary update sequence element #${position} to a sequence`);
  }
}

/** Python's `hash(value)`. @throws TypeError for what cannot be a key */
export function requireHashable(value: unknown): void {
  if (typeof value === 'object' && value !== null)
    throw pythonTypeError(`unhashable type: '${pythonTypeName(value)}'`);
}

/** Python's `one < other` or `one <= other` for numbers, booleans being 0 and 1. */
export function isPythonBelow(one: unknown, other: unknown, operator: '<' | '<='): boolean {
  if (isNumeric(one) && isNumeric(other)) {
    return operator === '<' ? Number(one) < Number(other) : Number(one) <= Number(other);
  }
  if (typeof one === 'string' && typeof other === 'string')
    return operator === '<' ? one < other : one <= other;
  throw pythonTypeError(
    `'${operator}' not supported between instances of '${pythonTypeName(one)}' and '${pythonTypeName(other)}'`,
  );
}

const isNumeric = (value: unknown): value is number | boolean =>
  typeof value === 'number' || typeof value === 'boolean';

/** Python's `one == other`, where True is 1 and False is 0. */
export function isPythonEqual(one: unknown, other: unknown): boolean {
  if (isNumeric(one) && isNumeric(other)) return Number(one) === Number(other);
  return one === other;
}

/** Python's `int(value)`. */
export function pythonInt(value: unknown): number {
  if (typeof value === 'boolean') return Number(value);
  if (typeof value === 'number') return Math.trunc(value);
  if (typeof value !== 'string') {
    throw pythonTypeError(
      `int() argument must be a string, a bytes-like object or a real number, not '${pythonTypeName(value)}'`,
    );
  }
  const number = parsePythonInteger(value);
  if (number === undefined) {
    throw pythonValueError(`invalid literal for int() with base 10: ${pythonRepr(value)}`);
  }
  if (!('value' in number)) {
    throw pythonValueError(
      `Exceeds the limit (${MAX_INTEGER_DIGITS} digits) for integer string conversion: value has ${number.tooManyDigits} digits; ` +
        'use sys.set_int_max_str_digits() to increase the limit',
    );
  }
  return Number(number.value);
}
