/**
 * Conversion of values as the server's MySQL database stores them (`coriolis/db/sqlalchemy/models.py`). The server
 * hides the database's errors, so every value that the database refuses is answered with the generic 500.
 */

import { isJsonObject } from '../json-object';
import { pythonStr } from '../python/value-texts';
import { ApiError, internalError } from './api-error';

/** Maximum length of a Text column, in bytes of UTF-8. */
export const MAX_TEXT_BYTES = 65_535;

/** A text column. */
export interface TextColumn {
  /** Maximum characters of a String(n) column; absent for a Text column. */
  readonly length?: number;
  readonly nullable: boolean;
}

export const NAME_COLUMN: TextColumn = { length: 255, nullable: false };
export const DESCRIPTION_COLUMN: TextColumn = { length: 1024, nullable: true };
export const NOTES_COLUMN: TextColumn = { nullable: true };

/** Value as a text column stores it. @throws ApiError 500 for a value that it cannot store */
export function toStoredText(value: unknown, column: TextColumn): string | null {
  if (!isStorable(value, column)) throw internalError();
  return asText(value);
}

/**
 * Whether a text column can store a value. Numbers become texts. The character set utf8mb3 has no characters above
 * U+FFFF and no half of a surrogate pair.
 */
function isStorable(value: unknown, column: TextColumn): boolean {
  const { length, nullable } = column;
  if (isJsonObject(value)) return false;
  if (Array.isArray(value)) return value.length === 1 && isStorable(value[0], column);
  if (typeof value === 'number' && !Number.isFinite(value)) return false;
  const text = asText(value);
  if (text === null) return nullable;
  const fits = length === undefined ? Buffer.byteLength(text) <= MAX_TEXT_BYTES : text.length <= length;
  return fits && !/[\u{10000}-\u{10FFFF}]|\p{Surrogate}/u.test(text);
}

/** Text of a value. The driver writes a list of one element in parentheses, which SQL reads as the element. */
function asText(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  if (Array.isArray(value)) return asText(value[0]);
  if (typeof value === 'string') return value;
  return typeof value === 'boolean' ? String(Number(value)) : JSON.stringify(value);
}

/** Value as a boolean column stores it; null stays null. @throws ApiError 500 for a value that it cannot store */
export function toStoredFlag(value: unknown): boolean | null {
  if (value === null || value === undefined) return null;
  if (typeof value !== 'boolean' && value !== 0 && value !== 1) throw internalError();
  return Boolean(value);
}

/** Value as a boolean column without null stores it. @throws ApiError 500 for null and other values */
export function toStoredRequiredFlag(value: unknown): boolean {
  const flag = toStoredFlag(value);
  if (flag === null) throw internalError();
  return flag;
}

/** Number or boolean as an integer column stores it. @throws ApiError 500 for other values */
export function toStoredInteger(value: unknown): number {
  const number = typeof value === 'boolean' ? Number(value) : value;
  if (typeof number !== 'number' || !(Math.abs(number) <= 2_147_483_647)) throw internalError();
  return Math.round(number);
}

/** Key of an id in a collection. The database ignores case and trailing blanks. */
export const normaliseId = (id: string): string => id.toLowerCase().replace(/ +$/, '');

const MAX_LOCKED_ID_BYTES = 200;

/**
 * Checks an id that the server uses as the name of a lock file. It takes such a lock for every call about one object.
 * @throws ApiError 500 when no file can have that name
 */
export function requireLockableId(id: string): string {
  if (Buffer.byteLength(id) > MAX_LOCKED_ID_BYTES || id.includes('\0')) throw internalError();
  return id;
}

/**
 * Converts a value for comparison with a text in a query. The driver writes lists in parentheses: a list with one
 * element is read as that element; a list with several is read as an SQL row, which no text can equal.
 * @throws ApiError 500 for a value that SQL does not have, such as an object
 */
export function toSqlText(value: unknown): string {
  if (!Array.isArray(value) && !isJsonObject(value)) return pythonStr(value);
  const parts = nested(value);
  if (parts.some(isJsonObject)) throw databaseError('DBError dict can not be used as parameter');
  const lists = parts.filter((part) => Array.isArray(part));
  if (lists.some((list) => list.length === 0)) {
    throw databaseError(
      'DBError (pymysql.err.ProgrammingError) (1064, "You have an error in your SQL syntax")',
    );
  }
  if (lists.some((list) => list.length > 1)) {
    throw databaseError(
      `OperationalError (pymysql.err.OperationalError) (4078, "Illegal parameter data types varchar and row for operation '='")`,
    );
  }
  return pythonStr(parts.at(-1));
}

/** A value and everything in its lists, outer values first. */
const nested = (value: unknown): readonly unknown[] =>
  Array.isArray(value) ? [value, ...value.flatMap(nested)] : [value];

const databaseError = (text: string): ApiError =>
  new ApiError('internal', ApiError.INTERNAL, `Remote error: ${text}`);
