import { connect, type ConnectOptions, type CoriolisApi, type Transport } from '../../library';
import { realFetch } from '../support/coriolis';
import { byPassword, LOCKING_FAILURES, tokenOf, type Keystone } from './keystone';
import {
  addEndpoints,
  ENDPOINTS,
  login,
  NAMELESS,
  PASSWORD,
  SECRET,
  startLab,
  type KeystoneLab,
  type People,
} from './keystone-lab';

/** Every way to log in, at a real Keystone; the Coriolis behind it is the sandbox, which asks that Keystone about tokens. */

let lab: KeystoneLab;
let keystone: Keystone;
let people: People;
beforeAll(async () => {
  lab = await startLab();
  ({ keystone, people } = lab);
});
afterAll(() => lab.stop());

const addTransfer = ({ transfers }: CoriolisApi, instance: string) =>
  transfers.create({
    originEndpointId: 'vcenter',
    destinationEndpointId: 'openstack',
    instances: [instance],
    destinationEnvironment: { migr_network: 'private' },
    networkMap: { 'VM Network': 'private' },
  });

const names = async (options: ConnectOptions): Promise<string[]> =>
  (await connect(options).endpoints.list().toArray()).map(({ name }) => name).sort();

/** What somebody is told who cannot come in, and how often Keystone was asked. */
async function refusal(options: ConnectOptions, calls = 1) {
  const { endpoints } = connect(options);
  const before = keystone.logins();
  const errors = await Promise.all(
    Array.from({ length: calls }, () =>
      endpoints
        .list()
        .toArray()
        .then(
          () => new Error('it was accepted'),
          (error: unknown) => error as Error & { readonly advice?: string },
        ),
    ),
  );
  const [error] = errors as [Error & { readonly advice?: string }];
  const words = errors.map((each) => `${JSON.stringify(each)} ${each.message} ${each.stack}`).join();
  return { error, words, logins: keystone.logins() - before };
}

describe('comes in', () => {
  test.each<[string, () => Promise<ConnectOptions> | ConnectOptions]>([
    ['by names and the names of their domains', () => ({})],
    [
      'by names and the ids of their domains',
      () => ({
        userDomainName: undefined,
        projectDomainName: undefined,
        userDomainId: people.lab,
        projectDomainId: people.lab,
      }),
    ],
    [
      'by ids',
      () => ({
        ...NAMELESS,
        userId: people.engineer,
        password: PASSWORD,
        projectId: people.migration,
      }),
    ],
    ['by the id of an application credential', () => byCredential()],
    [
      'by the name of an application credential and its user',
      () => ({
        ...NAMELESS,
        username: 'engineer',
        userDomainName: 'lab',
        applicationCredentialName: 'nightly',
        applicationCredentialSecret: SECRET,
      }),
    ],
    [
      'by a token from elsewhere',
      async () => ({
        ...NAMELESS,
        projectId: people.migration,
        token: await tokenOf(keystone.authUrl, byPassword(login('engineer'), 'lab')),
      }),
    ],
    ['by an address without a version', () => ({ authUrl: keystone.authUrl.replace('/v3', '') })],
    ['by an address with a slash', () => ({ authUrl: `${keystone.authUrl}/` })],
  ])('%s', async (_way, changes) => {
    expect(await names(lab.engineer(await changes()))).toEqual(ENDPOINTS);
  });

  test('to another project, which is empty', async () => {
    expect(await names(lab.engineer({ projectName: 'second', projectDomainName: 'Default' }))).toEqual([]);
  });

  test('to the Coriolis of another region', async () => {
    await connect(lab.engineer({ regionName: 'Tokyo' })).endpoints.create({
      name: 'tokyo',
      type: 'openstack',
      connection: { username: 'a', password: PASSWORD, auth_url: 'https://t.example.com', project_name: 'p' },
    });

    expect(await names(lab.engineer({ regionName: 'Tokyo' }))).toEqual(['tokyo']);
    expect(await names(lab.engineer())).toEqual(ENDPOINTS);
  });

  test('over another interface', async () => {
    lab.coriolis.requests.clear();

    expect(await names(lab.engineer({ interface: 'internal' }))).toEqual(ENDPOINTS);

    expect(lab.coriolis.requests.count('GET', '/coriolis/{id}/endpoints')).toBe(1);
    expect(lab.coriolis.requests.total).toBe(1);
  });

  test('once, however many calls wait for it', async () => {
    const { endpoints } = connect(lab.engineer());
    const before = keystone.logins();

    await Promise.all(Array.from({ length: 200 }, () => endpoints.list().toArray()));

    expect(keystone.logins() - before).toBe(1);
  });
});

describe('stays outside, and is told why without a secret', () => {
  test.each<[string, () => ConnectOptions, RegExp]>([
    ['with a wrong password', () => ({ password: 'hush-hush-wrong' }), /"engineer" of domain "lab"/],
    ['in the wrong domain', () => ({ userDomainName: 'Default' }), /domain "Default"/],
    ['in a project that does not exist', () => ({ projectName: 'nowhere' }), /project "nowhere"/],
    ['in a project that is disabled', () => ({ projectName: 'closed' }), /project "closed"/],
    ['without a role in the project', () => ({ username: 'stranger' }), /"stranger"/],
    ['without a second factor', () => ({ username: 'careful' }), /"careful".*\(password and totp\)/],
    ['as somebody disabled', () => ({ username: 'former' }), /"former"/],
    [
      'with an application credential that does not exist',
      () => ({ ...byCredential(), applicationCredentialId: 'no-such-credential' }),
      /application credential with id no-such-credential/,
    ],
    [
      'with the wrong secret of an application credential',
      () => ({ ...byCredential(), applicationCredentialSecret: 'hush-hush-wrong' }),
      /application credential with id/,
    ],
    [
      'with a token that is none',
      () => ({ username: undefined, password: undefined, token: 'hush-hush-token' }),
      /the given token/,
    ],
  ])('%s', async (_what, changes, words) => {
    const { error, words: all, logins } = await refusal(lab.engineer(changes()));

    expect(error).toMatchObject({ kind: 'authentication' });
    expect(error.message).toMatch(words);
    expect(error.advice).toMatch(/^(Check|The token|Log in)/);
    expect(all).not.toContain('hush-hush');
    expect(logins).toBe(1);
  });

  test.each([
    ['a region that is not there', { regionName: 'Mars' }, /region "Mars".*Berlin, Tokyo/],
    [
      'an interface that is not there',
      { regionName: 'Tokyo', interface: 'admin' },
      /interface "admin".*public/,
    ],
    [
      'a service that is not there',
      { serviceType: 'migrations' },
      /no service of type "migrations".*coriolis/,
    ],
  ])('asking for %s', async (_what, changes, words) => {
    const { error } = await refusal(lab.engineer(changes));

    expect(`${error.message} ${error.advice ?? ''}`).toMatch(words);
  });

  test('a wrong password is tried once, so that many calls do not lock the account', async () => {
    const wrong = lab.engineer({ username: 'forgetful', password: 'hush-hush-wrong' });

    expect((await refusal(wrong, 50)).logins).toBe(1);

    expect(await names(lab.engineer({ username: 'forgetful' }))).toEqual(ENDPOINTS);
  });

  test('who is locked out, also with the right password', async () => {
    const forgetful = lab.engineer({ username: 'forgetful' });
    for (let count = 0; count < LOCKING_FAILURES; count += 1) {
      await refusal({ ...forgetful, password: 'hush-hush-wrong' });
    }

    const { error, logins } = await refusal(forgetful);

    expect(error).toMatchObject({ kind: 'authentication', status: 401 });
    expect(logins).toBe(1);
  });
});

const byCredential = (): ConnectOptions => ({
  ...NAMELESS,
  applicationCredentialId: people.applicationCredential,
  applicationCredentialSecret: SECRET,
});

describe('may do what the roles allow', () => {
  test('a reader reads, and is told that writing is not allowed', async () => {
    const auditor = connect(lab.engineer({ username: 'auditor' }));

    expect(await auditor.endpoints.list().toArray()).toHaveLength(2);
    await expect(addEndpoints(auditor)).rejects.toMatchObject({ kind: 'forbidden' });
  });

  test('an application credential prepares, and is told that it cannot execute', async () => {
    const credential = connect(lab.engineer(byCredential()));
    const { id } = await addTransfer(credential, 'web-01');

    const started = credential.executions.start({ transferId: id });

    await expect(started).rejects.toMatchObject({
      advice: expect.stringContaining('An application credential or a revoked token cannot start work'),
    });
  });
});

describe('a token that ends while it is needed', () => {
  /** Tells what was sent, to see the token that it was sent with. */
  function watched(options: ConnectOptions) {
    const tokens: string[] = [];
    const transport: Transport = {
      send: (request) => {
        const token = request.headers['X-Auth-Token'];
        if (token !== undefined) tokens.push(token);
        return realFetch.send(request);
      },
    };
    return { api: connect({ ...options, transport }), last: () => tokens.at(-1) ?? '' };
  }

  const revoke = (token: string) =>
    fetch(`${keystone.authUrl}/auth/tokens`, {
      method: 'DELETE',
      headers: { 'x-auth-token': token, 'x-subject-token': token },
    });

  test('expired in a wait: it is renewed, and the wait comes to its end', async () => {
    const { authUrl, logins } = await keystone.serve(6);
    const api = connect(lab.engineer({ authUrl }));
    const { id } = await addTransfer(api, 'web-03');
    const { id: executionId } = await api.executions.start({ transferId: id });
    lab.coriolis.requests.clear();

    const { outcome } = await api.executions.wait({ transferId: id, executionId });

    expect(outcome).toBe('completed');
    expect(logins()).toBeGreaterThan(1);
    expect(lab.coriolis.requests.entries.filter(({ status }) => status === 401)).toEqual([]);
  });

  test('revoked: the next calls log in again, once', async () => {
    const { api, last } = watched(lab.engineer());
    await api.endpoints.list().toArray();
    await revoke(last());
    const before = keystone.logins();

    // Coriolis has validated it a moment ago, and goes on reading.
    await api.endpoints.list().toArray();
    expect(keystone.logins() - before).toBe(0);

    lab.outlastTrust();
    await Promise.all(Array.from({ length: 50 }, () => api.endpoints.list().toArray()));
    expect(keystone.logins() - before).toBe(1);
  });

  test('revoked, and Coriolis does not know yet: work is refused once, and then begins', async () => {
    const { api, last } = watched(lab.engineer());
    const { id } = await addTransfer(api, 'web-02');
    await revoke(last());
    const before = keystone.logins();

    await expect(api.executions.start({ transferId: id })).rejects.toMatchObject({
      advice: expect.stringContaining('revoked token'),
    });
    await api.executions.start({ transferId: id });

    expect(keystone.logins() - before).toBe(1);
  });
});
