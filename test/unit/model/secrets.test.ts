import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import ts from 'typescript';
import { ServerError } from '../../../src/api/errors';
import { readErrorText } from '../../../src/model/error-text';
import { splitMaskedLines } from '../../../src/model/log-line';
import { redact } from '../../../src/model/redact-object';
import { isSecretName } from '../../../src/model/secret-names';
import { maskSecrets, quoteText } from '../../../src/model/untrusted-text';
import { cases } from '../../support/cases';
import { plantedSecrets, SECRET_NAMES, TEXT_PLACES } from '../../support/planted-secrets';

/** A secret planted under every name, in every place, must not come out. */

const SECRET = 'Zx9Canary7Q';
/** Values that would end a careless pattern early. */
const VALUES = [SECRET, `a,${SECRET}`, `p@${SECRET}`, `${SECRET}!#%`, `0x${SECRET}`];

describe('of all planted secrets', () => {
  const planted = plantedSecrets();
  const shown = (clean: (text: string) => string) =>
    planted.filter(({ text, value }) => clean(text).includes(value)).map(({ place }) => place);

  test('there are thousands, each in a text that shows it', () => {
    expect(planted.length).toBeGreaterThan(3000);
    expect(new Set(planted.map(({ value }) => value)).size).toBe(planted.length);
    expect(planted.filter(({ text, value }) => !text.includes(value))).toEqual([]);
  });

  test.each<[string, (text: string) => string]>([
    ['a text of its own', maskSecrets],
    ['a sentence', (text) => maskSecrets(`Login failed: ${text} was sent`)],
    ['a line of at most 1000 characters', (text) => quoteText(text, 1000)],
    ['an object', (text) => JSON.stringify(redact({ note: text }))],
    ['a key of an object', (text) => JSON.stringify(redact({ map: { [text]: 1 } }))],
    ['the error of a task', (text) => readErrorText(`TaskProcessException: ${text}`)?.textToShow ?? ''],
    [
      'an error',
      (text) => JSON.stringify(new ServerError(`It said: ${text}`, { advice: text, serverMessage: text })),
    ],
    ['the message of an error', (text) => new ServerError(`It said: ${text}`).message],
  ])('none is shown by %s', (_way, clean) => {
    expect(shown(clean)).toEqual([]);
  });
});

test.each(['GET /v1/secret: something else came', 'POST /auth/password: an answer of 70 MiB came'])(
  'our own sentence about a path is whole: %s',
  (sentence) => {
    expect(maskSecrets(sentence)).toBe(sentence);
  },
);

/** Secrets that only their own form gives away, without a name in front of them. */
const own = (begin: string, length: number): string =>
  begin + 'Z9'.repeat(Math.ceil(length / 2)).slice(0, length);
test.each([
  ['a recovery password of BitLocker', Array.from({ length: 8 }, (_, part) => `${part}12345`).join('-')],
  ['a token of Keystone', own('gAAAA', 40)],
  ['a JSON web token', [own('eyJ', 12), own('', 12), own('', 12)].join('.')],
  ['a key of AWS', own('AKIA', 16)],
  ['a temporary key of AWS', own('ASIA', 16)],
  ['a token of GitHub', own('ghs_', 36)],
  ['a fine-grained token of GitHub', own('github_pat_', 40)],
  ['a token of GitLab', own('glpat-', 20)],
  ['a token of Slack', own('xoxb-', 24)],
  ['a key of Google', own('AIza', 35)],
  ['a token of npm', own('npm_', 36)],
  ['a key of age', own('AGE-SECRET-KEY-1', 58)],
])('%s is masked wherever it stands', (_what, secret) => {
  for (const text of [
    secret,
    `The guest said ${secret} and stopped`,
    `["x", "${secret}"]`,
    `a\n${secret}\nb`,
  ]) {
    expect(maskSecrets(text)).toBe(text.replace(secret, '***'));
  }
});

describe.each(TEXT_PLACES)('in %s', (_place, plant) => {
  test.each(SECRET_NAMES)('a secret under %s is masked', (name) => {
    for (const value of VALUES) expect(maskSecrets(plant(name, value))).not.toContain(SECRET);
  });
});

test.each(SECRET_NAMES)('under a key %s of an object, a pair or a list it is redacted', (name) => {
  const values = [
    { [name]: SECRET },
    { environment: { storage: { [name]: [SECRET, { deep: SECRET }] } } },
    {
      options: [
        { name, value: SECRET },
        { Name: name, Value: SECRET },
        { KEY: name, VALUE: SECRET },
        { id: name, val: SECRET },
        { param: name, text: SECRET },
        { key: name, value: { a: SECRET } },
      ],
    },
    [[{ [name]: { x: SECRET } }]],
  ];
  for (const value of values) expect(JSON.stringify(redact(value))).not.toContain(SECRET);
});

test.each(['--password', '--os-password', '-passphrase', '--api-key'])(
  'the argument after the option %s is redacted, alone',
  (option) => {
    const command = ['login', option, 'short', '--verbose', 'plain'];
    const shown = ['login', option, '[redacted]', '--verbose', 'plain'];
    expect(redact({ command })).toEqual({ command: shown });
    expect(redact(JSON.stringify(command))).toBe(JSON.stringify(shown));
  },
);

test.each([
  ['storage.key of an Azure account', { storage: { account: 'acc', key: `${SECRET}0123456789abcdef==` } }],
  ['an AWS key', 'AKIAZX9CANARY7QZX9CA'],
  ['a GitHub token', `ghp_${SECRET}${SECRET}${SECRET}`],
  [
    'a list of pairs',
    [
      ['user', 'admin'],
      ['password', SECRET],
    ],
  ],
  ['what a platform offers', [{ name: 'admin_pass', values: [SECRET], config_default: SECRET }]],
  ['a value before its name', `{"value": "${SECRET}", "label": "Password"} was refused`],
] as const)('%s is masked by its place or its form', (_what, value) => {
  expect(JSON.stringify(redact({ value }))).not.toMatch(/Zx9Canary7Q|AKIAZX9|ghp_/u);
});

test.each([
  'passes',
  'replication_passes',
  'bypass',
  'passthrough',
  'compass',
  'encompass',
  'trespass',
  'pinned',
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

test('lines of a log show nothing of a key of several lines', () => {
  const lines = [
    ...splitMaskedLines(
      `begin\n-----BEGIN RSA PRIVATE KEY-----\n${SECRET}\n${SECRET}\n-----END RSA PRIVATE KEY-----\r\npkey: |\n  ${SECRET}\nend`,
    ),
  ];
  expect(lines.join()).not.toContain(SECRET);
  expect(lines.slice(0, 1).concat(lines.slice(-1))).toEqual(['begin', 'end']);
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
          '|',
          '[',
          '(',
          ')',
          '**',
          '=>',
          '%3D',
          '&quot;',
          'name',
          'value',
          'is',
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
    "('password',",
    '[',
    'password=[',
    '| password ',
    'password: |\n ',
    '{"name": "password", "value": ',
    '%22',
  ]) {
    maskSecrets(piece.repeat(Math.ceil(65_536 / piece.length)));
  }
  expect(process.cpuUsage(started).user / 1e6).toBeLessThan(20);
});
