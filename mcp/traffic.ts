import { AsyncLocalStorage } from 'node:async_hooks';
import type { Transport } from '../src/api/transport';

/** What one call of a tool has asked of Coriolis and Keystone so far. */
interface Traffic {
  requests: number;
  /** The ids that the server gave to requests that change something, for its own logs. */
  readonly ids: string[];
}

const current = new AsyncLocalStorage<Traffic>();
const MOST_IDS = 20;

/** Runs one call of a tool; its requests are counted for it. */
export const countingTraffic = <R>(run: () => Promise<R>): Promise<R> =>
  current.run({ requests: 0, ids: [] }, run);

/** Ids of the changing requests of the call that is running. */
export const requestIds = (): readonly string[] => current.getStore()?.ids ?? [];

/** A transport whose requests count for the call that sends them. */
export const countedTransport = (transport: Transport): Transport => ({
  async send(request) {
    const traffic = current.getStore();
    if (traffic !== undefined) traffic.requests += 1;
    const answer = await transport.send(request);
    const id = answer.headers['x-openstack-request-id'] ?? answer.headers['x-compute-request-id'];
    const changes = request.method !== 'GET' && !request.url.endsWith('/auth/tokens');
    if (traffic !== undefined && changes && id !== undefined && traffic.ids.length < MOST_IDS) {
      traffic.ids.push(id);
    }
    return answer;
  },
});
