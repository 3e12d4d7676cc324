import type { Diagnosis } from './diagnose-with-assistant';
import type { MigrationResult } from './run-migration-workflow';

/**
 * Number of times that the trigger fired for the demo's execution, its deployment and its failed execution (null on a
 * real server), and the number of its polls.
 */
export interface TriggerResult {
  readonly execution: number;
  readonly deployment: number;
  readonly failedExecution: number | null;
  readonly polls: number;
}

/** Result of the demo, printed with `--json`. */
export interface DemoResult {
  readonly mode: 'sandbox' | 'real, read-only' | 'real, write';
  readonly ok: boolean;
  /** Problems, one sentence each; empty when all is well. */
  readonly problems: readonly string[];
  readonly seconds: number;
  readonly migration?: MigrationResult;
  /** Result for a machine that fails on purpose. */
  readonly failure?: MigrationResult;
  readonly trigger?: TriggerResult;
  readonly diagnosis?: Diagnosis;
  /** Path of a page with pictures of the estate. */
  readonly page?: string;
  /** Data of a real Coriolis. */
  readonly estate?: RealServerSummary;
}

export interface RealServerSummary {
  readonly project: string;
  readonly endpoints: ReadonlyArray<{
    readonly name: string;
    readonly type: string;
    readonly valid: boolean;
    readonly message: string | null;
  }>;
  readonly transfers: number;
  readonly newest: ReadonlyArray<{
    readonly name: string;
    readonly status: string;
    readonly updated_at: string;
  }>;
  readonly waited: ReadonlyArray<{ readonly name: string; readonly outcome: string }>;
}

/** Problems of a migration that did not complete. */
export function findMigrationProblems({ execution, deployment, error }: MigrationResult): readonly string[] {
  return [
    ...(execution?.outcome === 'completed'
      ? []
      : [`The transfer did not complete (${execution?.outcome ?? 'never executed'})`]),
    ...(deployment?.outcome === 'completed'
      ? []
      : [`The deployment did not complete (${deployment?.outcome ?? 'never started'})`]),
    ...(error === null ? [] : [error]),
  ];
}

/** Problems of the trigger, which must fire exactly once for each execution and each deployment. */
export function findTriggerProblems(what: string, times: number): readonly string[] {
  return times === 1 ? [] : [`The trigger fired ${times} times for the ${what} instead of once`];
}
