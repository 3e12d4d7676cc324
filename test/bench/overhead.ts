import { processRuntime } from '../../mcp/connection/process-runtime';
import type { SandboxConnection } from '../../sandbox/sandbox';
import { bareClient } from './bare-client';
import { builtCore } from './built';
import { identityOf } from './coriolis';
import { atMost, median, type Benchmark, type Figure } from './figure';
import { withSandboxProcess } from '../support/sandbox-process';

const ROUNDS = 101;
const CALLS = 100;
/** Rounds of each kind before the first round, so that compiled code is compared. */
const WARM_UP = 40;
const CONCURRENCY = 8;

/** CPU time that the core adds to a call, over the same bare client alone; both send the same request and parse the answer. */
export const overhead: Benchmark = {
  name: 'overhead',
  title: `CPU time of the core, ${ROUNDS} rounds`,
  run: () => withSandboxProcess({ transfers: 1000 }, measure),
};

async function measure(connection: SandboxConnection): Promise<readonly Figure[]> {
  const bare = bareClient();
  try {
    const { CoriolisClient } = builtCore.client();
    const session = builtCore
      .session()
      .makeKeystoneSession({ transport: bare, identity: identityOf(connection), runtime: processRuntime });
    const client = new CoriolisClient({ transport: session, runtime: processRuntime });
    const { id: token } = await session.fetchToken();
    const headers = { Accept: 'application/json', 'X-Auth-Token': token };

    const compare = async (path: string): Promise<number> => {
      const url = `${connection.coriolis_url}${path}`;
      const direct = async (): Promise<unknown> =>
        JSON.parse((await bare.send({ method: 'GET', url, headers, timeoutMs: 30_000 })).body);
      const throughCore = (): Promise<unknown> => client.get(path);
      for (let round = 0; round < WARM_UP; round += 1) {
        await cpuOf(direct);
        await cpuOf(throughCore);
      }
      const ratios: number[] = [];
      for (let round = 0; round < ROUNDS; round += 1) {
        // Who goes first changes, so that neither always pays for what the other left behind.
        if (round % 2 === 0) {
          const alone = await cpuOf(direct);
          ratios.push((await cpuOf(throughCore)) / alone);
        } else {
          const whole = await cpuOf(throughCore);
          ratios.push(whole / (await cpuOf(direct)));
        }
      }
      return (median(ratios) - 1) * 100;
    };

    const against = `CPU time over the same bare keep-alive client, median of ${ROUNDS} interleaved rounds of ${CALLS} calls`;
    const { transfers } = await client.get<{ transfers: ReadonlyArray<{ id: string }> }>(
      '/transfers?limit=1',
    );
    return [
      {
        name: 'core overhead, one transfer',
        value: await compare(`/transfers/${transfers[0]?.id ?? ''}`),
        unit: '%',
        against,
        budget: atMost(10),
      },
      {
        name: 'core overhead, page of 50 transfers',
        value: await compare('/transfers?limit=50'),
        unit: '%',
        against,
        budget: atMost(10),
      },
    ];
  } finally {
    bare.close();
  }
}

/** Microseconds of CPU time of this process for a round of calls. */
async function cpuOf(call: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  let left = CALLS;
  const worker = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      await call();
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
  const { user, system } = process.cpuUsage(before);
  return user + system;
}
