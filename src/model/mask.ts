import { isSecretName } from './secret-names';

/**
 * Masking of secrets in free text: by the name in front of a value (the table of `secret-names.ts`), by the structure around it
 * (JSON, Python, XML, headers, options, queries, `{name, value}` pairs, also escaped in another text), and by its own form
 * (tokens and keys that a service marks).
 */

const MASK = '***';

/** A name in a text. Bounded, so that the work grows with the text only. */
const NAME = String.raw`[\p{L}_][\p{L}\p{N}_.-]{0,80}`;
/** A value without quotes. A comma belongs to it unless a blank or the next name follows: `password=a,X`. */
const BARE_VALUE = String.raw`(?:[^\s,;&'"<>)}\]\\]|,(?![\s'"]|[\w.-]{1,80}\s{0,3}[=:])|\\(?!["'nrt]))+`;
/** Names that precede a reason instead of a value: "Invalid credentials: authentication failed". */
const PROSE = /(?:^|[_-])(?:credentials?|tokens|cookies?|authorization|signatures?)$/iu;
/** Beginnings of text after such a name that are no value: "authenticating token: 401 UNAUTHORIZED". */
const NO_VALUE =
  /^(?:40[134]|unauthorized|forbidden|not|is|are|was|were|has|have|must|may|cannot|invalid|missing|expired|sent|required|none|null|true|false)$/iu;

type Rule = (text: string) => string;

/** Whole key blocks, also when the end was cut off. */
const keyBlocks: Rule = (text) =>
  text.includes('-----BEGIN')
    ? text.replace(/-----BEGIN [A-Z0-9 ]{1,40}-----[\s\S]*?(?:-----END [A-Z0-9 ]{1,40}-----|$)/gu, MASK)
    : text;

/** Secrets that are recognised by their form, whatever stands around them. */
const FORMS = new RegExp(
  [
    // BitLocker recovery passwords.
    String.raw`\b\d{6}(?:-\d{6}){7}\b`,
    // Fernet tokens of Keystone, JSON web tokens.
    String.raw`\bgAAAA[\w=-]{20,}`,
    String.raw`\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*`,
    // Keys of AWS, GitHub, GitLab, Slack, Google, npm, age.
    String.raw`\b(?:AKIA|ASIA)[A-Z0-9]{16}\b`,
    String.raw`\bgh[pousr]_\w{30,}`,
    String.raw`\bgithub_pat_\w{30,}`,
    String.raw`\bglpat-[\w-]{20,}`,
    String.raw`\bxox[abeprs]-[\w-]{10,}`,
    String.raw`\bAIza[\w-]{35}`,
    String.raw`\bnpm_\w{36}`,
    String.raw`\bAGE-SECRET-KEY-1[A-Z0-9]{50,}`,
  ].join('|'),
  'gu',
);
const forms: Rule = (text) => text.replace(FORMS, MASK);

/** `user:password@host` in an address. */
const addresses: Rule = (text) =>
  text.includes('@')
    ? text.replace(/(\b[a-z][a-z0-9+.-]{0,20}:\/\/)[^\s/@'"]{1,400}@/giu, `$1${MASK}@`)
    : text;

/** `Authorization: Basic …`, `Cookie: a=b; c=d`: the rest of the line. */
const headers: Rule = (text) =>
  text
    .replace(
      /\b((?:proxy-)?authorization|set-cookie2?|cookie2?)(\\*["']?\s*[:=]\s*(?:[ubr]?\\*["'])?)(?!\*\*\*)[^\r\n"'\\]{1,8192}/giu,
      `$1$2${MASK}`,
    )
    .replace(/\b(bearer|basic|negotiate|digest)\s+(?!\*\*\*)[\w.~+/=-]{8,}/giu, `$1 ${MASK}`);

/** `{"name": "password", "value": "x"}`, also as attributes: `key="Password" value="x"`. */
const PAIRS =
  /(\b(?:name|key|field|option|property|header|variable)\\{0,8}["']?\s{0,3}[:=]\s{0,3}[ub]?\\{0,8}["'])([^"'\\\r\n]{1,100})(\\{0,8}["']\s{0,3},?\s{0,20}\\{0,8}["']?(?:value|val|content|data|text)\\{0,8}["']?\s{0,3}[:=]\s{0,3}[ub]?)((\\{0,8}["'])[\s\S]{0,8192}?(?:\5|$)|[^\s,}\]>]{1,8192})/giu;
const pairs: Rule = (text) =>
  /val|content|data|text/iu.test(text)
    ? text.replace(
        PAIRS,
        (whole, before: string, name: string, between: string, value: string, quote = '') =>
          isSecretName(name) && value !== MASK
            ? `${before}${name}${between}${String(quote)}${MASK}${String(quote)}`
            : whole,
      )
    : text;

/** `<password>x</password>`. */
const ELEMENTS = /(<([A-Za-z_][\w:.-]{0,80})(?:\s[^<>]{0,400})?>)([^<]{1,8192})(?=<\/\2>|$)/gu;
const elements: Rule = (text) =>
  text.includes('</')
    ? text.replace(ELEMENTS, (whole, tag: string, name: string) =>
        isSecretName(name) ? `${tag}${MASK}` : whole,
      )
    : text;

/** Beginning of a value: the place behind a name and its separator. */
interface Head {
  readonly name: string;
  readonly separator: string;
  /** Place of the name in the text. */
  readonly at: number;
  readonly text: string;
}

/**
 * Masks the values behind those names that `isSecret` picks. A value behind any other name is searched in turn, since it may
 * hold a name of its own: "Login failed: password=x".
 */
function maskBehind(
  text: string,
  heads: RegExp,
  value: RegExp,
  isSecret: (head: Head, value: string) => boolean,
): string {
  let masked = '';
  let done = 0;
  for (const match of text.matchAll(heads)) {
    if (match.index < done) continue;
    const end = match.index + match[0].length;
    const { name = '', separator = '' } = match.groups ?? {};
    value.lastIndex = end;
    const found = value.exec(text);
    if (found === null) continue;
    const { quote, inner, escaped, within, bare } = found.groups ?? {};
    const around = quote ?? escaped ?? '';
    if (!isSecret({ name, separator, at: match.index, text }, inner ?? within ?? bare ?? '')) continue;
    masked += `${text.slice(done, end)}${around}${MASK}${around}`;
    done = end + found[0].length;
  }
  return masked + text.slice(done);
}

/** A value in quotes (its own quotes escaped), in escaped quotes, or without quotes. */
const VALUE = new RegExp(
  String.raw`[ubr]?(?:(?<quote>["'])(?<inner>(?:(?!\k<quote>)[^\\]|\\[\s\S])*)(?:\k<quote>|$)|(?<escaped>\\{1,8}["'])(?<within>[\s\S]*?)(?:\k<escaped>|$)|(?<bare>${BARE_VALUE}))`,
  'yu',
);

/** Quoted names: `"password": "x"`, `'pkey': u'x'`, `\"token\": \"x\"`. */
const QUOTED_NAMES =
  /(?<slashes>\\{0,8})(?<mark>["'])(?<name>[^"'\\\r\n]{1,100})\k<slashes>\k<mark>(?<separator>\s{0,20}[:=]\s{0,20})/gu;
const quotedNames: Rule = (text) =>
  maskBehind(text, QUOTED_NAMES, VALUE, ({ name, at }, value) => {
    if (!isSecretName(name) || value === MASK) return false;
    // Barbican: "does not match schema 'Secret': If 'payload' specified, …" names what it explains.
    if (name === 'Secret' && /\bschema $/u.test(text.slice(Math.max(0, at - 8), at))) return false;
    return !/^(?:null|none|true|false)$/iu.test(value);
  });

/** Plain names: `password=x`, `OS_PASSWORD=x`, `X-Auth-Token: x`, `?sig=x`. */
const PLAIN_NAMES = new RegExp(
  `(?<![\\p{L}\\p{N}_.-])(?<name>${NAME})(?<separator>\\s{0,3}[=:]\\s{0,20})`,
  'gu',
);
const SIGNED = /^(?:sig|x-amz-[\w-]+|awsaccesskeyid|accesskeyid|access[_-]?key[_-]?id)$/iu;
const plainNames: Rule = (text) =>
  maskBehind(text, PLAIN_NAMES, VALUE, ({ name, separator, at }, value) => {
    if (value === MASK || value === '') return false;
    if (!separator.includes(':')) return isSecretName(name) || SIGNED.test(name);
    // A path or a sentence of ours: "POST /auth/tokens: sent something else".
    if (text[at - 1] === '/' || PROSE.test(name) || isShortWord(name) || NO_VALUE.test(value)) return false;
    return isSecretName(name);
  });

/** Words that name a secret before "=" and are ordinary words before ":". */
const isShortWord = (name: string): boolean => /^(?:pass|pw|sas|otp|dsn|clave|chave)$/iu.test(name);

/** Options of commands: `--password x`. */
const OPTIONS = new RegExp(
  `(\\s--?(${NAME})\\s{1,3})(?!-)(?:(["'])(?:(?!\\3)[\\s\\S])*(?:\\3|$)|\\S+)`,
  'giu',
);
const options: Rule = (text) =>
  text.includes(' -') || text.includes('\t-') || text.includes('\n-')
    ? text.replace(OPTIONS, (whole, before: string, name: string) =>
        isSecretName(name) ? `${before}${MASK}` : whole,
      )
    : text;

const RULES: readonly Rule[] = [
  keyBlocks,
  forms,
  addresses,
  headers,
  pairs,
  elements,
  quotedNames,
  plainNames,
  options,
];

/** Replaces everything in a visible text that looks like a secret by `***`. */
export const mask = (text: string): string => RULES.reduce((rest, rule) => rule(rest), text);
