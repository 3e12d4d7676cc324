import { makeAxiosTransport } from '../../mcp/connection/axios-transport';
import { startSandbox } from '../../sandbox/sandbox';
import { coriolisOver } from './coriolis';
import { atMost, type Benchmark } from './figure';

const CALLS = 10_000;
const CONCURRENCY = 100;

/** How often Keystone is asked for a token; the sandbox counts. */
export const logins: Benchmark = {
  name: 'logins',
  title: '10,000 calls at 100-fold concurrency',
  async run() {
    const sandbox = await startSandbox();
    try {
      const { client } = coriolisOver(makeAxiosTransport({ insecure: false }), sandbox.connection);
      let left = CALLS;
      const worker = async (): Promise<void> => {
        while (left > 0) {
          left -= 1;
          await client.get('/endpoints');
        }
      };
      await Promise.all(Array.from({ length: CONCURRENCY }, worker));
      const served = sandbox.requests.count('GET', '/v1/{id}/endpoints');
      if (served !== CALLS) throw new Error(`${served} calls arrived instead of ${CALLS}`);
      return [
        {
          name: 'Keystone logins',
          value: sandbox.requests.count('POST', '/v3/auth/tokens'),
          unit: 'logins',
          against: `for ${CALLS.toLocaleString('en-US')} calls, ${CONCURRENCY} at a time, through session and axios`,
          budget: atMost(1),
        },
      ];
    } finally {
      await sandbox.stop();
    }
  },
};
