import {
  AuthenticationError,
  InvalidInputError,
  ProtocolError,
  ServerError,
  UnreachableError,
} from '../../../src/api/errors';
import { readKeystoneToken } from '../../../src/api/keystone';
import type { KeystoneCredentials } from '../../../src/api/keystone';
import { demo, recording } from './support';

const identity = demo('http://keystone:5000');
const read = (name: string, who: KeystoneCredentials = identity) =>
  readKeystoneToken(recording(name).response, who);

function refusal(act: () => unknown): Error & Record<string, unknown> {
  try {
    act();
  } catch (error) {
    return error as Error & Record<string, unknown>;
  }
  throw new Error('It succeeded');
}

describe('a login that worked', () => {
  it('tells project, user, roles and both times', () => {
    expect(read('current/keystone-token-password-project')).toMatchObject({
      id: expect.any(String),
      issuedAt: Date.UTC(2026, 10, 22, 15, 32, 3),
      expiresAt: Date.UTC(2026, 10, 22, 19, 32, 3),
      projectId: '351ed44ac151474599d97370df948b5e',
      projectName: 'migration',
      userName: 'demo',
      roles: ['reader', 'member'],
    });
  });

  it('tells the catalogue', () => {
    const { catalogue } = read('current/keystone-token-password-project');
    expect(catalogue.find((service) => service.type === 'migration')?.endpoints).toContainEqual({
      interface: 'public',
      region: 'RegionOne',
      url: 'http://127.0.0.1:7667/v1/351ed44ac151474599d97370df948b5e',
    });
  });

  it('is not enough without a project', () => {
    const error = refusal(() => read('current/keystone-token-password-unscoped-explicit'));
    expect(error).toBeInstanceOf(AuthenticationError);
    expect(error['advice']).toMatch(/Name the project/);
  });
});

describe('a login that was refused', () => {
  it.each([
    'keystone-token-wrong-password-401',
    'keystone-token-unknown-user-401',
    'keystone-token-unknown-project-401',
    'keystone-token-wrong-domain-401',
    'keystone-token-no-role-on-project-401',
  ])('names what to check, since Keystone does not tell: %s', (name) => {
    const error = refusal(() => read(`current/${name}`));
    expect(error).toBeInstanceOf(AuthenticationError);
    expect(error.message).toContain(
      'user "demo" of domain "Default" in project "migration" of domain "Default"',
    );
    expect(error['advice']).toMatch(/password.*user name.*domain.*project.*role/);
    expect(error['requestId']).toMatch(/^req-/);
    expect(JSON.stringify(error) + error.message + String(error.stack)).not.toContain('correct horse');
  });

  const credential: KeystoneCredentials = {
    authUrl: 'http://keystone:5000',
    method: 'application_credential',
    credential: { id: 'ac1' },
    secret: 's3cret',
  };

  it.each(['keystone-token-appcred-wrong-secret-401', 'keystone-token-appcred-unknown-id-404'])(
    'speaks of the application credential: %s',
    (name) => {
      const error = refusal(() => read(`current/${name}`, credential));
      expect(error).toBeInstanceOf(AuthenticationError);
      expect(error.message).toContain('the application credential with id ac1');
      expect(error['advice']).toMatch(/secret/);
    },
  );

  it('passes on what Keystone says beyond the usual', () => {
    const error = refusal(() => read('current/keystone-token-appcred-unknown-id-404', credential));
    expect(error.message).toContain('Could not find Application Credential');
  });

  it('says of an expired token that a new one is needed', () => {
    const token: KeystoneCredentials = {
      authUrl: 'http://k',
      method: 'token',
      token: 't0',
      project: { id: 'p' },
    };
    const error = refusal(() => read('auth/expired-rescope', token));
    expect(error).toBeInstanceOf(AuthenticationError);
    expect(error['advice']).toMatch(/log in for a new one/);
  });

  it('says that a password alone is not enough for this user', () => {
    // As Keystone 22 answered for a user with `multi_factor_auth_rules`; the header is shortened.
    const answer = {
      status: 401,
      headers: { 'openstack-auth-receipt': 'gAAAAABreceipt' },
      body: '{"receipt": {"methods": ["password"], "user": {"id": "4dc1", "name": "demo", "domain": {"id": "default", "name": "Default"}}, "expires_at": "2026-11-23T04:07:56.000000Z", "issued_at": "2026-11-23T04:02:56.000000Z"}, "required_auth_methods": [["password", "totp"]]}',
    };
    const error = refusal(() => readKeystoneToken(answer, identity));
    expect(error).toBeInstanceOf(AuthenticationError);
    expect(error.message).toMatch(/"demo".*second factor \(password and totp\)/);
    expect(error['advice']).toMatch(/Log in as a user/);
    expect(JSON.stringify(error) + error.message).not.toContain('gAAAAAB');
  });

  it('says that a domain is missing', () => {
    const error = refusal(() => read('current/keystone-token-missing-domain-400'));
    expect(error).toBeInstanceOf(InvalidInputError);
    expect(error['advice']).toMatch(/domain/);
  });
});

describe('an answer that is not a login', () => {
  const answer = (status: number, body: string, headers: Record<string, string> = {}) =>
    refusal(() => readKeystoneToken({ status, headers, body }, identity));

  it.each([
    ['a web page', 200, '<!DOCTYPE html><title>Sign in</title>'],
    ['a web page', 404, '<html>nginx</html>'],
    ['something else', 404, 'Not Found'],
    ['something else', 200, '{"status": "ok"}'],
    ['nothing', 404, ''],
    [
      'something else',
      404,
      '{"error": {"code": 404, "message": "The requested URL was not found on the server."}}',
    ],
  ])('is no Keystone when it is %s with HTTP %d', (what, status, body) => {
    const error = answer(status, body);
    expect(error).toBeInstanceOf(ProtocolError);
    expect(error.message).toContain(
      `No Keystone v3 answers at http://keystone:5000/v3/auth/tokens: it sent ${what}`,
    );
    expect(error['advice']).toMatch(/auth URL/);
  });

  it('names the target of a redirect, without its query', () => {
    const error = answer(301, '', { location: 'https://keystone:5000/v3/auth/tokens?ticket=1' });
    expect(error).toBeInstanceOf(ProtocolError);
    expect(error.message).toContain('redirected to https://keystone:5000/v3/auth/tokens;');
  });

  it('is an outage when a proxy says so, and a failure when Keystone says so', () => {
    const busy = answer(503, '<html></html>', { 'retry-after': '7' });
    expect(busy).toBeInstanceOf(UnreachableError);
    expect(busy['retryAfterMs']).toBe(7_000);
    const failed = answer(
      500,
      '{"error": {"code": 500, "message": "An unexpected error prevented the server"}}',
    );
    expect(failed).toBeInstanceOf(ServerError);
  });
});
