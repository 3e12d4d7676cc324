import { readConnectionSettings, type ConnectionSettings } from '../../mcp/connection/connection-settings';
import { InvalidInputError } from '../../src/api/errors';

/** Clouds as people write them, and as OpenStack's own tools read them. */

const PEM = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----';
const AUTH = {
  auth_url: 'https://keystone.example.com:5000/v3',
  username: 'migrator',
  password: 'correct horse',
  project_name: 'migration',
};

/** The login of the cloud "lab" among such files; paths are theirs. */
const load = (files: Readonly<Record<string, string>>): Promise<ConnectionSettings> =>
  readConnectionSettings({ HOME: '/home/migrator', OS_CLOUD: 'lab' }, undefined, {
    read: async (path) => files[path],
  });

/** A cloud in `clouds.yaml`, with these lines instead of, or beside, a login by password. */
const lab = (lines: string, auth: object = AUTH): string =>
  `clouds:\n  lab:\n    auth: ${JSON.stringify(auth)}\n${lines.replace(/^/gmu, '    ')}\n`;

const connect = (lines: string, files: Readonly<Record<string, string>> = {}) =>
  load({ './clouds.yaml': lab(lines), ...files });

describe('certificates', () => {
  it.each([
    'verify: false',
    'verify: no',
    'verify: "False"',
    'insecure: true',
    'insecure: yes',
    'insecure: "1"',
  ])('are not checked with "%s"', async (line) => {
    expect((await connect(`${line}\ncacert: /gone.pem`)).tls).toEqual({ insecure: true });
  });

  it.each(['verify: true', 'verify: yes', 'insecure: false', 'insecure: off'])(
    'are checked with "%s"',
    async (line) => {
      expect((await connect(line)).tls).toEqual({ insecure: false });
    },
  );

  it('may be signed by an authority at home', async () => {
    const { tls } = await connect('cacert: ~/lab.pem', { '/home/migrator/lab.pem': PEM });
    expect(tls).toEqual({ insecure: false, ca: PEM });
  });
});

describe('values', () => {
  it.each(['12345678901234567890', '0123', '1.10', 'true', '2026-11-22', '351e44'])(
    'that look like %s are texts',
    async (value) => {
      const { password, ...auth } = AUTH;
      const text = lab('', auth).replace('"auth_url"', `"password": ${value}, "auth_url"`);
      expect((await load({ './clouds.yaml': text })).identity).toMatchObject({ password: value });
      expect(password).not.toBe(value);
    },
  );

  it('that are null or empty are not given', async () => {
    const files = { './clouds.yaml': lab('', { ...AUTH, user_domain_name: null, project_domain_name: '' }) };
    const domain = { id: 'default' };
    expect((await load(files)).identity).toMatchObject({ user: { domain }, project: { domain } });
  });

  it('can be merged from another place, and spelled with hyphens', async () => {
    const { identity, selection } = await load({
      './clouds.yaml': `shared: &shared {user-domain-name: Staff}\n${lab('region-name: West\n<<: *shared')}`,
    });
    expect(identity).toMatchObject({ user: { name: 'migrator', domain: { name: 'Staff' } } });
    expect(selection).toEqual({ region: 'West' });
  });
});

it.each([
  ['regions: [West, East]', 'West'],
  ['regions: [{name: West, values: {}}, East]', 'West'],
  ['regions: [West, East]\nregion_name: East', 'East'],
])('with "%s" means the region %s', async (lines, region) => {
  expect((await connect(lines)).selection).toEqual({ region });
});

it.each([
  [
    'v3applicationcredential',
    { application_credential_id: '21dd', application_credential_secret: 'battery staple' },
    { method: 'application_credential', credential: { id: '21dd' }, secret: 'battery staple' },
  ],
  ['v3token', { token: 'gAAA', project_id: '0123' }, { method: 'token', project: { id: '0123' } }],
  ['v3password', AUTH, { method: 'password', user: { name: 'migrator' } }],
])('logs in with auth_type %s', async (type, auth, identity) => {
  const text = lab(`auth_type: ${type}`, { auth_url: AUTH.auth_url, ...auth });
  expect((await load({ './clouds.yaml': text })).identity).toMatchObject(identity);
});

describe('a profile', () => {
  const { auth_url, ...user } = AUTH;
  const files = { './clouds.yaml': lab('profile: provider\nregion_name: East', user) };

  it('is what the cloud is laid over', async () => {
    const { identity, selection } = await load({
      ...files,
      '/etc/openstack/clouds-public.yaml': `public-clouds: {provider: {auth: {auth_url: "${auth_url}"}, region_name: West, interface: internal}}`,
    });
    expect(identity).toMatchObject({ authUrl: auth_url, user: { name: 'migrator' } });
    expect(selection).toEqual({ region: 'East', interface: 'internal' });
  });

  it('that is nowhere is missed when it has to say where Keystone is', async () => {
    await expect(load(files)).rejects.toThrow(InvalidInputError);
    await expect(load(files)).rejects.toThrow('profile "provider"');
    expect((await connect('profile: provider')).identity).toMatchObject({ authUrl: auth_url });
  });
});

it('quotes nothing of a file that is no YAML', async () => {
  const error = await load({ './clouds.yaml': 'clouds: {lab: {auth: {password: hunter2' }).catch(
    (caught: unknown) => caught,
  );
  expect(error).toBeInstanceOf(InvalidInputError);
  expect(String(error)).toMatch(/no valid YAML \(line \d+\)/u);
  expect(String(error)).not.toContain('hunter2');
});
