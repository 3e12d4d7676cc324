import { startSandbox } from '../../sandbox/sandbox';
import type { Sandbox } from '../../sandbox/sandbox';
import { kinds, startUser } from './support/client';
import { createTransfer, execute } from './support/estate';
import { loginOf } from './support/server';

describe.each(kinds)('a client of the %s', (kind) => {
  let sandbox: Sandbox;
  beforeAll(async () => {
    sandbox = await startSandbox({ speed: 600 });
  });
  afterAll(() => sandbox.stop());

  it('lists the tools and reads the instructions', async () => {
    const user = await startUser({ env: loginOf(sandbox) }, kind);

    const names = (await user.tools()).map(({ name }) => name);

    expect(names).toContain('diagnose');
    expect(user.instructions()).toContain('Life cycle');
    await user.close();
  });

  it('gets the same object as text and as structured content', async () => {
    const user = await startUser({ env: loginOf(sandbox) }, kind);

    const { text, structured } = await user.call('list_transfers', { limit: 2 });

    expect(structured.rows).toHaveLength(2);
    expect(JSON.parse(text)).toEqual(structured);
    await user.close();
  });

  it('gets mistakes as results that a model can read', async () => {
    const user = await startUser({ env: loginOf(sandbox) }, kind);

    const { isError, text } = await user.call('get_transfer', {});

    expect(isError).toBe(true);
    expect(text).toContain('transfer_id');
    await user.close();
  });

  it('hears of progress while it waits', async () => {
    const user = await startUser({ env: loginOf(sandbox), args: ['--allow-write'] }, kind);
    const run = await execute(user, await createTransfer(user, 'web-01'));
    const heard: Array<{ progress: number; message?: string | undefined }> = [];

    const { structured } = await user.call('wait_for_execution', run, {
      onprogress: (progress) => heard.push(progress),
    });

    expect(structured.result['outcome']).toBe('completed');
    expect(heard.length).toBeGreaterThan(0);
    expect(heard[0]?.message).toContain(run.execution_id);
    const numbers = heard.map(({ progress }) => progress);
    expect(numbers).toEqual([...numbers].sort((one, other) => one - other));
    expect(new Set(numbers).size).toBe(numbers.length);
    await user.close();
  });
});
