import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A call of one of our tools. */
export interface Call {
  readonly name: string;
  readonly arguments: Readonly<Record<string, unknown>>;
}

/** Our call in place of one of a tool that only servers made for testing have; undefined when it is none of these. */
export type Translate = (call: Call) => Call | undefined;

export interface StandIn {
  readonly url: string;
  stop(): Promise<void>;
}

interface Message {
  readonly method?: string;
  readonly params?: Call;
}

/**
 * Stands before a server and puts its tools in the place of those that the suite calls by names of its own; everything else
 * passes as it is, headers that contradict the body too.
 */
export async function standIn(target: string, translate: Translate): Promise<StandIn> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method = 'GET', headers } = request;
      const text = Buffer.concat(chunks).toString();
      const message = (text === '' ? {} : JSON.parse(text)) as Message;
      const ours =
        message.method === 'tools/call' && message.params !== undefined
          ? translate(message.params)
          : undefined;
      const { host: _host, connection: _connection, 'content-length': _length, ...rest } = headers;
      const isTrue = ours !== undefined && rest['mcp-name'] === message.params?.name;
      fetch(target, {
        method,
        headers: {
          ...(rest as Record<string, string>),
          ...(isTrue ? { 'mcp-name': ours.name } : {}),
        },
        ...(text === ''
          ? {}
          : {
              body: JSON.stringify(
                ours === undefined ? message : { ...message, params: { ...message.params, ...ours } },
              ),
            }),
      })
        .then(async (answer) => {
          const kept = [...answer.headers].filter(
            ([name]) => !['content-length', 'transfer-encoding', 'connection'].includes(name),
          );
          response.writeHead(answer.status, Object.fromEntries(kept)).end(await answer.text());
        })
        .catch((error: unknown) => response.destroy(error instanceof Error ? error : undefined));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
