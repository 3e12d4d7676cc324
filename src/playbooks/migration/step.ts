import type { MigrationPlan } from '../../model/migration-plan';
import { isFinal, outcomeOf, purposeOf, statusOf } from '../../model/status';
import type { Outcome } from '../../model/status';
import { parseTime } from '../../model/timing';
import type { Deployment, Execution } from '../../model/types';
import { BELIEVED_AFTER_MS, ORPHAN_AFTER_MS } from '../../waiting/wait-target';

/** What the server shows of a migration. */
export interface MigrationState {
  readonly plan: MigrationPlan;
  /** Executions of the transfer, of any type and in any order. */
  readonly executions: readonly Execution[];
  /** Deployments of the transfer, in any order. */
  readonly deployments: readonly Deployment[];
  /** Whether the server deploys by itself when a sync completes (from 1.1.3). */
  readonly canAutoDeploy: boolean;
  /** The server's time, milliseconds. */
  readonly now: number;
}

/** What to do next with a migration. */
export type MigrationStep =
  /** Something is at work: wait for it. */
  | { readonly do: 'wait'; readonly execution: Execution }
  | { readonly do: 'wait'; readonly deployment: Deployment }
  /** Start a pass. */
  | {
      readonly do: 'sync';
      readonly pass: number;
      readonly shutdownInstances: boolean;
      readonly autoDeploy: boolean;
    }
  | { readonly do: 'deploy' }
  /** What is shown may change within moments: look again before anything is done. */
  | { readonly do: 'look_again' }
  /** Nothing: it is over. */
  | { readonly do: 'nothing'; readonly outcome: Outcome };

/** A server makes the deployment of an auto-deploying sync when that starts, and starts it within 10 s of its end. */
const AUTO_DEPLOYED_WITHIN_MS = 60_000;

/**
 * The next step of a migration, from nothing but what the server shows now: whoever asks, however often callers died in
 * between, gets the same answer, so passes and deployments are counted and never repeated.
 *
 * A failed or canceled run ends it. Executing the transfer once more by hand takes it up again.
 */
export function nextStep(state: MigrationState): MigrationStep {
  const { plan, now, canAutoDeploy } = state;
  const executions = withoutOrphans(state.executions, now);
  const deployments = withoutOrphans(state.deployments, now);
  const syncs = executions.filter(({ type }) => purposeOf(type) === 'sync');
  const latestSync = latest(syncs);
  const deployment = latest(deployments);

  // What replaces a young end is another bad one (watching.md §1): nothing replaces this.
  const completed = deployments.find((one) => outcomeOf(statusOf(one)) === 'completed');
  if (completed !== undefined) return { do: 'nothing', outcome: 'completed' };

  // One that did not begin yet, or whose end may still be replaced: wait for what it becomes.
  if ([...executions, ...deployments].some((run) => isUnsettled(run, now))) return { do: 'look_again' };

  const active = executions.find(({ status }) => !isFinal(status));
  if (active !== undefined) return { do: 'wait', execution: active };

  if (plan.canceled === true && (deployment === undefined || isFinal(statusOf(deployment)))) {
    return { do: 'nothing', outcome: 'canceled' };
  }

  if (deployment !== undefined && !isNewer(latestSync, deployment)) {
    // A deployment that waited for a sync says ERROR however that ended (coriolis-domain.md §2).
    const deployer = executions.find(({ id }) => id === deployment.deployer_id);
    const before = deployer === undefined ? undefined : outcomeOf(deployer.status);
    if (before === 'failed' || before === 'canceled') return { do: 'nothing', outcome: before };
    const outcome = outcomeOf(statusOf(deployment));
    return outcome === undefined ? { do: 'wait', deployment } : { do: 'nothing', outcome };
  }

  // As any run that ends badly: the update that was to cancel it, for one.
  const update = latest(executions.filter(({ type }) => purposeOf(type) === 'update'));
  const updated = update === undefined ? undefined : outcomeOf(update.status);
  if (update !== undefined && updated !== 'completed' && update.number > (latestSync?.number ?? 0)) {
    return { do: 'nothing', outcome: updated ?? 'failed' };
  }

  const disksGone = latest(
    executions.filter(({ type, status }) => purposeOf(type) === 'disks_delete' && status === 'COMPLETED'),
  );
  if (latestSync !== undefined) {
    const outcome = outcomeOf(latestSync.status);
    if (outcome !== 'completed') return { do: 'nothing', outcome: outcome ?? 'failed' };
    if (disksGone !== undefined && disksGone.number > latestSync.number)
      return { do: 'nothing', outcome: 'canceled' };
  }
  const passes = completedPasses(executions);
  if (passes < plan.passes) {
    const isLast = passes + 1 === plan.passes;
    return {
      do: 'sync',
      pass: passes + 1,
      shutdownInstances: isLast && plan.shutdown,
      autoDeploy: autoDeploys(plan, canAutoDeploy),
    };
  }
  const ended = parseTime(latestSync?.updated_at) ?? 0;
  return autoDeploys(plan, canAutoDeploy) && now - ended < AUTO_DEPLOYED_WITHIN_MS
    ? { do: 'look_again' }
    : { do: 'deploy' };
}

/** With one pass the server can do all the rest alone, also when nobody waits. */
const autoDeploys = ({ passes }: MigrationPlan, canAutoDeploy: boolean): boolean =>
  passes === 1 && canAutoDeploy;

/** Completed syncs whose disks are still there. */
export function completedPasses(executions: readonly Execution[]): number {
  const completed = executions.filter(({ status }) => status === 'COMPLETED');
  const disksGone = Math.max(
    0,
    ...completed.filter(({ type }) => purposeOf(type) === 'disks_delete').map(({ number }) => number),
  );
  return completed.filter(({ type, number }) => purposeOf(type) === 'sync' && number > disksGone).length;
}

const ageOf = (run: Execution | Deployment, now: number): number => now - (parseTime(run.created_at) ?? 0);

/** Runs without those that a refused request left behind, which never start (trap 32). */
export const withoutOrphans = <Run extends Execution | Deployment>(
  runs: readonly Run[],
  now: number,
): readonly Run[] =>
  runs.filter((run) => statusOf(run) !== 'UNEXECUTED' || ageOf(run, now) < ORPHAN_AFTER_MS);

/**
 * The runs are read after `now`, one request after the other, so that an end may lie ahead of it by as much as a busy server
 * takes for them. What lies further ahead comes from a clock that is wrong.
 */
const READ_WITHIN_MS = 60_000;

function isUnsettled(run: Execution | Deployment, now: number): boolean {
  const status = statusOf(run);
  if (status === 'UNEXECUTED') return true;
  const changed = parseTime(run.updated_at);
  if (!isFinal(status) || changed === null) return false;
  const age = now - changed;
  return age < BELIEVED_AFTER_MS && age > -READ_WITHIN_MS;
}

/** The run that began last. */
export function latest<Run extends Execution | Deployment>(runs: readonly Run[]): Run | undefined {
  return [...runs].sort(inOrder).at(-1);
}

function inOrder(one: Execution | Deployment, other: Execution | Deployment): number {
  if ('number' in one && 'number' in other) return one.number - other.number;
  return one.created_at.localeCompare(other.created_at) || one.id.localeCompare(other.id);
}

/** Whether a sync began after a deployment: somebody tries again. */
const isNewer = (sync: Execution | undefined, deployment: Deployment): boolean =>
  sync !== undefined && sync.id !== deployment.deployer_id && sync.created_at > deployment.created_at;
