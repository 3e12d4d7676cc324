import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startSandbox } from '../../sandbox/sandbox';
import type { Sandbox } from '../../sandbox/sandbox';
import { run } from './support/command';
import { loginOf } from './support/server';
import type { Environment } from './support/server';

let sandbox: Sandbox;
let folder: string;
beforeAll(async () => {
  sandbox = await startSandbox();
  folder = mkdtempSync(join(tmpdir(), 'coriolis-mcp-check-'));
});
afterAll(async () => {
  await sandbox.stop();
  rmSync(folder, { recursive: true });
});

describe('--check', () => {
  it('tells what would be served, and to whom, and ends with 0', async () => {
    const tokens = join(folder, 'tokens');
    writeFileSync(tokens, 'canary-token-0123456789 read assistant\n');

    const { code, stdout } = await run(
      ['--check', '--allow-write', '--http', '0', '--tokens-file', tokens, '--audit', join(folder, 'audit')],
      '',
      loginOf(sandbox),
    );

    expect(code).toBe(0);
    for (const words of [
      sandbox.authUrl,
      'user demo, project migration',
      'roles reader, member',
      sandbox.coriolisUrl,
      'the current API',
      'read, write',
      'Tools',
      tokens,
      'audit',
    ]) {
      expect(stdout).toContain(words);
    }
    expect(stdout).not.toContain('canary-token');
    expect(stdout).not.toContain(sandbox.connection.password);
  });

  it('tells which appliance leads where', async () => {
    const { code, stdout } = await run(
      ['--check'],
      '',
      loginOf(sandbox, { OS_AUTH_URL: '', CORIOLIS_APPLIANCE: sandbox.url }),
    );

    expect(code).toBe(0);
    expect(stdout).toMatch(new RegExp(`^Appliance +${sandbox.url}$`, 'mu'));
    expect(stdout).toContain(`${sandbox.url}/coriolis/${sandbox.users.migration.id}`);
  });

  it.each<[string, readonly string[], Readonly<Record<string, string>>, string]>([
    ['a wrong password', [], { OS_PASSWORD: 'canary-wrong' }, 'Keystone refused user "demo"'],
    ['no settings', [], { OS_AUTH_URL: '' }, 'OS_AUTH_URL'],
    [
      'a file of tokens that is not there',
      ['--http', '0', '--tokens-file', '/nonexistent'],
      {},
      '--tokens-file',
    ],
    ['an audit log that cannot be written', ['--audit', '/nonexistent/audit'], {}, '--audit'],
    ['a key that is too short', [], { CORIOLIS_MCP_CONFIRM_KEY: 'short' }, 'at least 32 characters'],
    [
      'a password command that fails',
      ['--password-command', 'echo canary-wrong; exit 3'],
      {},
      'ended with 3',
    ],
  ])('ends with 1 and words about %s', async (_what, args, env, words) => {
    const { code, stdout, stderr } = await run(['--check', ...args], '', loginOf(sandbox, env));

    expect(code).toBe(1);
    expect(stdout).toContain(words);
    expect(stdout + stderr).not.toContain('canary-wrong');
  });
});

describe('a Keystone with Coriolis in several regions', () => {
  /** The sandbox's Keystone, whose catalogue has all of it in a second region too. */
  const twoRegions = createServer((request, answer) => {
    const body: Buffer[] = [];
    request.on('data', (part: Buffer) => body.push(part));
    request.on('end', () => {
      void fetch(`${sandbox.url}${request.url ?? ''}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: Buffer.concat(body),
      }).then(async (real) => {
        const { token } = (await real.json()) as {
          token: { catalog: { endpoints: { region: string }[] }[] };
        };
        for (const { endpoints } of token.catalog) {
          endpoints.push(
            ...endpoints.map((endpoint) => ({
              ...endpoint,
              region: 'RegionTwo',
              region_id: 'RegionTwo',
            })),
          );
        }
        answer.writeHead(real.status, {
          'content-type': 'application/json',
          'x-subject-token': real.headers.get('x-subject-token') ?? '',
        });
        answer.end(JSON.stringify({ token }));
      });
    });
  });
  let login: Environment;
  beforeAll(async () => {
    await once(twoRegions.listen(0, '127.0.0.1'), 'listening');
    const { port } = twoRegions.address() as AddressInfo;
    login = loginOf(sandbox, {
      OS_AUTH_URL: `http://127.0.0.1:${port}${new URL(sandbox.authUrl).pathname}`,
      OS_REGION_NAME: '',
    });
  });
  afterAll(() => {
    twoRegions.close();
    twoRegions.closeAllConnections();
  });

  it('is named as such, with the variable that chooses, until one was chosen', async () => {
    const silent = await run(['--check'], '', login);
    const chosen = await run(['--check'], '', { ...login, CORIOLIS_REGION_NAME: 'RegionTwo' });

    expect([silent.code, chosen.code]).toEqual([0, 0]);
    expect(silent.stdout).toContain('This is the first of 2 regions: RegionOne, RegionTwo.');
    expect(silent.stdout).toContain('CORIOLIS_REGION_NAME or OS_REGION_NAME');
    expect(chosen.stdout).not.toContain('regions');
  });
});

describe('--password-command', () => {
  it('prints the password, and wins over OS_PASSWORD', async () => {
    const { code } = await run(
      ['--check', '--password-command', `echo ${sandbox.connection.password}`],
      '',
      loginOf(sandbox, { OS_PASSWORD: 'wrong' }),
    );

    expect(code).toBe(0);
  });
});

describe('options in the environment', () => {
  it('count where the command line says nothing', async () => {
    const env = loginOf(sandbox, { CORIOLIS_MCP_ALLOW_WRITE: 'true', CORIOLIS_MCP_TOOLSETS: 'endpoint' });

    const inherited = await run(['--check'], '', env);
    const said = await run(['--check', '--toolsets', 'transfer'], '', env);

    expect(inherited.stdout).toMatch(/Allows +read, write\nToolsets +endpoint\n/u);
    expect(said.stdout).toMatch(/Toolsets +transfer\n/u);
  });

  it('are refused by their own names', async () => {
    const { code, stderr } = await run([], '', loginOf(sandbox, { CORIOLIS_MCP_ALLOW_WRITE: 'maybe' }));

    expect(code).toBe(2);
    expect(stderr).toContain('CORIOLIS_MCP_ALLOW_WRITE must be true or false');
  });
});
