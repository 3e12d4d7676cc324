import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { IDataObject } from 'n8n-workflow';
import { node } from '../support/engine';
import { until } from '../support/until';
import { locator, startLab, triggerType, type Lab } from './lab';

/**
 * The trigger under both schedulers of n8n, while executions end: polls of one trigger run at once, are abandoned or die at any
 * point, n8n restarts and publishes again. Each end is told once.
 *
 * n8n 2.41 has both (poll-cursor.service.js): timers of one process, which keep the state in memory and store it with events;
 * and the durable scheduler, in which each poll has a copy of the stored state. What a poll found is stored, state and events in
 * one transaction, unless n8n has abandoned the poll; polls at once (two poll times, or one that is repeated after a crash) are
 * not ordered by n8n. test/e2e/durable.test.ts does the same in a real n8n.
 */

const SEED = Number(process.env['PROPERTY_SEED'] ?? 1);
const ENDS = 8;

let lab: Lab;
beforeEach(async () => {
  lab = await startLab();
});
afterEach(() => lab.stop());

/** Numbers from 0 to below 1, the same for the same seed (mulberry32). */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A trigger of a workflow in n8n. */
interface Scheduled {
  /** Does what n8n may do between two polls, and polls: once, several times at once, or with a process that dies. */
  round(random: () => number): Promise<void>;
  /** Keys of the events for which executions were started. */
  readonly told: string[];
}

/** What becomes of a poll that has ended: n8n stores what it found, or has abandoned it after its time limit. */
type Fate = 'stored' | 'abandoned';

/** Largest number of requests after which a process may end: more than a poll sends. */
const MAX_REQUESTS = 8;
/** Times that a trigger is published again. More would only be slow: a poll after publishing waits for its turn. */
const PUBLICATIONS = 2;

const atRandom = (random: () => number, below: number): number => Math.floor(random() * below);
const keysOf = (events: readonly IDataObject[] | null): readonly string[] =>
  (events ?? []).map((event) => String(event['key']));

function durable(): Scheduled {
  const name = 'Trigger';
  const told: string[] = [];
  const key = `node:${name}`;
  const trigger = node(name, triggerType, {}, lab.credential);
  let stored: IDataObject | undefined;
  let process: string = randomUUID();
  let publications = PUBLICATIONS;
  const begun = () => {
    const begin = stored;
    const saved = begin === undefined ? undefined : { [key]: begin };
    return { begin, poller: lab.engine.poller(trigger, saved, process) };
  };
  const poll = async (fate: Fate, dies: boolean, random: () => number): Promise<void> => {
    const { begin, poller } = begun();
    const events = dies ? await poller.pollUntilDeath(atRandom(random, MAX_REQUESTS)) : await poller.poll();
    // n8n asks its database whether the workflow is still published before it stores anything.
    await sleep(random() * 20);
    // A process that ends before it has stored what its poll found is dead as well.
    if (dies || events === 'dead' || fate !== 'stored') return;
    const state = poller.saved()[key] as IDataObject | undefined;
    if (!isDeepStrictEqual(state, begin)) stored = state;
    told.push(...keysOf(events));
  };
  return {
    told,
    round: async (random) => {
      if (stored !== undefined && publications > 0 && random() > 0.8) {
        publications -= 1;
        // The poll of an activation tries the trigger: n8n stores nothing of it.
        await begun().poller.poll();
      }
      const polls = 1 + atRandom(random, 3);
      const ends = random() > 0.8;
      await Promise.all(
        Array.from({ length: polls }, async () => {
          const own: Fate = random() > 0.9 ? 'abandoned' : 'stored';
          // Of polls at once one may have been stored when the process ends in the middle of another.
          await poll(own, ends && random() > 0.3, random);
        }),
      );
      // The next process knows only what is stored.
      if (ends) process = randomUUID();
    },
  };
}

/** @param place of the trigger in its workflow, when another trigger is in the same */
function timers({
  workflow = randomUUID(),
  id = randomUUID(),
  name = 'Trigger',
}: { readonly workflow?: string; readonly id?: string; readonly name?: string } = {}): Scheduled {
  const trigger = node(name, triggerType, {}, lab.credential, { id });
  const told: string[] = [];
  let stored: IDataObject | undefined;
  let process = workflow;
  let poller = lab.engine.poller(trigger, undefined, process);
  return {
    told,
    round: async (random) => {
      // A restart, or publishing again, begins from what is stored.
      if (stored !== undefined && random() < 0.3) poller = lab.engine.poller(trigger, stored, process);
      const running = poller;
      const polls = 1 + atRandom(random, 3);
      const ends = stored !== undefined && random() > 0.8;
      await Promise.all(
        Array.from({ length: polls }, async () => {
          const dies = ends && random() > 0.3;
          const events = dies
            ? await running.pollUntilDeath(atRandom(random, MAX_REQUESTS))
            : await running.poll();
          if (dies || events === 'dead') return;
          // n8n stores the state at activation and with events.
          if (stored === undefined || events !== null) stored = running.saved();
          told.push(...keysOf(events));
        }),
      );
      if (!ends) return;
      process = `${workflow} ${randomUUID()}`;
      poller = lab.engine.poller(trigger, stored, process);
    },
  };
}

/** Two triggers of one workflow that have the same id, as in a workflow that was written by hand. */
function timersOfOneId(): readonly Scheduled[] {
  const place = { workflow: randomUUID(), id: randomUUID() };
  return [timers({ ...place, name: 'One' }), timers({ ...place, name: 'Other' })];
}

async function newTransfer(): Promise<string> {
  const [transfer] = await lab.rows('transfer.create', {
    originEndpointId: locator('vcenter'),
    destinationEndpointId: locator('openstack'),
    instances: ['web-02'],
    destinationEnvironment: { migr_network: 'private' },
  });
  return String(transfer?.['id']);
}

/** Executes two transfers in turn, `ENDS` times in all. @returns the ids of the executions */
async function runExecutions(): Promise<string[]> {
  const lanes = await Promise.all([newTransfer(), newTransfer()]);
  const ids = await Promise.all(
    lanes.map(async (transfer) => {
      const transferId = locator(transfer);
      const own: string[] = [];
      for (let count = 0; count < ENDS / lanes.length; count += 1) {
        const [execution] = await lab.rows('execution.start', { transferId });
        const executionId = locator(String(execution?.['id']));
        await lab.rows('execution.wait', { transferId, executionId, timeoutSeconds: 600 });
        own.push(String(execution?.['id']));
      }
      return own;
    }),
  );
  return ids.flat();
}

/** Polls while executions end and until all are told. @returns the ids of the executions */
async function watched(triggers: readonly Scheduled[]): Promise<string[]> {
  const random = randomNumbers(SEED);
  // The first poll of a trigger is that of its activation, alone.
  for (const trigger of triggers) await trigger.round(() => 0);
  const world = { isDone: false };
  const ends = runExecutions().finally(() => (world.isDone = true));
  while (!world.isDone) for (const trigger of triggers) await trigger.round(random);
  const expected = await ends;
  await until(
    'each execution is told by each trigger',
    async () => {
      for (const trigger of triggers) await trigger.round(random);
      return triggers;
    },
    (all) => all.every(({ told }) => expected.every((id) => told.includes(id))),
  );
  // What would be told twice comes now.
  for (let count = 0; count < 5; count += 1) for (const trigger of triggers) await trigger.round(random);
  return expected.sort();
}

test.each([
  ['timers, with restarts, polls at once and processes that end at any request', () => timers()],
  [
    'the durable scheduler, with polls that overlap, are abandoned or cut off, and publishing again',
    () => durable(),
  ],
])('%s: 0 lost, 0 doubled', async (_, start) => {
  const trigger = start();

  const expected = await watched([trigger]);

  expect(trigger.told.sort()).toEqual(expected);
});

test.each([
  ['a workflow that was imported twice, under timers,', () => [timers(), timers()]],
  ['a workflow that was imported twice, under the durable scheduler,', () => [durable(), durable()]],
  // The durable scheduler does not poll such a workflow (docs/n8n.md).
  ['a workflow with two triggers of one id, under timers,', timersOfOneId],
])('%s tells each end once in each trigger', async (_, start) => {
  const triggers = start();

  const expected = await watched(triggers);

  for (const { told } of triggers) expect(told.sort()).toEqual(expected);
});
