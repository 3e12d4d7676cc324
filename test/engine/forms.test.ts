import type { INodeParameters } from 'n8n-workflow';
import { answerSchema } from '../support/provider-schema';
import { locator, startLab, type Lab } from './lab';

/** Forms that providers' schemas describe, as the editor fetches them, and what becomes of what is filled in. */

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab.stop());
afterEach(() => lab.sandbox.faults.clear());

const move: INodeParameters = {
  originEndpointId: locator('vcenter'),
  destinationEndpointId: locator('openstack'),
  instances: ['web-01'],
};

const form = (method: string, parameters: INodeParameters = move, operation = 'transfer.create') =>
  lab.engine.mapperFields(lab.coriolis(operation, parameters), method);

/** A filled-in form as the editor stores it. */
const filled = async (method: string, value: INodeParameters): Promise<INodeParameters> => ({
  mappingMode: 'defineBelow',
  value,
  schema: (await form(method)).fields as unknown as INodeParameters[],
});

test('the fields are those of whatever schema the platform has', async () => {
  answerSchema(
    lab.sandbox,
    { mode: { type: 'string', enum: ['fast', 'safe'] }, retries: { type: 'integer' } },
    ['mode'],
  );

  const { fields } = await form('mapDestinationInDestinationEndpointId');

  expect(fields).toEqual([
    expect.objectContaining({ id: 'mode', type: 'options', required: true }),
    expect.objectContaining({ id: 'retries', type: 'number', required: false }),
  ]);
});

test('titles, types, defaults and what is required come from the schema, choices from the platform', async () => {
  const { fields } = await form('mapDestinationInDestinationEndpointId');

  expect(fields[0]).toMatchObject({
    id: 'migr_network',
    displayName: 'Migration Network',
    type: 'options',
    required: true,
    removed: false,
    defaultValue: expect.stringMatching(/^[0-9a-f-]{36}$/u),
    options: expect.arrayContaining([{ name: 'private', value: expect.any(String) }]),
  });
  expect(fields.find(({ id }) => id === 'set_dhcp')).toMatchObject({
    type: 'boolean',
    required: false,
    removed: true,
    defaultValue: true,
  });
  // The schema has no title for this one.
  expect(fields.find(({ id }) => id === 'delete_disks_on_vm_termination')?.displayName).toBe(
    'Delete Disks on VM Termination',
  );
  expect(fields.find(({ id }) => id === 'disk_format')?.options).toEqual([
    { name: 'raw', value: 'raw' },
    { name: 'qcow2', value: 'qcow2' },
  ]);
});

test('an object with fixed keys is spread, each key with its own choices', async () => {
  const { fields } = await form('mapDestinationInDestinationEndpointId');

  expect(fields.find(({ id }) => id === 'migr_image_map.linux')).toMatchObject({
    displayName: 'Worker Images: Linux',
    type: 'options',
    options: [{ name: 'Ubuntu 24.04 worker', value: expect.any(String) }],
  });
});

test('maps have inputs of their own and are not in the form', async () => {
  const { fields } = await form('mapDestinationInDestinationEndpointId');

  expect(fields.map(({ id }) => id)).not.toContain('network_map');
});

test('of alternative connections the one by reference is an input of its own, and passwords are marked', async () => {
  const { fields } = await form(
    'mapConnectionInType',
    { type: locator('vmware_vsphere') },
    'endpoint.create',
  );

  expect(fields.filter(({ required }) => required).map(({ displayName }) => displayName)).toEqual([
    'Host',
    'Username',
    'Password (Secret)',
  ]);
  expect(fields.map(({ id }) => id)).not.toContain('secret_ref');
});

test('a minion pool has the form of its side', async () => {
  const { fields } = await form(
    'mapMinionPoolInEndpointId',
    { endpointId: locator('openstack'), platform: 'destination' },
    'minionPool.create',
  );

  expect(fields.map(({ id }) => id)).toContain('migr_flavor_name');
});

test('an update asks for nothing and begins with what is there', async () => {
  const { results } = await lab.engine.listSearch(lab.coriolis('transfer.get'), 'searchTransfer', {
    filter: 'Web server, nightly',
  });
  const transferId = locator(String(results[0]?.value), 'list');

  const { fields } = await form('mapDestinationInTransferId', { transferId }, 'transfer.update');

  expect(fields.filter(({ required }) => required)).toEqual([]);
  expect(fields.find(({ id }) => id === 'migr_network')?.defaultValue).toBe('private');
});

describe('when there is no form', () => {
  test('the notice says what to choose first', async () => {
    const { fields, emptyFieldsNotice } = await form('mapSourceInOriginEndpointId', {});

    expect(fields).toEqual([]);
    expect(emptyFieldsNotice).toMatch(/Choose the origin endpoint first/);
  });

  // The editor sends null for an expression without a value.
  test.each([
    ['an expression', '={{ $json.endpoint }}'],
    ['null', null as unknown as string],
  ])('an endpoint that is %s, before anything has run, says what to do', async (_, value) => {
    const { fields, emptyFieldsNotice } = await form('mapSourceInOriginEndpointId', {
      originEndpointId: { ...locator(''), value },
    });

    expect(fields).toEqual([]);
    expect(emptyFieldsNotice).toMatch(
      /^Origin Endpoint is an expression without a value yet\. Execute the nodes before this one, or choose/u,
    );
  });

  test('the notice says what is wrong, and that JSON works', async () => {
    const { fields, emptyFieldsNotice } = await form('mapSourceInOriginEndpointId', {
      originEndpointId: locator('no such endpoint'),
    });

    expect(fields).toEqual([]);
    expect(emptyFieldsNotice).toMatch(/no endpoint has the id or the exact name .*JSON works/);
  });

  test('a platform that offers no choices leaves free text', async () => {
    lab.sandbox.faults.add({
      path: /destination-options/,
      fault: { kind: 'status', status: 503 },
    });

    const { fields } = await form('mapDestinationInDestinationEndpointId');

    expect(fields.find(({ id }) => id === 'migr_network')).toMatchObject({ type: 'string', required: true });
  });
});

describe('what is filled in', () => {
  /** Values that the platform offers; n8n refuses others unless an expression gives them. */
  const network = 'a1c2e3f4-0000-4000-8000-000000000001';
  const image = 'd4c3b2a1-0000-4000-8000-000000000001';

  const create = async (parameters: INodeParameters) => {
    const [transfer] = await lab.rows('transfer.create', { ...move, ...parameters });
    return transfer;
  };

  test('is sent with the types of the schema and its levels, and empty fields are left out', async () => {
    const transfer = await create({
      destinationEnvironmentForm: await filled('mapDestinationInDestinationEndpointId', {
        migr_network: network,
        set_dhcp: false,
        'migr_image_map.linux': image,
        security_groups: '["default", "web"]',
        flavor_name: null,
      }),
      sourceEnvironmentForm: await filled('mapSourceInOriginEndpointId', { replication_count: '3' }),
    });

    expect(transfer).toMatchObject({
      destination_environment: {
        migr_network: network,
        set_dhcp: false,
        migr_image_map: { linux: image },
        security_groups: ['default', 'web'],
      },
      source_environment: { replication_count: 3 },
    });
    expect(transfer?.['destination_environment']).not.toHaveProperty('flavor_name');
  });

  test('may be given by expressions', async () => {
    const transfer = await create({
      destinationEnvironmentForm: await filled('mapDestinationInDestinationEndpointId', {
        migr_network: '={{ "pri" + "vate" }}',
      }),
    });

    expect(transfer).toMatchObject({ destination_environment: { migr_network: 'private' } });
  });

  test('gives way to JSON, with or without a word about which', async () => {
    const destinationEnvironmentForm = await filled('mapDestinationInDestinationEndpointId', {
      migr_network: network,
    });
    for (const more of [{}, { specifyDestinationEnvironment: 'json' }] as INodeParameters[]) {
      const transfer = await create({
        destinationEnvironmentForm,
        destinationEnvironment: '{"migr_network": "private"}',
        ...more,
      });

      expect(transfer).toMatchObject({ destination_environment: { migr_network: 'private' } });
    }
  });
});

test('rows of a wave may have wildcards, and its destination form is that of the platform', async () => {
  const result = await lab.run('wave.plan', {
    ...move,
    table: 'machine\nweb-01\ndb-01',
    destinationEnvironmentForm: await filled('mapDestinationInDestinationEndpointId', {
      migr_network: 'a1c2e3f4-0000-4000-8000-000000000001',
    }),
    networkMapRows: { rows: [{ source: 'VM*', destination: locator('private', 'list') }] },
    moreRows: { storageMappings: [{ source: '*', destination: locator('ceph-ssd', 'list') }] },
  });

  expect(result.error).toBeUndefined();
  const [plan, web] = result.items('Coriolis').map(({ json }) => json);
  expect(plan).toMatchObject({ unmapped: [{ kind: 'network', name: 'Backend', machines: ['db-01'] }] });
  expect(web).toMatchObject({
    machine: 'web-01',
    settings: {
      destination_environment: { migr_network: 'a1c2e3f4-0000-4000-8000-000000000001' },
      network_map: { 'VM Network': 'private' },
      storage_mappings: { backend_mappings: [{ destination: 'ceph-ssd' }] },
    },
  });
});

test('the default storage is chosen from that of the destination', async () => {
  const { results } = await lab.engine.listSearch(
    lab.coriolis('transfer.create', move),
    'searchDestinationStorageOfOriginEndpointIdDestinationEndpointIdInstances',
  );
  const chosen = results.find(({ name }) => name.includes('default'));

  const [transfer] = await lab.rows('transfer.create', {
    ...move,
    destinationEnvironment: '{"migr_network": "private"}',
    options: { defaultStorage: locator(String(chosen?.value), 'list') },
  });

  expect(transfer).toMatchObject({ storage_mappings: { default: 'ceph-ssd' } });
});

describe('a schedule shows its next runs before it is saved', () => {
  const runs = async (parameters: INodeParameters): Promise<string> =>
    String((await form('foreseeScheduleCreate', parameters, 'schedule.create')).emptyFieldsNotice);

  test('from what is filled in, wherever the form keeps it', async () => {
    expect(await runs({ minute: 30, hour: 3, options: { dayOfMonth: 1 } })).toMatch(
      /^Fires at 03:30 UTC on day 1 of the month\. Next, in UTC: ([A-Z][a-z]{2} 1 [A-Z][a-z]{2} \d{4}, 03:30(; )?){5}\.$/,
    );
  });

  test('a time zone is turned into UTC', async () => {
    expect(await runs({ minute: 0, hour: 12, options: { timeZone: 'Asia/Tokyo' } })).toContain(
      'at 03:00 UTC',
    );
  });

  test('nothing, or nonsense, is said to be so', async () => {
    expect(await runs({})).toMatch(/at least a minute/);
    expect(await runs({ hour: 5 })).toMatch(/without a minute fires .*Give a minute/);
    expect(await runs({ minute: 0, hour: 3, options: { timeZone: 'Mars' } })).toMatch(/not a time zone/);
  });

  test('and takes them as filled in', async () => {
    const [transfer] = await lab.rows('transfer.getAll');

    const [schedule] = await lab.rows('schedule.create', {
      transferId: locator(String(transfer?.['id'])),
      minute: 30,
      hour: 3,
      dayOfWeek: 0,
    });

    expect(schedule).toMatchObject({ when: 'at 03:30 UTC on Monday' });
  });
});
