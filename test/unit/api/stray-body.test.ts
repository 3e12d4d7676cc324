import { Agent, request as httpRequest } from 'node:http';
import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { CoriolisClient } from '../../../src/api/coriolis-client';
import { UnreachableError } from '../../../src/api/errors';
import type { Transport } from '../../../src/api/transport';
import { below, fakeRuntime } from './support';

/**
 * Servers before 1.2.2 send a body after the headers of a 204 (docs/reference/coriolis-api.md §1.8, trap 6). It stands
 * on the wire where the next answer should begin. `fetch` drops it; Node's own HTTP client, which axios and n8n use,
 * gives up the request.
 */
const STRAY = '{"error": {"fault": "computeFault", "code": 204, "message": ""}}';

let server: Server;
let url: string;
const sockets = new Set<Socket>();
const agent = new Agent({ keepAlive: true });

beforeAll(async () => {
  const deleted = new Set<string>();
  const reply = (status: string, body: string): string =>
    `HTTP/1.1 ${status}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
  const answer = (method: string, path: string): string => {
    if (method === 'GET' && !deleted.has(path))
      return reply('200 OK', '{"execution": {"id": "e", "status": "CANCELLING"}}');
    if (method === 'GET') return reply('404 Not Found', '{"error": {"code": 404, "message": "not found"}}');
    if (method === 'DELETE') deleted.add(path);
    return reply('204 No Content', STRAY);
  };
  server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    let text = '';
    socket.on('data', (data) => {
      text += String(data);
      for (let end = text.indexOf('\r\n\r\n'); end >= 0; end = text.indexOf('\r\n\r\n')) {
        const [method = '', path = ''] = text.split(' ');
        const length = Number(/content-length: (\d+)/i.exec(text.slice(0, end))?.[1] ?? 0);
        text = text.slice(end + 4 + length);
        socket.write(answer(method, path));
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(async () => {
  agent.destroy();
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => server.close(resolve));
});

/** Over Node's own HTTP client with connections kept alive. */
const overNode: Transport = {
  send: ({ method, url: path, headers, body }) =>
    new Promise((resolve, reject) => {
      const length = body === undefined ? {} : { 'Content-Length': Buffer.byteLength(body) };
      const request = httpRequest(
        `${url}${path}`,
        { method, headers: { ...headers, ...length }, agent },
        (response) => {
          let text = '';
          response.on('data', (chunk) => (text += String(chunk)));
          response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: {}, body: text }));
        },
      );
      request.on('error', (error: Error & { code?: string }) =>
        reject(new UnreachableError('lost', error.code === undefined ? {} : { code: error.code })),
      );
      request.end(body);
    }),
};

describe.each<[string, () => Transport]>([
  ['fetch', () => below(url)],
  ['Node’s HTTP client', () => overNode],
])('a 204 with a body, over %s', (name, transport) => {
  const client = () => new CoriolisClient({ transport: transport(), runtime: fakeRuntime() });

  it('is a deletion that worked', async () => {
    await expect(client().delete(`/transfers/${name.length}`)).resolves.toBeUndefined();
  });

  it('is a cancellation that worked, when the caller can tell', async () => {
    const coriolis = client();
    const path = '/transfers/t/executions/e';
    const recover = async () =>
      (await coriolis.get<{ execution: { status: string } }>(path)).execution.status === 'CANCELLING'
        ? null
        : undefined;
    const done = coriolis.post<null | undefined>(`${path}/actions`, { cancel: null }, { recover });
    // Nothing came back from the server itself, or what `recover` found.
    expect([undefined, null]).toContain(await done);
  });

  it('does not disturb what follows', async () => {
    const coriolis = client();
    await coriolis.delete(`/deployments/${name.length}`);
    await expect(coriolis.get('/transfers/t/executions/e')).resolves.toMatchObject({
      execution: { status: 'CANCELLING' },
    });
  });
});
