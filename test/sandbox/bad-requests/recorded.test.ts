import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { GENERATIONS } from '../../../sandbox/world/releases';
import { agreement, messageOf } from './difference';
import type { Exchange } from './exchange';
import { BadRequestServer } from './server';

const FIXTURES = join(__dirname, '../../fixtures/recordings/malformed');

/** The texts of the database, which quote the server's SQL and its stack of calls. */
const QUOTES_SQL = /pymysql|dict can not be used as parameter/;

/** The shares of recorded answers whose status, shape and message the sandbox must give. */
const GOALS = { status: 0.99, shape: 0.99, message: 0.97 };

describe.each(GENERATIONS)('malformed requests recorded on a server of the %s generation', (generation) => {
  const exchanges = JSON.parse(readFileSync(join(FIXTURES, `${generation}.json`), 'utf8')) as Exchange[];

  it('are answered as recorded', async () => {
    let server = await BadRequestServer.start(generation);
    const different: string[] = [];
    const agreed = { status: 0, shape: 0, message: 0 };
    for (const exchange of exchanges) {
      const answer = await server.answer(exchange);
      const same = agreement(exchange, answer);
      for (const key of ['status', 'shape', 'message'] as const) agreed[key] += Number(same[key]);
      const text = messageOf(exchange.answer) ?? '';
      const differs = !same.status || !same.shape || (!same.message && !QUOTES_SQL.test(text));
      if (differs) {
        different.push(
          `${exchange.name}: ${exchange.status} ${text}, got ${answer.status} ${messageOf(answer.answer)}`,
        );
      }
      if (exchange.method !== 'GET' && answer.status < 300) {
        await server.stop();
        server = await BadRequestServer.start(generation);
      }
    }
    const { internalErrors } = server;
    await server.stop();

    expect(different).toEqual([]);
    expect(internalErrors).toEqual([]);
    for (const key of ['status', 'shape', 'message'] as const) {
      expect(agreed[key] / exchanges.length).toBeGreaterThanOrEqual(GOALS[key]);
    }
  });
});
