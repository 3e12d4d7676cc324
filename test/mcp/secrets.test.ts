import { startSandbox } from '../../sandbox/sandbox';
import type { Sandbox } from '../../sandbox/sandbox';
import { startUser } from './support/client';
import type { Row, StdioUser } from './support/client';
import { createTransfer, execute } from './support/estate';
import { loginOf } from './support/server';

const canary = 'canary-7f3a9';

let sandbox: Sandbox;
let user: StdioUser;
const said: string[] = [];

/** Calls, and keeps everything that came back. */
async function call(tool: string, args: Row = {}) {
  const heard: string[] = [];
  const result = await user.call(tool, args, { onprogress: ({ message }) => heard.push(message ?? '') });
  said.push(result.text, JSON.stringify(result.structured), ...heard);
  return result;
}

beforeAll(async () => {
  sandbox = await startSandbox({ speed: 600 });
  user = await startUser({
    env: loginOf(sandbox),
    args: ['--allow-destroy', '--toolsets', 'all', '--log-level', 'debug', '--confirm', 'token'],
  });
});
afterAll(async () => {
  await user.close();
  await sandbox.stop();
});

describe('secrets', () => {
  it('appear in no result, text, progress message or log of any tool', async () => {
    const created = await call('create_endpoint', {
      name: 'with secrets',
      type: 'vmware_vsphere',
      connection: {
        host: 'h.example.com',
        port: 443,
        username: 'u',
        password: canary,
        allow_untrusted: true,
      },
    });
    const endpoint_id = String(created.structured.result['id']);
    await call('update_endpoint', {
      endpoint_id,
      connection: { host: 'h.example.com', username: 'u', password: `${canary}-2`, allow_untrusted: true },
    });
    // Secrets in wrong places: malformed JSON, a wrong type, a field that does not exist.
    await call('create_endpoint', {
      name: 'x',
      type: 'vmware_vsphere',
      connection: `{"password": "${canary}"`,
    });
    await call('create_endpoint', { name: 'x', type: 'vmware_vsphere', connection: [{ password: canary }] });
    await call('create_endpoint', { name: 'x', type: 'nowhere', connection: { password: canary } });
    await call('update_endpoint', { endpoint_id, options: { password: canary } });

    const transfer_id = await createTransfer(user, 'web-01');
    const updated = await call('update_transfer', {
      transfer_id,
      notes: `password=${canary}`,
      options: { user_scripts: { global: { linux: `export TOKEN=${canary}` } } },
    });
    await call('wait_for', updated.structured.next_steps?.[0]?.arguments);
    const run = await execute(user, transfer_id);
    await call('wait_for_execution', run);

    const ids = { endpoint_id, ...run, deployment_id: 'none' };
    const tools = await user.tools();
    for (const { name, inputSchema } of tools) {
      if (name.startsWith('create') || name.startsWith('update') || name.startsWith('wait')) continue;
      const properties = inputSchema['properties'] as Readonly<Record<string, unknown>>;
      const given = Object.fromEntries(
        Object.entries({ ...ids, platform: 'vmware_vsphere', kind: 'connection', instance: 'web-01' }).filter(
          ([key]) => key in properties,
        ),
      );
      await call(name, given);
      if ('detail' in properties) await call(name, { ...given, detail: 'full' });
    }

    await user.close();
    const everything = said.join('\n') + user.log.whole();
    expect(said.length).toBeGreaterThan(60);
    expect(everything).not.toContain(canary);
    expect(everything).not.toContain(sandbox.connection.password);
    expect(everything).not.toMatch(/gAAAA[\w-]{20}/u);
  });
});
