import { startSandbox } from '../../sandbox/sandbox';
import type { Sandbox } from '../../sandbox/sandbox';
import { startUser } from './support/client';
import type { Row, McpUser } from './support/client';
import { createTransfer, execute } from './support/estate';
import { loginOf } from './support/server';
import { tokens } from './support/tokens';

let sandbox: Sandbox;
let user: McpUser;
beforeAll(async () => {
  sandbox = await startSandbox({ transfers: 10_000, speed: 600 });
  user = await startUser({ env: loginOf(sandbox), args: ['--allow-write', '--toolsets', 'all'] });
});
afterAll(async () => {
  await user.close();
  await sandbox.stop();
});

/** The size of what a model reads, of a call that went well. */
async function sizeOf(tool: string, args: Row = {}): Promise<number> {
  const { text, isError } = await user.call(tool, args);
  if (isError) throw new Error(text);
  return tokens(text);
}

const idOfFirst = async (status: string): Promise<string> => {
  const { structured } = await user.call('list_transfers', { status, limit: 1 });
  return String(structured.rows[0]?.['id']);
};

describe('of 10,000 transfers, a page stays within 4,000 tokens', () => {
  it.each([
    ['list_transfers', {}],
    ['list_transfers', { limit: 100 }],
    ['list_deployments', { limit: 100 }],
    ['list_endpoints', { limit: 100 }],
    ['list_instances', { endpoint_id: 'vcenter', limit: 100 }],
  ])('%s %j', async (tool, args) => {
    expect(await sizeOf(tool, args)).toBeLessThanOrEqual(4000);
  });

  it('list_executions', async () => {
    const transfer = await idOfFirst('COMPLETED');

    expect(await sizeOf('list_executions', { transfer_id: transfer, limit: 100 })).toBeLessThanOrEqual(4000);
  });
});

describe('of 10,000 transfers, an answer is as short as it may be', () => {
  it('a detail: 2,000 tokens', async () => {
    const transfer = await idOfFirst('COMPLETED');

    expect(await sizeOf('get_transfer', { transfer_id: transfer })).toBeLessThanOrEqual(2000);
  });

  it('a wait, for one and for as many as it takes: 500 tokens, and 100 more for each further one', async () => {
    const run = await execute(user, await createTransfer(user, 'web-01'));
    expect(await sizeOf('wait_for_execution', run)).toBeLessThanOrEqual(500);
    expect(await sizeOf('get_execution', run)).toBeLessThanOrEqual(2000);
    const name = `${run.transfer_id}/${run.execution_id}`;
    expect(await sizeOf('wait_for', { executions: [name] })).toBeLessThanOrEqual(500);

    const page = { status: 'COMPLETED', limit: 10 };
    const { structured: first } = await user.call('list_transfers', page);
    const cursor = (first['page'] as unknown as Row)['next_cursor'];
    const { structured: second } = await user.call('list_transfers', { ...page, cursor });
    const executions = [...first.rows, ...second.rows].map(({ id }) => String(id));

    expect(executions).toHaveLength(20);
    expect(await sizeOf('wait_for', { executions })).toBeLessThanOrEqual(500 + 19 * 100);
  });

  it('why something failed: 800 tokens, in one call', async () => {
    const transfer = await idOfFirst('ERROR');

    expect(await sizeOf('diagnose', { transfer_id: transfer })).toBeLessThanOrEqual(800);
  });

  it('what is going on: 1,500 tokens, and 2,000 with four times the rows', async () => {
    expect(await sizeOf('summarize_estate')).toBeLessThanOrEqual(1500);
    expect(await sizeOf('summarize_estate', { hours: 8760, options: { rows: 20 } })).toBeLessThanOrEqual(
      2000,
    );
  });

  it('whether it is safe: 2,000 tokens', async () => {
    const transfer = await idOfFirst('COMPLETED');

    for (const purpose of ['execution', 'deployment']) {
      expect(await sizeOf('preflight_transfer', { transfer_id: transfer, purpose })).toBeLessThanOrEqual(
        2000,
      );
    }
  });
});
