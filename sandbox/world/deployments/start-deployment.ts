import { PlatformCapability } from '../../platforms/platform';
import { historyRecordsOf } from '../model';
import type { Deployment, Execution, InstanceInfo, Transfer } from '../model';
import { minionDemandsOfDeployment } from '../minions/minion-allocation';
import { hasOsMorphingPool, refuseUnfitPools } from '../minions/pool-references';
import { badRequest } from '../api-error';
import { makeDeploymentPlan, makeTasks } from '../runs/task-plans';
import type { TaskPlan } from '../runs/task-plans';
import type { RunningExecution } from '../runs/running-execution';
import { startRun } from '../minions/start-run';
import { makeTaskContext } from '../transfers/executions';
import { refuseBusyTransfer, refuseNeverExecutedTransfer } from '../transfers/transfers';
import type { World } from '../world';

/**
 * Pool ids of every deployment: it does not use the minion pools with which its transfer syncs
 * (docs/reference/coriolis-api.md §10.1).
 */
const NO_SYNC_POOLS = { originMinionPoolId: null, destinationMinionPoolId: null };

/**
 * Refuses a transfer that cannot be deployed now.
 * @param deployment.id the deployment's own id, which errors about its pools name
 * @throws ApiError 400 or 409
 */
export function refuseUndeployable(
  world: World,
  transfer: Transfer,
  { id, force, osMorphingPools }: { id: string; force: boolean; osMorphingPools: unknown },
): void {
  refuseBusyTransfer(world, transfer);
  refuseNeverExecutedTransfer(world, transfer);
  const { executions, info } = historyRecordsOf(transfer);
  const synced = executions.some(
    ({ type, status, deletedAt }) =>
      type === 'transfer_execution' && status === 'COMPLETED' && deletedAt === null,
  );
  if (!synced && !force) {
    throw badRequest('A transfer must have been executed successfully at least once in order to be deployed');
  }
  for (const instance of transfer.instances) {
    if ((info[String(instance)]?.volumes_info ?? []).length > 0) continue;
    throw badRequest(
      `The transfer doesn't contain volumes information for instance: ${String(instance)}. If transferred disks are deleted, ` +
        'the transfer needs to be executed anew before a deployment can occur',
    );
  }
  refuseUnfitPools(world, transfer, { ...transfer, ...NO_SYNC_POOLS, id, osMorphingPools });
}

/** Stores a deployment of a transfer. Its execution is made later by {@link prepareDeploymentExecution}. */
export function storeDeployment(
  world: World,
  owner: { projectId: string; userId: string },
  transfer: Transfer,
  own: Pick<
    Deployment,
    'id' | 'cloneDisks' | 'skipOsMorphing' | 'userScripts' | 'osMorphingPools' | 'deployerId' | 'trustId'
  >,
): Deployment {
  return world.deployments.add({
    ...own,
    projectId: owner.projectId,
    userId: owner.userId,
    scenario: transfer.scenario,
    transferId: transfer.id,
    directMigrationSettings: null,
    instances: transfer.instances,
    originEndpointId: transfer.originEndpointId,
    destinationEndpointId: transfer.destinationEndpointId,
    sourceEnvironment: transfer.sourceEnvironment,
    destinationEnvironment: transfer.destinationEnvironment,
    networkMap: transfer.networkMap,
    storageMappings: transfer.storageMappings,
    notes: transfer.notes,
    lastExecutionStatus: own.deployerId === null ? 'UNEXECUTED' : 'PENDING',
    createdAt: world.serverSeconds(),
    updatedAt: null,
    deletedAt: null,
    info: {},
    execution: null,
  });
}

/** Makes the execution of a deployment, with its tasks and their input, without starting it. */
export function prepareDeploymentExecution(
  world: World,
  deployment: Deployment,
  transfer: Transfer,
): Execution {
  const { destination } = makeTaskContext(world, deployment);
  const { info } = historyRecordsOf(transfer);
  for (const instance of deployment.instances.map(String)) {
    deployment.info[instance] = {
      ...structuredClone<InstanceInfo>(info[instance] ?? {}),
      user_scripts: { global: {}, instances: {}, ...deployment.userScripts },
      clone_disks: deployment.cloneDisks,
    };
  }
  const id = world.makeId();
  const plan: TaskPlan = (instance) =>
    makeDeploymentPlan({
      cloneDisks: deployment.cloneDisks,
      skipOsMorphing: deployment.skipOsMorphing,
      choosesFlavor: destination.capabilityCodes.includes(PlatformCapability.INSTANCE_FLAVOR),
      osMorphingPool: hasOsMorphingPool(deployment, instance),
    });
  const execution: Execution = {
    id,
    actionId: deployment.id,
    type: 'deployment',
    status: 'UNEXECUTED',
    number: 1,
    tasks: makeTasks(plan, {
      executionId: id,
      instances: deployment.instances,
      createdAt: world.serverSeconds(),
      random: world.random,
    }),
    createdAt: world.serverSeconds(),
    updatedAt: null,
    deletedAt: null,
  };
  deployment.execution = execution;
  return execution;
}

/** Starts the prepared execution of a deployment. */
export function startDeployment(world: World, deployment: Deployment, transfer: Transfer): void {
  const { execution } = deployment;
  if (!execution) return;
  const run: RunningExecution = {
    ...makeTaskContext(world, deployment),
    execution,
    info: deployment.info,
    changes: {},
    onFinished: (status) => {
      if (status === 'COMPLETED' && !deployment.cloneDisks) consumeDisks(world, transfer);
      const { id: transferId, projectId } = transfer;
      world.recordFinishedRun({ execution, deployment, transferId, projectId });
    },
  };
  const selection = { ...deployment, ...NO_SYNC_POOLS };
  const demands = deployment.skipOsMorphing
    ? []
    : minionDemandsOfDeployment(world, deployment.projectId, selection);
  startRun(world, run, demands);
}

/**
 * Removes the copied disks from a transfer that was deployed without clones: the deployed machines use them. This also
 * sets the transfer's `updated_at` (docs/reference/watching.md §1).
 */
function consumeDisks(world: World, transfer: Transfer): void {
  for (const info of Object.values(historyRecordsOf(transfer).info)) info.volumes_info = [];
  transfer.updatedAt = world.serverSeconds();
}
