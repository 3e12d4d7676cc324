/** Types of endpoints that are of one platform, as its plug-ins are named. */
export const VMWARE = /vmware|vsphere|vcenter/i;
export const OPENSTACK = /openstack/i;
export const AWS = /aws|ec2/i;
