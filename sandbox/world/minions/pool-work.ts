import {
  addMachine,
  changeMachine,
  poweredOnFields,
  removeMachine,
  setPoolStatus,
  addPoolEvent,
  addPoolProgress,
} from './pool';
import type { MachineStatus, MinionMachine, MinionPool, PoolStatus } from '../pool-model';
import { pythonRepr } from '../../python/text';
import type { World } from '../world';

/** Minimum and maximum seconds of each step. */
const STEPS = {
  notice: [2, 4],
  validate: [3, 6],
  createSharedResources: [15, 30],
  createMachine: [60, 110],
  deleteMachine: [20, 40],
  deleteSharedResources: [10, 20],
  healthcheck: [4, 8],
  powerOn: [20, 40],
  powerOff: [10, 20],
} as const satisfies Record<string, readonly [number, number]>;

/** Steps that take half of the configured time of a step (recorded series). */
const QUICK_WHEN_FIXED: readonly string[] = [
  'validate',
  'deleteMachine',
  'deleteSharedResources',
  'healthcheck',
];

/** Interval of the maintenance of allocated pools in seconds, at full ten minutes. */
const REFRESH_SECONDS = 600;

/** Current flow of each pool. Steps planned in an earlier flow are ignored. */
const flows = new WeakMap<MinionPool, object>();

/**
 * Starts an allocation: validation, shared resources, machines (docs/reference/coriolis-domain.md §11). Events as
 * recorded.
 */
export function startAllocation(world: World, pool: MinionPool): void {
  const next = beginFlow(world, pool);
  addPoolEvent(world, pool, 'Begun minion pool allocation process');
  const from = pool.status === 'IN_MAINTENANCE' ? 'IN_MAINTENANCE' : 'DEALLOCATED';
  next(world.conditions.has('late-pools') ? seconds(world, pool, 'notice') : 0.02, () => {
    move(world, pool, 'VALIDATING_INPUTS', from);
    addPoolEvent(world, pool, 'Validating minion pool options');
    next(seconds(world, pool, 'validate'), () => {
      addPoolEvent(world, pool, 'Successfully validated minion pool options');
      move(world, pool, 'ALLOCATING_SHARED_RESOURCES');
      addPoolEvent(world, pool, 'Deploying shared pool resources');
      addPoolProgress(world, pool, 'Creating pool network');
      next(seconds(world, pool, 'createSharedResources'), () => {
        pool.sharedResources = { network_id: `pool-net-${pool.id.slice(0, 8)}` };
        addPoolEvent(world, pool, 'Successfully deployed shared pool resources');
        move(world, pool, 'ALLOCATING_MACHINES');
        allocateMachines(world, pool);
      });
    });
  });
}

function allocateMachines(world: World, pool: MinionPool): void {
  const created = (): void => {
    if (pool.machines.some(({ allocationStatus }) => allocationStatus !== 'AVAILABLE')) return;
    move(world, pool, 'ALLOCATED');
    lookAfter(world, pool);
  };
  const failed = (machine: MinionMachine, problem: string): void => {
    flows.delete(pool);
    failAllocation(world, pool, machine, problem);
  };
  for (let count = pool.machines.length; count < pool.minimumMinions; count += 1) {
    const machine = addMachine(world, pool, { allocationStatus: 'ALLOCATING', allocatedAction: null });
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

/** Starts a deallocation: machines, then shared resources. */
export function startDeallocation(world: World, pool: MinionPool): void {
  const next = beginFlow(world, pool);
  addPoolEvent(world, pool, 'Begun minion pool deallocation process');
  const deleteSharedResources = (): void => {
    move(world, pool, 'DEALLOCATING_SHARED_RESOURCES');
    addPoolEvent(world, pool, 'Deallocating shared pool resources');
    addPoolProgress(world, pool, 'Deleting pool network');
    next(seconds(world, pool, 'deleteSharedResources'), () => {
      pool.sharedResources = null;
      addPoolEvent(world, pool, 'Successfully deallocated shared pool resources');
      move(world, pool, 'DEALLOCATED');
    });
  };
  next(0.02, () => {
    if (pool.machines.length === 0) {
      deleteSharedResources();
      return;
    }
    move(world, pool, 'DEALLOCATING_MACHINES');
    for (const machine of pool.machines) {
      next(0.1, () => {
        deleteMachine(world, pool, machine, () => {
          if (pool.machines.length === 0) deleteSharedResources();
        });
      });
    }
  });
}

/** Refreshes a pool: deletes or powers off idle machines and checks the others. The pool stays ALLOCATED. */
export function refresh(world: World, pool: MinionPool): void {
  const { retired, checked, skipped } = sortForRefresh(world, pool);
  const ids = (machines: readonly MinionMachine[]): string => pythonRepr(machines.map(({ id }) => id));
  if (skipped.length > 0) {
    addPoolEvent(
      world,
      pool,
      `The following minion machines were skipped during the refreshing of the minion pool as they were in other statuses than the serviceable ones: ${ids(skipped)}`,
    );
  }
  const powersOff = pool.retentionStrategy === 'poweroff';
  const retirement = powersOff ? 'powered off' : 'deallocated';
  addPoolEvent(
    world,
    pool,
    retired.length > 0
      ? `The following minion machines will be ${retirement} as part of the refreshing of the minion pool: ${ids(retired)}`
      : 'No minion machines require deallocation during pool refresh',
  );
  addPoolEvent(
    world,
    pool,
    checked.length > 0
      ? `The following minion machines will be healthchecked as part of the refreshing of the minion pool: ${ids(checked)}`
      : 'No minion machines require healthchecking during pool refresh',
  );
  for (const machine of retired) {
    if (powersOff) powerOff(world, pool, machine);
    else deleteMachine(world, pool, machine, () => undefined);
  }
  for (const machine of checked) healthcheck(world, pool, machine, 'AVAILABLE', () => undefined);
  addPoolEvent(world, pool, 'Begun minion pool refreshing process');
}

function sortForRefresh(
  world: World,
  pool: MinionPool,
): Record<'retired' | 'checked' | 'skipped', MinionMachine[]> {
  const sorted: Record<'retired' | 'checked' | 'skipped', MinionMachine[]> = {
    retired: [],
    checked: [],
    skipped: [],
  };
  const counted = pool.machines.filter(
    ({ allocationStatus }) => allocationStatus !== 'DEALLOCATING' && allocationStatus !== 'POWERING_OFF',
  );
  let superfluous = counted.length - pool.minimumMinions;
  for (const machine of pool.machines) {
    const idle = (machine.lastUsedAt ?? 0) + pool.minionMaxIdleTime <= world.now();
    if (machine.allocationStatus !== 'AVAILABLE') {
      sorted.skipped.push(machine);
    } else if (superfluous > 0 && idle) {
      superfluous -= 1;
      if (pool.retentionStrategy === 'delete' || machine.powerStatus === 'POWERED_ON')
        sorted.retired.push(machine);
    } else if (machine.powerStatus === 'POWERED_ON') {
      sorted.checked.push(machine);
    } else {
      sorted.skipped.push(machine);
    }
  }
  return sorted;
}

/**
 * Creates a machine on the platform, for the pool or for an action.
 * @param failed called with the platform's error, e.g. an unknown flavour
 */
export function createMachine(
  world: World,
  pool: MinionPool,
  machine: MinionMachine,
  created: () => void,
  failed: (problem: string) => void,
): void {
  const { allocatedAction } = machine;
  const purpose =
    allocatedAction === null ? '' : ` to be used for transfer action with ID '${allocatedAction}'`;
  addPoolEvent(world, pool, `Allocating minion machine with internal pool ID '${machine.id}'${purpose}`);
  if (machine.allocationStatus !== 'ALLOCATING')
    changeMachine(world, machine, { allocationStatus: 'ALLOCATING' });
  addPoolProgress(world, pool, 'Creating minion machine');
  completeAfter(world, pool, machine, seconds(world, pool, 'createMachine'), () => {
    const problem = missingFlavor(world, pool);
    if (problem !== null) {
      removeMachine(pool, machine);
      failed(problem);
      return;
    }
    addPoolEvent(world, pool, `Successfully allocated minion machine with internal pool ID '${machine.id}'`);
    changeMachine(world, machine, {
      allocationStatus: allocatedAction === null ? 'AVAILABLE' : 'IN_USE',
      ...poweredOnFields(world, machine),
    });
    created();
  });
}

/** Checks that a machine answers, after powering it on if need be. @param then its status once it does */
export function healthcheck(
  world: World,
  pool: MinionPool,
  machine: MinionMachine,
  then: MachineStatus,
  done: () => void,
): void {
  const check = (): void => {
    addPoolEvent(world, pool, `Healthchecking minion machine with internal pool ID '${machine.id}'`);
    completeAfter(world, pool, machine, seconds(world, pool, 'healthcheck'), () => {
      addPoolEvent(
        world,
        pool,
        `Successfully healthchecked minion machine with internal pool ID '${machine.id}'`,
      );
      changeMachine(world, machine, { allocationStatus: then });
      done();
    });
  };
  if (then === 'AVAILABLE') changeMachine(world, machine, { allocationStatus: 'HEALTHCHECKING' });
  if (machine.powerStatus !== 'POWERED_OFF') {
    check();
    return;
  }
  changeMachine(world, machine, { powerStatus: 'POWERING_ON' });
  completeAfter(world, pool, machine, seconds(world, pool, 'powerOn'), () => {
    changeMachine(world, machine, { powerStatus: 'POWERED_ON' });
    addPoolEvent(world, pool, `Successfully powered on minion machine with internal pool ID '${machine.id}'`);
    check();
  });
}

function powerOff(world: World, pool: MinionPool, machine: MinionMachine): void {
  changeMachine(world, machine, { allocationStatus: 'POWERING_OFF', powerStatus: 'POWERING_OFF' });
  completeAfter(world, pool, machine, seconds(world, pool, 'powerOff'), () => {
    changeMachine(world, machine, { allocationStatus: 'AVAILABLE', powerStatus: 'POWERED_OFF' });
    addPoolEvent(
      world,
      pool,
      `Successfully powered off minion machine with internal pool ID '${machine.id}'`,
    );
  });
}

function deleteMachine(world: World, pool: MinionPool, machine: MinionMachine, done: () => void): void {
  addPoolEvent(world, pool, `Deallocating minion machine with internal pool ID '${machine.id}'`);
  changeMachine(world, machine, { allocationStatus: 'DEALLOCATING' });
  completeAfter(world, pool, machine, seconds(world, pool, 'deleteMachine'), () => {
    removeMachine(pool, machine);
    addPoolEvent(
      world,
      pool,
      `Successfully deallocated minion machine with internal pool ID '${machine.id}'`,
    );
    done();
  });
}

/** Refreshes a pool at every full ten minutes for as long as it is allocated. */
function lookAfter(world: World, pool: MinionPool): void {
  const flow = flows.get(pool);
  const again = (): void => {
    const next = (Math.floor(world.now() / REFRESH_SECONDS) + 1) * REFRESH_SECONDS;
    world.at(next, () => {
      if (flows.get(pool) !== flow || pool.status !== 'ALLOCATED') return;
      refresh(world, pool);
      again();
    });
  };
  again();
}

type Next = (secondsOfLife: number, happen: () => void) => void;

/** Starts a new flow of a pool, ending the current one. @returns a function that plans its steps */
function beginFlow(world: World, pool: MinionPool): Next {
  const flow = {};
  flows.set(pool, flow);
  return (secondsOfLife, happen) => {
    world.later(secondsOfLife, () => {
      if (flows.get(pool) === flow) happen();
    });
  };
}

/** Runs a step on a machine later, unless the machine is gone or another step has started. */
function completeAfter(
  world: World,
  pool: MinionPool,
  machine: MinionMachine,
  secondsOfLife: number,
  happen: () => void,
): void {
  const { allocationStatus, powerStatus } = machine;
  world.later(secondsOfLife, () => {
    const unchanged = machine.allocationStatus === allocationStatus && machine.powerStatus === powerStatus;
    if (unchanged && pool.machines.includes(machine)) happen();
  });
}

function move(world: World, pool: MinionPool, to: PoolStatus, from: PoolStatus = pool.status): void {
  setPoolStatus(world, pool, to);
  addPoolEvent(world, pool, `Pool status transitioned from '${from}' to '${to}'`);
}

function seconds(world: World, pool: MinionPool, step: keyof typeof STEPS): number {
  const field = platformOf(world, pool)?.taskSecondsField;
  const fixed = field === undefined ? undefined : pool.environmentOptions[field];
  if (typeof fixed === 'number') return QUICK_WHEN_FIXED.includes(step) ? fixed / 2 : fixed;
  const [least, most] = STEPS[step];
  return world.random.between(least, most);
}

/** Name of a flavour that the platform does not offer; `null` when it does. */
function missingFlavor(world: World, pool: MinionPool): string | null {
  const wanted = pool.environmentOptions['migr_flavor_name'];
  const offered = platformOf(world, pool)?.minionPoolOptions.find(({ name }) => name === 'migr_flavor_name');
  if (typeof wanted !== 'string' || !offered || offered.values.includes(wanted)) return null;
  return `Flavor '${wanted}' could not be found`;
}

function platformOf(world: World, pool: MinionPool) {
  return world.platform(world.endpoints.get(pool.endpointId)?.type ?? '');
}
