import { UsageError } from './flags';

/** Reads one of the accepted words. @throws {UsageError} any other word */
export function readChoice<Word extends string>(flag: string, accepted: readonly Word[], text: string): Word {
  const found = accepted.find((word) => word === text);
  if (found !== undefined) return found;
  throw new UsageError(`--${flag} must be one of ${accepted.join(', ')}; got "${text}".`);
}

/** Splits a text at commas; the parts are trimmed, and empty ones left out. */
export const splitAtCommas = (text: string | undefined): readonly string[] =>
  (text ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');

/** Accepted range of a number, bounds included. */
export interface NumberRange {
  readonly minimum: number;
  readonly maximum: number;
  /** Unit of the number: "seconds". */
  readonly unit?: string;
}

/** Reads a number within a range, bounds included. @throws {UsageError} */
export function readNumber(flag: string, { minimum, maximum, unit }: NumberRange, text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && value >= minimum && value <= maximum) return value;
  throw rangeError(flag, 'number', { minimum, maximum, unit }, text);
}

/** Reads a number greater than 0. @throws {UsageError} */
export function readPositiveNumber(flag: string, text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value) && value > 0) return value;
  throw new UsageError(`--${flag} must be a number greater than 0; got "${text}".`);
}

/** Reads a whole number within a range, written in digits. @throws {UsageError} */
export function readWholeNumber(flag: string, { minimum, maximum, unit }: NumberRange, text: string): number {
  const value = Number(text);
  if (/^\d+$/u.test(text) && value >= minimum && value <= maximum) return value;
  throw rangeError(flag, 'whole number', { minimum, maximum, unit }, text);
}

function rangeError(
  flag: string,
  kind: string,
  { minimum, maximum, unit }: Omit<NumberRange, 'unit'> & { readonly unit: string | undefined },
  text: string,
): UsageError {
  const what = unit === undefined ? kind : `${kind} of ${unit}`;
  return new UsageError(`--${flag} must be a ${what} from ${minimum} to ${maximum}; got "${text}".`);
}
