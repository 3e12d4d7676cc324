import { CoriolisClient } from '../../src/api/coriolis-client';
import type { Coriolis } from '../../src/api/operation-context';
import { UnreachableError } from '../../src/api/errors';
import type { Transport, TransportRequest, TransportResponse } from '../../src/api/transport';
import type { VirtualTime } from './virtual-time';

/** Whether the answer to a creation is lost, before or after the server has received the request. */
export type Loss = 'before' | 'after' | undefined;

/**
 * Makes the context of a process of its own, in simulated time.
 *
 * @param ways milliseconds of each message on its way
 * @param isCreation tells the requests whose answers `loss` applies to
 */
export function simulatedProcess(
  server: { handle(request: TransportRequest): TransportResponse },
  time: VirtualTime,
  ways: Iterator<number>,
  loss: Loss,
  isCreation: (request: TransportRequest) => boolean,
): Coriolis {
  const travel = (): Promise<void> => time.sleep(ways.next().value as number);
  const transport: Transport = {
    async send(request) {
      await travel();
      const isLost = loss !== undefined && isCreation(request);
      const answer = isLost && loss === 'before' ? undefined : server.handle(request);
      await travel();
      if (isLost || answer === undefined) throw new UnreachableError('reset', { code: 'ECONNRESET' });
      return answer;
    },
  };
  const runtime = { clock: () => time.clock(), sleep: (ms: number) => time.sleep(ms), random: () => 0.5 };
  return { ...runtime, client: new CoriolisClient({ transport, runtime }) };
}
