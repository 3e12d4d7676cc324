import { addMachine, updateMachine, findPool, removeMachine, addPoolEvent } from './pools';
import type { MinionMachine, MinionPool } from '../pool-model';
import { createMachine, healthcheckMachine } from './machine-lifecycle';
import { groupInstancesByPool } from './pool-references';
import type { PoolReferences } from './pool-references';
import type { InstanceInfo } from '../model';
import { isPythonTruthy } from '../../python/value-operations';
import { pythonRepr } from '../../python/value-texts';
import type { World } from '../world';

/** A machine of a pool, with the instance that it serves and its role. */
interface Minion {
  readonly instance: string;
  readonly role: 'origin' | 'destination' | 'osmorphing';
  readonly machine: MinionMachine;
}

/** Machines that an action needs of one pool: one for each of the instances. */
export interface MinionDemand {
  readonly pool: MinionPool;
  readonly instances: readonly string[];
  readonly role: Minion['role'];
}

/** Seconds after which the server refuses an allocation that cannot be met. */
const SECONDS_TO_REFUSE = 0.15;

/** Callbacks of an allocation; exactly one is called, later. */
export interface AllocationCallbacks {
  /** Called when all machines are allocated. */
  readonly onReady: () => void;
  readonly onFailed: () => void;
}

/** Demands of a transfer: one machine of each pool for each instance. */
export function minionDemandsOfTransfer(
  world: World,
  projectId: string,
  transfer: PoolReferences,
): MinionDemand[] {
  const instances = transfer.instances.map(String);
  return [
    ...demandOfPool(world, projectId, transfer.originMinionPoolId, instances, 'origin'),
    ...demandOfPool(world, projectId, transfer.destinationMinionPoolId, instances, 'destination'),
  ];
}

/** Demands of a deployment: one machine for the OS morphing of each instance that has a pool for it. */
export function minionDemandsOfDeployment(
  world: World,
  projectId: string,
  deployment: PoolReferences,
): MinionDemand[] {
  return [...groupInstancesByPool(deployment.osMorphingPools)].flatMap(([pool, instances]) =>
    demandOfPool(world, projectId, pool, instances, 'osmorphing'),
  );
}

function demandOfPool(
  world: World,
  projectId: string,
  id: unknown,
  instances: readonly string[],
  role: Minion['role'],
): MinionDemand[] {
  const pool = isPythonTruthy(id) ? findPool(world, projectId, id) : undefined;
  return pool ? [{ pool, instances, role }] : [];
}

/**
 * Allocates machines for an action: available ones after a health check, and new ones up to the pool's maximum.
 * @param info data by instance, to which the allocated machines are added for the tasks
 */
export function allocateMinions(
  world: World,
  actionId: string,
  demands: readonly MinionDemand[],
  info: Record<string, InstanceInfo>,
  outcome: AllocationCallbacks,
): void {
  if (!demands.every(canServe)) {
    world.scheduleAfter(SECONDS_TO_REFUSE, outcome.onFailed);
    return;
  }
  const minions: Minion[] = [];
  let failed = false;
  const reported = (): void => {
    const waiting = minions.some(({ machine }) => machine.allocationStatus !== 'IN_USE');
    if (failed || waiting) return;
    for (const minion of minions) assignMachine(minion, info);
    outcome.onReady();
  };
  const starts = demands.flatMap(({ pool, instances, role }) => {
    const available = pool.machines.filter(({ allocationStatus }) => allocationStatus === 'AVAILABLE');
    const reserved = available.slice(0, instances.length);
    for (const machine of reserved) reserve(world, machine, actionId);
    const created = instances
      .slice(reserved.length)
      .map(() => addMachine(world, pool, { allocationStatus: 'UNINITIALIZED', allocatedActionId: actionId }));
    addPlanEvents(world, pool, { actionId, reserved, created });
    [...reserved, ...created].forEach((machine, position) => {
      minions.push({ machine, role, instance: instances[position] ?? '' });
    });
    const fail = (): void => {
      if (failed) return;
      failed = true;
      releaseMinions(world, actionId);
      outcome.onFailed();
    };
    return [
      ...reserved.map((machine) => () => {
        healthcheckMachine(world, pool, machine, 'IN_USE', reported);
      }),
      ...created.map((machine) => () => {
        createMachine(world, pool, machine, reported, fail);
      }),
    ];
  });
  for (const start of starts) start();
}

/** Releases the machines of an action. */
export function releaseMinions(world: World, actionId: string): void {
  for (const pool of world.minionPools) {
    for (const machine of pool.machines) {
      if (machine.allocatedActionId !== actionId) continue;
      if (machine.providerProperties === null) removeMachine(pool, machine);
      else updateMachine(world, machine, { allocatedActionId: null, allocationStatus: 'AVAILABLE' });
    }
  }
}

function canServe({ pool, instances }: MinionDemand): boolean {
  const available = pool.machines.filter(({ allocationStatus }) => allocationStatus === 'AVAILABLE').length;
  const room = pool.maximumMinions - pool.machines.length;
  return pool.status === 'ALLOCATED' && instances.length <= available + room;
}

function reserve(world: World, machine: MinionMachine, actionId: string): void {
  updateMachine(world, machine, {
    allocationStatus: 'RESERVED',
    allocatedActionId: actionId,
    lastUsedAt: world.serverSeconds(),
  });
}

function addPlanEvents(
  world: World,
  pool: MinionPool,
  plan: {
    actionId: string;
    reserved: readonly MinionMachine[];
    created: readonly MinionMachine[];
  },
): void {
  const ids = (machines: readonly MinionMachine[]): string => pythonRepr(machines.map(({ id }) => id));
  const { actionId, reserved, created } = plan;
  if (reserved.length > 0) {
    addPoolEvent(
      world,
      pool,
      `The following pre-existing minion machines will be allocated to transfer action '${actionId}': ${ids(reserved)}`,
    );
  }
  if (created.length > 0) {
    addPoolEvent(
      world,
      pool,
      `The following new minion machines will be created for use in transfer action '${actionId}': ${ids(created)}`,
    );
  }
}

/** Assigns a machine to the tasks of an instance. */
function assignMachine({ instance, role, machine }: Minion, info: Record<string, InstanceInfo>): void {
  const known = (info[instance] ??= {});
  known[`${role}_minion_machine_id`] = machine.id;
  known[`${role}_minion_provider_properties`] = machine.providerProperties;
  known[`${role}_minion_connection_info`] = machine.connectionInfo;
  if (role === 'destination') {
    known['destination_minion_backup_writer_connection_info'] = machine.backupWriterConnectionInfo;
  }
}
