import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import type { ClientOptions } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { Client as FirstClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport as FirstTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport as FirstHttpTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { Readable } from 'node:stream';
import { libraryOf } from './library';
import type { Library } from './library';
import { ProcessLog } from './process-log';
import { built } from './server';
import type { Environment } from './server';

/** A result as every generation of clients shows it. */
export interface Result {
  readonly isError: boolean;
  /** All text content. */
  readonly text: string;
  readonly structured: Structured;
}

/** The frame of a result; the rest depends on the tool. */
export interface Structured {
  readonly summary: string;
  readonly result: Row;
  readonly full: Row;
  readonly rows: readonly Row[];
  readonly full_rows: readonly Row[];
  readonly page?: { readonly next_cursor: string };
  readonly already_running?: boolean;
  readonly already_exists?: boolean;
  readonly truncated?: boolean;
  readonly warnings?: readonly string[];
  readonly next_steps?: ReadonlyArray<{ readonly tool: string; readonly arguments: Row }>;
  readonly preview: { readonly subject: Row; readonly consequences: readonly string[] };
  readonly confirmation_token: string;
}

export type Row = Readonly<Record<string, unknown>>;

export interface Tool {
  readonly name: string;
  readonly title?: string | undefined;
  readonly description?: string | undefined;
  readonly inputSchema: Row;
  readonly outputSchema?: Row | undefined;
  readonly annotations?: Row | undefined;
}

export interface CallOptions {
  readonly onprogress?: (progress: { progress: number; message?: string | undefined }) => void;
  readonly signal?: AbortSignal;
}

/** A connected client, whatever its generation. */
export interface McpUser {
  tools(): Promise<readonly Tool[]>;
  call(tool: string, args?: Row, options?: CallOptions): Promise<Result>;
  instructions(): string | undefined;
  readonly library: Library;
  close(): Promise<void>;
}

/** A connected client that has started the server itself. */
export interface StdioUser extends McpUser {
  readonly log: ProcessLog;
}

export interface McpUserOptions {
  readonly args?: readonly string[];
  readonly env: Environment;
  /** Answers a question to the person; without it the client cannot ask. */
  readonly answers?: (message: string) => Answer;
}

export type Answer =
  | { readonly action: 'accept'; readonly content: { readonly [name: string]: string } }
  | { readonly action: 'decline' | 'cancel' };

export interface HttpUserOptions {
  readonly url: string;
  /** Bearer token. */
  readonly token?: string;
  readonly answers?: McpUserOptions['answers'];
}

/** Ends what hangs; the minute of the SDK ends what is slow. */
const LONGEST_MS = 500_000;

/** The kinds of clients that hosts use today. */
export const kinds = [
  'second generation, modern era',
  'second generation, legacy era',
  'first generation',
] as const;
export type Kind = (typeof kinds)[number];

/** Starts the built server and connects to it. */
export async function startUser(
  { args = [], env, answers }: McpUserOptions,
  kind: Kind = 'second generation, modern era',
): Promise<StdioUser> {
  const parameters = {
    command: process.execPath,
    args: [built, ...args],
    env: { ...env },
    stderr: 'pipe' as const,
  };
  const isFirst = kind === 'first generation';
  const transport = isFirst ? new FirstTransport(parameters) : new StdioClientTransport(parameters);
  // The pipe that was asked for.
  const log = new ProcessLog(transport.stderr as Readable);
  const user = isFirst ? await first(transport) : await second(transport, kind, answers);
  return {
    ...user,
    log,
    close: async () => {
      await user.close();
      await log.complete();
    },
  };
}

/** Connects to a server over HTTP. */
export async function connectHttpUser(
  { url, token, answers }: HttpUserOptions,
  kind: Kind = 'second generation, modern era',
): Promise<McpUser> {
  const requestInit = token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } };
  const address = new URL(url);
  return kind === 'first generation'
    ? await first(new FirstHttpTransport(address, { requestInit }))
    : await second(new StreamableHTTPClientTransport(address, { requestInit }), kind, answers);
}

type FirstClientTransport = Parameters<FirstClient['connect']>[0];

async function first(transport: FirstClientTransport): Promise<McpUser> {
  const client = new FirstClient({ name: 'test', version: '1' });
  await client.connect(transport, { timeout: LONGEST_MS });
  return {
    tools: async () => (await client.listTools()).tools,
    call: async (name, given = {}, options = {}) =>
      read(
        await client.callTool({ name, arguments: { ...given } }, undefined, {
          timeout: LONGEST_MS,
          ...options,
        }),
      ),
    instructions: () => client.getInstructions(),
    library: libraryOf(client),
    close: () => client.close(),
  };
}

async function second(
  transport: Parameters<Client['connect']>[0],
  kind: Kind,
  answers: McpUserOptions['answers'],
): Promise<McpUser> {
  const options: ClientOptions = {
    capabilities: answers === undefined ? {} : { elicitation: {} },
    versionNegotiation: {
      mode: kind === 'second generation, modern era' ? { pin: '2026-07-28' } : 'legacy',
    },
  };
  const client = new Client({ name: 'test', version: '1' }, options);
  if (answers !== undefined) {
    client.setRequestHandler('elicitation/create', (request) => {
      const answer = answers(request.params.message);
      return answer.action === 'accept' ? { ...answer, content: { ...answer.content } } : answer;
    });
  }
  await client.connect(transport, { timeout: LONGEST_MS });
  return {
    tools: async () => (await client.listTools()).tools,
    call: async (name, given = {}, more = {}) =>
      read(await client.callTool({ name, arguments: { ...given } }, { timeout: LONGEST_MS, ...more })),
    instructions: () => client.getInstructions(),
    library: libraryOf(client),
    close: () => client.close(),
  };
}

function read(result: Row): Result {
  const content = result['content'] as ReadonlyArray<{ readonly type: string; readonly text?: string }>;
  return {
    isError: result['isError'] === true,
    text: content.map(({ text }) => text ?? '').join(''),
    structured: (result['structuredContent'] ?? {}) as Structured,
  };
}
