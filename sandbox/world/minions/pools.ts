import type { Owner, EventLevel } from '../model';
import type { MinionMachine, MinionPool, PoolFields, PoolStatus } from '../pool-model';
import { pythonStr } from '../../python/value-texts';
import { requireLockableId } from '../database-values';
import { notFoundWithClassName } from '../api-error';
import type { World } from '../world';

/** Finds a live pool of a project, with the fault `busy-pools` applied to it. */
export function findPool(world: World, projectId: string, id: unknown): MinionPool | undefined {
  const pool = world.minionPools.get(pythonStr(id));
  if (pool?.projectId !== projectId || pool.deletedAt !== null) return undefined;
  occupyByOtherAction(world, pool);
  return pool;
}

/** Lists the live pools of a project in the order of their ids, with the fault `busy-pools` applied to them. */
export function listPoolsOfProject(world: World, projectId: string): MinionPool[] {
  const pools = world.minionPools.ofProject(projectId).filter(({ deletedAt }) => deletedAt === null);
  for (const pool of pools) occupyByOtherAction(world, pool);
  return pools.sort((one, other) => (one.id < other.id ? -1 : 1));
}

/** Id of an invented action that uses the machines while the fault `busy-pools` is active. */
const OTHER_ACTION = '0b5e0000-0000-4000-8000-000000000000';

/**
 * Applies the fault `busy-pools` when a pool is read: while the fault is active, another action uses all machines of an
 * allocated pool; afterwards they are free again.
 */
function occupyByOtherAction(world: World, pool: MinionPool): void {
  if (pool.status === 'ALLOCATED' && world.conditions.isActiveFor('busy-pools', [pool.id])) {
    while (pool.machines.length < pool.maximumMinions) {
      const machine = addMachine(world, pool, { allocationStatus: 'AVAILABLE', allocatedActionId: null });
      updateMachine(world, machine, makePoweredOnMachineFields(world, machine));
    }
    const free = pool.machines.filter(({ allocationStatus }) => allocationStatus === 'AVAILABLE');
    for (const machine of free) {
      updateMachine(world, machine, {
        allocationStatus: 'IN_USE',
        allocatedActionId: OTHER_ACTION,
        lastUsedAt: world.serverSeconds(),
      });
    }
    return;
  }
  for (const machine of pool.machines) {
    if (machine.allocatedActionId !== OTHER_ACTION) continue;
    updateMachine(world, machine, { allocationStatus: 'AVAILABLE', allocatedActionId: null });
  }
}

/** Connection data of machines, as in the recordings. */
const MACHINE_CONNECTION = { ip: '192.0.2.200', port: 22, username: 'ubuntu' };

/** Fields of a machine that its platform has created. */
export function makePoweredOnMachineFields(world: World, { id }: MinionMachine): Partial<MinionMachine> {
  return {
    powerStatus: 'POWERED_ON',
    lastUsedAt: world.serverSeconds(),
    connectionInfo: MACHINE_CONNECTION,
    backupWriterConnectionInfo: { backend: 'ssh_backup_writer', connection_details: MACHINE_CONNECTION },
    providerProperties: { instance_id: id },
  };
}

export function requirePool(world: World, projectId: string, id: string): MinionPool {
  const pool = findPool(world, projectId, requireLockableId(id));
  if (!pool) throw notFoundWithClassName(`Minion pool with ID '${id}' not found.`);
  return pool;
}

/** Stores a new, empty pool. */
export function addPool(world: World, owner: Owner, fields: PoolFields): MinionPool {
  const pool = world.minionPools.add({
    ...fields,
    id: world.makeId(),
    projectId: owner.projectId,
    userId: owner.userId,
    trustId: world.random.hex(32),
    status: 'DEALLOCATED',
    sharedResources: null,
    machines: [],
    events: [],
    progressUpdates: [],
    createdAt: world.serverSeconds(),
    updatedAt: null,
    deletedAt: null,
  });
  addPoolEvent(world, pool, 'Successfully added minion pool to the DB');
  return pool;
}

export function setPoolStatus(world: World, pool: MinionPool, status: PoolStatus): void {
  pool.status = status;
  pool.updatedAt = world.serverSeconds();
}

/** Adds an event to a pool. */
export function addPoolEvent(
  world: World,
  pool: MinionPool,
  message: string,
  level: EventLevel = 'INFO',
): void {
  const index = pool.events.length;
  pool.events.push({ id: world.makeId(), index, level, message, createdAt: world.serverSeconds() });
}

/** Adds a progress message without a percentage to a pool. */
export function addPoolProgress(world: World, pool: MinionPool, message: string): void {
  pool.progressUpdates.push({
    id: world.makeId(),
    index: pool.progressUpdates.length,
    currentStep: 0,
    totalSteps: 0,
    message,
    createdAt: world.serverSeconds(),
    updatedAt: null,
  });
}

/** Adds a machine that does not exist on the platform yet. */
export function addMachine(
  world: World,
  pool: MinionPool,
  start: Pick<MinionMachine, 'allocationStatus' | 'allocatedActionId'>,
): MinionMachine {
  const machine: MinionMachine = {
    ...start,
    id: world.makeId(),
    powerStatus: 'UNINITIALIZED',
    lastUsedAt: null,
    connectionInfo: null,
    backupWriterConnectionInfo: null,
    providerProperties: null,
    createdAt: world.serverSeconds(),
    updatedAt: null,
  };
  pool.machines = [...pool.machines, machine].sort((one, other) => (one.id < other.id ? -1 : 1));
  return machine;
}

export function removeMachine(pool: MinionPool, machine: MinionMachine): void {
  pool.machines = pool.machines.filter((one) => one !== machine);
}

export function updateMachine(world: World, machine: MinionMachine, changes: Partial<MinionMachine>): void {
  Object.assign(machine, changes);
  machine.updatedAt = world.serverSeconds();
}
