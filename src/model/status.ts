import type { TransferOrDeployment, Execution } from './api-objects';

/**
 * Meaning of Coriolis' statuses and execution types (docs/reference/coriolis-domain.md §§2-4). A status that is in no
 * list here comes from a newer server; it never counts as final.
 */

/** Outcome of an execution or deployment that has ended. */
export type Outcome = 'completed' | 'failed' | 'canceled';

const FINAL: Readonly<Record<string, Outcome>> = {
  COMPLETED: 'completed',
  ERROR: 'failed',
  CANCELED: 'canceled',
  CANCELED_FOR_DEBUGGING: 'failed',
  DEADLOCKED: 'failed',
  ERROR_ALLOCATING_MINIONS: 'failed',
};

/**
 * Statuses of executions and deployments that are running. CANCELLING also appears during the clean-up after a failure.
 */
const ACTIVE_STATUSES: readonly string[] = ['RUNNING', 'CANCELLING', 'AWAITING_MINION_ALLOCATIONS'];

/** Whether a status is final. False for unknown statuses. */
export function isFinal(status: string): boolean {
  return outcomeOf(status) !== undefined;
}

/**
 * Whether an execution or deployment with this status is running. False for UNEXECUTED, PENDING and unknown statuses.
 */
export function isActive(status: string): boolean {
  return ACTIVE_STATUSES.includes(status);
}

/** Whether an execution or deployment has ended or is being canceled, so that cancelling it would have no effect. */
export function isStoppedOrStopping(status: string): boolean {
  return status === 'CANCELLING' || isFinal(status);
}

/**
 * Whether an execution or deployment is running and will go on: false while it is being canceled, so that nobody takes
 * it for the run that a call asks for.
 */
export function isActiveUncanceled(status: string): boolean {
  return isActive(status) && !isStoppedOrStopping(status);
}

/** Outcome of a final status; undefined for all others. */
export function outcomeOf(status: string): Outcome | undefined {
  return Object.hasOwn(FINAL, status) ? FINAL[status] : undefined;
}

/** Status of an execution or a deployment; for a transfer, that of its latest execution. */
export function statusOf(run: TransferOrDeployment | Execution): string {
  return 'status' in run ? run.status : run.last_execution_status;
}

/** Phase of a task. `failed`: by an error of its own. `stopped`: because of another task or a cancellation. */
export type TaskPhase = 'waiting' | 'active' | 'completed' | 'failed' | 'stopped';

const TASK_PHASES: Readonly<Record<string, TaskPhase>> = {
  SCHEDULED: 'waiting',
  EXECUTE_ON_ERROR_ONLY: 'waiting',
  PENDING: 'active',
  STARTING: 'active',
  RUNNING: 'active',
  SYNCING: 'active',
  CANCELLING: 'active',
  CANCELLING_AFTER_COMPLETION: 'active',
  COMPLETED: 'completed',
  ERROR: 'failed',
  FAILED_TO_SCHEDULE: 'failed',
  UNSCHEDULED: 'stopped',
  CANCELED: 'stopped',
  FORCE_CANCELED: 'stopped',
  CANCELED_AFTER_COMPLETION: 'stopped',
  CANCELED_FOR_DEBUGGING: 'stopped',
  STRANDED_AFTER_DEADLOCK: 'stopped',
  FAILED_TO_CANCEL: 'stopped',
};

/** Phase of a task's status (docs/reference/coriolis-domain.md §3). Unknown statuses count as active. */
export function taskPhaseOf(status: string): TaskPhase {
  return (Object.hasOwn(TASK_PHASES, status) ? TASK_PHASES[status] : undefined) ?? 'active';
}

const STATUS_LABELS: Readonly<Record<string, string>> = {
  UNEXECUTED: 'not executed',
  PENDING: 'waiting for its execution',
  AWAITING_MINION_ALLOCATIONS: 'awaiting minions',
  RUNNING: 'running',
  CANCELLING: 'cancelling or cleaning up',
  COMPLETED: 'completed',
  ERROR: 'failed',
  CANCELED: 'canceled',
  CANCELED_FOR_DEBUGGING: 'failed, kept for debugging',
  DEADLOCKED: 'deadlocked',
  ERROR_ALLOCATING_MINIONS: 'failed, no minion machines',
};

/** Display text of a status. Unknown statuses are shown unchanged. */
export function statusLabelOf(status: string): string {
  return (Object.hasOwn(STATUS_LABELS, status) ? STATUS_LABELS[status] : undefined) ?? status;
}

/** Purpose of an execution, with the same names for both generations of servers. */
export type ExecutionPurpose = 'sync' | 'disks_delete' | 'update' | 'deployment';

const PURPOSES: Readonly<Record<string, ExecutionPurpose>> = {
  transfer_execution: 'sync',
  replica_execution: 'sync',
  transfer_disks_delete: 'disks_delete',
  replica_disks_delete: 'disks_delete',
  transfer_update: 'update',
  replica_update: 'update',
  deployment: 'deployment',
  replica_deploy: 'deployment',
  migration: 'deployment',
};

/** Purpose of an execution type (docs/reference/coriolis-domain.md §4); undefined for unknown types. */
export function purposeOf(executionType: string): ExecutionPurpose | undefined {
  return Object.hasOwn(PURPOSES, executionType) ? PURPOSES[executionType] : undefined;
}

const PURPOSE_LABELS: Readonly<Record<ExecutionPurpose, string>> = {
  sync: 'Transfer execution (replica sync)',
  disks_delete: 'Deletion of transferred disks',
  update: 'Transfer update',
  deployment: 'Deployment (migration)',
};

/** Display text of an execution type. Unknown types are shown unchanged. */
export function executionTypeLabelOf(executionType: string): string {
  const purpose = purposeOf(executionType);
  return purpose === undefined ? executionType : PURPOSE_LABELS[purpose];
}

/**
 * Milliseconds after which a final status is trusted. Before, the server may still replace it
 * (docs/reference/watching.md §1).
 */
export const MIN_FINAL_STATUS_AGE_MS = 2_000;
