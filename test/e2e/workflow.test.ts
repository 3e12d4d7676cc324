import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { button, chain, coriolis, locator, node, sharedN8n, type Shared, type SharedN8nClient } from './lab';

/** Workflows with the packed node, run by a whole n8n. */

let client: SharedN8nClient;
let given: Shared;
beforeAll(async () => {
  ({ client, ...given } = await sharedN8n());
});

test('the button runs a node, and its rows are the ones of Coriolis', async () => {
  const list = coriolis('List endpoints', 'endpoint.getAll', { returnAll: true });
  const id = await client.addWorkflow(chain('By hand', button, list), given.credential);

  const execution = await client.run(id, button.name);

  expect(execution).toMatchObject({ status: 'success', error: undefined });
  expect(execution.rows('List endpoints')).toEqual(
    expect.arrayContaining([expect.objectContaining({ name: 'vcenter', type: 'vmware_vsphere' })]),
  );
});

test('a failing node stops its workflow with the words of Coriolis', async () => {
  const missing = '11111111-2222-4333-8444-555555555555';
  const get = coriolis('Get', 'transfer.get', { transferId: locator(missing) });
  const id = await client.addWorkflow(chain('Fails', button, get), given.credential);

  const execution = await client.run(id, button.name);

  expect(execution.status).toBe('error');
  expect(execution.error?.message).toContain(missing);
});

test('a published workflow moves a machine from a webhook to the deployed machine', async () => {
  const path = randomUUID();
  const workflow = chain(
    'From a webhook',
    node('Webhook', 'n8n-nodes-base.webhook', { path, httpMethod: 'POST', responseMode: 'lastNode' }, 2),
    coriolis('Create', 'transfer.create', {
      originEndpointId: { __rl: true, mode: 'name', value: 'vcenter' },
      destinationEndpointId: { __rl: true, mode: 'name', value: 'openstack' },
      instances: '={{ [$json.body.instance] }}',
      destinationEnvironment: { migr_network: 'private' },
    }),
    coriolis('Execute', 'execution.start', { transferId: locator('={{ $json.id }}') }),
    coriolis('Wait for the copy', 'execution.wait', {
      transferId: locator('={{ $json.transfer_id }}'),
      executionId: locator('={{ $json.id }}'),
    }),
    coriolis('Deploy', 'deployment.create', { transferId: locator('={{ $json.transfer_id }}') }),
    coriolis('Wait for the machine', 'deployment.wait', { deploymentId: locator('={{ $json.id }}') }),
  );
  const id = await client.addWorkflow(workflow, given.credential);
  await client.publish(id);

  const answer = await posted(`${given.n8n.url}/webhook/${path}`, { instance: 'web-03' });

  expect(answer).toMatchObject({ outcome: 'completed' });
});

/** n8n registers a webhook a moment after it has answered to the publishing. */
async function posted(url: string, body: object): Promise<unknown> {
  for (let attempt = 0; ; attempt += 1) {
    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (answer.ok) return await answer.json();
    if (answer.status !== 404 || attempt === 400) throw new Error(await answer.text());
    await sleep(250);
  }
}
