import type { MigrationPlan } from '../../model/migration-plan';
import { isFinal, outcomeOf, purposeOf, statusOf, type Outcome } from '../../model/status';
import { parseServerTime } from '../../model/timestamps';
import type { Deployment, Execution } from '../../model/api-objects';
import { isUnsettledRun } from '../../waiting/unsettled-run';
import { ORPHAN_AFTER_MS } from '../../waiting/wait-target';

/** State of a migration on the server, from which its next step follows. */
export interface MigrationState {
  readonly plan: MigrationPlan;
  /** Executions of the transfer, of any type and in any order. */
  readonly executions: readonly Execution[];
  /** Deployments of the transfer, in any order. */
  readonly deployments: readonly Deployment[];
  /** Whether the server can deploy by itself when a sync completes (from 1.1.3 on). */
  readonly canAutoDeploy: boolean;
  /** The server's time, milliseconds since 1970. */
  readonly now: number;
}

/** Next step of a migration. */
export type MigrationStep =
  /** Wait for a running execution or deployment. */
  | { readonly do: 'wait'; readonly execution: Execution }
  | { readonly do: 'wait'; readonly deployment: Deployment }
  /** Start a sync. */
  | {
      readonly do: 'sync';
      readonly pass: number;
      readonly shutdownInstances: boolean;
      readonly autoDeploy: boolean;
    }
  | { readonly do: 'deploy' }
  /** Read again, because a final status is too young to be trusted. */
  | { readonly do: 'look_again' }
  /** Nothing: the migration has ended. */
  | { readonly do: 'nothing'; readonly outcome: Outcome };

/** Milliseconds after a sync within which the server must have started its deployment; servers check every 10 s. */
const AUTO_DEPLOYED_WITHIN_MS = 60_000;

/**
 * Computes the next step of a migration from the state on the server alone. So every caller gets the same answer, also
 * after a crash, and no sync or deployment is started twice.
 *
 * A failed or canceled run ends the migration. A new execution of the transfer, started by hand, resumes it.
 */
export function computeNextMigrationStep(state: MigrationState): MigrationStep {
  const { plan, now, canAutoDeploy } = state;
  const executions = withoutOrphanedRuns(state.executions, now);
  const deployments = withoutOrphanedRuns(state.deployments, now);
  const syncs = executions.filter(({ type }) => purposeOf(type) === 'sync');
  const latestSync = findLatestRun(syncs);
  const deployment = findLatestRun(deployments);

  // The server may replace a failed status shortly after it appears, but never COMPLETED (docs/reference/watching.md
  // §1). So COMPLETED counts at once.
  const completed = deployments.find((one) => outcomeOf(statusOf(one)) === 'completed');
  if (completed !== undefined) return { do: 'nothing', outcome: 'completed' };

  // Some run has not started, or the server may still replace its final status.
  if ([...executions, ...deployments].some((run) => isUnsettledRun(run, now))) return { do: 'look_again' };

  const active = executions.find(({ status }) => !isFinal(status));
  if (active !== undefined) return { do: 'wait', execution: active };

  if (plan.canceled === true && (deployment === undefined || isFinal(statusOf(deployment)))) {
    return { do: 'nothing', outcome: 'canceled' };
  }

  if (deployment !== undefined && !isNewer(latestSync, deployment)) {
    // A deployment has the status ERROR both when its sync failed and when its sync was canceled
    // (docs/reference/coriolis-domain.md §2). So the outcome of the sync decides.
    const deployer = executions.find(({ id }) => id === deployment.deployer_id);
    const before = deployer === undefined ? undefined : outcomeOf(deployer.status);
    if (before === 'failed' || before === 'canceled') return { do: 'nothing', outcome: before };
    const outcome = outcomeOf(statusOf(deployment));
    return outcome === undefined ? { do: 'wait', deployment } : { do: 'nothing', outcome };
  }

  // Any failed execution ends the migration, also an update, such as the one that marks the plan as canceled.
  const update = findLatestRun(executions.filter(({ type }) => purposeOf(type) === 'update'));
  const updated = update === undefined ? undefined : outcomeOf(update.status);
  if (update !== undefined && updated !== 'completed' && update.number > (latestSync?.number ?? 0)) {
    return { do: 'nothing', outcome: updated ?? 'failed' };
  }

  const disksGone = findLatestRun(
    executions.filter(({ type, status }) => purposeOf(type) === 'disks_delete' && status === 'COMPLETED'),
  );
  if (latestSync !== undefined) {
    const outcome = outcomeOf(latestSync.status);
    if (outcome !== 'completed') return { do: 'nothing', outcome: outcome ?? 'failed' };
    if (disksGone !== undefined && disksGone.number > latestSync.number)
      return { do: 'nothing', outcome: 'canceled' };
  }
  const passes = countCompletedSyncs(executions);
  if (passes < plan.passes) {
    const isLast = passes + 1 === plan.passes;
    return {
      do: 'sync',
      pass: passes + 1,
      shutdownInstances: isLast && plan.shutdown,
      autoDeploy: autoDeploys(plan, canAutoDeploy),
    };
  }
  const ended = parseServerTime(latestSync?.updated_at) ?? 0;
  return autoDeploys(plan, canAutoDeploy) && now - ended < AUTO_DEPLOYED_WITHIN_MS
    ? { do: 'look_again' }
    : { do: 'deploy' };
}

/** Whether the server deploys by itself after the sync. Only migrations with a single sync use this. */
const autoDeploys = ({ passes }: MigrationPlan, canAutoDeploy: boolean): boolean =>
  passes === 1 && canAutoDeploy;

/** Number of completed syncs since the copied disks were last deleted. */
export function countCompletedSyncs(executions: readonly Execution[]): number {
  const completed = executions.filter(({ status }) => status === 'COMPLETED');
  const disksGone = Math.max(
    0,
    ...completed.filter(({ type }) => purposeOf(type) === 'disks_delete').map(({ number }) => number),
  );
  return completed.filter(({ type, number }) => purposeOf(type) === 'sync' && number > disksGone).length;
}

const ageOf = (run: Execution | Deployment, now: number): number =>
  now - (parseServerTime(run.created_at) ?? 0);

/**
 * Filters out orphans: runs that a refused request left behind and that never start (docs/reference/coriolis-api.md
 * §17, trap 32).
 */
export const withoutOrphanedRuns = <Run extends Execution | Deployment>(
  runs: readonly Run[],
  now: number,
): readonly Run[] =>
  runs.filter((run) => statusOf(run) !== 'UNEXECUTED' || ageOf(run, now) < ORPHAN_AFTER_MS);

/** Finds the run that was created last. */
export function findLatestRun<Run extends Execution | Deployment>(runs: readonly Run[]): Run | undefined {
  return [...runs].sort(inOrder).at(-1);
}

function inOrder(one: Execution | Deployment, other: Execution | Deployment): number {
  if ('number' in one && 'number' in other) return one.number - other.number;
  return one.created_at.localeCompare(other.created_at) || one.id.localeCompare(other.id);
}

/**
 * Whether a sync was started after a deployment, as a new attempt, and not as the sync that the deployment waits for.
 */
const isNewer = (sync: Execution | undefined, deployment: Deployment): boolean =>
  sync !== undefined && sync.id !== deployment.deployer_id && sync.created_at > deployment.created_at;
