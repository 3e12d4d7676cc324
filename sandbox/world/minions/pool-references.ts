import type { Owner } from '../model';
import { isJsonObject } from '../../json-object';
import { findPool } from './pools';
import type { MinionPool } from '../pool-model';
import { pythonRepr, pythonStr } from '../../python/value-texts';
import { requireDict, isPythonTruthy, requireHashable } from '../../python/value-operations';
import { badRequest, notFoundWithClassName } from '../api-error';
import type { World } from '../world';

/** Minion pools that a transfer or a deployment names, with the fields that their checks need. */
export interface PoolReferences {
  readonly id: string;
  readonly instances: readonly unknown[];
  readonly originEndpointId: string;
  readonly destinationEndpointId: string;
  /** Pool id as the request gave it, unchecked: may be any JSON value. */
  readonly originMinionPoolId: unknown;
  readonly destinationMinionPoolId: unknown;
  /** Pool ids by instance. */
  readonly osMorphingPools: unknown;
}

/** Purpose for which an action uses a pool. */
type Role = 'origin' | 'destination' | 'OSMorphing';

/**
 * Refuses unusable pools: of another endpoint or platform, not allocated, too small.
 * @throws ApiError 404 for an unknown pool, otherwise 400
 */
export function refuseUnfitPools(
  world: World,
  owner: Pick<Owner, 'projectId'>,
  action: PoolReferences,
): void {
  const { originMinionPoolId, destinationMinionPoolId, instances } = action;
  const require = (id: unknown): MinionPool => {
    requireHashable(id);
    const pool = typeof id === 'string' ? findPool(world, owner.projectId, id) : undefined;
    if (pool?.id !== id)
      throw notFoundWithClassName(`Could not find minion pool with ID '${pythonStr(id)}'.`);
    return pool as MinionPool;
  };
  if (isPythonTruthy(originMinionPoolId))
    refuseUnfitPool(action, require(originMinionPoolId), 'origin', instances);
  if (isPythonTruthy(destinationMinionPoolId)) {
    refuseUnfitPool(action, require(destinationMinionPoolId), 'destination', instances);
  }
  for (const [id, mapped] of poolsOfInstances(action)) {
    refuseUnfitPool(action, require(id), 'OSMorphing', mapped);
  }
}

/** The instances of each OS morphing pool; instances that the action does not have are ignored. */
function poolsOfInstances({ osMorphingPools, instances }: PoolReferences): Map<unknown, string[]> {
  const byPool = new Map<unknown, string[]>();
  if (!isPythonTruthy(osMorphingPools)) return byPool;
  for (const [instance, pool] of Object.entries(requireDict(osMorphingPools, 'items'))) {
    if (!instances.includes(instance)) continue;
    requireHashable(pool);
    byPool.set(pool, [...(byPool.get(pool) ?? []), instance]);
  }
  return byPool;
}

/** Whether an instance of a stored action has an OS morphing pool. */
export function hasOsMorphingPool(
  { osMorphingPools }: Pick<PoolReferences, 'osMorphingPools'>,
  instance: string,
): boolean {
  return isJsonObject(osMorphingPools) && Object.hasOwn(osMorphingPools, instance);
}

/** The instances of each OS morphing pool of a stored action. */
export function groupInstancesByPool(osMorphingPools: unknown): Map<string, string[]> {
  const byPool = new Map<string, string[]>();
  if (!isJsonObject(osMorphingPools)) return byPool;
  for (const [instance, pool] of Object.entries(osMorphingPools)) {
    byPool.set(pythonStr(pool), [...(byPool.get(pythonStr(pool)) ?? []), instance]);
  }
  return byPool;
}

function refuseUnfitPool(
  action: PoolReferences,
  pool: MinionPool,
  role: Role,
  instances: readonly unknown[],
): void {
  const side = role === 'origin' ? 'source' : 'destination';
  const endpointId = role === 'origin' ? action.originEndpointId : action.destinationEndpointId;
  const place =
    role === 'origin' ? 'requested origin' : role === 'destination' ? 'requested destination' : 'destination';
  const selected =
    role === 'OSMorphing'
      ? `The selected OSMorphing minion pool for instances ${pythonRepr(instances)} ('${pool.id}')`
      : `The selected ${role} minion pool ('${pool.id}')`;
  if (pool.endpointId !== endpointId) {
    throw badRequest(
      `${selected} belongs to a different Coriolis endpoint ('${pool.endpointId}') than the ${place} endpoint ('${endpointId}')`,
    );
  }
  if (pool.side !== side) {
    const purpose = { origin: 'data exports', destination: 'data imports', OSMorphing: 'OSMorphing' }[role];
    const configured = role === 'destination' ? `'${pool.side}'` : `'${pool.side}' pool`;
    throw badRequest(
      `${selected} is configured as a ${configured}. The pool must be of type ${side} to be used for ${purpose}.`,
    );
  }
  if (role !== 'OSMorphing' && pool.osType !== 'linux') {
    throw badRequest(
      `${selected} is of OS type '${pool.osType}' instead of the Linux OS type required for a source transfer minion pool.`,
    );
  }
  const kind = { origin: 'Source', destination: 'Destination', OSMorphing: 'OSMorphing' }[role];
  if (pool.status !== 'ALLOCATED') {
    throw badRequest(
      `Minion Pool '${pool.id}' is an invalid state ('${pool.status}') to be used as a ${kind.toLowerCase()} pool for action '${action.id}'. ` +
        "The pool must be in 'ALLOCATED' status.",
    );
  }
  if (instances.length > pool.maximumMinions) {
    throw badRequest(
      `${kind} Minion Pool with ID '${pool.id}' has a lower maximum minion count (${pool.maximumMinions}) than the requested number of minions ` +
        `(${instances.length}) to handle all of the instances of action '${action.id}': ${pythonRepr(instances)}`,
    );
  }
}
