import { startSandbox, type Sandbox } from '../../sandbox/sandbox';
import { fetchEndpointNames } from '../../src/facts/endpoint-names';
import { fetchSampleEvents } from '../../src/watch/sample-events';
import { connect, rows } from '../support/coriolis';

/** Names of endpoints beside their ids: read once for all, and never worth an error. */

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await startSandbox();
});
afterEach(() => sandbox.stop());

const lists = (): number => sandbox.requests.count('GET', /\/endpoints$/u);

const idsByName = async (): Promise<Readonly<Record<string, string>>> =>
  Object.fromEntries(
    (await rows(connect(sandbox), 'endpoint.getAll')).map(({ row }) => [
      String(row['name']),
      String(row['id']),
    ]),
  );

it('are in events', async () => {
  const [event] = await fetchSampleEvents(connect(sandbox), { kinds: ['execution'] });

  expect(event).toMatchObject({
    origin_endpoint_name: 'vcenter',
    destination_endpoint_name: 'openstack',
  });
});

it('are read once for calls at the same time and later ones, also for ids that are gone', async () => {
  const ids = await idsByName();
  const coriolis = connect(sandbox);
  sandbox.requests.clear();

  const all = await Promise.all(
    [['vcenter'], ['openstack'], ['vcenter', 'openstack']].map((names) =>
      fetchEndpointNames(
        coriolis,
        names.map((name) => ids[name] ?? ''),
      ),
    ),
  );
  for (const names of all) expect(names.get(ids['vcenter'] ?? '')).toBe('vcenter');
  expect(lists()).toBe(1);

  for (let round = 0; round < 2; round += 1) {
    expect((await fetchEndpointNames(coriolis, ['gone', ids['vcenter'] ?? ''])).get('gone')).toBe('');
  }
  expect(lists()).toBe(2);
});

it('are read again after a while', async () => {
  const ids = Object.values(await idsByName());
  let now = Date.now();
  const coriolis = { ...connect(sandbox), clock: () => now };
  sandbox.requests.clear();

  await fetchEndpointNames(coriolis, ids);
  now += 9 * 60_000;
  await fetchEndpointNames(coriolis, ids);
  expect(lists()).toBe(1);
  now += 2 * 60_000;
  await fetchEndpointNames(coriolis, ids);
  expect(lists()).toBe(2);
});

it('are kept for a login when each call has a client of its own', async () => {
  const ids = Object.values(await idsByName());
  const login = {};
  sandbox.requests.clear();

  for (let run = 0; run < 3; run += 1)
    await fetchEndpointNames({ ...connect(sandbox), loginKey: login }, ids);

  expect(lists()).toBe(1);
});

it('are empty when the endpoints cannot be read, and read again a minute later', async () => {
  const ids = Object.values(await idsByName());
  let now = Date.now();
  const coriolis = { ...connect(sandbox), clock: () => now };
  sandbox.faults.plan('GET /endpoints status=403 times=1');

  const unknown = ids.map(() => '');
  expect([...(await fetchEndpointNames(coriolis, ids)).values()]).toEqual(unknown);
  expect([...(await fetchEndpointNames(coriolis, ids)).values()]).toEqual(unknown);
  now += 60_000;
  expect([...(await fetchEndpointNames(coriolis, ids)).values()]).not.toContain('');
});

it('stay when a later reading fails', async () => {
  const names = await idsByName();
  const ids = Object.values(names);
  let now = Date.now();
  const coriolis = { ...connect(sandbox), clock: () => now };
  await fetchEndpointNames(coriolis, ids);

  now += 11 * 60_000;
  sandbox.faults.plan('GET /endpoints status=403 times=1');

  expect((await fetchEndpointNames(coriolis, ids)).get(names['vcenter'] ?? '')).toBe('vcenter');
});
