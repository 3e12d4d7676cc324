import { CoriolisClient } from '../../../src/api/coriolis-client';
import type { Coriolis } from '../../../src/api/operation-context';
import type { Transport, TransportRequest } from '../../../src/api/transport';
import { runOnce } from '../../../src/run-once';
import { prepareCall } from '../../../src/prepared-call';
import { operationOf } from '../../support/coriolis';
import { BEGIN, dateHeader, fakeRuntime } from './support';

/** Answers to changes that are about another object: they are never believed, and what was made is looked up. */

const TRANSFER = '11111111-2222-4333-8444-555555555555';

type Answer = (request: TransportRequest) => readonly [status: number, body: unknown];

function coriolisOf(answer: Answer): Coriolis {
  const runtime = fakeRuntime();
  const transport: Transport = {
    send: async (request) => {
      const [status, body] = answer(request);
      const headers = { date: dateHeader(runtime.clock() - BEGIN), 'content-type': 'application/json' };
      return { status, headers, body: JSON.stringify(body) };
    },
  };
  return { ...runtime, client: new CoriolisClient({ transport, runtime }) };
}

const created_at = new Date(BEGIN).toISOString().replace('Z', '000');

/** A creation, the answer about another object, and the list with the own one after the creation. */
const creations: ReadonlyArray<{
  readonly operation: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly other: unknown;
  readonly before: unknown;
  readonly after: unknown;
}> = [
  {
    operation: 'licence.register',
    input: { applianceId: 'a', licencePem: '-----BEGIN LICENCE-----\nbm8=\n-----END LICENCE-----' },
    other: { licence: { id: 'of another appliance' } },
    before: { licences: [{ id: 'old' }] },
    after: { licences: [{ id: 'old' }, { id: 'own' }] },
  },
  {
    operation: 'licence.createAppliance',
    input: {},
    other: { appliance: { id: 'deleted since' } },
    before: { appliances: [{ id: 'old' }] },
    after: { appliances: [{ id: 'old' }, { id: 'own' }] },
  },
  {
    operation: 'schedule.create',
    input: { transferId: TRANSFER, hour: 3, minute: 30 },
    other: {
      schedule: { id: 'other', transfer_id: TRANSFER, schedule: { hour: 4, minute: 30 }, created_at },
    },
    before: { schedules: [] },
    after: {
      schedules: [{ id: 'own', transfer_id: TRANSFER, schedule: { hour: 3, minute: 30 }, created_at }],
    },
  },
  {
    operation: 'execution.start',
    input: { transferId: TRANSFER },
    other: { execution: { id: 'other', action_id: 'another transfer', status: 'RUNNING', created_at } },
    before: { executions: [] },
    after: {
      executions: [
        {
          id: 'own',
          action_id: TRANSFER,
          type: 'transfer_execution',
          number: 1,
          status: 'RUNNING',
          created_at,
        },
      ],
    },
  },
  {
    operation: 'region.create',
    input: { name: 'here' },
    other: { region: { id: 'other', name: 'there', created_at } },
    before: { regions: [] },
    after: { regions: [{ id: 'own', name: 'here', description: '', enabled: true, created_at }] },
  },
];

test.each(creations)(
  '$operation answered with another object finds its own',
  async ({ operation, input, other, before, after }) => {
    let posts = 0;
    const coriolis = coriolisOf(({ method, url }) => {
      if (method === 'POST') posts += 1;
      if (method === 'POST') return [200, other];
      if (/\/transfers\?/u.test(url)) return [200, { transfers: [] }];
      return [200, posts === 0 ? before : after];
    });
    const call = await prepareCall(operationOf(operation) as never, coriolis, input);

    expect(await call.run()).toMatchObject({ id: 'own' });
    expect(posts).toBe(1);
  },
);

test('a licence whose list cannot be read back is not told as registered', async () => {
  let posts = 0;
  const coriolis = coriolisOf(({ method }) => {
    if (method === 'POST') posts += 1;
    if (method === 'POST') return [200, { licence: { id: 'own' } }];
    return posts === 0 ? [200, { licences: [] }] : [500, { error: { code: 500, message: 'down' } }];
  });
  const input = { applianceId: 'a', licencePem: '-----BEGIN LICENCE-----\nbm8=\n-----END LICENCE-----' };
  const call = await prepareCall(operationOf('licence.register') as never, coriolis, input);

  await expect(call.run()).rejects.toMatchObject({ kind: 'uncertain' });
  expect(posts).toBe(1);
});

test('an appliance that an earlier call of this process created is not told twice', async () => {
  const made: Array<{ id: string }> = [];
  const coriolis = coriolisOf(({ method }) => {
    if (method === 'GET') return [200, { appliances: made }];
    made.push({ id: `appliance ${made.length + 1}` });
    return [200, { appliance: made[0] }];
  });
  const create = async () =>
    (await prepareCall(operationOf('licence.createAppliance') as never, coriolis, {})).run();

  expect(await create()).toEqual({ id: 'appliance 1' });
  expect(await create()).toEqual({ id: 'appliance 2' });
});

test('the reference of an earlier secret of this process is not believed', async () => {
  const coriolis = coriolisOf(() => [201, { secret_ref: 'https://barbican.example/v1/secrets/1' }]);
  const store = () => coriolis.client.forService('key-manager').post('/v1/secrets', {});

  await store();
  await expect(store()).rejects.toMatchObject({ kind: 'uncertain' });
});

describe('a worker service that two processes register at the same moment', () => {
  const input = { host: 'w', binary: 'coriolis-worker', topic: 'coriolis_worker', enabled: true };
  const registered = { ...input, id: 'own', status: 'UP', mapped_regions: [], created_at };
  const register = async (other: object) => {
    let posts = 0;
    const coriolis = coriolisOf(({ method }) => {
      if (method === 'GET') return [200, { services: posts === 0 ? [] : [other] }];
      posts += 1;
      return [409, { error: { code: 409, message: 'already registered' } }];
    });
    const operation = operationOf('service.create') as never;
    return await runOnce(operation, coriolis, input, () => true);
  };

  it('is told to both, to the refused one as existing', async () => {
    expect(await register(registered)).toMatchObject({ raw: { id: 'own' }, existed: true });
  });

  it('with other settings is refused in the words of the server', async () => {
    await expect(register({ ...registered, enabled: false })).rejects.toMatchObject({ kind: 'conflict' });
  });
});
