import { findInstance } from '../../platforms/platform';
import type { Disk, Failure, Platform, PlatformInstance } from '../../platforms/platform';
import { connectionProblem } from '../../platforms/connection-problem';
import type { Reached } from '../../platforms/connection-problem';
import type { Action, Execution, InstanceInfo, Task } from '../model';
import type { JsonObject } from '../../json';

/** Everything that the tasks of one execution work on. */
export interface WorkContext {
  readonly action: Action;
  readonly execution: Execution;
  /** Reads the connection data of one of the endpoints. */
  readonly reach: (side: 'source' | 'destination') => Reached;
  /** Why no worker may serve that side's endpoint now; `null`: one may. */
  readonly missingWorker: (side: 'source' | 'destination') => string | null;
  readonly source: Platform;
  readonly destination: Platform;
  readonly sourceEnvironment: JsonObject;
  readonly destinationEnvironment: JsonObject;
  readonly networkMap: JsonObject;
  /** What the tasks learn and make, by instance. */
  readonly info: Record<string, InstanceInfo>;
  /** The fields that a `transfer_update` is about to change. */
  readonly changes: JsonObject;
  /** What goes wrong this time, whatever the instance; absent: what always goes wrong with the instance. */
  readonly failure?: Failure;
}

/** What one kind of task does. */
interface Work {
  readonly side: 'source' | 'destination';
  /** How long it takes in life, in seconds: at least and at most. */
  readonly seconds: readonly [number, number];
  /** Its progress messages without a percentage, spread over its time. */
  readonly messages: readonly string[];
  /** The INFO event it ends with. */
  readonly event?: string;
  /** Why it fails, if it does. */
  readonly problem?: (
    context: WorkContext,
    instance: PlatformInstance | undefined,
    task: Task,
  ) => string | null;
  /** What it leaves behind when it completes. */
  readonly result?: (context: WorkContext, instance: PlatformInstance, info: InstanceInfo) => void;
}

const RATE_BYTES_PER_SECOND = 110 * 1024 * 1024;
/** The share of a disk that an incremental sync still has to copy. */
const CHANGED_SHARE = 0.04;
const LEAST_DISK_SECONDS = 8;

const missing = (task: Task): string => `Instance "${task.instance}" could not be found.`;

const RELEASE: Work = { side: 'destination', seconds: [1, 2], messages: ['Releasing minion machine'] };

const KINDS: Readonly<Record<string, Work>> = {
  VALIDATE_TRANSFER_SOURCE_INPUTS: {
    side: 'source',
    seconds: [4, 8],
    messages: ['Validating source parameters'],
    problem: (context, instance, task) => unreachable(context) ?? (instance ? null : missing(task)),
  },
  GET_INSTANCE_INFO: {
    side: 'source',
    seconds: [9, 16],
    messages: ['Retrieving virtual machine information'],
    problem: (_context, instance, task) => (instance ? null : missing(task)),
    result: (context, instance, info) => {
      info.source_environment = context.sourceEnvironment;
      info.target_environment = context.destinationEnvironment;
      info.export_info = { ...instance.details, hostname: '' };
    },
  },
  VALIDATE_TRANSFER_DESTINATION_INPUTS: {
    side: 'destination',
    seconds: [5, 10],
    messages: ['Validating destination parameters'],
    problem: (context) => unreadable(context, 'destination') ?? unknownNetwork(context),
  },
  DEPLOY_TRANSFER_DISKS: {
    side: 'destination',
    seconds: [15, 30],
    messages: ['Creating destination volumes'],
    result: (_context, instance, info) => {
      if ((info.volumes_info ?? []).length > 0) return;
      info.volumes_info = instance.details.devices.disks.map((disk, position) => ({
        disk_id: disk.id,
        volume_id: `vol-${instance.details.id.slice(-4)}-${disk.id}`,
        volume_dev: `/dev/vd${String.fromCharCode(98 + position)}`,
        replicated: false,
      }));
    },
  },
  DEPLOY_TRANSFER_SOURCE_RESOURCES: {
    side: 'source',
    seconds: [25, 45],
    messages: ['Creating source migration worker'],
    result: (_context, _instance, info) => {
      info['source_resources'] = null;
      info['source_resources_connection_info'] = null;
    },
  },
  DEPLOY_TRANSFER_TARGET_RESOURCES: {
    side: 'destination',
    seconds: [45, 80],
    messages: ['Creating target migration worker'],
    result: (_context, _instance, info) => {
      info['target_resources'] = null;
      info['target_resources_connection_info'] = null;
    },
  },
  SHUTDOWN_INSTANCE: { side: 'source', seconds: [15, 40], messages: ['Shutting down the instance'] },
  REPLICATE_DISKS: {
    side: 'source',
    seconds: [0, 0],
    messages: [],
    result: (_context, _instance, info) => {
      for (const volume of info.volumes_info ?? []) volume.replicated = true;
    },
  },
  DELETE_TRANSFER_SOURCE_RESOURCES: {
    side: 'source',
    seconds: [10, 20],
    messages: ['Deleting source migration worker'],
  },
  DELETE_TRANSFER_TARGET_RESOURCES: {
    side: 'destination',
    seconds: [12, 25],
    messages: ['Deleting target migration worker'],
  },
  UPDATE_SOURCE_TRANSFER: { side: 'source', seconds: [3, 6], messages: [] },
  UPDATE_DESTINATION_TRANSFER: {
    side: 'destination',
    seconds: [4, 9],
    messages: [],
    problem: (context, _instance, task) => refusedChange(context, task),
  },
  DELETE_TRANSFER_SOURCE_DISK_SNAPSHOTS: {
    side: 'source',
    seconds: [6, 12],
    messages: ['Deleting source snapshots'],
  },
  DELETE_TRANSFER_DISKS: {
    side: 'destination',
    seconds: [10, 25],
    messages: ['Deleting destination volumes'],
    result: (_context, _instance, info) => {
      info.volumes_info = [];
    },
  },
  VALIDATE_DEPLOYMENT_INPUTS: { side: 'destination', seconds: [4, 8], messages: [] },
  CREATE_TRANSFER_DISK_SNAPSHOTS: {
    side: 'destination',
    seconds: [15, 30],
    messages: ['Creating disk snapshots'],
  },
  DEPLOY_INSTANCE_RESOURCES: {
    side: 'destination',
    seconds: [30, 60],
    messages: ['Creating the instance'],
    result: (_context, { details }, info) => {
      info['instance_deployment_info'] = {
        os_type: details.os_type,
        instance_id: `dst-${details.id}`,
        export: { name: details.name, num_cpu: details.num_cpu, memory_mb: details.memory_mb },
      };
    },
  },
  DEPLOY_OS_MORPHING_RESOURCES: {
    side: 'destination',
    seconds: [45, 80],
    messages: ['Creating OS morphing worker'],
    result: (_context, _instance, info) => {
      info['os_morphing_resources'] = null;
      info['osmorphing_connection_info'] = null;
    },
  },
  OS_MORPHING: {
    side: 'destination',
    seconds: [90, 180],
    messages: ['Preparing instance for target platform', 'OS being migrated: {os}'],
    event: 'Installed packages: cloud-init',
    result: (_context, { details }, info) => {
      info['osmorphing_info'] = { os_type: details.os_type };
    },
  },
  DELETE_OS_MORPHING_RESOURCES: {
    side: 'destination',
    seconds: [12, 25],
    messages: ['Deleting OS morphing worker'],
  },
  GET_OPTIMAL_FLAVOR: { side: 'destination', seconds: [2, 5], messages: [] },
  FINALIZE_INSTANCE_DEPLOYMENT: {
    side: 'destination',
    seconds: [20, 40],
    messages: ['Starting the instance'],
    result: (_context, { details }, info) => {
      info.transfer_result = {
        id: `dst-${details.id}`,
        name: details.name,
        instance_name: details.instance_name,
        num_cpu: details.num_cpu,
        memory_mb: details.memory_mb,
        os_type: details.os_type,
        nested_virtualization: false,
        devices: { disks: [], cdroms: [], nics: [], serial_ports: [], floppies: [], controllers: [] },
      };
    },
  },
  DELETE_TRANSFER_TARGET_DISK_SNAPSHOTS: {
    side: 'destination',
    seconds: [10, 20],
    messages: ['Deleting disk snapshots'],
  },
  CLEANUP_FAILED_INSTANCE_DEPLOYMENT: {
    side: 'destination',
    seconds: [15, 30],
    messages: ['Cleaning up the failed instance'],
  },
  RESTORE_TRANSFER_DISK_SNAPSHOTS: {
    side: 'destination',
    seconds: [15, 30],
    messages: ['Restoring disk snapshots'],
  },
  VALIDATE_SOURCE_MINION_POOL_COMPATIBILITY: { side: 'source', seconds: [2, 4], messages: [] },
  VALIDATE_DESTINATION_MINION_POOL_COMPATIBILITY: { side: 'destination', seconds: [2, 4], messages: [] },
  VALIDATE_OSMORPHING_MINION_POOL_COMPATIBILITY: { side: 'destination', seconds: [2, 4], messages: [] },
  ATTACH_VOLUMES_TO_DESTINATION_MINION: { side: 'destination', seconds: [5, 12], messages: [] },
  ATTACH_VOLUMES_TO_OSMORPHING_MINION: { side: 'destination', seconds: [5, 12], messages: [] },
  COLLECT_OS_MORPHING_INFO: { side: 'destination', seconds: [2, 4], messages: [] },
  DETACH_VOLUMES_FROM_DESTINATION_MINION: { side: 'destination', seconds: [4, 9], messages: [] },
  DETACH_VOLUMES_FROM_OSMORPHING_MINION: { side: 'destination', seconds: [4, 9], messages: [] },
  RELEASE_SOURCE_MINION: RELEASE,
  RELEASE_DESTINATION_MINION: RELEASE,
  RELEASE_OSMORPHING_MINION: RELEASE,
};

/** The kinds of tasks at which the instances of a clustered transfer wait for each other (coriolis-domain.md §1). */
export const BARRIERS: readonly string[] = ['GET_INSTANCE_INFO', 'SHUTDOWN_INSTANCE'];

/** The tasks of direct migrations that do what tasks of transfers do. */
const TASKS_OF_TRANSFERS: Readonly<Record<string, string>> = {
  VALIDATE_MIGRATION_SOURCE_INPUTS: 'VALIDATE_TRANSFER_SOURCE_INPUTS',
  VALIDATE_MIGRATION_DESTINATION_INPUTS: 'VALIDATE_TRANSFER_DESTINATION_INPUTS',
  DEPLOY_MIGRATION_SOURCE_RESOURCES: 'DEPLOY_TRANSFER_SOURCE_RESOURCES',
  CREATE_INSTANCE_DISKS: 'DEPLOY_TRANSFER_DISKS',
  DEPLOY_MIGRATION_TARGET_RESOURCES: 'DEPLOY_TRANSFER_TARGET_RESOURCES',
  DELETE_MIGRATION_SOURCE_RESOURCES: 'DELETE_TRANSFER_SOURCE_RESOURCES',
  DELETE_MIGRATION_TARGET_RESOURCES: 'DELETE_TRANSFER_TARGET_RESOURCES',
  CLEANUP_INSTANCE_SOURCE_STORAGE: 'DELETE_TRANSFER_SOURCE_DISK_SNAPSHOTS',
  CLEANUP_INSTANCE_TARGET_STORAGE: 'DELETE_TRANSFER_DISKS',
};

/** What kind of work a task is. */
function kindOf(task: Task): string {
  return TASKS_OF_TRANSFERS[task.type] ?? task.type;
}

function workOf(task: Task): Work {
  const work = KINDS[kindOf(task)];
  if (!work) throw new Error(`No work is defined for tasks of type ${task.type}`);
  return work;
}

/** Why the connection data of an endpoint cannot be read. */
function unreadable(context: WorkContext, side: 'source' | 'destination'): string | null {
  const reached = context.reach(side);
  return 'problem' in reached ? reached.problem : null;
}

function unreachable(context: WorkContext): string | null {
  const reached = context.reach('source');
  return 'problem' in reached ? reached.problem : (connectionProblem(reached.endpoint)?.message ?? null);
}

/** Which platform a task works on. */
export function sideOf(task: Task): 'source' | 'destination' {
  return workOf(task).side;
}

function unknownNetwork(context: WorkContext): string | null {
  for (const [source, target] of Object.entries(context.networkMap)) {
    const wanted = typeof target === 'object' && target !== null ? (target as JsonObject)['id'] : target;
    const known = context.destination.networks.some(({ id, name }) => id === wanted || name === wanted);
    if (!known) return `Destination network '${String(wanted)}' (mapped from '${source}') was not found`;
  }
  return null;
}

function refusedChange(context: WorkContext, task: Task): string | null {
  const environment = context.changes['destination_environment'] as JsonObject | undefined;
  const replicated = (context.info[task.instance]?.volumes_info ?? []).length > 0;
  if (!environment || !('disk_format' in environment) || !replicated) return null;
  return `Cannot change 'disk_format' of a transfer which has replicated disks`;
}

/** Where an environment field gives the time of each task, checks and clean-ups take half of it (recorded series). */
const QUICK_WHEN_FIXED = /^(VALIDATE|DELETE|CLEANUP|DETACH|RELEASE)_/;

/** How long a task takes, in seconds of life; for REPLICATE_DISKS see {@link diskSeconds}. */
export function taskSeconds(context: WorkContext, task: Task, chance: number): number {
  const { side, seconds } = workOf(task);
  const reached = context.reach(side);
  if ('problem' in reached) return reached.seconds;
  const fixed = fixedSeconds(context, side);
  if (fixed !== null) return QUICK_WHEN_FIXED.test(task.type) ? fixed / 2 : fixed;
  return seconds[0] + (seconds[1] - seconds[0]) * chance;
}

/** How long one disk takes, in seconds of life. */
export function diskSeconds(context: WorkContext, instance: PlatformInstance, disk: Disk): number {
  const slowdown = instance.behaviour.slowdown ?? 1;
  const fixed = fixedSeconds(context, 'source');
  if (fixed !== null) return fixed * slowdown;
  const share = isIncremental(context, instance.details.instance_name) ? CHANGED_SHARE : 1;
  return Math.max(LEAST_DISK_SECONDS, (disk.size_bytes * share) / RATE_BYTES_PER_SECOND) * slowdown;
}

function fixedSeconds(context: WorkContext, side: 'source' | 'destination'): number | null {
  const field = context[side].taskSecondsField;
  const value = field === undefined ? undefined : context[`${side}Environment`][field];
  return typeof value === 'number' ? value : null;
}

/** Whether the disks of an instance were replicated before, so that only changes are copied. */
export function isIncremental(context: WorkContext, instance: string): boolean {
  return (context.info[instance]?.volumes_info ?? []).some((volume) => volume.replicated);
}

export function progressMessages(context: WorkContext, task: Task): string[] {
  // Before anything else a task reads how to reach its platform.
  if (unreadable(context, workOf(task).side) !== null) return [];
  const os = findInstance(context.source, task.instance)?.operatingSystem ?? 'unknown';
  return workOf(task).messages.map((message) => message.replace('{os}', os));
}

export function closingEvent(task: Task): string | undefined {
  return workOf(task).event;
}

/** Why a task fails at the end of its time, or `null`. */
export function taskProblem(context: WorkContext, task: Task): { message: string; event?: string } | null {
  const instance = findInstance(context.source, task.instance);
  const problem = workOf(task).problem?.(context, instance, task);
  if (problem) return { message: problem };
  return failureOf(context, task);
}

/** What is bound to go wrong in a task. */
export function failureOf(context: WorkContext, task: Task): Failure | null {
  const failure = context.failure ?? findInstance(context.source, task.instance)?.behaviour.failure;
  return failure?.taskType === kindOf(task) ? failure : null;
}

/** Writes down what a completed task learned or made. */
export function recordResult(context: WorkContext, task: Task): void {
  const instance = findInstance(context.source, task.instance);
  const info = (context.info[task.instance] ??= {});
  if (instance) workOf(task).result?.(context, instance, info);
}
