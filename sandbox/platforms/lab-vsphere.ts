import type { JsonObject } from '../json-object';
import type { Platform } from './platform';
import { PlatformCapability, SECRET_REFERENCE_SCHEMA } from './platform';
import { makeVms } from './make-vms';
import type { VmSpec } from './make-vms';
import { DATASTORES, FREEBSD, NETWORK_IDS, vm, WINDOWS_2019 } from './vsphere';

const TWO_NETWORKS = { networks: ['VM Network', 'Backend'] };

const SPECS: readonly VmSpec[] = [
  vm('web-frontend-01', 2, 4, [40]),
  vm('web-frontend-02', 2, 4, [40]),
  vm('web-frontend-03', 2, 4, [40]),
  vm('app-server-01', 4, 8, [60, 100], { firmware: 'EFI', ...TWO_NETWORKS }),
  vm('app-server-02', 4, 8, [60, 100], { firmware: 'EFI', ...TWO_NETWORKS }),
  vm('db-primary', 8, 32, [80, 500, 500], { firmware: 'EFI', networks: ['Backend', 'Storage'] }),
  vm('db-replica', 8, 32, [80, 500, 500], { firmware: 'EFI', networks: ['Backend', 'Storage'] }),
  vm('win-dc-01', 4, 8, [120], { os: WINDOWS_2019, firmware: 'EFI' }),
  vm('win-sql-01', 8, 64, [120, 1000], { os: WINDOWS_2019, firmware: 'EFI' }),
  vm('win-file-01', 4, 16, [120, 2000], { os: WINDOWS_2019 }),
  vm('jenkins', 4, 16, [200]),
  vm('gitlab', 8, 16, [100, 500]),
  vm('monitoring', 2, 8, [100]),
  vm('mail-01', 2, 4, [60, 300]),
  vm('proxy-01', 1, 1, [20], { networks: ['DMZ'] }),
  vm('proxy-02', 1, 1, [20], { networks: ['DMZ'] }),
  vm('bsd-firewall', 1, 2, [10], { os: FREEBSD, networks: ['DMZ', 'VM Network'] }),
  vm('test-vm-01', 1, 1, [10]),
  vm('test-vm-02', 1, 1, [10]),
  vm('test-vm-03', 1, 1, [10]),
  vm('Büro Server (1)', 2, 4, [80], { os: WINDOWS_2019, identifier: 'Datacenter/vm/Büro Server (1)' }),
  vm('no-disk-vm', 1, 0.5, []),
  vm('slow-vm', 2, 2, [20], { behaviour: { slowdown: 10 } }),
  vm('fail-replication-vm', 2, 2, [20], {
    behaviour: {
      failure: {
        taskType: 'REPLICATE_DISKS',
        atPercent: 40,
        message: "Failed to replicate disk '6000c298-0018-2000': connection reset by peer",
        event: 'Lost connection to the source host',
      },
    },
  }),
  vm('fail-deploy-vm', 2, 2, [20], {
    behaviour: {
      failure: {
        taskType: 'DEPLOY_INSTANCE_RESOURCES',
        message: 'Quota exceeded for cores: Requested 2, but already used 19 of 20 cores',
      },
    },
  }),
];

/** The connection schema that both lab platforms share. */
export const LAB_CONNECTION_SCHEMA: JsonObject = {
  $schema: 'http://cloudbase.it/coriolis/schemas/lab_connection#',
  oneOf: [
    {
      type: 'object',
      properties: {
        host: { type: 'string', title: 'Host', description: 'Host name or IP of the platform.' },
        port: { type: 'integer', minimum: 1, maximum: 65535, default: 443 },
        username: { type: 'string' },
        password: { type: 'string', title: 'Password' },
        allow_untrusted: { type: 'boolean', default: false },
        identity_api_version: { type: 'integer', enum: [2, 3] },
      },
      required: ['host', 'username', 'password'],
      additionalProperties: false,
    },
    SECRET_REFERENCE_SCHEMA,
  ],
};

/** The source environment schema that both lab platforms share. */
export const LAB_SOURCE_SCHEMA: JsonObject = {
  $schema: 'http://cloudbase.it/coriolis/schemas/lab_source_environment#',
  type: 'object',
  properties: {
    automatically_enable_cbt: {
      type: 'boolean',
      default: true,
      description: 'Enable changed block tracking on the source VM.',
    },
    vixdisklib_compression: {
      type: 'string',
      enum: ['none', 'zlib', 'fastlz', 'skipz'],
      default: 'none',
    },
    replication_count: { type: 'integer', minimum: 1, maximum: 10, default: 2 },
    lab_task_seconds: { type: 'number', minimum: 0, maximum: 600 },
  },
  additionalProperties: false,
};

/** The schema of worker pools that both lab platforms share. */
export const LAB_MINION_POOL_SCHEMA: JsonObject = {
  $schema: 'http://cloudbase.it/coriolis/schemas/lab_minion_pool_environment#',
  type: 'object',
  properties: {
    migr_network: { type: 'string' },
    migr_flavor_name: { type: 'string' },
    migr_image_name: { type: 'string' },
    use_fip: { type: 'boolean', default: false },
    lab_task_seconds: { type: 'number', minimum: 0, maximum: 600 },
  },
  required: ['migr_network'],
  additionalProperties: false,
};

export const LAB_SOURCE_OPTIONS = [
  {
    name: 'vixdisklib_compression',
    values: ['none', 'zlib', 'fastlz', 'skipz'],
    config_default: 'none',
  },
  { name: 'automatically_enable_cbt', values: [true, false], config_default: true },
  { name: 'replication_count', values: [1, 2, 4, 8] },
];

export const LAB_MINION_POOL_OPTIONS = [
  {
    name: 'migr_network',
    values: ['private', 'public', 'dmz', 'storage-net', 'lab-isolated'],
    config_default: 'private',
  },
  { name: 'migr_flavor_name', values: ['m1.small', 'm1.medium'] },
  { name: 'migr_image_name', values: ['Ubuntu 22.04', 'Windows 2019 Eval'] },
];

export const labInstances = makeVms(SPECS, {
  flavorPrefix: 'lab',
  datastores: DATASTORES,
  networkIds: NETWORK_IDS,
  idPrefix: '422a',
});

/** Source platform of the real server that was recorded (test/fixtures/recordings). */
export const labVspherePlatform: Platform = {
  name: 'lab_vsphere',
  capabilityCodes: [8, 16, 32, 4096, 65536, 131072, 524288, 2097152],
  schemas: {
    [PlatformCapability.ENDPOINT]: LAB_CONNECTION_SCHEMA,
    [PlatformCapability.TRANSFER_EXPORT]: LAB_SOURCE_SCHEMA,
    [PlatformCapability.SOURCE_MINION_POOL]: LAB_MINION_POOL_SCHEMA,
  },
  instances: labInstances,
  networks: [],
  storage: null,
  sourceOptions: LAB_SOURCE_OPTIONS,
  destinationOptions: [],
  minionPoolOptions: LAB_MINION_POOL_OPTIONS,
  taskSecondsField: 'lab_task_seconds',
  progressStepPercent: 10,
};
