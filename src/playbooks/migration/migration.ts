import { asError, ConflictError, InvalidInputError, isCoriolisError } from '../../api/errors';
import type { Coriolis } from '../../api/coriolis';
import { appendPlan, parsePlan, type MigrationPlan } from '../../model/migration-plan';
import { transferName } from '../../model/display-names';
import type { Deployment, Execution, Transfer } from '../../model/types';
import { latestRun, computeNextStep, type MigrationStep } from './step';
import { cancelDeployment, createDeployment, fetchDeploymentsOf } from '../../resources/deployment';
import { cancelExecution, latestExecutions, startExecution } from '../../resources/execution';
import { fetchDated, fetchOne } from '../../requests/objects';
import { startTransferUpdate } from '../../resources/transfer';

/**
 * A migration of a current server: a transfer whose notes end in a plan, with its runs
 * (docs/reference/coriolis-domain.md §10.2).
 */
export interface ComposedMigration {
  readonly transfer: Transfer;
  readonly plan: MigrationPlan;
  /** Display name, without the plan. */
  readonly name: string;
  /** Newest first. */
  readonly executions: readonly Execution[];
  /** Deployments, newest first; only the newest has its tasks. */
  readonly deployments: readonly Deployment[];
  /** The server's time of the snapshot, in milliseconds. */
  readonly now: number;
  readonly step: MigrationStep;
}

/** Maximum number of executions to read: ten passes and their repetitions. */
const MAX_EXECUTIONS = 50;

/**
 * Fetches a migration and computes its next step.
 * @throws {NotFoundError} no such transfer
 * @throws {InvalidInputError} the transfer is not a migration
 */
export async function fetchMigration(coriolis: Coriolis, id: string): Promise<ComposedMigration> {
  const { object: transfer, date: now } = await fetchDated(coriolis, 'transfer', [id]);
  const found = parsePlan(transfer.notes);
  if (found === undefined) {
    throw new InvalidInputError(`Transfer ${id} is no migration: no plan stands at the end of its notes.`, {
      field: 'migrationId',
      advice: 'Execute and deploy it as a transfer, or name a migration that was created as one.',
    });
  }
  const executions = await latestExecutions(coriolis, id, MAX_EXECUTIONS);
  const deployments = await withNewestTasks(coriolis, transfer);
  const { plan } = found;
  const canAutoDeploy = transfer.clone_disks !== undefined;
  return {
    transfer,
    plan,
    name: transferName(transfer),
    executions,
    deployments,
    now,
    step: computeNextStep({ plan, executions, deployments, canAutoDeploy, now }),
  };
}

/** Fetches the deployments of a transfer, newest first, the newest with its tasks. */
async function withNewestTasks(coriolis: Coriolis, transfer: Transfer): Promise<readonly Deployment[]> {
  const [newest, ...others] = await fetchDeploymentsOf(coriolis, transfer);
  if (newest === undefined) return [];
  // Lists come without tasks.
  return [await fetchOne(coriolis, 'deployment', newest.id), ...others];
}

/**
 * Starts the next step of a migration when that is a sync or a deployment. Another caller may start it at the same
 * moment: the server allows one run at a time, so after a conflict the migration is read again.
 * @returns whether this call started the step
 */
export async function startMigrationStep(
  coriolis: Coriolis,
  { transfer, plan, step }: ComposedMigration,
): Promise<boolean> {
  try {
    if (step.do === 'sync') {
      const { shutdownInstances, autoDeploy } = step;
      await startExecution(coriolis, transfer.id, { shutdownInstances, autoDeploy });
    } else if (step.do === 'deploy') {
      await createDeployment(coriolis, {
        transfer_id: transfer.id,
        clone_disks: false,
        skip_os_morphing: plan.skipOsMorphing,
        // Servers before 1.1.3 inherit no settings.
        user_scripts: transfer.user_scripts ?? {},
        force: false,
      });
    }
    return true;
  } catch (error) {
    if (error instanceof ConflictError) return false;
    if (!isCoriolisError(error)) throw asError(error);
    throw error.advising(
      `The migration ${transfer.id} stays as it is: wait for it to try again, or delete it.`,
    );
  }
}

/** Starts the next step of a migration, unless something is running. */
export async function advanceMigration(coriolis: Coriolis, id: string): Promise<ComposedMigration> {
  const migration = await fetchMigration(coriolis, id);
  if (migration.step.do !== 'sync' && migration.step.do !== 'deploy') return migration;
  await startMigrationStep(coriolis, migration);
  return await fetchMigration(coriolis, id);
}

const MAX_READS = 5;
const PAUSE_MS = 2000;

/**
 * Cancels a migration: cancels the running step, or marks the plan as canceled between two steps. Returns before the
 * cancellation has taken effect.
 *
 * @throws {ConflictError} the migration has ended, or it changed during each attempt
 */
export async function cancelMigration(coriolis: Coriolis, id: string, force: boolean): Promise<void> {
  for (let looks = 1; ; looks += 1) {
    const migration = await fetchMigration(coriolis, id);
    const { step } = migration;
    if (step.do === 'nothing') {
      throw new ConflictError(`The migration is over: ${step.outcome}.`, {
        advice: 'There is nothing to cancel; delete it if it is not wanted.',
      });
    }
    try {
      if (step.do !== 'look_again' || looks === MAX_READS) {
        await stop(coriolis, migration, force);
        return;
      }
    } catch (error) {
      // The step ended, or the next one started, in the meantime.
      if (!(error instanceof ConflictError) || looks === MAX_READS) throw asError(error);
    }
    await coriolis.sleep(PAUSE_MS, coriolis.signal);
  }
}

async function stop(coriolis: Coriolis, migration: ComposedMigration, force: boolean): Promise<void> {
  const { step, transfer, plan } = migration;
  if (step.do === 'wait') {
    if ('execution' in step) await cancelExecution(coriolis, transfer.id, step.execution.id, force);
    else await cancelDeployment(coriolis, step.deployment.id, force);
    return;
  }
  const notes = appendPlan(parsePlan(transfer.notes)?.notes, { ...plan, canceled: true });
  await startTransferUpdate(coriolis, transfer.id, { notes });
}

/** Run whose status and progress a migration shows: the running one, else the latest. */
export function representativeRun({
  step,
  executions,
  deployments,
}: ComposedMigration): Execution | Deployment | undefined {
  if (step.do === 'wait') return 'execution' in step ? step.execution : step.deployment;
  const deployment = latestRun(deployments);
  const execution = latestRun(executions);
  const retried =
    deployment !== undefined && execution !== undefined && execution.created_at > deployment.created_at;
  return deployment === undefined || retried ? execution : deployment;
}
