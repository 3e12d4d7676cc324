import { isCoriolisError } from '../src/api/errors';
import type { Coriolis } from '../src/api/operation-context';
import { failedTaskOf } from '../src/model/failed-task';
import { computeProgress, type Progress } from '../src/model/run-progress';
import { isFinal, outcomeOf, statusOf } from '../src/model/status';
import type { Deployment, Execution } from '../src/model/api-objects';
import type { DiskSizes } from '../src/model/disk-sizes';
import { fetchDiskSizes } from '../src/facts/run-disk-sizes';
import { quoteText } from '../src/model/untrusted-text';
import { fetchRun, type RunRef } from '../src/waiting/fetch-run';
import type { ProgressBar } from './screen';

const NAME_LENGTH = 60;

/**
 * Polls an execution or a deployment and reports the progress of each machine, until it ends or `coriolis.signal`
 * fires. Errors of Coriolis are ignored: the workflow that waits for the same execution or deployment reports them.
 */
export async function observeRun(
  coriolis: Coriolis,
  target: RunRef,
  intervalMs: number,
  tell: (bars: readonly ProgressBar[]) => void,
): Promise<void> {
  let machines: Machines = new Map();
  while (coriolis.signal?.aborted !== true) {
    try {
      const { run, date } = await fetchRun(coriolis, target);
      machines = machinesOf(run, date, await fetchDiskSizes(coriolis, run), machines);
      tell(barsOf(run, machines));
      if (isFinal(statusOf(run))) return;
      await coriolis.sleep(intervalMs, coriolis.signal);
    } catch (error) {
      if (!isCoriolisError(error)) throw error;
      if (error.kind === 'canceled') return;
      await coriolis.sleep(intervalMs);
    }
  }
}

type Machines = ReadonlyMap<string, Progress>;

/** Progress of each machine of a run, by machine name. */
function machinesOf(run: Execution | Deployment, date: number, sizes: DiskSizes, before: Machines): Machines {
  const tasks = run.tasks ?? [];
  const names = new Set(tasks.map(({ instance }) => instance));
  return new Map(
    [...names].map((name) => {
      const own = { ...run, tasks: tasks.filter(({ instance }) => instance === name) };
      return [name, computeProgress(own, date, { diskSizes: sizes, previous: before.get(name) })];
    }),
  );
}

function barsOf(run: Execution | Deployment, machines: Machines): readonly ProgressBar[] {
  const outcome = outcomeOf(statusOf(run));
  const failure = failedTaskOf(run.tasks ?? []);
  return [...machines].map(([name, progress]) => ({
    name: quoteText(name, NAME_LENGTH),
    state: outcome ?? 'running',
    percent: progress.percent,
    ratePerMinute: progress.rate_percent_per_minute,
    etaSeconds: progress.eta_seconds,
    task:
      outcome === undefined
        ? (progress.running[0]?.task_type ?? '')
        : outcome === 'failed'
          ? (failure?.task_type ?? '')
          : '',
  }));
}
