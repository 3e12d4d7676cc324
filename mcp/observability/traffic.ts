import { AsyncLocalStorage } from 'node:async_hooks';
import type { Transport } from '../../src/api/transport';

const collecting = new AsyncLocalStorage<string[]>();
const MOST_IDS = 20;

/** Runs a call, and puts the ids that the server gives to its changing requests, for its own logs, into `ids`. */
export const collectRequestIds = <R>(ids: string[], run: () => Promise<R>): Promise<R> =>
  collecting.run(ids, run);

/** A transport that tells the call that is running the ids of its requests. */
export const tracked = (transport: Transport): Transport => ({
  async send(request) {
    const answer = await transport.send(request);
    const ids = collecting.getStore();
    const id = answer.headers['x-openstack-request-id'] ?? answer.headers['x-compute-request-id'];
    const changes = request.method !== 'GET' && !request.url.endsWith('/auth/tokens');
    if (ids !== undefined && ids.length < MOST_IDS && changes && id !== undefined) ids.push(id);
    return answer;
  },
});
