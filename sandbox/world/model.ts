import type { JsonObject } from '../json';
import type { InstanceDetails } from '../platforms/platform';
import type { CronTimes } from './time/cron';

/** coriolis-domain.md §2. */
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

/** coriolis-domain.md §3. */
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

export const ACTIVE_EXECUTION_STATUSES: readonly ExecutionStatus[] = [
  'RUNNING',
  'CANCELLING',
  'AWAITING_MINION_ALLOCATIONS',
];

export function isActive(status: ExecutionStatus): boolean {
  return ACTIVE_EXECUTION_STATUSES.includes(status);
}

export type ExecutionType = 'transfer_execution' | 'transfer_update' | 'transfer_disks_delete' | 'deployment';
/** The operating systems that pools and global user scripts are for. */
export const OS_TYPES = ['bsd', 'linux', 'osx', 'solaris', 'windows'];
export type Scenario = 'replica' | 'live_migration';
export type EventLevel = 'INFO' | 'WARNING' | 'ERROR';

/** All times below are whole seconds since the epoch, as the server's database keeps them. */
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

/** What the tasks learn and make about one instance: the `info` of a transfer or deployment (coriolis-api.md §7.1). */
export interface InstanceInfo extends JsonObject {
  source_environment?: JsonObject;
  target_environment?: JsonObject;
  export_info?: InstanceDetails & { hostname: string };
  volumes_info?: VolumeInfo[];
  transfer_result?: JsonObject;
}

/** By operating system and by instance: lists of `{phase, payload}`, on servers before 1.2.3 whatever came. */
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
  /** An object, if the caller gave one: the server does not check it. */
  connectionInfo: unknown;
  mappedRegions: string[];
  readonly createdAt: number;
  updatedAt: number | null;
  deletedAt: number | null;
}

/** What transfers and deployments have in common ("actions" in the server's own words). */
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
  /** Pool ids by instance, or something falsy of any type, which the server keeps. */
  osMorphingPools: unknown;
  /** The licence units that are set aside for it, if any. */
  reservationId?: string;
  lastExecutionStatus: ExecutionStatus;
  readonly createdAt: number;
  updatedAt: number | null;
  deletedAt: number | null;
}

/** What is only needed when somebody looks closer; made on first use for pre-made estates, so that 100,000 transfers stay small. */
export interface TransferRecords {
  /** In the order of their numbers, deleted ones included. */
  readonly executions: Execution[];
  readonly info: Record<string, InstanceInfo>;
}

export interface Transfer extends Action {
  originMinionPoolId: string | null;
  destinationMinionPoolId: string | null;
  /** The records, or how to make them. */
  records: TransferRecords | (() => TransferRecords);
}

export interface DirectSync {
  readonly replicationCount: number;
  readonly shutdownInstances: boolean;
  readonly originMinionPoolId: string | null;
  readonly destinationMinionPoolId: string | null;
}

export interface Deployment extends Action {
  /** `null` for a direct migration. */
  readonly transferId: string | null;
  /** How a direct migration syncs, which it does by itself. */
  readonly sync: DirectSync | null;
  /** The execution that an auto-deployment waits or waited for. */
  readonly deployerId: string | null;
  readonly trustId: string | null;
  readonly info: Record<string, InstanceInfo>;
  execution: Execution | null;
}

/** The executions and per-instance information of a transfer. */
export function recordsOf(transfer: Transfer): TransferRecords {
  if (typeof transfer.records === 'function') transfer.records = transfer.records();
  return transfer.records;
}

/** Who asks: the owner of what is created, and the only one who sees it. */
export interface Owner {
  readonly projectId: string;
  readonly userId: string;
}

/** Who asks for something that runs tasks. Without trust the server cannot act for the caller later (coriolis-api.md §3.1). */
export interface Requester extends Owner {
  readonly trusted: boolean;
}

/** A region of Coriolis: a grouping of endpoints and workers that belongs to no project (coriolis-api.md §6.4). Times are whole seconds since the epoch. */
export interface Region {
  readonly id: string;
  name: string;
  description: string | null;
  /** Null after an update with null, and then as good as false. */
  enabled: boolean | null;
  readonly createdAt: number;
  updatedAt: number | null;
  deletedAt: number | null;
}

/** A registered worker process (coriolis-api.md §6.5). Times are whole seconds since the epoch. */
export interface Service {
  readonly id: string;
  readonly host: string;
  readonly binary: string;
  readonly topic: string;
  /** Null after an update with null, and then as good as false. */
  enabled: boolean | null;
  readonly status: 'UP' | 'DOWN' | 'UNKNOWN';
  mappedRegions: string[];
  readonly createdAt: number;
  updatedAt: number | null;
  deletedAt: number | null;
}

/** The one worker process of a sandbox: the host of all tasks. */
export const WORKER_HOST = 'worker-1';

/** What executes a transfer again and again (coriolis-api.md §9). Times are whole seconds since the epoch. */
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

/** An endpoint with the connection data that its platform is reached with, or why they cannot be read, and after how many seconds of life. */
export type Reached =
  { readonly endpoint: Endpoint } | { readonly problem: string; readonly seconds: number };
