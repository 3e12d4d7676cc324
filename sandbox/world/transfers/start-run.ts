import type { RunningExecution } from '../runs/running-execution';
import { allocateMinions, releaseMinions } from '../minions/minion-allocation';
import type { MinionDemand } from '../minions/minion-allocation';
import type { World } from '../world';

/** Starts an execution: at once when it needs no minion machines, otherwise when these are allocated. */
export function beginRun(world: World, run: RunningExecution, demands: readonly MinionDemand[]): void {
  const { engine } = world;
  const { execution, action, info } = run;
  if (demands.length === 0) {
    engine.start(run);
    return;
  }
  engine.awaitMachines({
    ...run,
    onFinished: (status) => {
      releaseMinions(world, action.id);
      run.onFinished(status);
    },
  });
  allocateMinions(world, action.id, demands, info, {
    ready: () => {
      engine.startWithMachines(execution);
    },
    failed: () => {
      engine.failWithoutMachines(execution);
    },
  });
}
