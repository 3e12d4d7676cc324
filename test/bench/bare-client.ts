import { Agent, request } from 'node:http';
import type { Transport, TransportResponse } from '../../src/api/transport';

/** The least that a client can do: one kept connection after the other, no checks, no retries, no words for errors. */
export function bareClient(): Transport & { close(): void } {
  const agent = new Agent({ keepAlive: true, maxSockets: 16 });
  return {
    send({ method, url, headers, body }) {
      return new Promise<TransportResponse>((resolve, reject) => {
        const outgoing = request(url, { method, headers, agent }, (incoming) => {
          let text = '';
          incoming.setEncoding('utf8');
          incoming.on('data', (chunk: string) => (text += chunk));
          incoming.on('end', () =>
            resolve({
              status: incoming.statusCode ?? 0,
              headers: incoming.headers as Record<string, string>,
              body: text,
            }),
          );
        });
        outgoing.on('error', reject);
        outgoing.end(body);
      });
    },
    close: () => agent.destroy(),
  };
}
