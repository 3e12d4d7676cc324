import { loginCacheKey, makeTokenRequest } from '../../../src/api/keystone';
import type { KeystoneCredentials } from '../../../src/api/keystone';
import { InvalidInputError } from '../../../src/api/errors';
import { demo } from './support';

const bodyOf = (identity: KeystoneCredentials): unknown => JSON.parse(makeTokenRequest(identity).body);

describe('the request that logs in', () => {
  it.each([
    'http://keystone:5000',
    'http://keystone:5000/',
    'http://keystone:5000/v3',
    'http://keystone:5000/v3/',
    ' http://keystone:5000/v3// ',
    'http://keystone:5000/v3/auth/tokens',
  ])('goes to v3 for the auth URL %j', (authUrl) => {
    expect(makeTokenRequest(demo(authUrl)).url).toBe('http://keystone:5000/v3/auth/tokens');
  });

  it('keeps a path, and trusts an appliance that its path is v3 already', () => {
    const identity = demo('https://appliance/identity');
    expect(makeTokenRequest(identity).url).toBe('https://appliance/identity/v3/auth/tokens');
    expect(makeTokenRequest({ ...identity, authUrlIsV3: true }).url).toBe(
      'https://appliance/identity/auth/tokens',
    );
  });

  it.each(['', 'keystone:5000', 'ftp://keystone', 'http://', 'http://user:secret@keystone', 'http://k/?a=b'])(
    'refuses the auth URL %j without repeating it',
    (authUrl) => {
      const login = () => makeTokenRequest(demo(authUrl));
      expect(login).toThrow(InvalidInputError);
      expect(login).toThrow(expect.objectContaining({ field: 'authUrl' }));
      expect(login).not.toThrow(/secret/);
    },
  );

  it('refuses Keystone v2 with words', () => {
    expect(() => makeTokenRequest(demo('http://keystone:5000/v2.0'))).toThrow(/v2, which is not supported/);
  });

  it('names user and project, each with its domain', () => {
    expect(bodyOf(demo('http://keystone'))).toEqual({
      auth: {
        identity: {
          methods: ['password'],
          password: { user: { name: 'demo', domain: { name: 'Default' }, password: 'correct horse' } },
        },
        scope: { project: { name: 'migration', domain: { name: 'Default' } } },
      },
    });
  });

  it('takes ids instead', () => {
    const identity = { ...demo('http://keystone'), user: { id: 'u1' }, project: { id: 'p1' } };
    expect(bodyOf(identity)).toMatchObject({
      auth: { identity: { password: { user: { id: 'u1' } } }, scope: { project: { id: 'p1' } } },
    });
  });

  it('re-scopes a token', () => {
    expect(
      bodyOf({ authUrl: 'http://keystone', method: 'token', token: 't0', project: { id: 'p1' } }),
    ).toEqual({
      auth: { identity: { methods: ['token'], token: { id: 't0' } }, scope: { project: { id: 'p1' } } },
    });
  });

  it('sends no scope with an application credential, which Keystone would refuse', () => {
    expect(
      bodyOf({
        authUrl: 'http://keystone',
        method: 'application_credential',
        credential: { name: 'ci', user: { name: 'demo', domain: { id: 'default' } } },
        secret: 's3cret',
      }),
    ).toEqual({
      auth: {
        identity: {
          methods: ['application_credential'],
          application_credential: {
            name: 'ci',
            user: { name: 'demo', domain: { id: 'default' } },
            secret: 's3cret',
          },
        },
      },
    });
  });
});

describe('the fingerprint of a login', () => {
  const identity = demo('http://keystone:5000');

  it('is the same for two spellings of one login', () => {
    const { authUrl, ...rest } = identity;
    expect(loginCacheKey({ ...rest, authUrl: `${authUrl}/v3/` }, { region: 'one', serviceType: 'x' })).toBe(
      loginCacheKey(identity, { serviceType: 'x', region: 'one' }),
    );
  });

  it.each<[string, KeystoneCredentials, object]>([
    ['password', { ...identity, password: 'other' }, {}],
    ['user', { ...identity, user: { id: 'demo' } }, {}],
    ['project', { ...identity, project: { id: 'p' } }, {}],
    ['Keystone', { ...identity, authUrl: 'http://other:5000' }, {}],
    ['region', identity, { region: 'two' }],
  ])('differs with another %s', (_what, other, selection) => {
    expect(loginCacheKey(other, selection)).not.toBe(loginCacheKey(identity, {}));
  });
});
