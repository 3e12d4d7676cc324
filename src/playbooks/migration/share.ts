import { completedPasses } from './step';
import type { ComposedMigration } from './migration';

/** Position of a migration: its syncs and its deployment count as one step each. */
export interface Position {
  /** Steps that are done. */
  readonly done: number;
  readonly steps: number;
}

/** Position before or within the step that is at work, or that ended the migration. */
export function positionOf({ plan, step, executions, deployments }: ComposedMigration): Position {
  const steps = plan.passes + 1;
  const passes = Math.min(completedPasses(executions), plan.passes);
  if (step.do === 'nothing' && step.outcome === 'completed') return { done: steps, steps };
  const isDeploying =
    step.do === 'wait' ? 'deployment' in step : step.do === 'nothing' && deployments.length > 0;
  return { done: isDeploying ? plan.passes : passes, steps };
}

/** Percentage of the whole migration, from that of the run at work; null while it is unknown. */
export function percentOfWhole({ done, steps }: Position, percent: number | null): number | null {
  if (done >= steps) return 100;
  return percent === null ? null : Math.round(((done + percent / 100) / steps) * 1000) / 10;
}

/** Time left of the whole migration: known in its last step only. */
export const etaOfWhole = ({ done, steps }: Position, seconds: number | null): number | null =>
  done === steps - 1 ? seconds : null;
