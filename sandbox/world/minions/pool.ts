import type { Owner, EventLevel } from '../model';
import type { MinionMachine, MinionPool, PoolFields, PoolStatus } from './model';
import { remoteNotFound } from '../refusal';
import type { World } from '../world';

export function findPool(world: World, projectId: string, id: unknown): MinionPool | undefined {
  const pool = world.minionPools.get(String(id));
  return pool?.projectId === projectId && pool.deletedAt === null ? pool : undefined;
}

export function requirePool(world: World, projectId: string, id: string): MinionPool {
  const pool = findPool(world, projectId, id);
  if (!pool) throw remoteNotFound(`Minion pool with ID '${id}' not found.`);
  return pool;
}

/** Stores a pool that has nothing yet. */
export function addPool(world: World, owner: Owner, fields: PoolFields): MinionPool {
  const pool = world.minionPools.add({
    ...fields,
    id: world.newId(),
    projectId: owner.projectId,
    userId: owner.userId,
    trustId: world.random.hex(32),
    status: 'DEALLOCATED',
    sharedResources: null,
    machines: [],
    events: [],
    progressUpdates: [],
    createdAt: world.now(),
    updatedAt: null,
    deletedAt: null,
  });
  tell(world, pool, 'Successfully added minion pool to the DB');
  return pool;
}

export function setPoolStatus(world: World, pool: MinionPool, status: PoolStatus): void {
  pool.status = status;
  pool.updatedAt = world.now();
}

/** Adds an event to a pool. */
export function tell(world: World, pool: MinionPool, message: string, level: EventLevel = 'INFO'): void {
  const index = pool.events.length;
  pool.events.push({ id: world.newId(), index, level, message, createdAt: world.now() });
}

/** Adds a progress message without a percentage to a pool. */
export function tellProgress(world: World, pool: MinionPool, message: string): void {
  pool.progressUpdates.push({
    id: world.newId(),
    index: pool.progressUpdates.length,
    currentStep: 0,
    totalSteps: 0,
    message,
    createdAt: world.now(),
    updatedAt: null,
  });
}

/** Adds a machine that is yet to be created on the platform. */
export function addMachine(
  world: World,
  pool: MinionPool,
  start: Pick<MinionMachine, 'allocationStatus' | 'allocatedAction'>,
): MinionMachine {
  const machine: MinionMachine = {
    ...start,
    id: world.newId(),
    powerStatus: 'UNINITIALIZED',
    lastUsedAt: null,
    connectionInfo: null,
    backupWriterConnectionInfo: null,
    providerProperties: null,
    createdAt: world.now(),
    updatedAt: null,
  };
  pool.machines = [...pool.machines, machine].sort((one, other) => (one.id < other.id ? -1 : 1));
  return machine;
}

export function removeMachine(pool: MinionPool, machine: MinionMachine): void {
  pool.machines = pool.machines.filter((one) => one !== machine);
}

export function changeMachine(world: World, machine: MinionMachine, changes: Partial<MinionMachine>): void {
  Object.assign(machine, changes);
  machine.updatedAt = world.now();
}
