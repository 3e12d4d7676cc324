import { get } from 'node:http';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { startSandbox } from '../../sandbox/sandbox';
import type { Sandbox } from '../../sandbox/sandbox';
import { connectHttpUser } from './support/client';
import { createTransfer, execute } from './support/estate';
import { cpuMs, serveHttp } from './support/http';
import type { HttpProcess } from './support/http';
import { loginOf } from './support/server';

/** One caller, or one address, must not take everything. `LOAD` sets how many requests try. */

const load = Number(process.env['LOAD'] ?? 1000);

let sandbox: Sandbox;
let server: HttpProcess;
let run: { readonly transfer_id: string; readonly execution_id: string };
beforeAll(async () => {
  sandbox = await startSandbox({ speed: 1 });
  server = await serveHttp(loginOf(sandbox), ['--allow-write', '--rate-limit', '1000000']);
  const user = await connectHttpUser({ url: server.url });
  run = await execute(user, await createTransfer(user, 'slow-vm'));
  await user.close();
});
afterAll(async () => {
  await server.stop();
  await sandbox.stop();
});

/** Another address of this machine, where the whole network 127.0.0.0/8 belongs to it. */
const localAddress = process.platform === 'linux' ? '127.0.0.2' : undefined;

/** Asks `/healthz` from another address, on a connection of its own: that of the load has its share only. */
async function askHealth(): Promise<void> {
  const status = await new Promise<number | undefined>((resolve, reject) => {
    get(`${server.origin}/healthz`, { localAddress, agent: false }, (response) => {
      response.resume().once('end', () => resolve(response.statusCode));
    }).once('error', reject);
  });
  expect(status).toBe(200);
}

/** CPU that the server used until `/healthz` was answered. Unlike the time, it is about the same on a busy machine. */
async function health(): Promise<number> {
  const before = cpuMs(server.process);
  await askHealth();
  return cpuMs(server.process) - before;
}

/** CPU of as many health checks as there are requests in the load, one after the other. */
let checksMs: number;
beforeAll(async () => {
  const before = cpuMs(server.process);
  for (let count = 0; count < load; count += 1) await askHealth();
  checksMs = cpuMs(server.process) - before;
});

it(`${load} waits of one caller share their polls; those beyond its share are refused in words, and others are served`, async () => {
  const body = (id: number) =>
    JSON.stringify({
      jsonrpc: '2.0',
      id,
      method: 'tools/call',
      params: { name: 'wait_for_execution', arguments: { ...run, timeout_seconds: 10 } },
    });
  const wait = async (id: number) => {
    try {
      const response = await fetch(server.url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
        body: body(id),
      });
      return { status: response.status, text: await response.text() };
    } catch {
      // Connections of one address beyond its share are closed, the oldest first.
      return { status: 0, text: '' };
    }
  };
  sandbox.requests.clear();
  const polls = (): number => sandbox.requests.count('GET', /\/executions\//u);
  const begun = Date.now();
  const waits = Promise.all(Array.from({ length: load }, (_, id) => wait(id)));
  // The first ones are asked behind all that has just arrived.
  const costs: number[] = [];
  do costs.push(await health());
  while (polls() === 0);
  const answers = await waits;
  const seconds = (Date.now() - begun) / 1000;

  const served = answers.filter(({ status }) => status === 200);
  const refused = answers.filter(({ status }) => status === 429);
  const closed = answers.filter(({ status }) => status === 0);
  process.stdout.write(
    `${load} waits: ${served.length} served with ${polls()} polls, ${refused.length} refused, ${closed.length} closed, ` +
      `/healthz after ${Math.max(...costs)} ms of CPU; ${load} of them alone cost ${checksMs} ms\n`,
  );
  expect(served.length + refused.length + closed.length).toBe(load);
  expect(served.length).toBeGreaterThan(0);
  for (const { text } of served) expect(text).toContain('timed_out');
  for (const { text } of refused) expect(text).toContain('wait for several runs in one call');
  // One wait alone takes about five in its ten seconds. On a busy machine the waits begin one after another.
  expect(polls()).toBeLessThanOrEqual(7 + 2 * seconds);
  // What is before it in the queue of connections is read, but no work on it is waited for.
  expect(Math.max(...costs)).toBeLessThan(checksMs);
});

it(`${load} half-sent requests of one address lock nobody out`, async () => {
  const { hostname, port } = new URL(server.origin);
  const sockets: Socket[] = [];
  for (let index = 0; index < load; index += 1) {
    const socket = connect(Number(port), hostname);
    socket.on('error', () => undefined);
    socket.write('POST /mcp HTTP/1.1\r\nHost: x\r\nContent-Le');
    sockets.push(socket);
  }
  await Promise.all(
    sockets.map(
      (socket) =>
        new Promise<void>((resolve) => {
          socket.once('connect', () => resolve()).once('close', () => resolve());
        }),
    ),
  );

  const during = await health();
  const user = await connectHttpUser({ url: server.url });
  const { isError } = await user.call('list_endpoints');
  await user.close();
  for (const socket of sockets) socket.destroy();
  process.stdout.write(`${load} half-sent requests: /healthz after ${during} ms of CPU\n`);

  expect(isError).toBe(false);
  expect(during).toBeLessThan(checksMs);
});
