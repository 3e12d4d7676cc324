import { setTimeout as delay } from 'node:timers/promises';
import { makeAxiosTransport } from '../../mcp/connection/axios-transport';
import { startSandbox, type Sandbox } from '../../sandbox/sandbox';
import type { Transfer } from '../../src/model/api-objects';
import { node } from '../support/engine';
import { coriolisOver } from './coriolis';
import { engineFor } from './engine';
import { atMost, median, type Benchmark, type Figure } from './figure';

const TRANSFERS = 10_000;
const CHANGED = 5;
const ROUNDS = 3;
/** Final statuses younger than two whole seconds are not believed yet. */
const SETTLED_MS = 3500;
const DEADLINE_MS = 60_000;

/** What one poll of the Coriolis Trigger asks the server; the sandbox counts. */
export const poll: Benchmark = {
  name: 'poll',
  title: `one poll, ${TRANSFERS.toLocaleString('en-US')} transfers, ${CHANGED} changed`,
  run: async () => [
    ...(await measure('executions', ['execution'])),
    ...(await measure('executions and deployments', ['deployment', 'execution'], 1)),
    ...(await measure('executions and stalls', ['execution', 'execution_stalled'], 2)),
    ...(await measure('executions and minion pools', ['execution', 'minion_pool_error'], 1)),
    ...(await measure('executions and overdue replicas', ['execution', 'replica_overdue'], 21)),
    ...(await measure('executions and missed runs', ['execution', 'schedule_missed'], 21)),
    await measureNamedFilter(),
  ],
};

/** @param more requests that the other kinds may add, whatever the number of transfers */
async function measure(what: string, events: readonly string[], more = 0): Promise<readonly Figure[]> {
  const sandbox = await startSandbox({ transfers: TRANSFERS, speed: 1000 });
  try {
    const { engine, credential } = await engineFor(sandbox.connection);
    const parameters = { events: [...events], filters: {} };
    const poller = engine.poller(
      node('Trigger', 'n8n-nodes-coriolis.coriolisTrigger', parameters, credential),
    );
    const requestsOf = async (expected: number): Promise<number> => {
      const before = sandbox.requests.total;
      const told = (await poller.poll())?.length ?? 0;
      if (told !== expected) throw new Error(`The trigger told ${told} events instead of ${expected}`);
      return sandbox.requests.total - before;
    };
    await requestsOf(0);
    const quiet = await requestsOf(0);
    const transfers = await idleTransfers(sandbox);
    const counts: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      await execute(sandbox, transfers.slice(round * CHANGED, (round + 1) * CHANGED));
      counts.push(await requestsOf(CHANGED));
    }
    const against = `trigger for ${what}, ${TRANSFERS.toLocaleString('en-US')} transfers, counted by the sandbox`;
    return [
      {
        name: `requests of a poll for ${what}, ${CHANGED} transfers changed`,
        value: median(counts),
        unit: 'requests',
        against: `${against}, median of ${ROUNDS} polls, most ${Math.max(...counts)}`,
        budget: atMost(6 + more),
      },
      { name: `requests of a poll for ${what}, nothing changed`, value: quiet, unit: 'requests', against },
    ];
  } finally {
    await sandbox.stop();
  }
}

/** A filter with the name of a transfer: the first poll looks it up in the list, later ones look at the transfer. */
async function measureNamedFilter(): Promise<Figure> {
  const sandbox = await startSandbox({ transfers: TRANSFERS, speed: 1000 });
  try {
    const { engine, credential } = await engineFor(sandbox.connection);
    const filters = { transferId: { __rl: true, mode: 'id', value: await nameOfOne(sandbox) } };
    const parameters = { events: ['execution'], filters };
    const poller = engine.poller(
      node('Trigger', 'n8n-nodes-coriolis.coriolisTrigger', parameters, credential),
    );
    await poller.poll();
    const first = sandbox.requests.total;
    await poller.poll();
    return {
      name: 'requests of a poll for executions of a transfer by its name, nothing changed',
      value: sandbox.requests.total - first,
      unit: 'requests',
      against: `${TRANSFERS.toLocaleString('en-US')} transfers; the first poll took ${first} with the login`,
      budget: atMost(2),
    };
  } finally {
    await sandbox.stop();
  }
}

async function nameOfOne({ connection }: Sandbox): Promise<string> {
  const { client } = coriolisOver(makeAxiosTransport({ insecure: false }), connection);
  const { transfers } = await client.get<{ transfers: Transfer[] }>('/transfers?limit=1');
  return transfers[0]?.notes ?? transfers[0]?.instances[0] ?? '';
}

async function idleTransfers({ connection }: Sandbox): Promise<readonly string[]> {
  const { client } = coriolisOver(makeAxiosTransport({ insecure: false }), connection);
  const { transfers } = await client.get<{ transfers: Transfer[] }>('/transfers?limit=500');
  return transfers.filter(({ last_execution_status: status }) => status === 'COMPLETED').map(({ id }) => id);
}

/** Executes the transfers and waits until all have ended, and long enough for their ends to be believed. */
async function execute(sandbox: Sandbox, transfers: readonly string[]): Promise<void> {
  const { client } = coriolisOver(makeAxiosTransport({ insecure: false }), sandbox.connection);
  const ended = sandbox.listFinishedRuns().length + transfers.length;
  for (const id of transfers) {
    await client.post(`/transfers/${id}/executions`, {
      execution: { shutdown_instances: false, auto_deploy: false },
    });
  }
  const deadline = Date.now() + DEADLINE_MS;
  while (sandbox.listFinishedRuns().length < ended && Date.now() < deadline) await delay(100);
  await delay(SETTLED_MS);
}
