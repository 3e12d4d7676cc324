import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startSandbox } from '../../sandbox/sandbox';
import type { Sandbox } from '../../sandbox/sandbox';
import { serveHttp } from '../mcp/support/http';
import type { HttpProcess } from '../mcp/support/http';
import { built, loginOf } from '../mcp/support/server';
import { ask } from './judges';
import type { Verdict } from './judges';

const allowed = ['--allow-destroy', '--toolsets', 'all'];

let folder: string;
let sandbox: Sandbox;
let server: HttpProcess;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'coriolis-inspector-'));
  sandbox = await startSandbox();
  server = await serveHttp(loginOf(sandbox), allowed);
});
afterAll(async () => {
  await server.stop();
  await sandbox.stop();
  rmSync(folder, { recursive: true, force: true });
});

const targets = {
  stdio: () => [
    ...Object.entries(loginOf(sandbox)).flatMap(([name, value]) => ['-e', `${name}=${value}`]),
    process.execPath,
    built,
    ...allowed,
  ],
  HTTP: () => [server.url, '--transport', 'http'],
};

const cases = (['legacy', 'modern'] as const).flatMap((era) =>
  (['stdio', 'HTTP'] as const).map((transport) => ({ era, transport })),
);

describe.each(cases)('the Inspector, $era era, over $transport', ({ era, transport }) => {
  const inspect = async (...args: readonly string[]): Promise<Verdict> =>
    await ask(
      'inspector',
      ['--cli', ...targets[transport](), ...args, '--format', 'json', '--protocol-era', era],
      folder,
    );
  const result = ({ stdout }: Verdict) =>
    (JSON.parse(stdout) as { readonly result: Readonly<Record<string, unknown>> }).result;

  it('finds schemas that every host understands, without a warning', async () => {
    const verdict = await inspect('--method', 'tools/list', '--strict');

    expect([verdict.code, verdict.stderr.trim()]).toEqual([0, '']);
    expect((result(verdict)['tools'] as readonly unknown[]).length).toBeGreaterThan(70);
  });

  it('calls a tool', async () => {
    const verdict = await inspect('--method', 'tools/call', '--tool-name', 'list_endpoints');

    expect([verdict.code, verdict.stderr.trim()]).toEqual([0, '']);
    expect(result(verdict)['structuredContent']).toMatchObject({
      rows: [{ name: 'openstack' }, { name: 'vcenter' }],
    });
  });
});
