import { startSandbox } from '../../sandbox/sandbox';
import type { Sandbox } from '../../sandbox/sandbox';
import { startUser } from './support/client';
import type { McpUser } from './support/client';
import { createTransfer, endpoints } from './support/estate';
import { loginOf } from './support/server';

let sandbox: Sandbox;
let everywhere: McpUser;
let narrow: McpUser;
let outsider: string;
beforeAll(async () => {
  sandbox = await startSandbox();
  everywhere = await startUser({ env: loginOf(sandbox), args: ['--allow-destroy', '--toolsets', 'all'] });
  const { source } = await endpoints(everywhere);
  const second = await everywhere.call('create_endpoint', {
    name: 'second-openstack',
    type: 'openstack',
    connection: { auth_url: 'https://keystone.example.com', username: 'u', password: 'p', project_name: 'p' },
    options: { skip_validation: true },
  });
  const created = await everywhere.call('create_transfer', {
    origin_endpoint_id: source,
    destination_endpoint_id: String(second.structured.result['id']),
    instances: ['web-01'],
    destination_environment: { migr_network: 'private' },
    notes: 'Outside',
  });
  outsider = String(created.structured.result['id']);
  narrow = await startUser({
    env: loginOf(sandbox),
    args: ['--allow-destroy', '--toolsets', 'all', '--endpoints', 'vcenter,openstack'],
  });
});
afterAll(async () => {
  await Promise.all([everywhere.close(), narrow.close()]);
  await sandbox.stop();
});

describe('a server that may touch some endpoints only', () => {
  it('lists what belongs to them, and nothing else', async () => {
    const names = (await narrow.call('list_endpoints')).structured.rows.map(({ name }) => name);
    const transfers = (await narrow.call('list_transfers', { limit: 100 })).structured.rows;

    expect(names.sort()).toEqual(['openstack', 'vcenter']);
    expect(transfers.length).toBeGreaterThan(0);
    expect(transfers.map(({ id }) => id)).not.toContain(outsider);
    const summary = (await narrow.call('summarize_estate')).structured.result;
    expect(summary['transfers']).toBe(transfers.length);
  });

  it.each([
    ['get_transfer', {}],
    ['execute_transfer', {}],
    ['deploy_transfer', {}],
    ['list_executions', {}],
    ['delete_transfer', {}],
    ['preflight_transfer', {}],
  ])('refuses %s of what lies outside, and sends nothing that changes', async (tool, more) => {
    sandbox.requests.clear();

    const { isError, text } = await narrow.call(tool, { transfer_id: outsider, ...more });

    expect(isError).toBe(true);
    expect(text).toContain('outside the endpoints');
    expect(sandbox.requests.count('POST', /v1/u) + sandbox.requests.count('DELETE', /v1/u)).toBe(0);
  });

  it('refuses to create what would reach outside', async () => {
    const { rows } = (await everywhere.call('list_endpoints')).structured;
    const other = rows.find(({ name }) => name === 'second-openstack');

    const moved = await narrow.call('create_transfer', {
      origin_endpoint_id: 'vcenter',
      destination_endpoint_id: String(other?.['id']),
      instances: ['web-01'],
    });
    const made = await narrow.call('create_endpoint', { name: 'x', type: 'openstack', connection: { a: 1 } });

    expect([moved.isError, made.isError]).toEqual([true, true]);
    expect(moved.text).toContain('outside the endpoints');
    expect(made.text).toContain('outside the endpoints');
  });

  it('works as usual within', async () => {
    const id = await createTransfer(narrow, 'web-02');

    expect((await narrow.call('execute_transfer', { transfer_id: id })).isError).toBe(false);
  });

  it('says when the list of endpoints is wrong', async () => {
    const wrong = await startUser({ env: loginOf(sandbox), args: ['--endpoints', 'no-such-endpoint'] });

    const { isError, text } = await wrong.call('list_transfers');

    expect(isError).toBe(true);
    expect(text).toContain('no-such-endpoint');
    await wrong.close();
  });
});

describe('a server for some projects only', () => {
  it('works with a login for one of them', async () => {
    const user = await startUser({ env: loginOf(sandbox), args: ['--projects', sandbox.connection.project] });

    expect((await user.call('list_endpoints')).isError).toBe(false);
    await user.close();
  });

  it('does nothing with another login', async () => {
    const user = await startUser({ env: loginOf(sandbox), args: ['--projects', 'another'] });

    const { isError, text } = await user.call('list_endpoints');

    expect(isError).toBe(true);
    expect(text).toContain(`project ${sandbox.connection.project}`);
    expect(text).toContain('--projects');
    await user.close();
  });
});
