import type { CsvDelimiter } from '../csv';

/** Decimal sign of the numbers in a table. */
export type DecimalSign = '.' | ',';

/**
 * Decimal sign that goes with a delimiter. Spreadsheets delimit values by semicolons in countries whose numbers have
 * decimal commas.
 */
export const decimalSignFor = (delimiter: CsvDelimiter): DecimalSign => (delimiter === ';' ? ',' : '.');

/** A number without its unit, and without the signs that only group digits. */
const bare = (text: string): string => text.replaceAll(/[\s'’_]|[kmgtp]?i?b$/gi, '');

/**
 * Decimal sign that the numbers of a table show: one of them has both signs, one sign twice, or other than three digits
 * after its only sign. Undefined when none shows it, or they differ.
 */
export function decimalSignIn(texts: readonly string[]): DecimalSign | undefined {
  const shown = new Set(
    texts.flatMap((text): readonly DecimalSign[] => {
      const [, sign, rest = ''] = /^\d+([.,])([\d.,]*)$/.exec(bare(text)) ?? [];
      if (sign !== '.' && sign !== ',') return [];
      const other = sign === '.' ? ',' : '.';
      if (rest.includes(sign) || rest.includes(other)) return [other];
      return rest.length === 3 ? [] : [sign];
    }),
  );
  const [only, ...others] = shown;
  return others.length === 0 ? only : undefined;
}

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

/** GiB of one unit of a size. Spreadsheets write GB and GiB for the same. */
const UNITS_GIB: Readonly<Record<string, number>> = {
  k: 1 / 1024 ** 2,
  m: 1 / 1024,
  g: 1,
  t: 1024,
  p: 1024 ** 2,
};

/**
 * Parses a size with or without its unit ("40 GB", "1.5TiB") as GiB. Null for none.
 * @param gib GiB of a number without a unit; undefined when its unit is unknown
 */
export function parseSizeGib(text: string, decimal: DecimalSign, gib: number | undefined): number | null {
  const [, number = text, unit] = /^(.*?)\s*([kmgtp])i?b?$/i.exec(text.trim()) ?? [];
  const factor = unit === undefined ? gib : UNITS_GIB[unit.toLowerCase()];
  const value = parseQuantity(number, decimal);
  return value === null || factor === undefined ? null : value * factor;
}

/** Days from the beginning of spreadsheets' calendar to 1970. */
const EPOCH_DAYS = 25_569;
const DAY_SECONDS = 86_400;

/** Parses the number of a day and time, as spreadsheets store them, as ISO 8601 in UTC; undefined for numbers outside of 2000 to 2099. */
export function parseDateNumber(value: unknown): string | undefined {
  const days =
    typeof value === 'number' ? value : /^\d{5}([.]\d+)?$/.test(String(value)) ? Number(value) : NaN;
  if (!(days >= 36_526 && days < 73_051)) return undefined;
  return new Date(Math.round((days - EPOCH_DAYS) * DAY_SECONDS) * 1000).toISOString().replace('.000Z', 'Z');
}
