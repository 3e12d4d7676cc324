import { findValueAt } from './secret-values';
import { isSecretName } from './secret-names';

/**
 * Masking of secrets in free text: by the name in front of a value (the table of `secret-names.ts`), by the structure
 * around it (JSON, Python, YAML, XML, tables, headers, options, queries, `{name, value}` pairs, also escaped in another
 * text), and by its own form (tokens and keys that a service marks). `test/support/planted-secrets.ts` has an example
 * of each.
 */

const MASK = '***';

/** Pattern for a name in a text. Its length is limited, so that the time grows only with the length of the text. */
const NAME = String.raw`[\p{L}_][\p{L}\p{N}_.-]{0,80}`;
/** Pattern for the separator between a name and its value. */
const SEPARATOR = String.raw`(?:=>|:=|==|\*=|[=:＝：])`;
/**
 * Names of secrets that in a sentence are followed by a reason, not by a value: "Invalid credentials: authentication
 * failed".
 */
const PROSE = /(?:^|[_-])(?:credentials?|tokens|cookies?|authorization|signatures?)$/iu;
/** Words after the name of a secret that are not its value: "authenticating token: 401 UNAUTHORIZED". */
const NO_VALUE =
  /^(?:40[134]|unauthorized|forbidden|not|is|are|was|were|has|have|must|may|cannot|invalid|missing|expired|sent|required|none|null|true|false)$/iu;

type Rule = (text: string) => string;

const isMasked = (value: string): boolean => /^\*{3,}$/u.test(value);

/** Masks blocks of keys and certificates ("-----BEGIN …"), also when the end is cut off. */
const keyBlocks: Rule = (text) =>
  text.includes('-----BEGIN')
    ? text.replace(/-----BEGIN [A-Z0-9 ]{1,40}-----[\s\S]*?(?:-----END [A-Z0-9 ]{1,40}-----|$)/gu, MASK)
    : text;

/** Pattern for secrets that can be recognised by their format alone. */
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

/** Masks the login in an address, as in `user:password@host`. */
const addresses: Rule = (text) =>
  text.includes('@')
    ? text.replace(/(\b[a-z][a-z0-9+.-]{0,20}:\/\/)[^\s/@'"]{1,400}@/giu, `$1${MASK}@`)
    : text;

/** Masks the rest of the line after headers that hold secrets: `Authorization: Basic …`, `Cookie: a=b; c=d`. */
const headers: Rule = (text) =>
  text
    .replace(
      /\b((?:proxy-)?authorization|set-cookie2?|cookie2?)(\\*["']?\s*[:=]\s*(?:[ubr]?\\*["'])?)(?![\s[{(=>|]|\*\*\*|[ubr]?\\*["'])[^\r\n"'\\]{1,8192}/giu,
      `$1$2${MASK}`,
    )
    .replace(/\b(bearer|basic|negotiate|digest)\s+(?!\*\*\*)[\w.~+/=-]{8,}/giu, `$1 ${MASK}`);

/**
 * Pattern for a property that holds the name of another property's value: `{"name": "password", "value": "x"}`, also as
 * attributes: `key="Password" value="x"`.
 */
const NAMINGS =
  /\b(?:name|key|field|option|property|header|variable|label|parameter|attribute|setting)\\{0,8}["']?\s{0,3}[:=]\s{0,3}[ub]?\\{0,8}["'](?<name>[^"'\\\r\n]{1,100})\\{0,8}["']/giu;
/** Pattern for the text up to the next value in the same object. */
const NAMED_VALUE =
  /[^{}<>]{0,300}?\b(?:(?:config_|old_|new_)?(?:value|default)s?|val|content|data|text)\\{0,8}["']?\s{0,3}[:=]\s{0,20}/iuy;
const pairs: Rule = (text) => {
  if (!/val|content|data|text|default/iu.test(text)) return text;
  const parts: string[] = [];
  let done = 0;
  const maskUntil = (end: number): void => {
    for (NAMED_VALUE.lastIndex = done; ; NAMED_VALUE.lastIndex = done) {
      const head = NAMED_VALUE.exec(text);
      const at = done + (head?.[0].length ?? 0);
      const found = head === null || at > end ? undefined : findValueAt(text, at);
      if (found === undefined) return;
      parts.push(
        text.slice(done, at),
        isMasked(found.inner) ? text.slice(at, found.end) : `${found.quote}${MASK}${found.quote}`,
      );
      done = found.end;
    }
  };
  for (const match of text.matchAll(NAMINGS)) {
    if (match.index < done || !isSecretName(match.groups?.['name'] ?? '')) continue;
    // The value may also stand before its name.
    const before = text.slice(Math.max(done, match.index - 300), match.index);
    const start =
      match.index - before.length + Math.max(before.lastIndexOf('{'), before.lastIndexOf('<')) + 1;
    parts.push(text.slice(done, start));
    done = start;
    maskUntil(match.index);
    const end = match.index + match[0].length;
    parts.push(text.slice(done, end));
    done = Math.max(done, end);
    maskUntil(Infinity);
  }
  return parts.join('') + text.slice(done);
};

/**
 * Makes a rule that masks the value after the name of a secret. `pattern` captures the text before the value, and the
 * name in it. The rule applies only to texts that `hint` matches.
 */
const valuesAfterNames =
  (hint: RegExp, pattern: RegExp): Rule =>
  (text) =>
    hint.test(text)
      ? text.replace(pattern, (whole, before: string, name: string) =>
          isSecretName(name) ? `${before}${MASK}` : whole,
        )
      : text;

/** Masks the content of XML elements: `<password>x</password>`, `<password><![CDATA[x]]></password>`. */
const elements = valuesAfterNames(
  /<\//u,
  /(<([A-Za-z_][\w:.-]{0,80})(?:\s[^<>]{0,400})?>)(?:<!\[CDATA\[[\s\S]{0,8192}?\]\]>|[^<]{1,8192})(?=<\/\2>|$)/gu,
);

/** Masks the cell after a name in tables: `| password | x |`, and in HTML `<td>password</td><td>x</td>`. */
const textCells = valuesAfterNames(
  /\|/u,
  new RegExp(String.raw`(\|\s{0,3}(${NAME})\s{0,200}\|\s{0,20})[^\s|][^|\r\n]{0,8192}`, 'gu'),
);
const htmlCells = valuesAfterNames(
  /<(?:td|th|dt)/iu,
  new RegExp(
    String.raw`(<(?:td|th|dt)(?:\s[^<>]{0,200})?>\s{0,20}(${NAME})\s{0,20}:?\s{0,20}</(?:td|th|dt)>\s{0,80}<(?:td|th|dd)(?:\s[^<>]{0,200})?>)[^<]{1,8192}`,
    'giu',
  ),
);

/** Masks blocks of YAML: the lines below `password: |` that are indented more. */
const yamlBlocks: Rule = (text) => {
  if (!/:[^\S\n]*[|>][-+\d]{0,2}[^\S\n]*\n/u.test(text)) return text;
  let indent = Infinity;
  let isFirst = false;
  const lines = text.split('\n').flatMap((line) => {
    const depth = /^[^\S\n]*/u.exec(line)?.[0].length ?? 0;
    if (indent !== Infinity && (depth > indent || line.trim() === '')) {
      const shown = isFirst ? [`${line.slice(0, depth)}${MASK}`] : [];
      isFirst = false;
      return shown;
    }
    const [, before = '', name = ''] =
      /^([^\S\n]*(?:-[^\S\n]+)?)["']?([^"':\s]{1,100})["']?:[^\S\n]*[|>][-+\d]{0,2}[^\S\n]*$/u.exec(line) ??
      [];
    isFirst = name !== '' && isSecretName(name);
    indent = isFirst ? before.length : Infinity;
    return [line];
  });
  return lines.join('\n');
};

/** Name with its separator, as found directly before a value. */
interface Head {
  readonly name: string;
  readonly separator: string;
  /** Index of the name in the text. */
  readonly at: number;
  readonly text: string;
}

/**
 * Masks the values after the names that `isSecret` accepts. The values after other names are searched too, because they
 * may contain such a name: "Login failed: password=x".
 * @param heads matches a name and its separator, in the groups `name` and `separator`
 * @param isValue tells whether the text after the separator is a value to mask, or only words of a sentence
 */
function maskAfterNames(
  text: string,
  heads: RegExp,
  isSecret: (head: Head) => boolean,
  isValue: (value: string, head: Head, quote: string) => boolean,
): string {
  let masked = '';
  let done = 0;
  for (const match of text.matchAll(heads)) {
    if (match.index < done) continue;
    const end = match.index + match[0].length;
    const { name = '', separator = '' } = match.groups ?? {};
    const head = { name, separator, at: match.index, text };
    if (!isSecret(head)) continue;
    const found = findValueAt(text, end);
    if (found === undefined || isMasked(found.inner) || !isValue(found.inner, head, found.quote)) continue;
    masked += `${text.slice(done, end)}${found.quote}${MASK}${found.quote}`;
    done = found.end;
  }
  return masked + text.slice(done);
}

const isWord = (value: string): boolean => /^(?:null|none|true|false)$/iu.test(value);

const QUOTED_NAME = String.raw`(?<slashes>\\{0,8})(?<mark>["'])(?<name>[^"'\\\r\n]{1,100})\k<slashes>\k<mark>`;

/**
 * Pattern for quoted names: `"password": "x"`, `'pkey': u'x'`, `\"token\": \"x\"`, `["password"] = "x"`, `"password" =>
 * "x"`.
 */
const QUOTED_NAMES = new RegExp(String.raw`${QUOTED_NAME}(?<separator>[\])]?\s{0,20}${SEPARATOR}\s*)`, 'gu');
const quotedNames: Rule = (text) =>
  maskAfterNames(
    text,
    QUOTED_NAMES,
    // An error of Barbican, "does not match schema 'Secret': If 'payload' specified, …", has no value after the name
    // 'Secret'.
    ({ name, at }) =>
      isSecretName(name) && !(name === 'Secret' && /\bschema $/u.test(text.slice(Math.max(0, at - 8), at))),
    (value) => !isWord(value),
  );

/** Pattern for names of pairs in tuples and in lists of lists: `('password', 'x')`, `[["X-Auth-Token", "x"]]`. */
const TUPLES = new RegExp(
  String.raw`(?:\(|(?<=[[,]\s{0,3})\[)\s{0,3}[ub]?${QUOTED_NAME}(?<separator>\s{0,3},\s{0,20})(?=[ubr]{0,2}\\{0,8}["'])`,
  'gu',
);
const tuples: Rule = (text) =>
  maskAfterNames(
    text,
    TUPLES,
    ({ name }) => isSecretName(name),
    (value, _head, quote) => quote !== '' && !isWord(value),
  );

/**
 * Pattern for names without quotes: `password=x`, `OS_PASSWORD=x`, `X-Auth-Token: x`, `?sig=x`, `--password=x`,
 * `**Password:** x`.
 */
const PLAIN_NAMES = new RegExp(
  String.raw`(?<![\p{L}\p{N}_.]-{0,3})(?<name>${NAME})(?<separator>[\])*\x60]{0,3}\s{0,3}${SEPARATOR}(?:\*\*(?!\*)|\x60)?\s*)`,
  'gu',
);
const SIGNED = /^(?:sig|x-amz-[\w-]+|awsaccesskeyid|accesskeyid|access[_-]?key[_-]?id)$/iu;
const isSentence = (separator: string): boolean => /^[^=]*[:：][^=]*$/u.test(separator);
const plainNames: Rule = (text) =>
  maskAfterNames(
    text,
    PLAIN_NAMES,
    ({ name, separator, at }) => {
      if (!isSentence(separator)) return isSecretName(name) || SIGNED.test(name);
      // A path with a secret's name in an error of this project: "POST /auth/tokens: sent something else".
      const isPath = /(?:^|[\s("'«])\/(?:[\w.-]{1,80}\/){0,8}$/u.test(text.slice(Math.max(0, at - 200), at));
      return (
        !(isPath && /\s$/u.test(separator)) && !PROSE.test(name) && !isShortWord(name) && isSecretName(name)
      );
    },
    (value, { separator }) => value !== '' && !(isSentence(separator) && NO_VALUE.test(value)),
  );

/** Whether a name is a short word that names a secret before "=" but is an ordinary word before ":". */
const isShortWord = (name: string): boolean => /^(?:pass|pw|sas|otp|dsn|clave|chave)$/iu.test(name);

/** Masks the values of options and commands: `--password x`, `setx OS_PASSWORD x`. */
const options = valuesAfterNames(
  /(?:^|\s)-|\b(?:setx?|setenv|export)\s/iu,
  new RegExp(
    String.raw`((?:(?:^|\s)--?|\b(?:setx|setenv|set|export)\s{1,3})(${NAME})\s{1,3})(?!-)(?:(["'])(?:(?!\3)[\s\S])*(?:\3|$)|\S+)`,
    'giu',
  ),
);

/**
 * Masks secrets of commands and statements that do not name them: `curl -u user:x`, `sshpass -p x`, `IDENTIFIED BY
 * 'x'`, `.netrc`.
 */
const commands: Rule = (text) =>
  text
    .replace(
      /(\s(?:-u|--user|--proxy-user)[\s=]\s{0,3}["']?[^\s:'"]{1,100}:)(?!\*\*\*)[^\s'"]{1,1024}/gu,
      `$1${MASK}`,
    )
    .replace(/(\bsshpass\s{1,3}-p\s{0,3})(["']?)(?!\*\*\*)[^\s'"]{1,1024}\2/gu, `$1$2${MASK}$2`)
    .replace(
      /(\bidentified by\s{1,3}(?:password\s{1,3})?)(['"])(?!\*\*\*)[^'"]{1,1024}\2/giu,
      `$1$2${MASK}$2`,
    )
    .replace(/(\blogin\s{1,3}\S{1,200}\s{1,3}password\s{1,3})(?!\*\*\*)\S{1,1024}/giu, `$1${MASK}`);

/**
 * Pattern for secrets in sentences: "with password 'x'", "the passphrase is x1y2z3". A bare word without digits is not
 * masked, nor is the name of a variable.
 */
const SENTENCES =
  /(\b(?:password|passwd|passphrase|passcode|passwort|kennwort|pwd)\s{1,3}(?:(?:is|was|of|ist)\s{1,3})?)(?:(["'`])(?!\*\*\*)[^"'`\r\n]{1,1024}\2|\((?!\*\*\*|(?:OS|CORIOLIS)_[A-Z_]{1,60}\))[^()\s]{1,1024}\)|(?=[^\s\d]{0,64}\d)(?=[^\sA-Za-z]{0,64}[A-Za-z])(?![\w.-]{0,64}[=:])[^\s"'`()<>{}[\],;]{6,1024})/giu;
const sentences: Rule = (text) =>
  /pass|pwd|kennwort/iu.test(text) ? text.replace(SENTENCES, `$1${MASK}`) : text;

const RULES: readonly Rule[] = [
  keyBlocks,
  forms,
  addresses,
  headers,
  yamlBlocks,
  pairs,
  elements,
  htmlCells,
  textCells,
  tuples,
  quotedNames,
  plainNames,
  options,
  commands,
  sentences,
];

/** Masks secrets that span several lines. Must be called before a text is split into lines. */
export const maskMultilineSecrets = (text: string): string => yamlBlocks(keyBlocks(text));

/**
 * Replaces everything that looks like a secret by `***`. The text must be free of invisible and escaped characters
 * (`maskSecrets`).
 */
export const maskSecretsInCleanText = (text: string): string =>
  RULES.reduce((rest, rule) => rule(rest), text);
