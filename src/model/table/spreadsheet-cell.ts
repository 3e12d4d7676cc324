/** Cells of spreadsheets in any language: words for true and false, and errors. */

const YES = /^(true|yes|y|on|1|x|wahr|ja|vrai|oui|verdadero|si|sì|sí|vero|verdadeiro|sim)$/i;
const NO = /^(false|no|n|off|0|-|falsch|nein|faux|non|falso|não)$/i;

/** Parses a word for true or false, such as "yes", "x", "WAHR" and "-"; undefined for other texts. */
export function parseBooleanWord(text: string): boolean | undefined {
  if (YES.test(text)) return true;
  return NO.test(text) ? false : undefined;
}

/** Whether a cell holds an error of the spreadsheet, such as #N/A, #REF! or #DIV/0!. */
export const isCellError = (value: unknown): boolean =>
  typeof value === 'string' && /^#(?:N\/A|NV|[A-Z0-9/]+[!?])$/.test(value.trim());
