import { startSandbox } from '../../sandbox/sandbox';
import type { Sandbox } from '../../sandbox/sandbox';
import { startUser } from './support/client';
import type { Row, McpUser } from './support/client';
import { createTransfer, endpoints, execute } from './support/estate';
import { loginOf } from './support/server';

let sandbox: Sandbox;
let user: McpUser;
let move: Row;

beforeAll(async () => {
  sandbox = await startSandbox({ speed: 600 });
  user = await startUser({
    env: loginOf(sandbox),
    args: ['--allow-destroy', '--toolsets', 'all', '--confirm', 'token'],
  });
  const { source, destination } = await endpoints(user);
  move = {
    origin_endpoint_id: source,
    destination_endpoint_id: destination,
    destination_environment: { migr_network: 'private' },
    network_map: { 'VM Network': 'private' },
  };
});
afterAll(async () => {
  await user.close();
  await sandbox.stop();
});

/** Makes the same call twice, as an assistant does that has not got the first answer; both ids, and the second answer. */
async function twice(tool: string, args: Row) {
  const first = await user.call(tool, args);
  expect(first.text).not.toContain('already_exists');
  const second = await user.call(tool, args);
  return { first: first.structured.result['id'], second: second.structured.result['id'], again: second };
}

const waitFor = (args: Row) => user.call('wait_for', { ...args, timeout_seconds: 40 });

describe('a call that is repeated because its answer was lost', () => {
  it.each([
    [
      'create_transfer',
      () => ({ ...move, instances: ['web-01'], notes: 'twice', default_storage: 'ceph-ssd' }),
    ],
    ['create_transfer', () => ({ ...move, instances: ['web-02', 'web-03'] })],
    ['create_migration', () => ({ ...move, instances: ['app-01'] })],
    [
      'create_endpoint',
      () => ({
        name: 'twice',
        type: 'vmware_vsphere',
        connection: { host: 'h.example.com', port: 443, username: 'u', password: 'p', allow_untrusted: true },
      }),
    ],
    ['create_region', () => ({ name: 'twice' })],
    [
      'create_minion_pool',
      () => ({
        name: 'twice',
        endpoint_id: move['destination_endpoint_id'],
        platform: 'destination',
        environment_options: { migr_network: 'private' },
      }),
    ],
  ])('%s makes nothing twice, and says so', async (tool, argumentsOf) => {
    const { first, second, again } = await twice(tool, argumentsOf());

    expect(second).toBe(first);
    expect(again.structured.already_exists).toBe(true);
    expect(again.structured.summary).toContain('(already exists)');
    expect(again.structured.warnings?.join()).toContain('Nothing was done');
  });

  it('schedules nothing twice', async () => {
    const transfer_id = await createTransfer(user, 'app-02');

    const { first, second } = await twice('create_schedule', { transfer_id, minute: 0, hour: 3 });

    expect(second).toBe(first);
  });

  it('updates nothing twice, once the values hold', async () => {
    const change = {
      transfer_id: await createTransfer(user, 'db-02'),
      notes: 'new',
      network_map: { Backend: 'storage-net' },
    };
    const first = await user.call('update_transfer', change);
    await waitFor({ executions: [change.transfer_id] });

    const again = await user.call('update_transfer', change);
    const other = await user.call('update_transfer', { ...change, notes: 'newer' });

    expect(again.structured.already_exists).toBe(true);
    expect(again.structured.result['id']).toBe(first.structured.result['id']);
    expect(other.structured.already_exists).toBeUndefined();
    expect(other.structured.result['id']).not.toBe(first.structured.result['id']);
  });

  it('deploys nothing twice, but what was executed since', async () => {
    const transfer_id = await createTransfer(user, 'web-02');
    await waitFor({ executions: [Object.values(await execute(user, transfer_id)).join('/')] });
    const first = await user.call('deploy_transfer', { transfer_id });
    await waitFor({ deployments: [first.structured.result['id']] });

    const again = await user.call('deploy_transfer', { transfer_id });
    await waitFor({ executions: [Object.values(await execute(user, transfer_id)).join('/')] });
    const next = await user.call('deploy_transfer', { transfer_id });

    expect(again.structured.already_exists).toBe(true);
    expect(again.structured.result['id']).toBe(first.structured.result['id']);
    expect(next.structured.already_exists).toBeUndefined();
    expect(next.structured.result['id']).not.toBe(first.structured.result['id']);
  });
});

describe('a call that only resembles an earlier one', () => {
  it('makes something new', async () => {
    const args = { ...move, instances: ['web-03'], notes: 'alike' };
    const one = await user.call('create_transfer', args);

    const others = await Promise.all([
      user.call('create_transfer', { ...args, notes: 'other' }),
      user.call('create_transfer', { ...args, network_map: { 'VM Network': 'public' } }),
      user.call('create_transfer', { ...args, scenario: 'live_migration' }),
    ]);

    for (const { structured } of others) {
      expect(structured.already_exists).toBeUndefined();
      expect(structured.result['id']).not.toBe(one.structured.result['id']);
    }
  });
});
