import fc from 'fast-check';
import { stringify } from 'yaml';
import { makeTokenRequest, type KeystoneCredentials } from '../../../src/api/keystone';
import { parsePastedYaml } from '../../../nodes/login/pasted/parse-pasted-yaml';
import { readKeystoneLogin, tlsOptionsOf, webInterfaceAddressOf } from '../../../nodes/login/read-credential';
import {
  auth,
  byName,
  cloudCases,
  environmentCases,
  OS,
  project,
  user,
} from '../../support/openstacksdk-cases';

/** A pasted openrc or clouds.yaml means the same login as openstacksdk makes of the file. */

const credential = (pastedSecret: string, more: object = {}) => ({
  keystoneBy: 'pasted',
  pastedSecret,
  ...more,
});

/** User and project of the request that logs in. */
function sent(text: string, more: object = {}) {
  const { identity } = readKeystoneLogin(credential(text, more));
  const request = JSON.parse(makeTokenRequest(identity as KeystoneCredentials).body) as {
    auth: { identity: { password: { user: Record<string, unknown> } }; scope: { project: unknown } };
  };
  const { password, ...given } = request.auth.identity.password.user;
  return { user: given, project: request.auth.scope.project, password };
}

const spellings: ReadonlyArray<readonly [string, (cloud: object) => string]> = [
  ['as YAML', (cloud) => stringify({ clouds: { lab: cloud } })],
  ['as YAML with quotes and comments', (cloud) => quotedYaml(cloud)],
  ['as JSON', (cloud) => JSON.stringify({ clouds: { lab: cloud } })],
  ['as JSON over many lines', (cloud) => JSON.stringify({ clouds: { lab: cloud } }, null, 2)],
];

const quotedYaml = (cloud: object): string =>
  `# made by Horizon\n---\n${stringify(
    { clouds: { lab: cloud } },
    { defaultStringType: 'QUOTE_SINGLE', defaultKeyType: 'PLAIN', indent: 4 },
  )
    .split('\n')
    .map((line) => (line === '' ? '' : `${line}  # a comment`))
    .join('\r\n')}`;

describe.each(spellings)('a cloud %s', (_spelling, write) => {
  it.each(cloudCases)('%s', (_what, cloud, expectedUser, expectedProject) => {
    expect(sent(write(cloud))).toEqual({
      user: expectedUser,
      project: expectedProject,
      password: 'testpass',
    });
  });

  it('names its region, interface and endpoint, and may trust any certificate', () => {
    const cloud = {
      auth: byName,
      regions: [{ name: 'region1', values: {} }, { name: 'region2' }],
      interface: 'internal',
      migration_endpoint_override: 'https://coriolis.example.com:7667/v1',
      verify: false,
    };
    const text = write(cloud);
    expect(readKeystoneLogin(credential(text)).selection).toMatchObject({
      region: 'region1',
      interface: 'internal',
      override: 'https://coriolis.example.com:7667/v1',
    });
    expect(tlsOptionsOf(credential(text)).skipSslCertificateValidation).toBe(true);
  });
});

const shells: ReadonlyArray<readonly [string, (name: string, value: string) => string]> = [
  ['bash', (name, value) => `export ${name}=${value}`],
  ['quotes', (name, value) => `export ${name}="${value}" # a comment`],
  ['single quotes', (name, value) => `${name}='${value}';`],
  ['PowerShell', (name, value) => `$env:${name} = "${value}"`],
  ['cmd', (name, value) => `set ${name}=${value}\r`],
];

describe.each(shells)('an openrc in %s', (_shell, line) => {
  it.each(environmentCases)('%s', (_what, more, userDomain, projectDomain) => {
    const text = Object.entries({ ...OS, ...more })
      .map(([name, value]) => line(name, value))
      .join('\n');
    expect(sent(text)).toEqual({
      user: user(userDomain),
      project: project(projectDomain),
      password: 'testpass',
    });
  });
});

/** What Horizon gives for download, in its own words where they matter. */
const horizon = `#!/usr/bin/env bash
# To use an OpenStack cloud you need to authenticate against the Identity service
export OS_AUTH_URL=https://example.com/v3/
export OS_PROJECT_ID=12345
export OS_PROJECT_NAME="testproject"
export OS_USER_DOMAIN_NAME="Corp"
if [ -z "$OS_USER_DOMAIN_NAME" ]; then unset OS_USER_DOMAIN_NAME; fi
export OS_PROJECT_DOMAIN_ID="default"
if [ -z "$OS_PROJECT_DOMAIN_ID" ]; then unset OS_PROJECT_DOMAIN_ID; fi
# unset v2.0 items in case set
unset OS_TENANT_ID
unset OS_TENANT_NAME
export OS_USERNAME="testuser"
# With Keystone you pass the keystone password.
echo "Please enter your OpenStack Password for project $OS_PROJECT_NAME as user $OS_USERNAME: "
read -sr OS_PASSWORD_INPUT
export OS_PASSWORD=$OS_PASSWORD_INPUT
export OS_REGION_NAME="RegionOne"
if [ -z "$OS_REGION_NAME" ]; then unset OS_REGION_NAME; fi
export OS_INTERFACE=public
export OS_IDENTITY_API_VERSION=3
`;

test("Horizon's openrc asks for the password, which stands in its own field", () => {
  expect(sent(horizon, { password: ' with blanks ' })).toEqual({
    user: user({ name: 'Corp' }),
    project: { id: '12345' },
    password: ' with blanks ',
  });
  expect(readKeystoneLogin(credential(horizon, { password: 'x' })).selection.region).toBe('RegionOne');
  expect(() => readKeystoneLogin(credential(horizon))).toThrow('Password is missing');
});

test('an openrc on one line, as a masked input of older n8n keeps it', () => {
  const text = Object.entries(OS)
    .map(([name, value]) => `export ${name}='${value}'`)
    .join(' ');
  expect(sent(text).user).toEqual(user({ id: 'default' }));
  expect(() => readKeystoneLogin(credential(`# mine ${text}`))).toThrow('lost its line ends');
});

test('variables of the text are replaced, others are asked for', () => {
  const text = Object.entries({ ...OS, OS_AUTH_URL: '$HOST/v3' })
    .map(([name, value]) => `export ${name}="${value}"`)
    .join('\n');
  expect(sent(`HOST=https://example.com\n${text}`).user).toEqual(user({ id: 'default' }));
  expect(() => readKeystoneLogin(credential(text))).toThrow('OS_AUTH_URL in the pasted text uses $HOST');
});

test('one of several clouds is chosen by its name', () => {
  const text = stringify({ clouds: { lab: { auth: byName }, 'other lab': { auth } } });
  expect(sent(text, { cloudName: 'lab' }).project).toEqual(project({ id: 'default' }));
  const refusal = expect.objectContaining({ advice: 'Give the Cloud Name: lab, other lab.' });
  expect(() => readKeystoneLogin(credential(text))).toThrow(refusal);
  expect(() => readKeystoneLogin(credential(text, { cloudName: 'prod' }))).toThrow(refusal);
});

test.each([
  ['a text that is neither', 'hunter2', /neither an openrc file nor a clouds.yaml/u],
  ['nothing', '  ', /is missing/u],
  ['a tab', 'clouds:\n\tlab: hunter2', /line 2 is indented with a tab/u],
  ['an anchor', 'clouds:\n  lab: &a hunter2', /line 2 uses an anchor/u],
  ['brackets that do not close', 'clouds: {lab: {auth: {password: hunter2', /line 1 has brackets/u],
  ['quotes that do not close', 'clouds:\n  lab: "hunter2', /line 2 has quotes/u],
  ['a key twice', 'clouds:\n  lab: hunter2\n  lab: b', /line 3 repeats a key/u],
  ['a value that goes on', 'clouds:\n  lab: a\n    hunter2', /line 3 continues a value/u],
])('%s is refused without a quotation', (_what, text, message) => {
  expect(() => readKeystoneLogin(credential(text))).toThrow(message);
  expect(() => readKeystoneLogin(credential(text))).not.toThrow('hunter2');
});

test('mappings and lists of texts are read as the yaml package writes them', () => {
  const text = fc
    .string({ unit: 'grapheme', maxLength: 20 })
    .filter((one) => !/[\n\r\u0085\u2028\u2029]/u.test(one));
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { maxDepth: 3 },
      text,
      fc.array(tie('tree'), { maxLength: 3, minLength: 1 }),
      fc.dictionary(
        text.filter((name) => name !== '__proto__' && name !== ''),
        tie('tree'),
        { maxKeys: 4, minKeys: 1 },
      ),
    ),
  }));
  const style = {
    defaultStringType: 'QUOTE_DOUBLE',
    defaultKeyType: 'QUOTE_DOUBLE',
    lineWidth: 0,
    blockQuote: false,
    doubleQuotedAsJSON: true,
  } as const;
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom('clouds', 'b'), tree, { minKeys: 1 }), (value) => {
      expect(parsePastedYaml(stringify(value, style))).toEqual(value);
      expect(parsePastedYaml(JSON.stringify(value))).toEqual(value);
      expect(parsePastedYaml(JSON.stringify(value, null, 1))).toEqual(value);
    }),
  );
});

test('links come from the address that was given, or from the appliance', () => {
  expect(
    webInterfaceAddressOf({ webAddress: ' https://web ', keystoneBy: 'appliance', appliance: 'https://box' }),
  ).toBe('https://web');
  expect(webInterfaceAddressOf({ keystoneBy: 'appliance', appliance: 'https://box' })).toBe('https://box');
  expect(webInterfaceAddressOf({ keystoneBy: 'authUrl', appliance: 'https://box' })).toBeUndefined();
});
