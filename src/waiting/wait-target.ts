import type { Coriolis } from '../api/operation-context';
import type { StallWithUsualDuration } from '../facts/fetch-stall-facts';
import type { ObservedError } from '../model/known-errors/match-known-error';
import type { Progress } from '../model/run-progress';

/**
 * Outcome of a wait for one target:
 * - `completed`, `failed`, `canceled`: the target ended so;
 * - `stalled`: the target did not change for too long;
 * - `timed_out`: the wait ended before the target;
 * - `deleted`: the target no longer exists.
 */
export type WaitOutcome = 'completed' | 'failed' | 'canceled' | 'stalled' | 'timed_out' | 'deleted';

/** Failure of a target: task, machine and error text; null where unknown. */
export interface WaitFailure {
  readonly instance: string | null;
  readonly task_type: string | null;
  readonly message: string;
}

/** Final state of a target. */
export interface TargetFinalState {
  readonly outcome: 'completed' | 'failed' | 'canceled';
  /**
   * Server's time of the final status, in milliseconds since 1970. The server may still replace a recent final status
   * (docs/reference/watching.md §1). Null when unknown; absent when no status could replace this final state.
   */
  readonly reachedAt?: number | null | undefined;
  /** Reason of the outcome, with advice, in this project's words; given when the server gives none. */
  readonly reason?: string | undefined;
}

/** State of a target at one poll. */
export interface TargetSnapshot {
  /** The server's time of the answer, milliseconds since 1970. Timestamps of the target are compared with it. */
  readonly date: number;
  /** Status of the target in the server's spelling. */
  readonly status: string;
  /** Text of the status for people. */
  readonly label: string;
  /** Fingerprint of the progress: it changes between polls whenever there is a sign of progress. */
  readonly signature: string;
  readonly progress: Progress;
  readonly transferId: string | null;
  /** Names of the machines that an execution or deployment is about; absent for other targets. */
  readonly machines?: readonly string[];
  /** Type and number of an execution, as in events; absent for other targets. */
  readonly title?: string;
  /** Notes of a deployment or migration, else its machines; name of a pool. Absent for an execution. */
  readonly name?: string;
  /** `created_at` of a run. */
  readonly createdAt?: string;
  readonly durationSeconds: number | null;
  /** Facts that show whether a run is stalled; undefined for other targets. */
  readonly stall?: StallWithUsualDuration | undefined;
  /** Final state; undefined while the target is running. */
  readonly finalState: TargetFinalState | undefined;
  /** Milliseconds until the next poll, when it should be sooner than usual; else absent. */
  readonly nextPollInMs?: number;
  /** The failure that the server shows; null when it shows none. */
  readonly failure: WaitFailure | null;
  /** Error of that failure, to be matched with the known errors; null or absent without one. */
  readonly error?: ObservedError | null;
}

/** A target of a wait, with the function that polls it and advice for each outcome. */
export interface WaitTarget {
  /** Kind in results: execution, deployment, migration or minion_pool. */
  readonly kind: string;
  readonly id: string;
  /** Id of the transfer, when it is known before the first poll; else null. */
  readonly transferId: string | null;
  /** Advice for each outcome. */
  readonly advice: Readonly<Record<WaitOutcome, string | null>>;
  /**
   * Reads the present state of the target.
   *
   * @param earlier progress at the previous poll, whose values are kept where the server omits them now
   * @param maximumAgeMs maximum age of another wait's answer that may be used instead of a request; 0 forces a request
   * @throws {NotFoundError} the target does not exist (any more)
   */
  poll(coriolis: Coriolis, earlier: Progress, maximumAgeMs: number): Promise<TargetSnapshot>;
}

/** Advice for each outcome of an execution or deployment; the default for other targets. */
export const RUN_OUTCOME_ADVICE = {
  completed: null,
  failed: 'Diagnose the run: the diagnosis names the cause, the remedy and whether a retry is safe.',
  canceled: 'The run was canceled; no failure is known. Start it again if you want.',
  stalled:
    'The run is still active: look at the tasks at work and their platform, then wait again or cancel it.',
  timed_out: 'The run continues without this wait: wait again with the same id, or look at it later.',
  deleted: 'The record of the run was deleted, so its outcome is unknown: look at the transfer.',
} as const satisfies Record<WaitOutcome, string | null>;

/**
 * Age at which a run or pool that has not started counts as an orphan (docs/reference/coriolis-api.md §17, trap 32).
 */
export const ORPHAN_AFTER_MS = 60_000;
