import fc from 'fast-check';
import { UncertainError } from '../../src/api/errors';
import type { TransportRequest, TransportResponse } from '../../src/api/transport';
import { prepareCall } from '../../src/prepared-call';
import { cases } from '../support/cases';
import { history, lost, type Caller } from '../support/late-callers';
import { operationOf } from '../support/coriolis';
import { simulatedProcess, type Loss } from '../support/simulated-process';
import { SimulatedRows } from '../support/simulated-rows';
import { VirtualTime } from '../support/virtual-time';

/**
 * Equal calls of several processes, in every order of their requests and with answers of any lateness: one object is left, and
 * all callers are told of it. When answers are lost, a surplus object has a caller who was told that it is uncertain.
 */

interface Region {
  readonly id: string;
  readonly name: string;
  readonly created_at: string;
}

/** A server of regions. */
class Regions extends SimulatedRows<Region> {
  handle({ method, url, body }: TransportRequest): TransportResponse {
    if (method === 'POST') {
      const { region } = JSON.parse(body ?? '{}') as { region: Region };
      return this.answer(200, { region: this.add(region) });
    }
    if (method === 'GET') return this.answer(200, { regions: this.rows });
    const isKnown = this.delete(url.slice(url.lastIndexOf('/') + 1));
    return isKnown ? this.answer(204) : this.answer(404, { message: 'no such region' });
  }
}

/** Plays equal calls; returns what each was told, and the ids that are left. */
async function play(
  callers: readonly Caller[],
  losses: readonly Loss[],
  ids: Iterator<string>,
  isRounding: boolean,
) {
  const time = new VirtualTime();
  const server = new Regions(time, ids, isRounding);
  const operation = operationOf('region.create');
  if (operation.kind !== 'single') throw new Error('region.create makes one region');
  const calls = callers.map(async ({ begins, ways }, index) => {
    const coriolis = simulatedProcess(server, time, ways, losses[index], ({ method }) => method === 'POST');
    await time.sleep(begins);
    const call = await prepareCall(operation, coriolis, { name: 'equal' });
    return await call.runOnce().then(
      ([result]) => String(result['id']),
      (error: unknown) => error,
    );
  });
  const told = await time.run(Promise.all(calls));
  return { told, left: server.ids };
}

it('makes one object and tells all callers of it, however late answers are', async () => {
  await fc.assert(
    fc.asyncProperty(...history, async (callers, ids, isRounding) => {
      const { told, left } = await play(callers, [], ids, isRounding);
      expect(left).toHaveLength(1);
      expect(told).toEqual(callers.map(() => left[0]));
    }),
    cases(300),
  );
});

it('tells of each surplus object that it is uncertain, when answers are lost', async () => {
  await fc.assert(
    fc.asyncProperty(...history, fc.infiniteStream(lost), async (callers, ids, isRounding, losses) => {
      const lossOf = callers.map(() => losses.next().value as Loss);
      const { told, left } = await play(callers, lossOf, ids, isRounding);
      const uncertain = told.filter((one) => one instanceof UncertainError).length;
      expect(left.length - 1).toBeLessThanOrEqual(uncertain);
      for (const one of told) {
        if (!(one instanceof UncertainError)) expect(left).toContain(one);
      }
    }),
    cases(300),
  );
});
