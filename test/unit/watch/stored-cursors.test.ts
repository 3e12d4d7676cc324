import { CoriolisClient } from '../../../src/api/coriolis-client';
import type { Coriolis } from '../../../src/api/operation-context';
import type { Transport } from '../../../src/api/transport';
import { eventsInPollOrder } from '../../../src/watch/event-kinds';
import { pollWatch } from '../../../src/watch/poll-watch';
import type { WatchOptions } from '../../../src/watch/poll-watch';
import recorded from '../../fixtures/watch/cursors-of-0.1.0.json';

/**
 * Cursors that release 0.1.0 wrote while it watched the sandbox, each with the answers that its next poll received, the
 * events it reported and the cursor it wrote then.
 */

const world = ({ at, exchange, generation }: (typeof recorded)[number]): Coriolis => {
  const open = [...exchange];
  const isUnknownTo = (url: string) => generation === 'legacy' && /^\/(transfers|deployments)\b/u.test(url);
  const transport: Transport = {
    async send({ url }) {
      if (isUnknownTo(url)) {
        return { status: 404, headers: { 'content-type': 'text/plain' }, body: '404 Not Found' };
      }
      // The recorded client had found out before that the server speaks of replicas.
      if (url === PROBE) {
        return { status: 200, headers: { 'content-type': 'application/json' }, body: '{"replica": {}}' };
      }
      // 0.1.0 named no endpoints.
      if (url === '/endpoints') {
        return { status: 200, headers: { 'content-type': 'application/json' }, body: '{"endpoints": []}' };
      }
      const index = open.findIndex((one) => one.url === url);
      const [answer] = index === -1 ? [] : open.splice(index, 1);
      if (answer === undefined) throw new Error(`0.1.0 did not ask for ${url}`);
      const headers = { 'content-type': 'application/json', date: answer.date };
      return { status: answer.status, headers, body: JSON.stringify(answer.body) };
    },
  };
  const runtime = { clock: () => at, sleep: async () => undefined, random: () => 0.5 };
  return { ...runtime, client: new CoriolisClient({ transport, runtime }) };
};

const PROBE = '/replicas/00000000-0000-4000-8000-000000000000';

/** A stored cursor without the times up to which entries were dropped. */
const kept = ({ executions, deployments, ...rest }: (typeof recorded)[number]['after']) => {
  const part = (stored: object | undefined) =>
    stored === undefined ? {} : Object.fromEntries(Object.entries(stored).filter(([key]) => key !== 't0'));
  return {
    ...rest,
    ...(executions === undefined ? {} : { executions: part(executions) }),
    ...(deployments === undefined ? {} : { deployments: part(deployments) }),
  };
};

const optionsOf = ({ options }: (typeof recorded)[number]) => options as unknown as WatchOptions;

test('of 0.1.0 cover all its events, which are there still', () => {
  const recordedKinds = new Set(recorded.flatMap((one) => one.options.kinds));
  expect(recordedKinds.size).toBe(7);
  expect(eventsInPollOrder.map(({ kind }) => kind)).toEqual(expect.arrayContaining([...recordedKinds]));
});

describe('a cursor of 0.1.0', () => {
  test.each(recorded.map((one) => [one.name, one] as const))('%s', async (_name, one) => {
    const { events: reported, cursor } = await pollWatch(world(one), one.before, optionsOf(one));

    // 0.1.0 took the mean of the disks for the percentage, whatever their sizes; no answer here tells sizes. It counted
    // the age of a copy from the end of its sync, not from the start. Keys that it did not have are not compared.
    const facts = (event: { readonly event: string; readonly key: string }) => ({
      ...event,
      summary: '',
      reason: '',
      ...('percent' in event ? { percent: null } : {}),
      ...(event.event === 'replica_overdue' ? { occurred_at: '', key: event.key.split('@')[0] } : {}),
    });
    expect(reported.map(facts)).toMatchObject(one.events.map(facts));
    // Entries are kept longer now: everything that 0.1.0 kept is still there.
    expect(JSON.parse(JSON.stringify(cursor))).toMatchObject(kept(one.after));
  });
});
