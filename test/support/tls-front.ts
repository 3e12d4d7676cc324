import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { generate } from 'selfsigned';

/** A self-signed certificate for 127.0.0.1, which is its own authority. */
export const certificate = () =>
  generate([{ name: 'commonName', value: 'coriolis.test' }], {
    keySize: 2048,
    algorithm: 'sha256',
    days: 1,
    extensions: [
      { name: 'basicConstraints', cA: true },
      { name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] },
    ],
  });

interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** A server that ends TLS before another one, as the load balancers of real installations do. */
export interface TlsFront {
  /** `https://` and its address, without a path. */
  readonly url: string;
  readonly cert: string;
  /** Chooses the requests that the front answers itself. */
  answer: (asked: { readonly method: string; readonly path: string }) => Answer | undefined;
  /** Changes the bodies of the answers that it passes on. */
  rewrite: (body: string) => string;
  /** Closes the front and all its connections. */
  close(): void;
}

/** Starts a front for the http server at `target`. */
export async function startTlsFront(target: string): Promise<TlsFront> {
  const { private: key, cert } = certificate();
  const { hostname, port } = new URL(target);
  const server = createServer({ key, cert }, (asked, response) => {
    const { method = 'GET', url: path = '/', headers } = asked;
    const own = front.answer({ method, path });
    if (own !== undefined) {
      asked.resume();
      response.writeHead(own.status, own.headers).end(own.body);
      return;
    }
    const onward = request({ hostname, port, method, path, headers }, (answered) => {
      void bodyOf(answered).then((body) => {
        const { 'content-length': _length, 'transfer-encoding': _encoding, ...rest } = answered.headers;
        response.writeHead(answered.statusCode ?? 502, rest).end(front.rewrite(body));
      });
    });
    asked.pipe(onward);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const front: TlsFront = {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cert,
    answer: () => undefined,
    rewrite: (body) => body,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
  return front;
}

async function bodyOf(answered: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of answered) parts.push(part as Buffer);
  return Buffer.concat(parts).toString('utf8');
}
