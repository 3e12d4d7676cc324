import { AWS_TYPE_PATTERN, OPENSTACK_TYPE_PATTERN, VMWARE_TYPE_PATTERN } from './platform-patterns';
import type { KnownError } from './known-error';

/**
 * Known errors of the destination, in matching order: capacity, resources, addresses, temporary workers, disk writes.
 */
export const destinationErrors: readonly KnownError[] = [
  {
    id: 'quota-exceeded',
    scope: 'any',
    pattern:
      /Quota exceeded|exceeds allowed .{0,40}quota|VolumeSizeExceedsAvailableQuota|(?:Volume|Instance|Cores|Port|FloatingIp)\w*LimitExceeded|Maximum number of \w+ allowed|OverQuota|QuotaExceeded/i,
    title: 'Destination quota exceeded',
    cause:
      'The destination project has no quota left (cores, RAM, volumes, gigabytes, ports, addresses); temporary workers count too.',
    remedy: 'Raise the quota or delete leftovers, run fewer at once, then repeat the failed step.',
    category: 'capacity/quota',
    retry: 'after_fix',
    evidence: 'recording',
  },
  {
    id: 'no-valid-host',
    scope: 'any',
    pattern: /No valid host was found|Filtering removed all hosts|No allocation candidates/i,
    title: 'No host or back end fits',
    cause: 'The destination scheduler found no host or back end for that flavour, zone or volume type.',
    remedy:
      'Choose another flavour or zone, or add capacity; check image properties such as UEFI or secure boot.',
    category: 'capacity/quota',
    retry: 'after_fix',
    evidence: 'code',
  },
  {
    id: 'flavor-not-found',
    scope: 'any',
    pattern: /Flavor ['"][^'"]*['"] could not be found|No flavor (?:matching|found)|FlavorNotFound/i,
    title: 'Flavour does not exist',
    cause: 'The named flavour (of the VM or of the temporary worker) does not exist in that project.',
    remedy: 'Pick one from the destination options and update transfer or pool.',
    category: 'configuration',
    retry: 'after_fix',
    evidence: 'recording',
  },
  {
    id: 'worker-image-unsuitable',
    scope: 'any',
    pattern:
      /No matching migration image type found|Image ['"][^'"]*['"] could not be found|ImageNotFound|Could not determine init system/i,
    title: 'Template of the temporary worker unsuitable',
    cause:
      'No template for the temporary worker of that OS type is set, it no longer exists, or it has no systemd; a Windows VM needs a Linux and a Windows template.',
    remedy:
      'Set the images of the temporary workers for linux and windows in the destination options, and run again.',
    ifAlreadySet: {
      side: 'destination',
      setting: 'migr_image_map',
      remedy:
        'migr_image_map is set already: check that its images for linux and windows exist and are supported, then run again.',
    },
    category: 'configuration',
    retry: 'after_fix',
    evidence: 'doc',
    document: 'reference/coriolis-troubleshooting.md',
    platformWords: {
      platform: OPENSTACK_TYPE_PATTERN,
      remedy: 'Set migr_image_map for linux and windows to supported images and run again.',
    },
  },
  {
    id: 'network-not-found',
    scope: 'any',
    pattern:
      /Network ['"][^'"]*['"] could not be found|network '[^']*' \(mapped from .{0,160}was not found|NetworkNotFound|Network not mapped in network_map|"?migr_network_name"? is not provided/i,
    title: 'Destination network missing or not mapped',
    cause:
      'A network named in the network map or worker options does not exist or is not visible, or a NIC is not mapped.',
    remedy: 'List the destination networks, map every source network and set the worker network.',
    category: 'configuration',
    retry: 'after_fix',
    evidence: 'recording',
  },
  {
    id: 'storage-mapping-wrong',
    scope: 'any',
    pattern:
      /No storage mapping for disk with ID|Storage backend with name "[^"]*" could not be found|Unable to find volume type|VolumeTypeNotFound|No storage backends were found/i,
    title: 'Storage mapping missing or wrong',
    cause: 'A disk has no mapped storage, or the mapped back end does not exist on the destination.',
    remedy: 'List the destination storage and correct storage_mappings (default, back end or disk).',
    category: 'configuration',
    retry: 'after_fix',
    evidence: 'code',
    platformWords: { platform: OPENSTACK_TYPE_PATTERN, document: 'platform-notes/openstack-known-issues.md' },
  },
  {
    id: 'no-addresses-left',
    scope: 'dst',
    pattern:
      /No more (?:IP|floating IP|public IP) ?addresses available|IpAddressGenerationFailure|ExternalIpAddressExhausted|Floating IP pool "[^"]*" could not be found/i,
    title: 'No addresses left',
    cause: 'The network or floating-address pool is exhausted or not usable.',
    remedy: 'Free addresses, use another network, or let workers run without floating addresses.',
    category: 'capacity/quota',
    retry: 'after_fix',
    evidence: 'vendor',
  },
  {
    id: 'address-not-usable',
    scope: 'dst',
    pattern:
      /(?:IP|MAC) address \S+ (?:is in use|already allocated|is already in use)|mac address \S+ is in use|IpAddressInUse|IpAddressAlreadyAllocated|MacAddressInUse|is not a valid IP for (?:the specified subnet|any of the subnets)|InvalidIpForNetwork|not in the range of the specified|beyond the subnet cidr/i,
    title: 'Address taken or outside the subnet',
    cause:
      'An address to be kept is taken by another port (often of an earlier test), or no subnet of the mapped network contains it.',
    remedy:
      'Remove the old port or VM, map a matching subnet, or let the machine take another address; then deploy again.',
    category: 'configuration',
    retry: 'after_fix',
    evidence: 'vendor',
    platformWords: {
      platform: OPENSTACK_TYPE_PATTERN,
      remedy:
        'Remove the old port or VM, map a matching subnet, or change port_reuse_policy / preserve_fixed_ips; then deploy again.',
      document: 'platforms/openstack-as-a-destination-cloud.md',
    },
  },
  {
    id: 'destination-resource-error',
    scope: 'any',
    pattern:
      /(?:VM|Image|Volume(?: snapshot| backup)?) is in status: \w+|has reached invalid state|went to status ERROR/i,
    title: 'Destination resource went into an error',
    cause: 'The destination cloud put a server, image, volume or snapshot into an error status.',
    remedy:
      "Read that resource's fault in the cloud, remove it, then repeat; ask the cloud operator if it returns.",
    category: 'platform',
    retry: 'after_fix',
    evidence: 'code',
  },
  {
    id: 'update-not-possible',
    scope: 'any',
    pattern:
      /Modifying storage mappings is not supported|Cannot change '[^']*' of a transfer which has replicated disks|does not support ?updating|support updating (?:Replicas|Transfers)/i,
    title: 'This update is not possible',
    cause: 'That setting cannot change once disks are replicated, or the plug-in cannot update at all.',
    remedy: 'Undo the change, or delete the disks (next sync is full) or create a new transfer.',
    category: 'configuration',
    retry: 'no',
    evidence: 'recording',
  },
  {
    id: 'worker-volume-not-seen',
    scope: 'any',
    pattern:
      /No new device paths have appeared after volume attachment|Multiple device paths have appeared|\/dev\/xv\w+\/acquire/i,
    title: 'Attached volume not seen by the worker',
    cause: 'The attached volume did not show up in the temporary worker under the expected name.',
    remedy: 'Retry once; else choose another worker instance type or image.',
    category: 'worker/infrastructure',
    retry: 'yes',
    evidence: 'code',
    document: 'reference/coriolis-troubleshooting.md',
    platformWords: {
      platform: AWS_TYPE_PATTERN,
      remedy: 'Retry once; else choose another worker instance type or image, one whose device names fit.',
    },
  },
  {
    id: 'winrm-credentials',
    scope: 'dst',
    pattern: /WinRM connection credentials are invalid/i,
    title: 'WinRM credentials of the worker wrong',
    cause: 'User name or password of the Windows worker template is wrong for WinRM.',
    remedy:
      "Pass the template's credentials in the destination options or coriolis.conf; keep the Admin account enabled.",
    category: 'credentials',
    retry: 'after_fix',
    evidence: 'code',
    document: 'reference/coriolis-temporary-migration-worker.md',
  },
  {
    id: 'worker-unreachable',
    scope: 'any',
    pattern:
      /accessible via WinRM|(?:port=|:)5986\b.{0,300}(?:timed out|refused|Max retries|unreachable)|accessible via SSH|Failed to setup SSH client|Unable to connect to port 22\b|Error reading SSH protocol banner|NoValidConnectionsError|Connection failed on port \d+|(?:port=|:)(?:5566|4433)\b.{0,300}(?:timed out|refused|Max retries|No route|unreachable)/i,
    title: 'Temporary worker not reachable',
    cause:
      'The appliance cannot reach the temporary worker on 22, 5986 (Windows), 5566 or 4433: routing, firewall, missing metadata or a slow boot.',
    remedy:
      "Check worker network and ports, that the worker boots, and the template's WinRM; then run again.",
    category: 'worker/infrastructure',
    retry: 'after_fix',
    evidence: 'code',
    document: 'reference/coriolis-network-ports-requirements.md',
    platformWords: {
      platform: OPENSTACK_TYPE_PATTERN,
      remedy:
        "Check worker network and ports, use config drive without metadata service or SSH as data_transfer_mechanism, check the template's WinRM; then run again.",
    },
  },
  {
    id: 'disk-write-failed',
    scope: 'any',
    pattern:
      /write_data exited with error code|An exception occurred while writing data on target|Exception occurred during data transfer|Failed to write data\. See log|Timed out waiting for data transfer to finish|Attempted to write to a closed writer/i,
    title: 'Writing to the destination disk failed',
    cause: 'Writing to the destination disk broke off (worker lost, disk full or failing, path interrupted).',
    remedy:
      'Check worker and volume health and the worker log, then execute again; the sync goes on incrementally where the platform can.',
    category: 'worker/infrastructure',
    retry: 'yes',
    evidence: 'code',
  },
  {
    id: 'checksum-mismatch',
    scope: 'any',
    pattern: /Checksum (?:algorithm )?mismatch for disk|MD5 check failed/i,
    title: 'Copied disk differs from the source',
    cause: 'Source and destination disk differ after the copy.',
    remedy: 'Do not deploy; sync again, if it returns delete the disks for a full copy and tell support.',
    category: 'platform',
    retry: 'after_fix',
    evidence: 'code',
    platformWords: {
      platform: VMWARE_TYPE_PATTERN,
      remedy:
        'Do not deploy; reset CBT and sync again, if it returns delete the disks for a full copy and tell support.',
    },
  },
];
