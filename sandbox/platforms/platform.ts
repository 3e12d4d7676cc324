import type { JsonObject } from '../json-object';

/** Capability codes of a platform (docs/reference/coriolis-api.md §6.1). */
export const PlatformCapability = {
  TRANSFER_IMPORT: 4,
  TRANSFER_EXPORT: 8,
  ENDPOINT: 16,
  ENDPOINT_INSTANCES: 32,
  OS_MORPHING: 64,
  ENDPOINT_NETWORKS: 128,
  INSTANCE_FLAVOR: 256,
  DESTINATION_OPTIONS: 512,
  VALIDATE_TRANSFER_EXPORT: 4096,
  VALIDATE_TRANSFER_IMPORT: 16384,
  ENDPOINT_STORAGE: 32768,
  SOURCE_UPDATE: 65536,
  SOURCE_OPTIONS: 131072,
  DESTINATION_UPDATE: 262144,
  SOURCE_MINION_POOL: 524288,
  DESTINATION_MINION_POOL: 1048576,
  INVENTORY: 2097152,
} as const;

/** Schema of connection information that is stored in Barbican. Every platform accepts it. */
export const SECRET_REFERENCE_SCHEMA = {
  type: 'object',
  properties: { secret_ref: { type: 'string', format: 'uri' } },
  required: ['secret_ref'],
  additionalProperties: false,
};

/** Keys that an instance has in the list and alone. */
interface InstanceHead extends JsonObject {
  readonly id: string;
  readonly name: string;
  readonly instance_name: string;
  readonly num_cpu: number;
  readonly memory_mb: number;
  readonly os_type: string;
}

/** An instance in a platform's list. */
export interface InstanceSummary extends InstanceHead {
  readonly firmware_type: string;
  readonly guest_id: string;
  readonly flavor_name: string;
}

export interface Disk extends JsonObject {
  readonly id: string;
  readonly size_bytes: number;
  /** Whether the disk is attached to several machines. */
  readonly shareable?: boolean;
  /** Instance that copies the disk. The server's conductor sets it for transfers of several instances. */
  readonly owner?: string;
}

export interface Nic extends JsonObject {
  readonly network_name: string;
}

/** A full instance. */
export interface InstanceDetails extends InstanceHead {
  readonly devices: { readonly disks: readonly Disk[]; readonly nics: readonly Nic[] } & JsonObject;
}

/** Failure of an instance: the first task of `taskType` fails with `message`. */
export interface InstanceFailure {
  readonly taskType: string;
  readonly message: string;
  /** Additional ERROR event. */
  readonly event?: string;
  /** Percent that the first disk reaches before the failure; REPLICATE_DISKS only. */
  readonly atPercent?: number;
}

/** Special behaviour of an instance when it is moved. */
export interface InstanceBehaviour {
  readonly failure?: InstanceFailure;
  /** Factor by which copying the disks takes longer. */
  readonly slowdown?: number;
  /** Percentage at which copying the first disk stops, without an error. */
  readonly stuckAtPercent?: number;
  /** Type of a task that never completes. */
  readonly stuckTask?: string;
  /** Whether running tasks ignore a cancel; only a forced one ends them. */
  readonly ignoresCancel?: boolean;
  /** Whether the execution stays RUNNING after all its tasks completed. */
  readonly neverFinishes?: boolean;
}

export interface PlatformInstance {
  readonly summary: InstanceSummary;
  readonly details: InstanceDetails;
  /** Operating system, as OS morphing reports it. */
  readonly operatingSystem: string;
  readonly behaviour: InstanceBehaviour;
}

/** An option in the answer of an `…-options` route. */
export interface PlatformOption extends JsonObject {
  readonly name: string;
  readonly values: readonly unknown[];
}

/** A simulated platform. It takes the place of a provider plug-in of the real server. */
export interface Platform {
  readonly name: string;
  readonly capabilityCodes: readonly number[];
  /** Schemas by capability code; capabilities without an entry have no schema. */
  readonly schemas: Readonly<Record<number, JsonObject>>;
  readonly instances: readonly PlatformInstance[];
  readonly networks: readonly (JsonObject & { readonly id: string; readonly name: string })[];
  readonly storage: JsonObject | null;
  readonly sourceOptions: readonly PlatformOption[];
  readonly destinationOptions: readonly PlatformOption[];
  readonly minionPoolOptions: readonly PlatformOption[];
  /** Environment field with the seconds that each task takes, on platforms that have one. */
  readonly taskSecondsField?: string;
  /** Percentage points between two progress reports of a disk. */
  readonly progressStepPercent: number;
}

/** Keys of a platform's schemas in `GET /providers/{platform}/schemas/{type}`. */
export const SCHEMA_KEY_BY_CAPABILITY: Readonly<Record<number, string>> = {
  [PlatformCapability.TRANSFER_IMPORT]: 'destination_environment_schema',
  [PlatformCapability.TRANSFER_EXPORT]: 'source_environment_schema',
  [PlatformCapability.ENDPOINT]: 'connection_info_schema',
  [PlatformCapability.SOURCE_MINION_POOL]: 'source_minion_pool_environment_schema',
  [PlatformCapability.DESTINATION_MINION_POOL]: 'destination_minion_pool_environment_schema',
};

/** Finds an instance by the identifier that a transfer names: its `instance_name`, name or id. */
export function findInstance(platform: Platform, identifier: unknown): PlatformInstance | undefined {
  return platform.instances.find(
    ({ summary }) =>
      summary.instance_name === identifier || summary.id === identifier || summary.name === identifier,
  );
}
