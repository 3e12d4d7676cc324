import { PlatformCapability, SECRET_REFERENCE_SCHEMA } from './platform';
import type { Platform } from './platform';
import { makeVms } from './make-vms';

const NETWORKS = ['private', 'public', 'dmz', 'storage-net', 'prod-net'].map((name, position) => ({
  id: `a1c2e3f4-0000-4000-8000-00000000000${position + 1}`,
  name,
  port_security_enabled: true,
  security_groups: [
    { id: 'b7e0f1a2-0000-4000-8000-000000000001', name: 'default' },
    { id: 'b7e0f1a2-0000-4000-8000-000000000002', name: 'web' },
  ],
}));

const FLAVORS = ['m1.small', 'm1.medium', 'm1.large', 'm1.xlarge', 'r1.4xlarge'];

const MINION_POOL_SCHEMA = {
  $schema: 'http://cloudbase.it/coriolis/schemas/openstack_minion_pool_environment#',
  type: 'object',
  properties: {
    migr_network: { type: 'string' },
    migr_flavor_name: { type: 'string' },
    migr_image_name: { type: 'string' },
    use_fip: { type: 'boolean', default: false },
  },
  required: ['migr_network'],
  additionalProperties: false,
};

/** An OpenStack cloud, as a destination and a source. */
export const openstackPlatform: Platform = {
  name: 'openstack',
  capabilityCodes: [
    4, 8, 16, 32, 64, 128, 512, 4096, 16384, 32768, 65536, 131072, 262144, 524288, 1048576, 2097152,
  ],
  schemas: {
    [PlatformCapability.ENDPOINT]: {
      $schema: 'http://cloudbase.it/coriolis/schemas/openstack_connection#',
      oneOf: [
        {
          type: 'object',
          properties: {
            auth_url: {
              type: 'string',
              title: 'Authentication URL',
              description: 'The Keystone of the cloud.',
            },
            username: { type: 'string', title: 'Username' },
            password: { type: 'string', title: 'Password' },
            project_name: { type: 'string', title: 'Project' },
            user_domain_name: { type: 'string', default: 'Default' },
            project_domain_name: { type: 'string', default: 'Default' },
            identity_api_version: { type: 'integer', enum: [2, 3], default: 3 },
            allow_untrusted: { type: 'boolean', default: false },
          },
          required: ['auth_url', 'username', 'password', 'project_name'],
          additionalProperties: false,
        },
        SECRET_REFERENCE_SCHEMA,
      ],
    },
    [PlatformCapability.TRANSFER_EXPORT]: {
      $schema: 'http://cloudbase.it/coriolis/schemas/openstack_source_environment#',
      type: 'object',
      properties: {
        replica_export_mechanism: {
          type: 'string',
          title: 'Export mechanism',
          enum: ['swift_backups', 'ceph_backups', 'coriolis_backups'],
          default: 'coriolis_backups',
        },
        migr_network: { type: 'string', title: 'Migration network' },
        migr_flavor_name: { type: 'string', title: 'Flavor of the temporary worker' },
      },
      additionalProperties: false,
    },
    [PlatformCapability.TRANSFER_IMPORT]: {
      $schema: 'http://cloudbase.it/coriolis/schemas/openstack_destination_environment#',
      type: 'object',
      properties: {
        migr_network: {
          type: 'string',
          title: 'Migration network',
          description: 'Network of the temporary migration workers.',
        },
        flavor_name: { type: 'string', title: 'Flavor', description: 'Flavor of the migrated instance.' },
        keypair_name: { type: 'string', title: 'Key pair' },
        availability_zone: { type: 'string', title: 'Availability zone' },
        fip_pool_name: { type: 'string', title: 'Floating IP pool' },
        set_dhcp: {
          type: 'boolean',
          title: 'Set DHCP',
          description: 'Make the network interfaces of the guest use DHCP.',
          default: true,
        },
        port_reuse_policy: {
          type: 'string',
          title: 'Port reuse policy',
          enum: ['keep_mac', 'reuse_ports', 'replace_mac'],
          default: 'keep_mac',
        },
        delete_disks_on_vm_termination: { type: 'boolean', default: false },
        security_groups: { type: 'array', items: { type: 'string' } },
        migr_flavor_name: { type: 'string', title: 'Flavor of the temporary workers' },
        migr_image_map: {
          type: 'object',
          title: 'Worker images',
          properties: { linux: { type: 'string' }, windows: { type: 'string' } },
          additionalProperties: false,
        },
        disk_format: { type: 'string', enum: ['raw', 'qcow2'], default: 'raw' },
        encrypted_disks_passphrase: { type: 'string' },
        network_map: { type: 'object' },
        storage_mappings: { type: 'object' },
      },
      required: ['migr_network'],
      additionalProperties: false,
    },
    [PlatformCapability.SOURCE_MINION_POOL]: MINION_POOL_SCHEMA,
    [PlatformCapability.DESTINATION_MINION_POOL]: MINION_POOL_SCHEMA,
  },
  instances: makeVms(
    [
      {
        name: 'cloud-web-01',
        cpus: 2,
        memoryGib: 4,
        disks: [40],
        networks: ['private'],
        os: { type: 'linux', guestId: 'ubuntu64Guest', name: 'Ubuntu 24.04.1 LTS' },
        firmware: 'BIOS',
      },
      {
        name: 'cloud-db-01',
        cpus: 4,
        memoryGib: 16,
        disks: [40, 200],
        networks: ['private', 'storage-net'],
        os: { type: 'linux', guestId: 'ubuntu64Guest', name: 'Ubuntu 24.04.1 LTS' },
        firmware: 'EFI',
      },
    ],
    {
      flavorPrefix: 'm1',
      datastores: ['ceph-ssd', 'ceph-hdd'],
      networkIds: Object.fromEntries(NETWORKS.map(({ id, name }) => [name, id])),
      idPrefix: '0c5e',
    },
  ),
  networks: NETWORKS,
  storage: {
    storage_backends: [
      {
        id: 'c9d8e7f6-0000-4000-8000-000000000001',
        name: 'ceph-ssd',
        additional_provider_properties: { free_gb: 18000 },
      },
      {
        id: 'c9d8e7f6-0000-4000-8000-000000000002',
        name: 'ceph-hdd',
        additional_provider_properties: { free_gb: 240000 },
      },
      { id: 'c9d8e7f6-0000-4000-8000-000000000003', name: 'lvmdriver-1' },
    ],
    config_default: 'ceph-ssd',
  },
  sourceOptions: [
    {
      name: 'replica_export_mechanism',
      values: ['swift_backups', 'ceph_backups', 'coriolis_backups'],
      config_default: 'coriolis_backups',
    },
    { name: 'migr_network', values: NETWORKS.map(({ name }) => name), config_default: 'private' },
    { name: 'migr_flavor_name', values: FLAVORS, config_default: 'm1.small' },
  ],
  destinationOptions: [
    {
      name: 'migr_network',
      values: NETWORKS.map(({ id, name }) => ({ id, name })),
      config_default: 'private',
    },
    { name: 'flavor_name', values: FLAVORS },
    { name: 'keypair_name', values: ['admin-key', 'ops-key'] },
    { name: 'availability_zone', values: ['nova', 'az-2'], config_default: 'nova' },
    { name: 'security_groups', values: ['default', 'web', 'db'], config_default: ['default'] },
    { name: 'fip_pool_name', values: ['public'] },
    { name: 'migr_flavor_name', values: FLAVORS, config_default: 'm1.small' },
    {
      name: 'migr_image_map',
      values: [
        { os_type: 'linux', id: 'd4c3b2a1-0000-4000-8000-000000000001', name: 'Ubuntu 24.04 worker' },
        { os_type: 'windows', id: 'd4c3b2a1-0000-4000-8000-000000000002', name: 'Windows 2022 worker' },
      ],
      config_default: {
        linux: 'd4c3b2a1-0000-4000-8000-000000000001',
        windows: 'd4c3b2a1-0000-4000-8000-000000000002',
      },
    },
    {
      name: 'port_reuse_policy',
      values: ['keep_mac', 'reuse_ports', 'replace_mac'],
      config_default: 'keep_mac',
    },
    { name: 'disk_format', values: ['raw', 'qcow2'], config_default: 'raw' },
  ],
  minionPoolOptions: [
    { name: 'migr_network', values: NETWORKS.map(({ name }) => name), config_default: 'private' },
    { name: 'migr_flavor_name', values: FLAVORS },
    { name: 'migr_image_name', values: ['Ubuntu 24.04 worker', 'Windows 2022 worker'] },
  ],
  progressStepPercent: 1,
};
