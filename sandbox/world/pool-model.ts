import type { ProgressUpdate, TaskEvent } from './model';
import type { JsonObject } from '../json-object';

/** Status of a minion pool (docs/reference/coriolis-domain.md §11). */
export type PoolStatus =
  | 'ERROR'
  | 'DEALLOCATED'
  | 'VALIDATING_INPUTS'
  | 'ALLOCATING_SHARED_RESOURCES'
  | 'ALLOCATING_MACHINES'
  | 'DEALLOCATING_MACHINES'
  | 'DEALLOCATING_SHARED_RESOURCES'
  | 'ALLOCATED'
  | 'IN_MAINTENANCE';

export type MinionMachineStatus =
  | 'UNINITIALIZED'
  | 'HEALTHCHECKING'
  | 'ALLOCATING'
  | 'DEALLOCATING'
  | 'POWERING_OFF'
  | 'AVAILABLE'
  | 'IN_USE'
  | 'RESERVED';

export type PowerStatus = 'UNINITIALIZED' | 'POWERED_ON' | 'POWERED_OFF' | 'POWERING_ON' | 'POWERING_OFF';
export type PoolSide = 'source' | 'destination';
export type RetentionStrategy = 'delete' | 'poweroff';

/** A machine of a minion pool. Times are whole seconds since the epoch. */
export interface MinionMachine {
  readonly id: string;
  allocationStatus: MinionMachineStatus;
  powerStatus: PowerStatus;
  /** Id of the transfer or deployment that uses the machine; null for a free one. */
  allocatedActionId: string | null;
  lastUsedAt: number | null;
  connectionInfo: JsonObject | null;
  backupWriterConnectionInfo: JsonObject | null;
  providerProperties: JsonObject | null;
  readonly createdAt: number;
  updatedAt: number | null;
}

/** Fields of a pool. An update may change all but the endpoint and the platform. */
export interface PoolFields {
  name: string;
  notes: string | null;
  readonly endpointId: string;
  readonly side: PoolSide;
  osType: string;
  environmentOptions: JsonObject;
  minimumMinions: number;
  maximumMinions: number;
  /** Seconds after which an idle machine is removed or powered off. */
  minionMaxIdleTime: number;
  retentionStrategy: RetentionStrategy;
}

export interface MinionPool extends PoolFields {
  readonly id: string;
  readonly projectId: string;
  readonly userId: string;
  readonly trustId: string;
  status: PoolStatus;
  sharedResources: JsonObject | null;
  /** Machines in order of their ids. They are given to transfers and deployments in this order. */
  machines: MinionMachine[];
  readonly events: TaskEvent[];
  readonly progressUpdates: ProgressUpdate[];
  readonly createdAt: number;
  updatedAt: number | null;
  deletedAt: number | null;
}
