/** Types of endpoints that are of one platform, as its plug-ins are named. */
export const VMWARE_TYPE_PATTERN = /vmware|vsphere|vcenter/i;
export const OPENSTACK_TYPE_PATTERN = /openstack/i;
export const AWS_TYPE_PATTERN = /aws|ec2/i;
