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
  { names: ['stuck-vm'], behaviour: 'copying stops at 63 %; can be canceled' },
  { names: ['stubborn-vm'], behaviour: 'copying stops at 63 %; can only be canceled by force' },
  { names: ['hang-deploy-vm'], behaviour: 'OS morphing never ends; can be canceled' },
  {
    names: ['endless-vm'],
    behaviour: 'its executions and deployments stay RUNNING although all their tasks have completed',
  },
  {
    names: ['three-disks-vm', 'many-disks-vm', 'win-file-01'],
    behaviour: 'unusual disks: 10, 100 and 1,000 GiB; twelve disks; 120 and 1,500 GiB',
  },
  {
    names: ['cluster-node-01', 'cluster-node-02'],
    behaviour:
      'share two disks, which are `shareable`; after an execution of a transfer of both machines the disks have an `owner`',
  },
  {
    names: ['secure-boot-vm'],
    behaviour: 'has EFI with secure boot, two CD-ROM drives and a floppy drive',
  },
];
