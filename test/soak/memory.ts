import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { loginVariablesOf } from '../../sandbox/login-variables';
import type { JsonObject } from '../../src/model/json';
import { randomOf, type Random } from '../damage/random';
import { withSandboxProcess } from '../support/sandbox-process';

/**
 * `npx tsx test/soak/memory.ts [calls] [minutes] [seed]`, after `npm run build`: mixed calls of the MCP server over HTTP, several
 * at once. Prints its resident memory after 1,000 calls and later, and the ratio at the end. Ends with code 1 when the ratio
 * is above 1.5. Linux only.
 */

const SERVER = join(__dirname, '..', '..', 'mcp', 'dist', 'coriolis-mcp.cjs');
const LANES = 4;
/** Calls after which everything has been loaded and warmed up. */
const BASE = 1_000;
const BUDGET = 1.5;
const UNKNOWN_ID = '00000000-0000-4000-8000-000000000000';

interface Message {
  readonly method: string;
  readonly params?: JsonObject;
}

const tool = (name: string, given: JsonObject = {}): Message => ({
  method: 'tools/call',
  params: { name, arguments: given },
});

/** Reads, wrong arguments, unknown objects, previews, creations, resources and prompts. */
function mixed(random: Random): Message {
  if (random.chance(0.004)) return tool('create_region', { name: `region ${random.below(1e9)}` });
  return random.pick<() => Message>([
    () => tool('list_transfers', { limit: 1 + random.below(20) }),
    () => tool('list_endpoints'),
    () => tool('list_deployments', { limit: 5 }),
    () => tool('list_services'),
    () => tool('list_regions'),
    () => tool('list_minion_pools'),
    () => tool('summarize_estate'),
    () => tool('get_transfer', { transfer_id: random.chance(0.5) ? 'vcenter' : UNKNOWN_ID }),
    () => tool('get_endpoint', { endpoint_id: random.pick(['vcenter', 'openstack']) }),
    () => tool('delete_endpoint', { endpoint_id: 'vcenter' }),
    () => tool('get_transfer', { transfer_id: random.below(1e6), nonsense: 'x'.repeat(random.below(2_000)) }),
    () => tool('no_such_tool'),
    () => ({ method: 'tools/list' }),
    () => ({ method: 'resources/list' }),
    () => ({ method: 'resources/read', params: { uri: `coriolis://transfers/${UNKNOWN_ID}` } }),
    () => ({ method: 'prompts/list' }),
  ])();
}

class Server {
  private readonly agent = new Agent({ keepAlive: true });
  private constructor(
    private readonly child: ChildProcess,
    private readonly url: string,
  ) {}

  static async start(env: NodeJS.ProcessEnv): Promise<Server> {
    const args = ['--http', '0', '--rate-limit', '1000000', '--allow-destroy', '--toolsets', 'all'];
    const child = spawn(process.execPath, [SERVER, ...args], { env, stdio: ['ignore', 'ignore', 'pipe'] });
    const lines = createInterface({ input: child.stderr });
    const [line] = (await once(lines, 'line')) as [string];
    lines.on('line', () => undefined);
    const url = /http:\S+/u.exec(line)?.[0];
    if (url === undefined) throw new Error(line);
    return new Server(child, url);
  }

  /** Sends a message and reads its answer to the end; returns the number of bytes. */
  ask(message: Message): Promise<number> {
    const headers = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
    return new Promise((resolve, reject) => {
      const sent = request(this.url, { method: 'POST', agent: this.agent, headers }, (answer) => {
        let bytes = 0;
        answer.on('data', (chunk: Buffer) => (bytes += chunk.length));
        answer.on('end', () => resolve(bytes));
        answer.on('error', reject);
      });
      sent.on('error', reject);
      sent.end(JSON.stringify({ jsonrpc: '2.0', id: 1, ...message }));
    });
  }

  get residentMiB(): number {
    const status = readFileSync(`/proc/${this.child.pid ?? 'self'}/status`, 'utf8');
    return Number(/^VmRSS:\s+(\d+) kB/mu.exec(status)?.[1]) / 1024;
  }

  async stop(): Promise<void> {
    const ended = once(this.child, 'exit');
    this.child.kill('SIGTERM');
    this.agent.destroy();
    await ended;
  }
}

async function main([calls = 100_000, minutes = 30, seed = 1]: readonly number[]): Promise<number> {
  return await withSandboxProcess({}, async (connection) => {
    const server = await Server.start({ PATH: process.env['PATH'], ...loginVariablesOf(connection) });
    const random = randomOf(seed);
    const until = Date.now() + minutes * 60_000;
    let [done, begun, base, next] = [0, 0, 0, BASE];
    const lane = async (): Promise<void> => {
      while (begun < calls && Date.now() < until) {
        begun += 1;
        await server.ask(mixed(random));
        done += 1;
        if (done !== next) continue;
        base ||= server.residentMiB;
        next *= 2;
        console.log(`${done} calls: ${server.residentMiB.toFixed(1)} MiB`);
      }
    };
    try {
      await Promise.all(Array.from({ length: LANES }, lane));
      const ratio = server.residentMiB / base;
      console.log(
        `after ${done} calls ${server.residentMiB.toFixed(1)} MiB: ${ratio.toFixed(2)} × that after ${BASE}`,
      );
      return ratio <= BUDGET ? 0 : 1;
    } finally {
      await server.stop();
    }
  });
}

main(process.argv.slice(2).map(Number)).then(
  (code) => (process.exitCode = code),
  (error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  },
);
