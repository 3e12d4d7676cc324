import { nothing } from '../acts';
import type { SetUps } from '../replay';

/** Platforms and their schemas. */
export const provider: SetUps = {
  'provider-list': nothing,
  'provider-schemas-lab_openstack-1048576': nothing,
  'provider-schemas-lab_openstack-32': nothing,
  'provider-schemas-lab_openstack-4': nothing,
  'provider-schemas-lab_openstack-524288': nothing,
  'provider-schemas-lab_vsphere-16': nothing,
  'provider-schemas-lab_vsphere-8': nothing,
  'provider-schemas-type-not-number': nothing,
  'provider-schemas-unknown-platform': nothing,
  'provider-schemas-unknown-type': nothing,
  'provider-schemas-unsupported-type': nothing,
  'provider-show': nothing,
};
