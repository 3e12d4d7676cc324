import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { atMost, median, type Benchmark } from './figure';
import { buildHello } from './hello';

const ROOT = join(__dirname, '..', '..');
const SERVER = join(ROOT, 'mcp', 'dist', 'coriolis-mcp.cjs');
const ROUNDS = 25;

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

/** From spawning the server to its list of tools, against a server of one tool on the same SDK, bundled the same way. */
export const startup: Benchmark = {
  name: 'startup',
  title: `starting the MCP server, ${ROUNDS} rounds`,
  async run() {
    const helloServer = await buildHello('helloServer');
    const ours: number[] = [];
    const hello: number[] = [];
    for (let round = -1; round < ROUNDS; round += 1) {
      const one = await millisecondsToList(SERVER);
      const other = await millisecondsToList(helloServer);
      // The first round fills the caches of the file system.
      if (round < 0) continue;
      ours.push(one);
      hello.push(other);
    }
    return [
      {
        name: 'MCP server, spawn to tools/list',
        value: median(ours) / median(hello),
        unit: '× a hello-world server',
        against: `of one tool, same SDK and bundling; medians of ${ROUNDS} interleaved rounds, ${Math.round(median(ours))} and ${Math.round(median(hello))} ms`,
        budget: atMost(1.1),
      },
    ];
  },
};

async function millisecondsToList(file: string): Promise<number> {
  const begin = performance.now();
  const child = spawn(process.execPath, [file], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  const listed = new Promise<number>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const { id } = JSON.parse(line) as { id?: number };
      if (id === 2) resolve(performance.now() - begin);
    });
    void ended.then(() => reject(new Error(`${file} ended before it listed its tools`)));
  });
  for (const message of MESSAGES) child.stdin.write(`${JSON.stringify(message)}\n`);
  try {
    return await listed;
  } finally {
    child.kill('SIGTERM');
    await ended;
  }
}
