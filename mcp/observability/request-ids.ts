import { AsyncLocalStorage } from 'node:async_hooks';
import { answerDetails } from '../../src/api/parse-answer';
import type { Transport } from '../../src/api/transport';

const requestIdStore = new AsyncLocalStorage<string[]>();
const MAX_IDS = 20;

/** Runs a call and collects the request ids of its changing requests, as the server logs them, in `ids`. */
export const collectRequestIds = <R>(ids: string[], run: () => Promise<R>): Promise<R> =>
  requestIdStore.run(ids, run);

/** Wraps a transport so that `collectRequestIds` sees the ids of its requests. */
export const collectingTransport = (transport: Transport): Transport => ({
  async send(request) {
    const answer = await transport.send(request);
    const ids = requestIdStore.getStore();
    const { requestId: id } = answerDetails(answer);
    const changes = request.method !== 'GET' && !request.url.endsWith('/auth/tokens');
    if (ids !== undefined && ids.length < MAX_IDS && changes && id !== undefined) ids.push(id);
    return answer;
  },
});
