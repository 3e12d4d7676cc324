import type { Diagnosis } from './assistant';
import type { Migration } from './migration';

/** How often the trigger fired for what the demo did. */
export interface Firing {
  readonly execution: number;
  readonly deployment: number;
  readonly failedExecution: number | null;
  readonly polls: number;
}

/** Everything the demo found out; what `--json` prints. */
export interface Outcome {
  readonly mode: 'sandbox' | 'real, read-only' | 'real, write';
  readonly ok: boolean;
  /** Why it is not ok, one sentence each. */
  readonly problems: readonly string[];
  readonly seconds: number;
  readonly migration?: Migration;
  /** Of a machine that is bound to fail. */
  readonly failure?: Migration;
  readonly trigger?: Firing;
  readonly diagnosis?: Diagnosis;
  /** What a real Coriolis has. */
  readonly estate?: Estate;
}

export interface Estate {
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

/** What kept a migration from being complete. */
export function problemsOf({ execution, deployment, error }: Migration): readonly string[] {
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

/** The trigger must tell of each run once, not less and not more. */
export function firingProblems(what: string, times: number): readonly string[] {
  return times === 1 ? [] : [`The trigger fired ${times} times for the ${what} instead of once`];
}
