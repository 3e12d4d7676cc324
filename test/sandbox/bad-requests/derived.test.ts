import { GENERATIONS, type Generation } from '../../../sandbox/world/releases';
import { derivedBodies, derivedUnknownIds } from './derived-ids-and-bodies';
import type { DerivedRequest } from './derived-request';
import {
  derivedMigrations,
  derivedPools,
  derivedRuns,
  derivedSchedules,
  derivedTransfers,
} from './derived-values';
import { messageOf } from './difference';
import { BadRequestServer } from './server';

const derivedRequests: readonly DerivedRequest[] = [
  ...derivedBodies,
  ...derivedUnknownIds,
  ...derivedTransfers,
  ...derivedSchedules,
  ...derivedPools,
  ...derivedRuns,
  ...derivedMigrations,
];

const WORDS: Readonly<Record<Generation, Readonly<Record<string, string>>>> = {
  current: { transfer: 'transfer', deployment: 'deployment' },
  legacy: { transfer: 'replica', deployment: 'migration' },
};

/** Writes the words of a generation into a text. */
const inWords = (text: string, generation: Generation): string =>
  text.replaceAll(
    /<([tTdD])(ransfer|eployment)(s?)>/g,
    (_match, first: string, rest: string, plural: string) => {
      const word = WORDS[generation][first.toLowerCase() + rest] ?? '';
      return (first === first.toUpperCase() ? word.charAt(0).toUpperCase() + word.slice(1) : word) + plural;
    },
  );

const expectedOf = ({ expected }: DerivedRequest, generation: Generation) =>
  'current' in expected ? expected[generation] : expected;

describe.each(GENERATIONS)('wrong requests to a sandbox of the %s generation', (generation) => {
  it('are answered as the source of the server answers them', async () => {
    let server = await BadRequestServer.start(generation);
    const told: string[] = [];
    const wanted: string[] = [];
    for (const request of derivedRequests) {
      const expected = expectedOf(request, generation);
      if (expected === null) continue;
      const { method, body, contentType } = request;
      const text = body === undefined ? null : typeof body === 'string' ? body : JSON.stringify(body);
      const [path = '', query = ''] = inWords(request.path, generation).split('?');
      const headers = { Accept: 'application/json', 'X-Auth-Token': '<token>' };
      const answer = await server.answer({
        method,
        path: `/v1/{project}/${path}`,
        query,
        headers: contentType === undefined ? headers : { ...headers, 'Content-Type': contentType },
        body: text === null ? null : inWords(text, generation),
      });
      const about = `${method} ${path} ${text ?? ''} ${contentType ?? ''}`;
      const [status, message = null] = expected;
      const said = message === null ? null : messageOf(answer.answer);
      told.push(`${about}: ${answer.status} ${said}`);
      wanted.push(`${about}: ${status} ${message === null ? null : messageOf(inWords(message, generation))}`);
      if (method !== 'GET' && answer.status < 300) {
        await server.stop();
        server = await BadRequestServer.start(generation);
      }
    }
    const { internalErrors } = server;
    await server.stop();

    expect(told).toEqual(wanted);
    expect(internalErrors).toEqual([]);
    expect(told.length).toBeGreaterThan(90);
  });
});
