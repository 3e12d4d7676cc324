import type { Random } from '../random';
import type { Task } from '../model';

/** Step of a plan: one task for one instance. */
export interface TaskPlanStep {
  readonly type: string;
  /** Name that distinguishes steps of one type. */
  readonly name?: string;
  /** Steps that must end first: their names, or their task types. */
  readonly after: readonly string[];
  /** Whether this is a clean-up task, which also runs after failures. */
  readonly onError?: boolean;
  /** Whether this is a clean-up task that the API only shows after a failure or cancel. */
  readonly onErrorOnly?: boolean;
}

/** Plan of a sync, with or without minion pools. Order and dependencies are those of recorded executions. */
export function makeSyncPlan(options: {
  shutdownInstances: boolean;
  originPool?: boolean;
  destinationPool?: boolean;
}): TaskPlanStep[] {
  const { originPool = false, destinationPool = false } = options;
  const source = originPool ? 'VALIDATE_SOURCE_MINION_POOL_COMPATIBILITY' : 'VALIDATE_TRANSFER_SOURCE_INPUTS';
  const destination = destinationPool
    ? 'VALIDATE_DESTINATION_MINION_POOL_COMPATIBILITY'
    : 'VALIDATE_TRANSFER_DESTINATION_INPUTS';
  const resources = [
    ...(originPool ? [] : ['DEPLOY_TRANSFER_SOURCE_RESOURCES']),
    destinationPool ? 'ATTACH_VOLUMES_TO_DESTINATION_MINION' : 'DEPLOY_TRANSFER_TARGET_RESOURCES',
  ];
  return [
    { type: 'VALIDATE_TRANSFER_SOURCE_INPUTS', after: [] },
    { type: 'GET_INSTANCE_INFO', after: [] },
    { type: 'VALIDATE_TRANSFER_DESTINATION_INPUTS', after: ['GET_INSTANCE_INFO'] },
    ...stepIf(originPool, {
      type: source,
      after: ['GET_INSTANCE_INFO', 'VALIDATE_TRANSFER_SOURCE_INPUTS'],
    }),
    ...stepIf(destinationPool, { type: destination, after: ['VALIDATE_TRANSFER_DESTINATION_INPUTS'] }),
    { type: 'DEPLOY_TRANSFER_DISKS', after: [source, destination] },
    ...resources.map((type) => ({ type, after: ['DEPLOY_TRANSFER_DISKS'] })),
    ...stepIf(options.shutdownInstances, { type: 'SHUTDOWN_INSTANCE', after: resources }),
    { type: 'REPLICATE_DISKS', after: options.shutdownInstances ? ['SHUTDOWN_INSTANCE'] : resources },
    originPool
      ? { type: 'RELEASE_SOURCE_MINION', after: [source, 'REPLICATE_DISKS'], onError: true }
      : {
          type: 'DELETE_TRANSFER_SOURCE_RESOURCES',
          after: ['DEPLOY_TRANSFER_SOURCE_RESOURCES', 'REPLICATE_DISKS'],
          onError: true,
        },
    ...(destinationPool
      ? [
          {
            type: 'DETACH_VOLUMES_FROM_DESTINATION_MINION',
            after: ['ATTACH_VOLUMES_TO_DESTINATION_MINION', 'REPLICATE_DISKS'],
            onError: true,
          },
          {
            type: 'RELEASE_DESTINATION_MINION',
            after: [destination, 'DETACH_VOLUMES_FROM_DESTINATION_MINION'],
            onError: true,
          },
        ]
      : [
          {
            type: 'DELETE_TRANSFER_TARGET_RESOURCES',
            after: ['DEPLOY_TRANSFER_TARGET_RESOURCES', 'REPLICATE_DISKS'],
            onError: true,
          },
        ]),
  ];
}

/** Returns a list with the step when the condition holds, otherwise an empty list. */
export function stepIf(condition: boolean, step: TaskPlanStep): TaskPlanStep[] {
  return condition ? [step] : [];
}

/** Plan of an update of a transfer. */
export function makeTransferUpdatePlan(): TaskPlanStep[] {
  return [
    { type: 'GET_INSTANCE_INFO', after: [] },
    { type: 'UPDATE_SOURCE_TRANSFER', after: [] },
    { type: 'UPDATE_DESTINATION_TRANSFER', after: ['GET_INSTANCE_INFO', 'UPDATE_SOURCE_TRANSFER'] },
  ];
}

/** Plan of the deletion of a transfer's disks. */
export function makeDiskDeletionPlan(): TaskPlanStep[] {
  return [
    { type: 'DELETE_TRANSFER_SOURCE_DISK_SNAPSHOTS', after: [] },
    { type: 'DELETE_TRANSFER_DISKS', after: ['DELETE_TRANSFER_SOURCE_DISK_SNAPSHOTS'] },
  ];
}

/**
 * Plan of a deployment. Order and dependencies are those of recorded deployments.
 * @param options.choosesFlavor whether the destination platform picks the best flavour (capability 256)
 * @param options.osMorphingPool whether OS morphing uses a machine of a minion pool
 */
export function makeDeploymentPlan(options: {
  cloneDisks: boolean;
  skipOsMorphing: boolean;
  choosesFlavor: boolean;
  osMorphingPool: boolean;
}): TaskPlanStep[] {
  const pooled = options.osMorphingPool && !options.skipOsMorphing;
  const restore: TaskPlanStep[] = options.cloneDisks
    ? []
    : [
        {
          type: 'RESTORE_TRANSFER_DISK_SNAPSHOTS',
          after: ['CLEANUP_FAILED_INSTANCE_DEPLOYMENT'],
          onErrorOnly: true,
        },
      ];
  return [
    { type: 'VALIDATE_DEPLOYMENT_INPUTS', after: [] },
    ...stepIf(pooled, {
      type: 'VALIDATE_OSMORPHING_MINION_POOL_COMPATIBILITY',
      after: ['VALIDATE_DEPLOYMENT_INPUTS'],
    }),
    {
      type: 'CREATE_TRANSFER_DISK_SNAPSHOTS',
      after: [pooled ? 'VALIDATE_OSMORPHING_MINION_POOL_COMPATIBILITY' : 'VALIDATE_DEPLOYMENT_INPUTS'],
    },
    { type: 'DEPLOY_INSTANCE_RESOURCES', after: ['CREATE_TRANSFER_DISK_SNAPSHOTS'] },
    ...makeDeploymentSteps(options),
    {
      type: 'DELETE_TRANSFER_TARGET_DISK_SNAPSHOTS',
      after: ['CREATE_TRANSFER_DISK_SNAPSHOTS', 'FINALIZE_INSTANCE_DEPLOYMENT'],
      onError: options.cloneDisks,
    },
    {
      type: 'CLEANUP_FAILED_INSTANCE_DEPLOYMENT',
      after: ['DEPLOY_INSTANCE_RESOURCES', 'FINALIZE_INSTANCE_DEPLOYMENT'],
      onErrorOnly: true,
    },
    ...restore,
  ];
}

const MORPHING: readonly TaskPlanStep[] = [
  { type: 'DEPLOY_OS_MORPHING_RESOURCES', after: ['DEPLOY_INSTANCE_RESOURCES'] },
  { type: 'OS_MORPHING', after: ['DEPLOY_OS_MORPHING_RESOURCES'] },
  {
    type: 'DELETE_OS_MORPHING_RESOURCES',
    after: ['DEPLOY_OS_MORPHING_RESOURCES', 'OS_MORPHING'],
    onError: true,
  },
];

/** Steps of OS morphing on a machine of a minion pool (docs/reference/coriolis-domain.md §4). */
const POOLED_MORPHING: readonly TaskPlanStep[] = [
  {
    type: 'ATTACH_VOLUMES_TO_OSMORPHING_MINION',
    after: ['VALIDATE_OSMORPHING_MINION_POOL_COMPATIBILITY', 'DEPLOY_INSTANCE_RESOURCES'],
  },
  { type: 'COLLECT_OS_MORPHING_INFO', after: ['ATTACH_VOLUMES_TO_OSMORPHING_MINION'] },
  { type: 'OS_MORPHING', after: ['COLLECT_OS_MORPHING_INFO'] },
  {
    type: 'DETACH_VOLUMES_FROM_OSMORPHING_MINION',
    after: ['ATTACH_VOLUMES_TO_OSMORPHING_MINION', 'OS_MORPHING'],
    onError: true,
  },
  {
    type: 'RELEASE_OSMORPHING_MINION',
    after: ['VALIDATE_OSMORPHING_MINION_POOL_COMPATIBILITY', 'DETACH_VOLUMES_FROM_OSMORPHING_MINION'],
    onError: true,
  },
];

/** Steps that turn copied disks into a finished instance; deployments and direct migrations share them. */
export function makeDeploymentSteps(options: {
  skipOsMorphing: boolean;
  choosesFlavor: boolean;
  osMorphingPool?: boolean;
}): TaskPlanStep[] {
  const steps = options.osMorphingPool ? POOLED_MORPHING : MORPHING;
  const morphing = options.skipOsMorphing ? [] : steps;
  const morphed = options.skipOsMorphing
    ? ['DEPLOY_INSTANCE_RESOURCES']
    : ['OS_MORPHING', steps.at(-1)?.type ?? ''];
  const flavor: TaskPlanStep[] = options.choosesFlavor
    ? [{ type: 'GET_OPTIMAL_FLAVOR', after: morphed }]
    : [];
  return [
    ...morphing,
    ...flavor,
    {
      type: 'FINALIZE_INSTANCE_DEPLOYMENT',
      after: options.choosesFlavor ? ['GET_OPTIMAL_FLAVOR'] : morphed,
    },
  ];
}

/** Index of the first task of an execution. */
const FIRST_INDEX = 2;

/** Plan of an execution: the same steps for all instances, or a function that gives the steps of one instance. */
export type TaskPlan = readonly TaskPlanStep[] | ((instance: string) => readonly TaskPlanStep[]);

/**
 * Makes the tasks of a plan: all tasks of the first instance, then all of the next. Tasks that the API hides have an
 * index, too.
 */
export function makeTasks(
  planned: TaskPlan,
  made: { executionId: string; instances: readonly unknown[]; createdAt: number; random: Random },
): Task[] {
  const tasks: Task[] = [];
  for (const instance of made.instances) {
    const plan = typeof planned === 'function' ? planned(String(instance)) : planned;
    const idOf = new Map(plan.map((step) => [nameOf(step), made.random.uuid()]));
    for (const step of plan) {
      const dependsOn = step.after.flatMap((name) => idOf.get(name) ?? []);
      tasks.push({
        id: idOf.get(nameOf(step)) ?? '',
        executionId: made.executionId,
        instance: String(instance),
        type: step.type,
        index: FIRST_INDEX + tasks.length,
        onError: step.onError === true || step.onErrorOnly === true,
        dependsOn: dependsOn.length > 0 ? dependsOn : null,
        events: [],
        progressUpdates: [],
        createdAt: made.createdAt,
        status: step.onErrorOnly ? 'EXECUTE_ON_ERROR_ONLY' : 'SCHEDULED',
        host: null,
        processId: null,
        exceptionDetails: null,
        updatedAt: null,
      });
    }
  }
  return tasks;
}

function nameOf(step: TaskPlanStep): string {
  return step.name ?? step.type;
}
