import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync, mkdirSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startSandbox } from '../../sandbox/sandbox';
import type { Sandbox } from '../../sandbox/sandbox';
import { startUser, connectHttpUser } from './support/client';
import type { Row, McpUser } from './support/client';
import { createTransfer, execute } from './support/estate';
import { serveHttp } from './support/http';
import { loginOf } from './support/server';

const all = ['--allow-destroy', '--toolsets', 'all'];

let sandbox: Sandbox;
let folder: string;
beforeAll(async () => {
  sandbox = await startSandbox({ speed: 600 });
  folder = mkdtempSync(join(tmpdir(), 'coriolis-mcp-audit-'));
});
afterAll(async () => {
  await sandbox.stop();
  rmSync(folder, { recursive: true });
});

const recordsOf = (file: string): readonly Row[] =>
  readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Row);

const remove = async (user: McpUser, id: string) => {
  const { structured } = await user.call('delete_transfer', { transfer_id: id });
  const { confirmation_token } = structured;
  return await user.call('delete_transfer', { transfer_id: id, confirmation_token });
};

describe('the audit log', () => {
  it('has a record of each call that changed something, none of those that read, and no secrets', async () => {
    const file = join(folder, 'writes');
    const user = await startUser({ env: loginOf(sandbox), args: [...all, '--audit', file] });
    await user.call('list_transfers');
    await user.call('create_endpoint', {
      name: 'audited',
      type: 'openstack',
      connection: {
        username: 'canary-user',
        password: 'canary-password',
        auth_url: 'https://id.example.com/v3',
      },
      skip_validation: true,
    });
    await execute(user, await createTransfer(user, 'web-01'));
    await user.close();

    const records = recordsOf(file);

    expect(records.map(({ event, tool, outcome }) => [event, tool, outcome])).toEqual([
      ['outcome', 'create_endpoint', 'done'],
      ['outcome', 'create_transfer', 'done'],
      ['outcome', 'execute_transfer', 'done'],
    ]);
    expect(records[2]).toMatchObject({ caller: 'local', client: 'test 1', effect: 'write' });
    expect(records[2]?.['request_ids']).toEqual([expect.stringMatching(/^req-/u)]);
    expect(readFileSync(file, 'utf8')).not.toContain('canary');
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('ties preview, intent and outcome of a deletion to its confirmation', async () => {
    const file = join(folder, 'deletion');
    const user = await startUser({ env: loginOf(sandbox), args: [...all, '--audit', file] });
    const id = await createTransfer(user, 'web-02');
    await remove(user, id);
    await user.close();

    const [, previewed, intent, outcome] = recordsOf(file);

    expect(previewed).toMatchObject({ event: 'previewed', tool: 'delete_transfer', effect: 'destroy' });
    expect(intent).toMatchObject({
      event: 'intent',
      object: { id, name: 'web-02' },
      arguments: { transfer_id: id },
      confirmation: { by: 'token' },
    });
    expect(outcome).toMatchObject({ event: 'outcome', outcome: 'done', call: intent?.['call'] });
    expect(intent?.['confirmation']).toEqual(previewed?.['confirmation']);
  });

  it('names who was refused, and why', async () => {
    const file = join(folder, 'refusal');
    const user = await startUser({ env: loginOf(sandbox), args: [...all, '--audit', file] });
    const id = await createTransfer(user, 'web-03');
    await user.call('delete_transfer', { transfer_id: id, confirmation_token: '1.2.3.4.5' });
    await user.close();

    expect(recordsOf(file).at(-1)).toMatchObject({
      event: 'refused',
      tool: 'delete_transfer',
      error: 'invalid_input',
      reason: expect.stringContaining('was not issued'),
    });
  });

  it('has what was asked for in vain, too: the deletion of what is not there', async () => {
    const file = join(folder, 'vain');
    const user = await startUser({ env: loginOf(sandbox), args: [...all, '--audit', file] });
    const transfer_id = '00000000-0000-4000-8000-000000000000';
    await user.call('delete_transfer', { transfer_id });
    await user.close();

    expect(recordsOf(file)).toMatchObject([
      { event: 'refused', tool: 'delete_transfer', arguments: { transfer_id }, error: 'not_found' },
    ]);
  });

  it('names the caller by the token, not with it', async () => {
    const file = join(folder, 'callers');
    const tokens = join(folder, 'tokens');
    writeFileSync(tokens, 'canary-token-0123456789 write night shift\n');
    const args = [...all, '--audit', file, '--tokens-file', tokens];
    const server = await serveHttp(loginOf(sandbox), args);
    const user = await connectHttpUser({ url: server.url, token: 'canary-token-0123456789' });
    await createTransfer(user, 'web-01');
    await user.close();
    await server.stop();

    expect(recordsOf(file)).toMatchObject([{ caller: 'file:night shift', tool: 'create_transfer' }]);
    expect(readFileSync(file, 'utf8')).not.toContain('canary');
  });

  it('keeps destructive calls from happening when it cannot be written, and no others', async () => {
    const file = join(folder, 'broken');
    const user = await startUser({ env: loginOf(sandbox), args: [...all, '--audit', file] });
    // A directory cannot be appended to, not even by root.
    mkdirSync(file);

    const id = await createTransfer(user, 'web-02');
    const { isError, text } = await remove(user, id);

    expect(isError).toBe(true);
    expect(text).toContain('audit log of this MCP server cannot be written; nothing was done');
    expect((await user.call('get_transfer', { transfer_id: id })).isError).toBe(false);
    await user.log.find(/the audit log cannot be written/u);
    rmdirSync(file);
    expect((await remove(user, id)).isError).toBe(false);
    await user.close();
  });
});
