import { readConnectionSettings, type ConnectionSettings } from '../../mcp/connection/connection-settings';
import { makeTokenRequest } from '../../src/api/keystone';
import type { KeystoneCredentials } from '../../src/api/keystone';
import { findCoriolisAddress } from '../../src/api/service-catalogue';
import { auth, byName, cloudCases, environmentCases, OS, project, user } from '../support/openstacksdk-cases';

/**
 * Our reading of clouds.yaml and OS_* held against openstacksdk's own: the kinds of clouds and environments that its tests
 * (openstack/tests/unit/config: base.py, test_config.py, test_environ.py) load, each with the login that is sent.
 */

const PEM = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----';
const KEY = '-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----';

const load = (
  cloud: object | undefined,
  environment: Readonly<Record<string, string>> = {},
  files: Readonly<Record<string, string>> = {},
): Promise<ConnectionSettings> => {
  const texts: Readonly<Record<string, string>> = {
    ...files,
    ...(cloud && { './clouds.yaml': JSON.stringify({ clouds: { lab: cloud } }) }),
  };
  return readConnectionSettings({ HOME: '/home/me', ...environment }, cloud && 'lab', {
    read: async (path) => texts[path],
  });
};

/** User and project of the request that logs in. */
async function sent(cloud: object | undefined, environment?: Readonly<Record<string, string>>) {
  const { identity } = await load(cloud, environment);
  const { auth } = JSON.parse(makeTokenRequest(identity as KeystoneCredentials).body) as {
    auth: { identity: { password: { user: Record<string, unknown> } }; scope: { project: unknown } };
  };
  const { password: _password, ...user } = auth.identity.password.user;
  return { user, project: auth.scope.project };
}

describe('a cloud', () => {
  it.each(cloudCases)('%s', async (_what, cloud, expectedUser, expectedProject) => {
    expect(await sent(cloud)).toEqual({ user: expectedUser, project: expectedProject });
  });

  it('that is scoped to a domain has no project, which migrations need', async () => {
    await expect(load({ auth: { ...auth, 'domain-id': '12345' } })).rejects.toThrow(
      /OS_PROJECT_NAME .* missing/,
    );
  });

  it.each<[string, object, string | undefined]>([
    ['region_name', { region_name: 'test-region' }, 'test-region'],
    ['region-name', { 'region-name': 'test-region' }, 'test-region'],
    [
      'the first of its regions',
      { regions: [{ name: 'region1', values: {} }, { name: 'region2' }] },
      'region1',
    ],
    ['none', {}, undefined],
  ])('names its region as %s', async (_how, more, region) => {
    expect((await load({ auth: byName, ...more })).selection.region).toBe(region);
  });

  it('follows the region that the environment chooses', async () => {
    const regions = ['one', { name: 'two', values: { interface: 'internal', auth: { username: 'other' } } }];
    expect(await load({ auth: byName, regions }, { OS_REGION_NAME: 'two' })).toMatchObject({
      identity: { user: { name: 'other' } },
      selection: { region: 'two', interface: 'internal' },
    });
  });

  it('may have an address that names its region', async () => {
    const address = 'https://iam.{region_name}.example.com/v3';
    const { identity } = await load({ auth: { ...byName, auth_url: address }, region_name: 'eu-de' });
    expect(identity).toMatchObject({ authUrl: 'https://iam.eu-de.example.com/v3' });
  });

  it.each<[string, object]>([
    ['within auth', { auth: { ...byName, token: 'my-token' } }],
    ['within auth, under its old name', { auth: { ...byName, auth_token: 'my-token' } }],
    ['within auth, with a dash', { auth: { ...byName, 'auth-token': 'my-token' } }],
    ['beside auth', { auth: byName, token: 'my-token' }],
    ['beside auth, under its old name', { auth: byName, auth_token: 'my-token' }],
    ['beside auth, with another within', { auth: { ...byName, token: 'other' }, token: 'my-token' }],
    ['under both names', { auth: { ...byName, token: 'my-token', auth_token: 'other' } }],
  ])('logs in with its token %s', async (_where, cloud) => {
    expect((await load({ auth_type: 'v3token', ...cloud })).identity).toMatchObject({ token: 'my-token' });
  });

  it.each(['v2password', 'v3multifactor', 'v3totp', 'admin_token'])(
    'that logs in in another way is refused in words: %s',
    async (type) => {
      await expect(load({ auth_type: type, auth: byName })).rejects.toThrow('OS_AUTH_TYPE is not supported');
    },
  );

  it.each<[string, object, string]>([
    ['endpoint_type', { endpoint_type: 'internalURL' }, 'internal'],
    [
      'interface, with another for other services',
      { interface: 'admin', foo_interface: 'internal' },
      'admin',
    ],
    ['its own interface', { interface: 'admin', migration_endpoint_type: 'internal' }, 'internal'],
  ])('names its interface as %s', async (_how, more, chosen) => {
    expect((await load({ auth: byName, ...more })).selection.interface).toBe(chosen);
  });

  it('may stand in secure.yaml alone', async () => {
    const files = { './secure.yaml': JSON.stringify({ clouds: { lab: { auth: byName } } }) };
    const { identity } = await load(undefined, { OS_CLOUD: 'lab' }, files);
    expect(identity).toMatchObject({ user: { name: 'testuser' }, password: 'testpass' });
  });

  it('with cert and key shows the certificate of the client', async () => {
    const files = { '/home/me/me.pem': PEM, '/etc/me.key': KEY };
    const { tls } = await load({ auth: byName, cert: '~/me.pem', key: '/etc/me.key' }, {}, files);
    expect(tls).toMatchObject({ clientCertificate: { cert: PEM, key: KEY } });
    const both = `${PEM}\n${KEY}`;
    expect((await load({ auth: byName, cert: '/both.pem' }, {}, { '/both.pem': both })).tls).toMatchObject({
      clientCertificate: { cert: both, key: both },
    });
    await expect(load({ auth: byName, cert: '/gone.pem' })).rejects.toThrow(
      'OS_CERT (or cert) names a file that cannot be read: /gone.pem',
    );
  });
});

describe('an environment', () => {
  it.each(environmentCases)('%s', async (_what, more, userDomain, projectDomain) => {
    const expected = { user: user(userDomain), project: project(projectDomain) };
    expect(await sent(undefined, { ...OS, ...more })).toEqual(expected);
  });

  it.each(['keystone.example.com', 'ftp://example.com', 'https://me:secret@example.com', 'https://'])(
    'whose OS_AUTH_URL is %s says which variable is wrong, and quotes nothing',
    async (url) => {
      const error = await load(undefined, { ...OS, OS_AUTH_URL: url }).catch((caught: unknown) => caught);
      expect((error as Error).message).toMatch(
        /^OS_AUTH_URL: The URL must be an http:\/\/ or https:\/\/ address/,
      );
      expect((error as Error).message).not.toContain('secret');
    },
  );

  it('loses blanks and line ends around its values, but not those of the password', async () => {
    const { identity, selection } = await load(undefined, {
      ...OS,
      OS_USERNAME: 'testuser\r',
      OS_REGION_NAME: ' one\r\n',
      OS_PASSWORD: ' blanks ',
    });
    expect(identity).toMatchObject({ user: { name: 'testuser' }, password: ' blanks ' });
    expect(selection.region).toBe('one');
  });

  it('logs in with OS_TOKEN before OS_AUTH_TOKEN', async () => {
    const { OS_PASSWORD: _password, ...others } = OS;
    const { identity } = await load(undefined, { ...others, OS_AUTH_TOKEN: 'other', OS_TOKEN: 'my-token' });
    expect(identity).toMatchObject({ token: 'my-token' });
  });

  it('with an invisible character within a value says which and where', async () => {
    await expect(load(undefined, { ...OS, OS_REGION_NAME: 'one\u200btwo' })).rejects.toThrow(
      'OS_REGION_NAME has an invisible character, U+200B, after 3 characters.',
    );
  });
});

describe('a region of the catalogue', () => {
  const catalogue = (...regions: readonly string[]) => [
    {
      type: 'migration',
      name: 'coriolis',
      endpoints: regions.map((region) => ({
        interface: 'public',
        region,
        url: `https://cloud/${region || 'null'}`,
      })),
    },
  ];
  const chosen = (wanted: string, ...regions: readonly string[]) =>
    findCoriolisAddress({ projectId: 'p', catalogue: catalogue(...regions) }, { region: wanted });

  it('called * is that of every region, unless there is one of its own', () => {
    expect(chosen('one', '*')).toBe('https://cloud/*');
    expect(chosen('one', '*', 'one')).toBe('https://cloud/one');
  });

  it('without a name has words', () => {
    expect(() => chosen('one', '')).toThrow(
      expect.objectContaining({ advice: 'The catalogue has one without a name.' }),
    );
  });
});
