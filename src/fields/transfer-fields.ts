import { flag, form, list, map, reference, text } from '../vocabulary/field-constructors';
import { withoutUndefined, type JsonObject } from '../model/json';

/** Input fields of transfers and deployments, and their request bodies (docs/reference/coriolis-api.md §11). */

/** Names of the inputs that give the endpoints and machines of a new transfer. */
export const newTransferInputNames = ['originEndpointId', 'destinationEndpointId', 'instances'] as const;
/** Names of the inputs from which the endpoints and machines of an existing transfer are found. */
export const existingTransferInputNames = ['transferId'] as const;

/** Makes the field for the network map. `within` names the inputs that give the machines and endpoints. */
export const makeNetworkMapField = (within: readonly string[]) =>
  map(
    'Network Map',
    'Source network to destination network: its id, its name, or an object with id and security_groups.',
    {
      objects: true,
      optional: true,
      keyTitle: 'Source Network',
      valueTitle: 'Destination Network',
      placeholder: '{"VM Network": "private"}',
      sides: { key: 'sourceNetwork', value: 'destinationNetwork', within },
    },
  );

/**
 * Keys of the server's `storage_mappings`, each with the field that takes its value (docs/reference/coriolis-api.md
 * §11.2).
 */
export const storageMappingInputs = {
  default: 'defaultStorage',
  backend_mappings: 'storageMappings',
  disk_mappings: 'diskMappings',
} as const;

/** Makes the fields for storage mappings. `within` names the inputs that give the machines and endpoints. */
export const makeStorageFields = (within: readonly string[]) => ({
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
    parts: storageMappingInputs,
    sides: { key: 'sourceStorage', value: 'destinationStorage', within },
  }),
  diskMappings: map(
    'Disk Mappings',
    'Disk id to destination storage, as disk=destination; overrides storage mappings.',
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
 * Makes `storage_mappings` for a request body; undefined when nothing is given. It has only the keys in use, because
 * the server refuses nulls and unknown keys (docs/reference/coriolis-api.md §11.2).
 */
export function makeStorageMappings({
  defaultStorage,
  storageMappings,
  diskMappings,
}: StorageInput): JsonObject | undefined {
  const pairs = (mappings: Readonly<Record<string, string>> | undefined, keyName: string) =>
    mappings && Object.entries(mappings).map(([source, destination]) => ({ [keyName]: source, destination }));
  const body = withoutUndefined({
    default: defaultStorage,
    backend_mappings: pairs(storageMappings, 'source'),
    disk_mappings: pairs(diskMappings, 'disk_id'),
  });
  return Object.keys(body).length === 0 ? undefined : body;
}

/** Makes the fields for both environments. `origin` and `destination` name the inputs that determine the providers. */
export const makeEnvironmentFields = (origin: string, destination: string) => ({
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

/**
 * Makes a minion pool id for a request body. "none" becomes null, which removes the pool
 * (docs/reference/coriolis-api.md §7.5).
 */
export const poolIdForRequestBody = (given: string | undefined): string | null | undefined =>
  given?.trim() === 'none' ? null : given;

/** Makes the field for the minion pools that adapt the guests, by instance. */
export const makeOsMorphingPoolsField = (within: readonly string[]) =>
  map('OS Morphing Minion Pools', 'Instance to the minion pool for its OS morphing, as instance=pool.', {
    optional: true,
    advanced: true,
    keyTitle: 'Instance',
    valueTitle: 'Minion Pool',
    of: 'minionPool',
    sides: { key: 'movedInstance', value: 'minionPool', within },
  });

/** Makes the fields for all minion pools of a transfer. */
export const makeTransferPoolFields = (within: readonly string[]) => ({
  originMinionPoolId: poolId('Origin'),
  destinationMinionPoolId: poolId('Destination'),
  osMorphingPools: makeOsMorphingPoolsField(within),
});

/** Input fields for the settings of a deployment. A setting that is left out is inherited from the transfer. */
export const deploymentSettingFields = {
  cloneDisks: flag(
    'Clone Disks',
    'Whether deployments clone the copied disks. Without clones a deployment consumes the disks, and the next execution copies everything again.',
    { optional: true, advanced: true },
  ),
  skipOsMorphing: flag('Skip OS Morphing', 'Whether deployments leave the guest as it is.', {
    optional: true,
    advanced: true,
  }),
};

/**
 * Input fields for the settings that a transfer keeps for its deployments. For a setting that is left out, the server's
 * default applies.
 */
export const deploymentDefaultFields = {
  cloneDisks: { ...deploymentSettingFields.cloneDisks, since: 'deployment_defaults' },
  skipOsMorphing: { ...deploymentSettingFields.skipOsMorphing, since: 'deployment_defaults' },
} as const;

/** Makes the field for the machines to move. `endpointField` names the input that gives their endpoint. */
export const makeInstancesField = (endpointField: string) =>
  list('Instances (VMs)', 'Identifiers of the machines, from the instance list.', {
    of: { resource: 'instance', within: endpointField },
  });

export const originEndpointIdField = reference(
  'endpoint',
  'Origin Endpoint',
  'Endpoint the machines are on.',
);

export const destinationEndpointIdField = reference(
  'endpoint',
  'Destination Endpoint',
  'Endpoint the machines go to.',
);

/** Scenarios of transfers. They decide which licence a transfer uses (docs/reference/coriolis-domain.md §9). */
export const scenarios = [
  {
    value: 'replica',
    title: 'Replica',
    description: 'Repeated syncs and deployments, for disaster recovery',
  },
  {
    value: 'live_migration',
    title: 'Live Migration',
    description: 'One move: its deployment uses up the licence',
    since: 'live_migrations',
  },
] as const;
