import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The links of docs/mcp.md install what they say, and carry no login. */

const page = readFileSync(join(__dirname, '../../docs/mcp.md'), 'utf8');
const linkOf = (host: string): URL =>
  new URL(new RegExp(`\\[Install in ${host}\\]\\(([^)]+)\\)`, 'u').exec(page)?.[1] ?? '');

const command = { command: 'npx', args: ['-y', 'coriolis-mcp'] };
const jsonOf = (text: string | null): unknown => JSON.parse(text ?? '');

test('VS Code asks for the login, and hides the password', () => {
  const { searchParams } = linkOf('VS Code');
  const config = jsonOf(searchParams.get('config')) as { readonly env: Readonly<Record<string, string>> };
  const inputs = jsonOf(searchParams.get('inputs')) as readonly {
    readonly id: string;
    readonly password?: boolean;
  }[];
  expect(config).toMatchObject(command);
  expect(Object.entries(config.env)).toEqual(inputs.map(({ id }) => [id, `\${input:${id}}`]));
  expect(inputs.filter(({ password }) => password).map(({ id }) => id)).toEqual(['OS_PASSWORD']);
});

test('Cursor starts the server without a login', () => {
  const config = Buffer.from(linkOf('Cursor').searchParams.get('config') ?? '', 'base64').toString();
  expect(jsonOf(config)).toEqual(command);
});
