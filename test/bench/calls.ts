import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { loginVariablesOf } from '../../sandbox/login-variables';
import { withSandboxProcess } from '../support/sandbox-process';
import { median, type Benchmark, type Figure } from './figure';
import { buildHello } from './hello';

const OURS = join(__dirname, '..', '..', 'mcp', 'dist', 'coriolis-mcp.cjs');
/** One request to Coriolis, whose answer is empty: no tool does less. */
const OUR_TOOL = 'list_regions';
const WARM_UP = 50;
const ROUNDS = 300;

/** A server in a process of its own, that is asked one thing after the other. */
interface Asked {
  readonly ask: (method: string, params?: object) => Promise<unknown>;
  readonly child: ChildProcess;
}

/** What calls cost in our server, against the hello-world server, which asks nobody anything. */
export const calls: Benchmark = {
  name: 'calls',
  title: `${ROUNDS} calls of a tool over stdio and HTTP`,
  run: () =>
    withSandboxProcess({}, async (connection) => {
      const env = { PATH: process.env['PATH'] ?? '', ...loginVariablesOf(connection) };
      const hello = await buildHello('helloServer');
      const args = ['--tools', OUR_TOOL];
      const http = ['--http', '0', '--rate-limit', '1000000'];
      return [
        ...(await compare('stdio', await overStdio([OURS, ...args], env), await overStdio([hello], env))),
        ...(await compare(
          'HTTP',
          await overHttp([OURS, ...args, ...http], env),
          await overHttp([await buildHello('helloHttpServer')], env),
        )),
      ];
    }),
};

async function compare(name: string, ours: Asked, hello: Asked): Promise<readonly Figure[]> {
  try {
    const memory = await memoryAfterList(ours, hello);
    const times: { readonly ours: number[]; readonly hello: number[] } = { ours: [], hello: [] };
    for (let round = -WARM_UP; round < ROUNDS; round += 1) {
      const one = await millisecondsOf(ours, OUR_TOOL);
      const other = await millisecondsOf(hello, 'hello');
      if (round < 0) continue;
      times.ours.push(one);
      times.hello.push(other);
    }
    const [mine, least] = [median(times.ours), median(times.hello)];
    return [
      {
        name: `call over ${name}`,
        value: mine / least,
        unit: '× a hello-world server',
        against: `on the same SDK; ${OUR_TOOL}, which asks Coriolis once, against a tool that asks nobody; medians of ${ROUNDS} interleaved calls, ${mine.toFixed(2)} and ${least.toFixed(2)} ms`,
      },
      ...memory.map((value) => ({
        name: `memory after tools/list over ${name} (RSS)`,
        value,
        unit: '× a hello-world server',
        against: 'on the same SDK, one process each',
      })),
    ];
  } finally {
    for (const { child } of [ours, hello]) {
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    }
  }
}

async function millisecondsOf({ ask }: Asked, tool: string): Promise<number> {
  const begin = performance.now();
  const result = await ask('tools/call', { name: tool, arguments: {} });
  const took = performance.now() - begin;
  if (JSON.stringify(result).includes('"isError":true'))
    throw new Error(`${tool}: ${JSON.stringify(result)}`);
  return took;
}

/** Empty where the system does not tell. */
async function memoryAfterList(ours: Asked, hello: Asked): Promise<readonly number[]> {
  await ours.ask('tools/list');
  await hello.ask('tools/list');
  if (process.platform !== 'linux') return [];
  return [residentKiB(ours) / residentKiB(hello)];
}

function residentKiB({ child }: Asked): number {
  const [, size] =
    /^VmRSS:\s+(\d+) kB/mu.exec(readFileSync(`/proc/${child.pid ?? 'self'}/status`, 'utf8')) ?? [];
  return Number(size);
}

const initialize = {
  protocolVersion: '2025-06-18',
  capabilities: {},
  clientInfo: { name: 'bench', version: '1' },
};

/** The result in an answer. @throws what the server objects to */
function resultOf(text: string): unknown {
  const { result, error } = JSON.parse(text) as { readonly result?: unknown; readonly error?: unknown };
  if (error !== undefined) throw new Error(JSON.stringify(error));
  return result;
}

async function overStdio(command: readonly string[], env: NodeJS.ProcessEnv): Promise<Asked> {
  const child = spawn(process.execPath, command, { env, stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout });
  let id = 0;
  const ask: Asked['ask'] = async (method, params = {}) => {
    id += 1;
    const answered = once(lines, 'line');
    child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`);
    return resultOf(String((await answered)[0]));
  };
  await ask('initialize', initialize);
  child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', method: 'notifications/initialized' })}\n`);
  return { ask, child };
}

async function overHttp(command: readonly string[], env: NodeJS.ProcessEnv): Promise<Asked> {
  const child = spawn(process.execPath, command, { env, stdio: ['ignore', 'ignore', 'pipe'] });
  const [line] = (await once(createInterface({ input: child.stderr }), 'line')) as [string];
  const url = /http:\S+/u.exec(line)?.[0];
  if (url === undefined) throw new Error(line);
  const agent = new Agent({ keepAlive: true });
  const headers = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
  const ask: Asked['ask'] = (method, params = {}) =>
    new Promise((resolve, reject) => {
      const sent = request(url, { method: 'POST', agent, headers }, (answer) => {
        let text = '';
        answer.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        answer.on('end', () => {
          try {
            resolve(resultOf(/^data: (\{.*)$/mu.exec(text)?.[1] ?? text));
          } catch (error) {
            reject(error instanceof Error ? error : new Error(String(error)));
          }
        });
      });
      sent.on('error', reject);
      sent.end(JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }));
    });
  return { ask, child };
}
