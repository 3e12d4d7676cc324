import { VMWARE_TYPE_PATTERN } from './platform-patterns';
import type { KnownError } from './known-error';

/** Known errors of the source, mostly VMware, in matching order: export, snapshots, changed blocks, the machine. */
export const sourceErrors: readonly KnownError[] = [
  {
    id: 'esxi-refused-902',
    scope: 'any',
    pattern:
      /ESXi host performing the CBT export refused connection|CnxAuthdConnect|Failed to connect to (?:server|peer) ?\S*:902|\bport[= ]902\b|:902\b.{0,80}(?:refused|timed out|unreachable)/i,
    title: 'ESXi host refuses TCP 902',
    cause:
      'Coriolis cannot reach TCP 902 of the ESXi host that vCenter chose; any host of the cluster may be chosen.',
    remedy:
      "Open TCP 902 from the appliance to every ESXi host and make all their names resolvable, or use an endpoint for the VM's own host.",
    category: 'network',
    retry: 'after_fix',
    evidence: 'doc',
    document: 'platform-notes/vmware-plugin-known-issues.md',
    onlyPlatform: VMWARE_TYPE_PATTERN,
  },
  {
    id: 'esxi-connection-lost',
    scope: 'any',
    pattern:
      /lost connection to the ESXi host performing the CBT export|NFC connection closed, needed|NFC_NETWORK_ERROR|authd connection closed|authd [\w ]{1,30}failed: |unexpected authd banner|AIO (?:header magic mismatch|error opId)|expected (?:session-params|version) reply/i,
    title: 'Connection to the ESXi host lost',
    cause:
      'The data connection to the exporting ESXi host broke or was answered unexpectedly (load, firewall or proxy in between).',
    remedy:
      'Check path and load and retry; if it repeats use an endpoint for that host, reset CBT, move the VM or switch the export mechanism.',
    category: 'network',
    retry: 'yes',
    evidence: 'code',
    onlyPlatform: VMWARE_TYPE_PATTERN,
  },
  {
    id: 'vmware-host-resources',
    scope: 'any',
    pattern:
      /ESXi host performing the CBT export ran out of RAM|Insufficient disk space on datastore|not enough space on the (?:datastore|disk)|NoDiskSpace/i,
    title: 'ESXi host or datastore is full',
    cause: 'The exporting ESXi host has no memory, or the datastore no room for the temporary snapshot.',
    remedy:
      'Free memory or space, remove stale snapshots, or use an endpoint for a host with room; run fewer at once.',
    category: 'capacity/quota',
    retry: 'after_fix',
    evidence: 'code',
    onlyPlatform: VMWARE_TYPE_PATTERN,
  },
  {
    id: 'esxi-nfc-service-missing',
    scope: 'any',
    pattern: /had no nfcService moref|ManagedObjectNotFound.{0,200}nfcService|'vim\.NfcService:nfcService'/i,
    title: 'NFC service not found on the ESXi host',
    cause:
      "The export library asked a stand-alone ESXi host for the NFC service under vCenter's name; defect of early OpenVixDiskLib builds.",
    remedy: 'Update the appliance, or use the vCenter endpoint or VDDK as export mechanism.',
    category: 'bug',
    retry: 'after_fix',
    evidence: 'doc',
    onlyPlatform: VMWARE_TYPE_PATTERN,
  },
  {
    id: 'vddk-library-problem',
    scope: 'any',
    pattern:
      /Could not initialize vixDiskLib|Unsupported vixDiskLib version|libvixDiskLib\.so|NBD compression open flag \S+ is not supported|supported transports are nbdssl/i,
    title: 'Disk library missing or unsuitable',
    cause:
      'The disk library is not installed, has another version, or does not know the chosen compression or transport.',
    remedy:
      'Install VDDK as documented or use openvixdisklib; switch transfer compression off or to a supported kind.',
    category: 'configuration',
    retry: 'after_fix',
    evidence: 'code',
    document: 'platform-notes/setting-up-the-vixdisklib-library.md',
    onlyPlatform: VMWARE_TYPE_PATTERN,
  },
  {
    id: 'vmdk-cbt-corrupt',
    scope: 'any',
    pattern: /Error caused by file .{0,300}\.vmdk/i,
    title: 'Changed-block data of a disk is corrupt',
    cause: 'VMware cannot deliver the changed-block data of that disk (corrupt or stale CBT).',
    remedy:
      'Reset CBT of the VM without snapshots; else move it to another host or datastore, then sync again (full copy).',
    category: 'source VM',
    retry: 'after_fix',
    evidence: 'doc',
    document: 'platform-notes/vmware-plugin-known-issues.md',
    onlyPlatform: VMWARE_TYPE_PATTERN,
  },
  {
    id: 'cbt-not-active',
    scope: 'any',
    pattern:
      /specified parameter was not correct:? ?[\w.]{0,40}(?:deviceKey|changeId|startOffset)|incorrect changed block tracking configuration|Change Tracking not enabled|Changed Block Tracking must be enabled|ctkEnabled|QueryChangedDiskAreas/i,
    title: 'Changed-block tracking off or inconsistent',
    cause:
      'Changed-block tracking is off or inconsistent on a disk, or the remembered change id is no longer valid.',
    remedy:
      'Set automatically_enable_cbt for a VM without snapshots, or reset and enable CBT by hand, then sync again.',
    ifAlreadySet: {
      side: 'source',
      setting: 'automatically_enable_cbt',
      remedy:
        'automatically_enable_cbt is set already: delete the snapshots of the VM, reset and enable CBT by hand, then sync again.',
    },
    category: 'source VM',
    retry: 'after_fix',
    evidence: 'doc',
    document: 'platform-notes/vmware-plugin-known-issues.md',
    onlyPlatform: VMWARE_TYPE_PATTERN,
  },
  {
    id: 'vm-quiesce-failed',
    scope: 'any',
    pattern:
      /quiesc(?:e|ed|ing)\b.{0,200}(?:fail|error|could not|unable|timed out)|(?:fail|error|could not|unable).{0,200}quiesc/i,
    title: 'The guest could not be quiesced',
    cause:
      'The guest could not be frozen for a snapshot (VSS conflict, other back-up agent, outdated tools).',
    remedy: 'Fix the snapshot service of the guest, pause other back-up jobs, or sync with the VM shut down.',
    category: 'source VM',
    retry: 'after_fix',
    evidence: 'doc',
    platformWords: {
      platform: VMWARE_TYPE_PATTERN,
      remedy: 'Fix VSS and Tools in the guest, pause other back-up jobs, or sync with the VM shut down.',
      document: 'platform-notes/vmware-plugin-known-issues.md',
    },
  },
  {
    id: 'guest-os-unrecognised',
    scope: 'any',
    pattern: /either not supported or unrecognized by Coriolis|guest ID of the VM is/i,
    title: 'Guest OS setting not recognised',
    cause: "The VM's guest OS setting is generic or wrong, so its OS type is unknown.",
    remedy: "Set the real guest OS in the VM's settings and sync again.",
    category: 'source VM',
    retry: 'after_fix',
    evidence: 'doc',
    document: 'platform-notes/vmware-plugin-known-issues.md',
    onlyPlatform: VMWARE_TYPE_PATTERN,
  },
  {
    id: 'esxi-licence-forbids-api',
    scope: 'any',
    pattern: /Current licen[cs]e or ESXi version prohibits execution/i,
    title: 'ESXi licence forbids the API',
    cause: 'A free or expired ESXi licence blocks snapshots and other writing API calls.',
    remedy: 'License the host (or use a licensed vCenter), then run again.',
    category: 'platform',
    retry: 'after_fix',
    evidence: 'vendor',
    onlyPlatform: VMWARE_TYPE_PATTERN,
  },
  {
    id: 'vm-changed-or-busy',
    scope: 'src',
    pattern:
      /has already been deleted or has not been completely created|ManagedObjectNotFound|Another task is already in progress|because it is locked|Failed to lock the file|TaskInProgress|not allowed in the current state|InvalidPowerState/i,
    title: 'The source machine is busy or changed',
    cause:
      'Another operation (back-up job, consolidation, move to another host) holds the VM or removed its snapshot, or the power state does not fit.',
    remedy: 'Let it end, exclude the VM from other back-up jobs, then run again.',
    category: 'source VM',
    retry: 'yes',
    evidence: 'vendor',
    document: 'guides/preparing-a-vm-for-migration-replication.md',
  },
  {
    id: 'shared-disks-unsupported',
    scope: 'any',
    pattern: /does not support synchronized transfer of instances that have shared disks/i,
    title: 'Shared disks not supported',
    cause: 'The instances share a disk and the destination plug-in cannot attach one volume to several VMs.',
    remedy: 'Use a destination that supports shared disks, or detach them from the transfer.',
    category: 'platform',
    retry: 'no',
    evidence: 'code',
    document: 'features/coriolis-shared-disks-migrations.md',
  },
  {
    id: 'source-disk-set-changed',
    scope: 'any',
    pattern:
      /Source disk with ID \S+ not recognized|Multiple disks with ID|No information regarding volume with ID/i,
    title: 'Disks of the source machine changed',
    cause: 'Disks of the source VM no longer agree with the replicated ones (disk added, or attached twice).',
    remedy: 'Execute the transfer once more before updating or deploying; remove duplicate attachments.',
    category: 'source VM',
    retry: 'after_fix',
    evidence: 'code',
  },
  {
    id: 'instance-not-found',
    scope: 'any',
    pattern:
      /Instance "[^"]*" could not be found|more than one container in the VMWare root folder|More than one instance exists with name/i,
    title: 'Source machine not found',
    cause:
      'The source VM was renamed, moved, deleted, is not visible to the account, or its path is ambiguous.',
    remedy: "List the endpoint's instances and use the identifier returned there.",
    category: 'source VM',
    retry: 'after_fix',
    evidence: 'recording',
    platformWords: {
      platform: VMWARE_TYPE_PATTERN,
      remedy: "List the endpoint's instances and use the identifier returned there (full path for VMware).",
    },
  },
];
