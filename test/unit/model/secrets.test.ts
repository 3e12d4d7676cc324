import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import ts from 'typescript';
import { redact } from '../../../src/model/redact';
import { isSecretName, SECRET_SUBSTRINGS, SECRET_WHOLE_WORDS } from '../../../src/model/secret-names';
import { maskSecrets } from '../../../src/model/untrusted';
import { cases } from '../../support/cases';

/** A table of names and places: a secret planted under every name, in every place, must not come out. */

const SECRET = 'Zx9Canary7Q';
/** Values that would end a careless pattern early. */
const VALUES = [SECRET, `a,${SECRET}`, `p@${SECRET}`, `${SECRET}!#%`, `0x${SECRET}`];

const NAMES = [
  ...SECRET_SUBSTRINGS,
  ...SECRET_WHOLE_WORDS,
  'admin_pass',
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

type Place = readonly [name: string, plant: (name: string, value: string) => string];

/** Texts that hold a value under a name. */
const PLACES: readonly Place[] = [
  [
    'JSON',
    (name, value) =>
      `Refused: {"user": "admin", ${JSON.stringify(name)}: ${JSON.stringify(value)}, "port": 1}`,
  ],
  ['JSON in JSON', (name, value) => JSON.stringify({ body: JSON.stringify({ [name]: value, port: 1 }) })],
  ['JSON three deep', (name, value) => JSON.stringify(JSON.stringify(JSON.stringify({ [name]: value })))],
  ['a Python dict', (name, value) => `invalid: {'port': 22, '${name}': u'${value}', 'x': None}`],
  ['a pair in JSON', (name, value) => JSON.stringify({ options: [{ name, value }] })],
  ['a pair in Python', (name, value) => `[{'name': '${name}', 'value': '${value}'}]`],
  ['a pair of attributes', (name, value) => `<add key="${name}" value="${value}"/>`],
  ['an assignment', (name, value) => `export ${name}=${value}; yum install`],
  ['a quoted assignment', (name, value) => `${name}="${value}" and more`],
  ['a connection string', (name, value) => `Server=db;${name}=${value};Encrypt=yes`],
  ['a query', (name, value) => `GET /x?a=1&${name}=${encodeURIComponent(value)}&b=2`],
];

/** What a pattern takes for a name: letters, digits and separators. */
const asXml = (name: string): boolean => /^[A-Za-z_][\w.-]*$/u.test(name);

describe.each(PLACES)('in %s', (_place, plant) => {
  test.each(NAMES)('a secret under %s is masked', (name) => {
    for (const value of VALUES) {
      expect(maskSecrets(plant(name, value))).not.toContain(SECRET);
      expect(JSON.stringify(redact({ note: plant(name, value) }))).not.toContain(SECRET);
    }
  });
});

test.each(NAMES.filter(asXml))('in an element %s it is masked', (name) => {
  expect(maskSecrets(`<login><${name} type="x">${SECRET}</${name}></login>`)).not.toContain(SECRET);
});

test.each(NAMES)('as an option --%s it is masked', (name) => {
  expect(maskSecrets(`curl --${name} ${SECRET} https://example`)).not.toContain(SECRET);
});

test.each(NAMES)('under a key %s of an object, a pair or a list it is redacted', (name) => {
  const values = [
    { [name]: SECRET },
    { environment: { storage: { [name]: [SECRET, { deep: SECRET }] } } },
    {
      options: [
        { name, value: SECRET },
        { key: name, value: { a: SECRET } },
      ],
    },
    [[{ [name]: { x: SECRET } }]],
  ];
  for (const value of values) expect(JSON.stringify(redact(value))).not.toContain(SECRET);
});

test.each([
  ['storage.key of an Azure account', { storage: { account: 'acc', key: `${SECRET}0123456789abcdef==` } }],
  ['a cookie', `Cookie: session=${SECRET}; theme=${SECRET}`],
  ['a cookie that is set', `Set-Cookie: a=b; sid=${SECRET}; Path=/`],
  ['an authorization header', `Authorization: Custom ${SECRET} ${SECRET}`],
  ['an address', `https://admin:${SECRET}@vcenter.example/sdk`],
  ['an AWS key', 'AKIAZX9CANARY7QZX9CA'],
  ['a GitHub token', `ghp_${SECRET}${SECRET}${SECRET}`],
  ['a signed link', `https://store.example/blob?sv=1&sig=${SECRET}&x=1`],
] as const)('%s is masked by its place or its form', (_what, value) => {
  expect(JSON.stringify(redact({ value }))).not.toMatch(/Zx9Canary7Q|AKIAZX9|ghp_/u);
});

test.each([
  'passes',
  'replication_passes',
  'bypass',
  'passthrough',
  'compass',
  'key_name',
  'keypair',
  'sort_key',
  'public_key_name',
  'secret_ref',
  'monkey',
  'keyboard',
  'tasks',
  'pastebin',
  'sasquatch',
  'asset',
  'cookiecutter',
  'name',
  'id',
  'notes',
])('%s is an ordinary name', (name) => {
  expect(isSecretName(name)).toBe(false);
  expect(redact({ [name]: 'plain text' })).toEqual({ [name]: 'plain text' });
});

test.each([
  { type: 'string', format: 'password' },
  { type: 'string', writeOnly: true },
  { type: 'password' },
  { type: 'string', sensitive: true },
  { type: 'string', secret: true },
  { type: 'string', no_log: true },
  { type: 'string', 'x-secret': true },
])('a field that its schema marks as %j shows no value, whatever its name', (mark) => {
  const field = {
    ...mark,
    title: 'Pin of the vault',
    default: SECRET,
    value: { deep: SECRET },
    enum: [SECRET],
    const: SECRET,
    example: SECRET,
    examples: [SECRET],
  };
  const schema = { type: 'object', properties: { vault_pin: field, nested: { anyOf: [field] } } };
  const shown = JSON.stringify(redact({ schema, text: JSON.stringify(schema) }));
  expect(shown).not.toContain(SECRET);
  expect(shown).toContain('Pin of the vault');
});

test('the values of a field without such a mark stay', () => {
  const field = { type: 'string', format: 'uri', writeOnly: false, default: 'a', enum: ['a', 'b'] };
  expect(redact({ properties: { disk_format: field } })).toEqual({ properties: { disk_format: field } });
});

test('a key and its value in tags stay', () => {
  const tags = [
    { key: 'environment', value: 'production' },
    { key: 'cost-centre', value: '4711' },
  ];
  expect(redact(tags)).toEqual(tags);
});

/** Every sentence in the code: string literals, and templates with a word in place of each value. */
function* ownSentences(): Generator<string> {
  const root = join(__dirname, '../../..');
  for (const folder of ['src', 'mcp', 'nodes', 'library', 'credentials']) {
    const files = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' });
    // Help and instructions are written out as they are, never as part of an error.
    const spoken = (one: string) =>
      /\.ts$/u.test(one) && !/node_modules|dist|help|instructions|prompts/u.test(one);
    for (const file of files.filter(spoken)) {
      const source = ts.createSourceFile(
        file,
        readFileSync(join(root, folder, file), 'utf8'),
        ts.ScriptTarget.ES2022,
        true,
      );
      const found: string[] = [];
      const visit = (node: ts.Node): void => {
        if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) found.push(node.text);
        if (ts.isTemplateExpression(node)) {
          found.push(
            [node.head.text, ...node.templateSpans.map(({ literal }) => `value${literal.text}`)].join(''),
          );
        }
        ts.forEachChild(node, visit);
      };
      visit(source);
      yield* found.filter((text) => /[a-z] [a-z]/u.test(text) && !/^[^a-zA-Z]*\(\?|\\[sdw{]/u.test(text));
    }
  }
}

test('our own sentences are never masked', () => {
  const sentences = [...ownSentences()];
  expect(sentences.length).toBeGreaterThan(1500);
  expect(sentences.filter((text) => maskSecrets(text) !== text)).toEqual([]);
});

test('masking a masked text changes nothing, and costs a time that grows with the text only', () => {
  fc.assert(
    fc.property(
      fc.string({
        unit: fc.constantFrom(
          'p',
          'password',
          '=',
          ':',
          '"',
          "'",
          '\\',
          ' ',
          ',',
          '{',
          '<',
          '>',
          '/',
          '--',
          'a',
          '\n',
        ),
        maxLength: 300,
      }),
      (text) => {
        const once = maskSecrets(text);
        expect(maskSecrets(once)).toBe(once);
      },
    ),
    cases(500),
  );
  const started = process.cpuUsage();
  for (const piece of [
    '"',
    "\\'",
    'password=',
    'a'.repeat(80),
    '<a>',
    '"name":',
    'x:',
    '-----BEGIN ',
    'Cookie:',
    '\\',
  ]) {
    maskSecrets(piece.repeat(Math.ceil(65_536 / piece.length)));
  }
  expect(process.cpuUsage(started).user / 1e6).toBeLessThan(20);
});
