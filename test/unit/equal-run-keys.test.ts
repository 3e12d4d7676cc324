import fc from 'fast-check';
import { UncertainError } from '../../src/api/errors';
import type { TransportRequest, TransportResponse } from '../../src/api/transport';
import {
  findOrCreateMigrationTransfer,
  type MigrationInput,
} from '../../src/playbooks/migration/create-migration';
import { cases } from '../support/cases';
import { history, lost, type Caller } from '../support/late-callers';
import { simulatedProcess, type Loss } from '../support/simulated-process';
import { SimulatedRows } from '../support/simulated-rows';
import { VirtualTime } from '../support/virtual-time';

/**
 * Migrations with one run key that several processes create, in every order of their requests and with answers of any
 * lateness: one transfer is left, all callers are told of it, and no other was started. When answers are lost, a surplus
 * transfer has a caller who was told that it is uncertain.
 */

const ENDPOINTS = ['11111111-1111-4111-8111-111111111111', '22222222-2222-4222-8222-222222222222'];

const input = {
  originEndpointId: ENDPOINTS[0],
  destinationEndpointId: ENDPOINTS[1],
  instances: ['web-01'],
  destinationEnvironment: {},
  networkMap: {},
  replicationCount: 2,
  shutdownInstances: false,
  skipOsMorphing: false,
  checkInstances: false,
  runKey: 'order-7',
} as unknown as MigrationInput;

interface Row {
  readonly id: string;
  readonly created_at: string;
  readonly last_execution_status: string;
}

/** A server of transfers. */
class Transfers extends SimulatedRows<Row> {
  readonly started = new Set<string>();

  handle({ method, url, body }: TransportRequest): TransportResponse {
    const [path = ''] = url.split('?');
    const [, resource, id, action] = path.split('/');
    if (resource !== 'transfers') throw new Error(`${method} ${url}`);
    if (method === 'POST' && id === undefined) {
      const { transfer } = JSON.parse(body ?? '{}') as { transfer: object };
      return this.answer(200, { transfer: this.add({ ...transfer, last_execution_status: 'UNEXECUTED' }) });
    }
    if (id === undefined) return this.answer(200, { transfers: this.rows });
    const one = this.rows.find((row) => row.id === id);
    if (one === undefined) {
      const error = { fault: 'itemNotFound', code: 404, message: 'no such transfer' };
      return this.answer(404, { error });
    }
    if (action === 'executions') {
      this.started.add(id);
      this.rows = this.rows.map((row) => (row === one ? { ...row, last_execution_status: 'RUNNING' } : row));
      return this.answer(200, { execution: { id: 'e', action_id: id, status: 'RUNNING', number: 1 } });
    }
    if (method === 'GET') return this.answer(200, { transfer: one });
    this.delete(id);
    return this.answer(204);
  }
}

/** Plays the calls; returns what each was told, and the ids of the transfers that are left and that were started. */
async function play(
  callers: readonly Caller[],
  losses: readonly Loss[],
  ids: Iterator<string>,
  isRounding: boolean,
) {
  const time = new VirtualTime();
  const server = new Transfers(time, ids, isRounding);
  const calls = callers.map(async ({ begins, ways }, index) => {
    const coriolis = simulatedProcess(
      server,
      time,
      ways,
      losses[index],
      ({ method, url }) => method === 'POST' && url === '/transfers',
    );
    await time.sleep(begins);
    try {
      const { id } = await findOrCreateMigrationTransfer(coriolis, input);
      await coriolis.client.post(`/transfers/${id}/executions`, { execution: {} });
      return id;
    } catch (error) {
      return error;
    }
  });
  const told = await time.run(Promise.all(calls));
  return { told, left: server.ids, started: [...server.started] };
}

it('leave one transfer of which all callers are told, however late answers are', async () => {
  await fc.assert(
    fc.asyncProperty(...history, async (callers, ids, isRounding) => {
      const { told, left, started } = await play(callers, [], ids, isRounding);
      expect(told).toEqual(callers.map(() => left[0]));
      expect(left).toHaveLength(1);
      expect(started).toEqual(left);
    }),
    cases(300),
  );
});

it('tell of each surplus transfer that it is uncertain, when answers are lost', async () => {
  await fc.assert(
    fc.asyncProperty(...history, fc.infiniteStream(lost), async (callers, ids, isRounding, losses) => {
      const lossOf = callers.map(() => losses.next().value as Loss);
      const { told, left, started } = await play(callers, lossOf, ids, isRounding);
      const uncertain = told.filter((one) => one instanceof UncertainError).length;
      expect(left.length - 1).toBeLessThanOrEqual(uncertain);
      expect(started.length).toBeLessThanOrEqual(1);
      for (const one of told) {
        if (!(one instanceof UncertainError)) expect(left).toContain(one);
      }
    }),
    cases(300),
  );
});
