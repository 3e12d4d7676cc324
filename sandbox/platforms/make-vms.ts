import type { InstanceBehaviour, PlatformInstance } from './platform';

const GIB = 1024 ** 3;

/** Specification of a virtual machine. Everything else is derived from its number. */
export interface VmSpec {
  readonly name: string;
  /** Identifier in transfers; default the name. */
  readonly identifier?: string;
  readonly cpus: number;
  readonly memoryGib: number;
  /** Disk sizes in GiB; the first one is the boot disk. */
  readonly disks: readonly number[];
  readonly networks: readonly string[];
  readonly os: OperatingSystem;
  readonly firmware: 'BIOS' | 'EFI';
  readonly secureBoot?: boolean;
  /** Number of CD-ROM drives; default one. */
  readonly cdroms?: number;
  readonly floppies?: number;
  /** Shared disks, after the machine's own: ids and sizes in GiB. */
  readonly sharedDisks?: readonly { readonly id: string; readonly size: number }[];
  readonly behaviour?: InstanceBehaviour;
}

export interface OperatingSystem {
  readonly type: 'linux' | 'windows' | 'bsd';
  readonly guestId: string;
  /** Name as OS morphing reports it. */
  readonly name: string;
}

export interface SharedVmValues {
  /** Prefix of the flavour names, e.g. `lab`. */
  readonly flavorPrefix: string;
  /** Datastores, used in turn. */
  readonly datastores: readonly [string, string];
  readonly networkIds: Readonly<Record<string, string>>;
  /** First four hexadecimal digits of the machines' ids. */
  readonly idPrefix: string;
}

/** Makes the machines of a vSphere-like platform. */
export function makeVms(specs: readonly VmSpec[], style: SharedVmValues): PlatformInstance[] {
  return specs.map((spec, position) => makeVm(spec, position + 1, style));
}

function makeVm(spec: VmSpec, number: number, style: SharedVmValues): PlatformInstance {
  const hex4 = number.toString(16).padStart(4, '0');
  const hex2 = hex4.slice(-2);
  const datastore = style.datastores[number % 2 === 0 ? 0 : 1];
  const diskId = (position: number): string => `6000c29${hex4.slice(-1)}-${hex4}-200${position.toString(16)}`;
  const { sharedDisks = [] } = spec;
  const summary = {
    id: `${style.idPrefix}${hex4}-0000-4000-8000-0000000010${hex2}`,
    name: spec.name,
    instance_name: spec.identifier ?? spec.name,
    num_cpu: spec.cpus,
    memory_mb: spec.memoryGib * 1024,
    os_type: spec.os.type,
    firmware_type: spec.firmware,
    guest_id: spec.os.guestId,
    flavor_name: `${style.flavorPrefix}.${spec.cpus}x${Math.max(1, Math.floor(spec.memoryGib))}`,
  };
  const { guest_id, flavor_name, ...head } = summary;
  const details = {
    ...head,
    secure_boot: spec.secureBoot ?? false,
    nested_virtualization: false,
    dynamic_memory_enabled: false,
    guest_id,
    flavor_name,
    devices: {
      disks: [
        ...spec.disks.map((size, disk) => ({
          id: diskId(disk),
          format: 'vmdk',
          unit_number: disk,
          size_bytes: size * GIB,
          path: `[${datastore}] ${spec.name}/disk-${disk}.vmdk`,
          controller_id: '1000',
          storage_backend_identifier: datastore,
          allocation_type: disk === 0 ? 'static' : 'dynamic',
        })),
        ...sharedDisks.map(({ id, size }, position) => ({
          id,
          format: 'vmdk',
          unit_number: position,
          size_bytes: size * GIB,
          path: `[${style.datastores[0]}] shared/${id}.vmdk`,
          controller_id: '1001',
          storage_backend_identifier: style.datastores[0],
          allocation_type: 'static',
          shareable: true,
        })),
      ],
      nics: spec.networks.map((network, nic) => ({
        id: String(4000 + nic),
        name: `Network adapter ${nic + 1}`,
        network_name: network,
        network_id: style.networkIds[network] ?? 'network-11',
        mac_address: `00:50:56:aa:${hex2}:0${nic}`,
        ip_addresses: [nic === 0 ? `192.0.2.${10 + number}` : `198.51.100.${10 + number}`],
      })),
      cdroms: numbered(spec.cdroms ?? 1, (unit) => ({
        id: String(3002 + unit),
        unit_number: unit,
        controller_id: '200',
      })),
      serial_ports: [],
      floppies: numbered(spec.floppies ?? 0, (unit) => ({
        id: String(8000 + unit),
        unit_number: unit,
        controller_id: '400',
      })),
      controllers: [{ id: '1000', type: 'PVSCSI', bus_number: 0 }],
    },
    boot_order: spec.disks.length > 0 ? [{ type: 'disk', id: diskId(0) }] : [],
  };
  return { summary, details, operatingSystem: spec.os.name, behaviour: spec.behaviour ?? {} };
}

function numbered<T>(count: number, make: (unit: number) => T): T[] {
  return Array.from({ length: count }, (_, unit) => make(unit));
}
