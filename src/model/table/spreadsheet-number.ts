import type { Delimiter } from '../csv';

/** Decimal sign of the numbers in a table. */
export type DecimalSign = '.' | ',';

/**
 * Decimal sign that goes with a delimiter. Spreadsheets delimit values by semicolons in countries whose numbers have
 * decimal commas.
 */
export const decimalSignFor = (delimiter: Delimiter): DecimalSign => (delimiter === ';' ? ',' : '.');

/**
 * Parses a number as spreadsheets of any country write it: "1,024.5", "1.024,5", "1 024", "1'024". Null for any other
 * text.
 * @param decimal decimal sign of the table. It decides what a single separator before three digits means: "40,960" is
 *   40960 when the decimal sign is a point
 */
export function parseQuantity(text: string, decimal: DecimalSign): number | null {
  const plain = text.replaceAll(/[\s'’_]/g, '');
  if (!/^\d+([.,]\d+)*$/.test(plain)) return null;
  const last = Math.max(plain.lastIndexOf('.'), plain.lastIndexOf(','));
  if (last < 0) return Number(plain);
  const sign = plain.charAt(last);
  const isRepeated = plain.indexOf(sign) !== last;
  const isMixed = plain.includes(sign === '.' ? ',' : '.');
  const isGrouped = /^\d{1,3}([.,]\d{3})+$/.test(plain);
  const divides = isRepeated ? false : isMixed ? true : isGrouped ? sign === decimal : true;
  const whole = (divides ? plain.slice(0, last) : plain).replaceAll(/[.,]/g, '');
  return Number(divides ? `${whole}.${plain.slice(last + 1)}` : whole);
}
