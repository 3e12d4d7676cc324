import type { OperatingSystem, VmSpec } from './make-vms';

/** Operating systems, networks and usual machines that the two vSphere platforms have in common. */

const UBUNTU: OperatingSystem = {
  type: 'linux',
  guestId: 'ubuntu64Guest',
  name: 'Ubuntu 22.04.5 LTS',
};
export const RHEL: OperatingSystem = {
  type: 'linux',
  guestId: 'rhel9_64Guest',
  name: 'Red Hat Enterprise Linux 9.4 (Plow)',
};
export const SLES: OperatingSystem = {
  type: 'linux',
  guestId: 'sles15_64Guest',
  name: 'SUSE Linux Enterprise Server 15 SP5',
};
export const WINDOWS_2019: OperatingSystem = {
  type: 'windows',
  guestId: 'windows2019srv_64Guest',
  name: 'Windows Server 2019 Standard',
};
export const WINDOWS_2022: OperatingSystem = {
  type: 'windows',
  guestId: 'windows2022srvNext_64Guest',
  name: 'Windows Server 2022 Datacenter',
};
export const FREEBSD: OperatingSystem = {
  type: 'bsd',
  guestId: 'freebsd13_64Guest',
  name: 'FreeBSD 13.2',
};

export const DATASTORES = ['datastore1', 'datastore2'] as const;

/** Ids of the networks, by name. */
export const NETWORK_IDS = {
  'VM Network': 'network-11',
  Backend: 'network-12',
  Storage: 'network-13',
  DMZ: 'network-14',
};

/**
 * Specifies a machine, by default with Ubuntu, BIOS and the network `VM Network`.
 * @param disks sizes in GiB; the first one is the boot disk
 */
export const vm = (
  name: string,
  cpus: number,
  memoryGib: number,
  disks: readonly number[],
  more: Partial<VmSpec> = {},
): VmSpec => ({
  name,
  cpus,
  memoryGib,
  disks,
  os: UBUNTU,
  firmware: 'BIOS',
  networks: ['VM Network'],
  ...more,
});
