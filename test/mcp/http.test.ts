import { startSandbox } from '../../sandbox/sandbox';
import type { Sandbox } from '../../sandbox/sandbox';
import { kinds, connectHttpUser } from './support/client';
import { createTransfer, execute } from './support/estate';
import { serveHttp } from './support/http';
import type { HttpProcess } from './support/http';
import { loginOf } from './support/server';

let sandbox: Sandbox;
let server: HttpProcess;
beforeAll(async () => {
  sandbox = await startSandbox({ speed: 600 });
  server = await serveHttp(loginOf(sandbox), ['--allow-destroy', '--toolsets', 'all']);
});
afterAll(async () => {
  await server.stop();
  await sandbox.stop();
});

describe.each(kinds)('over HTTP, a client of the %s', (kind) => {
  it('lists the tools and calls one', async () => {
    const user = await connectHttpUser({ url: server.url }, kind);

    expect((await user.tools()).map(({ name }) => name)).toContain('diagnose');
    const { structured } = await user.call('list_endpoints');

    expect(structured.rows.map(({ name }) => name)).toEqual(['openstack', 'vcenter']);
    expect(user.instructions()).toContain('Life cycle');
    await user.close();
  });

  it('hears of progress while it waits', async () => {
    const user = await connectHttpUser({ url: server.url }, kind);
    const run = await execute(user, await createTransfer(user, 'web-01'));
    const heard: unknown[] = [];

    const { structured } = await user.call('wait_for_execution', run, {
      onprogress: (progress) => heard.push(progress),
    });

    expect(structured.result['outcome']).toBe('completed');
    expect(heard.length).toBeGreaterThan(0);
    await user.close();
  });

  it('confirms a deletion with the token of its preview', async () => {
    const user = await connectHttpUser({ url: server.url }, kind);
    const id = await createTransfer(user, 'web-02');

    const { structured } = await user.call('delete_transfer', { transfer_id: id });
    const done = await user.call('delete_transfer', {
      transfer_id: id,
      confirmation_token: structured.confirmation_token,
    });

    expect(done.structured.result).toEqual({ id, deleted: true });
    await user.close();
  });
});

describe('over HTTP, a client that can ask the person', () => {
  it('asks for the name of what will be deleted', async () => {
    const asked: string[] = [];
    const user = await connectHttpUser({
      url: server.url,
      answers: (message) => {
        asked.push(message);
        return { action: 'accept', content: { name: 'web-03' } };
      },
    });
    const id = await createTransfer(user, 'web-03');

    const { structured } = await user.call('delete_transfer', { transfer_id: id });

    expect(structured.result).toEqual({ id, deleted: true });
    expect(asked.join()).toContain('web-03');
    await user.close();
  });
});

describe('beside MCP', () => {
  it('tells whether it is well', async () => {
    const answer = await fetch(`${server.origin}/healthz`);

    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({ status: 'ok' });
  });

  it('counts calls, requests and waits for Prometheus', async () => {
    const user = await connectHttpUser({ url: server.url });
    await user.call('list_endpoints');
    await user.call('get_transfer', { transfer_id: '00000000-0000-4000-8000-000000000000' });

    const text = await (await fetch(`${server.origin}/metrics`)).text();

    expect(text).toMatch(/coriolis_mcp_calls_total\{tool="list_endpoints",outcome="ok"\} [1-9]/u);
    expect(text).toMatch(/coriolis_mcp_calls_total\{tool="get_transfer",outcome="not_found"\} 1/u);
    expect(text).toMatch(/coriolis_mcp_call_seconds_count\{tool="list_endpoints"\} [1-9]/u);
    expect(text).toMatch(/coriolis_mcp_coriolis_requests_total\{method="GET",status="200"\} [1-9]/u);
    expect(text).toMatch(/coriolis_mcp_calls_running\{waits="true"\} 0/u);
    expect(text).toContain('process_resident_memory_bytes');
    await user.close();
  });

  it('answers other paths with those there are', async () => {
    const answer = await fetch(`${server.origin}/other`);

    expect(answer.status).toBe(404);
    expect(await answer.text()).toContain('/mcp');
  });
});
