import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { GENERATIONS } from '../../../sandbox/world/releases';
import { messageOf } from './difference';
import { BadRequestServer } from './server';

/** A request. A path without a slash at the beginning lacks the project's part, `/v1/{project}/`. */
interface Sent {
  readonly method: string;
  readonly path: string;
  readonly query?: string;
  readonly accept?: string;
  readonly contentType?: string;
  readonly body?: string;
}

/**
 * A wrong request and what the server's own code answered to it: API, conductor, scheduler, minion manager and worker of
 * releases 1.0.21 and 1.2.7 in one process, on a MariaDB, with two lab platforms. Ids are written as in an `Exchange`.
 */
interface Executed extends Sent {
  /** What is sent first, to bring the server into another state. */
  readonly before?: readonly Sent[];
  readonly status: number;
  readonly message: string;
}

const FIXTURES = join(__dirname, '../../fixtures/derived/malformed');
const JSON_TYPE = 'application/json';

const send = (server: BadRequestServer, { method, path, query, accept, contentType, body }: Sent) =>
  server.answer({
    method,
    path: path.startsWith('/') ? path : `/v1/{project}/${path}`,
    query: query ?? '',
    headers: {
      Accept: accept ?? JSON_TYPE,
      'X-Auth-Token': '<token>',
      ...(body !== undefined && { 'Content-Type': contentType ?? JSON_TYPE }),
    },
    body: body ?? null,
  });

describe.each(GENERATIONS)('wrong requests that the code of a %s server answered', (generation) => {
  const requests = JSON.parse(readFileSync(join(FIXTURES, `${generation}.json`), 'utf8')) as Executed[];

  it('get the same statuses and messages', async () => {
    let server = await BadRequestServer.start(generation);
    const different: string[] = [];
    for (const request of requests) {
      for (const first of request.before ?? []) await send(server, first);
      const { status, answer } = await send(server, request);
      const message = messageOf(answer) ?? '';
      if (status !== request.status || message !== messageOf(request.message)) {
        const { method, path, query = '', body = '' } = request;
        different.push(
          `${method} ${path} ${query} ${body}: ${request.status} ${request.message}, got ${status} ${message}`,
        );
      }
      if (request.before) {
        await server.stop();
        server = await BadRequestServer.start(generation);
      }
    }
    const { internalErrors } = server;
    await server.stop();

    expect(different).toEqual([]);
    expect(internalErrors).toEqual([]);
    expect(requests.length).toBeGreaterThan(350);
  });
});
