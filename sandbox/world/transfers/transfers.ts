import { isDeepStrictEqual } from 'node:util';
import { pythonRepr, pythonStr } from '../../python/value-texts';
import { isPythonTruthy } from '../../python/value-operations';
import {
  NOTES_COLUMN,
  MAX_TEXT_BYTES,
  requireLockableId,
  toStoredFlag,
  toStoredText,
} from '../database-values';
import { requireEndpoint } from '../endpoints/endpoints';
import { refuseUnfitPools } from '../minions/pool-references';
import { isActiveExecutionStatus, historyRecordsOf } from '../model';
import type { Endpoint, Owner, Transfer } from '../model';
import { badRequest, internalError, notFound, notFoundWithClassName } from '../api-error';
import type { World } from '../world';
import type { NewTransfer } from './transfer-checks';

/** Finds a transfer of a project, unless deleted. */
export function findTransfer(world: World, projectId: string, id: string): Transfer | undefined {
  const transfer = world.transfers.get(id);
  return transfer?.projectId === projectId && transfer.deletedAt === null ? transfer : undefined;
}

export function requireTransfer(world: World, projectId: string, id: string): Transfer {
  const transfer = findTransfer(world, projectId, requireLockableId(id));
  if (!transfer) throw notFoundWithClassName(`Transfer with ID '${id}' not found.`);
  return transfer;
}

/** Stores a transfer whose body was checked. It starts nothing. */
export function createTransfer(world: World, owner: Owner, fields: NewTransfer): Transfer {
  const { origin, destination } = requireEndpointPair(world, owner, fields);
  const id = world.makeId();
  const pools = {
    originMinionPoolId: fields.originMinionPoolId,
    destinationMinionPoolId: fields.destinationMinionPoolId,
    osMorphingPools: fields.osMorphingPools,
  };
  refuseUnfitPools(world, owner, {
    ...pools,
    id,
    instances: fields.instances,
    originEndpointId: origin.id,
    destinationEndpointId: destination.id,
  });
  const stored = {
    originMinionPoolId: toStoredPoolId(pools.originMinionPoolId),
    destinationMinionPoolId: toStoredPoolId(pools.destinationMinionPoolId),
    osMorphingPools: pools.osMorphingPools,
    notes: toStoredText(fields.notes, NOTES_COLUMN),
    cloneDisks: toStoredFlag(fields.cloneDisks) ?? true,
    skipOsMorphing: toStoredFlag(fields.skipOsMorphing) ?? false,
  };
  if (Buffer.byteLength(JSON.stringify(fields.instances)) > MAX_TEXT_BYTES) throw internalError();
  const reservation = world.licensing.reserveForTransfer({
    id,
    scenario: fields.scenario,
    instances: fields.instances,
  });
  return world.transfers.add({
    ...fields,
    ...stored,
    id,
    originEndpointId: origin.id,
    destinationEndpointId: destination.id,
    ...(reservation && { reservationId: reservation.id }),
    projectId: owner.projectId,
    userId: owner.userId,
    lastExecutionStatus: 'UNEXECUTED',
    createdAt: world.serverSeconds(),
    updatedAt: null,
    deletedAt: null,
    records: { executions: [], info: {} },
  });
}

/** Finds the endpoints of a new transfer or direct migration, and refuses the same endpoint for both sides. */
export function requireEndpointPair(
  world: World,
  owner: Owner,
  fields: Pick<NewTransfer, 'originEndpointId' | 'destinationEndpointId'>,
): { origin: Endpoint; destination: Endpoint } {
  const origin = requireEndpoint(world, owner.projectId, pythonStr(fields.originEndpointId));
  const destination = requireEndpoint(world, owner.projectId, pythonStr(fields.destinationEndpointId));
  if (origin.id === destination.id) {
    throw badRequest(
      'The origin and destination endpoints cannot be the same. If you need to perform operations across two areas of the same platform ' +
        '(ex: migrating across public cloud regions), please create two separate endpoints.',
    );
  }
  if (isDeepStrictEqual(origin.connectionInfo, destination.connectionInfo)) {
    throw badRequest('Origin and destination cannot be the same');
  }
  return { origin, destination };
}

/**
 * Converts a pool id that passed {@link refuseUnfitPools} to the form that the database stores; null for no pool.
 * @throws ApiError 500 for an empty text and other false values
 */
export function toStoredPoolId(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  if (!isPythonTruthy(value)) throw internalError();
  return pythonStr(value);
}

/** Refuses actions while the transfer or a deployment of it is running. */
export function refuseBusyTransfer(world: World, transfer: Transfer): void {
  const running = historyRecordsOf(transfer).executions.filter(
    (execution) => execution.deletedAt === null && isActiveExecutionStatus(execution.status),
  );
  if (running.length > 0) {
    throw badRequest(`Another tasks execution is in progress: ${pythonRepr(running.map(({ id }) => id))}`);
  }
  const deploying = world.deployments
    .ofProject(transfer.projectId)
    .some(
      (deployment) =>
        deployment.transferId === transfer.id &&
        deployment.deletedAt === null &&
        isActiveExecutionStatus(deployment.lastExecutionStatus),
    );
  if (deploying) throw badRequest(`Transfer '${transfer.id}' is currently being deployed`);
}

/**
 * Refuses a transfer that was never executed, on servers that require an execution first. `force` does not help there.
 */
export function refuseNeverExecutedTransfer(world: World, transfer: Transfer): void {
  if (world.features.changesBeforeExecution) return;
  const executed = historyRecordsOf(transfer).executions.some(({ deletedAt }) => deletedAt === null);
  if (!executed) throw badRequest('The Transfer has never been executed.');
}

export function deleteTransfer(world: World, projectId: string, id: string): void {
  const transfer = findTransfer(world, projectId, requireLockableId(id));
  if (!transfer) throw notFound(`Transfer with ID '${id}' not found.`);
  refuseBusyTransfer(world, transfer);
  world.licensing.releaseUnused(id);
  transfer.deletedAt = world.serverSeconds();
}
