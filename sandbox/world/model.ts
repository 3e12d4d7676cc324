import type { JsonObject } from '../json-object';
import type { InstanceDetails } from '../platforms/platform';
import type { CronTimes } from './time/cron-times';

/** Status of an execution (docs/reference/coriolis-domain.md §2). */
export type ExecutionStatus =
  | 'UNEXECUTED'
  | 'PENDING'
  | 'AWAITING_MINION_ALLOCATIONS'
  | 'RUNNING'
  | 'CANCELLING'
  | 'COMPLETED'
  | 'ERROR'
  | 'CANCELED'
  | 'CANCELED_FOR_DEBUGGING'
  | 'DEADLOCKED'
  | 'ERROR_ALLOCATING_MINIONS';

/** Status of a task (docs/reference/coriolis-domain.md §3). */
export type TaskStatus =
  | 'SCHEDULED'
  | 'PENDING'
  | 'STARTING'
  | 'RUNNING'
  | 'SYNCING'
  | 'CANCELLING'
  | 'CANCELLING_AFTER_COMPLETION'
  | 'COMPLETED'
  | 'ERROR'
  | 'FAILED_TO_SCHEDULE'
  | 'UNSCHEDULED'
  | 'CANCELED'
  | 'FORCE_CANCELED'
  | 'CANCELED_AFTER_COMPLETION'
  | 'CANCELED_FOR_DEBUGGING'
  | 'STRANDED_AFTER_DEADLOCK'
  | 'FAILED_TO_CANCEL'
  | 'EXECUTE_ON_ERROR_ONLY';

const ACTIVE_EXECUTION_STATUSES: readonly ExecutionStatus[] = [
  'RUNNING',
  'CANCELLING',
  'AWAITING_MINION_ALLOCATIONS',
];

export function isActiveExecutionStatus(status: ExecutionStatus): boolean {
  return ACTIVE_EXECUTION_STATUSES.includes(status);
}

export type ExecutionType = 'transfer_execution' | 'transfer_update' | 'transfer_disks_delete' | 'deployment';
/** Operating systems of pools and global user scripts. */
export const OS_TYPES = ['bsd', 'linux', 'osx', 'solaris', 'windows'];
export type Scenario = 'replica' | 'live_migration';
export type EventLevel = 'INFO' | 'WARNING' | 'ERROR';

/** An event of a task. All times below are whole seconds since the epoch, as in the server's database. */
export interface TaskEvent {
  readonly id: string;
  readonly index: number;
  readonly level: EventLevel;
  readonly message: string;
  readonly createdAt: number;
}

export interface ProgressUpdate {
  readonly id: string;
  readonly index: number;
  currentStep: number;
  readonly totalSteps: number;
  readonly message: string;
  readonly createdAt: number;
  updatedAt: number | null;
}

export interface Task {
  readonly id: string;
  readonly executionId: string;
  readonly instance: string;
  readonly type: string;
  readonly index: number;
  readonly onError: boolean;
  readonly dependsOn: readonly string[] | null;
  readonly events: TaskEvent[];
  readonly progressUpdates: ProgressUpdate[];
  readonly createdAt: number;
  status: TaskStatus;
  host: string | null;
  processId: number | null;
  exceptionDetails: string | null;
  updatedAt: number | null;
}

export interface Execution {
  readonly id: string;
  readonly actionId: string;
  readonly type: ExecutionType;
  readonly number: number;
  readonly tasks: Task[];
  readonly createdAt: number;
  status: ExecutionStatus;
  updatedAt: number | null;
  deletedAt: number | null;
}

export interface VolumeInfo {
  readonly disk_id: string;
  readonly volume_id: string;
  readonly volume_dev: string;
  replicated: boolean;
  /** False for a shared disk that another instance copies. */
  readonly replicate_disk_data?: boolean;
}

/**
 * Results of the tasks for one instance: the `info` of a transfer or deployment (docs/reference/coriolis-api.md §7.1).
 */
export interface InstanceInfo extends JsonObject {
  source_environment?: JsonObject;
  target_environment?: JsonObject;
  export_info?: InstanceDetails & { hostname: string };
  volumes_info?: VolumeInfo[];
  transfer_result?: JsonObject;
}

/** User scripts by operating system and by instance: lists of `{phase, payload}`, on servers before 1.2.3 as sent. */
export interface UserScripts extends JsonObject {
  readonly global?: JsonObject;
  readonly instances?: JsonObject;
}

export interface Endpoint {
  readonly id: string;
  readonly projectId: string;
  readonly userId: string;
  readonly type: string;
  name: string;
  description: string | null;
  /** Connection data, of any type, because the server does not check it. */
  connectionInfo: unknown;
  mappedRegions: string[];
  readonly createdAt: number;
  updatedAt: number | null;
  deletedAt: number | null;
}

/** Fields that transfers and deployments share. The server calls both "actions". */
export interface Action {
  readonly id: string;
  readonly projectId: string;
  readonly userId: string;
  readonly scenario: Scenario;
  readonly instances: readonly unknown[];
  readonly originEndpointId: string;
  readonly destinationEndpointId: string;
  sourceEnvironment: JsonObject;
  destinationEnvironment: JsonObject;
  networkMap: JsonObject;
  storageMappings: JsonObject;
  userScripts: UserScripts;
  notes: unknown;
  cloneDisks: boolean;
  skipOsMorphing: boolean;
  /** Pool ids by instance, or any falsy value, which the server keeps. */
  osMorphingPools: unknown;
  /** Id of its licence reservation, if any. */
  reservationId?: string;
  lastExecutionStatus: ExecutionStatus;
  readonly createdAt: number;
  updatedAt: number | null;
  deletedAt: number | null;
}

/** Executions and instance data of a transfer. Those of generated transfers are made on first use, to save memory. */
export interface TransferHistoryRecords {
  /** Executions in order of their numbers, deleted ones included. */
  readonly executions: Execution[];
  readonly info: Record<string, InstanceInfo>;
}

export interface Transfer extends Action {
  originMinionPoolId: string | null;
  destinationMinionPoolId: string | null;
  /** The records, or a function that makes them. */
  records: TransferHistoryRecords | (() => TransferHistoryRecords);
}

/** Settings of the syncs of a direct migration. */
export interface DirectMigrationSettings {
  readonly replicationCount: number;
  readonly shutdownInstances: boolean;
  readonly originMinionPoolId: string | null;
  readonly destinationMinionPoolId: string | null;
}

export interface Deployment extends Action {
  /** `null` for a direct migration. */
  readonly transferId: string | null;
  /** Settings of a direct migration's syncs. */
  readonly directMigrationSettings: DirectMigrationSettings | null;
  /** Id of the execution that an auto-deployment waits for, or waited for. */
  readonly deployerId: string | null;
  readonly trustId: string | null;
  readonly info: Record<string, InstanceInfo>;
  execution: Execution | null;
}

/** Returns the executions and instance data of a transfer; makes them on first use. */
export function historyRecordsOf(transfer: Transfer): TransferHistoryRecords {
  if (typeof transfer.records === 'function') transfer.records = transfer.records();
  return transfer.records;
}

/** Owner of created objects. Only its project sees them. */
export interface Owner {
  readonly projectId: string;
  readonly userId: string;
}

/**
 * Caller that starts work. When it is not `trusted`, the server has no Keystone trust to act for it later (docs/reference/coriolis-api.md §3.1).
 */
export interface Requester extends Owner {
  readonly trusted: boolean;
}

/**
 * A region of Coriolis: a grouping of endpoints and workers that belongs to no project (docs/reference/coriolis-api.md
 * §6.4). Times are whole seconds since the epoch.
 */
export interface Region {
  readonly id: string;
  name: string;
  description: string | null;
  /** Null after an update with null; then it acts as false. */
  enabled: boolean | null;
  readonly createdAt: number;
  updatedAt: number | null;
  deletedAt: number | null;
}

/** A registered worker process (docs/reference/coriolis-api.md §6.5). Times are whole seconds since the epoch. */
export interface Service {
  readonly id: string;
  readonly host: string;
  readonly binary: string;
  readonly topic: string;
  /** Null after an update with null; then it acts as false. */
  enabled: boolean | null;
  readonly status: 'UP' | 'DOWN' | 'UNKNOWN';
  mappedRegions: string[];
  readonly createdAt: number;
  updatedAt: number | null;
  deletedAt: number | null;
}

/** Host of the only worker process, which runs all tasks. */
export const WORKER_HOST = 'worker-1';

/** A schedule of a transfer (docs/reference/coriolis-api.md §9). Times are whole seconds since the epoch. */
export interface Schedule {
  readonly id: string;
  readonly projectId: string;
  readonly userId: string;
  readonly transferId: string;
  readonly trustId: string;
  times: CronTimes;
  enabled: boolean;
  expirationDate: number | null;
  shutdownInstance: boolean;
  autoDeploy: boolean;
  readonly createdAt: number;
  updatedAt: number | null;
  deletedAt: number | null;
}

/** An endpoint with its connection data, or the problem of reading these and the seconds after which reading failed. */
export type ConnectionReadResult =
  { readonly endpoint: Endpoint } | { readonly problem: string; readonly seconds: number };
