import { countCompletedSyncs } from './step';
import type { ComposedMigration } from './migration';

/** Position of a migration in its steps. Each planned sync is one step, and the deployment is the last. */
export interface MigrationPosition {
  /** Number of completed steps. */
  readonly done: number;
  readonly steps: number;
}

/**
 * Computes the position of a migration. All steps before the running one, or before the one that ended the migration,
 * count as completed.
 */
export function computeMigrationPosition({
  plan,
  step,
  executions,
  deployments,
}: ComposedMigration): MigrationPosition {
  const steps = plan.passes + 1;
  const passes = Math.min(countCompletedSyncs(executions), plan.passes);
  if (step.do === 'nothing' && step.outcome === 'completed') return { done: steps, steps };
  const isDeploying =
    step.do === 'wait' ? 'deployment' in step : step.do === 'nothing' && deployments.length > 0;
  return { done: isDeploying ? plan.passes : passes, steps };
}

/** Percentage of the whole migration, from the percentage of its running step; null while unknown. */
export function migrationPercent({ done, steps }: MigrationPosition, percent: number | null): number | null {
  if (done >= steps) return 100;
  return percent === null ? null : Math.round(((done + percent / 100) / steps) * 1000) / 10;
}

/** Seconds left of the whole migration. Null before the last step, because the duration of later steps is unknown. */
export const migrationSecondsLeft = (
  { done, steps }: MigrationPosition,
  seconds: number | null,
): number | null => (done === steps - 1 ? seconds : null);
