import { spawn } from 'node:child_process';
import { version } from '../../mcp/package.json';
import { bare, built } from './support/server';
import type { Environment } from './support/server';

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the built server with this input, until its input ends. */
function run(args: readonly string[], input = '', env: Environment = bare): Promise<Ended> {
  const child = spawn(process.execPath, [built, ...args], { env: { ...env } });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => (stdout += String(chunk)));
  child.stderr.on('data', (chunk) => (stderr += String(chunk)));
  child.stdin.end(input);
  return new Promise((resolve) => {
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
}

describe('the command', () => {
  it('explains itself', async () => {
    const { code, stdout } = await run(['--help']);

    expect(code).toBe(0);
    for (const words of [
      '--allow-write',
      '--allow-destroy',
      '--os-cloud',
      'OS_AUTH_URL',
      'clouds.yaml',
      'Examples:',
    ]) {
      expect(stdout).toContain(words);
    }
  });

  it('tells its version', async () => {
    expect(await run(['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
  });

  it.each([
    [['--bogus'], '--bogus'],
    [['--max-wait', 'long'], '1 to 21600'],
    [['--max-wait', '0'], '1 to 21600'],
    [['--toolsets', 'everything'], 'default, all, provider'],
    [['--confirm', 'never'], 'elicit, token'],
    [['--log-level', 'loud'], 'silent, error, warn, info, debug'],
    [['--os-cloud'], '--os-cloud'],
    [['serve'], 'serve'],
  ])('refuses %j and says what is accepted', async (args, words) => {
    const { code, stdout, stderr } = await run(args);

    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toContain(words);
    expect(stderr).toContain('--help');
    expect(stderr).not.toMatch(/ {4}at /u);
  });
});

describe('stdout', () => {
  const request = (id: number, method: string, params: object): string =>
    `${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`;

  it('carries only the protocol, whatever is logged or sent', async () => {
    const input = [
      request(1, 'initialize', {
        protocolVersion: '2025-06-18',
        capabilities: {},
        clientInfo: { name: 'test', version: '1' },
      }),
      'this is no JSON\n',
      request(2, 'tools/call', { name: 'list_endpoints', arguments: {} }),
      request(3, 'tools/call', { name: 'no_such_tool', arguments: {} }),
    ].join('');

    const { code, stdout, stderr } = await run(['--log-level', 'debug'], input);

    expect(code).toBe(0);
    const lines = stdout.trim().split('\n');
    for (const line of lines) expect(JSON.parse(line)).toMatchObject({ jsonrpc: '2.0' });
    for (const line of stderr.trim().split('\n')) expect(JSON.parse(line)).toHaveProperty('level');
  });

  it('ends the server when the input ends', async () => {
    const { code, stdout } = await run([]);

    expect(code).toBe(0);
    expect(stdout).toBe('');
  });
});
