import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startSandbox } from '../../sandbox/sandbox';
import type { Sandbox } from '../../sandbox/sandbox';
import { startUser } from './support/client';
import type { Result } from './support/client';
import { createTransfer, execute } from './support/estate';
import { bare, loginOf } from './support/server';
import type { Environment } from './support/server';

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox({ speed: 60 });
});
afterAll(() => sandbox.stop());

/** What the first call says with these settings. */
async function firstCall(
  env: Environment,
  args: readonly string[] = [],
): Promise<Result & { readonly log: string }> {
  const user = await startUser({ env, args });
  const result = await user.call('list_endpoints');
  await user.close();
  return { ...result, log: user.log.whole() };
}

/** Lifetime of a token that a test outlives, but not the call that logs in, on a busy machine either. */
const BRIEF_MS = 10_000;

/** Gives the next login a brief token; those after it last. */
async function withBriefToken<T>(logIn: () => Promise<T>): Promise<T> {
  const { identity } = sandbox;
  const lasting = identity.tokenLifetimeMs;
  identity.tokenLifetimeMs = BRIEF_MS;
  try {
    return await logIn();
  } finally {
    identity.tokenLifetimeMs = lasting;
  }
}

describe('a server without settings', () => {
  it('lists its tools, and the first call names every variable that is missing', async () => {
    const { isError, text } = await firstCall(bare);

    expect(isError).toBe(true);
    for (const name of ['OS_AUTH_URL', 'OS_USERNAME', 'OS_PASSWORD', 'OS_PROJECT_NAME', 'clouds.yaml']) {
      expect(text).toContain(name);
    }
  });

  it('names only what is missing', async () => {
    const { OS_PASSWORD: _password, ...env } = loginOf(sandbox);

    const { text } = await firstCall(env);

    expect(text).toContain('OS_PASSWORD is missing');
    expect(text).not.toContain('OS_AUTH_URL');
  });
});

describe('a login that fails', () => {
  it.each<[string, () => Environment, RegExp]>([
    [
      'a wrong password',
      () => ({ OS_PASSWORD: 'canary-wrong' }),
      /\(authentication\).*Keystone refused user "demo"/su,
    ],
    ['an unknown project', () => ({ OS_PROJECT_NAME: 'nowhere' }), /\(authentication\).*project/su],
    ['no server there', () => ({ OS_AUTH_URL: 'http://127.0.0.1:1/v3' }), /the connection was refused/u],
    [
      'no TLS there',
      () => ({ OS_AUTH_URL: sandbox.authUrl.replace('http:', 'https:') }),
      /does not speak TLS as expected[\s\S]*http:\/\/ or https:\/\//u,
    ],
    ['no Keystone there', () => ({ OS_AUTH_URL: sandbox.coriolisUrl }), /No Keystone v3 answers|HTTP 40/u],
    ['an unknown region', () => ({ OS_REGION_NAME: 'Mars' }), /region "Mars".*RegionOne/su],
    ['a wrong interface', () => ({ OS_INTERFACE: 'secret' }), /public, internal or admin/u],
    ['a missing CA file', () => ({ OS_CACERT: '/nonexistent/ca.pem' }), /cannot be read/u],
    ['an unknown cloud', () => ({ OS_CLOUD: 'nine' }), /no clouds\.yaml/u],
  ])('is explained: %s', async (_what, change, words) => {
    const { isError, text, log } = await firstCall(loginOf(sandbox, change()));

    expect(isError).toBe(true);
    expect(text).toMatch(words);
    expect(text + log).not.toContain('canary-wrong');
  });
});

describe('a login that works', () => {
  it.each<[string, () => Environment]>([
    ['user and project by name', () => loginOf(sandbox)],
    [
      'user and project by id',
      () => ({
        ...bare,
        OS_AUTH_URL: sandbox.connection.auth_url,
        OS_USER_ID: sandbox.users.demo.id,
        OS_PASSWORD: sandbox.connection.password,
        OS_PROJECT_ID: sandbox.users.migration.id,
      }),
    ],
    [
      'the older words for projects, and the default domain',
      () => ({
        ...bare,
        OS_AUTH_URL: sandbox.connection.auth_url,
        OS_USERNAME: sandbox.connection.username,
        OS_PASSWORD: sandbox.connection.password,
        OS_TENANT_NAME: sandbox.connection.project,
      }),
    ],
    [
      'an application credential',
      () => ({
        ...bare,
        OS_AUTH_URL: sandbox.connection.auth_url,
        OS_APPLICATION_CREDENTIAL_ID: sandbox.users.restricted.id,
        OS_APPLICATION_CREDENTIAL_SECRET: 'sandbox-restricted-secret',
      }),
    ],
    [
      'the address of an appliance instead of that of Keystone',
      () => loginOf(sandbox, { OS_AUTH_URL: '', CORIOLIS_APPLIANCE: sandbox.url }),
    ],
    [
      'an address given by hand',
      () => loginOf(sandbox, { CORIOLIS_ENDPOINT: `${sandbox.url}/v1`, OS_REGION_NAME: 'Mars' }),
    ],
  ])('takes %s', async (_what, env) => {
    const { isError, structured } = await firstCall(env());

    expect(isError).toBe(false);
    expect(structured.rows.map(({ name }) => name)).toEqual(['openstack', 'vcenter']);
  });

  it('is one for many calls at once', async () => {
    const user = await startUser({ env: loginOf(sandbox) });
    sandbox.requests.clear();

    await Promise.all(Array.from({ length: 20 }, () => user.call('list_endpoints')));

    expect(sandbox.requests.count('POST', '/v3/auth/tokens')).toBe(1);
    await user.close();
  });

  it('is renewed when its token has expired or was revoked', async () => {
    const user = await startUser({ env: loginOf(sandbox) });
    await withBriefToken(() => user.call('list_endpoints'));
    sandbox.requests.clear();
    await sleep(BRIEF_MS + 500);

    const { isError } = await user.call('list_endpoints');

    expect(isError).toBe(false);
    expect(sandbox.requests.count('POST', '/v3/auth/tokens')).toBe(1);
    await user.close();
  });
});

describe('a wait that outlives its token', () => {
  it('goes on with a new one', async () => {
    const user = await startUser({ env: loginOf(sandbox), args: ['--allow-write'] });
    await withBriefToken(() => user.call('list_endpoints'));
    const run = await execute(user, await createTransfer(user, 'slow-vm'));
    sandbox.requests.clear();

    const { structured } = await user.call('wait_for_execution', { ...run, timeout_seconds: 15 });

    expect(structured.result).toMatchObject({ outcome: 'timed_out', status: 'RUNNING' });
    expect(sandbox.requests.count('POST', '/v3/auth/tokens')).toBeGreaterThan(0);
    await user.close();
  });
});

describe('clouds.yaml', () => {
  let home: string;
  beforeAll(() => {
    home = mkdtempSync(join(tmpdir(), 'coriolis-mcp-'));
    const folder = join(home, '.config', 'openstack');
    mkdirSync(folder, { recursive: true });
    const { auth_url, username, password, project } = sandbox.connection;
    writeFileSync(
      join(folder, 'clouds.yaml'),
      `clouds:
  lab:
    region_name: RegionOne
    auth:
      auth_url: ${auth_url}
      username: ${username}
      project_name: ${project}
      user_domain_name: Default
      project_domain_name: Default
`,
    );
    writeFileSync(join(folder, 'secure.yaml'), `clouds: {lab: {auth: {password: ${password}}}}\n`);
  });
  afterAll(() => rmSync(home, { recursive: true }));

  it.each<[string, Environment, readonly string[]]>([
    ['OS_CLOUD', { OS_CLOUD: 'lab' }, []],
    ['--os-cloud, which wins', { OS_CLOUD: 'other' }, ['--os-cloud', 'lab']],
  ])('is read with secure.yaml when %s names a cloud', async (_how, env, args) => {
    const { isError } = await firstCall({ ...bare, HOME: home, ...env }, args);

    expect(isError).toBe(false);
  });

  it('gives way to the environment, where a project replaces the whole project', async () => {
    const { text } = await firstCall({ ...bare, HOME: home, OS_CLOUD: 'lab', OS_PROJECT_ID: 'f'.repeat(32) });

    expect(text).toContain(`project with id ${'f'.repeat(32)}`);
  });

  it('says which clouds there are', async () => {
    const { text } = await firstCall({ ...bare, HOME: home, OS_CLOUD: 'nine' });

    expect(text).toContain('has no cloud "nine"');
    expect(text).toContain('It has lab.');
  });
});
