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

/** What becomes of a poll: n8n stores what it found, abandons it after its time limit, or ends before it has stored it. */
type Fate = 'stored' | 'abandoned' | 'killed';

function durable(): Scheduled {
  const name = 'Trigger';
  const told: string[] = [];
  const key = `node:${name}`;
  const trigger = node(name, triggerType, {}, lab.credential);
  let stored: IDataObject | undefined;
  let process: string = randomUUID();
  const poll = async (fate: () => Fate, random: () => number): Promise<void> => {
    const begin = stored;
    const saved = begin === undefined ? undefined : { [key]: begin };
    const poller = lab.engine.poller(trigger, saved, process);
    const events = await poller.poll();
    // n8n asks its database whether the workflow is still published before it stores anything.
    await sleep(random() * 20);
    if (fate() !== 'stored') return;
    const state = poller.saved()[key] as IDataObject | undefined;
    if (!isDeepStrictEqual(state, begin)) stored = state;
    told.push(...(events ?? []).map((event) => String(event['key'])));
  };
  return {
    told,
    round: async (random) => {
      const polls = 1 + Math.floor(random() * 3);
      const isKilled = random() > 0.8;
      await Promise.all(
        Array.from({ length: polls }, async () => {
          const own: Fate = random() > 0.9 ? 'abandoned' : 'stored';
          await poll(() => (isKilled ? 'killed' : own), random);
        }),
      );
      // The next process knows only what is stored.
      if (isKilled) process = randomUUID();
    },
  };
}

function timers(): Scheduled {
  const trigger = node('Trigger', triggerType, {}, lab.credential);
  const told: string[] = [];
  let stored: IDataObject | undefined;
  let poller = lab.engine.poller(trigger);
  return {
    told,
    round: async (random) => {
      // A restart, or publishing again, begins from what is stored.
      if (stored !== undefined && random() < 0.3) poller = lab.engine.poller(trigger, stored);
      const running = poller;
      const polls = 1 + Math.floor(random() * 3);
      await Promise.all(
        Array.from({ length: polls }, async () => {
          const events = await running.poll();
          // n8n stores the state at activation and with events.
          if (stored === undefined || events !== null) stored = running.saved();
          told.push(...(events ?? []).map((event) => String(event['key'])));
        }),
      );
    },
  };
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
  const everyTold = () => triggers.flatMap(({ told }) => told);
  await until(
    'each execution is told',
    async () => {
      for (const trigger of triggers) await trigger.round(random);
      return everyTold();
    },
    (told) => expected.every((id) => told.includes(id)),
  );
  // What would be told twice comes now.
  for (let count = 0; count < 5; count += 1) for (const trigger of triggers) await trigger.round(random);
  return expected.sort();
}

test.each([
  ['timers, with restarts and polls at once', () => timers()],
  ['the durable scheduler, with polls that overlap, die or are abandoned', () => durable()],
])('%s: 0 lost, 0 doubled', async (_, start) => {
  const trigger = start();

  const expected = await watched([trigger]);

  expect(trigger.told.sort()).toEqual(expected);
});

test.each([
  ['timers', () => [timers(), timers()]],
  ['the durable scheduler', () => [durable(), durable()]],
])('a workflow that was imported twice under %s tells each end once in each', async (_, start) => {
  const triggers = start();

  const expected = await watched(triggers);

  for (const { told } of triggers) expect(told.sort()).toEqual(expected);
});
