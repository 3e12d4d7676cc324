/** Machines of `vmware_vsphere` with a behaviour or hardware of their own, for the help and the documentation. */
export const specialMachines: ReadonlyArray<{
  readonly names: readonly string[];
  readonly behaviour: string;
}> = [
  {
    names: ['fail-validation-vm', 'fail-disk-quota-vm', 'fail-worker-vm'],
    behaviour: 'a sync fails before it copies',
  },
  { names: ['fail-replication-vm', 'fail-cbt-vm'], behaviour: 'a sync fails while it copies' },
  { names: ['fail-deploy-vm', 'fail-os-morphing-vm'], behaviour: 'a deployment fails' },
  { names: ['slow-vm'], behaviour: 'copying takes ten times as long' },
  { names: ['stuck-vm'], behaviour: 'copying stays at 63 %; a cancel ends it' },
  { names: ['stubborn-vm'], behaviour: 'copying stays at 63 %; only a forced cancel ends it' },
  { names: ['hang-deploy-vm'], behaviour: 'OS morphing never ends; a cancel ends it' },
  {
    names: ['endless-vm'],
    behaviour: 'executions and deployments stay RUNNING after all their tasks completed',
  },
  {
    names: ['three-disks-vm', 'many-disks-vm', 'win-file-01'],
    behaviour: 'disks of 10, 100 and 1,000 GiB; twelve disks; disks of 120 and 1,500 GiB',
  },
  {
    names: ['cluster-node-01', 'cluster-node-02'],
    behaviour: 'share two disks: `shareable` in both, `owner` after an execution of a transfer of both',
  },
  {
    names: ['secure-boot-vm'],
    behaviour: 'EFI with secure boot, two CD-ROM drives, a floppy drive',
  },
];
