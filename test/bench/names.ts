import { makeAxiosTransport } from '../../mcp/connection/axios-transport';
import { resolveReferences } from '../../src/lookup/resolve-references';
import type { Coriolis } from '../../src/api/operation-context';
import type { Transfer } from '../../src/model/api-objects';
import { transferIdField } from '../../src/fields/common-fields';
import { fetchPaged } from '../../src/requests/object-requests';
import { list } from '../../src/vocabulary/field-constructors';
import { withSandboxProcess } from '../support/sandbox-process';
import { coriolisOver } from './coriolis';
import { atMost, median, type Benchmark, type Figure } from './figure';

const TRANSFERS = 10_000;
const MANY_TRANSFERS = 100_000;
const NAMES = 20;
const ROUNDS = 5;
const PAGE = 1000;

/** What names cost against one pass over the list that they are in. */
export const names: Benchmark = {
  name: 'names',
  title: `${NAMES} names on ${TRANSFERS.toLocaleString('en-US')} transfers`,
  run: async () => [...(await measureMany()), ...(await measureOneOfManyTransfers())],
};

const measureMany = (): Promise<readonly Figure[]> =>
  withSandboxProcess({ transfers: TRANSFERS }, async (connection) => {
    const open = () => coriolisOver(makeAxiosTransport({ insecure: false }), connection);
    const wanted = await uniqueNames(open());
    const figures: { readonly [kind in 'pass' | 'many' | 'again' | 'twentyAgain']: number[] } = {
      pass: [],
      many: [],
      again: [],
      twentyAgain: [],
    };
    for (let round = 0; round <= ROUNDS; round += 1) {
      const coriolis = open();
      // Logs in.
      await coriolis.client.get('/regions');
      const times = {
        pass: await milliseconds(() => readAll(coriolis)),
        many: await milliseconds(() => resolveList(coriolis, wanted)),
        again: await milliseconds(() => resolveOne(coriolis, wanted[0] ?? '')),
        twentyAgain: await milliseconds(() => resolveList(coriolis, wanted)),
      };
      // The first round warms both processes up.
      if (round > 0) for (const kind of kinds) figures[kind].push(times[kind]);
    }
    const pass = median(figures.pass);
    const against = `one pass over the list in pages of ${PAGE.toLocaleString('en-US')}, ${pass.toFixed(0)} ms; medians of ${ROUNDS} interleaved rounds against the sandbox`;
    const ratio = (kind: keyof typeof figures): number => median(figures[kind]) / pass;
    const unit = '× the time of a pass';
    return [
      { name: `${NAMES} names at once`, value: ratio('many'), unit, against, budget: atMost(2.5) },
      { name: 'a name again', value: ratio('again'), unit, against, budget: atMost(0.3) },
      { name: `${NAMES} names again`, value: ratio('twentyAgain'), unit, against },
    ];
  });

/** A name on a very long list: first a pass over the list, then the index and a look at the object. */
const measureOneOfManyTransfers = (): Promise<readonly Figure[]> =>
  withSandboxProcess({ transfers: MANY_TRANSFERS }, async (connection) => {
    const open = () => coriolisOver(makeAxiosTransport({ insecure: false }), connection);
    const [name = ''] = await uniqueNames(open());
    const coriolis = open();
    await coriolis.client.get('/regions');
    const pass = await milliseconds(() => readAll(coriolis));
    const first = await milliseconds(() => resolveOne(coriolis, name));
    const again = await milliseconds(() => resolveOne(coriolis, name));
    const against = `one pass over ${MANY_TRANSFERS.toLocaleString('en-US')} transfers, ${pass.toFixed(0)} ms; one round`;
    const unit = '× the time of a pass';
    return [
      { name: 'a name on 100,000 transfers', value: first / pass, unit, against, budget: atMost(2.5) },
      { name: 'the same name again', value: again / pass, unit, against, budget: atMost(0.3) },
    ];
  });

const kinds = ['pass', 'many', 'again', 'twentyAgain'] as const;

const oneField = { transferId: transferIdField };
const listField = { transferIds: list('Transfers', 'Several.', { of: { resource: 'transfer' } }) };

const resolveOne = (coriolis: Coriolis, name: string) =>
  resolveReferences(oneField, coriolis, { transferId: name }, String);
const resolveList = (coriolis: Coriolis, wanted: readonly string[]) =>
  resolveReferences(listField, coriolis, { transferIds: wanted }, String);

const transfersOf = (coriolis: Coriolis): AsyncIterable<Transfer> =>
  fetchPaged(coriolis, 'transfer', [], { pageSize: PAGE });

async function readAll(coriolis: Coriolis): Promise<number> {
  let count = 0;
  for await (const { id } of transfersOf(coriolis)) count += id === '' ? 0 : 1;
  return count;
}

/** Names that one transfer has each, from all parts of the list. */
async function uniqueNames(coriolis: Coriolis): Promise<readonly string[]> {
  const counts = new Map<string, number>();
  for await (const { notes, instances } of transfersOf(coriolis)) {
    for (const name of new Set([notes ?? '', ...instances])) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const unique = [...counts].flatMap(([name, count]) => (name !== '' && count === 1 ? [name] : []));
  const step = Math.floor(unique.length / NAMES);
  return Array.from({ length: NAMES }, (_, index) => unique[index * step] ?? '');
}

async function milliseconds(work: () => Promise<unknown>): Promise<number> {
  const begin = performance.now();
  await work();
  return performance.now() - begin;
}
