import {
  crash,
  DEAD,
  type Expected,
  GENERIC,
  get,
  invalid,
  send,
  type DerivedRequest,
} from './derived-request';

const update = (change: object, expected: DerivedRequest['expected']): DerivedRequest =>
  send('PUT', '<transfers>/{transfer}', { '<transfer>': change }, expected);
const create = (change: object, expected: DerivedRequest['expected']): DerivedRequest =>
  send(
    'POST',
    '<transfers>',
    {
      '<transfer>': {
        origin_endpoint_id: '{source}',
        destination_endpoint_id: '{destination}',
        instances: ['a'],
        destination_environment: { migr_network: 'private' },
        network_map: {},
        ...change,
      },
    },
    expected,
  );
const ENDPOINTS_FIXED =
  "The source or destination endpoints for a Coriolis <Transfer> cannot be updated after its creation. If the credentials of any of the <Transfer>'s endpoints need updating, please update the endpoints themselves.";
const EMPTY_SCRIPT = "Empty script received. Use 'None' if the script should be removed.";

/** Wrong values in transfers. */
export const derivedTransfers: readonly DerivedRequest[] = [
  send(
    'PUT',
    '<transfers>/{transfer}',
    { scenario: 'live_migration', '<transfer>': {} },
    {
      current: invalid(
        "Changing Transfer creation scenario is not supported (original scenario is replica, received 'live_migration')",
      ),
      legacy: [200],
    },
  ),
  send('PUT', '<transfers>/{transfer}', { scenario: 'replica' }, [
    400,
    'The <transfer> update body needs to be encased inside the "<transfer>" key',
  ]),
  update({ origin_endpoint_id: 'x' }, invalid(ENDPOINTS_FIXED)),
  update({ destination_endpoint_id: 7, instances: ['x'] }, invalid(ENDPOINTS_FIXED)),
  update({ instances: ['x'] }, invalid('The list of instances of a <Transfer> cannot be updated')),
  update({ instances: [], origin_endpoint_id: '' }, [200]),
  update({ storage_mappings: { disk_mappings: [{ destination: 'x' }] } }, [
    400,
    'The <transfer> update body lacks a required attribute: "disk_id"',
  ]),
  update({ storage_mappings: { backend_mappings: [{}] } }, [
    400,
    'The <transfer> update body lacks a required attribute: "source"',
  ]),
  update({ user_scripts: { global: { linux: ' \r\n' } } }, { current: invalid(EMPTY_SCRIPT), legacy: [200] }),
  update({ user_scripts: { instances: { a: [] } } }, [200]),
  update(
    { user_scripts: { instances: { a: [{}] } } },
    { current: invalid("Invalid input received: Missing 'payload' field."), legacy: [200] },
  ),
  create(
    { instance_osmorphing_minion_pool_mappings: { b: 'x' } },
    {
      current: invalid(
        "One or more instance OSMorphing pool mappings were provided for instances (['b']) which are not part of the Transfer's declared instances (['a'])",
      ),
      legacy: invalid(
        "One or more instance OSMorphing pool mappings were provided for instances (['b']) which are not part of the Replicas's declared instances (['a'])",
      ),
    },
  ),
  create(
    { instances: [1, true, '1'] },
    invalid("Transfer action instances ([1, True, '1']) list contained duplicates: {1: 2} "),
  ),
  create(
    { instances: ['a', 'b', 'a', 'b'] },
    invalid("Transfer action instances (['a', 'b', 'a', 'b']) list contained duplicates: {'a': 2, 'b': 2} "),
  ),
  create({ instances: { a: 1 } }, invalid("Instances must be a list. Got type <class 'dict'>: {'a': 1}")),
  create({ instances: true }, invalid("Instances must be a list. Got type <class 'bool'>: True")),
  create(
    { scenario: 'Replica' },
    {
      current: invalid(
        "Unsupported Transfer creation scenario 'Replica', must be one of: ['replica', 'live_migration']",
      ),
      legacy: null,
    },
  ),
  create(
    { user_scripts: { global: { linux: [{ payload: 'x', phase: '' }, 'y'] } } },
    {
      current: invalid('Invalid input received: Invalid user script list item, expecting dict.'),
      legacy: null,
    },
  ),
  create(
    { user_scripts: { instances: { a: 5 } } },
    {
      current: invalid(
        'Invalid input received: Invalid user script format. Expecting a string or a list of dicts containing the payload and phase.',
      ),
      legacy: null,
    },
  ),
  create(
    { user_scripts: { instances: null } },
    invalid(
      'Invalid input received: "instances" must be a mapping between the identifiers of the instances in the Replica/Migration and their respective scripts.',
    ),
  ),
  create(
    { user_scripts: { global: [] } },
    invalid(
      'Invalid input received: "global" must be a mapping between the identifiers of the supported OS types and their respective scripts.',
    ),
  ),
];

const schedule = (
  body: unknown,
  expected: DerivedRequest['expected'],
  method: 'POST' | 'PUT' = 'POST',
): DerivedRequest =>
  send(
    method,
    method === 'POST' ? '<transfers>/{transfer}/schedules' : '<transfers>/{transfer}/schedules/{schedule}',
    body,
    expected,
  );
const outside = (
  name: string,
  value: number,
  bound: 'minimum' | 'maximum',
  [low, high]: readonly [number, number],
): Expected => [
  400,
  `Schema validation failed: ${value} is ${bound === 'maximum' ? 'greater' : 'less'} than the ${bound} of ${bound === 'maximum' ? high : low}\n\nFailed validating '${bound}' in schema['properties']['${name}']:\n    {'maximum': ${high}, 'minimum': ${low}, 'type': 'integer'}\n\nOn instance['${name}']:\n    ${value}`,
];

/** Wrong values in schedules. */
export const derivedSchedules: readonly DerivedRequest[] = [
  schedule({ schedule: { dow: 7 } }, outside('dow', 7, 'maximum', [0, 6])),
  schedule({ schedule: { dom: 0 } }, outside('dom', 0, 'minimum', [1, 31])),
  schedule({ schedule: { month: 13, minute: 3 } }, outside('month', 13, 'maximum', [1, 12]), 'PUT'),
  schedule({ schedule: { minute: -1 } }, outside('minute', -1, 'minimum', [0, 59]), 'PUT'),
  schedule({ schedule: {}, expiration_date: '2001-01-01T00:00:00Z' }, [
    400,
    'expiration_date is in the past',
  ]),
  schedule({ expiration_date: '2001-01-01T00:00:00Z' }, [400, 'expiration_date is in the past'], 'PUT'),
  schedule({ schedule: {}, expiration_date: 'tomorrow' }, [400, "Unable to parse date string 'tomorrow'"]),
  schedule({ expiration_date: 'tomorrow' }, [400, "Unable to parse date string 'tomorrow'"], 'PUT'),
  schedule({ enabled: true }, [400, 'schedule is required']),
  schedule({ schedule: null }, [400, 'schedule is required']),
];

const pool = (change: object, expected: DerivedRequest['expected']): DerivedRequest =>
  send(
    'POST',
    'minion_pools',
    {
      minion_pool: {
        name: 'p',
        endpoint_id: '{destination}',
        os_type: 'linux',
        platform: 'destination',
        environment_options: { migr_network: 'private' },
        skip_allocation: true,
        ...change,
      },
    },
    expected,
  );
const changedPool = (change: object, expected: DerivedRequest['expected']): DerivedRequest =>
  send('PUT', 'minion_pools/{pool}', { minion_pool: change }, expected);

/** Wrong values in minion pools and their actions. */
export const derivedPools: readonly DerivedRequest[] = [
  pool(
    { os_type: 'beos', platform: 'x' },
    invalid(
      "The provided pool OS type 'beos' is invalid. Must be one of the following: ['bsd', 'linux', 'osx', 'solaris', 'windows']",
    ),
  ),
  pool(
    { platform: 'source', os_type: 'windows', endpoint_id: DEAD },
    invalid("Source Minion Pools are required to be of OS type 'linux', not 'windows'."),
  ),
  pool({ endpoint_id: DEAD, minimum_minions: 0 }, invalid(`Endpoint with ID '${DEAD}' not found.`)),
  pool({ minimum_minions: 0 }, invalid("'minimum_minions' must be a strictly positive integer. Got: 0")),
  pool(
    { minimum_minions: 3, maximum_minions: 2 },
    invalid("'maximum_minions' value (2) must be at least as large as the 'minimum_minions' value (3)."),
  ),
  pool(
    { minimum_minions: null, maximum_minions: 2 },
    invalid("'<' not supported between instances of 'int' and 'NoneType'"),
  ),
  pool(
    { minion_max_idle_time: 0, maximum_minions: 4 },
    invalid("'minion_max_idle_time' must be a strictly positive integer. Got: 4"),
  ),
  pool(
    { minion_retention_strategy: 'keep' },
    invalid(
      "Invalid minion pool retention strategy 'keep'. Must be one of the following: ['delete', 'poweroff']",
    ),
  ),
  changedPool(
    { endpoint_id: null, platform: 'x' },
    invalid("The 'endpoint_id' of a minion pool cannot be updated."),
  ),
  changedPool({ platform: 'destination' }, invalid("The 'platform' of a minion pool cannot be updated.")),
  changedPool(
    { minion_retention_strategy: '' },
    invalid(
      "Invalid minion pool retention strategy ''. Must be one of the following: ['delete', 'poweroff']",
    ),
  ),
  changedPool(
    { minimum_minions: 5 },
    invalid("'maximum_minions' value (1) must be at least as large as the 'minimum_minions' value (5)."),
  ),
  changedPool(
    { minion_max_idle_time: -1 },
    invalid("'minion_max_idle_time' must be a strictly positive integer. Got: 1"),
  ),
  send('POST', 'minion_pools/{pool}/actions', { deallocate: 'now' }, crash),
  send('POST', 'minion_pools/{pool}/actions', { deallocate: [] }, [200]),
  send('POST', 'minion_pools/{pool}/actions', { refresh: 'x' }, [
    400,
    "Minion machines for pool '{pool}' cannot be healthchecked as the pool is in 'DEALLOCATED' state instead of the expected ['ALLOCATED'].",
  ]),
];

/** Wrong values in executions, deployments and queries. */
export const derivedRuns: readonly DerivedRequest[] = [
  send('POST', '<transfers>/{transfer}/executions/{execution}/actions', { cancel: 'x' }, crash),
  send('POST', '<transfers>/{transfer}/executions/{execution}/actions', { cancel: 0 }, [
    400,
    "<Transfer> '{transfer}' has no running execution to cancel.",
  ]),
  send('POST', '<deployments>/{deployment}/actions', { cancel: { force: 'no' } }, [
    400,
    "<Deployment> '{deployment}' is not currently running",
  ]),
  send('POST', '<deployments>/{deployment}/actions', { cancel: [1] }, crash),
  send('POST', '<transfers>/{transfer}/executions', { execution: null }, crash),
  send(
    'POST',
    '<deployments>',
    { '<deployment>': { '<transfer>_id': '' } },
    {
      current: invalid(
        "Missing 'transfer_id' field from deployment body. A deployment can be created strictly based on an existing Transfer.",
      ),
      legacy: [400, 'The migration creation body lacks a required attribute: "origin_endpoint_id"'],
    },
  ),
  send(
    'POST',
    '<deployments>',
    { '<deployment>': { '<transfer>_id': '{transfer}', user_scripts: 'x' } },
    {
      current: invalid('Invalid input received: "user_scripts" must be of JSON object format'),
      legacy: invalid('"user_scripts" must be of JSON object format'),
    },
  ),
  get('<transfers>?show_deleted=maybe', [200]),
  get('<transfers>/{transfer}/schedules?show_expired=maybe', crash),
  get('<transfers>/{transfer}/executions?status=PENDING', {
    current: [400, 'Unknown task execution status: PENDING'],
    legacy: null,
  }),
  get('<deployments>?status=UNEXECUTED', {
    current: [400, 'Unknown deployment status: UNEXECUTED'],
    legacy: null,
  }),
  get('<transfers>?limit=1.0', { current: [400, 'Invalid integer: 1.0'], legacy: [200] }),
];

const migration = (change: object, message: string, isPrefixed = true): DerivedRequest =>
  send(
    'POST',
    'migrations',
    {
      migration: {
        origin_endpoint_id: '{source}',
        destination_endpoint_id: '{destination}',
        instances: ['a'],
        destination_environment: { migr_network: 'private' },
        network_map: {},
        ...change,
      },
    },
    { current: null, legacy: isPrefixed ? invalid(message) : [400, message] },
  );

/** Migrations without a replica, which only the legacy generation has. */
export const derivedMigrations: readonly DerivedRequest[] = [
  migration({ replication_count: 0 }, "'replication_count' must be an integer between 1 and 10. Got: 0"),
  migration(
    { replication_count: 11, origin_endpoint_id: DEAD },
    "'replication_count' must be an integer between 1 and 10. Got: 11",
  ),
  migration({ replication_count: 'x' }, "invalid literal for int() with base 10: 'x'"),
  migration({ replication_count: '2.5' }, "invalid literal for int() with base 10: '2.5'"),
  migration({ instances: [] }, 'No instance identifiers provided for transfer action.'),
  migration({ instances: 'a' }, "Instances must be a list. Got type <class 'str'>: a"),
  migration(
    { instance_osmorphing_minion_pool_mappings: { b: 'x' }, replication_count: 0 },
    "One or more instance OSMorphing pool mappings were provided for instances (['b']) which are not part of the migration's declared instances (['a'])",
  ),
  migration(
    { user_scripts: { global: 5 } },
    '"global" must be a mapping between the identifiers of the supported OS types and their respective scripts.',
  ),
  migration({ user_scripts: { instances: { a: 'x' } }, instances: null }, GENERIC, false),
  migration({ origin_endpoint_id: DEAD }, `Endpoint with ID '${DEAD}' not found.`),
  send(
    'POST',
    'migrations',
    {},
    {
      current: null,
      legacy: [400, 'The migration creation body needs to be encased inside the "migration" key'],
    },
  ),
  send('POST', 'migrations', { migration: null }, { current: null, legacy: crash }),
  send('POST', 'migrations', { migration: [] }, { current: null, legacy: crash }),
];
