import { ProviderType } from '../../platforms/platform';
import { isActive, transferRecords } from '../model';
import type { Deployment, Execution, InstanceInfo, Transfer, UserScripts, Requester } from '../model';
import type { JsonObject } from '../../json';
import { deploymentDemands } from '../minions/allocation';
import { hasPool, refuseUnfitPools } from '../minions/selection';
import { deploymentPlan, makeTasks } from '../runs/plans';
import type { Plan } from '../runs/plans';
import { valueError } from '../../python/errors';
import { pythonText } from '../../python/text';
import { requireDict, get, isTruthy, getItem, updateDict } from '../../python/values';
import { lockedId, queryText, storedFlag } from '../database';
import { Refusal, badRequest, notFound, remoteNotFound } from '../refusal';
import type { Run } from '../runs/run';
import { refuseUnscheduled, surroundingsOf } from '../transfers/executions';
import { beginRun } from '../transfers/begin-run';
import { findTransfer, refuseBusy, refuseNeverExecuted } from '../transfers/transfers';
import { instancesInBody, readUserScripts, scriptsToDeploy } from '../transfers/user-scripts';
import { requireTrust } from '../transfers/trust';
import type { Features } from '../generation';
import type { World } from '../world';

/**
 * Interval at which the server checks the execution of a PENDING deployment, in seconds
 * (docs/reference/coriolis-domain.md §2).
 */
const PENDING_CHECK_SECONDS = 10;
/** Delay of an auto-deployment after its execution, in seconds. */
const AUTO_DEPLOY_SECONDS = 0.5;

/**
 * Empty pool ids of a deployment, which does not use the transfer's endpoint pools (docs/reference/coriolis-api.md
 * §10.1).
 */
const NO_SYNC_POOLS = { originMinionPoolId: null, destinationMinionPoolId: null };

function findDeployment(world: World, projectId: string, id: string): Deployment | undefined {
  const deployment = world.deployments.get(id);
  return deployment?.projectId === projectId && deployment.deletedAt === null ? deployment : undefined;
}

export function requireDeployment(world: World, projectId: string, id: string): Deployment {
  const deployment = findDeployment(world, projectId, lockedId(id));
  if (!deployment) throw remoteNotFound(`Deployment with ID '${id}' not found.`);
  return deployment;
}

/** Checked values of a new deployment. Unchecked ones have any type. */
export interface NewDeployment {
  readonly transferId: unknown;
  readonly force: unknown;
  readonly cloneDisks: unknown;
  readonly skipOsMorphing: unknown;
  readonly osMorphingPools: unknown;
  /** User scripts; null for those of the transfer. */
  readonly userScripts: UserScripts | null;
}

/**
 * Checks the body of a creation in the order of the real server (`DeploymentsController._validate_deployment_input`,
 * docs/reference/coriolis-api.md §10.2).
 * @throws Refusal or PythonError, which `runBodyCheck` makes a 400
 */
export function checkNewDeployment(world: World, body: unknown): NewDeployment {
  const deployment = getItem(body, 'deployment');
  const transferId = get(deployment, 'transfer_id', '');
  if (!isTruthy(transferId)) {
    throw valueError(
      "Missing 'transfer_id' field from deployment body. A deployment can be created strictly based on an existing Transfer.",
    );
  }
  return deploymentFields(world, transferId, deployment as JsonObject);
}

/** Reads the fields of a deployment of a transfer. @throws Refusal 400 for its user scripts */
export function deploymentFields(world: World, transferId: unknown, deployment: JsonObject): NewDeployment {
  return {
    transferId,
    force: get(deployment, 'force', false),
    cloneDisks: get(deployment, 'clone_disks', true),
    skipOsMorphing: get(deployment, 'skip_os_morphing', false),
    osMorphingPools: get(deployment, 'instance_osmorphing_minion_pool_mappings', {}),
    userScripts: readScripts(world, deployment),
  };
}

/**
 * Creates and starts a deployment whose body was checked. An omitted field does not inherit, `null` does
 * (docs/reference/coriolis-api.md §10.2); where transfers keep nothing for their deployments, `null` is as good as
 * false.
 */
export function createDeployment(world: World, requester: Requester, fields: NewDeployment): Deployment {
  const name = lockedId(pythonText(fields.transferId));
  const transfer = findTransfer(world, requester.projectId, queryText(fields.transferId));
  if (!transfer) throw remoteNotFound(`Transfer with ID '${name}' not found.`);
  const { features } = world;
  const scripts = scriptsToDeploy(
    features.userScripts,
    fields.userScripts ?? transfer.userScripts,
    transfer.instances,
  );
  const osMorphingPools = isTruthy(fields.osMorphingPools)
    ? updateDict(requireDict(transfer.osMorphingPools, 'update'), fields.osMorphingPools)
    : transfer.osMorphingPools;
  refuseUndeployable(world, transfer, { force: isTruthy(fields.force), osMorphingPools });
  world.licensing.refuseUnlicensed(transfer.id);
  const deployment = storeDeployment(world, requester, transfer, {
    cloneDisks: setting(features, fields.cloneDisks, transfer.cloneDisks),
    skipOsMorphing: setting(features, fields.skipOsMorphing, transfer.skipOsMorphing),
    userScripts: scripts,
    osMorphingPools,
    deployerId: null,
    trustId: null,
  });
  prepareExecution(world, deployment, transfer);
  requireTrust(world, requester, deployment);
  begin(world, deployment, transfer);
  if (deployment.execution) refuseUnscheduled(deployment.execution);
  return deployment;
}

/**
 * Setting of a deployment: stored, and inherited when null. Without auto-deploy it is not stored. @throws Refusal 500
 */
function setting(features: Features, value: unknown, transfers: boolean): boolean {
  return features.autoDeploy ? (storedFlag(value) ?? transfers) : isTruthy(value);
}

/**
 * Scripts of a request; null for those of the transfer. Where unknown instances are dropped with the request, all are
 * unknown.
 */
function readScripts({ features }: World, body: JsonObject): UserScripts | null {
  const { user_scripts: given, instances } = body;
  const { userScripts: rules } = features;
  const scripts = readUserScripts(rules, given, instancesInBody(instances));
  if (given === null && rules.strangersDropped === 'deployment') return null;
  return rules.emptyInherits && Object.keys(scripts).length === 0 ? null : scripts;
}

function refuseUndeployable(
  world: World,
  transfer: Transfer,
  { force, osMorphingPools }: { force: boolean; osMorphingPools: unknown },
): void {
  refuseBusy(world, transfer);
  refuseNeverExecuted(world, transfer);
  const { executions, info } = transferRecords(transfer);
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
  refuseUnfitPools(world, transfer, { ...transfer, ...NO_SYNC_POOLS, osMorphingPools });
}

function storeDeployment(
  world: World,
  owner: { projectId: string; userId: string },
  transfer: Transfer,
  own: Pick<
    Deployment,
    'cloneDisks' | 'skipOsMorphing' | 'userScripts' | 'osMorphingPools' | 'deployerId' | 'trustId'
  >,
): Deployment {
  return world.deployments.add({
    ...own,
    id: world.newId(),
    projectId: owner.projectId,
    userId: owner.userId,
    scenario: transfer.scenario,
    transferId: transfer.id,
    sync: null,
    instances: transfer.instances,
    originEndpointId: transfer.originEndpointId,
    destinationEndpointId: transfer.destinationEndpointId,
    sourceEnvironment: transfer.sourceEnvironment,
    destinationEnvironment: transfer.destinationEnvironment,
    networkMap: transfer.networkMap,
    storageMappings: transfer.storageMappings,
    notes: transfer.notes,
    lastExecutionStatus: own.deployerId === null ? 'UNEXECUTED' : 'PENDING',
    createdAt: world.now(),
    updatedAt: null,
    deletedAt: null,
    info: {},
    execution: null,
  });
}

/** Prepares a deployment's tasks and their input. */
function prepareExecution(world: World, deployment: Deployment, transfer: Transfer): Execution {
  const { destination } = surroundingsOf(world, deployment);
  const { info } = transferRecords(transfer);
  for (const instance of deployment.instances.map(String)) {
    deployment.info[instance] = {
      ...structuredClone<InstanceInfo>(info[instance] ?? {}),
      user_scripts: { global: {}, instances: {}, ...deployment.userScripts },
      clone_disks: deployment.cloneDisks,
    };
  }
  const id = world.newId();
  const plan: Plan = (instance) =>
    deploymentPlan({
      cloneDisks: deployment.cloneDisks,
      skipOsMorphing: deployment.skipOsMorphing,
      choosesFlavor: destination.types.includes(ProviderType.INSTANCE_FLAVOR),
      osMorphingPool: hasPool(deployment, instance),
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
      createdAt: world.now(),
      random: world.random,
    }),
    createdAt: world.now(),
    updatedAt: null,
    deletedAt: null,
  };
  deployment.execution = execution;
  return execution;
}

function begin(world: World, deployment: Deployment, transfer: Transfer): void {
  const { execution } = deployment;
  if (!execution) return;
  const run: Run = {
    ...surroundingsOf(world, deployment),
    execution,
    info: deployment.info,
    changes: {},
    finished: (status) => {
      if (status === 'COMPLETED' && !deployment.cloneDisks) consumeDisks(world, transfer);
      const { id: transferId, projectId } = transfer;
      world.recordFinish({ execution, deployment, transferId, projectId });
    },
  };
  const selection = { ...deployment, ...NO_SYNC_POOLS };
  const demands = deployment.skipOsMorphing ? [] : deploymentDemands(world, deployment.projectId, selection);
  beginRun(world, run, demands);
}

/**
 * Removes the disks of a transfer that was deployed without clones, which changes the transfer
 * (docs/reference/watching.md §1).
 */
function consumeDisks(world: World, transfer: Transfer): void {
  for (const info of Object.values(transferRecords(transfer).info)) info.volumes_info = [];
  transfer.updatedAt = world.now();
}

/** Plans an auto-deployment: it appears, waits for the execution, and starts when that has completed. */
export function deployAfter(
  world: World,
  requester: Requester,
  transferId: string,
  execution: Execution,
): void {
  world.later(AUTO_DEPLOY_SECONDS, () => {
    const transfer = world.transfers.get(transferId);
    if (!transfer) return;
    const userScripts = deployableScripts(world, transfer);
    if (userScripts === undefined) return;
    const deployment = storeDeployment(world, requester, transfer, {
      cloneDisks: transfer.cloneDisks,
      skipOsMorphing: transfer.skipOsMorphing,
      userScripts,
      osMorphingPools: transfer.osMorphingPools,
      deployerId: execution.id,
      trustId: world.random.hex(32),
    });
    checkLater(world, deployment, transfer, execution);
  });
}

/** Scripts that a deployment inherits; undefined when the server fails on them. */
function deployableScripts({ features }: World, transfer: Transfer): UserScripts | undefined {
  try {
    return scriptsToDeploy(features.userScripts, transfer.userScripts, transfer.instances);
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}

function checkLater(world: World, deployment: Deployment, transfer: Transfer, execution: Execution): void {
  world.later(PENDING_CHECK_SECONDS, () => {
    if (deployment.deletedAt !== null) return;
    if (['UNEXECUTED', 'RUNNING', 'AWAITING_MINION_ALLOCATIONS'].includes(execution.status)) {
      checkLater(world, deployment, transfer, execution);
    } else if (execution.status === 'COMPLETED' && canStart(world, transfer)) {
      prepareExecution(world, deployment, transfer);
      begin(world, deployment, transfer);
    } else {
      // No task and no message gives the reason (trap 14).
      deployment.lastExecutionStatus = 'ERROR';
      deployment.updatedAt = world.now();
      world.finished.push({
        kind: 'deployment',
        id: deployment.id,
        type: 'deployment',
        transferId: transfer.id,
        projectId: deployment.projectId,
        number: null,
        status: 'ERROR',
        createdAt: deployment.createdAt,
        finishedAt: deployment.updatedAt,
      });
    }
  });
}

function canStart(world: World, transfer: Transfer): boolean {
  try {
    refuseUndeployable(world, transfer, { force: false, osMorphingPools: transfer.osMorphingPools });
    return true;
  } catch (error) {
    if (error instanceof Refusal) return false;
    throw error;
  }
}

export function cancelDeployment(world: World, projectId: string, id: string, force: boolean): void {
  const deployment = findDeployment(world, projectId, lockedId(id));
  if (!deployment) throw notFound(`Deployment with ID '${id}' not found.`);
  const { execution } = deployment;
  if (!execution) {
    throw badRequest(`Deployment '${id}' has in improper number of tasks executions: 0`);
  }
  if (!isActive(execution.status)) throw badRequest(`Deployment '${id}' is not currently running`);
  if (execution.status === 'CANCELLING' && !force) {
    throw badRequest(
      "Deployment '%s' is already being cancelled. Please use the force option if you'd like to force-cancel it.",
    );
  }
  world.engine.cancel(execution, force);
}

export function deleteDeployment(world: World, projectId: string, id: string): void {
  const deployment = findDeployment(world, projectId, lockedId(id));
  if (!deployment) throw notFound(`Deployment with ID '${id}' not found.`);
  const status = deployment.lastExecutionStatus;
  if (isActive(status)) {
    throw badRequest(`Cannot delete Deployment '${id}' as it is currently in '${status}' state.`);
  }
  world.licensing.release(id);
  deployment.deletedAt = world.now();
}

/** Export info of finished instances; `null` until there is one. */
export function transferResult(deployment: Deployment): JsonObject | null {
  if (deployment.lastExecutionStatus !== 'COMPLETED') return null;
  return Object.fromEntries(
    Object.entries(deployment.info).map(([instance, info]) => [instance, info.transfer_result ?? null]),
  );
}
