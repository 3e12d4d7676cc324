import type { Owner, Requester } from '../model';
import type { JsonObject } from '../../json-object';
import { requireLockableId } from '../database-values';
import { addPool, findPool, requirePool, setPoolStatus, addPoolEvent } from './pools';
import type { MinionPool, PoolStatus } from '../pool-model';
import { storePoolChanges, toPoolFields } from './pool-request-body';
import type { NewPool } from './pool-request-body';
import { refreshPoolMachines } from './pool-refresh';
import { startPoolAllocation, startPoolDeallocation } from './pool-allocation';
import { badRequest, internalError, notFound, notFoundWithClassName } from '../api-error';
import { pythonRepr, pythonStr } from '../../python/value-texts';
import { isPythonTruthy } from '../../python/value-operations';
import { findEndpoint } from '../endpoints/endpoints';
import type { World } from '../world';

/** Stores a pool and starts its allocation, unless the request says to skip the allocation. */
export function createPool(world: World, requester: Requester, fields: NewPool): MinionPool {
  if (!findEndpoint(world, requester.projectId, fields.endpointId)) {
    throw notFoundWithClassName(`Endpoint with ID '${pythonStr(fields.endpointId)}' not found.`);
  }
  if (!requester.trusted) throw internalError();
  const pool = addPool(world, requester, toPoolFields(fields));
  if (!isPythonTruthy(fields.skipAllocation)) {
    startPoolAllocation(world, pool);
    if (!world.conditions.has('late-pools')) setPoolStatus(world, pool, 'VALIDATING_INPUTS');
  }
  return pool;
}

/** Changes the fields of a deallocated pool to checked values. */
export function updatePool(world: World, owner: Owner, id: string, changes: JsonObject): MinionPool {
  const pool = requirePool(world, owner.projectId, id);
  if (pool.status !== 'DEALLOCATED') {
    throw badRequest(
      `Minion Pool '${id}' cannot be updated as it is in '${pool.status}' status instead of the expected 'DEALLOCATED'. Please ensure the ` +
        "pool machineshave been deallocated and the pool's supporting resources have been torn down before updating the pool.",
    );
  }
  storePoolChanges(pool, changes);
  pool.updatedAt = world.serverSeconds();
  addPoolEvent(world, pool, 'Successfully updated minion pool properties');
  return pool;
}

export function deletePool(world: World, projectId: string, id: string): void {
  const pool = findPool(world, projectId, requireLockableId(id));
  if (!pool) throw notFound(`Minion pool with ID '${id}' not found.`);
  const accepted: PoolStatus[] = ['DEALLOCATED', 'ERROR'];
  if (!accepted.includes(pool.status)) {
    throw badRequest(
      `Minion Pool '${id}' cannot be deleted as it is in '${pool.status}' status instead of one of the expected '${pythonRepr(accepted)}'. ` +
        "Please ensure the pool machines have been deallocated and the pool's supporting resources have been torn down before deleting the pool.",
    );
  }
  pool.deletedAt = world.serverSeconds();
}

export function allocatePool(world: World, projectId: string, id: string): MinionPool {
  const pool = poolForAction(world, projectId, id);
  if (pool.status !== 'DEALLOCATED') {
    throw badRequest(
      `Minion machines for pool '${id}' cannot be allocated as the pool is in '${pool.status}' state instead of the expected ` +
        "['DEALLOCATED']. Please force-deallocate the pool and try again.",
    );
  }
  setPoolStatus(world, pool, 'IN_MAINTENANCE');
  startPoolAllocation(world, pool);
  return pool;
}

export function refreshPool(world: World, projectId: string, id: string): MinionPool {
  const pool = poolForAction(world, projectId, id);
  if (pool.status !== 'ALLOCATED') {
    throw badRequest(
      `Minion machines for pool '${id}' cannot be healthchecked as the pool is in '${pool.status}' state instead of the expected ['ALLOCATED'].`,
    );
  }
  refreshPoolMachines(world, pool);
  return pool;
}

/**
 * Deallocates a pool; does nothing when it is deallocated already. With `force` also a pool that is in use or in a
 * status that does not allow it.
 */
export function deallocatePool(world: World, projectId: string, id: string, force: boolean): MinionPool {
  const pool = poolForAction(world, projectId, id);
  if (pool.status === 'DEALLOCATED') return pool;
  const accepted: PoolStatus[] = ['ALLOCATED', 'ERROR'];
  if (!force && !accepted.includes(pool.status)) {
    throw badRequest(
      `Minion pool '${id}' cannot be deallocated as the pool is in '${pool.status}' state instead of one of the expected ${pythonRepr(accepted)}`,
    );
  }
  const busy = pool.machines.filter(({ allocationStatus }) => allocationStatus !== 'AVAILABLE');
  if (!force && busy.length > 0) {
    const statuses = Object.fromEntries(busy.map((machine) => [machine.id, machine.allocationStatus]));
    throw badRequest(
      `Minion pool '${id}' has one or more machines which are in an active state: ${pythonRepr(statuses)}`,
    );
  }
  setPoolStatus(world, pool, 'IN_MAINTENANCE');
  startPoolDeallocation(world, pool);
  return pool;
}

function poolForAction(world: World, projectId: string, id: string): MinionPool {
  const pool = findPool(world, projectId, requireLockableId(id));
  if (!pool) throw notFound(`Minion pool with ID '${id}' not found.`);
  return pool;
}
