import { maskSecretsInCleanText } from './mask-secrets-in-text';

/**
 * Cleaning of untrusted texts (of providers, guests, users) before they leave the core: secrets are masked, control
 * characters removed, the length limited (docs/reference/known-errors.md §3). Such texts are data: they are never
 * followed as instructions, and never become part of a query.
 */

/**
 * Replaces everything that looks like a secret by `***`. It also finds secrets with an invisible character inside the
 * name (`pass<zero-width space>word=…`) or an escaped separator (`password%3D…`). When something was masked, the text
 * comes back without invisible and escaped characters.
 */
export function maskSecrets(text: string): string {
  const readable = decodeMarks(stripInvisible(text));
  const masked = maskSecretsInCleanText(readable);
  return masked === readable ? text : masked;
}

/** Escaped characters between a name and its value, as in URLs, HTML and JSON. */
const SPELLINGS =
  /%(?:25)?(22|27|3[adAD]|2[06cC]|5[bBdD]|7[bBdD])|&(?:amp;)?(?:(quot|apos)|#0{0,4}(3[49]|61|58)|#[xX]0{0,4}(2[27]|3[adAD]));|\\{1,4}u00(2[27]|3[adAD])/gu;

/** Decodes escaped quotes, separators and brackets, so that `maskSecretsInCleanText` sees names and values. */
function decodeMarks(text: string): string {
  if (!/[%&]|\\u00/u.test(text)) return text;
  return text.replace(
    SPELLINGS,
    (_mark, percent?: string, name?: string, decimal?: string, hex?: string, json?: string) =>
      name === undefined
        ? String.fromCharCode(
            decimal === undefined ? parseInt(percent ?? hex ?? json ?? '', 16) : Number(decimal),
          )
        : name === 'quot'
          ? '"'
          : "'",
  );
}

/** Terminal escape sequence for colours and cursor movements: a control character, then `[`. */
export const TERMINAL_SEQUENCE = /\p{Cc}\[[0-9;]*[A-Za-z]/gu;

/**
 * Removes invisible characters that a terminal or a model interprets: terminal sequences, control characters, direction
 * marks, zero-width characters and tag characters (U+E0000-E007F). Blanks and line breaks stay as they are.
 */
export function stripInvisible(text: string): string {
  return text
    .replace(TERMINAL_SEQUENCE, '')
    .replace(/(?![\t\n\r])[\p{Cc}\p{Cf}\p{Cs}\p{Default_Ignorable_Code_Point}\u2028\u2029]/gu, '');
}

/**
 * Removes invisible characters like `stripInvisible`, and replaces line breaks and other white space by single blanks.
 */
export function toSingleLine(text: string): string {
  return stripInvisible(text).replace(/\s+/g, ' ').trim();
}

/** Truncates a text to `length` characters with an ellipsis, never within a surrogate pair. */
export function truncate(text: string, length: number): string {
  if (text.length <= length) return text;
  return `${text.slice(0, length - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}

/**
 * Maximum length of a text that is processed. It is the length of the server's database column for errors. The rest is
 * cut off.
 */
const MAX_INPUT_LENGTH = 65_536;

/** Cleans an untrusted text for display: one line, no secrets, no control characters, at most `length` characters. */
export function quoteText(text: string, length: number): string {
  // The text is cut before masking, so that masking takes limited time.
  return truncate(toSingleLine(maskSecrets(text.slice(0, MAX_INPUT_LENGTH))), length);
}

/** Cleans an untrusted text like `quoteText`, but keeps its line breaks, for messages of several lines. */
export function cleanText(text: string, length: number): string {
  return truncate(stripInvisible(maskSecrets(text.slice(0, MAX_INPUT_LENGTH))).trim(), length);
}

/**
 * Disarms Markdown and HTML for programs that draw what a model reads or writes: pictures load nothing, links lead
 * nowhere and tags are plain text. JSON stays valid JSON. Only for texts that people and models read; programs get
 * texts unchanged.
 */
export const disarmMarkup = (text: string): string =>
  text.replaceAll('](', '] (').replace(/<(?=[A-Za-z/!?])/gu, '‹');
