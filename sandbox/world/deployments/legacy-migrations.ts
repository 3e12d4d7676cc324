import type { JsonObject } from '../../json-object';
import { PlatformCapability } from '../../platforms/platform';
import { pythonValueError } from '../../python/errors';
import {
  requireDict,
  getFromDict,
  isPythonTruthy,
  getPythonItem,
  pythonInt,
  withDictItem,
} from '../../python/value-operations';
import { runRequestBodyCheck } from '../request-body-check';
import { NOTES_COLUMN, toStoredText } from '../database-values';
import { minionDemandsOfDeployment, minionDemandsOfTransfer } from '../minions/minion-allocation';
import { hasOsMorphingPool, refuseUnfitPools } from '../minions/pool-references';
import type { Deployment, DirectMigrationSettings, Execution, Owner, Requester } from '../model';
import { makeDirectMigrationPlan } from '../runs/direct-migration-plan';
import { makeTasks } from '../runs/task-plans';
import type { TaskPlan } from '../runs/task-plans';
import { startRun } from '../minions/start-run';
import { makeTaskContext } from '../transfers/executions';
import { checkNetworkMap, checkStorageMappings } from '../transfers/network-and-storage-maps';
import {
  checkEnvironment,
  checkInstances,
  refuseForeignInstancePools,
  withUncheckedValues,
} from '../transfers/transfer-checks';
import type { NewAction } from '../transfers/transfer-checks';
import { requireEndpointPair, toStoredPoolId } from '../transfers/transfers';
import { requireTrust } from '../transfers/require-trust';
import { instancesInBody, readUserScripts } from '../transfers/user-scripts';
import type { World } from '../world';
import { createDeployment } from './deployments';
import { readNewDeployment } from './new-deployment';

const DEFAULT_REPLICATION_COUNT = 2;
const MAX_REPLICATIONS = 10;

/** Checked values of a new direct migration. */
interface NewMigration extends NewAction {
  readonly replicationCount: number;
  readonly shutdownInstances: unknown;
}

/** Checks the body of a direct migration in the order of the real server (`MigrationController._validate_migration_input` of 1.0.21). */
function checkNewMigration(world: World, owner: Owner, body: unknown, userScripts: JsonObject): NewMigration {
  const migration = getPythonItem(body, 'deployment');
  const originEndpointId = getPythonItem(migration, 'origin_endpoint_id');
  const destinationEndpointId = getPythonItem(migration, 'destination_endpoint_id');
  const osMorphingPools = getFromDict(migration, 'instance_osmorphing_minion_pool_mappings', {});
  const instances = checkInstances(getFromDict(migration, 'instances'));
  refuseForeignInstancePools(osMorphingPools, instances, 'migration');
  const replicationCount = checkReplicationCount(
    getFromDict(migration, 'replication_count', DEFAULT_REPLICATION_COUNT),
  );
  const sourceEnvironment = getFromDict(migration, 'source_environment', {});
  checkEnvironment(world, owner, 'source', originEndpointId, sourceEnvironment);
  const networkMap = checkNetworkMap(getFromDict(migration, 'network_map', {}));
  const environment = getFromDict(migration, 'destination_environment', {});
  const destinationEnvironment = withDictItem(environment, 'network_map', networkMap);
  checkEnvironment(world, owner, 'destination', destinationEndpointId, destinationEnvironment);
  const storageMappings = checkStorageMappings(getFromDict(migration, 'storage_mappings', {}));
  const action = withUncheckedValues(migration, {
    instances,
    originEndpointId,
    destinationEndpointId,
    sourceEnvironment: sourceEnvironment as JsonObject,
    destinationEnvironment,
    networkMap,
    storageMappings,
    userScripts,
    osMorphingPools,
  });
  const shutdownInstances = getFromDict(migration, 'shutdown_instances', false);
  return { ...action, replicationCount, shutdownInstances };
}

/**
 * Creates and starts a legacy migration (docs/reference/coriolis-api.md §10.4). With a replica id it is a deployment of
 * that replica. Otherwise it is a direct migration, which syncs and deploys without a replica; the sandbox stores it as
 * a deployment without a transfer.
 */
export function createLegacyMigration(world: World, requester: Requester, body: unknown): Deployment {
  const migration = getFromDict(body, 'deployment', {});
  const given = requireDict(migration, 'get');
  const { userScripts: rules } = world.features;
  const userScripts = readUserScripts(rules, given['user_scripts'], instancesInBody(given));
  const transferId = getFromDict(migration, 'transfer_id');
  if (isPythonTruthy(transferId)) {
    return createDeployment(world, requester, readNewDeployment(world, transferId, given));
  }
  const fields = runRequestBodyCheck('deployment', 'creation', () =>
    checkNewMigration(world, requester, body, userScripts),
  );
  return startMigration(world, requester, fields);
}

function startMigration(world: World, requester: Requester, given: NewMigration): Deployment {
  const { origin, destination } = requireEndpointPair(world, requester, given);
  const id = world.makeId();
  refuseUnfitPools(world, requester, {
    ...given,
    id,
    originEndpointId: origin.id,
    destinationEndpointId: destination.id,
  });
  const sync: DirectMigrationSettings = {
    replicationCount: given.replicationCount,
    shutdownInstances: isPythonTruthy(given.shutdownInstances),
    originMinionPoolId: toStoredPoolId(given.originMinionPoolId),
    destinationMinionPoolId: toStoredPoolId(given.destinationMinionPoolId),
  };
  const { osMorphingPools } = given;
  const { instances } = given;
  const reservation = world.licensing.reserveForTransfer({ id, scenario: 'live_migration', instances });
  const migration = world.deployments.add({
    id,
    scenario: 'live_migration',
    instances,
    originEndpointId: origin.id,
    destinationEndpointId: destination.id,
    sourceEnvironment: given.sourceEnvironment,
    destinationEnvironment: given.destinationEnvironment,
    networkMap: given.networkMap,
    storageMappings: given.storageMappings,
    userScripts: given.userScripts,
    notes: toStoredText(given.notes, NOTES_COLUMN),
    cloneDisks: true,
    skipOsMorphing: isPythonTruthy(given.skipOsMorphing),
    osMorphingPools,
    directMigrationSettings: sync,
    ...(reservation && { reservationId: reservation.id }),
    projectId: requester.projectId,
    userId: requester.userId,
    transferId: null,
    deployerId: null,
    trustId: null,
    lastExecutionStatus: 'UNEXECUTED',
    createdAt: world.serverSeconds(),
    updatedAt: null,
    deletedAt: null,
    info: {},
    execution: null,
  });
  const execution = prepareExecution(world, migration, sync);
  requireTrust(world, requester, migration);
  const { projectId } = migration;
  const run = {
    ...makeTaskContext(world, migration),
    execution,
    info: migration.info,
    changes: {},
    onFinished: () => {
      world.recordFinishedRun({ execution, deployment: migration, transferId: null, projectId });
    },
  };
  const selection = { ...migration, ...sync };
  startRun(world, run, [
    ...minionDemandsOfTransfer(world, projectId, selection),
    ...(migration.skipOsMorphing ? [] : minionDemandsOfDeployment(world, projectId, selection)),
  ]);
  return migration;
}

/** Checks the replication count: `int(value)` and its range. */
function checkReplicationCount(value: unknown): number {
  const count = pythonInt(value);
  if (count >= 1 && count <= MAX_REPLICATIONS) return count;
  throw pythonValueError(
    `'replication_count' must be an integer between 1 and ${MAX_REPLICATIONS}. Got: ${count}`,
  );
}

function prepareExecution(world: World, migration: Deployment, sync: DirectMigrationSettings): Execution {
  const id = world.makeId();
  const { destination } = makeTaskContext(world, migration);
  const plan: TaskPlan = (instance) =>
    makeDirectMigrationPlan({
      ...sync,
      skipOsMorphing: migration.skipOsMorphing,
      choosesFlavor: destination.capabilityCodes.includes(PlatformCapability.INSTANCE_FLAVOR),
      originPool: sync.originMinionPoolId !== null,
      destinationPool: sync.destinationMinionPoolId !== null,
      osMorphingPool: hasOsMorphingPool(migration, instance),
    });
  const execution: Execution = {
    id,
    actionId: migration.id,
    type: 'deployment',
    status: 'UNEXECUTED',
    number: 1,
    tasks: makeTasks(plan, {
      executionId: id,
      instances: migration.instances,
      createdAt: world.serverSeconds(),
      random: world.random,
    }),
    createdAt: world.serverSeconds(),
    updatedAt: null,
    deletedAt: null,
  };
  migration.execution = execution;
  return execution;
}
