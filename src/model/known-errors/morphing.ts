import type { KnownError } from './known-error';

/** Known errors of OS morphing (the adaptation of the copied guest), in matching order. */
export const morphingErrors: readonly KnownError[] = [
  {
    id: 'morph-user-script',
    scope: 'morph',
    pattern: /Failed to (?:run|copy) user script/i,
    title: 'A user script failed',
    cause: 'A user script ended with an error or could not be copied; its output is only in the worker log.',
    remedy:
      'Correct the script (exit code 0, root directory as first argument) or remove it, then deploy again.',
    category: 'guest OS/morphing',
    retry: 'after_fix',
    evidence: 'code',
    document: 'features/coriolis-user-scripts.md',
  },
  {
    id: 'morph-luks-passphrase',
    scope: 'morph',
    pattern: /is LUKS-encrypted, but no passphrase is provided|No key available with this passphrase/i,
    title: 'LUKS passphrase missing or outdated',
    cause:
      'An encrypted Linux disk cannot be opened: no passphrase given, or its key slot was added after the last sync.',
    remedy:
      'Add the key slot in the guest, set the encrypted-disks passphrase, execute the transfer again, deploy.',
    category: 'guest OS/morphing',
    retry: 'after_fix',
    evidence: 'code',
    document: 'reference/coriolis-troubleshooting.md',
  },
  {
    id: 'morph-luks-boot-setup',
    scope: 'morph',
    pattern:
      /No \/etc\/crypttab entries matched LUKS UUIDs|No initramfs tool found in OS|Could not determine LUKS UUID|cannot rebuild the initramfs for LUKS/i,
    title: 'Automatic LUKS unlocking not possible',
    cause:
      'Automatic unlocking of the encrypted guest cannot be set up (crypttab without UUIDs, or unsupported distribution).',
    remedy:
      'Refer to devices by UUID in /etc/crypttab and sync again; else report the distribution to support.',
    category: 'guest OS/morphing',
    retry: 'after_fix',
    evidence: 'code',
    document: 'reference/coriolis-troubleshooting.md',
  },
  {
    id: 'tpm-option-disabled',
    scope: 'any',
    pattern: /require a TPM device|add_tpm_device config option is False/i,
    title: 'Virtual TPM is switched off',
    cause: 'An encrypted VM needs a virtual TPM, which is switched off for this plug-in.',
    remedy:
      "Enable add_tpm_device in the worker's coriolis.conf or the options, restart the worker service, deploy again.",
    category: 'configuration',
    retry: 'after_fix',
    evidence: 'doc',
    document: 'reference/coriolis-troubleshooting.md',
  },
  {
    id: 'morph-bitlocker-locked',
    scope: 'morph',
    pattern:
      /Could not unlock any volume using the specified BitLocker|BitLocker.{0,120}(?:locked|not recognized|not installed)/i,
    title: 'BitLocker volume stays locked',
    cause: 'The recovery password is wrong, or the Windows worker lacks the BitLocker feature.',
    remedy:
      'Check the recovery password and install BitLocker in the worker template, or suspend BitLocker on the source and sync again.',
    category: 'guest OS/morphing',
    retry: 'after_fix',
    evidence: 'code',
    document: 'features/migrating-windows-vms-encrypted-with-bitlocker.md',
  },
  {
    id: 'morph-no-os-found',
    scope: 'morph',
    pattern:
      /unable to identify the root partition|root partition not found|No filesystems found|Cannot find Windows version info/i,
    title: 'No operating system found on the disks',
    cause:
      'No usable operating system was found on the copied disks: encrypted, unknown file system, wrong /etc/fstab, or inconsistent copy.',
    remedy:
      'Use UUIDs in /etc/fstab, a worker image as new as the guest, a sync with the VM off; or deploy with OS morphing skipped.',
    category: 'guest OS/morphing',
    retry: 'after_fix',
    evidence: 'code',
    document: 'guides/preparing-a-vm-for-migration-replication.md',
  },
  {
    id: 'morph-os-unsupported',
    scope: 'morph',
    pattern:
      /OS detect tools were able to identify|No OSMorphing tools were found|OSMorphing tools not found|Unsupported OS type/i,
    title: 'Guest OS release not supported',
    cause: 'The release of the guest OS is not supported by the plug-in or could not be recognised.',
    remedy:
      'Prepare the guest by hand (drivers, cloud-init), sync again and deploy with OS morphing skipped.',
    category: 'guest OS/morphing',
    retry: 'after_fix',
    evidence: 'code',
  },
  {
    id: 'morph-lvm2-hook',
    scope: 'morph',
    pattern: /initramfs-tools\/hooks\/lvm2 failed/i,
    title: 'LVM hook failed on a reused worker',
    cause:
      'Reused pool machine lacks LVM udev rules that disk replication removed, so package installation on it fails.',
    remedy:
      'Update the appliance (fixed September 2026); until then use a separate pool for OS morphing or none.',
    category: 'bug',
    retry: 'after_fix',
    evidence: 'doc',
    document: 'reference/coriolis-release-notes.md',
  },
  {
    id: 'package-manager-locked',
    scope: 'any',
    pattern:
      /Could not get lock \/var\/(?:lib|cache)\/(?:dpkg|apt)|dpkg frontend lock|another process is using (?:it|yum|dnf)|Existing lock \/var\/run\/yum/i,
    title: 'Package manager was busy',
    cause: 'The package manager was busy on the worker or in the guest, typically during its first boot.',
    remedy: 'Deploy again; if it returns switch automatic updates off in the worker image.',
    category: 'worker/infrastructure',
    retry: 'yes',
    evidence: 'vendor',
  },
  {
    id: 'disk-full-in-guest',
    scope: 'morph',
    pattern: /No space left on device|No space left on/i,
    title: 'A file system is full',
    cause: 'A file system of the guest (often /boot) or of the worker is full.',
    remedy: 'Free space on the source (old kernels), sync again, deploy.',
    category: 'guest OS/morphing',
    retry: 'after_fix',
    evidence: 'doc',
    document: 'guides/preparing-a-vm-for-migration-replication.md',
  },
  {
    id: 'morph-packages',
    scope: 'morph',
    pattern:
      /Failed to install required packages|Failed to remove unwanted packages|Failed to activate SLES module|Failed to add \S+ repo:/i,
    title: 'Packages could not be installed or removed',
    cause:
      'Packages of the guest could not be installed or removed: repositories or registration unusable, end of life, or a damaged package database.',
    remedy:
      'Make the repositories reachable (or set a proxy) or preinstall the named packages on the source, sync again, deploy.',
    category: 'guest OS/morphing',
    retry: 'after_fix',
    evidence: 'code',
    document: 'guides/preparing-a-vm-for-migration-replication.md',
  },
  {
    id: 'morph-guest-layout',
    scope: 'morph',
    pattern: /LVM-related problem has been encountered|appears to be mounted twice in/i,
    title: "Guest's LVM or fstab inconsistent",
    cause:
      "The guest's LVM is inconsistent or incomplete on the copy, or /etc/fstab lists a mount point twice.",
    remedy:
      'Correct LVM or /etc/fstab on the source (all physical volumes in the transfer), sync again, deploy.',
    category: 'guest OS/morphing',
    retry: 'after_fix',
    evidence: 'code',
  },
  {
    id: 'morph-boot-loader',
    scope: 'morph',
    pattern:
      /could not determine grub location|grub2?-(?:mkconfig|install)\b.{0,300}exit code: [1-9]|(?:dracut|mkinitrd|update-initramfs)\b.{0,300}exit code: [1-9]/i,
    title: 'Boot loader or initramfs not rebuilt',
    cause:
      'Boot loader or initramfs of the guest could not be rebuilt (boot partition missing or full, broken kernel packages).',
    remedy: 'Check /boot, kernels and boot loader on the source, sync again, deploy.',
    category: 'guest OS/morphing',
    retry: 'after_fix',
    evidence: 'code',
    document: 'guides/preparing-a-vm-for-migration-replication.md',
  },
  {
    id: 'morph-windows-media',
    scope: 'morph',
    pattern:
      /VirtIO drivers ISO URL|Could not mount image: |Could not determine virtio driver directory|No QEMU guest agent source provided|Failed to download file from URL/i,
    title: 'Windows drivers or tools not available',
    cause:
      'Drivers or cloudbase-init for Windows could not be fetched, or the driver image is not set, not valid or lacks this release.',
    remedy:
      'Set reachable valid URLs (virtio 0.1.189 for Windows 2012 and 2012 R2), give the worker network or proxy; deploy again.',
    category: 'configuration',
    retry: 'after_fix',
    evidence: 'code',
    document: 'reference/coriolis-troubleshooting.md',
  },
  {
    id: 'morph-dism',
    scope: 'morph',
    pattern: /dism(?:\.exe)?\b.{0,400}exit code: -?[1-9]/i,
    title: 'Windows image servicing failed',
    cause: 'Windows image servicing failed; typically the worker template is older than the guest.',
    remedy: 'Use a Windows template of the same or a later release, fully updated; deploy again.',
    category: 'guest OS/morphing',
    retry: 'after_fix',
    evidence: 'code',
    document: 'reference/coriolis-temporary-migration-worker.md',
  },
  {
    id: 'morph-timeout',
    scope: 'morph',
    pattern: /Pending (?:SSH|WinRM) command /i,
    title: 'A command in the guest took too long',
    cause: 'One command in the guest took longer than the limit, or the worker stopped answering.',
    remedy:
      'Retry once; if it returns raise default_osmorphing_operation_timeout or use a bigger worker flavour.',
    category: 'guest OS/morphing',
    retry: 'yes',
    evidence: 'code',
  },
  {
    id: 'morph-worker-prepare',
    scope: 'morph',
    pattern: /Failed to set up the minion machine for OSMorphing/i,
    title: 'The morphing worker could not be prepared',
    cause: 'The worker itself could not be prepared (packages such as lvm2, proxy, repositories).',
    remedy:
      "Read the text after 'Error was'; give the worker repositories or preinstall lvm2 and psmisc in its image.",
    category: 'worker/infrastructure',
    retry: 'after_fix',
    evidence: 'code',
    document: 'guides/coriolis-airgapped-environments.md',
  },
  {
    id: 'morph-dismount',
    scope: 'morph',
    pattern: /Failed to dismount the OS undergoing OSMorphing/i,
    title: 'File system could not be unmounted',
    cause: 'The copied file system could not be unmounted; mostly damage from a sync of a running VM.',
    remedy: 'Sync again with quiescing or with the VM shut down, then deploy.',
    category: 'guest OS/morphing',
    retry: 'after_fix',
    evidence: 'code',
  },
  {
    id: 'morph-command-failed',
    scope: 'morph',
    pattern: /\bfailed (?:on host '[^']{0,200}' )?with exit code: -?[1-9]/i,
    title: 'A command failed during OS morphing',
    cause: 'A command in the guest or on the worker ended with an error; nothing more specific is known.',
    remedy:
      'Read stdout/std_err in the text; correct the guest, or deploy with debug_os_morphing_errors to inspect the worker.',
    category: 'guest OS/morphing',
    retry: 'after_fix',
    evidence: 'code',
    document: 'reference/coriolis-troubleshooting.md',
  },
];
