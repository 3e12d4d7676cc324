import { SandboxUser } from './user';
import type { Json } from './user';

const NOWHERE = '00000000-0000-4000-8000-00000000dead';
const T = `/transfers/${NOWHERE}`;

/** What only looks (docs/reference/coriolis-api.md §3.4). */
const READS = [
  '/providers',
  '/endpoints',
  `/endpoints/${NOWHERE}`,
  `/endpoints/${NOWHERE}/instances`,
  `/endpoints/${NOWHERE}/instances/d2ViLTAx`,
  `/endpoints/${NOWHERE}/inventory`,
  `/endpoints/${NOWHERE}/networks`,
  `/endpoints/${NOWHERE}/storage`,
  `/endpoints/${NOWHERE}/source-options`,
  `/endpoints/${NOWHERE}/destination-options`,
  `/endpoints/${NOWHERE}/source-minion-pool-options`,
  `/endpoints/${NOWHERE}/destination-minion-pool-options`,
  '/regions',
  `/regions/${NOWHERE}`,
  '/services',
  `/services/${NOWHERE}`,
  '/minion_pools',
  `/minion_pools/${NOWHERE}`,
  '/transfers',
  T,
  `${T}/executions`,
  `${T}/executions/${NOWHERE}`,
  `${T}/schedules`,
  `${T}/schedules/${NOWHERE}`,
  '/deployments',
  `/deployments/${NOWHERE}`,
  '/diagnostics',
];

/** What changes something, and the policy that is asked. */
const WRITES: readonly [string, string, Json | undefined, string][] = [
  ['POST', '/endpoints', {}, 'endpoints:create'],
  ['PUT', `/endpoints/${NOWHERE}`, {}, 'endpoints:update'],
  ['DELETE', `/endpoints/${NOWHERE}`, undefined, 'endpoints:delete'],
  ['POST', '/regions', {}, 'regions:create'],
  ['PUT', `/regions/${NOWHERE}`, {}, 'regions:update'],
  ['DELETE', `/regions/${NOWHERE}`, undefined, 'regions:delete'],
  ['POST', '/services', {}, 'services:create'],
  ['PUT', `/services/${NOWHERE}`, {}, 'services:update'],
  ['DELETE', `/services/${NOWHERE}`, undefined, 'services:delete'],
  ['POST', '/minion_pools', {}, 'minion_pools:create'],
  ['PUT', `/minion_pools/${NOWHERE}`, {}, 'minion_pools:update'],
  ['DELETE', `/minion_pools/${NOWHERE}`, undefined, 'minion_pools:delete'],
  ['POST', `/minion_pools/${NOWHERE}/actions`, { allocate: null }, 'minion_pools:allocate'],
  ['POST', `/minion_pools/${NOWHERE}/actions`, { refresh: null }, 'minion_pools:refresh'],
  ['POST', `/minion_pools/${NOWHERE}/actions`, { deallocate: null }, 'minion_pools:deallocate'],
  ['POST', '/transfers', {}, 'transfers:create'],
  ['PUT', T, {}, 'transfers:update'],
  ['DELETE', T, undefined, 'transfers:delete'],
  ['POST', `${T}/actions`, { 'delete-disks': null }, 'transfers:delete_disks'],
  ['POST', `${T}/executions`, {}, 'transfer_executions:create'],
  ['DELETE', `${T}/executions/${NOWHERE}`, undefined, 'transfer_executions:delete'],
  ['POST', `${T}/executions/${NOWHERE}/actions`, { cancel: null }, 'transfer_executions:cancel'],
  ['POST', `${T}/schedules`, {}, 'transfer_schedules:create'],
  ['PUT', `${T}/schedules/${NOWHERE}`, {}, 'transfer_schedules:update'],
  ['DELETE', `${T}/schedules/${NOWHERE}`, undefined, 'transfer_schedules:delete'],
  ['POST', '/deployments', {}, 'deployments:create'],
  ['DELETE', `/deployments/${NOWHERE}`, undefined, 'deployments:delete'],
  ['POST', `/deployments/${NOWHERE}/actions`, { cancel: null }, 'deployments:cancel'],
];

describe("the sandbox's policy", () => {
  let user: SandboxUser;
  let reader: SandboxUser;

  beforeAll(async () => {
    user = await SandboxUser.start();
    reader = await user.as(user.sandbox.connection.reader);
  });

  afterAll(() => user.stop());

  it.each(READS)('lets a reader GET %s', async (path) => {
    expect([200, 404]).toContain((await reader.send('GET', path)).status);
  });

  it.each(WRITES)('keeps a reader from %s %s %j', async (method, path, body, action) => {
    const answer = await reader.send(method, path, body);

    expect(answer.status).toBe(403);
    expect(reader.message(answer)).toBe(
      `PolicyNotAuthorized: Policy doesn't allow migration:${action} to be performed.`,
    );
  });

  it('lets a member do all of that but delete services', async () => {
    const forbidden: string[] = [];
    for (const [method, path, body, action] of WRITES) {
      if ((await user.send(method, path, body)).status === 403) forbidden.push(action);
    }

    expect(forbidden).toEqual(['services:delete']);
  });
});
