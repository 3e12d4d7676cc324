import { isActiveExecutionStatus } from '../model';
import type { Deployment, Requester } from '../model';
import type { JsonObject } from '../../json-object';
import { pythonStr } from '../../python/value-texts';
import { requireDict, isPythonTruthy, withDictItems } from '../../python/value-operations';
import { requireLockableId, toSqlText, toStoredFlag } from '../database-values';
import type { ReleaseFeatures } from '../releases';
import { badRequest, notFound, notFoundWithClassName } from '../api-error';
import { refuseWithoutWorker } from '../transfers/executions';
import { findTransfer } from '../transfers/transfers';
import { requireTrust } from '../transfers/require-trust';
import { toDeployedScripts } from '../transfers/user-scripts';
import type { World } from '../world';
import {
  startDeployment,
  prepareDeploymentExecution,
  refuseUndeployable,
  storeDeployment,
} from './start-deployment';
import type { NewDeployment } from './new-deployment';

function findDeployment(world: World, projectId: string, id: string): Deployment | undefined {
  const deployment = world.deployments.get(id);
  return deployment?.projectId === projectId && deployment.deletedAt === null ? deployment : undefined;
}

export function requireDeployment(world: World, projectId: string, id: string): Deployment {
  const deployment = findDeployment(world, projectId, requireLockableId(id));
  if (!deployment) throw notFoundWithClassName(`Deployment with ID '${id}' not found.`);
  return deployment;
}

/**
 * Creates and starts a deployment from a checked body. An omitted field has the server's default, and null inherits the
 * transfer's value (docs/reference/coriolis-api.md §10.2). In releases whose transfers have no deployment settings, null
 * is false.
 */
export function createDeployment(world: World, requester: Requester, fields: NewDeployment): Deployment {
  const name = requireLockableId(pythonStr(fields.transferId));
  const transfer = findTransfer(world, requester.projectId, toSqlText(fields.transferId));
  if (!transfer) throw notFoundWithClassName(`Transfer with ID '${name}' not found.`);
  const { features } = world;
  const scripts = toDeployedScripts(
    features.userScripts,
    fields.userScripts ?? transfer.userScripts,
    transfer.instances,
  );
  const osMorphingPools = isPythonTruthy(fields.osMorphingPools)
    ? withDictItems(requireDict(transfer.osMorphingPools, 'update'), fields.osMorphingPools)
    : transfer.osMorphingPools;
  const id = world.makeId();
  refuseUndeployable(world, transfer, { id, force: isPythonTruthy(fields.force), osMorphingPools });
  world.licensing.refuseUnlicensed(transfer.id);
  const deployment = storeDeployment(world, requester, transfer, {
    id,
    cloneDisks: storedSetting(features, fields.cloneDisks, transfer.cloneDisks),
    skipOsMorphing: storedSetting(features, fields.skipOsMorphing, transfer.skipOsMorphing),
    userScripts: scripts,
    osMorphingPools,
    deployerId: null,
    trustId: null,
  });
  prepareDeploymentExecution(world, deployment, transfer);
  requireTrust(world, requester, deployment);
  startDeployment(world, deployment, transfer);
  if (deployment.execution) refuseWithoutWorker(deployment.execution);
  return deployment;
}

/**
 * Value of a boolean setting of a deployment; null inherits `transfers`, the transfer's value. Releases whose transfers
 * have no such settings (`autoDeploy` is false) read null as false.
 * @throws ApiError 500 for a value that a boolean column cannot store
 */
function storedSetting(features: ReleaseFeatures, value: unknown, transfers: boolean): boolean {
  return features.autoDeploy ? (toStoredFlag(value) ?? transfers) : isPythonTruthy(value);
}

export function cancelDeployment(world: World, projectId: string, id: string, force: boolean): void {
  const deployment = findDeployment(world, projectId, requireLockableId(id));
  if (!deployment) throw notFound(`Deployment with ID '${id}' not found.`);
  const { execution } = deployment;
  if (!execution) {
    throw badRequest(`Deployment '${id}' has in improper number of tasks executions: 0`);
  }
  if (!isActiveExecutionStatus(execution.status))
    throw badRequest(`Deployment '${id}' is not currently running`);
  if (execution.status === 'CANCELLING' && !force) {
    throw badRequest(
      "Deployment '%s' is already being cancelled. Please use the force option if you'd like to force-cancel it.",
    );
  }
  world.engine.cancel(execution, force);
}

export function deleteDeployment(world: World, projectId: string, id: string): void {
  const deployment = findDeployment(world, projectId, requireLockableId(id));
  if (!deployment) throw notFound(`Deployment with ID '${id}' not found.`);
  const status = deployment.lastExecutionStatus;
  if (isActiveExecutionStatus(status)) {
    throw badRequest(`Cannot delete Deployment '${id}' as it is currently in '${status}' state.`);
  }
  world.licensing.releaseUnused(id);
  deployment.deletedAt = world.serverSeconds();
}

/** Description of each deployed machine, as in `transfer_result`; null until the deployment has completed. */
export function transferResultOf(deployment: Deployment): JsonObject | null {
  if (deployment.lastExecutionStatus !== 'COMPLETED') return null;
  return Object.fromEntries(
    Object.entries(deployment.info).map(([instance, info]) => [instance, info.transfer_result ?? null]),
  );
}
