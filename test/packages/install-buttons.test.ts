import { existsSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';

/** The install buttons install what the README's configuration says, and carry no login; the badges are true. */

const root = join(__dirname, '../..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const jsonOf = (text: string | null | undefined): unknown => JSON.parse(text ?? '');

interface ServerConfig {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** The configuration that the README gives for hosts without a button. */
const readmeConfig = (
  jsonOf(/```json\n(\{\s*"mcpServers"[^]*?)```/u.exec(read('README.md'))?.[1]) as {
    readonly mcpServers: { readonly coriolis: ServerConfig };
  }
).mcpServers.coriolis;
const command = { command: readmeConfig.command, args: readmeConfig.args };

describe.each(['README.md', 'docs/mcp.md'])('%s', (page) => {
  const text = read(page);
  const linkOf = (host: string): URL => {
    const [, image = '', link = ''] =
      new RegExp(`\\[!\\[Install in ${host}\\]\\(([^)]+)\\)\\]\\(([^)]+)\\)`, 'u').exec(text) ?? [];
    expect(existsSync(join(root, posix.dirname(page), image))).toBe(true);
    return new URL(link);
  };

  test('VS Code asks for the login, and hides the password', () => {
    const { searchParams } = linkOf('VS Code');
    const config = jsonOf(searchParams.get('config')) as ServerConfig;
    const inputs = jsonOf(searchParams.get('inputs')) as ReadonlyArray<{
      readonly id: string;
      readonly password?: boolean;
    }>;
    const { env, ...rest } = config;
    expect(rest).toEqual(command);
    expect(Object.entries(env)).toEqual(inputs.map(({ id }) => [id, `\${input:${id}}`]));
    expect(inputs.filter(({ password }) => password).map(({ id }) => id)).toEqual(['OS_PASSWORD']);
    expect(Object.keys(readmeConfig.env)).toEqual(expect.arrayContaining(Object.keys(env)));
    const notAsked = Object.entries(readmeConfig.env).filter(([name]) => !(name in env));
    // What everyone has alike is not asked.
    expect(new Set(notAsked.map(([, value]) => value))).toEqual(new Set(['Default']));
    expect(searchParams.get('name')).toBe('coriolis');
  });

  test('Cursor starts the server without a login', () => {
    const { searchParams } = linkOf('Cursor');
    const config = Buffer.from(searchParams.get('config') ?? '', 'base64').toString();
    expect(jsonOf(config)).toEqual(command);
    expect(searchParams.get('name')).toBe('coriolis');
  });

  test('Claude Code gets the same command', () => {
    const [, given] = /`claude mcp add coriolis -- ([^`]+)`/u.exec(text) ?? [];
    expect(given).toBe([command.command, ...command.args].join(' '));
  });
});

test('the badges say what the packages and the tests with n8n say', () => {
  const manifest = jsonOf(read('package.json')) as { license: string; engines: { node: string } };
  const release = (tool: string): string =>
    (jsonOf(read(`tools/locks/${tool}/package.json`)) as { dependencies: { n8n: string } }).dependencies.n8n;
  const badges = [...read('README.md').matchAll(/!\[([^\]]+)\]\((docs\/images\/badge-[^)]+)\)/gu)];

  expect(badges.map(([, words]) => words)).toEqual([
    `licence: ${manifest.license}`,
    `Node.js: ${manifest.engines.node.replace('>=', '≥ ')}`,
    `n8n: ${release('n8n').replace(/\..*/u, '')}.x, ${release('n8n-oldest').replace(/\.\d+$/u, '')}`,
  ]);
  for (const [, words, file] of badges)
    expect(read(file ?? '').replaceAll('&gt;', '>')).toContain(`aria-label="${words}"`);
});
