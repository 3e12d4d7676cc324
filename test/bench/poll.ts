import { setTimeout as delay } from 'node:timers/promises';
import { axiosTransport } from '../../mcp/axiosTransport';
import { startSandbox } from '../../sandbox/sandbox';
import type { Transfer } from '../../src/model/types';
import { node } from '../support/engine';
import { coriolisOver } from './coriolis';
import { engineFor } from './engine';
import { atMost, type Benchmark } from './figure';

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
  async run() {
    const sandbox = await startSandbox({ transfers: TRANSFERS, speed: 1000 });
    try {
      const { engine, credential } = await engineFor(sandbox.connection);
      const trigger = node(
        'Trigger',
        'n8n-nodes-coriolis.coriolisTrigger',
        { events: ['deployment', 'execution'], filters: {} },
        credential,
      );
      const poller = engine.poller(trigger);
      const requestsOf = async (): Promise<{ readonly requests: number; readonly events: number }> => {
        const before = sandbox.requests.total;
        const events = (await poller.poll())?.length ?? 0;
        return { requests: sandbox.requests.total - before, events };
      };
      const baseline = await requestsOf();
      await delay(SETTLED_MS);
      const quiet = await requestsOf();

      const { client } = coriolisOver(axiosTransport({ insecure: false }), sandbox.connection);
      const { transfers } = await client.get<{ transfers: Transfer[] }>('/transfers?limit=500');
      const idle = transfers.filter(({ last_execution_status: status }) => status === 'COMPLETED');
      const counts: number[] = [];
      for (let round = 0; round < ROUNDS; round += 1) {
        const begun = sandbox.truth().length;
        for (const { id } of idle.slice(round * CHANGED, (round + 1) * CHANGED)) {
          await client.post(`/transfers/${id}/executions`, {
            execution: { shutdown_instances: false, auto_deploy: false },
          });
        }
        const deadline = Date.now() + DEADLINE_MS;
        while (sandbox.truth().length < begun + CHANGED && Date.now() < deadline) await delay(100);
        await delay(SETTLED_MS);
        const { requests, events } = await requestsOf();
        if (events !== CHANGED) throw new Error(`${events} events instead of ${CHANGED}`);
        counts.push(requests);
      }
      const among = `${TRANSFERS.toLocaleString('en-US')} transfers, default events, counted by the sandbox`;
      return [
        {
          name: `requests of a poll, ${CHANGED} transfers changed`,
          value: Math.max(...counts),
          unit: 'requests',
          against: `${among}, most of ${ROUNDS} polls that told ${CHANGED} events each`,
          budget: atMost(6),
        },
        {
          name: 'requests of a poll, nothing changed',
          value: quiet.requests,
          unit: 'requests',
          against: among,
        },
        {
          name: 'requests of the first poll',
          value: baseline.requests,
          unit: 'requests',
          against: `${among}, with the login`,
        },
      ];
    } finally {
      await sandbox.stop();
    }
  },
};
