import { chain, items, node } from '../support/engine';
import { coriolisType, locator, startLab, type Lab } from './lab';
import { quiet } from '../support/quiet';
import { until } from '../support/until';

/** How the node treats its input items. */

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab.stop());
beforeEach(() => lab.sandbox.requests.clear());

const instances = ['web-01', 'web-02', 'web-03', 'app-01', 'app-02', 'db-01', 'db-02', 'jenkins', 'gitlab'];
const getInstance = { endpointId: locator('vcenter'), instance: locator('={{ $json.vm }}') };
const wanted = (names: readonly string[]) => names.map((vm) => ({ vm }));

test('results keep the order of the items and are linked to them, though several are worked on at once', async () => {
  // The first answer comes last.
  lab.sandbox.faults.add({ path: /instances\/d2ViLTAx/, fault: { kind: 'latency', ms: 300 } });

  const result = await lab.run('instance.get', getInstance, { items: wanted(instances) });

  expect(result.error).toBeUndefined();
  expect(result.rows('Coriolis').map(({ name }) => name)).toEqual(instances);
  expect(result.items('Coriolis').map(({ pairedItem }) => pairedItem)).toEqual(
    instances.map((_, item) => ({ item })),
  );
});

test('all rows of a list are linked to the item that asked for them', async () => {
  const result = await lab.run(
    'instance.getAll',
    { endpointId: locator('vcenter'), filters: { search: '={{ $json.vm }}' } },
    { items: wanted(['web', 'db']) },
  );

  const linked = result.items('Coriolis').map(({ json, pairedItem }) => [json['name'], pairedItem]);
  expect(linked).toEqual(
    expect.arrayContaining([
      ['web-01', { item: 0 }],
      ['db-01', { item: 1 }],
    ]),
  );
});

test('a later node finds the item that a result came from', async () => {
  const result = await lab.engine.runWorkflow(
    chain(
      items(...wanted(['web-01', 'db-01'])),
      lab.coriolis('instance.get', getInstance),
      node(
        'Again',
        coriolisType,
        {
          resource: 'instance',
          operation: 'get',
          endpointId: locator('vcenter'),
          instance: locator("={{ $('Start').item.json.vm }}"),
        },
        lab.credential,
      ),
    ),
  );

  expect(result.error).toBeUndefined();
  expect(result.rows('Again').map(({ name }) => name)).toEqual(['web-01', 'db-01']);
});

test('locators take ids, exact names, and what a list stored', async () => {
  const [vcenter] = await lab.rows('endpoint.get', { endpointId: locator('vcenter') });
  const id = String(vcenter?.['id']);

  for (const given of [locator(id), locator(id, 'list'), locator('vcenter'), id]) {
    const [row] = await lab.rows('endpoint.get', { endpointId: given });
    expect(row?.['id']).toBe(id);
  }
});

test.each([
  ['an array', ['db-01', 'db-02']],
  ['an array from an expression', '={{ ["db-01", "db-02"] }}'],
  ['a text with commas', '=db-01, db-02'],
  ['JSON text', '=["db-01", "db-02"]'],
])('several machines may be given as %s', async (_, given) => {
  const [transfer] = await lab.rows('transfer.create', {
    originEndpointId: locator('vcenter'),
    destinationEndpointId: locator('openstack'),
    instances: given,
    destinationEnvironment: '={{ { migr_network: "private" } }}',
  });

  expect(transfer).toMatchObject({ instances: ['db-01', 'db-02'] });
});

describe('when an item fails', () => {
  const two = { items: wanted(['web-01', 'no-such-machine', 'db-01']) };

  test('the execution fails with the words of the server, the item and what to do', async () => {
    const result = await lab.run('instance.get', getInstance, two);

    expect(result.status).toBe('error');
    expect(result.error).toMatchObject({
      message: expect.stringContaining('no-such-machine'),
      description: expect.stringContaining('list its instances'),
      httpCode: expect.stringMatching(/404|500/),
      context: expect.objectContaining({ itemIndex: 1 }),
    });
  });

  test('a node that continues puts the error in the place of the result', async () => {
    const result = await lab.run('instance.get', getInstance, {
      ...two,
      node: { onError: 'continueRegularOutput' },
    });

    expect(result.status).toBe('success');
    expect(result.rows('Coriolis')).toEqual([
      expect.objectContaining({ name: 'web-01' }),
      expect.objectContaining({
        error: expect.stringContaining('no-such-machine'),
        message: expect.stringContaining('list its instances'),
      }),
      expect.objectContaining({ name: 'db-01' }),
    ]);
    expect(result.items('Coriolis').map(({ pairedItem }) => pairedItem)).toEqual([
      { item: 0 },
      { item: 1 },
      { item: 2 },
    ]);
  });

  test('a node with an error output sends the item there, with its input', async () => {
    const result = await lab.run('instance.get', getInstance, {
      ...two,
      node: { onError: 'continueErrorOutput' },
    });

    expect(result.rows('Coriolis').map(({ name }) => name)).toEqual(['web-01', 'db-01']);
    expect(result.rows('Coriolis', 1)).toEqual([
      expect.objectContaining({
        vm: 'no-such-machine',
        error: expect.stringContaining('no-such-machine'),
      }),
    ]);
  });

  test('of a thousand, all others give their results, in order and linked to their items', async () => {
    const names = Array.from({ length: 1000 }, (_, item) => instances[item % instances.length] ?? '');
    names[617] = 'no-such-machine';

    const result = await lab.run(
      'instance.get',
      { ...getInstance, requestOptions: { itemsAtOnce: 20 } },
      { items: wanted(names), node: { onError: 'continueRegularOutput' } },
    );

    expect(result.status).toBe('success');
    const rows = result.items('Coriolis');
    expect(rows.map(({ json }, item) => (item === 617 ? 'no-such-machine' : json['name']))).toEqual(names);
    expect(rows[617]?.json).toMatchObject({ error: expect.stringContaining('no-such-machine') });
    expect(rows.map(({ pairedItem }) => pairedItem)).toEqual(names.map((_, item) => ({ item })));
  });

  test('nothing new begins after it', async () => {
    const many = { items: wanted(['no-such-machine', ...instances, ...instances]) };

    await lab.run('instance.get', { ...getInstance, requestOptions: { itemsAtOnce: 1 } }, many);

    expect(lab.sandbox.requests.entries.filter(({ path }) => path.includes('/instances/')).length).toBe(1);
  });
});

test('no items, no requests', async () => {
  const result = await lab.run('endpoint.getAll', {}, { items: [] });

  expect(result.error).toBeUndefined();
  expect(lab.sandbox.requests.total).toBe(0);
});

test('a stopped execution stops waiting at once', async () => {
  const [transfer] = await lab.rows('transfer.create', {
    originEndpointId: locator('vcenter'),
    destinationEndpointId: locator('openstack'),
    instances: ['stuck-vm'],
    destinationEnvironment: { migr_network: 'private' },
  });
  const transferId = locator(String(transfer?.['id']));
  const [execution] = await lab.rows('execution.start', { transferId });
  const executionId = locator(String(execution?.['id']));
  const stop = new AbortController();
  lab.sandbox.requests.clear();

  const running = lab.run('execution.wait', { transferId, executionId }, { signal: stop.signal });
  await until(
    'the first request of the wait',
    () => lab.sandbox.requests.total,
    (total) => total > 0,
  );
  stop.abort();
  const result = await running;

  expect(result.status).toBe('canceled');
  await quiet('the wait', () => lab.sandbox.requests.total);
});
