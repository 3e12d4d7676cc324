import { startSandbox } from '../../sandbox/sandbox';
import type { Sandbox } from '../../sandbox/sandbox';
import { startUser } from './support/client';
import { createTransfer, execute, waitFor } from './support/estate';
import { loginOf } from './support/server';

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox({ speed: 60 });
});
afterAll(() => sandbox.stop());

const writes = (): number => sandbox.requests.count('POST', /\/(transfers|deployments|executions|actions)$/u);

describe('a server without switches', () => {
  it('offers only tools that read', async () => {
    const user = await startUser({ env: loginOf(sandbox), args: ['--toolsets', 'all'] });

    const hints = (await user.tools()).map(({ annotations }) => annotations?.['readOnlyHint']);

    expect(hints.length).toBeGreaterThan(15);
    expect(new Set(hints)).toEqual(new Set([true]));
    await user.close();
  });

  it.each([
    ['execute_transfer', '--allow-write'],
    ['delete_transfer', '--allow-destroy'],
    ['get_schedule', '--toolsets default --tools get_schedule'],
  ])('refuses %s when it is called all the same, and says what would enable it', async (tool, option) => {
    const user = await startUser({ env: loginOf(sandbox) });
    sandbox.requests.clear();

    const { isError, text } = await user.call(tool, { transfer_id: 'Web server, nightly replica' });

    expect(isError).toBe(true);
    expect(text).toContain(`${tool} is disabled here`);
    expect(text).toContain(option);
    expect(sandbox.requests.total).toBe(0);
    await user.close();
  });
});

describe('a server that may write', () => {
  it('offers neither deletions nor fields that destroy', async () => {
    const user = await startUser({ env: loginOf(sandbox), args: ['--allow-write', '--toolsets', 'all'] });

    const tools = await user.tools();

    expect(tools.map(({ name }) => name).filter((name) => name.startsWith('delete'))).toEqual([]);
    const cancel = tools.find(({ name }) => name === 'cancel_execution');
    expect(cancel?.inputSchema['properties']).not.toHaveProperty('force');
    const start = tools.find(({ name }) => name === 'execute_transfer');
    expect(start?.inputSchema['properties']).not.toHaveProperty('shutdown_instances');
    await user.close();
  });

  it('says how to switch a destroying field on when it is given all the same', async () => {
    const user = await startUser({ env: loginOf(sandbox), args: ['--allow-write'] });
    const transferId = await createTransfer(user, 'web-02');
    const before = writes();

    const { isError, text } = await user.call('execute_transfer', {
      transfer_id: transferId,
      shutdown_instances: true,
    });

    expect(isError).toBe(true);
    expect(text).toContain('shutdown_instances is disabled');
    expect(text).toContain('--allow-destroy');
    expect(writes()).toBe(before);
    await user.close();
  });

  it('cancels normally', async () => {
    const user = await startUser({ env: loginOf(sandbox), args: ['--allow-write'] });
    const run = await execute(user, await createTransfer(user, 'slow-vm'));

    const { structured } = await user.call('cancel_execution', { ...run, force: false });

    expect(structured.result['cancel_requested']).toBe(true);
    expect(structured.next_steps).toEqual([waitFor(run)]);
    await user.close();
  });
});
