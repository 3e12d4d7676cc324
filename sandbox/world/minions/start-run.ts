import type { RunningExecution } from '../runs/running-execution';
import { allocateMinions, releaseMinions } from './minion-allocation';
import type { MinionDemand } from './minion-allocation';
import type { World } from '../world';

/** Starts an execution: at once when it needs no minion machines, otherwise when these are allocated. */
export function startRun(world: World, run: RunningExecution, demands: readonly MinionDemand[]): void {
  const { engine } = world;
  const { execution, action, info } = run;
  if (demands.length === 0) {
    engine.start(run);
    return;
  }
  engine.holdForMachines({
    ...run,
    onFinished: (status) => {
      releaseMinions(world, action.id);
      run.onFinished(status);
    },
  });
  allocateMinions(world, action.id, demands, info, {
    onReady: () => {
      engine.startWithMachines(execution);
    },
    onFailed: () => {
      engine.failWithoutMachines(execution);
    },
  });
}
