import { setTimeout as sleep } from 'node:timers/promises';
import type { CredentialRef } from '../../tools/n8n/n8n-client';
import { installN8n } from '../../tools/n8n/install-n8n';
import { makeN8nHome, startN8nIn, type N8nHome, type N8nServer } from '../../tools/n8n/n8n-server';
import { startUser } from '../mcp/support/client';
import { run } from '../mcp/support/command';
import { createTransfer } from '../mcp/support/estate';
import { bare, type Environment } from '../mcp/support/server';
import { ENDPOINTS, PASSWORD, SECRET, startLab, type KeystoneLab } from './keystone-lab';
import { button, chain, coriolis, locator, node, shared, N8N_PACE } from './lab';
import { until } from '../support/until';

/** n8n and the MCP server at a real Keystone; the Coriolis behind it is the sandbox, which asks that Keystone about tokens. */

let lab: KeystoneLab;
beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab.stop());

const WRONG = 'hush-hush-wrong';

/** Revokes all tokens of the engineer, as a new password does; Coriolis goes on trusting those that it has seen. */
async function revokeTokens(): Promise<void> {
  const { keystone, people } = lab;
  await keystone.admin('PATCH', `/users/${people.engineer}`, { user: { password: PASSWORD } });
  // Tokens of the second in which that happened are revoked as well.
  await sleep(1_000);
}

/** The same, and Coriolis has learned of it. */
async function endTokens(): Promise<void> {
  await revokeTokens();
  lab.outlastTrust();
}

describe('n8n', () => {
  let home: N8nHome;
  let client: N8nServer;
  let credential: CredentialRef;
  // One of its own: the editor gives a new node the credential by itself only while there is one.
  beforeAll(async () => {
    home = await makeN8nHome({ packed: shared().packed });
    client = await startN8nIn(home, await installN8n('current'));
    credential = await client.addCredential('Keystone', form());
  });
  afterAll(async () => {
    await client.stop();
    home.remove();
  });

  const form = (changes: Record<string, unknown> = {}): Record<string, unknown> => ({
    authUrl: lab.keystone.authUrl,
    method: 'password',
    userBy: 'name',
    userName: 'engineer',
    password: PASSWORD,
    projectBy: 'name',
    projectName: 'migration',
    domainsBy: 'name',
    userDomain: 'lab',
    projectDomain: 'lab',
    region: 'Berlin',
    ...changes,
  });

  const byCredential = () => ({
    method: 'applicationCredential',
    applicationCredentialId: lab.people.applicationCredential,
    applicationCredentialSecret: SECRET,
  });

  test.each<[string, () => Record<string, unknown>]>([
    ['names', () => ({})],
    [
      'the ids of domains',
      () => ({ domainsBy: 'id', userDomain: lab.people.lab, projectDomain: lab.people.lab }),
    ],
    [
      'ids',
      () => ({ userBy: 'id', userId: lab.people.engineer, projectBy: 'id', projectId: lab.people.migration }),
    ],
    ['an application credential', byCredential],
    ['an address without a version', () => ({ authUrl: lab.keystone.authUrl.replace('/v3', '') })],
    ['another interface', () => ({ interface: 'internal' })],
  ])('the test of a credential is content with %s', async (_what, changes) => {
    expect(await client.testCredential(credential, form(changes()))).toMatchObject({ status: 'OK' });
  });

  test.each<[string, () => Record<string, unknown>, RegExp]>([
    ['a wrong password', () => ({ password: WRONG }), /Keystone refused user "engineer".*Check the password/],
    ['an unknown project', () => ({ projectName: 'nowhere' }), /project "nowhere"/],
    ['no role', () => ({ userName: 'stranger' }), /has a role in that project/],
    ['somebody disabled', () => ({ userName: 'former' }), /Keystone refused user "former"/],
    [
      'a wrong secret',
      () => ({ ...byCredential(), applicationCredentialSecret: WRONG }),
      /application credential.*secret/,
    ],
    ['an unknown region', () => ({ region: 'Mars' }), /Berlin, Tokyo/],
  ])('and tells about %s, after one login and without the secret', async (_what, changes, words) => {
    const before = lab.keystone.logins();

    const answer = await client.testCredential(credential, form(changes()));

    expect(answer).toEqual({ status: 'Error', message: expect.stringMatching(words) });
    expect(JSON.stringify(answer)).not.toContain('hush-hush');
    expect(lab.keystone.logins() - before).toBe(1);
  });

  const list = coriolis('List endpoints', 'endpoint.getAll', { returnAll: true });

  const create = coriolis('Create', 'transfer.create', {
    originEndpointId: { __rl: true, mode: 'name', value: 'vcenter' },
    destinationEndpointId: { __rl: true, mode: 'name', value: 'openstack' },
    instances: ['web-01'],
    destinationEnvironment: { migr_network: 'private' },
  });

  /** Runs nodes one after the other: what the last one gave. */
  async function runs(nodes: readonly ReturnType<typeof node>[], login = credential) {
    const id = await client.addWorkflow(chain('Keystone', button, ...nodes), login);
    const execution = await client.run(id, button.name);
    const { status, error } = execution;
    return { status, error, rows: execution.rows(nodes.at(-1)?.name ?? '') };
  }

  test('a token that expires in a wait is renewed, and the wait comes to its end', async () => {
    const { authUrl, logins } = await lab.keystone.serve(6);
    const shortLived = await client.addCredential('Short-lived', form({ authUrl }));
    const transferId = locator("={{ $('Create').first().json.id }}");
    const execute = coriolis('Execute', 'execution.start', { transferId });
    const wait = coriolis('Wait', 'execution.wait', { transferId, executionId: locator('={{ $json.id }}') });

    const { status, error, rows } = await runs([create, execute, wait], shortLived);

    expect([status, error]).toEqual(['success', undefined]);
    expect(rows).toEqual([expect.objectContaining({ outcome: 'completed' })]);
    expect(logins()).toBeGreaterThan(1);
  });

  test('a workflow writes and reads; 200 items log in once', async () => {
    await endTokens();
    const before = lab.keystone.logins();
    const items = node(
      'Items',
      'n8n-nodes-base.code',
      { jsCode: 'return Array.from({ length: 200 }, () => ({ json: $input.first().json }))' },
      2,
    );
    const get = coriolis('Get', 'transfer.get', { transferId: locator('={{ $json.id }}') });

    const { status, error, rows } = await runs([create, items, get]);

    expect([status, error]).toEqual(['success', undefined]);
    expect(rows).toHaveLength(200);
    expect(lab.keystone.logins() - before).toBe(1);
  });

  test('a revoked token is replaced, once', async () => {
    await runs([list]);
    await endTokens();
    const before = lab.keystone.logins();

    const { status, rows } = await runs([list]);

    expect(status).toBe('success');
    expect(rows.map(({ name }) => name).sort()).toEqual(ENDPOINTS);
    expect(lab.keystone.logins() - before).toBe(1);
  });

  test('a token that was revoked without Coriolis knowing spoils a change, and is replaced then', async () => {
    const { rows } = await runs([create]);
    await revokeTokens();
    const before = lab.keystone.logins();
    const execute = coriolis('Execute', 'execution.start', { transferId: locator(String(rows[0]?.['id'])) });

    const first = await runs([execute]);

    expect(first.error?.description).toContain('a revoked token cannot start work');
    // A token is not doubted in its first seconds.
    await until(
      'a new token',
      () => runs([execute]),
      ({ status }) => status === 'success',
      N8N_PACE,
    );
    expect(lab.keystone.logins() - before).toBe(1);
  });
});

describe('the MCP server', () => {
  const environment = (changes: Environment = {}): Environment => ({
    ...bare,
    OS_AUTH_URL: lab.keystone.authUrl,
    OS_USERNAME: 'engineer',
    OS_PASSWORD: PASSWORD,
    OS_USER_DOMAIN_NAME: 'lab',
    OS_PROJECT_NAME: 'migration',
    OS_PROJECT_DOMAIN_NAME: 'lab',
    OS_REGION_NAME: 'Berlin',
    ...changes,
  });

  test('--check tells who it is and where', async () => {
    const { code, stdout } = await run(['--check'], '', environment());

    expect(stdout).toContain('user engineer, project migration');
    expect(stdout).toMatch(/roles .*member/);
    expect(stdout).toContain(`${lab.coriolis.url}/v1/${lab.people.migration}`);
    expect(code).toBe(0);
  });

  test('--check tells that the password is wrong, and not the password', async () => {
    const { code, stdout, stderr } = await run(['--check'], '', environment({ OS_PASSWORD: WRONG }));

    expect(stdout + stderr).toContain('Keystone refused user "engineer" of domain "lab"');
    expect(stdout + stderr).not.toContain('hush-hush');
    expect(code).toBe(1);
  });

  test('tools read and write, and a revoked token is replaced, once', async () => {
    const server = await startUser({ args: ['--allow-write'], env: environment() });
    try {
      const id = await createTransfer(server, 'web-02');
      await endTokens();
      const before = lab.keystone.logins();

      const { isError, structured } = await server.call('get_transfer', { transfer_id: id });

      expect(isError).toBe(false);
      expect(structured.result).toMatchObject({ id, instances: ['web-02'] });
      expect(lab.keystone.logins() - before).toBe(1);
    } finally {
      await server.close();
    }
  });

  test('an application credential reads', async () => {
    const { OS_USERNAME: _user, OS_PASSWORD: _password, OS_PROJECT_NAME: _project, ...rest } = environment();
    const server = await startUser({
      env: {
        ...rest,
        OS_AUTH_TYPE: 'v3applicationcredential',
        OS_APPLICATION_CREDENTIAL_ID: lab.people.applicationCredential,
        OS_APPLICATION_CREDENTIAL_SECRET: SECRET,
      },
    });
    try {
      const { structured } = await server.call('list_endpoints');

      expect(structured.rows.map(({ name }) => name)).toEqual(expect.arrayContaining(ENDPOINTS));
    } finally {
      await server.close();
    }
  });
});
