// npm run conversations: writes docs/conversations.md from real calls to the built MCP server and its answers. The
// server uses a sandbox whose clock stands still, so every run writes the same page. With --check the page is only
// compared.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { format, resolveConfig } from 'prettier';
import { startSandbox } from '../../sandbox/sandbox';
import { ManualClock } from '../../sandbox/world/clock';

const root = join(__dirname, '../..');
const PAGE = join(root, 'docs', 'conversations.md');

type Json = Readonly<Record<string, unknown>>;

/** One call of a conversation, with the texts around it. */
interface Turn {
  /** Text of the person before the call. */
  readonly asks?: string;
  readonly tool: string;
  /** Arguments of the call, made from the answers so far. */
  readonly with?: (before: readonly Json[]) => Json;
  /** Keys of the result that the page shows; everything when left out. */
  readonly shows?: readonly string[];
  /** Text of the assistant after the call. */
  readonly says?: string;
}

interface Conversation {
  readonly title: string;
  /** Options of the server. */
  readonly options: readonly string[];
  readonly turns: readonly Turn[];
}

const resultOf = (answer: Json | undefined): Json => (answer?.['result'] ?? {}) as Json;
const firstFailure = (answers: readonly Json[]): Json =>
  (resultOf(answers[0])['failed'] as readonly Json[] | undefined)?.find(
    ({ name }) => name === 'Database, nightly replica',
  ) ?? {};

const CONVERSATIONS: readonly Conversation[] = [
  {
    title: 'What happened last night?',
    options: [],
    turns: [
      {
        asks: 'Anything wrong with last night’s syncs?',
        tool: 'summarize_estate',
        shows: ['transfers_by_status', 'running_count', 'failed', 'attention'],
        says: 'One failed: “Database, nightly replica”. Its destination has no quota left. Let me look closer.',
      },
      {
        tool: 'diagnose',
        with: (before) => {
          const { id } = firstFailure(before);
          return { transfer_id: id };
        },
        shows: ['summary', 'cause', 'known_error', 'next_steps'],
        says: 'db-01 needs a 200 GB volume, and 950 of 1000 GB are taken. Raise the quota, or delete leftovers; then run the sync again. A retry before that will fail the same way.',
      },
      {
        asks: 'Could we still cut over to what was copied before?',
        tool: 'preflight_transfer',
        with: (before) => ({ transfer_id: firstFailure(before)['id'] }),
        shows: ['verdict', 'blocking', 'warnings', 'checks'],
        says: 'Yes, but the copy is 32 hours old: everything written since then would be missing.',
      },
      {
        asks: 'Then drop that transfer.',
        tool: 'delete_transfer',
        with: (before) => ({ transfer_id: firstFailure(before)['id'] }),
        says: 'I cannot: this server was started to read only. Its operator would have to start it with `--allow-destroy`.',
      },
    ],
  },
  {
    title: 'Deleting needs a person',
    options: ['--allow-destroy', '--toolsets', 'default', '--tools', 'delete_transfer', '--confirm', 'token'],
    turns: [
      {
        asks: 'Delete the transfer “Not executed yet”.',
        tool: 'delete_transfer',
        with: () => ({ transfer_id: 'Not executed yet' }),
        says: 'Nothing is deleted yet. This is what would go, and what would stay behind. Shall I?',
      },
      {
        asks: 'Yes.',
        tool: 'delete_transfer',
        with: ([preview]) => ({
          transfer_id: 'Not executed yet',
          confirmation_token: preview?.['confirmation_token'],
        }),
        says: 'Deleted.',
      },
      {
        asks: 'And “Database, nightly replica”: you have the token already.',
        tool: 'delete_transfer',
        with: ([preview]) => ({
          transfer_id: 'Database, nightly replica',
          confirmation_token: preview?.['confirmation_token'],
        }),
        says: 'That is refused: a token confirms one deletion of one object, once.',
      },
    ],
  },
];

/** Replaces tokens, which differ each time. */
const hideToken = (key: string, value: unknown): unknown => (key === 'confirmation_token' ? '…' : value);

function shown(answer: Json, keys: readonly string[] | undefined): Json {
  if (keys === undefined) return answer;
  const result = resultOf(answer);
  return { result: Object.fromEntries(keys.filter((key) => key in result).map((key) => [key, result[key]])) };
}

const code = (language: string, text: string): string => `\`\`\`${language}\n${text}\n\`\`\`\n`;

async function runConversation({ title, options, turns }: Conversation): Promise<string> {
  const sandbox = await startSandbox({ clock: new ManualClock() });
  const { connection } = sandbox;
  const client = new Client({ name: 'conversations', version: '1' });
  await client.connect(
    new StdioClientTransport({
      command: process.execPath,
      args: [join(root, 'mcp', 'dist', 'coriolis-mcp.cjs'), ...options],
      env: {
        OS_AUTH_URL: connection.auth_url,
        OS_USERNAME: connection.username,
        OS_PASSWORD: connection.password,
        OS_PROJECT_NAME: connection.project,
      },
    }),
  );
  const lines = [`## ${title}\n`, `\`${['coriolis-mcp', ...options].join(' ')}\`\n`];
  const answers: Json[] = [];
  try {
    for (const { asks, tool, with: given, shows, says } of turns) {
      if (asks !== undefined) lines.push(`> **Person:** ${asks}\n`);
      const args = given?.(answers) ?? {};
      const { structuredContent, content } = await client.callTool({ name: tool, arguments: { ...args } });
      const answer = structuredContent as Json | undefined;
      answers.push(answer ?? {});
      lines.push(`**${tool}** \`${JSON.stringify(args, hideToken)}\`\n`);
      const [said] = content;
      lines.push(
        answer === undefined
          ? code('text', said?.type === 'text' ? said.text : '')
          : code('json', JSON.stringify(shown(answer, shows), hideToken, 2)),
      );
      if (says !== undefined) lines.push(`> **Assistant:** ${says}\n`);
    }
  } finally {
    await client.close();
    await sandbox.stop();
  }
  return lines.join('\n');
}

/** Renders the page. */
async function conversations(): Promise<string> {
  const parts = [
    '# Conversations\n',
    'Calls and answers below are real: those of the MCP server with the embedded sandbox. `npm run conversations` writes this page, and a test compares it',
    'with the answers of the current server. The texts of person and assistant around the calls are examples. Of long answers only some keys are shown.\n',
  ];
  for (const conversation of CONVERSATIONS) parts.push(await runConversation(conversation));
  return await format(parts.join('\n'), { ...(await resolveConfig(PAGE)), filepath: PAGE });
}

async function main(check: boolean): Promise<void> {
  const page = await conversations();
  if (!check) writeFileSync(PAGE, page);
  else if (readFileSync(PAGE, 'utf8') !== page) {
    console.error(
      'docs/conversations.md differs from the answers of the server: run `npm run conversations`',
    );
    process.exitCode = 1;
  }
}

void main(process.argv.includes('--check'));
