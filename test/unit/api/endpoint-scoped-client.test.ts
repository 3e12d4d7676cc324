import type { ApiClient } from '../../../src/api/api-client';
import { CoriolisClient } from '../../../src/api/coriolis-client';
import { ForbiddenError } from '../../../src/api/errors';
import { EndpointScopedClient } from '../../../src/api/endpoint-scoped-client';
import { failure, fakeRuntime, scripted } from './support';

/** A client with one method more than `EndpointScopedClient` knows. */
interface GrownClient extends ApiClient {
  patch(path: string): Promise<void>;
}

/** The type check fails here as soon as a method that nobody scoped is let through. */
// @ts-expect-error: `EndpointScopedClient` has no `patch`, so that it cannot stand for a client that has one.
const unscoped = (client: EndpointScopedClient): GrownClient => client;

const { transport, requests } = scripted(({ url }) => ({
  body: url.startsWith('/endpoints')
    ? { endpoints: [{ id: 'mine', name: 'vcenter' }] }
    : { transfer: { id: 't', origin_endpoint_id: 'mine', destination_endpoint_id: 'other' } },
}));
const scoped = new EndpointScopedClient(new CoriolisClient({ transport, runtime: fakeRuntime() }), [
  'vcenter',
]);

it('is no client with a method that nobody scoped', () => {
  expect(unscoped(scoped)).not.toHaveProperty('patch');
});

it.each<[string, (client: ApiClient) => Promise<unknown>]>([
  ['get', (client) => client.get('/transfers/t')],
  ['getWithDate', (client) => client.getWithDate('/transfers/t')],
  ['post', (client) => client.post('/transfers/t/executions', { execution: {} })],
  ['put', (client) => client.put('/transfers/t', {})],
  ['delete', (client) => client.delete('/transfers/t')],
  [
    'rows',
    async (client) =>
      await client.getRows('/transfers/t/executions', 'executions')[Symbol.asyncIterator]().next(),
  ],
])('refuses what belongs to other endpoints: %s, also under a signal', async (_method, call) => {
  for (const client of [scoped, scoped.withDefaults({ signal: new AbortController().signal })]) {
    requests.length = 0;
    expect(await failure(call(client))).toBeInstanceOf(ForbiddenError);
    expect(requests.filter(({ method }) => method !== 'GET')).toEqual([]);
  }
});
