import type { Coriolis } from '../../api/operation-context';
import { isObject } from '../../model/json';
import { countFreeMachines } from '../../model/minion-pool-state';
import { formatCount } from '../../model/display-texts';
import type { MinionPool, Transfer } from '../../model/api-objects';
import { quoteText } from '../../model/untrusted-text';
import { fetchOptional } from '../../requests/object-requests';
import {
  makeBlockingCheck,
  makeOkCheck,
  makeWarningCheck,
  type PreflightCheck,
  type PreflightSituation,
} from './preflight-check';

/** Use of a minion pool by a run: the role of the pool and the number of machines needed. */
interface PoolUse {
  readonly id: string;
  readonly role: 'origin' | 'destination' | 'OS morphing';
  readonly machines: number;
  /** Whether this run takes machines from the pool. For pools of later deployments, the server only checks them. */
  readonly takes: boolean;
}

/**
 * Checks the minion pools that a run uses, as the server does before it starts a run. Each pool must exist, be
 * allocated, fit the endpoint and the side, and have a machine for each instance (docs/reference/coriolis-domain.md
 * §11).
 */
export async function checkPools(
  coriolis: Coriolis,
  { transfer, purpose }: PreflightSituation,
): Promise<readonly PreflightCheck[]> {
  const checks: PreflightCheck[] = [];
  for (const use of listPoolUses(transfer, purpose)) {
    const pool = await fetchOptional(coriolis, 'minionPool', [use.id]);
    checks.push(
      pool === undefined
        ? makeBlockingCheck('minion pool', `Pool ${use.id} does not exist any more.`)
        : checkPool(transfer, use, pool),
    );
  }
  return checks;
}

/**
 * Lists the pools that a run uses. A deployment uses only pools for OS morphing (docs/reference/coriolis-api.md §10.1).
 */
function listPoolUses(transfer: Transfer, purpose: PreflightSituation['purpose']): readonly PoolUse[] {
  const { instances, instance_osmorphing_minion_pool_mappings: morphing } = transfer;
  const all = (id: string | null | undefined, role: PoolUse['role']): readonly PoolUse[] =>
    typeof id === 'string' && id !== '' ? [{ id, role, machines: instances.length, takes: true }] : [];
  const counts = new Map<string, number>();
  for (const [instance, id] of Object.entries(isObject(morphing) ? morphing : {})) {
    if (typeof id === 'string' && instances.includes(instance)) counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  return [
    ...(purpose === 'execution'
      ? [
          ...all(transfer.origin_minion_pool_id, 'origin'),
          ...all(transfer.destination_minion_pool_id, 'destination'),
        ]
      : []),
    ...[...counts].map(([id, machines]) => ({
      id,
      role: 'OS morphing' as const,
      machines,
      takes: purpose === 'deployment' && transfer.skip_os_morphing !== true,
    })),
  ];
}

function checkPool(transfer: Transfer, { role, machines, takes }: PoolUse, pool: MinionPool): PreflightCheck {
  const check = 'minion pool';
  const name = `Pool ${quoteText(pool.name, 60)}`;
  const side = role === 'origin' ? 'source' : 'destination';
  const endpoint = role === 'origin' ? transfer.origin_endpoint_id : transfer.destination_endpoint_id;
  if (pool.endpoint_id !== endpoint)
    return makeBlockingCheck(check, `${name} belongs to another endpoint than the ${side} of the transfer.`);
  if (pool.platform !== side)
    return makeBlockingCheck(check, `${name} is a ${pool.platform} pool; it serves as ${role} pool.`);
  if (role !== 'OS morphing' && pool.os_type !== 'linux')
    return makeBlockingCheck(check, `${name} has ${pool.os_type} machines; syncs need linux.`);
  if (pool.status !== 'ALLOCATED')
    return makeBlockingCheck(
      check,
      `${name} is ${pool.status}: ${TO_ALLOCATED[pool.status] ?? 'wait until it is ALLOCATED'}.`,
    );
  if (machines > pool.maximum_minions)
    return makeBlockingCheck(
      check,
      `${name} has ${formatCount(pool.maximum_minions, 'machine')} at most, but ${machines} are needed: raise its maximum.`,
    );
  const free = countFreeMachines(pool);
  if (takes && free !== undefined && free < machines)
    return makeBlockingCheck(
      check,
      `${name} has ${free === 0 ? 'no free machine' : `${formatCount(free, 'free machine')} of ${machines} needed`}: wait until others have ended, or raise its maximum.`,
    );
  return takes && free === undefined
    ? makeWarningCheck(check, `${name} is allocated, but the server does not show its machines.`)
    : makeOkCheck(check, `${name} is allocated.`);
}

/** Advice for bringing a pool to ALLOCATED, by its status. In any other status an action is running: wait for it. */
const TO_ALLOCATED: Readonly<Record<string, string>> = {
  DEALLOCATED: 'allocate it first',
  ERROR: 'correct the cause that its error names, deallocate it, and allocate it again',
};
