import { startSandbox } from '../../sandbox/sandbox';
import type { Sandbox } from '../../sandbox/sandbox';
import { kinds, visit } from './support/client';
import { createTransfer, execute } from './support/estate';
import { loginOf } from './support/server';

describe.each(kinds)('a client of the %s', (kind) => {
  let sandbox: Sandbox;
  beforeAll(async () => {
    sandbox = await startSandbox({ speed: 600 });
  });
  afterAll(() => sandbox.stop());

  it('lists the tools and reads the instructions', async () => {
    const visitor = await visit({ env: loginOf(sandbox) }, kind);

    const names = (await visitor.tools()).map(({ name }) => name);

    expect(names).toContain('diagnose_execution');
    expect(visitor.instructions()).toContain('Life cycle');
    await visitor.close();
  });

  it('gets the same object as text and as structured content', async () => {
    const visitor = await visit({ env: loginOf(sandbox) }, kind);

    const { text, structured } = await visitor.call('list_transfers', { limit: 2 });

    expect(structured.rows).toHaveLength(2);
    expect(JSON.parse(text)).toEqual(structured);
    await visitor.close();
  });

  it('gets mistakes as results that a model can read', async () => {
    const visitor = await visit({ env: loginOf(sandbox) }, kind);

    const { isError, text } = await visitor.call('get_transfer', {});

    expect(isError).toBe(true);
    expect(text).toContain('transfer_id');
    await visitor.close();
  });

  it('hears of progress while it waits', async () => {
    const visitor = await visit({ env: loginOf(sandbox), args: ['--allow-write'] }, kind);
    const run = await execute(visitor, await createTransfer(visitor, 'web-01'));
    const heard: Array<{ progress: number; message?: string | undefined }> = [];

    const { structured } = await visitor.call('wait_for_execution', run, {
      onprogress: (progress) => heard.push(progress),
    });

    expect(structured.result['outcome']).toBe('completed');
    expect(heard.length).toBeGreaterThan(0);
    expect(heard[0]?.message).toContain(run.execution_id);
    const numbers = heard.map(({ progress }) => progress);
    expect(numbers).toEqual([...numbers].sort((one, other) => one - other));
    expect(new Set(numbers).size).toBe(numbers.length);
    await visitor.close();
  });
});
