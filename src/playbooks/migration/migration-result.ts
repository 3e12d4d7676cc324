import { parseMigrationPlan } from '../../model/migration-plan';
import { displayNameOf } from '../../model/display-texts';
import { isFinal, outcomeOf, statusLabelOf, statusOf } from '../../model/status';
import { secondsBetween } from '../../model/timestamps';
import type { Deployment, Execution, Transfer } from '../../model/api-objects';
import { countCompletedSyncs, findLatestRun } from './next-step';
import type { NextCall } from '../../vocabulary/next-call';
import { key, pickShape, type OutputOf } from '../../vocabulary/result-keys';
import { namesOfDeployedMachines, deployedMachinesOf, newMachineKeys } from '../../facts/deployment-detail';
import type { Coriolis } from '../../api/operation-context';
import type { DiskSizes } from '../../model/disk-sizes';
import { fetchDiskSizes } from '../../facts/run-disk-sizes';
import {
  computeMigrationSecondsLeft,
  computeMigrationPercent,
  countMigrationSteps,
} from './migration-progress';
import { type RunDetails, computeRunDetails, runDetailKeys } from '../../facts/run-details';
import type { WaitOutcome } from '../../waiting/wait-target';
import { fetchTransferMigration, chooseRunToShow, type TransferMigration } from './transfer-migration';

/** Result keys of a migration. */
export const migrationKeys = {
  id: key.text('Migration id: the id of its transfer, or on legacy servers of the direct migration'),
  name: key.text('Notes, else the instances', { untrusted: true }),
  status: key.text('Status of what runs or ran last; PENDING between two steps'),
  outcome: key.text(
    'completed, failed or canceled, or how a wait ended: stalled, timed_out; null while the migration has not ended',
    {
      nullable: true,
    },
  ),
  phase: key.text('Present step: "pass 1 of 2", "deployment"', { nullable: true }),
  instances: key.texts('Machines of the migration', { untrusted: true }),
  origin_endpoint_id: key.text('Source endpoint'),
  destination_endpoint_id: key.text('Destination endpoint'),
  completed_passes: key.number('Completed syncs', { nullable: true }),
  replication_count: key.number('Syncs before the deployment', { nullable: true }),
  shutdown_instances: key.flag('Whether the last sync shuts the source machines down', { nullable: true }),
  run_key: key.text('Run key of its creation', { nullable: true }),
  execution_id: key.text('Latest execution of the transfer', { nullable: true }),
  deployment_id: key.text('Latest deployment', { nullable: true }),
  created_at: key.time('Created'),
  finished_at: key.time('Ended', { nullable: true }),
  duration_seconds: key.number('From creation to end', { nullable: true }),
  ...runDetailKeys,
  percent: key.number('Progress of all syncs and the deployment, 0 to 100; null while unknown', {
    nullable: true,
  }),
  deployed_instances: key.texts('Machines that now exist on the destination', {
    nullable: true,
    untrusted: true,
  }),
  deployed_machines: key.rows('New machines with their ids on the destination', newMachineKeys, {
    nullable: true,
  }),
  next: key.text('What to do next', { nullable: true }),
};

/** Result keys of a migration in a list. */
export const migrationRowKeys = pickShape(
  migrationKeys,
  'id',
  'name',
  'status',
  'outcome',
  'instances',
  'origin_endpoint_id',
  'destination_endpoint_id',
  'replication_count',
  'run_key',
  'deployment_id',
  'created_at',
);

/** Result of an operation on a migration: its documented keys, and the server's objects for `detail: 'full'`. */
export interface MigrationResult {
  readonly report: OutputOf<typeof migrationKeys>;
  readonly transfer?: Transfer | undefined;
  readonly deployment?: Deployment | undefined;
}

/**
 * Status of a migration: the status of its running or latest run, or PENDING between two steps
 * (docs/reference/coriolis-domain.md §10.2).
 */
function statusIn(migration: TransferMigration, run: Execution | Deployment | undefined): string {
  const { step } = migration;
  if (run === undefined) return 'UNEXECUTED';
  if (step.do === 'nothing') return step.outcome === 'canceled' ? 'CANCELED' : statusOf(run);
  // A deployment that is PENDING because it waits for its sync counts as running.
  return step.do === 'wait' ? statusOf(run).replace(/^PENDING$/, 'RUNNING') : 'PENDING';
}

function phaseIn({ plan, step, executions }: TransferMigration): string | null {
  const pass = (number: number): string => `pass ${Math.min(number, plan.passes)} of ${plan.passes}`;
  switch (step.do) {
    case 'wait':
      return 'deployment' in step ? 'deployment' : pass(countCompletedSyncs(executions) + 1);
    case 'sync':
      return pass(step.pass);
    case 'deploy':
      return 'deployment';
    default:
      return null;
  }
}

/**
 * Reads a migration with its progress.
 *
 * @param ended outcome of a wait, shown instead of the outcome of the migration
 */
export async function fetchTransferMigrationResult(
  coriolis: Coriolis,
  id: string,
  ended?: WaitOutcome,
): Promise<MigrationResult> {
  const migration = await fetchTransferMigration(coriolis, id);
  const run = chooseRunToShow(migration);
  return makeMigrationResult(migration, run && (await fetchDiskSizes(coriolis, run)), ended);
}

/**
 * Builds the result of a migration on a current server.
 *
 * @param sizes sizes of the disks that the current run copies; without them a sync has no percentage
 * @param ended outcome of a wait, shown instead of the outcome of the migration
 */
export function makeMigrationResult(
  migration: TransferMigration,
  sizes?: DiskSizes,
  ended?: WaitOutcome,
): MigrationResult {
  const { transfer, plan, name, executions, deployments, step } = migration;
  const run = chooseRunToShow(migration);
  const execution = findLatestRun(executions);
  const deployment = findLatestRun(deployments);
  const finished = step.do === 'nothing' && run !== undefined ? run.updated_at : null;
  return {
    transfer,
    deployment,
    report: {
      id: transfer.id,
      name,
      status: statusIn(migration, run),
      outcome: ended ?? (step.do === 'nothing' ? step.outcome : null),
      phase: phaseIn(migration),
      instances: transfer.instances,
      origin_endpoint_id: transfer.origin_endpoint_id,
      destination_endpoint_id: transfer.destination_endpoint_id,
      completed_passes: countCompletedSyncs(executions),
      replication_count: plan.passes,
      shutdown_instances: plan.shutdown,
      run_key: plan.runKey ?? null,
      execution_id: execution?.id ?? null,
      deployment_id: deployment?.id ?? null,
      created_at: transfer.created_at,
      finished_at: finished,
      duration_seconds: secondsBetween(transfer.created_at, finished),
      ...overallProgressOf(migration, run, sizes),
      deployed_instances: deployment === undefined ? null : namesOfDeployedMachines(deployment),
      deployed_machines: deployment === undefined ? null : deployedMachinesOf(deployment),
      next: nextOf(migration, run),
    },
  };
}

/** Computes the progress of the whole migration from the progress of its current run. */
function overallProgressOf(
  migration: TransferMigration,
  run: Execution | Deployment | undefined,
  sizes: DiskSizes | undefined,
): RunDetails {
  const position = countMigrationSteps(migration);
  if (run === undefined || !showsProgress(migration.step)) {
    return { ...NO_DETAILS, percent: run === undefined ? null : computeMigrationPercent(position, 0) };
  }
  const details = computeRunDetails(run, migration.now, { diskSizes: sizes });
  return {
    ...details,
    percent: computeMigrationPercent(position, details.percent),
    eta_seconds: computeMigrationSecondsLeft(position, details.eta_seconds),
  };
}

/**
 * Whether the progress of the current run is shown: while it is running, and after the migration has ended. Between two
 * steps, the progress of the last run would be misleading.
 */
const showsProgress = ({ do: step }: TransferMigration['step']): boolean =>
  step === 'wait' || step === 'nothing';

/**
 * Suggested call that diagnoses a failed migration: its deployment when all syncs are done, else its latest execution.
 */
export function callsAfterMigration({
  id,
  outcome,
  completed_passes: passes,
  replication_count: wanted,
  execution_id: executionId,
  deployment_id: deploymentId,
}: OutputOf<typeof migrationKeys>): readonly NextCall[] | undefined {
  if (outcome !== 'failed') return undefined;
  const isCopied = passes === null || wanted === null || passes >= wanted;
  if (isCopied && deploymentId !== null)
    return [{ operation: 'deployment.diagnose', input: { deploymentId } }];
  return executionId === null
    ? []
    : [{ operation: 'execution.diagnose', input: { transferId: id, executionId } }];
}

const NO_DETAILS = {
  percent: null,
  eta_seconds: null,
  running: [],
  failure: null,
  last_progress_at: null,
  usual_seconds: null,
  stalled_seconds: null,
  all_tasks_ended: null,
};

function nextOf(
  { transfer, step }: TransferMigration,
  run: Execution | Deployment | undefined,
): string | null {
  if (step.do !== 'nothing') {
    return 'Wait for the migration: its next steps begin only during a wait. A wait that ended early can be repeated.';
  }
  if (step.outcome === 'completed') return null;
  const what =
    run === undefined
      ? ''
      : 'transfer_id' in run
        ? `Diagnose deployment ${run.id}. `
        : `Diagnose execution ${run.id} of transfer ${transfer.id}. `;
  return `${what}Its transfer and copied disks are still there: execute the transfer to try again and wait for the migration, or delete the migration with its disks.`;
}

/**
 * Makes the row of a migration in a list. The executions are not read, so a migration whose latest execution has
 * completed is shown as PENDING.
 */
export function makeMigrationRow(transfer: Transfer, deployment: Deployment | undefined) {
  const own = transfer.last_execution_status;
  const retried = deployment !== undefined && isFinal(statusOf(deployment)) && !isFinal(own);
  const status =
    deployment === undefined || retried
      ? own.replace(/^COMPLETED$/, 'PENDING')
      : statusOf(deployment).replace(/^PENDING$/, 'RUNNING');
  const found = parseMigrationPlan(transfer.notes);
  return {
    id: transfer.id,
    name: displayNameOf(transfer),
    status,
    outcome: outcomeOf(status) ?? null,
    instances: transfer.instances,
    origin_endpoint_id: transfer.origin_endpoint_id,
    destination_endpoint_id: transfer.destination_endpoint_id,
    replication_count: found?.plan.passes ?? null,
    run_key: found?.plan.runKey ?? null,
    deployment_id: deployment?.id ?? null,
    created_at: transfer.created_at,
  };
}

/** A migration of a legacy server, which is a single object there (docs/reference/coriolis-api.md §10.3). */
interface LegacyMigration extends Deployment {
  readonly replication_count?: number;
  readonly shutdown_instances?: boolean;
}

/** Makes the row of a legacy server's migration in a list. */
export function makeLegacyMigrationRow(migration: LegacyMigration) {
  const status = migration.last_execution_status;
  return {
    id: migration.id,
    name: displayNameOf(migration),
    status,
    outcome: outcomeOf(status) ?? null,
    instances: migration.instances,
    origin_endpoint_id: migration.origin_endpoint_id,
    destination_endpoint_id: migration.destination_endpoint_id,
    replication_count: migration.replication_count ?? null,
    run_key: parseMigrationPlan(migration.notes)?.plan.runKey ?? null,
    deployment_id: migration.id,
    created_at: migration.created_at,
  };
}

/** Makes the result of a migration on a legacy server, where the server itself runs all steps. */
export function makeLegacyMigrationResult(
  migration: LegacyMigration,
  now: number,
  sizes: DiskSizes,
  ended?: WaitOutcome,
): MigrationResult {
  const row = makeLegacyMigrationRow(migration);
  const finished = isFinal(row.status) ? migration.updated_at : null;
  return {
    deployment: migration,
    report: {
      ...row,
      outcome: ended ?? row.outcome,
      phase: finished === null ? statusLabelOf(row.status) : null,
      completed_passes: null,
      shutdown_instances: migration.shutdown_instances ?? null,
      execution_id: null,
      finished_at: finished,
      duration_seconds: secondsBetween(migration.created_at, finished),
      ...computeRunDetails(migration, now, { diskSizes: sizes }),
      deployed_instances: namesOfDeployedMachines(migration),
      deployed_machines: deployedMachinesOf(migration),
      next:
        row.outcome === 'failed'
          ? `Diagnose deployment ${migration.id}; the server has removed its disks. Create the migration again after the remedy.`
          : null,
    },
  };
}
