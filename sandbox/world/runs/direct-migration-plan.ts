import { makeDeploymentSteps, stepIf } from './task-plans';
import type { TaskPlanStep } from './task-plans';

interface MigrationOptions {
  readonly replicationCount: number;
  readonly shutdownInstances: boolean;
  readonly skipOsMorphing: boolean;
  /** Whether the destination platform picks the best flavour (capability 256). */
  readonly choosesFlavor: boolean;
  readonly originPool: boolean;
  readonly destinationPool: boolean;
  readonly osMorphingPool: boolean;
}

/**
 * Plan of a direct migration, which syncs `replicationCount` times and deploys. Order and dependencies: recorded
 * migrations; those with minion pools were not recorded and follow the recorded syncs.
 */
export function makeDirectMigrationPlan(options: MigrationOptions): TaskPlanStep[] {
  const { originPool, destinationPool } = options;
  const morphingPool = options.osMorphingPool && !options.skipOsMorphing;
  const last = syncStepName(options.replicationCount);
  const source = originPool
    ? 'VALIDATE_SOURCE_MINION_POOL_COMPATIBILITY'
    : 'VALIDATE_MIGRATION_SOURCE_INPUTS';
  const destination = destinationPool
    ? 'VALIDATE_DESTINATION_MINION_POOL_COMPATIBILITY'
    : 'VALIDATE_MIGRATION_DESTINATION_INPUTS';
  const sourceReady = originPool ? source : 'DEPLOY_MIGRATION_SOURCE_RESOURCES';
  const targetReady = destinationPool
    ? 'ATTACH_VOLUMES_TO_DESTINATION_MINION'
    : 'DEPLOY_MIGRATION_TARGET_RESOURCES';
  const sourceDone = originPool ? 'RELEASE_SOURCE_MINION' : 'DELETE_MIGRATION_SOURCE_RESOURCES';
  const targetDone = destinationPool
    ? 'DETACH_VOLUMES_FROM_DESTINATION_MINION'
    : 'DELETE_MIGRATION_TARGET_RESOURCES';
  const sourceInputs = ['GET_INSTANCE_INFO', 'VALIDATE_MIGRATION_SOURCE_INPUTS'];
  return [
    { type: 'GET_INSTANCE_INFO', after: [] },
    { type: 'VALIDATE_MIGRATION_SOURCE_INPUTS', after: [] },
    { type: 'VALIDATE_MIGRATION_DESTINATION_INPUTS', after: ['GET_INSTANCE_INFO'] },
    ...stepIf(destinationPool, { type: destination, after: ['VALIDATE_MIGRATION_DESTINATION_INPUTS'] }),
    ...stepIf(morphingPool, {
      type: 'VALIDATE_OSMORPHING_MINION_POOL_COMPATIBILITY',
      after: ['VALIDATE_MIGRATION_DESTINATION_INPUTS'],
    }),
    { type: sourceReady, after: sourceInputs },
    {
      type: 'CREATE_INSTANCE_DISKS',
      after: [
        source,
        destination,
        ...(morphingPool ? ['VALIDATE_OSMORPHING_MINION_POOL_COMPATIBILITY'] : []),
      ],
    },
    { type: targetReady, after: ['CREATE_INSTANCE_DISKS'] },
    ...syncSteps(options, [sourceReady, targetReady]),
    { type: sourceDone, after: [sourceReady, last], onError: true },
    { type: 'CLEANUP_INSTANCE_SOURCE_STORAGE', after: [syncStepName(1), sourceDone], onError: true },
    { type: targetDone, after: [targetReady, last], onError: true },
    ...stepIf(destinationPool, {
      type: 'RELEASE_DESTINATION_MINION',
      after: [destination, targetDone],
      onError: true,
    }),
    { type: 'DEPLOY_INSTANCE_RESOURCES', after: [last, targetDone] },
    ...makeDeploymentSteps({ ...options, osMorphingPool: morphingPool }),
    {
      type: 'CLEANUP_FAILED_INSTANCE_DEPLOYMENT',
      after: ['DEPLOY_INSTANCE_RESOURCES', 'FINALIZE_INSTANCE_DEPLOYMENT'],
      onErrorOnly: true,
    },
    {
      type: 'CLEANUP_INSTANCE_TARGET_STORAGE',
      after: [
        'CREATE_INSTANCE_DISKS',
        'CLEANUP_INSTANCE_SOURCE_STORAGE',
        targetDone,
        'CLEANUP_FAILED_INSTANCE_DEPLOYMENT',
        morphingPool ? 'RELEASE_OSMORPHING_MINION' : 'DELETE_OS_MORPHING_RESOURCES',
      ],
      onErrorOnly: true,
    },
  ];
}

/** Steps of the syncs, one after the other. With `shutdownInstances` the instance is shut down before the last sync. */
function syncSteps(options: MigrationOptions, ready: readonly string[]): TaskPlanStep[] {
  const steps: TaskPlanStep[] = [];
  let before = ready;
  for (let count = 1; count <= options.replicationCount; count += 1) {
    if (options.shutdownInstances && count === options.replicationCount) {
      steps.push({ type: 'SHUTDOWN_INSTANCE', after: before });
      before = ['SHUTDOWN_INSTANCE'];
    }
    steps.push({ type: 'REPLICATE_DISKS', name: syncStepName(count), after: before });
    before = [syncStepName(count)];
  }
  return steps;
}

/** Name of a sync step of a migration. */
const syncStepName = (count: number): string => `REPLICATE_DISKS ${count}`;
