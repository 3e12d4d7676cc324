import type { Coriolis } from '../api/coriolis';
import type { Progress } from '../model/progress';

/**
 * How a wait for one target ended: its own outcome; `stalled`, nothing changed for too long; `timed_out`, the wait was
 * over first; `deleted`, its record vanished meanwhile.
 */
export type WaitOutcome = 'completed' | 'failed' | 'canceled' | 'stalled' | 'timed_out' | 'deleted';

/** What failed, and where; the names are null where nobody tells. */
export interface WaitFailure {
  readonly instance: string | null;
  readonly task_type: string | null;
  readonly message: string;
}

/** Why nothing more will happen by itself. */
export interface Verdict {
  readonly outcome: 'completed' | 'failed' | 'canceled';
  /**
   * Server's time at which the status came about, milliseconds: a young one can be replaced within moments (watching.md §1).
   * Null when the server does not tell; left out when the verdict does not rest on a young status.
   */
  readonly since?: number | null;
  /** Ours, in place of what the server does not say; also what to do about it. */
  readonly reason?: string;
}

/** What one look at a target says. */
export interface Snapshot {
  /** The server's time of the answer, milliseconds since 1970: what its timestamps are compared with. */
  readonly date: number;
  /** The server's word. */
  readonly status: string;
  /** For people. */
  readonly label: string;
  /** Changes whenever anything that moves while work goes on has moved. */
  readonly signature: string;
  readonly progress: Progress;
  readonly transferId: string | null;
  /** `created_at` of a run. */
  readonly begunAt?: string;
  readonly durationSeconds: number | null;
  /** Undefined while it goes on, as far as the server shows. */
  readonly verdict: Verdict | undefined;
  /** Milliseconds until the next look is worth while, when that is sooner than usual. */
  readonly againInMs?: number;
  /** What the server shows to have failed; null when it shows nothing. */
  readonly failure: WaitFailure | null;
}

/** Something a wait waits for: how to look at it, and what to say of it. */
export interface WaitTarget {
  /** Word for results: execution, deployment, minion_pool. */
  readonly kind: string;
  readonly id: string;
  /** What is known before the first look. */
  readonly transferId: string | null;
  /** What to do next at each outcome. */
  readonly advice: Readonly<Record<WaitOutcome, string | null>>;
  /**
   * @param earlier how far it was at the look before, for what the server leaves out now
   * @param freshMs what another wait saw less than so many milliseconds ago is as good
   * @throws {NotFoundError} it does not exist, any more or at all
   */
  look(coriolis: Coriolis, earlier: Progress, freshMs: number): Promise<Snapshot>;
}

/** Advice that holds for whatever is waited for. */
export const ADVICE = {
  completed: null,
  failed: 'Diagnose it: that names the cause, the remedy and whether a retry is safe.',
  canceled: 'Nothing failed by itself. Start it again when wanted.',
  stalled:
    'It still counts as running: look at the tasks at work and their platform, then wait again or cancel it.',
  timed_out: 'It goes on without this wait: wait again with the same id, or look at it later.',
  deleted: 'Its record is gone, so its outcome is unknown: look at the transfer.',
} as const satisfies Record<WaitOutcome, string | null>;

/** A final status can be replaced within moments of its birth (watching.md §1): younger ones are not believed. */
export const BELIEVED_AFTER_MS = 2000;

/** Something that was started and has not begun by then never will (coriolis-api.md, trap 32). */
export const ORPHAN_AFTER_MS = 60_000;

/** How far something is of which nothing is known. */
export const NOTHING: Progress = {
  percent: null,
  rate_percent_per_minute: null,
  eta_seconds: null,
  tasks_done: 0,
  tasks_total: 0,
  running: [],
};
