import { findInstance } from '../../platforms/platform';
import type { Disk, InstanceFailure, PlatformInstance } from '../../platforms/platform';
import type { Task } from '../model';
import {
  copiesDisk,
  equivalentTransferTaskTypeOf,
  findConnectionReadError,
  taskBehaviourOf,
} from './task-behaviours';
import type { TaskContext } from './task-context';

const RATE_BYTES_PER_SECOND = 110 * 1024 * 1024;
/** Share of a disk that an incremental sync copies. */
const CHANGED_SHARE = 0.04;
const MIN_DISK_SECONDS = 8;

/**
 * Task types at which the instances of a clustered transfer wait for each other (docs/reference/coriolis-domain.md §1).
 */
export const BARRIER_TASK_TYPES: readonly string[] = ['GET_INSTANCE_INFO', 'SHUTDOWN_INSTANCE'];

/** Returns the platform that a task works on: the source or the destination. */
export function taskSideOf(task: Task): 'source' | 'destination' {
  return taskBehaviourOf(task).side;
}

/** Task types that take half of the time that an environment field gives for each task (recorded series). */
const HALF_TIME_TASKS = /^(VALIDATE|DELETE|CLEANUP|DETACH|RELEASE)_/;

/**
 * Sets the owner of each disk in the `export_info` of clustered instances: the first instance that has it (conductor,
 * `_assign_clustered_export_disk_owners`).
 */
export function assignDiskOwners({ action, info }: TaskContext): void {
  const owners = new Map<string, string>();
  for (const instance of action.instances.map(String)) {
    const devices = info[instance]?.export_info?.devices as { disks: Disk[] } | undefined;
    if (!devices) continue;
    devices.disks = devices.disks.map((disk) => {
      const owner = owners.get(disk.id) ?? instance;
      owners.set(disk.id, owner);
      return { ...disk, owner };
    });
  }
}

/** Lists the disks that an instance copies: without shared disks that another instance of the transfer copies. */
export function listDisksToCopy(context: TaskContext, instance: PlatformInstance): readonly Disk[] {
  const name = instance.details.instance_name;
  const disks = context.info[name]?.export_info?.devices.disks ?? instance.details.devices.disks;
  return disks.filter((disk) => copiesDisk(disk, name));
}

/**
 * Duration of a task in seconds; for REPLICATE_DISKS see {@link computeDiskCopySeconds}.
 * @param chance number in [0, 1) that picks a duration between the minimum and the maximum of the task's type
 */
export function computeTaskSeconds(context: TaskContext, task: Task, chance: number): number {
  const { side, secondsRange: seconds } = taskBehaviourOf(task);
  const reached = context.readConnectionOf(side);
  if ('problem' in reached) return reached.seconds;
  const fixed = fixedSeconds(context, side);
  if (fixed !== null) return HALF_TIME_TASKS.test(task.type) ? fixed / 2 : fixed;
  return seconds[0] + (seconds[1] - seconds[0]) * chance;
}

/** Duration of copying one disk, in seconds. */
export function computeDiskCopySeconds(context: TaskContext, instance: PlatformInstance, disk: Disk): number {
  const slowdown = instance.behaviour.slowdown ?? 1;
  const fixed = fixedSeconds(context, 'source');
  if (fixed !== null) return fixed * slowdown;
  const share = isIncrementalCopy(context, instance.details.instance_name) ? CHANGED_SHARE : 1;
  return Math.max(MIN_DISK_SECONDS, (disk.size_bytes * share) / RATE_BYTES_PER_SECOND) * slowdown;
}

function fixedSeconds(context: TaskContext, side: 'source' | 'destination'): number | null {
  const field = context[side].taskSecondsField;
  const value = field === undefined ? undefined : context[`${side}Environment`][field];
  return typeof value === 'number' ? value : null;
}

/** Whether the disks of an instance were copied by an earlier sync, so that only changes are copied. */
export function isIncrementalCopy(context: TaskContext, instance: string): boolean {
  return (context.info[instance]?.volumes_info ?? []).some((volume) => volume.replicated);
}

/** Progress messages of a task without a percentage. */
export function progressMessagesOf(context: TaskContext, task: Task): string[] {
  // A task first reads the connection data of its platform.
  if (findConnectionReadError(context, taskBehaviourOf(task).side) !== null) return [];
  const os = findInstance(context.source, task.instance)?.operatingSystem ?? 'unknown';
  return taskBehaviourOf(task).messages.map((message) => message.replace('{os}', os));
}

/** INFO event at the end of a task, if any. */
export function closingEventOf(task: Task): string | undefined {
  return taskBehaviourOf(task).closingEvent;
}

/** Error with which a task ends; `null` when it completes. */
export function findTaskProblem(
  context: TaskContext,
  task: Task,
): { message: string; event?: string } | null {
  const instance = findInstance(context.source, task.instance);
  const problem = taskBehaviourOf(task).findProblem?.(context, instance, task);
  if (problem) return { message: problem };
  return findPlannedFailure(context, task);
}

/** Failure that the execution or the instance has planned for a task; `null` without one. */
export function findPlannedFailure(context: TaskContext, task: Task): InstanceFailure | null {
  const failure = context.plannedFailure ?? findInstance(context.source, task.instance)?.behaviour.failure;
  return failure?.taskType === equivalentTransferTaskTypeOf(task) ? failure : null;
}

/** Records the results of a completed task. */
export function applyTaskResult(context: TaskContext, task: Task): void {
  const instance = findInstance(context.source, task.instance);
  const info = (context.info[task.instance] ??= {});
  if (instance) taskBehaviourOf(task).writeResult?.(context, instance, info);
}
