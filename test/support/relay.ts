import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** A request as the relay received it. */
export interface RelayedRequest {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly token: string | undefined;
}

/** Answers in place of the server. The request has been carried out when `answer` was asked for. */
export type Meddling = (
  response: ServerResponse,
  answer: () => Promise<{ readonly status: number; readonly body: string }>,
) => Promise<void> | void;

/** A relay on loopback that passes requests on, and answers some of them itself. */
export interface Relay {
  readonly url: string;
  /** All requests, in their order. */
  readonly requests: RelayedRequest[];
  /** Chooses the requests that the relay answers itself. */
  meddle: (request: RelayedRequest) => Meddling | undefined;
  /** Closes the relay and all its connections. */
  close(): Promise<void>;
}

/** Starts a relay in front of a server. */
export async function startRelay(target: string): Promise<Relay> {
  const sockets = new Set<Socket>();
  const server = createServer((request, response) => {
    void serve(request, response).catch(() => response.destroy());
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  const relay: Relay = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests: [],
    meddle: () => undefined,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const { method = 'GET', url: path = '/', headers } = request;
    const token = headers['x-auth-token'];
    const seen = { method, path, token: typeof token === 'string' ? token : undefined };
    relay.requests.push(seen);
    const forward = async () =>
      await fetch(target + path, {
        method,
        headers: Object.fromEntries(
          Object.entries(headers).flatMap(([name, value]) =>
            typeof value === 'string' && !CONNECTION.has(name) ? [[name, value]] : [],
          ),
        ),
        ...(parts.length === 0 ? {} : { body: Buffer.concat(parts) }),
        redirect: 'manual',
      });
    const meddling = relay.meddle(seen);
    if (meddling !== undefined) {
      await meddling(response, async () => {
        const answer = await forward();
        return { status: answer.status, body: await answer.text() };
      });
      return;
    }
    const answer = await forward();
    const body = Buffer.from(await answer.arrayBuffer());
    const passed = Object.fromEntries([...answer.headers].filter(([name]) => !CONNECTION.has(name)));
    response.writeHead(answer.status, passed).end(body);
  }
  return relay;
}

/** Headers of one connection, which are not passed on. */
const CONNECTION = new Set([
  'connection',
  'content-encoding',
  'content-length',
  'host',
  'keep-alive',
  'transfer-encoding',
]);
