import type { Platform, PlatformInstance } from './platform';

/** Bytes by which a disk grows. */
const GROWTH = 20 * 1024 ** 3;

/** The platform after somebody has grown the first disk of some machines. */
export const growDisks = (platform: Platform, isGrown: (name: string) => boolean): Platform => ({
  ...platform,
  instances: platform.instances.map((instance) =>
    isGrown(instance.summary.name) ? growFirstDisk(instance) : instance,
  ),
});

const growFirstDisk = ({ details, ...rest }: PlatformInstance): PlatformInstance => ({
  ...rest,
  details: {
    ...details,
    devices: {
      ...details.devices,
      disks: details.devices.disks.map((disk, position) =>
        position === 0 ? { ...disk, size_bytes: disk.size_bytes + GROWTH } : disk,
      ),
    },
  },
});
