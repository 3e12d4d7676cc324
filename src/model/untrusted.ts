/**
 * Cleaning of untrusted texts (of providers, guests, users) before they leave the core: secrets masked, control
 * characters removed, length limited (known-errors.md §3). They are data: never instructions, never part of a query.
 */

const MASK = '***';

/** Words that name a secret in JSON, Python dicts, queries, headers and command lines. */
const SECRETS =
  'passw(?:or)?d|passphrase|secret|token|api[_-]?key|access[_-]?key(?:[_-]?id)?|private[_-]?key|client[_-]?key|pkey|signature';
/**
 * A secret's name with its prefix and suffix, both bounded: on a hostile text of 64 KiB an unbounded pattern takes
 * minutes.
 */
const SECRET_WORD = `[\\w-]{0,64}(?:${SECRETS}|credentials?)[\\w-]{0,64}`;
/**
 * A secret's name in a sentence. Excludes `credentials:`, which introduces a reason ("Invalid credentials:
 * authentication failed").
 */
const SECRET_WORD_IN_PROSE = `[\\w-]{0,64}(?:${SECRETS})[\\w-]{0,64}`;

const RULES: ReadonlyArray<readonly [RegExp, string]> = [
  // Whole PEM blocks, also without their end.
  [/-----BEGIN [A-Z0-9 ]{1,40}-----[\s\S]*?(?:-----END [A-Z0-9 ]{1,40}-----|$)/g, MASK],
  // BitLocker recovery passwords.
  [/\b\d{6}(?:-\d{6}){7}\b/g, MASK],
  // user:password@host
  [/(\b[a-z][a-z0-9+.-]{0,20}:\/\/)[^\s/@'"]{1,400}@/gi, `$1${MASK}@`],
  [/\b(bearer|basic)\s+[\w.~+/=-]{8,}/gi, `$1 ${MASK}`],
  // Fernet tokens of Keystone and JSON web tokens, anywhere.
  [/\b(?:gAAAA[\w=-]{20,}|eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*)/g, MASK],
  // "password": "…", 'pkey': u'…'; but Barbican's "does not match schema 'Secret': If 'payload' …" names what it explains.
  [
    new RegExp(
      `(?<!\\bschema (?=["']Secret["']))(["']${SECRET_WORD}["']\\s*[:=]\\s*)(?:[ub]?"(?:[^"\\\\]|\\\\.)*"?|[ub]?'(?:[^'\\\\]|\\\\.)*'?|[^\\s,}\\]]+)`,
      'gi',
    ),
    `$1${MASK}`,
  ],
  // password=…, X-Auth-Token: …, --password …; what follows in "authenticating token: 401 UNAUTHORIZED" is no token.
  [
    new RegExp(
      `(\\b(?:${SECRET_WORD_IN_PROSE}\\s*[=:]|${SECRET_WORD}=)\\s*)(?!\\s|${MASK.replaceAll('*', '\\*')}|40[134] (?:unauthorized|forbidden|not found)\\b)(?:"[^"]*"?|'[^']*'?|[^\\s,;&'")}\\]]+)`,
      'gi',
    ),
    `$1${MASK}`,
  ],
  [new RegExp(`(\\s--${SECRET_WORD}\\s+)(?!-)\\S+`, 'gi'), `$1${MASK}`],
  // Signatures of signed links.
  [/([?&](?:sig|X-Amz-[\w-]{1,40}|AWSAccessKeyId|AccessKeyId)=)[^&\s'"]+/gi, `$1${MASK}`],
];

/**
 * `text` with everything that looks like a secret replaced by `***`. What nobody sees hides no secret: where there is one,
 * invisible characters go as well (`pass<zero-width space>word=…`).
 */
export function maskSecrets(text: string): string {
  const visible = stripInvisible(text);
  const masked = RULES.reduce((rest, [pattern, replacement]) => rest.replace(pattern, replacement), visible);
  return masked === visible ? text : masked;
}

/** Terminal escape sequence for colours and cursor movements: a control character, then `[`. */
export const TERMINAL_SEQUENCE = /\p{Cc}\[[0-9;]*[A-Za-z]/gu;

/**
 * Removes what nobody sees but a terminal or a model acts on: terminal sequences, control characters, direction marks,
 * zero-width characters and tag characters (U+E0000-E007F). Blanks and line breaks stay as they are.
 */
export function stripInvisible(text: string): string {
  return text.replace(TERMINAL_SEQUENCE, '').replace(/(?![\t\n\r])[\p{Cc}\p{Cf}\u2028\u2029]/gu, '');
}

/** `stripInvisible`, with line breaks replaced by blanks. */
export function stripControls(text: string): string {
  return stripInvisible(text).replace(/\s+/g, ' ').trim();
}

/** Truncates a text to `length` characters with an ellipsis, never within a surrogate pair. */
export function cut(text: string, length: number): string {
  if (text.length <= length) return text;
  return `${text.slice(0, length - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}

/** Cleans an untrusted text for display: one line, no secrets, no control characters, at most `length` characters. */
export function quote(text: string, length: number): string {
  // Cut first to the most that the server stores, so that masking takes bounded time.
  return cut(stripControls(maskSecrets(text.slice(0, 65_536))), length);
}
