import { isActive, isFinal, outcomeOf, purposeOf, statusOf } from '../../model/status';
import { parseServerTime } from '../../model/timestamps';
import type { Deployment, Execution } from '../../model/api-objects';
import { isUnsettledRun } from '../../waiting/unsettled-run';
import { findLatestRun, withoutOrphanedRuns } from '../migration/next-step';

/** Goal up to which a call brings the machines of a wave. */
export type WaveGoal = 'prepared' | 'synced' | 'cut_over' | 'protected';

/** Facts from which the next step of a machine is computed. */
export interface MachinePositionInput {
  /** Whether the transfer of the machine exists. */
  readonly transferExists: boolean;
  /** Number of syncs before the cutover. */
  readonly passes: number;
  /** Whether the final sync shuts the source down. */
  readonly shutdown: boolean;
  /** Whether the transfer existed before the wave. */
  readonly isAdopted: boolean;
  /** Executions of the transfer, of any type and in any order. */
  readonly executions: readonly Execution[];
  readonly deployments: readonly Deployment[];
  /** Whether the transfer has a schedule; null when unknown. */
  readonly isScheduled: boolean | null;
  /** The server's time, milliseconds since 1970. */
  readonly now: number;
}

/** Steps that a call starts. */
export type WaveStepName = 'create' | 'sync' | 'final_sync' | 'deploy' | 'schedule';

/** Next step of one machine. */
export type WaveStep =
  | { readonly do: WaveStepName }
  /** Wait for a running execution or deployment. */
  | { readonly do: 'wait'; readonly run: Execution | Deployment; readonly at: WaveStepName | 'other' }
  /** Read again, because a final status is too young to be trusted. */
  | { readonly do: 'look_again' }
  /** Nothing: `attempts` consecutive attempts at the step `at` have failed. A retry or a user must decide. */
  | {
      readonly do: 'failed';
      readonly run: Execution | Deployment;
      readonly at: WaveStepName;
      readonly attempts: number;
    }
  /** Nothing: the last attempt at the step `at` was canceled. */
  | { readonly do: 'canceled'; readonly run: Execution | Deployment; readonly at: WaveStepName }
  /** Nothing: the goal is reached. */
  | { readonly do: 'reached' }
  /** Nothing: the deployment has completed. */
  | { readonly do: 'done'; readonly deployment: Deployment };

/** Position of a machine in the steps of a wave, computed from its executions and deployments. */
export interface MachinePosition {
  /** Number of completed syncs whose disks still exist. */
  readonly completedPasses: number;
  /** The completed final sync, from which the deployment is made. */
  readonly completedFinalSync: Execution | undefined;
  /** Whether a sync has shut the source down and nothing was deployed since, so that a deployment must follow. */
  readonly committed: boolean;
  /** Start of the newest completed sync whose disks still exist. */
  readonly lastCopyAt: string | null;
  /** The completed deployment that ends the move. */
  readonly completedDeployment: Deployment | undefined;
  readonly step: WaveStep;
}

/**
 * Computes the position and the next step of a machine from the state on the server alone. So every caller gets the
 * same answer, also after a crash, and no sync or deployment is started twice.
 */
export function computeMachinePosition(facts: MachinePositionInput, goal: WaveGoal): MachinePosition {
  const executions = withoutOrphanedRuns(facts.executions, facts.now);
  const deployments = withoutOrphanedRuns(facts.deployments, facts.now);
  const syncs = executions
    .filter(({ type }) => purposeOf(type) === 'sync')
    .sort((one, other) => one.number - other.number);
  const kept = syncsWithDisks(executions, syncs);
  const completedFinalSync = findFinalSync(facts, kept);
  const completedDeployment = findCutOverDeployment(facts, syncs, deployments);
  const position = {
    completedPasses: kept.length,
    completedFinalSync,
    committed: completedDeployment === undefined && findShutdown(syncs) !== undefined,
    lastCopyAt: kept.at(-1)?.created_at ?? null,
    completedDeployment,
  };
  return { ...position, step: decideStep({ facts, goal, executions, deployments, syncs, ...position }) };
}

/** Completed syncs whose disks still exist. */
function syncsWithDisks(executions: readonly Execution[], syncs: readonly Execution[]): readonly Execution[] {
  const deleted = executions
    .filter(({ type, status }) => purposeOf(type) === 'disks_delete' && status === 'COMPLETED')
    .map(({ number }) => number);
  const since = Math.max(0, ...deleted);
  return syncs.filter(({ status, number }) => status === 'COMPLETED' && number > since);
}

/** Whether a sync was started with shutdown of the source, whether or not the shutdown has happened. */
export const wasStartedWithShutdown = ({ tasks = [] }: Execution): boolean =>
  tasks.some(({ task_type: type }) => type === 'SHUTDOWN_INSTANCE');

/** Whether a sync has shut the source machine down. */
export const hasShutDownSource = ({ tasks = [] }: Execution): boolean =>
  tasks.some(({ task_type: type, status }) => type === 'SHUTDOWN_INSTANCE' && status === 'COMPLETED');

/**
 * Finds the sync since which the source is off: the first one that shut it down after the last completed sync without
 * shutdown. A repetition of a failed final sync finds the source off already, so it is not that one. Undefined when the
 * source is on.
 *
 * @param syncs syncs of one transfer, in the order of their numbers
 */
export function findShutdown(syncs: readonly Execution[]): Execution | undefined {
  const on = syncs.findLastIndex((sync) => sync.status === 'COMPLETED' && !wasStartedWithShutdown(sync));
  return syncs.slice(on + 1).find(hasShutDownSource);
}

/**
 * Whether a sync without shutdown has completed after one that shut the machine down: somebody has started the source, or a
 * schedule has synced it while it was off. The server does not tell which.
 */
export function wasSyncedAfterShutdown(executions: readonly Execution[]): boolean {
  const off = executions.filter(hasShutDownSource).map(({ number }) => number);
  return executions.some(
    (one) =>
      purposeOf(one.type) === 'sync' &&
      one.status === 'COMPLETED' &&
      !wasStartedWithShutdown(one) &&
      off.length > 0 &&
      one.number > Math.max(...off),
  );
}

/**
 * Finds the final sync: with shutdown, the newest completed sync if it shut the machine down; without shutdown, the
 * first one after all passes. The passes of an adopted transfer are unknown, so it is cut over with shutdown only.
 */
function findFinalSync(
  { passes, shutdown, isAdopted }: MachinePositionInput,
  kept: readonly Execution[],
): Execution | undefined {
  const newest = kept.at(-1);
  if (shutdown) return newest !== undefined && wasStartedWithShutdown(newest) ? newest : undefined;
  return isAdopted || kept.length <= passes ? undefined : kept[passes];
}

/** Finds the completed deployment of the final sync. Earlier test deployments do not count. */
function findCutOverDeployment(
  { passes, shutdown, isAdopted }: MachinePositionInput,
  syncs: readonly Execution[],
  deployments: readonly Deployment[],
): Deployment | undefined {
  const completed = syncs.filter(({ status }) => status === 'COMPLETED');
  return deployments.find((deployment) => {
    if (outcomeOf(statusOf(deployment)) !== 'completed') return false;
    const before = completed.filter((sync) => isBefore(sync, deployment));
    const newest = before.at(-1);
    if (newest === undefined) return false;
    return shutdown ? wasStartedWithShutdown(newest) : !isAdopted && before.length > passes;
  });
}

const isBefore = (sync: Execution, deployment: Deployment): boolean =>
  sync.id === deployment.deployer_id ||
  (parseServerTime(sync.updated_at) ?? Infinity) <= (parseServerTime(deployment.created_at) ?? 0);

/** Everything that decides the next step of a machine. */
interface StepSituation extends Omit<MachinePosition, 'step'> {
  readonly facts: MachinePositionInput;
  readonly goal: WaveGoal;
  readonly executions: readonly Execution[];
  readonly deployments: readonly Deployment[];
  readonly syncs: readonly Execution[];
}

function decideStep(situation: StepSituation): WaveStep {
  const { facts, executions, deployments, completedDeployment, syncs } = situation;
  if (completedDeployment !== undefined) return { do: 'done', deployment: completedDeployment };
  if (!facts.transferExists) return { do: 'create' };
  if ([...executions, ...deployments].some((run) => isUnsettledRun(run, facts.now)))
    return { do: 'look_again' };
  const execution = executions.find(({ status }) => !isFinal(status));
  if (execution !== undefined) return { do: 'wait', run: execution, at: stepOfExecution(execution) };
  const deployment = deployments.find((one) => isActive(statusOf(one)) || statusOf(one) === 'PENDING');
  if (deployment !== undefined) return { do: 'wait', run: deployment, at: 'deploy' };
  const wanted = wantedStep(situation);
  const failed = findFailedAttempt(wanted, situation, findLatestRun(syncs));
  return failed ?? wanted;
}

const stepOfExecution = (execution: Execution): WaveStepName | 'other' => {
  if (purposeOf(execution.type) !== 'sync') return 'other';
  return wasStartedWithShutdown(execution) ? 'final_sync' : 'sync';
};

/** Next step, if the last attempt at it did not fail. */
function wantedStep({
  facts,
  goal,
  completedPasses,
  completedFinalSync,
  committed,
}: StepSituation): WaveStep {
  // A machine whose source is off is down, so it continues to the cutover whatever the goal.
  const end = committed ? 'cut_over' : goal;
  if (completedFinalSync !== undefined) return end === 'cut_over' ? { do: 'deploy' } : { do: 'reached' };
  const wanted = end === 'prepared' || end === 'protected' ? 1 : facts.passes;
  if (completedPasses < wanted) return { do: 'sync' };
  if (end === 'protected' && facts.isScheduled !== true) return { do: 'schedule' };
  return end === 'cut_over' ? { do: 'final_sync' } : { do: 'reached' };
}

/** The failed or canceled step, when the last attempt at the wanted step ended so; undefined otherwise. */
function findFailedAttempt(
  wanted: WaveStep,
  { deployments, completedFinalSync, syncs }: StepSituation,
  newest: Execution | undefined,
): WaveStep | undefined {
  if (wanted.do === 'deploy') {
    const tried = deployments.filter(
      (one) => completedFinalSync !== undefined && isBefore(completedFinalSync, one),
    );
    return toFailedStep(findLatestRun(tried), 'deploy', tried.length);
  }
  if (wanted.do !== 'sync' && wanted.do !== 'final_sync') return undefined;
  const last = syncs.findLastIndex(({ status }) => status === 'COMPLETED');
  return toFailedStep(newest, wanted.do, syncs.length - 1 - last);
}

function toFailedStep(
  run: Execution | Deployment | undefined,
  at: WaveStepName,
  attempts: number,
): WaveStep | undefined {
  const outcome = run === undefined ? undefined : outcomeOf(statusOf(run));
  if (run === undefined || outcome === undefined || outcome === 'completed') return undefined;
  return outcome === 'failed' ? { do: 'failed', run, at, attempts } : { do: 'canceled', run, at };
}
