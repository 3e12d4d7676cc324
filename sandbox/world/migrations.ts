import { ProviderType } from '../platforms/platform';
import { surroundingsOf } from './executions';
import type { Deployment, Execution, JsonObject } from './model';
import { directMigrationPlan, makeTasks } from './plans';
import { pythonText } from './python-text';
import { internalError, invalidInput } from './refusal';
import { readNewTransfer } from './transfer-body';
import type { Requester } from './transfers';
import type { World } from './world';

const DEFAULT_REPLICATION_COUNT = 2;
const MOST_REPLICATIONS = 10;

/**
 * Creates and starts a direct migration, which syncs and deploys without a transfer (coriolis-api.md §10.4, form A). It is kept as a deployment of no
 * transfer.
 */
export function createDirectMigration(world: World, requester: Requester, body: JsonObject): Deployment {
  const { skip_os_morphing: skipOsMorphing, ...fields } = body;
  const migration = world.deployments.add({
    ...readNewTransfer(world, requester, fields),
    skipOsMorphing: Boolean(skipOsMorphing),
    id: world.newId(),
    projectId: requester.projectId,
    userId: requester.userId,
    scenario: 'live_migration',
    transferId: null,
    sync: {
      replicationCount: readReplicationCount(body['replication_count']),
      shutdownInstances: Boolean(body['shutdown_instances']),
    },
    deployerId: null,
    trustId: null,
    lastExecutionStatus: 'UNEXECUTED',
    createdAt: world.now(),
    updatedAt: null,
    deletedAt: null,
    info: {},
    execution: null,
  });
  const execution = prepareExecution(world, migration);
  if (!requester.trusted) throw internalError();
  world.engine.start({
    ...surroundingsOf(world, migration),
    execution,
    info: migration.info,
    changes: {},
    finished: () => {
      const { projectId } = migration;
      world.recordFinish({ execution, deployment: migration, transferId: null, projectId });
    },
  });
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

function prepareExecution(world: World, migration: Deployment): Execution {
  const id = world.newId();
  const { destination } = surroundingsOf(world, migration);
  const plan = directMigrationPlan({
    replicationCount: DEFAULT_REPLICATION_COUNT,
    shutdownInstances: false,
    ...migration.sync,
    skipOsMorphing: migration.skipOsMorphing,
    choosesFlavor: destination.types.includes(ProviderType.INSTANCE_FLAVOR),
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
