import { pythonRepr } from '../../python/value-texts';
import type { MinionMachine, MinionPool } from '../pool-model';
import type { World } from '../world';
import { deleteMachine, healthcheckMachine, powerOffMachine } from './machine-lifecycle';
import { addPoolEvent } from './pools';

/** Refreshes a pool: deletes or powers off idle machines and checks the others. The pool stays ALLOCATED. */
export function refreshPoolMachines(world: World, pool: MinionPool): void {
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
    if (powersOff) powerOffMachine(world, pool, machine);
    else deleteMachine(world, pool, machine, () => undefined);
  }
  for (const machine of checked) healthcheckMachine(world, pool, machine, 'AVAILABLE', () => undefined);
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
    const idle = (machine.lastUsedAt ?? 0) + pool.minionMaxIdleTime <= world.serverSeconds();
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
