import type { MinionMachine, MinionPool, PoolStatus } from '../pool-model';
import type { World } from '../world';
import { createMachine, deleteMachine } from './machine-lifecycle';
import { addMachine, addPoolEvent, addPoolProgress, setPoolStatus } from './pools';
import { refreshPoolMachines } from './pool-refresh';
import { computePoolStepSeconds } from './pool-step-seconds';

/** Interval in seconds at which allocated pools are refreshed: at minute 0, 10, 20 and so on of each hour. */
const REFRESH_SECONDS = 600;

/**
 * Marker of the current flow of each pool. A flow is one allocation or deallocation with its steps; steps of an earlier
 * flow are ignored.
 */
const currentFlows = new WeakMap<MinionPool, object>();

/**
 * Starts the allocation of a pool: validation, then shared resources, then machines (docs/reference/coriolis-domain.md
 * §11). Events have the recorded texts.
 */
export function startPoolAllocation(world: World, pool: MinionPool): void {
  const next = beginFlow(world, pool);
  addPoolEvent(world, pool, 'Begun minion pool allocation process');
  const from = pool.status === 'IN_MAINTENANCE' ? 'IN_MAINTENANCE' : 'DEALLOCATED';
  next(world.conditions.has('late-pools') ? computePoolStepSeconds(world, pool, 'notice') : 0.02, () => {
    changeStatus(world, pool, 'VALIDATING_INPUTS', from);
    addPoolEvent(world, pool, 'Validating minion pool options');
    next(computePoolStepSeconds(world, pool, 'validate'), () => {
      addPoolEvent(world, pool, 'Successfully validated minion pool options');
      changeStatus(world, pool, 'ALLOCATING_SHARED_RESOURCES');
      addPoolEvent(world, pool, 'Deploying shared pool resources');
      addPoolProgress(world, pool, 'Creating pool network');
      next(computePoolStepSeconds(world, pool, 'createSharedResources'), () => {
        pool.sharedResources = { network_id: `pool-net-${pool.id.slice(0, 8)}` };
        addPoolEvent(world, pool, 'Successfully deployed shared pool resources');
        changeStatus(world, pool, 'ALLOCATING_MACHINES');
        allocateMachines(world, pool);
      });
    });
  });
}

function allocateMachines(world: World, pool: MinionPool): void {
  const created = (): void => {
    if (pool.machines.some(({ allocationStatus }) => allocationStatus !== 'AVAILABLE')) return;
    changeStatus(world, pool, 'ALLOCATED');
    scheduleRefreshes(world, pool);
  };
  const failed = (machine: MinionMachine, problem: string): void => {
    currentFlows.delete(pool);
    failAllocation(world, pool, machine, problem);
  };
  for (let count = pool.machines.length; count < pool.minimumMinions; count += 1) {
    const machine = addMachine(world, pool, { allocationStatus: 'ALLOCATING', allocatedActionId: null });
    createMachine(world, pool, machine, created, (problem) => {
      failed(machine, problem);
    });
  }
}

/** Fails an allocation: everything is removed, and the pool goes into ERROR. */
function failAllocation(world: World, pool: MinionPool, machine: MinionMachine, problem: string): void {
  const text =
    `Failure occurred for one or more operations on minion pool '${pool.id}'. Please check the logs for additional details. ` +
    `Error messages were:\n Error message for task 'pool-${pool.id}-machine-${machine.id}-allocation': ` +
    `coriolis.exception.TaskProcessException: ${problem}`;
  pool.machines = [];
  const revert = (from: PoolStatus, to: PoolStatus): void => {
    setPoolStatus(world, pool, to);
    addPoolEvent(world, pool, `Pool status reverted from '${from}' to '${to}'`);
  };
  revert('ALLOCATING_MACHINES', 'ALLOCATING_SHARED_RESOURCES');
  addPoolEvent(world, pool, text, 'ERROR');
  addPoolProgress(world, pool, 'Deleting pool network');
  revert('ALLOCATING_SHARED_RESOURCES', 'VALIDATING_INPUTS');
  addPoolEvent(world, pool, text, 'ERROR');
  revert('VALIDATING_INPUTS', 'ERROR');
}

/** Starts the deallocation of a pool: its machines are deleted, then its shared resources. */
export function startPoolDeallocation(world: World, pool: MinionPool): void {
  const next = beginFlow(world, pool);
  addPoolEvent(world, pool, 'Begun minion pool deallocation process');
  const deleteSharedResources = (): void => {
    changeStatus(world, pool, 'DEALLOCATING_SHARED_RESOURCES');
    addPoolEvent(world, pool, 'Deallocating shared pool resources');
    addPoolProgress(world, pool, 'Deleting pool network');
    next(computePoolStepSeconds(world, pool, 'deleteSharedResources'), () => {
      pool.sharedResources = null;
      addPoolEvent(world, pool, 'Successfully deallocated shared pool resources');
      changeStatus(world, pool, 'DEALLOCATED');
    });
  };
  next(0.02, () => {
    if (pool.machines.length === 0) {
      deleteSharedResources();
      return;
    }
    changeStatus(world, pool, 'DEALLOCATING_MACHINES');
    for (const machine of pool.machines) {
      next(0.1, () => {
        deleteMachine(world, pool, machine, () => {
          if (pool.machines.length === 0) deleteSharedResources();
        });
      });
    }
  });
}

/** Schedules a refresh of a pool at every full ten minutes while it is allocated. */
function scheduleRefreshes(world: World, pool: MinionPool): void {
  const flow = currentFlows.get(pool);
  const again = (): void => {
    const next = (Math.floor(world.serverSeconds() / REFRESH_SECONDS) + 1) * REFRESH_SECONDS;
    world.scheduleAt(next, () => {
      if (currentFlows.get(pool) !== flow || pool.status !== 'ALLOCATED') return;
      refreshPoolMachines(world, pool);
      again();
    });
  };
  again();
}

type ScheduleStep = (secondsOfLife: number, happen: () => void) => void;

/** Starts a new flow of a pool and ends the current one. @returns a function that plans a step of the new flow */
function beginFlow(world: World, pool: MinionPool): ScheduleStep {
  const flow = {};
  currentFlows.set(pool, flow);
  return (secondsOfLife, happen) => {
    world.scheduleAfter(secondsOfLife, () => {
      if (currentFlows.get(pool) === flow) happen();
    });
  };
}

function changeStatus(world: World, pool: MinionPool, to: PoolStatus, from: PoolStatus = pool.status): void {
  setPoolStatus(world, pool, to);
  addPoolEvent(world, pool, `Pool status transitioned from '${from}' to '${to}'`);
}
