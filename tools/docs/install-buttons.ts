import { posix } from 'node:path';

/** Links that install the MCP server into hosts, for the pages that show them. */

/** Variables that a person is asked for, with the question. */
const QUESTIONS = {
  OS_AUTH_URL: 'Address of Keystone, for example https://keystone.example.com:5000/v3',
  OS_USERNAME: 'User',
  OS_PASSWORD: 'Password',
  OS_PROJECT_NAME: 'Project',
} as const;

const COMMAND = { command: 'npx', args: ['-y', 'coriolis-mcp'] } as const;

/** VS Code asks for each `input` when the server starts, and keeps passwords in its own store. */
function vsCodeLink(): string {
  const names = Object.entries(QUESTIONS);
  const config = {
    ...COMMAND,
    env: Object.fromEntries(names.map(([name]) => [name, `\${input:${name}}`])),
  };
  const inputs = names.map(([id, description]) => ({
    type: 'promptString',
    id,
    description,
    ...(id === 'OS_PASSWORD' && { password: true }),
  }));
  const query = new URLSearchParams({
    name: 'coriolis',
    config: JSON.stringify(config),
    inputs: JSON.stringify(inputs),
  });
  return `https://insiders.vscode.dev/redirect/mcp/install?${query.toString().replaceAll('+', '%20')}`;
}

/** Cursor asks for nothing; the login comes from `clouds.yaml` or the environment. */
function cursorLink(): string {
  const config = Buffer.from(JSON.stringify(COMMAND)).toString('base64');
  return `https://cursor.com/en/install-mcp?name=coriolis&config=${encodeURIComponent(config)}`;
}

/** Names of the hosts with a button; its picture is docs/images/<file>.svg. */
export const BUTTON_FILES_BY_LABEL = {
  'Install in VS Code': 'install-vs-code',
  'Install in Cursor': 'install-cursor',
} as const;

/** Rows of the hosts that install by a click. @param page that shows them, from the root of the repository */
export function renderInstallButtons(page: string): string {
  const button = (words: keyof typeof BUTTON_FILES_BY_LABEL, link: string): string =>
    `[![${words}](${posix.relative(posix.dirname(page), `docs/images/${BUTTON_FILES_BY_LABEL[words]}.svg`)})](${link})`;
  return [
    '| Host | Install | Login |',
    '| --- | --- | --- |',
    `| VS Code | ${button('Install in VS Code', vsCodeLink())} | asks for it, and keeps the password in its own store |`,
    `| Cursor | ${button('Install in Cursor', cursorLink())} | \`clouds.yaml\`, or \`OS_*\` variables in its settings |`,
    "| Claude Desktop | open `coriolis-mcp.mcpb` (`npx @anthropic-ai/mcpb pack mcp`) | asks for it, and keeps the password in the system's store |",
    '| Claude Code | `claude mcp add coriolis -- npx -y coriolis-mcp` | `clouds.yaml`, or `OS_*` variables |',
  ].join('\n');
}
