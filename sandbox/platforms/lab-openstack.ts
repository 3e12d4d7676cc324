import {
  LAB_CONNECTION_SCHEMA,
  LAB_MINION_POOL_OPTIONS,
  LAB_MINION_POOL_SCHEMA,
  LAB_SOURCE_OPTIONS,
  LAB_SOURCE_SCHEMA,
  labInstances,
} from './lab-vsphere';
import { PlatformCapability } from './platform';
import type { Platform } from './platform';

const NETWORKS = ['private', 'public', 'dmz', 'storage-net', 'lab-isolated'].map((name, position) => ({
  id: `7b0d3a10-0000-4000-8000-00000000000${position + 1}`,
  name,
}));

/** Destination platform of the recordings. */
export const labOpenstackPlatform: Platform = {
  name: 'lab_openstack',
  capabilityCodes: [
    4, 8, 16, 32, 64, 128, 512, 4096, 16384, 32768, 65536, 131072, 262144, 524288, 1048576, 2097152,
  ],
  schemas: {
    [PlatformCapability.ENDPOINT]: LAB_CONNECTION_SCHEMA,
    [PlatformCapability.TRANSFER_EXPORT]: LAB_SOURCE_SCHEMA,
    [PlatformCapability.SOURCE_MINION_POOL]: LAB_MINION_POOL_SCHEMA,
    [PlatformCapability.DESTINATION_MINION_POOL]: LAB_MINION_POOL_SCHEMA,
    [PlatformCapability.TRANSFER_IMPORT]: {
      $schema: 'http://cloudbase.it/coriolis/schemas/lab_destination_environment#',
      type: 'object',
      properties: {
        migr_network: {
          type: 'string',
          title: 'Migration network',
          description: 'Network used by the temporary migration worker.',
        },
        flavor_name: { type: 'string' },
        keypair_name: { type: 'string' },
        availability_zone: { type: 'string' },
        fip_pool_name: { type: 'string' },
        set_dhcp: { type: 'boolean', default: true },
        delete_disks_on_vm_termination: { type: 'boolean', default: false },
        security_groups: { type: 'array', items: { type: 'string' } },
        migr_image_map: {
          type: 'object',
          properties: { linux: { type: 'string' }, windows: { type: 'string' } },
          additionalProperties: false,
        },
        disk_format: { type: 'string', enum: ['raw', 'qcow2'], default: 'raw' },
        glance_upload: { type: 'boolean', default: false },
        encrypted_disks_passphrase: { type: 'string' },
        network_map: { type: 'object' },
        storage_mappings: { type: 'object' },
        lab_task_seconds: { type: 'number', minimum: 0, maximum: 600 },
      },
      required: ['migr_network'],
      additionalProperties: false,
    },
  },
  instances: labInstances,
  networks: NETWORKS,
  storage: {
    storage_backends: [
      {
        id: '5f000000-0000-4000-8000-000000000001',
        name: 'lvmdriver-1',
        additional_provider_properties: { free_gb: 1200 },
      },
      { id: '5f000000-0000-4000-8000-000000000002', name: 'ceph-ssd' },
      { id: '5f000000-0000-4000-8000-000000000003', name: 'ceph-hdd' },
    ],
    config_default: 'ceph-ssd',
  },
  sourceOptions: LAB_SOURCE_OPTIONS,
  destinationOptions: [
    { name: 'migr_network', values: NETWORKS, config_default: 'private' },
    { name: 'flavor_name', values: ['m1.small', 'm1.medium', 'm1.large'] },
    { name: 'keypair_name', values: ['admin-key', 'ops-key'] },
    { name: 'availability_zone', values: ['nova', 'az-2'], config_default: 'nova' },
    { name: 'security_groups', values: ['default', 'web', 'db'], config_default: ['default'] },
    {
      name: 'migr_image_map',
      values: [
        { os_type: 'linux', id: 'img-1', name: 'Ubuntu 22.04' },
        { os_type: 'windows', id: 'img-2', name: 'Windows 2019 Eval' },
      ],
      config_default: { linux: 'img-1', windows: 'img-2' },
    },
    { name: 'disk_format', values: ['raw', 'qcow2'] },
  ],
  minionPoolOptions: LAB_MINION_POOL_OPTIONS,
  taskSecondsField: 'lab_task_seconds',
  progressStepPercent: 10,
};
