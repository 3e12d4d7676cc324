import { CoriolisClient } from '../../src/api/coriolis-client';
import { makeKeystoneSession } from '../../src/api/keystone-session';
import { startSandbox, type Sandbox } from '../../sandbox/sandbox';
import { one, realFetch, rows, runtime } from '../support/coriolis';

/**
 * A changed password or role revokes tokens. Coriolis goes on reading with one for 300 s, and starts nothing with it
 * (recordings/auth): nobody is told with a 401 that the time for a new login has come.
 */

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox({ speed: 1000 });
});
afterAll(() => sandbox.stop());

it('a token that was revoked spoils one change, and the next one logs in anew', async () => {
  const { auth_url, username, password, project, user_domain, project_domain } = sandbox.connection;
  const session = makeKeystoneSession({
    transport: realFetch,
    runtime,
    identity: {
      method: 'password',
      authUrl: auth_url,
      user: { name: username, domain: { name: user_domain } },
      password,
      project: { name: project, domain: { name: project_domain } },
    },
  });
  const coriolis = { ...runtime, client: new CoriolisClient({ transport: session, runtime }) };
  const [completed] = await rows(coriolis, 'transfer.getAll', { status: 'COMPLETED' }, { limit: 1 });
  const transferId = completed?.row['id'];
  const { id } = await session.fetchToken();
  const revoked = await fetch(`${auth_url.replace(/\/v3$/, '')}/v3/auth/tokens`, {
    method: 'DELETE',
    headers: { 'X-Auth-Token': id, 'X-Subject-Token': id },
  });
  expect(revoked.status).toBe(204);
  sandbox.requests.clear();

  await expect(one(coriolis, 'execution.start', { transferId })).rejects.toMatchObject({
    kind: 'server',
    advice: expect.stringContaining('try again, which logs in anew') as string,
  });
  await expect(one(coriolis, 'execution.start', { transferId })).resolves.toMatchObject({
    transfer_id: transferId,
  });

  expect(sandbox.requests.count('POST', '/v3/auth/tokens')).toBe(1);
});
