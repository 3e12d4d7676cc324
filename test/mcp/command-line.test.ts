import { version } from '../../mcp/package.json';
import { run } from './support/command';

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
    [['--http', 'web'], '[host:]port'],
    [['--http', '0.0.0.0:8080'], '--tokens-file'],
    [['--http', '0.0.0.0:8080', '--tokens-file', 'tokens'], '--allowed-hosts'],
    [['--http', '8080', '--oauth-issuer', 'https://id.example.com'], '--public-url'],
    [['--http', '8080', '--oauth-issuer', 'http://id.example.com'], 'https'],
    [['--tokens-file', 'tokens'], 'needs --http'],
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
