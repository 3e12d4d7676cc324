import { AsyncLocalStorage } from 'node:async_hooks';
import { statusAndRequestIdOf } from '../../src/api/parse-answer';
import type { Transport } from '../../src/api/transport';

const requestIdStore = new AsyncLocalStorage<string[]>();
const MAX_IDS = 20;

/**
 * Runs a call and adds to `ids` the id of each request that changes something, at most {@link MAX_IDS}. The server's
 * logs have the same ids.
 */
export const runAndCollectRequestIds = <R>(ids: string[], run: () => Promise<R>): Promise<R> =>
  requestIdStore.run(ids, run);

/** Wraps a transport so that `runAndCollectRequestIds` gets the ids of its requests. Logins do not count as changes. */
export const makeIdCollectingTransport = (transport: Transport): Transport => ({
  async send(request) {
    const answer = await transport.send(request);
    const ids = requestIdStore.getStore();
    const { requestId: id } = statusAndRequestIdOf(answer);
    const changes = request.method !== 'GET' && !request.url.endsWith('/auth/tokens');
    if (ids !== undefined && ids.length < MAX_IDS && changes && id !== undefined) ids.push(id);
    return answer;
  },
});
