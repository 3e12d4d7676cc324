import { labOpenstack } from './lab-openstack';
import { labVsphere } from './lab-vsphere';
import { openstack } from './openstack';
import type { Platform } from './platform';
import { vmwareVsphere } from './vmware-vsphere';

/** The platforms of every sandbox: a source and a destination as in life, and the pair on which the recordings were made. */
export const PLATFORMS: readonly Platform[] = [vmwareVsphere, openstack, labVsphere, labOpenstack];
