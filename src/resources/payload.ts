import { flag, form, list, map, objectMap, reference, text } from '../vocabulary/fields';
import type { JsonObject } from '../model/json';

/** Composite objects of transfer and deployment bodies (coriolis-api.md §11): their inputs and their API form. */

/** Inputs that lead to the machines and endpoints of a new transfer, and of an existing one. */
export const ofNewTransfer = ['originEndpointId', 'destinationEndpointId', 'instances'] as const;
export const ofTransfer = ['transferId'] as const;

export const networkMapWithin = (within: readonly string[]) =>
  objectMap(
    'Network Map',
    'Source network name to destination network: an id or name, or an object with id and security_groups.',
    {
      optional: true,
      keyTitle: 'Source Network',
      valueTitle: 'Destination Network',
      placeholder: '{"VM Network": "private"}',
      sides: { key: 'sourceNetwork', value: 'destinationNetwork', within },
    },
  );

export const storageFieldsWithin = (within: readonly string[]) => ({
  defaultStorage: text('Default Storage', 'Destination storage for every disk that no mapping names.', {
    optional: true,
    advanced: true,
    offer: { side: 'destinationStorage', within },
  }),
  storageMappings: map('Storage Mappings', 'Source storage to destination storage, as source=destination.', {
    optional: true,
    advanced: true,
    keyTitle: 'Source Storage',
    valueTitle: 'Destination Storage',
    placeholder: 'datastore1=ceph-ssd',
    sides: { key: 'sourceStorage', value: 'destinationStorage', within },
  }),
  diskMappings: map(
    'Disk Mappings',
    'Disk id to destination storage, as disk=destination; wins over storage mappings.',
    {
      optional: true,
      advanced: true,
      keyTitle: 'Disk ID',
      valueTitle: 'Destination Storage',
      placeholder: '6000c291-0001=ceph-hdd',
      sides: { key: 'disk', value: 'destinationStorage', within },
    },
  ),
});

interface StorageInput {
  readonly defaultStorage: string | undefined;
  readonly storageMappings: Readonly<Record<string, string>> | undefined;
  readonly diskMappings: Readonly<Record<string, string>> | undefined;
}

/**
 * Body of `storage_mappings`, with only the keys in use: the server refuses nulls and unknown keys (coriolis-api.md
 * §11.2).
 */
export function storageBody({
  defaultStorage,
  storageMappings,
  diskMappings,
}: StorageInput): JsonObject | undefined {
  const body = {
    ...(defaultStorage === undefined ? {} : { default: defaultStorage }),
    ...(storageMappings === undefined
      ? {}
      : {
          backend_mappings: Object.entries(storageMappings).map(([source, destination]) => ({
            source,
            destination,
          })),
        }),
    ...(diskMappings === undefined
      ? {}
      : {
          disk_mappings: Object.entries(diskMappings).map(([id, destination]) => ({
            disk_id: id,
            destination,
          })),
        }),
  };
  return Object.keys(body).length === 0 ? undefined : body;
}

export const environmentsWithin = (origin: string, destination: string) => ({
  sourceEnvironment: form(
    'source',
    origin,
    'Source Environment',
    'Options of the source platform, as in its source schema.',
    { optional: true },
  ),
  destinationEnvironment: form(
    'destination',
    destination,
    'Destination Environment',
    'Options of the destination platform, as in its destination schema.',
    { optional: true },
  ),
});

const poolId = (side: string) =>
  reference(
    'minionPool',
    `${side} Minion Pool`,
    `Allocated minion pool on the ${side.toLowerCase()} endpoint: its id, or its exact name when unique; "none" removes it in an update.`,
    { optional: true, advanced: true, removable: true },
  );

/** Body value of a pool: null removes it (coriolis-api.md §7.5). */
export const poolBody = (given: string | undefined): string | null | undefined =>
  given === 'none' ? null : given;

export const osMorphingPoolsWithin = (within: readonly string[]) =>
  map('OS Morphing Minion Pools', 'Instance to the minion pool that adapts it, as instance=pool.', {
    optional: true,
    advanced: true,
    keyTitle: 'Instance',
    valueTitle: 'Minion Pool',
    of: 'minionPool',
    sides: { key: 'movedInstance', value: 'minionPool', within },
  });

export const poolsWithin = (within: readonly string[]) => ({
  originMinionPoolId: poolId('Origin'),
  destinationMinionPoolId: poolId('Destination'),
  osMorphingPools: osMorphingPoolsWithin(within),
});

/** Inputs of a deployment; undefined keeps the transfer's default. */
export const deploymentSettings = {
  cloneDisks: flag(
    'Clone Disks',
    'Whether deployments clone the transferred disks; without clones they consume them, and the next execution copies all again.',
    { optional: true, advanced: true },
  ),
  skipOsMorphing: flag('Skip OS Morphing', 'Whether deployments leave the guest as it is.', {
    optional: true,
    advanced: true,
  }),
};

/** Inputs of a transfer for its deployments; undefined keeps the server's default. */
export const deploymentDefaults = {
  cloneDisks: { ...deploymentSettings.cloneDisks, since: 'deployment_defaults' },
  skipOsMorphing: { ...deploymentSettings.skipOsMorphing, since: 'deployment_defaults' },
} as const;

export const instancesOf = (endpointField: string) =>
  list('Instances (VMs)', 'Identifiers of the machines, from the instance list.', {
    of: { resource: 'instance', within: endpointField },
  });

export const originEndpointId = reference(
  'endpoint',
  'Origin Endpoint',
  'Endpoint the machines are on: id or unique name.',
);

export const destinationEndpointId = reference(
  'endpoint',
  'Destination Endpoint',
  'Endpoint the machines go to: id or unique name.',
);

/** Drops undefined entries. */
export function given(entries: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(entries).filter(([, value]) => value !== undefined));
}

/** Scenarios of transfers; they decide the licence (coriolis-domain.md §9). */
export const scenarios = [
  {
    value: 'replica',
    title: 'Replica',
    description: 'Repeated syncs and deployments, for disaster recovery',
  },
  {
    value: 'live_migration',
    title: 'Live Migration',
    description: 'One move: a deployment uses the licence up',
    since: 'live_migrations',
  },
] as const;
