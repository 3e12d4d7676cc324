import { startSandbox, type Sandbox } from '../../sandbox/sandbox';
import { loginVariablesOf } from '../../sandbox/login-variables';
import { connect } from '../../library';

/** A sandbox whose callers another Keystone knows; that of a second sandbox here, a real one in test/e2e. */

let keystone: Sandbox;
let coriolis: Sandbox;
const troubles: unknown[] = [];
beforeAll(async () => {
  // With another seed its projects have other ids.
  keystone = await startSandbox({ seed: 2 });
  // That Keystone lets nobody but its owner look at a token.
  const { username, password, project } = keystone.connection;
  coriolis = await startSandbox({
    keystone: { authUrl: keystone.authUrl, service: { username, password, project } },
    onInternalError: (error) => troubles.push(error),
  });
});
afterAll(async () => {
  await coriolis.stop();
  await keystone.stop();
});

const login = async (authUrl: string): Promise<string> => {
  const { username, password, project } = keystone.connection;
  const domain = { id: 'default' };
  const answer = await fetch(`${authUrl}/auth/tokens`, {
    method: 'POST',
    body: JSON.stringify({
      auth: {
        identity: { methods: ['password'], password: { user: { name: username, domain, password } } },
        scope: { project: { name: project, domain } },
      },
    }),
  });
  return answer.headers.get('x-subject-token') ?? '';
};

const path = (): string => `/v1/${keystone.users.migration.id}/endpoints`;
const get = async (token: string) =>
  await fetch(`${coriolis.url}${path()}`, { headers: { 'x-auth-token': token } });
const questions = (): number => keystone.requests.count('GET', '/v3/auth/tokens');

it('lets in whom that Keystone knows, to projects that are empty', async () => {
  const endpoint = `${coriolis.url}/v1`;
  const { endpoints } = connect({ environment: loginVariablesOf(keystone.connection), endpoint });

  expect(await endpoints.list().toArray()).toEqual([]);
  await endpoints.create({
    name: 'a',
    type: 'openstack',
    connection: { auth_url: 'https://a.example.com', username: 'a', password: 'b', project_name: 'p' },
  });

  expect(await endpoints.list().toArray()).toEqual([expect.objectContaining({ name: 'a' })]);
});

it('has no Keystone of its own beside it', async () => {
  expect(await login(`${coriolis.url}/v3`)).toBe('');
});

it('asks once about a token, and again before something is written', async () => {
  const token = await login(keystone.authUrl);
  const before = questions();

  const answers = await Promise.all(Array.from({ length: 5 }, () => get(token)));
  await get(token);

  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
  expect(questions() - before).toBe(1);
  await fetch(`${coriolis.url}${path()}`, { method: 'POST', headers: { 'x-auth-token': token }, body: '{}' });
  expect(questions() - before).toBe(2);
});

it('answers 401 to what that Keystone does not know', async () => {
  expect((await get('unknown')).status).toBe(401);
});

it('answers 503 while that Keystone fails', async () => {
  const token = await login(keystone.authUrl);
  keystone.faults.plan('GET /auth/tokens status=500 times=1');

  expect((await get(token)).status).toBe(503);
  expect((await get(token)).status).toBe(200);
  expect(troubles).toEqual([expect.objectContaining({ message: 'Keystone answered 500' })]);
});
