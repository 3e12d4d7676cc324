import { PlatformCapability, SECRET_REFERENCE_SCHEMA } from './platform';
import type { InstanceFailure, Platform } from './platform';
import { makeVms } from './make-vms';
import type { VmSpec, SharedVmValues } from './make-vms';
import { DATASTORES, FREEBSD, NETWORK_IDS, RHEL, SLES, WINDOWS_2019, WINDOWS_2022 } from './vsphere';
import { vm as specifyVm } from './vsphere';

const vm: typeof specifyVm = (name, cpus, memoryGib, disks, more) =>
  specifyVm(name, cpus, memoryGib, disks, { identifier: `Datacenter-1/vm/${name}`, ...more });

const failing = (name: string, failure: InstanceFailure, more: Partial<VmSpec> = {}): VmSpec =>
  vm(name, 2, 4, [20], { identifier: name, behaviour: { failure }, ...more });

/** A node of a failover cluster: two disks are shared with the other node. */
const clusterNode = (identifier: string): Partial<VmSpec> => ({
  identifier,
  os: WINDOWS_2019,
  firmware: 'EFI',
  networks: ['VM Network', 'Backend'],
  sharedDisks: [
    { id: '6000c29f-c105-0001', size: 5 },
    { id: '6000c29f-c105-0002', size: 400 },
  ],
});

const SPECS: readonly VmSpec[] = [
  vm('web-01', 2, 4, [40], { identifier: 'web-01' }),
  vm('web-02', 2, 4, [40], { identifier: 'web-02' }),
  vm('web-03', 2, 4, [40], { identifier: 'web-03', os: RHEL }),
  vm('app-01', 4, 8, [60, 100], {
    identifier: 'app-01',
    os: RHEL,
    firmware: 'EFI',
    networks: ['VM Network', 'Backend'],
  }),
  vm('app-02', 4, 8, [60, 100], {
    identifier: 'app-02',
    os: RHEL,
    firmware: 'EFI',
    networks: ['VM Network', 'Backend'],
  }),
  vm('db-01', 8, 32, [80, 500], { identifier: 'db-01', os: RHEL, firmware: 'EFI', networks: ['Backend'] }),
  vm('db-02', 8, 32, [80, 500], { identifier: 'db-02', os: RHEL, firmware: 'EFI', networks: ['Backend'] }),
  vm('sap-hana-01', 32, 512, [100, 1024, 2048], {
    os: SLES,
    firmware: 'EFI',
    networks: ['Backend', 'Storage'],
  }),
  vm('win-dc-01', 4, 8, [120], { identifier: 'win-dc-01', os: WINDOWS_2022, firmware: 'EFI' }),
  vm('win-sql-01', 8, 64, [120, 800], {
    identifier: 'win-sql-01',
    os: WINDOWS_2019,
    firmware: 'EFI',
    networks: ['Backend'],
  }),
  vm('win-file-01', 4, 16, [120, 1500], { identifier: 'win-file-01', os: WINDOWS_2019 }),
  vm('exchange-01', 8, 48, [120, 600], { os: WINDOWS_2019, firmware: 'EFI' }),
  vm('jenkins', 4, 16, [200], { identifier: 'jenkins' }),
  vm('gitlab', 8, 16, [100, 500], { identifier: 'gitlab' }),
  vm('monitoring', 2, 8, [100]),
  vm('mail-01', 2, 4, [60, 300]),
  vm('proxy-01', 1, 1, [20], { networks: ['DMZ'] }),
  vm('proxy-02', 1, 1, [20], { networks: ['DMZ'] }),
  vm('firewall-01', 1, 2, [10], { os: FREEBSD, networks: ['DMZ', 'VM Network'] }),
  vm('Büro Server (1)', 2, 4, [80], { os: WINDOWS_2019 }),
  vm('test-vm-01', 1, 1, [10], { identifier: 'test-vm-01' }),
  vm('test-vm-02', 1, 1, [10], { identifier: 'test-vm-02' }),
  vm('test-vm-03', 1, 1, [10], { identifier: 'test-vm-03' }),
  vm('slow-vm', 2, 4, [40], { identifier: 'slow-vm', behaviour: { slowdown: 10 } }),
  vm('stuck-vm', 2, 4, [40], { identifier: 'stuck-vm', behaviour: { stuckAtPercent: 63 } }),
  failing('fail-validation-vm', {
    taskType: 'VALIDATE_TRANSFER_SOURCE_INPUTS',
    message:
      "The guest OS of VM 'fail-validation-vm' is either not supported or unrecognized by Coriolis: the guest ID of the VM is 'otherGuest64'",
  }),
  failing('fail-disk-quota-vm', {
    taskType: 'DEPLOY_TRANSFER_DISKS',
    message:
      'VolumeSizeExceedsAvailableQuota: Requested volume or snapshot exceeds allowed gigabytes quota. Requested 20G, quota is 1000G and ' +
      '990G has been consumed. (HTTP 413)',
  }),
  failing('fail-worker-vm', {
    taskType: 'DEPLOY_TRANSFER_TARGET_RESOURCES',
    message: 'Operation timed out after waiting 600s for the instance to be accessible via SSH.',
  }),
  failing('fail-cbt-vm', {
    taskType: 'REPLICATE_DISKS',
    atPercent: 12,
    message:
      "(vmodl.fault.InvalidArgument) {\n   dynamicType = <unset>,\n   msg = 'A specified parameter was not correct: deviceKey',\n" +
      "   faultCause = <unset>,\n   invalidProperty = 'deviceKey'\n}",
  }),
  failing('fail-replication-vm', {
    taskType: 'REPLICATE_DISKS',
    atPercent: 40,
    message: 'The ESXi host performing the CBT export refused connection.',
    event: 'Lost connection to the source host',
  }),
  failing('fail-deploy-vm', {
    taskType: 'DEPLOY_INSTANCE_RESOURCES',
    message: 'Quota exceeded for cores: Requested 2, but already used 19 of 20 cores',
  }),
  failing(
    'fail-os-morphing-vm',
    {
      taskType: 'OS_MORPHING',
      message:
        "Failed to install required packages ['cloud-init', 'qemu-guest-agent'] through yum. Error was: Command \"chroot /mnt/os yum install " +
        "cloud-init -y\" failed on host '10.0.0.7:22' with exit code: 1\nstdout: Could not resolve host: mirror.corp.example\nstd_err: ",
      event: 'Package installation failed',
    },
    { os: RHEL },
  ),
  vm('three-disks-vm', 4, 8, [10, 100, 1000], { identifier: 'three-disks-vm', os: RHEL }),
  vm('many-disks-vm', 4, 16, Array<number>(12).fill(20), { identifier: 'many-disks-vm' }),
  vm('cluster-node-01', 4, 16, [60], { ...clusterNode('cluster-node-01') }),
  vm('cluster-node-02', 4, 16, [60], { ...clusterNode('cluster-node-02') }),
  vm('secure-boot-vm', 4, 8, [80, 20], {
    identifier: 'secure-boot-vm',
    os: WINDOWS_2022,
    firmware: 'EFI',
    secureBoot: true,
    cdroms: 2,
    floppies: 1,
  }),
  vm('hang-deploy-vm', 2, 4, [20], { identifier: 'hang-deploy-vm', behaviour: { stuckTask: 'OS_MORPHING' } }),
  vm('stubborn-vm', 2, 4, [40], {
    identifier: 'stubborn-vm',
    behaviour: { stuckAtPercent: 63, ignoresCancel: true },
  }),
  vm('endless-vm', 2, 4, [20], { identifier: 'endless-vm', behaviour: { neverFinishes: true } }),
];

const STYLE: SharedVmValues = {
  flavorPrefix: 'vm',
  datastores: DATASTORES,
  networkIds: NETWORK_IDS,
  idPrefix: '5034',
};

/** A vCenter, as a source. Machines behave as their names say; see docs/sandbox.md. */
export const vmwareVspherePlatform: Platform = {
  name: 'vmware_vsphere',
  capabilityCodes: [8, 16, 32, 4096, 65536, 131072, 524288, 2097152],
  schemas: {
    [PlatformCapability.ENDPOINT]: {
      $schema: 'http://cloudbase.it/coriolis/schemas/vmware_vsphere_connection#',
      oneOf: [
        {
          type: 'object',
          properties: {
            host: {
              type: 'string',
              title: 'Host',
              description: 'Host name or address of the vCenter or ESXi host.',
            },
            port: { type: 'integer', minimum: 1, maximum: 65535, default: 443 },
            username: { type: 'string', title: 'Username' },
            password: { type: 'string', title: 'Password' },
            allow_untrusted: {
              type: 'boolean',
              title: 'Allow untrusted',
              description: 'Accept self-signed certificates.',
              default: false,
            },
          },
          required: ['host', 'username', 'password'],
          additionalProperties: false,
        },
        SECRET_REFERENCE_SCHEMA,
      ],
    },
    [PlatformCapability.TRANSFER_EXPORT]: {
      $schema: 'http://cloudbase.it/coriolis/schemas/vmware_vsphere_source_environment#',
      type: 'object',
      properties: {
        automatically_enable_cbt: {
          type: 'boolean',
          title: 'Automatically enable CBT',
          description: 'Enable changed block tracking on virtual machines that do not have it.',
          default: true,
        },
        vixdisklib_compression: {
          type: 'string',
          title: 'Transfer compression',
          description: 'How disk data is compressed on its way out of the ESXi host.',
          enum: ['none', 'zlib', 'fastlz', 'skipz'],
          default: 'none',
        },
        migr_network: {
          type: 'string',
          title: 'Migration network',
          description: 'Network of the temporary export worker, where one is needed.',
        },
        replication_count: { type: 'integer', title: 'Parallel disks', minimum: 1, maximum: 8, default: 2 },
      },
      additionalProperties: false,
    },
    [PlatformCapability.SOURCE_MINION_POOL]: {
      $schema: 'http://cloudbase.it/coriolis/schemas/vmware_vsphere_minion_pool_environment#',
      type: 'object',
      properties: { migr_network: { type: 'string' }, migr_datastore: { type: 'string' } },
      required: ['migr_network'],
      additionalProperties: false,
    },
  },
  instances: makeVms(SPECS, STYLE),
  networks: [],
  storage: null,
  sourceOptions: [
    { name: 'vixdisklib_compression', values: ['none', 'zlib', 'fastlz', 'skipz'], config_default: 'none' },
    { name: 'automatically_enable_cbt', values: [true, false], config_default: true },
    { name: 'migr_network', values: ['VM Network', 'Backend', 'Storage', 'DMZ'] },
  ],
  destinationOptions: [],
  minionPoolOptions: [
    { name: 'migr_network', values: ['VM Network', 'Backend'], config_default: 'VM Network' },
    { name: 'migr_datastore', values: ['datastore1', 'datastore2'] },
  ],
  progressStepPercent: 1,
};

/** The vCenter with additional machines after its own. */
export const makeVsphereWithMachines = (more: readonly VmSpec[]): Platform => ({
  ...vmwareVspherePlatform,
  instances: makeVms([...SPECS, ...more], STYLE),
});
