import { labOpenstack } from './lab-openstack';
import { labVsphere } from './lab-vsphere';
import { openstack } from './openstack';
import type { Platform } from './platform';
import type { VmSpec } from './vm';
import { vmwareVsphere, vsphereWith } from './vmware-vsphere';

/** The platforms of every sandbox: a source and a destination as in life, and the pair on which the recordings were made. */
export const PLATFORMS: readonly Platform[] = [vmwareVsphere, openstack, labVsphere, labOpenstack];

/** The platforms, the first one with more machines than its own. */
export const platformsWith = (machines: readonly VmSpec[]): readonly Platform[] =>
  machines.length === 0
    ? PLATFORMS
    : PLATFORMS.map((platform) => (platform === vmwareVsphere ? vsphereWith(machines) : platform));
