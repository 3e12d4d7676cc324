import type { Deployment, Execution } from './types';

/**
 * What the status words of Coriolis mean (coriolis-domain.md §§2-4). All sets are positive lists: a word that no set
 * contains is a word of a newer server and means "still going on", never "done".
 */

/** How a run ended. */
export type Outcome = 'completed' | 'failed' | 'canceled';

const FINAL: Readonly<Record<string, Outcome>> = {
  COMPLETED: 'completed',
  ERROR: 'failed',
  CANCELED: 'canceled',
  CANCELED_FOR_DEBUGGING: 'failed',
  DEADLOCKED: 'failed',
  ERROR_ALLOCATING_MINIONS: 'failed',
};

/** Statuses of executions and deployments in which work goes on; CANCELLING is also a failure being cleaned up. */
export const ACTIVE_STATUSES: readonly string[] = ['RUNNING', 'CANCELLING', 'AWAITING_MINION_ALLOCATIONS'];

/** Statuses of executions and deployments that never change again. */
export const FINAL_STATUSES: readonly string[] = Object.keys(FINAL);

/** Whether a run with this status is over. False for unknown words. */
export function isFinal(status: string): boolean {
  return outcomeOf(status) !== undefined;
}

/** Whether the server is working on a run with this status. False for UNEXECUTED, PENDING and unknown words. */
export function isActive(status: string): boolean {
  return ACTIVE_STATUSES.includes(status);
}

/** Whether a run with this status is over or on its way there, so that a cancel has nothing left to do. */
export function isBeingStopped(status: string): boolean {
  return status === 'CANCELLING' || isFinal(status);
}

/** How a run with this status ended; undefined while it is not over. */
export function outcomeOf(status: string): Outcome | undefined {
  return Object.hasOwn(FINAL, status) ? FINAL[status] : undefined;
}

/** Status of an execution, or of the only run of a deployment (which has no `status` of its own). */
export function statusOf(run: Execution | Deployment): string {
  return 'status' in run ? run.status : run.last_execution_status;
}

/** Phase of a task: not begun, being worked on, ended well, ended by an error of its own, ended because of others. */
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

/** Phase of a task with this status (coriolis-domain.md §3); unknown words count as being worked on. */
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

/** Words for people; a status of a newer server is shown as it is. */
export function statusLabel(status: string): string {
  return (Object.hasOwn(STATUS_LABELS, status) ? STATUS_LABELS[status] : undefined) ?? status;
}

/** What a run is for, independent of the server's generation. */
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

/** What an execution type means (coriolis-domain.md §4); undefined for types of newer servers. */
export function purposeOf(executionType: string): ExecutionPurpose | undefined {
  return Object.hasOwn(PURPOSES, executionType) ? PURPOSES[executionType] : undefined;
}

const PURPOSE_LABELS: Readonly<Record<ExecutionPurpose, string>> = {
  sync: 'Transfer execution (replica sync)',
  disks_delete: 'Deletion of transferred disks',
  update: 'Transfer update',
  deployment: 'Deployment (migration)',
};

/** Words for people, the familiar one beside the new; a type of a newer server is shown as it is. */
export function executionTypeLabel(executionType: string): string {
  const purpose = purposeOf(executionType);
  return purpose === undefined ? executionType : PURPOSE_LABELS[purpose];
}
