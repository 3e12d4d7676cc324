import { InvalidInputError, ProtocolError } from '../../../src/api/errors';
import { findCoriolisAddress, locate, findServiceAddress, makeTokenRequest } from '../../../src/api/keystone';
import type { ApplianceCredentials, CatalogueSelection } from '../../../src/api/keystone';
import { loginFromSettings } from '../../../src/api/login-from-settings';
import {
  loginSettingsFromCloud,
  loginSettingsFromVariables,
  mergeLoginSettings,
} from '../../../src/api/login-settings';
import type { LoginSettings } from '../../../src/api/login-settings';
import type { TransportRequest } from '../../../src/api/transport';

const caller = {
  method: 'password',
  user: { id: 'u' },
  password: 'correct horse',
  project: { id: 'p' },
} as const;
const identity = (appliance = 'https://appliance/'): ApplianceCredentials => ({ ...caller, appliance });
const answer = (servicesUrls: unknown, status = 200) => ({
  status,
  headers: {},
  body: JSON.stringify({ config: { servicesUrls }, isFirstLaunch: false }),
});
const configured = (servicesUrls: unknown) => () => Promise.resolve(answer(servicesUrls));
const located = (urls: unknown, selection: CatalogueSelection = {}) =>
  locate({ identity: identity(), selection }, configured(urls));

const urls = {
  keystone: 'https://appliance/identity',
  coriolis: '/coriolis',
  barbican: '/barbican',
  coriolisLogs: 'https://appliance/logs',
};

describe('the configuration of an appliance', () => {
  it('is asked for without anything that is secret', async () => {
    const sent: TransportRequest[] = [];
    await locate({ identity: identity(), selection: {} }, (request) => {
      sent.push(request);
      return Promise.resolve(answer(urls));
    });

    expect(sent).toMatchObject([{ method: 'GET', url: 'https://appliance/api/config' }]);
    expect(JSON.stringify(sent)).not.toContain('correct horse');
  });

  it('leads to Keystone and Coriolis, also by relative addresses', async () => {
    const { identity: there, selection } = await located(urls);

    expect(makeTokenRequest(there).url).toBe('https://appliance/identity/auth/tokens');
    expect(findCoriolisAddress({ projectId: 'p1', catalogue: [] }, selection)).toBe(
      'https://appliance/coriolis/p1',
    );
  });

  it('leads to the services that the catalogue has, and to no others', async () => {
    const { selection } = await located(urls);
    const endpoint = (url: string) => [{ interface: 'public', region: 'one', url }];
    const catalogue = ['coriolis-logger', 'coriolis-licensing'].map((type) => ({
      type,
      name: type,
      endpoints: endpoint(`http://inside/${type}`),
    }));

    expect(findServiceAddress({ catalogue }, 'coriolis-logger', selection)).toBe('https://appliance');
    expect(findServiceAddress({ catalogue }, 'coriolis-licensing', selection)).toBe(
      'http://inside/coriolis-licensing',
    );
    expect(() => findServiceAddress({ catalogue }, 'key-manager', selection)).toThrow(/no Barbican/u);
  });

  it('gives way to an address of Coriolis that was given by hand', async () => {
    const { selection } = await located(urls, { override: 'https://elsewhere:7667/v1' });

    expect(findCoriolisAddress({ projectId: 'p1', catalogue: [] }, selection)).toBe(
      'https://elsewhere:7667/v1/p1',
    );
  });

  it.each([
    ['nothing there', () => Promise.resolve({ status: 404, headers: {}, body: '' })],
    ['a page', () => Promise.resolve({ status: 200, headers: {}, body: '<html></html>' })],
    ['no services', configured({})],
    ['no Keystone', configured({ coriolis: '/coriolis' })],
  ])('is missing elsewhere: %s', async (_what, ask) => {
    const found = locate({ identity: identity('https://other'), selection: {} }, ask);

    await expect(found).rejects.toThrow(ProtocolError);
    await expect(found).rejects.toThrow('https://other is no Coriolis appliance');
  });

  it('is not looked for at what is no address', async () => {
    const found = locate({ identity: identity('appliance'), selection: {} }, configured(urls));

    await expect(found).rejects.toMatchObject({ kind: 'invalid_input', field: 'appliance' });
  });
});

describe('the setting of an appliance', () => {
  const words = { nameOf: (name: string) => name, advice: 'Set them.' };
  const rest: LoginSettings = { username: 'u', password: 'w', project_id: 'p' };

  it('stands in the place of the auth URL', () => {
    const { identity: found } = loginFromSettings({ ...rest, appliance: 'https://appliance' }, words);

    expect(found).toMatchObject({ appliance: 'https://appliance', method: 'password' });
    expect(found).not.toHaveProperty('authUrl');
  });

  it('of the environment replaces the auth URL of a cloud', () => {
    const cloud = loginSettingsFromCloud({ auth: { auth_url: 'http://keystone' } });
    const environment = loginSettingsFromVariables({ CORIOLIS_APPLIANCE: 'https://appliance' });

    expect(mergeLoginSettings(cloud, environment)).toEqual({ appliance: 'https://appliance' });
  });

  it('is refused beside an auth URL, and named where both are missing', () => {
    const both = { ...rest, appliance: 'https://appliance', auth_url: 'http://keystone' };

    expect(() => loginFromSettings(both, words)).toThrow(InvalidInputError);
    expect(() => loginFromSettings(both, words)).toThrow('auth_url and appliance are both given');
    expect(() => loginFromSettings(rest, words)).toThrow('auth_url (or appliance) is missing');
  });
});
