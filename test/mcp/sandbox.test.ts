import { startUser } from './support/client';
import { createTransfer, execute } from './support/estate';
import { serveHttp } from './support/http';
import { bare } from './support/server';
import { run } from './support/command';

describe('--sandbox', () => {
  it('is a Coriolis to talk to, with no settings at all', async () => {
    const user = await startUser({ env: bare, args: ['--sandbox', '--allow-write'] });

    const failed = await user.call('list_transfers', { status: 'ERROR', limit: 1 });
    const transfer = await user.call('get_transfer', { transfer_id: failed.structured.rows[0]?.['id'] });
    const [last] = transfer.structured.result['executions'] as ReadonlyArray<{ readonly id: string }>;
    const diagnosed = await user.call('diagnose_execution', {
      transfer_id: transfer.structured.result['id'],
      execution_id: last?.id,
    });
    const started = await execute(user, await createTransfer(user, 'web-01'));
    const waited = await user.call('wait_for_execution', started);

    expect(diagnosed.isError).toBe(false);
    expect(diagnosed.structured.result).toHaveProperty('cause');
    expect(waited.structured.result['outcome']).toBe('completed');
    expect(user.instructions()).toContain('sandbox');
    await user.close();
  });

  it('is checked like any other', async () => {
    const { code, stdout } = await run(['--sandbox', '--check', '--allow-write']);

    expect(stdout).toContain('user demo, project migration');
    expect(stdout).toContain('the current API');
    expect(code).toBe(0);
  });

  it('does not keep a process alive that nobody talks to any more', async () => {
    const call = { name: 'list_endpoints', arguments: {} };
    const input = [
      {
        id: 1,
        method: 'initialize',
        params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 't', version: '1' } },
      },
      { id: 2, method: 'tools/call', params: call },
    ];

    const { code, stdout } = await run(
      ['--sandbox'],
      input.map((message) => `${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`).join(''),
    );

    expect(code).toBe(0);
    for (const line of stdout.trim().split('\n')) expect(JSON.parse(line)).toHaveProperty('jsonrpc');
  });

  it('is served over HTTP too', async () => {
    const server = await serveHttp(bare, ['--sandbox']);

    expect((await fetch(`${server.origin}/healthz`)).status).toBe(200);

    expect(await server.stop()).toBe(0);
  });
});
