import { startSandbox, type Sandbox } from '../../sandbox/sandbox';
import { makeSandboxCredentialFields } from '../../tools/n8n/n8n-client';
import { installN8n } from '../../tools/n8n/install-n8n';
import { makeN8nHome, startN8nIn, type N8nHome, type N8nServer } from '../../tools/n8n/n8n-server';
import { chain, node, nextPoll, runToTheEnd, shared, told, trigger, N8N_PACE } from './lab';
import { until } from '../support/until';

/** The published trigger in an n8n that loses its power: every end of an execution is told exactly once. */

let sandbox: Sandbox;
let home: N8nHome;
let n8n: N8nServer | undefined;
beforeAll(async () => {
  sandbox = await startSandbox({ speed: 2000 });
  home = await makeN8nHome({ packed: shared().packed });
});
afterAll(async () => {
  await n8n?.stop();
  home.remove();
  await sandbox.stop();
});

test('nothing is replayed, and nothing is told twice or lost when n8n is killed and started again', async () => {
  const installed = await installN8n('current');
  const first = (n8n = await startN8nIn(home, installed));
  const credential = await first.addCredential('Sandbox', makeSandboxCredentialFields(sandbox.connection));
  const end = node('Tell somebody', 'n8n-nodes-base.noOp');
  const workflow = await first.addWorkflow(chain('Alert', trigger, end), credential);
  const events = (server: N8nServer) => told(server, workflow, trigger.name);

  await nextPoll(sandbox, () => first.publish(workflow));
  expect(await events(first)).toEqual([]);

  const before = await runToTheEnd(sandbox, 'web-02');
  await until(
    'the first event',
    () => events(first),
    (keys) => keys.length > 0,
    N8N_PACE,
  );
  expect(await events(first)).toEqual([before]);

  await first.kill();
  const whileDown = await runToTheEnd(sandbox, 'web-03');
  const second = (n8n = await startN8nIn(home, installed, { session: first.session() }));

  await until(
    'the second event',
    () => events(second),
    (keys) => keys.length > 1,
    N8N_PACE,
  );
  await nextPoll(sandbox);
  expect(await events(second)).toEqual([before, whileDown].sort());
});
