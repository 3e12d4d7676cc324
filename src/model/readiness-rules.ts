import { isObject } from './json';

/**
 * Rules that check whether machines can be moved as they are. Providers describe a machine by Coriolis' schema
 * `vm_export_info` and add keys of their own. A rule finds nothing when the key that it needs is missing.
 */

/**
 * Severity of a finding. `blocking`: the server or platform refuses the machine. `warning`: the move may fail. `note`:
 * for information.
 */
export type ReadinessLevel = 'blocking' | 'warning' | 'note';

export interface ReadinessFinding {
  /** Id of the rule. */
  readonly check: string;
  readonly status: ReadinessLevel;
  readonly message: string;
  /** Documentation page or schema that the rule is based on. */
  readonly source: string;
}

/** Machine as its platform describes it. */
export interface MachineToAssess {
  /** Identifier that transfers use for the machine. */
  readonly name: string;
  readonly data: unknown;
}

type Device = Readonly<Record<string, unknown>>;

/** Parts of a machine, prepared for the rules. */
interface Facts {
  readonly name: string;
  readonly machine: Device;
  readonly disks: readonly Device[];
  readonly nics: readonly Device[];
  /** Names of the other machines that have a disk of this machine too, by the id of the disk. */
  readonly sharedWith: ReadonlyMap<string, readonly string[]>;
  readonly devices: (kind: string) => readonly Device[];
}

interface Rule {
  readonly check: string;
  readonly status: ReadinessLevel;
  readonly source: string;
  /** Sentence about the machine; undefined when the rule finds nothing. */
  readonly find: (facts: Facts) => string | undefined;
}

const SCHEMA = 'cloudbase/coriolis: coriolis/schemas/vm_export_info_schema.json';
const VMWARE = 'https://cloudbase.it/?p=39836 (Migrating from vSphere/ESXi)';
const REPLICA = 'https://cloudbase.it/how-to-create-a-replica';
const PREPARING = 'https://cloudbase.it/preparing-a-vm-for-migration-replication';
const MORPHING = 'cloudbase/coriolis: coriolis/osmorphing (Linux and Windows)';

const matchesText = (value: unknown, pattern: RegExp): boolean =>
  typeof value === 'string' && pattern.test(value);

/** Ids of disks for which any of several keys has a matching value, because providers name the key differently. */
const disksWith = (disks: readonly Device[], pattern: RegExp): readonly string[] =>
  disks
    .filter((disk) =>
      ['mode', 'disk_mode', 'backing_type', 'compatibility_mode', 'type'].some((name) =>
        matchesText(disk[name], pattern),
      ),
    )
    .map(({ id }) => String(id));

const some = (ids: readonly string[], sentence: (shown: string) => string): string | undefined =>
  ids.length === 0 ? undefined : sentence(ids.join(', '));

const rules: readonly Rule[] = [
  {
    check: 'no_disks',
    status: 'blocking',
    source: SCHEMA,
    find: ({ disks }) => (disks.length === 0 ? 'It has no disks to copy.' : undefined),
  },
  {
    check: 'independent_disk',
    status: 'blocking',
    source: VMWARE,
    find: ({ disks }) =>
      some(
        disksWith(disks, /independent/iu),
        (ids) => `Independent disks, which snapshots leave out: ${ids}. Make them dependent first.`,
      ),
  },
  {
    check: 'raw_device',
    status: 'blocking',
    source: VMWARE,
    find: ({ disks }) =>
      some(
        disksWith(disks, /physical.?mode|raw.?device|\brdm\b/iu),
        (ids) => `Raw devices, which snapshots leave out: ${ids}. Convert them to virtual disks first.`,
      ),
  },
  {
    check: 'shared_disk',
    status: 'warning',
    source: 'docs/reference/coriolis-domain.md §1',
    find: ({ sharedWith }) =>
      some(
        [...sharedWith].map(([disk, names]) => `${disk} with ${names.join(' and ')}`),
        (shown) =>
          `Shares disks: ${shown}. Move these machines in one transfer (servers from 1.2.7 then copy the disk once).`,
      ),
  },
  {
    check: 'shareable_disk',
    status: 'warning',
    source: SCHEMA,
    find: ({ disks, sharedWith }) =>
      some(
        disks
          .filter((disk) => disk['shareable'] === true && !sharedWith.has(String(disk['id'])))
          .map(({ id }) => String(id)),
        (ids) =>
          `Disks that several machines may have, and no other one here: ${ids}. Find the others, and move all in one transfer.`,
      ),
  },
  {
    check: 'guest',
    status: 'warning',
    source: MORPHING,
    find: ({ machine: { os_type: os } }) =>
      os === 'linux' || os === 'windows'
        ? undefined
        : `The guest is ${typeof os === 'string' && os !== '' ? os : 'unknown'}: OS morphing knows Linux and Windows. Deploy without it, or set the guest on the source platform.`,
  },
  {
    check: 'secure_boot',
    status: 'warning',
    source: SCHEMA,
    find: ({ machine }) =>
      machine['secure_boot'] === true
        ? 'It boots with Secure Boot: the destination must offer it, or it must be switched off.'
        : undefined,
  },
  {
    check: 'snapshots',
    status: 'warning',
    source: REPLICA,
    find: ({ machine: { snapshots, has_snapshots: has } }) =>
      has === true || (Array.isArray(snapshots) && snapshots.length > 0)
        ? 'It has snapshots: Coriolis cannot switch on changed block tracking (CBT) by itself then. Delete them first.'
        : undefined,
  },
  {
    check: 'cbt',
    status: 'warning',
    source: VMWARE,
    find: ({ machine, disks }) =>
      [machine, ...disks].some((one) => ['cbt_enabled', 'ctk_enabled'].some((name) => one[name] === false))
        ? 'Changed block tracking (CBT) is off: enable it, or set automatically_enable_cbt in the source environment.'
        : undefined,
  },
  {
    check: 'firmware',
    status: 'note',
    source: SCHEMA,
    find: ({ machine }) =>
      matchesText(machine['firmware_type'], /^u?efi$/iu)
        ? 'It boots with EFI: the destination must offer EFI for its flavor or image.'
        : undefined,
  },
  {
    check: 'address',
    status: 'note',
    source: PREPARING,
    find: ({ nics }) =>
      nics.some(({ ip_addresses: ips }) => Array.isArray(ips) && ips.length === 0)
        ? 'A network adapter shows no address: the guest agent may be missing, or the address comes by DHCP.'
        : undefined,
  },
  {
    check: 'removable',
    status: 'note',
    source: SCHEMA,
    find: ({ devices }) => {
      const kinds = [
        ...(devices('cdroms').length > 0 ? ['CD-ROM'] : []),
        ...(devices('floppies').length > 0 ? ['floppy'] : []),
      ];
      return kinds.length === 0
        ? undefined
        : `It has ${kinds.join(' and ')} drives: their media are not copied.`;
    },
  },
  {
    check: 'power',
    status: 'note',
    source: VMWARE,
    find: ({ machine: { power_state: state } }) =>
      matchesText(state, /off|suspend/iu)
        ? `It is ${String(state)}: nothing in the guest is quiesced.`
        : undefined,
  },
];

/** Ids of the rules whose remedy the source environment of a transfer already applies. */
export const checksSettledByEnvironment = (environment: unknown): readonly string[] =>
  isObject(environment) && environment['automatically_enable_cbt'] === true ? ['cbt'] : [];

const RANK: Readonly<Record<ReadinessLevel, number>> = { blocking: 0, warning: 1, note: 2 };

const listOf = (value: unknown): readonly Device[] =>
  Array.isArray(value) ? (value as readonly unknown[]).filter(isObject) : [];

const diskKey = ({ path, id }: Device): string =>
  typeof path === 'string' && path !== '' ? path : String(id);

const disksOf = (data: unknown): readonly Device[] => {
  const devices = isObject(data) ? data['devices'] : undefined;
  return listOf(isObject(devices) ? devices['disks'] : undefined);
};

/** Disk that several machines have, with these machines. */
export interface SharedDisk<Machine> {
  readonly disk: string;
  readonly machines: readonly Machine[];
}

/** Finds the disks that machines of one endpoint have in common. */
export function findSharedDisks<Machine extends MachineToAssess>(
  machines: readonly Machine[],
): ReadonlyArray<SharedDisk<Machine>> {
  const owners = new Map<string, Machine[]>();
  for (const machine of machines) {
    for (const key of new Set(disksOf(machine.data).map(diskKey)))
      owners.set(key, [...(owners.get(key) ?? []), machine]);
  }
  return [...owners].flatMap(([disk, sharing]) => (sharing.length > 1 ? [{ disk, machines: sharing }] : []));
}

/**
 * Assesses machines of one endpoint. Returns the findings of each machine in the order of the machines, the worst
 * first. A disk counts as shared only when another of the given machines has it too.
 */
export function assessReadiness(
  machines: readonly MachineToAssess[],
): ReadonlyArray<readonly ReadinessFinding[]> {
  const all = machines.map(({ name, data }) => {
    const machine = isObject(data) ? data : {};
    const has = isObject(machine['devices']) ? machine['devices'] : {};
    return { name, machine, has, disks: listOf(has['disks']) };
  });
  const owners = new Map<string, string[]>();
  for (const { name, disks } of all) {
    for (const disk of disks) owners.set(diskKey(disk), [...(owners.get(diskKey(disk)) ?? []), name]);
  }
  return all.map(({ name, machine, has, disks }) => {
    const sharedWith = new Map(
      disks
        .map(
          (disk) =>
            [String(disk['id']), (owners.get(diskKey(disk)) ?? []).filter((one) => one !== name)] as const,
        )
        .filter(([, others]) => others.length > 0),
    );
    const devices = (kind: string): readonly Device[] => listOf(has[kind]);
    const facts: Facts = { name, machine, disks, nics: devices('nics'), sharedWith, devices };
    return rules
      .flatMap(({ check, status, source, find }) => {
        const message = find(facts);
        return message === undefined ? [] : [{ check, status, message, source }];
      })
      .sort((one, other) => RANK[one.status] - RANK[other.status]);
  });
}
