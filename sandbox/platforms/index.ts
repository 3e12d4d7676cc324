import { labOpenstack } from './lab-openstack';
import { labVsphere } from './lab-vsphere';
import { openstack } from './openstack';
import type { Platform } from './platform';
import type { VmSpec } from './vm';
import { vmwareVsphere, vsphereWithMachines } from './vmware-vsphere';

/** Platforms of the sandbox: a realistic source and destination, and the two of the recordings. */
const PLATFORMS: readonly Platform[] = [vmwareVsphere, openstack, labVsphere, labOpenstack];

/** The platforms, with additional machines in the vCenter. */
export const platformsWithMachines = (machines: readonly VmSpec[]): readonly Platform[] =>
  machines.length === 0
    ? PLATFORMS
    : PLATFORMS.map((platform) => (platform === vmwareVsphere ? vsphereWithMachines(machines) : platform));
