/** Python's reading of whole numbers from texts. */

/** Blanks that `int` accepts around a number: fewer than `str.strip` removes. */
const BLANK = String.raw`[\t-\r\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]`;
const INTEGER = new RegExp(`^${BLANK}*([+-]?)(\\p{Nd}+(?:_\\p{Nd}+)*)${BLANK}*$`, 'u');

/** Maximum number of digits that Python 3.11 converts. */
export const MAX_INTEGER_DIGITS = 4300;

/**
 * Reads a whole number as Python's `int(text)`, which takes the digits of all scripts.
 * @returns the number of digits instead when there are more than Python converts; undefined for another text
 */
export function parsePythonInteger(
  text: string,
): { readonly value: bigint } | { readonly tooManyDigits: number } | undefined {
  const [, sign, groups] = INTEGER.exec(text) ?? [];
  if (groups === undefined) return undefined;
  const digits = Array.from(groups.replaceAll('_', ''), digitValue);
  if (digits.length > MAX_INTEGER_DIGITS) return { tooManyDigits: digits.length };
  const value = BigInt(digits.join(''));
  return { value: sign === '-' ? -value : value };
}

const isDigit = (codePoint: number): boolean => /^\p{Nd}$/u.test(String.fromCodePoint(codePoint));

/** Value of a decimal digit. The digits 0 to 9 of a script follow each other, and such rows may follow each other, too. */
function digitValue(digit: string): number {
  const codePoint = digit.codePointAt(0) ?? 0;
  let first = codePoint;
  while (isDigit(first - 1)) first -= 1;
  return (codePoint - first) % 10;
}
