import { SECRET_SUBSTRINGS, SECRET_WHOLE_WORDS } from '../../src/model/secret-names';

/**
 * Secrets that a test plants: each has a value of its own, so that what comes out tells which of them it is. Names × places are the
 * generator of all tests about secrets; a new row in one of the tables is tried everywhere.
 */

/** What every planted secret begins with. */
const PLANTED = 'Zx9Cana7';

/** Names of secrets: those of the table in `src/`, and spellings of it. */
export const SECRET_NAMES: readonly string[] = [
  ...SECRET_SUBSTRINGS,
  ...SECRET_WHOLE_WORDS,
  'admin_pass',
  'dbpass',
  'vcpass',
  'rootpw',
  'pass1',
  'user_pwd2',
  'Schlüssel',
  'adminPass',
  'ADMIN-PASSWORD',
  'account_key',
  'accountKey',
  'shared_key',
  'SharedAccessKey',
  'connection_string',
  'os_password',
  'X-Auth-Token',
  'X-Subject-Token',
  'contraseña',
  'Mot_de_passe',
  'Kennwort',
  'hasło',
  'şifre',
  'db.password',
  'encrypted_disks_passphrase',
  'private_key_passphrase',
  'client_secret',
  'vcenter_pwd',
];

/** A place in a text, and how a value is planted there under a name. */
export type SecretPlace = readonly [place: string, plant: (name: string, value: string) => string];

/** Places for any name and any value. */
export const TEXT_PLACES: readonly SecretPlace[] = [
  [
    'JSON',
    (name, value) =>
      `Refused: {"user": "admin", ${JSON.stringify(name)}: ${JSON.stringify(value)}, "port": 1}`,
  ],
  ['JSON in JSON', (name, value) => JSON.stringify({ body: JSON.stringify({ [name]: value, port: 1 }) })],
  ['JSON three deep', (name, value) => JSON.stringify(JSON.stringify(JSON.stringify({ [name]: value })))],
  [
    'an object in JSON',
    (name, value) => `Refused: {"${name}": {"value": ${JSON.stringify(value)}}, "port": 1}`,
  ],
  ['a list in JSON', (name, value) => `Refused: {"${name}": ["a]", ${JSON.stringify(value)}], "port": 1}`],
  ['a Python dict', (name, value) => `invalid: {'port': 22, '${name}': u'${value}', 'x': None}`],
  ['bytes of Python', (name, value) => `{b'${name}': b'${value}'}`],
  ['a list in Python', (name, value) => `{'${name}': [u'${value}']} was refused`],
  ['a tuple of Python', (name, value) => `headers [('Accept', '*/*'), ('${name}', '${value}')]`],
  ['a list of lists', (name, value) => `headers [["Accept", "*/*"], ["${name}", "${value}"]]`],
  ['a pair in JSON', (name, value) => JSON.stringify({ options: [{ name, value }] })],
  ['a pair with a default', (name, value) => JSON.stringify([{ name, values: [], config_default: value }])],
  ['a pair in Python', (name, value) => `[{'name': '${name}', 'value': '${value}'}]`],
  ['a pair of attributes', (name, value) => `<add key="${name}" value="${value}"/>`],
  ['an assignment', (name, value) => `export ${name}=${value}; yum install`],
  ['a quoted assignment', (name, value) => `${name}="${value}" and more`],
  ['an assignment of Go', (name, value) => `${name} := "${value}"`],
  ['a comparison', (name, value) => `if ${name}=="${value}" then`],
  ['three quotes', (name, value) => `${name} = """${value}"""`],
  ['an arrow', (name, value) => `{'user' => 'admin', '${name}' => '${value}'}`],
  ['an index', (name, value) => `config["${name}"] = '${value}'`],
  ['many blanks', (name, value) => `"${name}":${' '.repeat(60)}"${value}"`],
  ['an option with its value', (name, value) => `curl --${name}=${value} https://example`],
  ['a connection string', (name, value) => `Server=db;${name}=${value};Encrypt=yes`],
  ['a query', (name, value) => `GET /x?a=1&${name}=${encodeURIComponent(value)}&b=2`],
  [
    'a query in a query',
    (name, value) => `GET /x?to=${encodeURIComponent('/y?a=1&')}${name}%3D${encodeURIComponent(value)}%26b=2`,
  ],
  ['JSON in a query', (name, value) => `body=%7B%22${name}%22%3A%22${encodeURIComponent(value)}%22%7D`],
  ['entities of HTML', (name, value) => `{&quot;${name}&quot;: &quot;${value}&quot;}`],
  ['numeric entities', (name, value) => `{&#34;${name}&#34;: &#x22;${value}&#x22;}`],
  ['escapes of JSON', (name, value) => `{\\u0022${name}\\u0022: \\u0022${value}\\u0022}`],
  ['a block of YAML', (name, value) => `user: admin\n${name}: |-\n  ${value}\n  ${value}\nport: 1`],
];

/** Places for names of letters, digits and separators. */
const WORD_PLACES: readonly SecretPlace[] = [
  ['an element', (name, value) => `<login><${name} type="x">${value}</${name}></login>`],
  ['an element with raw text', (name, value) => `<${name}><![CDATA[${value}]]></${name}>`],
  ['an option', (name, value) => `curl --${name} ${value} https://example`],
  ['a table', (name, value) => `| ${name} | ${value} |`],
  ['a table of HTML', (name, value) => `<tr><td>${name}:</td><td>${value}</td></tr>`],
  ['a variable of Windows', (name, value) => `setx ${name} ${value}`],
  ['a list with an index', (name, value) => `auth[${name}]=${value}`],
];

/** Places with a name of their own. */
const NAMED_PLACES: ReadonlyArray<readonly [place: string, plant: (value: string) => string]> = [
  ['a login of curl', (value) => `curl -u admin:${value} https://example`],
  ['sshpass', (value) => `sshpass -p ${value} ssh root@host`],
  ['SQL', (value) => `ALTER USER admin IDENTIFIED BY '${value}'`],
  ['.netrc', (value) => `machine example login admin password ${value}`],
  ['an option of Windows', (value) => `net /password:${value}`],
  ['Markdown', (value) => `**Password:** ${value}`],
  ['Markdown in code', (value) => `Password: \`${value}\``],
  ['a path and its password', (value) => `user/password: admin/${value}`],
  ['a sentence', (value) => `the password is ${value}`],
  ['a quotation', (value) => `Login with password '${value}' failed`],
  ['parentheses', (value) => `wrong password (${value})`],
  ['a cookie', (value) => `Cookie: session=${value}; theme=${value}`],
  ['a cookie that is set', (value) => `Set-Cookie: a=b; sid=${value}; Path=/`],
  ['an authorization header', (value) => `Authorization: Custom ${value} ${value}`],
  ['an address', (value) => `https://admin:${value}@vcenter.example/sdk`],
  ['a signed link', (value) => `https://store.example/blob?sv=1&sig=${value}&x=1`],
  ['a key block', (value) => `-----BEGIN RSA PRIVATE KEY-----\n${value}\n-----END RSA PRIVATE KEY-----`],
  ['a key block that was cut', (value) => `-----BEGIN PRIVATE KEY-----\n${value}`],
  ['invisible characters in a name', (value) => `pass\u200bwo\u034frd=${value}`],
  ['wide letters', (value) => `ｐａｓｓｗｏｒｄ＝${value}`],
];

/** Whether a place for words takes the name. */
const isWordName = (name: string): boolean => /^[A-Za-z_][\w.-]*$/u.test(name);

/** A secret in a text. */
export interface PlantedSecret {
  /** Where it stands and under which name. */
  readonly place: string;
  readonly value: string;
  readonly text: string;
}

/** A secret under every name in every place, each with a value of its own. */
export function plantedSecrets(): readonly PlantedSecret[] {
  const planted: PlantedSecret[] = [];
  const add = (place: string, plant: (value: string) => string): void => {
    // Digits and letters, as long as no other value begins with it.
    const value = `${PLANTED}${String(planted.length).padStart(5, '0')}q`;
    planted.push({ place, value, text: plant(value) });
  };
  for (const name of SECRET_NAMES) {
    const places = isWordName(name) ? [...TEXT_PLACES, ...WORD_PLACES] : TEXT_PLACES;
    for (const [place, plant] of places) add(`${place}, ${name}`, (value) => plant(name, value));
  }
  for (const [place, plant] of NAMED_PLACES) add(place, plant);
  return planted;
}

/** The planted secrets in a text, by their values. */
export const plantedIn = (text: string): readonly string[] => [
  ...new Set([...text.matchAll(new RegExp(`${PLANTED}\\d*q?`, 'gu'))].map(([value]) => value)),
];
