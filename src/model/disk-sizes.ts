import { isObject } from './json';

/** Size of a disk of the source machine. */
export interface DiskSize {
  /** Identifier of the disk on the platform, as progress messages name it. */
  readonly id: string;
  readonly bytes: number;
}

/**
 * Disks that an execution or deployment copies, by instance. An instance is missing when its disks or one of their
 * sizes are unknown.
 */
export type DiskSizes = ReadonlyMap<string, readonly DiskSize[]>;

export const NO_DISK_SIZES: DiskSizes = new Map();

/**
 * Reads the disks of one machine from a provider's description (`devices.disks`); undefined when a size is unknown.
 * When several machines of a transfer share a disk, only the machine that owns it copies it, so other machines' disks
 * are left out (docs/reference/coriolis-domain.md §1).
 */
export function diskSizesOfMachine(instance: string, machine: unknown): readonly DiskSize[] | undefined {
  const devices = isObject(machine) ? machine['devices'] : undefined;
  const disks = isObject(devices) ? devices['disks'] : undefined;
  if (!Array.isArray(disks)) return undefined;
  const own = (disks as readonly unknown[])
    .filter(isObject)
    .filter(({ owner }) => typeof owner !== 'string' || owner === instance)
    .map(({ id, size_bytes: bytes }) => ({ id: String(id), bytes: Number(bytes) }));
  return own.length > 0 && own.every(({ bytes }) => Number.isFinite(bytes) && bytes > 0) ? own : undefined;
}

/**
 * Reads the disks of all machines from the instance data (`info`) of a transfer: the `export_info` that its last sync
 * stored.
 */
export function diskSizesIn(info: unknown): DiskSizes {
  const machines = isObject(info) ? Object.entries(info) : [];
  return new Map(
    machines.flatMap(([instance, known]) => {
      const disks = isObject(known) ? diskSizesOfMachine(instance, known['export_info']) : undefined;
      return disks === undefined ? [] : [[instance, disks] as const];
    }),
  );
}
