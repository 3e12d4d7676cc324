import type { Run } from '../runs/run';
import { allocateMinions, releaseMinions } from '../minions/allocation';
import type { Demand } from '../minions/allocation';
import type { World } from '../world';

/** Starts an execution: at once, or when its minion machines are allocated. */
export function beginRun(world: World, run: Run, demands: readonly Demand[]): void {
  const { engine } = world;
  const { execution, action, info } = run;
  if (demands.length === 0) {
    engine.start(run);
    return;
  }
  engine.await({
    ...run,
    finished: (status) => {
      releaseMinions(world, action.id);
      run.finished(status);
    },
  });
  allocateMinions(world, action.id, demands, info, {
    ready: () => {
      engine.proceed(execution);
    },
    failed: () => {
      engine.failWithoutMachines(execution);
    },
  });
}
