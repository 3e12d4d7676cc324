import { labOpenstackPlatform } from './lab-openstack';
import { labVspherePlatform } from './lab-vsphere';
import { openstackPlatform } from './openstack';
import type { Platform } from './platform';
import type { VmSpec } from './make-vms';
import { vmwareVspherePlatform, makeVsphereWithMachines } from './vmware-vsphere';

/** Platforms of the sandbox: a realistic source and destination, and the two of the recordings. */
const PLATFORMS: readonly Platform[] = [
  vmwareVspherePlatform,
  openstackPlatform,
  labVspherePlatform,
  labOpenstackPlatform,
];

/** The platforms, with additional machines in the vCenter. */
export const makePlatformsWithMachines = (machines: readonly VmSpec[]): readonly Platform[] =>
  machines.length === 0
    ? PLATFORMS
    : PLATFORMS.map((platform) =>
        platform === vmwareVspherePlatform ? makeVsphereWithMachines(machines) : platform,
      );
