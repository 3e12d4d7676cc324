import { withoutUndefined } from '../../src/model/json';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { INodeParameters } from 'n8n-workflow';
import { node } from '../support/engine';
import { coriolisType, credentialType, locator, loginOf, startLab, triggerType, type Lab } from './lab';
import { machine } from '../waves/estate';

/** What the drop-downs of the editor show. */

const estate = 250;
let lab: Lab;
beforeAll(async () => {
  lab = await startLab({ transfers: estate });
});
afterAll(() => lab.stop());
beforeEach(() => lab.sandbox.requests.clear());
afterEach(() => lab.sandbox.faults.clear());

const search = (
  method: string,
  parameters: INodeParameters = {},
  filter?: string,
  paginationToken?: string,
) =>
  lab.engine.listSearch(lab.coriolis('transfer.get', parameters), method, {
    ...withoutUndefined({ filter, paginationToken }),
  });

test('every list that the form names exists', () => {
  const { methods, description } = lab.engine.nodeTypes.getByNameAndVersion(coriolisType);
  const text = JSON.stringify(description.properties);
  const named = (key: string) =>
    [...text.matchAll(new RegExp(`"${key}":"([^"]+)"`, 'g'))].map(([, name]) => name);

  expect(named('searchListMethod').length).toBeGreaterThan(0);
  for (const name of named('searchListMethod')) expect(methods?.listSearch).toHaveProperty(String(name));
  for (const name of named('loadOptionsMethod')) expect(methods?.loadOptions).toHaveProperty(String(name));
  expect(named('resourceMapperMethod').length).toBeGreaterThan(0);
  for (const name of named('resourceMapperMethod')) {
    expect(methods?.resourceMapping).toHaveProperty(String(name));
  }
});

test('endpoints, by name and platform', async () => {
  const { results } = await search('searchEndpoint');

  expect(results.map(({ name }) => name)).toEqual(['openstack (openstack)', 'vcenter (vmware_vsphere)']);
});

test('transfers come page by page, each once, newest first', async () => {
  const seen: string[] = [];
  const pages: number[] = [];
  let token: string | undefined;
  do {
    const page = await search('searchTransfer', {}, undefined, token);
    seen.push(...page.results.map(({ value }) => String(value)));
    pages.push(page.results.length);
    token = page.paginationToken;
  } while (token !== undefined && pages.length < 10);

  expect(pages.slice(0, 2)).toEqual([100, 100]);
  expect(new Set(seen).size).toBe(seen.length);
  expect(seen.length).toBeGreaterThanOrEqual(estate);
});

test('a search looks through names, details and ids', async () => {
  const [transfer] = await lab.rows('transfer.getAll', { filters: { status: 'UNEXECUTED' } });

  const byName = await search('searchTransfer', {}, 'not executed YET');
  const byId = await search('searchTransfer', {}, String(transfer?.['id']).slice(0, 13));

  expect(byName.results.map(({ name }) => name)).toEqual([expect.stringContaining('Not executed yet')]);
  expect(byId.results.map(({ value }) => value)).toContain(transfer?.['id']);
});

test('a transfer is told by its name, its status and when, a replica without saying so', async () => {
  const { results } = await search('searchTransfer', {}, 'Web server, nightly');

  expect(results[0]?.name).toMatch(
    /^Web server, nightly replica \(COMPLETED, \d{4}-\d{2}-\d{2} \d{2}:\d{2} UTC\)$/,
  );
});

test('machines lie within the endpoint that was chosen, by id or name', async () => {
  const { results } = await search('searchInstanceInEndpointId', { endpointId: locator('vcenter') }, 'web-0');

  expect(results.map(({ value }) => value)).toEqual(expect.arrayContaining(['web-01', 'web-02', 'web-03']));
});

test('executions lie within their transfer', async () => {
  const { results: transfers } = await search('searchTransfer', {}, 'Web server, nightly');
  const transferId = locator(String(transfers[0]?.value), 'list');

  const { results } = await search('searchExecutionInTransferId', { transferId });

  expect(results.length).toBeGreaterThan(0);
  expect(results[0]?.name).toMatch(/^#\d+ \(transfer_execution, COMPLETED, /);
});

test('the multi-select of machines offers those of the origin endpoint', async () => {
  const form = lab.coriolis('transfer.create', { originEndpointId: locator('vcenter') });

  const options = await lab.engine.loadOptions(form, 'loadInstanceInOriginEndpointId');

  expect(options).toContainEqual(expect.objectContaining({ name: 'db-01', value: 'db-01' }));
});

test('an origin that is not known yet leaves it empty without an error; an expression without a value says what to do', async () => {
  const optionsOf = async (origin: string) =>
    await lab.engine.loadOptions(
      lab.coriolis('transfer.create', { originEndpointId: locator(origin) }),
      'loadInstanceInOriginEndpointId',
    );

  expect(await optionsOf('')).toEqual([]);
  // An empty value counts as not given.
  expect(await optionsOf('={{ $json.origin }}')).toEqual([
    { name: expect.stringContaining('Execute the nodes before this one'), value: '' },
  ]);
});

test('machines that were chosen are offered even then, or the editor would mark them as wrong', async () => {
  const form = lab.coriolis('transfer.create', { originEndpointId: locator(''), instances: ['web-01'] });

  expect(await lab.engine.loadOptions(form, 'loadInstanceInOriginEndpointId')).toEqual([
    { name: 'web-01', value: 'web-01' },
  ]);
});

describe('both sides of a map', () => {
  const move: INodeParameters = {
    originEndpointId: locator('vcenter'),
    destinationEndpointId: locator('openstack'),
    instances: ['app-01', 'db-01'],
  };
  const side = async (name: string, parameters: INodeParameters = move) =>
    (await search(`search${name}OfOriginEndpointIdDestinationEndpointIdInstances`, parameters)).results;

  test('networks that the chosen machines use, and who uses them', async () => {
    expect(await side('SourceNetwork')).toEqual([
      { name: 'VM Network (app-01)', value: 'VM Network' },
      { name: 'Backend (app-01, db-01)', value: 'Backend' },
    ]);
  });

  test('networks of the destination, by id', async () => {
    const [first] = await side('DestinationNetwork');

    expect(first).toEqual({ name: 'private', value: expect.stringMatching(/^[0-9a-f-]{36}$/u) });
  });

  test('disks, with what tells one from another, and storage by name', async () => {
    expect((await side('Disk'))[0]?.name).toMatch(/\(app-01 disk 1, 60 GiB, datastore\d\)$/u);
    expect(await side('SourceStorage')).toContainEqual({
      name: expect.stringContaining('datastore1'),
      value: 'datastore1',
    });
    expect(await side('DestinationStorage')).toContainEqual({
      name: 'ceph-ssd (default)',
      value: 'ceph-ssd',
    });
  });

  test('an existing transfer knows all of it', async () => {
    const { results: transfers } = await search('searchTransfer', {}, 'Web server, nightly');
    const transferId = locator(String(transfers[0]?.value), 'list');

    const { results } = await search('searchSourceNetworkOfTransferId', { transferId });

    expect(results.map(({ value }) => value)).toEqual(['VM Network']);
  });

  test('are those of the machines and transfers of all items, whose inputs the editor resolves for one', async () => {
    const { results: transfers } = await search('searchTransfer', {}, 'Web server, nightly');
    const networks = async (method: string, everyItem: INodeParameters[]) =>
      (await search(method, { ...move, everyItem })).results.map(({ value }) => value);

    expect(
      await networks('searchSourceNetworkOfOriginEndpointIdDestinationEndpointIdInstances', [
        { originEndpointId: 'vcenter', instances: ['web-01'] },
        { originEndpointId: 'vcenter', instances: 'db-01' },
        { originEndpointId: 'vcenter', instances: null },
      ]),
    ).toEqual(expect.arrayContaining(['VM Network', 'Backend']));
    expect(
      await networks('searchSourceNetworkOfTransferId', [{ transferId: String(transfers[0]?.value) }]),
    ).toEqual(['VM Network']);
  });

  test('without machines the list says what to choose first', async () => {
    await expect(side('SourceNetwork', { ...move, instances: [] })).rejects.toThrow(
      /Choose the origin endpoint and the machines first/,
    );
    await expect(side('DestinationNetwork', { instances: ['db-01'] })).rejects.toThrow(
      /Choose the destination endpoint first/,
    );
  });
});

test('the maps of a wave list what its destination has', async () => {
  const wave = lab.coriolis('wave.plan', { destinationEndpointId: locator('openstack') });
  const names = async (method: string) =>
    (await lab.engine.listSearch(wave, method)).results.map(({ name }) => name);

  expect(await names('searchDestinationNetworkOfDestinationEndpointId')).toContain('private');
  expect(await names('searchDestinationStorageOfDestinationEndpointId')).toContain('ceph-ssd (default)');
  await expect(
    lab.engine.listSearch(lab.coriolis('wave.plan', {}), 'searchDestinationNetworkOfDestinationEndpointId'),
  ).rejects.toThrow(/Choose the destination endpoint first/);
});

test('the trigger has lists for its filters', async () => {
  const trigger = node('Trigger', triggerType, {}, lab.credential);

  const { results } = await lab.engine.listSearch(trigger, 'searchEndpoint');

  expect(results).toHaveLength(2);
});

test('without the parent the list says what to choose first', async () => {
  await expect(search('searchInstanceInEndpointId')).rejects.toThrow(
    /Endpoint is missing: choose the endpoint first/,
  );
  expect(lab.sandbox.requests.total).toBe(0);
});

test('trouble is told in one short message, with what to do', async () => {
  const credential = lab.engine.credentials.add(credentialType, {
    ...loginOf(lab.sandbox),
    password: 'wrong',
  });
  const form = node('Form', coriolisType, { resource: 'endpoint', operation: 'get' }, credential);

  await expect(lab.engine.listSearch(form, 'searchEndpoint')).rejects.toThrow(
    /Keystone refused.*Check the password/,
  );
});

test('a drop-down gives up on a server that does not answer', async () => {
  const silent = createServer(() => undefined);
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const { port } = silent.address() as AddressInfo;
  const credential = lab.engine.credentials.add(credentialType, {
    ...loginOf(lab.sandbox),
    endpointOverride: `http://127.0.0.1:${port}/v1`,
  });
  const form = node('Form', coriolisType, { resource: 'endpoint', operation: 'get' }, credential);

  await expect(lab.engine.listSearch(form, 'searchEndpoint')).rejects.toThrow(
    /No (?:complete )?answer from .* within \d+ s/,
  );
  silent.closeAllConnections();
  silent.close();
});

test('a multi-select that cannot list all says so, and how to name the others', async () => {
  const many = await startLab({
    machines: Array.from({ length: 956 }, (_, index) => machine(`vm-${index + 1}`)),
  });
  try {
    const form = many.coriolis('transfer.create', { originEndpointId: locator('vcenter') });
    const options = await many.engine.loadOptions(form, 'loadInstanceInOriginEndpointId');

    expect(options).toHaveLength(501);
    expect(options[0]).toMatchObject({ name: 'Only the first 500 are listed here', value: '' });
    expect(options[0]?.description).toContain('in an expression');
  } finally {
    await many.stop();
  }
});
