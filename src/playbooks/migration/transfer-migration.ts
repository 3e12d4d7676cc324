import { asError, ConflictError, InvalidInputError, isCoriolisError } from '../../api/errors';
import type { Coriolis } from '../../api/operation-context';
import { appendMigrationPlan, parseMigrationPlan, type MigrationPlan } from '../../model/migration-plan';
import { displayNameOf } from '../../model/display-texts';
import type { Deployment, Execution, Transfer } from '../../model/api-objects';
import { findLatestRun, computeNextMigrationStep, type MigrationStep } from './next-step';
import { cancelDeployment, createDeployment, fetchDeploymentsOfTransfer } from '../../resources/deployment';
import { cancelExecution, fetchNewestExecutions, startSync } from '../../resources/execution';
import { fetchOneWithTime, fetchOne } from '../../requests/object-requests';
import { startTransferUpdate } from '../../resources/transfer';

/**
 * A migration on a current server: a transfer whose notes end in the plan of the migration, with its executions and
 * deployments (docs/reference/coriolis-domain.md §10.2).
 */
export interface TransferMigration {
  readonly transfer: Transfer;
  readonly plan: MigrationPlan;
  /** Name for people: the notes without the plan, or the machines. */
  readonly name: string;
  /** Executions, newest first. */
  readonly executions: readonly Execution[];
  /** Deployments, newest first; only the newest has its tasks. */
  readonly deployments: readonly Deployment[];
  /** The server's time at which the transfer was read, milliseconds since 1970. */
  readonly now: number;
  /** Next step of the migration. */
  readonly step: MigrationStep;
}

/** Maximum number of executions to read. It suffices for ten syncs and their repetitions. */
const MAX_EXECUTIONS = 50;

/**
 * Fetches a migration and computes its next step.
 * @throws {NotFoundError} there is no such transfer
 * @throws {InvalidInputError} the transfer is not a migration
 */
export async function fetchTransferMigration(coriolis: Coriolis, id: string): Promise<TransferMigration> {
  const { object: transfer, date: now } = await fetchOneWithTime(coriolis, 'transfer', [id]);
  const found = parseMigrationPlan(transfer.notes);
  if (found === undefined) {
    throw new InvalidInputError(
      `Transfer ${id} is no migration: its notes do not end with a migration plan.`,
      {
        field: 'migrationId',
        advice: 'Execute and deploy it as a transfer, or name a migration that was created as one.',
      },
    );
  }
  const executions = await fetchNewestExecutions(coriolis, id, MAX_EXECUTIONS);
  const deployments = await fetchDeploymentsWithNewestTasks(coriolis, transfer);
  const { plan } = found;
  const canAutoDeploy = transfer.clone_disks !== undefined;
  return {
    transfer,
    plan,
    name: displayNameOf(transfer),
    executions,
    deployments,
    now,
    step: computeNextMigrationStep({ plan, executions, deployments, canAutoDeploy, now }),
  };
}

/** Fetches the deployments of a transfer, newest first. Only the newest has its tasks. */
async function fetchDeploymentsWithNewestTasks(
  coriolis: Coriolis,
  transfer: Transfer,
): Promise<readonly Deployment[]> {
  const [newest, ...others] = await fetchDeploymentsOfTransfer(coriolis, transfer);
  if (newest === undefined) return [];
  // Lists show deployments without tasks, so the newest is read again.
  return [await fetchOne(coriolis, 'deployment', newest.id), ...others];
}

/**
 * Starts the next step of a migration when it is a sync or a deployment. Another caller may start the same step at the
 * same moment. The server allows one run of a transfer at a time, so the second request ends in a conflict.
 * @returns false after a conflict; the caller then reads the migration again
 */
export async function startMigrationStep(
  coriolis: Coriolis,
  { transfer, plan, step }: TransferMigration,
): Promise<boolean> {
  try {
    if (step.do === 'sync') {
      const { shutdownInstances, autoDeploy } = step;
      await startSync(coriolis, transfer.id, { shutdownInstances, autoDeploy });
    } else if (step.do === 'deploy') {
      await createDeployment(coriolis, {
        transfer_id: transfer.id,
        clone_disks: false,
        skip_os_morphing: plan.skipOsMorphing,
        // On servers before 1.1.3 deployments do not take over the scripts of their transfer.
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

/** Starts the next step of a migration when it is a sync or a deployment, and reads the migration again. */
export async function advanceMigration(coriolis: Coriolis, id: string): Promise<TransferMigration> {
  const migration = await fetchTransferMigration(coriolis, id);
  if (migration.step.do !== 'sync' && migration.step.do !== 'deploy') return migration;
  await startMigrationStep(coriolis, migration);
  return await fetchTransferMigration(coriolis, id);
}

/** Maximum number of attempts to cancel a migration that changes meanwhile. */
const MAX_READS = 5;
/** Pause between two attempts, in milliseconds. */
const PAUSE_MS = 2000;

/**
 * Cancels a migration: cancels its running step, or, between two steps, marks its plan as canceled. Returns before the
 * cancellation has taken effect.
 *
 * @throws {ConflictError} the migration has ended, or it changed during each attempt
 */
export async function cancelMigration(coriolis: Coriolis, id: string, force: boolean): Promise<void> {
  for (let looks = 1; ; looks += 1) {
    const migration = await fetchTransferMigration(coriolis, id);
    const { step } = migration;
    if (step.do === 'nothing') {
      throw new ConflictError(`The migration has ended: ${step.outcome}.`, {
        advice: 'There is nothing to cancel; delete the migration if you do not want it.',
      });
    }
    try {
      if (step.do !== 'look_again' || looks === MAX_READS) {
        await requestCancellation(coriolis, migration, force);
        return;
      }
    } catch (error) {
      // The running step has ended, or the next one has started, since the migration was read: try again.
      if (!(error instanceof ConflictError) || looks === MAX_READS) throw asError(error);
    }
    await coriolis.sleep(PAUSE_MS, coriolis.signal);
  }
}

/** Requests the cancellation of the running step, or marks the plan as canceled. */
async function requestCancellation(
  coriolis: Coriolis,
  migration: TransferMigration,
  force: boolean,
): Promise<void> {
  const { step, transfer, plan } = migration;
  if (step.do === 'wait') {
    if ('execution' in step) await cancelExecution(coriolis, transfer.id, step.execution.id, force);
    else await cancelDeployment(coriolis, step.deployment.id, force);
    return;
  }
  const notes = appendMigrationPlan(parseMigrationPlan(transfer.notes)?.notes, { ...plan, canceled: true });
  await startTransferUpdate(coriolis, transfer.id, { notes });
}

/** Execution or deployment whose status and progress a migration shows: the running one, else the latest. */
export function chooseRunToShow({
  step,
  executions,
  deployments,
}: TransferMigration): Execution | Deployment | undefined {
  if (step.do === 'wait') return 'execution' in step ? step.execution : step.deployment;
  const deployment = findLatestRun(deployments);
  const execution = findLatestRun(executions);
  const retried =
    deployment !== undefined && execution !== undefined && execution.created_at > deployment.created_at;
  return deployment === undefined || retried ? execution : deployment;
}
