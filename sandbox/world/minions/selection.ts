import type { Owner } from '../model';
import type { JsonObject } from '../../json';
import { findPool } from './pool';
import type { MinionPool } from './model';
import { pythonRepr } from '../../python/text';
import { badRequest, remoteNotFound } from '../refusal';
import type { World } from '../world';

/** What a transfer or a deployment says about the pools that it uses. */
export interface PoolSelection {
  readonly id: string;
  readonly instances: readonly unknown[];
  readonly originEndpointId: string;
  readonly destinationEndpointId: string;
  readonly originMinionPoolId: string | null;
  readonly destinationMinionPoolId: string | null;
  /** Pool ids by instance. */
  readonly osMorphingPools: JsonObject;
}

/** What a pool is selected for. */
type Role = 'origin' | 'destination' | 'OSMorphing';

/**
 * Refuses pools that the action cannot use: of another endpoint or platform, not allocated, too small.
 * @throws Refusal 404 for an unknown pool, otherwise 400
 */
export function refuseUnfitPools(world: World, owner: Pick<Owner, 'projectId'>, action: PoolSelection): void {
  const { originMinionPoolId, destinationMinionPoolId, instances } = action;
  const require = (id: unknown): MinionPool => {
    const pool = findPool(world, owner.projectId, id);
    if (!pool) throw remoteNotFound(`Could not find minion pool with ID '${String(id)}'.`);
    return pool;
  };
  if (originMinionPoolId !== null) refuseUnfit(action, require(originMinionPoolId), 'origin', instances);
  if (destinationMinionPoolId !== null) {
    refuseUnfit(action, require(destinationMinionPoolId), 'destination', instances);
  }
  for (const [id, mapped] of instancesByPool(action.osMorphingPools)) {
    refuseUnfit(action, require(id), 'OSMorphing', mapped);
  }
}

/** The instances of each OS morphing pool. */
export function instancesByPool(osMorphingPools: JsonObject): Map<string, string[]> {
  const byPool = new Map<string, string[]>();
  for (const [instance, pool] of Object.entries(osMorphingPools)) {
    byPool.set(String(pool), [...(byPool.get(String(pool)) ?? []), instance]);
  }
  return byPool;
}

function refuseUnfit(
  action: PoolSelection,
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
  if (pool.platform !== side) {
    const purpose = { origin: 'data exports', destination: 'data imports', OSMorphing: 'OSMorphing' }[role];
    const configured = role === 'destination' ? `'${pool.platform}'` : `'${pool.platform}' pool`;
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
