import { isObject } from './json';

/** Size of a disk of the source machine. */
export interface DiskSize {
  /** Identifier of the disk on the platform, as progress messages name it. */
  readonly id: string;
  readonly bytes: number;
}

/** Disks that a run copies, by instance. Instances whose disks or sizes are unknown are missing. */
export type DiskSizes = ReadonlyMap<string, readonly DiskSize[]>;

export const NO_DISK_SIZES: DiskSizes = new Map();

/**
 * Disks of one machine, as a provider describes it under `devices.disks`; undefined when a size is unknown. Of disks that
 * several machines of a transfer share, each machine copies those that it owns (docs/reference/coriolis-domain.md §1).
 */
export function machineDiskSizes(instance: string, machine: unknown): readonly DiskSize[] | undefined {
  const devices = isObject(machine) ? machine['devices'] : undefined;
  const disks = isObject(devices) ? devices['disks'] : undefined;
  if (!Array.isArray(disks)) return undefined;
  const own = (disks as readonly unknown[])
    .filter(isObject)
    .filter(({ owner }) => typeof owner !== 'string' || owner === instance)
    .map(({ id, size_bytes: bytes }) => ({ id: String(id), bytes: Number(bytes) }));
  return own.length > 0 && own.every(({ bytes }) => Number.isFinite(bytes) && bytes > 0) ? own : undefined;
}

/** Disks in the instance data (`info`) of a transfer: the `export_info` of its last sync. */
export function diskSizesIn(info: unknown): DiskSizes {
  const machines = isObject(info) ? Object.entries(info) : [];
  return new Map(
    machines.flatMap(([instance, known]) => {
      const disks = isObject(known) ? machineDiskSizes(instance, known['export_info']) : undefined;
      return disks === undefined ? [] : [[instance, disks] as const];
    }),
  );
}
