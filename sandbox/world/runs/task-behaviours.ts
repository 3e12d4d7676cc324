import { findConnectionProblem } from '../../platforms/connection-problem';
import type { Disk, PlatformInstance } from '../../platforms/platform';
import { isJsonObject } from '../../json-object';
import type { JsonObject } from '../../json-object';
import type { Endpoint, InstanceInfo, Task } from '../model';
import type { TaskContext } from './task-context';

/** Behaviour of tasks of one type: duration, messages, failure, results. */
export interface TaskBehaviour {
  readonly side: 'source' | 'destination';
  /** Minimum and maximum duration in seconds. */
  readonly secondsRange: readonly [number, number];
  /** Progress messages without a percentage, spread over the duration of the task. */
  readonly messages: readonly string[];
  /** Text of the INFO event at the end of the task. */
  readonly closingEvent?: string;
  /** Error of the task, if it fails. */
  readonly findProblem?: (
    context: TaskContext,
    instance: PlatformInstance | undefined,
    task: Task,
  ) => string | null;
  /** Writes the results of the completed task to `info`, the data of its instance. */
  readonly writeResult?: (context: TaskContext, instance: PlatformInstance, info: InstanceInfo) => void;
}

const missing = (task: Task): string => `Instance "${task.instance}" could not be found.`;

const RELEASE: TaskBehaviour = {
  side: 'destination',
  secondsRange: [1, 2],
  messages: ['Releasing minion machine'],
};

const BEHAVIOURS: Readonly<Record<string, TaskBehaviour>> = {
  VALIDATE_TRANSFER_SOURCE_INPUTS: {
    side: 'source',
    secondsRange: [4, 8],
    messages: ['Validating source parameters'],
    findProblem: (context, instance, task) => unreachable(context) ?? (instance ? null : missing(task)),
  },
  GET_INSTANCE_INFO: {
    side: 'source',
    secondsRange: [9, 16],
    messages: ['Retrieving virtual machine information'],
    findProblem: (_context, instance, task) => (instance ? null : missing(task)),
    writeResult: (context, instance, info) => {
      info.source_environment = context.sourceEnvironment;
      info.target_environment = context.destinationEnvironment;
      info.export_info = structuredClone({ ...instance.details, hostname: '' });
    },
  },
  VALIDATE_TRANSFER_DESTINATION_INPUTS: {
    side: 'destination',
    secondsRange: [5, 10],
    messages: ['Validating destination parameters'],
    findProblem: (context) => findConnectionReadError(context, 'destination') ?? unknownNetwork(context),
  },
  DEPLOY_TRANSFER_DISKS: {
    side: 'destination',
    secondsRange: [15, 30],
    messages: ['Creating destination volumes'],
    writeResult: (_context, { details }, info) => {
      if ((info.volumes_info ?? []).length > 0) return;
      const disks = info.export_info?.devices.disks ?? details.devices.disks;
      info.volumes_info = disks.map((disk, position) => ({
        disk_id: disk.id,
        volume_id: `vol-${details.id.slice(-4)}-${disk.id}`,
        volume_dev: `/dev/vd${String.fromCharCode(98 + position)}`,
        replicated: false,
        ...(copiesDisk(disk, details.instance_name) ? {} : { replicate_disk_data: false }),
      }));
    },
  },
  DEPLOY_TRANSFER_SOURCE_RESOURCES: {
    side: 'source',
    secondsRange: [25, 45],
    messages: ['Creating source migration worker'],
    writeResult: (_context, _instance, info) => {
      info['source_resources'] = null;
      info['source_resources_connection_info'] = null;
    },
  },
  DEPLOY_TRANSFER_TARGET_RESOURCES: {
    side: 'destination',
    secondsRange: [45, 80],
    messages: ['Creating target migration worker'],
    writeResult: (_context, _instance, info) => {
      info['target_resources'] = null;
      info['target_resources_connection_info'] = null;
    },
  },
  SHUTDOWN_INSTANCE: { side: 'source', secondsRange: [15, 40], messages: ['Shutting down the instance'] },
  REPLICATE_DISKS: {
    side: 'source',
    secondsRange: [0, 0],
    messages: [],
    writeResult: (_context, _instance, info) => {
      for (const volume of info.volumes_info ?? []) volume.replicated = true;
    },
  },
  DELETE_TRANSFER_SOURCE_RESOURCES: {
    side: 'source',
    secondsRange: [10, 20],
    messages: ['Deleting source migration worker'],
  },
  DELETE_TRANSFER_TARGET_RESOURCES: {
    side: 'destination',
    secondsRange: [12, 25],
    messages: ['Deleting target migration worker'],
  },
  UPDATE_SOURCE_TRANSFER: { side: 'source', secondsRange: [3, 6], messages: [] },
  UPDATE_DESTINATION_TRANSFER: {
    side: 'destination',
    secondsRange: [4, 9],
    messages: [],
    findProblem: (context, _instance, task) => refusedChange(context, task),
  },
  DELETE_TRANSFER_SOURCE_DISK_SNAPSHOTS: {
    side: 'source',
    secondsRange: [6, 12],
    messages: ['Deleting source snapshots'],
  },
  DELETE_TRANSFER_DISKS: {
    side: 'destination',
    secondsRange: [10, 25],
    messages: ['Deleting destination volumes'],
    writeResult: (_context, _instance, info) => {
      info.volumes_info = [];
    },
  },
  VALIDATE_DEPLOYMENT_INPUTS: { side: 'destination', secondsRange: [4, 8], messages: [] },
  CREATE_TRANSFER_DISK_SNAPSHOTS: {
    side: 'destination',
    secondsRange: [15, 30],
    messages: ['Creating disk snapshots'],
  },
  DEPLOY_INSTANCE_RESOURCES: {
    side: 'destination',
    secondsRange: [30, 60],
    messages: ['Creating the instance'],
    writeResult: (_context, { details }, info) => {
      info['instance_deployment_info'] = {
        os_type: details.os_type,
        instance_id: `dst-${details.id}`,
        export: { name: details.name, num_cpu: details.num_cpu, memory_mb: details.memory_mb },
      };
    },
  },
  DEPLOY_OS_MORPHING_RESOURCES: {
    side: 'destination',
    secondsRange: [45, 80],
    messages: ['Creating OS morphing worker'],
    writeResult: (_context, _instance, info) => {
      info['os_morphing_resources'] = null;
      info['osmorphing_connection_info'] = null;
    },
  },
  OS_MORPHING: {
    side: 'destination',
    secondsRange: [90, 180],
    messages: ['Preparing instance for target platform', 'OS being migrated: {os}'],
    closingEvent: 'Installed packages: cloud-init',
    writeResult: (_context, { details }, info) => {
      info['osmorphing_info'] = { os_type: details.os_type };
    },
  },
  DELETE_OS_MORPHING_RESOURCES: {
    side: 'destination',
    secondsRange: [12, 25],
    messages: ['Deleting OS morphing worker'],
  },
  GET_OPTIMAL_FLAVOR: { side: 'destination', secondsRange: [2, 5], messages: [] },
  FINALIZE_INSTANCE_DEPLOYMENT: {
    side: 'destination',
    secondsRange: [20, 40],
    messages: ['Starting the instance'],
    writeResult: (_context, { details }, info) => {
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
    secondsRange: [10, 20],
    messages: ['Deleting disk snapshots'],
  },
  CLEANUP_FAILED_INSTANCE_DEPLOYMENT: {
    side: 'destination',
    secondsRange: [15, 30],
    messages: ['Cleaning up the failed instance'],
  },
  RESTORE_TRANSFER_DISK_SNAPSHOTS: {
    side: 'destination',
    secondsRange: [15, 30],
    messages: ['Restoring disk snapshots'],
  },
  VALIDATE_SOURCE_MINION_POOL_COMPATIBILITY: { side: 'source', secondsRange: [2, 4], messages: [] },
  VALIDATE_DESTINATION_MINION_POOL_COMPATIBILITY: { side: 'destination', secondsRange: [2, 4], messages: [] },
  VALIDATE_OSMORPHING_MINION_POOL_COMPATIBILITY: { side: 'destination', secondsRange: [2, 4], messages: [] },
  ATTACH_VOLUMES_TO_DESTINATION_MINION: { side: 'destination', secondsRange: [5, 12], messages: [] },
  ATTACH_VOLUMES_TO_OSMORPHING_MINION: { side: 'destination', secondsRange: [5, 12], messages: [] },
  COLLECT_OS_MORPHING_INFO: { side: 'destination', secondsRange: [2, 4], messages: [] },
  DETACH_VOLUMES_FROM_DESTINATION_MINION: { side: 'destination', secondsRange: [4, 9], messages: [] },
  DETACH_VOLUMES_FROM_OSMORPHING_MINION: { side: 'destination', secondsRange: [4, 9], messages: [] },
  RELEASE_SOURCE_MINION: RELEASE,
  RELEASE_DESTINATION_MINION: RELEASE,
  RELEASE_OSMORPHING_MINION: RELEASE,
};

/** Task types of legacy direct migrations, each with the task type of transfers that behaves like it. */
const EQUIVALENT_TRANSFER_TASKS: Readonly<Record<string, string>> = {
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

/**
 * Type under which the behaviour of a task is defined: its own, or for a direct migration the equivalent one of
 * transfers.
 */
export function equivalentTransferTaskTypeOf(task: Task): string {
  return EQUIVALENT_TRANSFER_TASKS[task.type] ?? task.type;
}

/** Behaviour of a task, by its type. */
export function taskBehaviourOf(task: Task): TaskBehaviour {
  const work = BEHAVIOURS[equivalentTransferTaskTypeOf(task)];
  if (!work) throw new Error(`No work is defined for tasks of type ${task.type}`);
  return work;
}

/** Error of reading an endpoint's connection data; `null` when they can be read. */
export function findConnectionReadError(context: TaskContext, side: 'source' | 'destination'): string | null {
  const reached = context.readConnectionOf(side);
  return 'problem' in reached ? reached.problem : null;
}

function unreachable(context: TaskContext): string | null {
  const reached = context.readConnectionOf('source');
  return 'problem' in reached
    ? reached.problem
    : (findConnectionProblem(connectionOf(reached))?.message ?? null);
}

const connectionOf = ({ endpoint }: { endpoint: Endpoint }): JsonObject =>
  isJsonObject(endpoint.connectionInfo) ? endpoint.connectionInfo : {};

function unknownNetwork(context: TaskContext): string | null {
  for (const [source, target] of Object.entries(context.networkMap)) {
    const wanted = typeof target === 'object' && target !== null ? (target as JsonObject)['id'] : target;
    const known = context.destination.networks.some(({ id, name }) => id === wanted || name === wanted);
    if (!known) return `Destination network '${String(wanted)}' (mapped from '${source}') was not found`;
  }
  return null;
}

function refusedChange(context: TaskContext, task: Task): string | null {
  const environment = context.changes['destination_environment'] as JsonObject | undefined;
  const replicated = (context.info[task.instance]?.volumes_info ?? []).length > 0;
  if (!environment || !('disk_format' in environment) || !replicated) return null;
  return `Cannot change 'disk_format' of a transfer which has replicated disks`;
}

/** Whether an instance copies a disk itself; a shared disk is copied by its owner only. */
export function copiesDisk(disk: Disk, instanceName: string): boolean {
  return disk.owner === undefined || disk.owner === instanceName;
}
