import type { Deployment, Execution, Requester, Transfer, UserScripts } from '../model';
import { ApiError } from '../api-error';
import { toDeployedScripts } from '../transfers/user-scripts';
import type { World } from '../world';
import {
  startDeployment,
  prepareDeploymentExecution,
  refuseUndeployable,
  storeDeployment,
} from './start-deployment';

/**
 * Interval at which the server checks the execution of a PENDING deployment, in seconds
 * (docs/reference/coriolis-domain.md §2).
 */
const PENDING_CHECK_SECONDS = 10;
/** Seconds from the start of an execution until its auto-deployment appears. */
const AUTO_DEPLOY_SECONDS = 0.5;

/**
 * Plans an auto-deployment: it appears as PENDING, waits for the execution, and starts when the execution has
 * completed.
 */
export function planAutoDeployment(
  world: World,
  requester: Requester,
  transferId: string,
  execution: Execution,
): void {
  world.scheduleAfter(AUTO_DEPLOY_SECONDS, () => {
    const transfer = world.transfers.get(transferId);
    if (!transfer) return;
    const userScripts = deployableScripts(world, transfer);
    if (userScripts === undefined) return;
    const deployment = storeDeployment(world, requester, transfer, {
      id: world.makeId(),
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

/** User scripts that a deployment inherits from its transfer; undefined when the server fails on these scripts. */
function deployableScripts({ features }: World, transfer: Transfer): UserScripts | undefined {
  try {
    return toDeployedScripts(features.userScripts, transfer.userScripts, transfer.instances);
  } catch (error) {
    if (error instanceof ApiError) return undefined;
    throw error;
  }
}

function checkLater(world: World, deployment: Deployment, transfer: Transfer, execution: Execution): void {
  world.scheduleAfter(PENDING_CHECK_SECONDS, () => {
    if (deployment.deletedAt !== null) return;
    if (['UNEXECUTED', 'RUNNING', 'AWAITING_MINION_ALLOCATIONS'].includes(execution.status)) {
      checkLater(world, deployment, transfer, execution);
    } else if (execution.status === 'COMPLETED' && canStart(world, deployment, transfer)) {
      prepareDeploymentExecution(world, deployment, transfer);
      startDeployment(world, deployment, transfer);
    } else {
      // No task and no message gives the reason (docs/reference/coriolis-api.md §17, trap 14).
      deployment.lastExecutionStatus = 'ERROR';
      deployment.updatedAt = world.serverSeconds();
      world.finishedRuns.push({
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

function canStart(world: World, { id }: Deployment, transfer: Transfer): boolean {
  try {
    refuseUndeployable(world, transfer, { id, force: false, osMorphingPools: transfer.osMorphingPools });
    return true;
  } catch (error) {
    if (error instanceof ApiError) return false;
    throw error;
  }
}
