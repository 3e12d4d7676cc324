/**
 * Names whose values are secret: keys of objects, fields of schemas, headers, options of commands. This table serves
 * for objects and for free text. To add a name, add a word here; `test/unit/model/secrets.test.ts` then plants a secret
 * under it.
 */

/**
 * Words that mark a name as that of a secret wherever they stand in it, as in `adminPassword` and `hasło_db`. They are
 * written in lower case, without accents and separators.
 */
export const SECRET_SUBSTRINGS: readonly string[] = [
  'password',
  'passwd',
  'passphrase',
  'passcode',
  'passwort',
  'kennwort',
  'motdepasse',
  'contrasena',
  'palavrapasse',
  'wachtwoord',
  'salasana',
  'losenord',
  'lozinka',
  'jelszo',
  'heslo',
  'haslo',
  'parola',
  'parool',
  'passord',
  'adgangskode',
  'κωδικο',
  'סיסמה',
  'كلمةالمرور',
  '口令',
  'пароль',
  '密码',
  '密碼',
  'パスワード',
  '비밀번호',
  'secret',
  'geheim',
  'credential',
  'token',
  'signature',
  'connectionstring',
  'privatekey',
  'apikey',
  'authkey',
  'passkey',
  'schlussel',
  'klucz',
  'chiave',
  'accesskey',
  'accountkey',
  'sharedkey',
  'storagekey',
  'masterkey',
  'encryptionkey',
  'subscriptionkey',
  'clientkey',
  'sshkey',
  'signingkey',
  'pkey',
  'trustid',
  'kubeconfig',
  'setcookie',
];

/**
 * Words that mark a name as that of a secret only when they stand as a separate word in it, so that `passes`, `bypass`
 * and `assassin` are not secret.
 */
export const SECRET_WHOLE_WORDS: readonly string[] = [
  'pass',
  'passw',
  'pwd',
  'pwds',
  'pw',
  'psk',
  'pin',
  'mdp',
  'otp',
  'totp',
  'sas',
  'dsn',
  'cookie',
  'cookies',
  'authorization',
  'clave',
  'chave',
  'senha',
  'sifre',
];

/**
 * Pattern for exceptions: names of paths, URLs, types, counts and names of secrets, such as `secret_ref` and
 * `token_count`.
 */
const PLAIN_NAME =
  /^(?:secretrefs?|secrettype|tokencount|maxtokens|tokenizer|(?:ssh|public|host)keyname|sshkeypairname)$|(?:file|path|command|urls?|uris?|expires(?:at)?|ttl|length|policy|managers?)$/u;

const PARTS = new RegExp(SECRET_SUBSTRINGS.join('|'), 'u');
const WORDS = new Set(SECRET_WHOLE_WORDS);

/** Words that end like that of a password, maybe with a number: `dbpass`, `rootpw` and `pass2`. */
const PASSWORD_ENDING = /(?<!^(?:by|com|encom|over|sur|tres|under))(?:pass|pwd?)\d*$/u;

/** Converts a name to lower case and removes accents and separators. */
const plainName = (name: string): string =>
  name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replaceAll('ł', 'l')
    .replaceAll('Ł', 'L')
    .toLowerCase()
    // NFKD splits Korean syllables and voiced Japanese kana; NFC joins them again.
    .normalize('NFC')
    .replace(/[^\p{L}\p{N}]/gu, '');

/** Splits a name into words: `adminPass`, `admin_pass` and `ADMIN-PASS` have two each. */
const wordsOf = (name: string): readonly string[] =>
  name
    .replace(/([\p{Ll}\p{N}])(\p{Lu})/gu, '$1 $2')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u);

/** Whether a name marks its value as a secret. Takes time linear in the length of the name; callers cache the answer. */
export function isSecretName(name: string): boolean {
  const start = name.slice(0, 200);
  const plain = plainName(start);
  if (PLAIN_NAME.test(plain)) return false;
  return (
    PARTS.test(plain) ||
    PARTS.test(start.toLowerCase()) ||
    wordsOf(start).some((word) => WORDS.has(plainName(word)) || PASSWORD_ENDING.test(plainName(word)))
  );
}
