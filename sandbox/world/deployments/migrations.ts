import { ProviderType } from '../../platforms/platform';
import { surroundingsOf } from '../transfers/executions';
import { directMigrationPlan } from '../runs/migration-plan';
import { deploymentDemands, transferDemands } from '../minions/allocation';
import { refuseUnfitPools } from '../minions/selection';
import type { Deployment, DirectSync, Execution, Requester } from '../model';
import type { JsonObject } from '../../json';
import { makeTasks } from '../runs/plans';
import type { Plan } from '../runs/plans';
import { pythonText } from '../../python/text';
import { invalidInput } from '../refusal';
import { beginRun } from '../transfers/begin-run';
import { readNewTransfer, readPools } from '../transfers/transfer-body';
import { requireTrust } from '../transfers/trust';
import { listOf, readUserScripts } from '../transfers/user-scripts';
import type { World } from '../world';

const DEFAULT_REPLICATION_COUNT = 2;
const MOST_REPLICATIONS = 10;

/**
 * Creates and starts a direct migration, which syncs and deploys without a transfer (coriolis-api.md §10.4, form A). It is kept as a deployment of no
 * transfer.
 */
export function createDirectMigration(world: World, requester: Requester, body: JsonObject): Deployment {
  const { skip_os_morphing: skipOsMorphing, user_scripts: scripts, ...transfer } = body;
  const userScripts = readUserScripts(world.features.userScripts, scripts, listOf(body['instances']));
  const fields = {
    ...readNewTransfer(world, requester, transfer),
    userScripts,
    id: world.newId(),
    scenario: 'live_migration' as const,
    skipOsMorphing: Boolean(skipOsMorphing),
    sync: {
      replicationCount: readReplicationCount(body['replication_count']),
      shutdownInstances: Boolean(body['shutdown_instances']),
      originMinionPoolId: null,
      destinationMinionPoolId: null,
      ...readPools(body),
    },
  };
  const selection = { ...fields, ...fields.sync };
  refuseUnfitPools(world, requester, selection);
  const reservation = world.licensing.reserveFor(fields);
  const migration = world.deployments.add({
    ...fields,
    ...(reservation && { reservationId: reservation.id }),
    projectId: requester.projectId,
    userId: requester.userId,
    transferId: null,
    deployerId: null,
    trustId: null,
    lastExecutionStatus: 'UNEXECUTED',
    createdAt: world.now(),
    updatedAt: null,
    deletedAt: null,
    info: {},
    execution: null,
  });
  const execution = prepareExecution(world, migration, fields.sync);
  requireTrust(world, requester, migration);
  const { projectId } = migration;
  const run = {
    ...surroundingsOf(world, migration),
    execution,
    info: migration.info,
    changes: {},
    finished: () => {
      world.recordFinish({ execution, deployment: migration, transferId: null, projectId });
    },
  };
  beginRun(world, run, [
    ...transferDemands(world, projectId, selection),
    ...(migration.skipOsMorphing ? [] : deploymentDemands(world, projectId, selection)),
  ]);
  return migration;
}

/** Digits in a string are tolerated. */
function readReplicationCount(value: unknown): number {
  if (value === undefined) return DEFAULT_REPLICATION_COUNT;
  const count = typeof value === 'string' && /^\s*\d+\s*$/.test(value) ? Number(value) : value;
  if (typeof count === 'number' && Number.isInteger(count) && count >= 1 && count <= MOST_REPLICATIONS) {
    return count;
  }
  throw invalidInput(
    `'replication_count' must be an integer between 1 and ${MOST_REPLICATIONS}. Got: ${pythonText(value)}`,
  );
}

function prepareExecution(world: World, migration: Deployment, sync: DirectSync): Execution {
  const id = world.newId();
  const { destination } = surroundingsOf(world, migration);
  const plan: Plan = (instance) =>
    directMigrationPlan({
      ...sync,
      skipOsMorphing: migration.skipOsMorphing,
      choosesFlavor: destination.types.includes(ProviderType.INSTANCE_FLAVOR),
      originPool: sync.originMinionPoolId !== null,
      destinationPool: sync.destinationMinionPoolId !== null,
      osMorphingPool: instance in migration.osMorphingPools,
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
      createdAt: world.now(),
      random: world.random,
    }),
    createdAt: world.now(),
    updatedAt: null,
    deletedAt: null,
  };
  migration.execution = execution;
  return execution;
}
