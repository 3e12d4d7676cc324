/** What the server's MySQL database stores: a text of limited length, without characters beyond the basic plane (utf8mb3). */

import { internalError } from './refusal';

/** The longest text of a column that is not of type String(n), in bytes of UTF-8. */
export const TEXT_BYTES = 65_535;

/** @param length of a String(n) column, in characters */
export function isStorable(value: unknown, length: number): boolean {
  if (value === null || value === undefined) return true;
  return typeof value === 'string' && value.length <= length && !/[\u{10000}-\u{10FFFF}]/u.test(value);
}

/** @throws Refusal 500, as the server hides what its database says */
export function refuseUnstorable(value: unknown, length: number): void {
  if (!isStorable(value, length)) throw internalError();
}
