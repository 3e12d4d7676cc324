import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { encode } from 'gpt-tokenizer/encoding/o200k_base';
import { installTool } from '../../tools/install.mjs';
import { median, type Benchmark, type Figure } from './figure';

const OURS = join(__dirname, '..', '..', 'mcp', 'dist', 'coriolis-mcp.cjs');
const ROUNDS = 7;
const LONGEST_MS = 20_000;

const MESSAGES = [
  {
    jsonrpc: '2.0',
    id: 1,
    method: 'initialize',
    params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'bench', version: '1' } },
  },
  { jsonrpc: '2.0', method: 'notifications/initialized' },
  { jsonrpc: '2.0', id: 2, method: 'tools/list' },
];

interface Listed {
  readonly tools: ReadonlyArray<{
    readonly name: string;
    readonly description?: string;
    readonly inputSchema: unknown;
  }>;
}

interface Start {
  readonly ms: number;
  /** Of the process and those it started, MiB; undefined where the system does not tell. */
  readonly memory: number | undefined;
  readonly listed: Listed;
}

/** Ours beside the servers that people know, each started the same way until it has listed its tools. */
export const peers: Benchmark = {
  name: 'peers',
  title: `MCP servers of others, ${ROUNDS} rounds`,
  async run() {
    const modules = join(
      await installTool('mcp-peers', 'MCP servers of others (once, 150 MB)'),
      'node_modules',
    );
    const folder = mkdtempSync(join(tmpdir(), 'coriolis-peers-'));
    const servers: Readonly<Record<string, readonly string[]>> = {
      'coriolis-mcp': [OURS],
      'coriolis-mcp, everything': [OURS, '--allow-destroy', '--toolsets', 'all'],
      'server-filesystem': [join(modules, '@modelcontextprotocol/server-filesystem/dist/index.js'), folder],
      'server-memory': [join(modules, '@modelcontextprotocol/server-memory/dist/index.js')],
      'playwright-mcp': [join(modules, '@playwright/mcp/cli.js')],
    };
    const starts = new Map<string, Start[]>(Object.keys(servers).map((name) => [name, []]));
    const silent = new Map<string, string>();
    try {
      for (let round = -1; round < ROUNDS; round += 1) {
        for (const [name, command] of Object.entries(servers)) {
          if (silent.has(name)) continue;
          try {
            const start = await started(command, folder);
            // The first round fills the caches of the file system.
            if (round >= 0) starts.get(name)?.push(start);
          } catch (error) {
            silent.set(name, error instanceof Error ? error.message : String(error));
          }
        }
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
    for (const [name, reason] of silent) console.error(`${name} cannot be measured here: ${reason}`);
    return [...starts].filter(([name]) => !silent.has(name)).flatMap(([name, all]) => figuresOf(name, all));
  },
};

function figuresOf(name: string, starts: readonly Start[]): readonly Figure[] {
  const tools = starts[0]?.listed.tools ?? [];
  const memory = starts.map((start) => start.memory).filter((value) => value !== undefined);
  const shown = tools.map(
    ({ name: one, description, inputSchema }) =>
      encode(JSON.stringify({ name: one, description, inputSchema })).length,
  );
  const against = `median of ${starts.length} interleaved rounds`;
  return [
    { name: `${name}, spawn to tools/list`, value: median(starts.map(({ ms }) => ms)), unit: 'ms', against },
    ...(memory.length === 0
      ? []
      : [{ name: `${name}, resident memory`, value: median(memory), unit: 'MiB', against }]),
    {
      name: `${name}, tools/list`,
      value: shown.reduce((sum, one) => sum + one, 0),
      unit: 'tokens',
      against: `${tools.length} tools, the largest ${Math.max(0, ...shown)}; o200k, name, description and input schema`,
    },
  ];
}

async function started(command: readonly string[], folder: string): Promise<Start> {
  const begin = performance.now();
  const child = spawn(process.execPath, command, {
    cwd: folder,
    env: { PATH: process.env['PATH'], HOME: folder, MEMORY_FILE_PATH: join(folder, 'memory.json') },
    stdio: ['pipe', 'pipe', 'ignore'],
    // A group of its own, so that what it started ends with it.
    detached: true,
  });
  const ended = once(child, 'exit');
  const end = (): void => {
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGKILL');
  };
  const timer = setTimeout(end, LONGEST_MS);
  try {
    const listed = new Promise<Listed>((resolve, reject) => {
      createInterface({ input: child.stdout }).on('line', (line) => {
        const { id, result } = JSON.parse(line) as { id?: number; result?: unknown };
        if (id === 1)
          for (const message of MESSAGES.slice(1)) child.stdin.write(`${JSON.stringify(message)}\n`);
        if (id === 2) resolve(result as Listed);
      });
      void ended.then(() => reject(new Error('it ended before it listed its tools')));
    });
    child.stdin.write(`${JSON.stringify(MESSAGES[0])}\n`);
    const answer = await listed;
    return { ms: performance.now() - begin, memory: residentOf(child.pid ?? 0), listed: answer };
  } finally {
    clearTimeout(timer);
    end();
    await ended;
  }
}

/** Linux only: the resident memory of a process and its children, MiB. */
function residentOf(pid: number): number | undefined {
  const status = `/proc/${pid}/status`;
  if (!existsSync(status)) return undefined;
  const [, own = '0'] = /^VmRSS:\s+(\d+) kB/mu.exec(readFileSync(status, 'utf8')) ?? [];
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean);
  return children.reduce((sum, child) => sum + (residentOf(Number(child)) ?? 0), Number(own) / 1024);
}
