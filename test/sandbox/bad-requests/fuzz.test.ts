import { randomInt } from 'node:crypto';
import { GENERATIONS } from '../../../sandbox/world/releases';
import { Random } from '../../../sandbox/world/random';
import { isObject } from '../contract/shape';
import { cases } from '../../support/cases';
import { generate } from './generator';
import type { Answered } from './difference';
import { BadRequestServer } from './server';

/** The names that the server gives its faults (`coriolis/api/wsgi.py`). */
const FAULTS: Readonly<Record<number, string>> = {
  400: 'badRequest',
  403: 'forbidden',
  404: 'itemNotFound',
  409: 'conflictingRequest',
  500: 'computeFault',
  503: 'serviceUnavailable',
};

/** Why an answer is none of the real server; null for one that could be. */
function problemOf({ status, contentType, answer }: Answered): string | null {
  if (status === 204 || status === 302) return null;
  if (status >= 200 && status < 300)
    return isObject(answer) || typeof answer === 'string' ? null : 'no object';
  const fault = FAULTS[status];
  if (fault === undefined) return `status ${status}`;
  // The pages of the router, which have no fault.
  if (status === 404 && (typeof answer === 'string' || answer === null)) return null;
  if (!isObject(answer)) return `an answer of type ${contentType}`;
  if (status === 404 && answer['title'] === 'Not Found') return null;
  const error = answer['error'];
  if (!isObject(error) || error['fault'] !== fault || error['code'] !== status) return 'no fault';
  const { message } = error;
  if (typeof message !== 'string' || message === '') return 'no message';
  return /undefined|\[object Object\]|Cannot read prop|is not a function/.test(message) ? message : null;
}

describe.each(GENERATIONS)('bad requests to a sandbox of the %s generation', (generation) => {
  it('never get an answer that the real server could not give', async () => {
    const { numRuns, seed = randomInt(2 ** 31) } = cases(150);
    const random = new Random(seed);
    let server = await BadRequestServer.start(generation);
    const problems: string[] = [];
    for (let count = 1; count <= numRuns; count += 1) {
      const request = generate(generation, random);
      const answer = await server.answer(request);
      const problem = problemOf(answer);
      const [error] = server.internalErrors;
      if (problem !== null || error !== undefined) {
        problems.push(
          `${request.method} ${request.path}?${request.query} ${request.body}: ${problem ?? String(error)}`,
        );
      }
      if (error !== undefined || count % 100 === 0) {
        await server.stop();
        server = await BadRequestServer.start(generation);
      }
    }
    await server.stop();

    expect({ seed, problems }).toEqual({ seed, problems: [] });
  });
});
