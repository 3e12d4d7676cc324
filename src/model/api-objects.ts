import type { JsonObject } from './json';
import type { ScheduleTimes } from './schedule';

/**
 * Objects as the current API sends them (docs/reference/coriolis-api.md §§6-10). Statuses and types are plain texts,
 * because later releases may send new ones. Timestamps are UTC without a zone ("2026-11-22T15:44:13.000000").
 */
export interface Timestamps {
  readonly created_at: string;
  /**
   * Null until the first change. For an execution or deployment that has ended, it is the time of its end
   * (docs/reference/watching.md §1).
   */
  readonly updated_at: string | null;
  readonly deleted_at: string | null;
}

export interface Endpoint extends Timestamps {
  readonly id: string;
  readonly name: string;
  /** Platform of the endpoint, such as `vmware_vsphere`. */
  readonly type: string;
  readonly description: string | null;
  /**
   * Connection details, with secrets, which the server sends in clear text. They must never leave `src/` unredacted.
   */
  readonly connection_info: JsonObject;
  readonly mapped_regions: readonly string[];
}

/** Virtual machine on an endpoint. */
export interface Instance {
  readonly id: string;
  readonly name: string;
  /** Identifier that transfers use for the machine; `id` when absent (docs/reference/coriolis-api.md §6.3). */
  readonly instance_name?: string;
  readonly num_cpu: number;
  readonly memory_mb: number;
  readonly os_type: string;
  readonly firmware_type?: string;
  readonly flavor_name?: string;
  readonly devices?: {
    readonly disks?: ReadonlyArray<{
      readonly id: string;
      readonly size_bytes?: number;
      readonly storage_backend_identifier?: string;
    }>;
    readonly nics?: ReadonlyArray<{ readonly network_name?: string; readonly mac_address?: string | null }>;
  };
}

export interface Network {
  readonly id: string;
  readonly name: string;
}

/** Storage of a destination that disks can be mapped to. */
export interface StorageBackend {
  readonly id: string;
  readonly name: string;
  readonly additional_provider_properties?: JsonObject;
}

/** Option of an environment, with the values that the platform offers for it. */
export interface ProviderOption {
  readonly name: string;
  readonly values: readonly unknown[];
  readonly config_default?: unknown;
}

/** Progress of a task as its provider reports it: steps, or only a message. */
export interface ProgressUpdate {
  readonly id: string;
  readonly index?: number;
  readonly current_step: number;
  readonly total_steps: number;
  readonly message: string;
  readonly created_at: string;
  readonly updated_at: string | null;
}

/** Message of a task or a minion pool, with a level. */
export interface TaskEvent {
  readonly id: string;
  readonly index?: number;
  readonly level: string;
  readonly message: string;
  readonly created_at: string;
}

/** Step of an execution or deployment, for one machine. */
export interface Task {
  readonly id: string;
  readonly execution_id: string;
  readonly instance: string;
  readonly host: string | null;
  readonly status: string;
  readonly task_type: string;
  readonly exception_details: string | null;
  readonly depends_on: readonly string[] | null;
  readonly index: number;
  /** Whether this is a clean-up task. Such a task also runs after a failure, and some run only then. */
  readonly on_error: boolean;
  readonly events: readonly TaskEvent[];
  readonly progress_updates: readonly ProgressUpdate[];
  readonly created_at: string;
  readonly updated_at: string | null;
}

export interface Execution extends Timestamps {
  readonly id: string;
  /** Id of the transfer that the execution belongs to. */
  readonly action_id: string;
  readonly type: string;
  readonly status: string;
  /** Number of the execution among those of its transfer: 1, 2, 3 … Never reused. */
  readonly number: number;
  readonly tasks?: readonly Task[];
}

/** Fields that transfers and deployments share. */
export interface TransferOrDeployment extends Timestamps {
  readonly id: string;
  readonly instances: readonly string[];
  readonly origin_endpoint_id: string;
  readonly destination_endpoint_id: string;
  readonly source_environment: JsonObject | null;
  readonly destination_environment: JsonObject | null;
  readonly network_map: JsonObject | null;
  readonly storage_mappings: JsonObject | null;
  readonly user_scripts?: JsonObject | null;
  readonly notes: string | null;
  readonly last_execution_status: string;
  readonly clone_disks?: boolean;
  readonly skip_os_morphing?: boolean;
  readonly transfer_result?: JsonObject | null;
  readonly origin_minion_pool_id?: string | null;
  readonly destination_minion_pool_id?: string | null;
  readonly instance_osmorphing_minion_pool_mappings?: JsonObject | null;
  readonly info?: JsonObject;
}

export interface Transfer extends TransferOrDeployment {
  readonly scenario?: string;
  /** Id of the licence reservation; null or missing on servers without licensing. */
  readonly reservation_id?: string | null;
  readonly executions?: readonly Execution[];
}

export interface Deployment extends TransferOrDeployment {
  /** Null for a direct migration of a legacy server, which has no transfer. */
  readonly transfer_id: string | null;
  /** Id of the execution that this deployment waits for, or waited for. */
  readonly deployer_id?: string | null;
  readonly transfer_scenario_type?: string;
  /** Missing until the deployment has started (docs/reference/coriolis-api.md §10.1). */
  readonly tasks?: readonly Task[];
}

export interface Schedule extends Timestamps {
  readonly id: string;
  readonly transfer_id: string;
  readonly schedule: ScheduleTimes;
  readonly enabled: boolean;
  readonly expiration_date: string | null;
  /**
   * Whether the source machines are shut down. Executions call this `shutdown_instances`
   * (docs/reference/coriolis-api.md §17, trap 2).
   */
  readonly shutdown_instance: boolean;
  /** Whether a deployment follows each execution. Present on servers from 1.1.3. */
  readonly auto_deploy?: boolean;
}

/** Temporary machine of a minion pool. */
export interface MinionMachine extends Timestamps {
  readonly id: string;
  readonly allocation_status: string;
  readonly power_status: string;
  readonly allocated_action: string | null;
  readonly last_used_at: string | null;
}

export interface MinionPool extends Timestamps {
  readonly id: string;
  readonly name: string;
  readonly notes: string | null;
  readonly endpoint_id: string;
  readonly platform: string;
  readonly os_type: string;
  readonly environment_options: JsonObject;
  readonly status: string;
  readonly minimum_minions: number;
  readonly maximum_minions: number;
  /** Seconds for which a machine may stay unused before the pool removes or stops it. */
  readonly minion_max_idle_time: number;
  readonly minion_retention_strategy: string;
  readonly minion_machines?: readonly MinionMachine[];
  /** Events of the pool. Missing in lists (docs/reference/coriolis-api.md §6.6). */
  readonly events?: readonly TaskEvent[];
  readonly progress_updates?: readonly ProgressUpdate[];
}

export interface Region extends Timestamps {
  readonly id: string;
  readonly name: string;
  readonly description: string | null;
  readonly enabled: boolean;
  readonly mapped_endpoints: readonly string[];
  readonly mapped_services: readonly string[];
}

/** Process of Coriolis, such as a worker. */
export interface Service extends Timestamps {
  readonly id: string;
  readonly host: string;
  readonly binary: string;
  readonly topic: string;
  readonly enabled: boolean;
  readonly status: string;
  readonly providers?: Readonly<Record<string, { readonly types: readonly number[] }>> | null;
  readonly mapped_regions: readonly string[];
}
