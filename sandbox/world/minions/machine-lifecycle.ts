import type { MinionMachineStatus, MinionMachine, MinionPool } from '../pool-model';
import type { World } from '../world';
import {
  addPoolEvent,
  addPoolProgress,
  updateMachine,
  makePoweredOnMachineFields,
  removeMachine,
} from './pools';
import { platformOfPool, computePoolStepSeconds } from './pool-step-seconds';

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
  const { allocatedActionId: allocatedAction } = machine;
  const purpose =
    allocatedAction === null ? '' : ` to be used for transfer action with ID '${allocatedAction}'`;
  addPoolEvent(world, pool, `Allocating minion machine with internal pool ID '${machine.id}'${purpose}`);
  if (machine.allocationStatus !== 'ALLOCATING')
    updateMachine(world, machine, { allocationStatus: 'ALLOCATING' });
  addPoolProgress(world, pool, 'Creating minion machine');
  completeAfter(world, pool, machine, computePoolStepSeconds(world, pool, 'createMachine'), () => {
    const problem = missingFlavor(world, pool);
    if (problem !== null) {
      removeMachine(pool, machine);
      failed(problem);
      return;
    }
    addPoolEvent(world, pool, `Successfully allocated minion machine with internal pool ID '${machine.id}'`);
    updateMachine(world, machine, {
      allocationStatus: allocatedAction === null ? 'AVAILABLE' : 'IN_USE',
      ...makePoweredOnMachineFields(world, machine),
    });
    created();
  });
}

/** Powers a machine on if it is off, and checks that it answers. @param then status of the machine after the check */
export function healthcheckMachine(
  world: World,
  pool: MinionPool,
  machine: MinionMachine,
  then: MinionMachineStatus,
  done: () => void,
): void {
  const check = (): void => {
    addPoolEvent(world, pool, `Healthchecking minion machine with internal pool ID '${machine.id}'`);
    completeAfter(world, pool, machine, computePoolStepSeconds(world, pool, 'healthcheck'), () => {
      addPoolEvent(
        world,
        pool,
        `Successfully healthchecked minion machine with internal pool ID '${machine.id}'`,
      );
      updateMachine(world, machine, { allocationStatus: then });
      done();
    });
  };
  if (then === 'AVAILABLE') updateMachine(world, machine, { allocationStatus: 'HEALTHCHECKING' });
  if (machine.powerStatus !== 'POWERED_OFF') {
    check();
    return;
  }
  updateMachine(world, machine, { powerStatus: 'POWERING_ON' });
  completeAfter(world, pool, machine, computePoolStepSeconds(world, pool, 'powerOn'), () => {
    updateMachine(world, machine, { powerStatus: 'POWERED_ON' });
    addPoolEvent(world, pool, `Successfully powered on minion machine with internal pool ID '${machine.id}'`);
    check();
  });
}

/** Powers off an idle machine. */
export function powerOffMachine(world: World, pool: MinionPool, machine: MinionMachine): void {
  updateMachine(world, machine, { allocationStatus: 'POWERING_OFF', powerStatus: 'POWERING_OFF' });
  completeAfter(world, pool, machine, computePoolStepSeconds(world, pool, 'powerOff'), () => {
    updateMachine(world, machine, { allocationStatus: 'AVAILABLE', powerStatus: 'POWERED_OFF' });
    addPoolEvent(
      world,
      pool,
      `Successfully powered off minion machine with internal pool ID '${machine.id}'`,
    );
  });
}

/** Deletes a machine from the platform and from its pool. */
export function deleteMachine(
  world: World,
  pool: MinionPool,
  machine: MinionMachine,
  done: () => void,
): void {
  addPoolEvent(world, pool, `Deallocating minion machine with internal pool ID '${machine.id}'`);
  updateMachine(world, machine, { allocationStatus: 'DEALLOCATING' });
  completeAfter(world, pool, machine, computePoolStepSeconds(world, pool, 'deleteMachine'), () => {
    removeMachine(pool, machine);
    addPoolEvent(
      world,
      pool,
      `Successfully deallocated minion machine with internal pool ID '${machine.id}'`,
    );
    done();
  });
}

/** Completes a step on a machine after some seconds, unless the machine is gone or another step has started by then. */
function completeAfter(
  world: World,
  pool: MinionPool,
  machine: MinionMachine,
  secondsOfLife: number,
  happen: () => void,
): void {
  const { allocationStatus, powerStatus } = machine;
  world.scheduleAfter(secondsOfLife, () => {
    const unchanged = machine.allocationStatus === allocationStatus && machine.powerStatus === powerStatus;
    if (unchanged && pool.machines.includes(machine)) happen();
  });
}

/** Name of a flavour that the platform does not offer; `null` when it does. */
function missingFlavor(world: World, pool: MinionPool): string | null {
  const wanted = pool.environmentOptions['migr_flavor_name'];
  const offered = platformOfPool(world, pool)?.minionPoolOptions.find(
    ({ name }) => name === 'migr_flavor_name',
  );
  if (typeof wanted !== 'string' || !offered || offered.values.includes(wanted)) return null;
  return `Flavor '${wanted}' could not be found`;
}
