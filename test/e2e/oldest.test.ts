import { startSandbox, type Sandbox } from '../../sandbox/sandbox';
import { makeSandboxCredentialFields, type CredentialRef } from '../../tools/n8n/n8n-client';
import { installN8n } from '../../tools/n8n/install-n8n';
import { makeN8nHome, startN8nIn, type N8nHome, type N8nServer } from '../../tools/n8n/n8n-server';
import { button, chain, coriolis, nextPoll, runToTheEnd, shared, told, trigger, N8N_PACE } from './lab';
import { until } from '../support/until';

/** The oldest n8n that is supported, 1.123: the same package works there. */

let sandbox: Sandbox;
let home: N8nHome;
let n8n: N8nServer;
let credential: CredentialRef;
beforeAll(async () => {
  sandbox = await startSandbox({ speed: 2000 });
  home = await makeN8nHome({ packed: shared().packed });
  n8n = await startN8nIn(home, await installN8n('oldest'));
  credential = await n8n.addCredential('Sandbox', makeSandboxCredentialFields(sandbox.connection));
});
afterAll(async () => {
  await n8n.stop();
  home.remove();
  await sandbox.stop();
});

test('loads both nodes', async () => {
  expect(await n8n.fetchNodeTypes()).toEqual(
    expect.arrayContaining(['n8n-nodes-coriolis.coriolis', 'n8n-nodes-coriolis.coriolisTrigger']),
  );
});

test.each([
  ['OK', {}],
  ['Error', { password: 'not-the-password' }],
])('tests a credential: %s', async (status, changes) => {
  const data = { ...makeSandboxCredentialFields(sandbox.connection), ...changes };

  expect(await n8n.testCredential(credential, data)).toMatchObject({ status });
});

test('runs a node', async () => {
  const list = coriolis('List endpoints', 'endpoint.getAll', { returnAll: true });
  const id = await n8n.addWorkflow(chain('By hand', button, list), credential);

  const execution = await n8n.run(id, button.name);

  expect(execution).toMatchObject({ status: 'success', error: undefined });
  expect(execution.rows(list.name).map(({ name }) => name)).toEqual(
    expect.arrayContaining(['vcenter', 'openstack']),
  );
});

test('tells the end of an execution', async () => {
  const id = await n8n.addWorkflow(chain('Alert', trigger), credential);
  await nextPoll(sandbox, () => n8n.publish(id));

  const key = await runToTheEnd(sandbox, 'web-02');

  await until(
    'the event',
    () => told(n8n, id, trigger.name),
    (keys) => keys.length > 0,
    N8N_PACE,
  );
  expect(await told(n8n, id, trigger.name)).toEqual([key]);
});
