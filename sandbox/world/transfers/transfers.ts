import type { Owner, Transfer } from '../model';
import type { JsonObject } from '../../json';
import { isActive, recordsOf } from '../model';
import { refuseUnfitPools } from '../minions/selection';
import { pythonRepr } from '../../python/text';
import { badRequest, invalidInput, notFound, remoteNotFound } from '../refusal';
import { readNewTransfer, readPools } from './transfer-body';
import type { World } from '../world';

/** A live transfer of that project. */
export function findTransfer(world: World, projectId: string, id: string): Transfer | undefined {
  const transfer = world.transfers.get(id);
  return transfer?.projectId === projectId && transfer.deletedAt === null ? transfer : undefined;
}

export function requireTransfer(world: World, projectId: string, id: string): Transfer {
  const transfer = findTransfer(world, projectId, id);
  if (!transfer) throw remoteNotFound(`Transfer with ID '${id}' not found.`);
  return transfer;
}

/** An unknown transfer in an update is a 400: it is noticed while the body is checked. */
export function transferToUpdate(world: World, owner: Owner, id: string): Transfer {
  const transfer = findTransfer(world, owner.projectId, id);
  if (!transfer) throw invalidInput(`Transfer with ID '${id}' not found.`);
  return transfer;
}

/** Creates a transfer from the `transfer` object of a request. It starts nothing. */
export function createTransfer(world: World, owner: Owner, body: JsonObject): Transfer {
  const fields = {
    ...readNewTransfer(world, owner, body),
    originMinionPoolId: null,
    destinationMinionPoolId: null,
    ...readPools(body),
    id: world.newId(),
  };
  refuseUnfitPools(world, owner, fields);
  const reservation = world.licensing.reserveFor(fields);
  return world.transfers.add({
    ...fields,
    ...(reservation && { reservationId: reservation.id }),
    projectId: owner.projectId,
    userId: owner.userId,
    lastExecutionStatus: 'UNEXECUTED',
    createdAt: world.now(),
    updatedAt: null,
    deletedAt: null,
    records: { executions: [], info: {} },
  });
}

/** Refuses whatever may not happen while tasks of the transfer or of a deployment made from it run. */
export function refuseBusy(world: World, transfer: Transfer): void {
  const running = recordsOf(transfer).executions.filter(
    (execution) => execution.deletedAt === null && isActive(execution.status),
  );
  if (running.length > 0) {
    throw badRequest(`Another tasks execution is in progress: ${pythonRepr(running.map(({ id }) => id))}`);
  }
  const deploying = world.deployments
    .of(transfer.projectId)
    .some(
      (deployment) =>
        deployment.transferId === transfer.id &&
        deployment.deletedAt === null &&
        isActive(deployment.lastExecutionStatus),
    );
  if (deploying) throw badRequest(`Transfer '${transfer.id}' is currently being deployed`);
}

/** Older servers neither update nor deploy what they never executed, not even by force. */
export function refuseNeverExecuted(world: World, transfer: Transfer): void {
  if (world.features.changesBeforeExecution) return;
  const executed = recordsOf(transfer).executions.some(({ deletedAt }) => deletedAt === null);
  if (!executed) throw badRequest('The Transfer has never been executed.');
}

export function deleteTransfer(world: World, projectId: string, id: string): void {
  const transfer = findTransfer(world, projectId, id);
  if (!transfer) throw notFound(`Transfer with ID '${id}' not found.`);
  refuseBusy(world, transfer);
  world.licensing.release(id);
  transfer.deletedAt = world.now();
}
