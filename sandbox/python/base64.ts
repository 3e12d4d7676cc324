import { PythonError, pythonValueError } from './errors';

const ALPHABET = /[A-Za-z0-9+/]/;

/**
 * Python's `base64.urlsafe_b64decode(text).decode()`: characters outside the alphabet are ignored, and so is what
 * follows the padding.
 * @throws PythonError ValueError for wrong padding; AttributeError for bytes that are no UTF-8, which the server does
 * not catch
 */
export function decodePythonBase64(text: string): string {
  if (/[^\0-\x7f]/.test(text)) throw uncaught();
  let digits = '';
  let pads = 0;
  for (const character of text.replaceAll('-', '+').replaceAll('_', '/')) {
    if (character === '=') {
      pads += 1;
      if (digits.length % 4 >= 2 && (digits.length % 4) + pads >= 4) return utf8(digits);
    } else if (ALPHABET.test(character)) {
      pads = 0;
      digits += character;
    }
  }
  const rest = digits.length % 4;
  if (rest === 1) {
    throw pythonValueError(
      `Invalid base64-encoded string: number of data characters (${digits.length}) cannot be 1 more than a multiple of 4`,
    );
  }
  if (rest !== 0) throw pythonValueError('Incorrect padding');
  return utf8(digits);
}

function utf8(digits: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(digits, 'base64'));
  } catch {
    throw uncaught();
  }
}

const uncaught = (): PythonError => new PythonError('AttributeError', 'not ASCII or not UTF-8');
