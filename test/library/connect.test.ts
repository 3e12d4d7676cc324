import { connect, CoriolisError, InvalidInputError, type Transport } from '../../library';
import { startSandbox, type Sandbox } from '../../sandbox/sandbox';
import { realFetch } from '../support/coriolis';
import { loginVariablesOf } from '../../sandbox/login-variables';
import { loginTo } from './support';

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox();
});
afterAll(() => sandbox.stop());

/** What `connect` said no with. */
function refusal(options: object): CoriolisError {
  try {
    connect(options);
  } catch (error) {
    if (error instanceof CoriolisError) return error;
  }
  throw new Error('it was accepted');
}

it('takes the login from options', async () => {
  expect(await connect(loginTo(sandbox)).endpoints.list().toArray()).not.toEqual([]);
});

it('takes it from OS_ variables', async () => {
  expect(
    await connect({ environment: loginVariablesOf(sandbox.connection) })
      .endpoints.list()
      .toArray(),
  ).not.toEqual([]);
});

it('lets an option win over the environment', async () => {
  const { other } = sandbox.connection;
  const environment = loginVariablesOf(sandbox.connection);
  const { username, password, project } = other;
  const foreign = connect({
    environment,
    username,
    password,
    userDomainName: 'Default',
    projectName: project,
  });
  const own = connect({ environment });
  const idsOf = async ({ transfers }: typeof own) => (await transfers.list().toArray()).map(({ id }) => id);

  expect(await idsOf(foreign)).not.toEqual(await idsOf(own));
});

it('logs in once, however many calls wait for it', async () => {
  const coriolis = connect(loginTo(sandbox));
  sandbox.requests.clear();

  await Promise.all(Array.from({ length: 20 }, () => coriolis.endpoints.list().toArray()));

  expect(sandbox.requests.count('POST', '/v3/auth/tokens')).toBe(1);
});

it('finds Keystone by the address of an appliance, and asks it once', async () => {
  const { authUrl: _authUrl, ...login } = loginTo(sandbox);
  const coriolis = connect({ ...login, appliance: sandbox.url });
  sandbox.requests.clear();

  await Promise.all(Array.from({ length: 5 }, () => coriolis.endpoints.list().toArray()));

  expect(sandbox.requests.count('GET', '/api/config')).toBe(1);
  expect(sandbox.requests.count('POST', '/identity/auth/tokens')).toBe(1);
});

it('names everything that is missing, as option and as variable, and sends nothing', () => {
  const error = refusal({ environment: {}, username: 'migrator' });
  expect(error).toBeInstanceOf(InvalidInputError);
  expect(error.message).toContain('authUrl (OS_AUTH_URL)');
  expect(error.message).toContain('password (OS_PASSWORD)');
  expect(error.message).not.toContain('username');
});

it('refuses an option that does not exist, without its value', () => {
  const error = refusal({ ...loginTo(sandbox), passwort: 'hush-hush' });
  expect(error).toMatchObject({ kind: 'invalid_input', field: 'passwort' });
  expect(`${error.message} ${error.advice ?? ''}`).toContain('password');
  expect(`${error.message} ${error.advice ?? ''}`).not.toContain('hush-hush');
});

it('sends everything over a transport of your own', async () => {
  const sent: string[] = [];
  const transport: Transport = {
    send: (request) => {
      sent.push(`${request.method} ${new URL(request.url).pathname.split('/').at(-1) ?? ''}`);
      return realFetch.send(request);
    },
  };

  await connect({ ...loginTo(sandbox), transport })
    .endpoints.list()
    .toArray();

  expect(sent).toEqual(['POST tokens', 'GET endpoints']);
});

it('fails with words when the password is wrong, and never tells it', async () => {
  const { endpoints } = connect({ ...loginTo(sandbox), password: 'hush-hush' });
  const error: unknown = await endpoints
    .list()
    .toArray()
    .catch((caught: unknown) => caught);
  expect(error).toMatchObject({ kind: 'authentication', status: 401 });
  expect(JSON.stringify(error) + String(error)).not.toContain('hush-hush');
});
