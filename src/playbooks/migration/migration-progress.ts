import { countCompletedSyncs } from './next-step';
import type { TransferMigration } from './transfer-migration';

/** Position of a migration in its steps. Each planned sync is one step, and the deployment is the last. */
export interface MigrationStepCounts {
  /** Number of completed steps. */
  readonly completedSteps: number;
  readonly totalSteps: number;
}

/**
 * Computes the position of a migration. All steps before the running one, or before the one that ended the migration,
 * count as completed.
 */
export function countMigrationSteps({
  plan,
  step,
  executions,
  deployments,
}: TransferMigration): MigrationStepCounts {
  const steps = plan.passes + 1;
  const passes = Math.min(countCompletedSyncs(executions), plan.passes);
  if (step.do === 'nothing' && step.outcome === 'completed')
    return { completedSteps: steps, totalSteps: steps };
  const isDeploying =
    step.do === 'wait' ? 'deployment' in step : step.do === 'nothing' && deployments.length > 0;
  return { completedSteps: isDeploying ? plan.passes : passes, totalSteps: steps };
}

/** Percentage of the whole migration, from the percentage of its running step; null while unknown. */
export function computeMigrationPercent(
  { completedSteps, totalSteps }: MigrationStepCounts,
  percent: number | null,
): number | null {
  if (completedSteps >= totalSteps) return 100;
  return percent === null ? null : Math.round(((completedSteps + percent / 100) / totalSteps) * 1000) / 10;
}

/** Seconds left of the whole migration. Null before the last step, because the duration of later steps is unknown. */
export const computeMigrationSecondsLeft = (
  { completedSteps, totalSteps }: MigrationStepCounts,
  seconds: number | null,
): number | null => (completedSteps === totalSteps - 1 ? seconds : null);
