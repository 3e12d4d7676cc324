import type { CoriolisClient } from './api/client';
import type { Progress } from './model/progress';

/** Milliseconds since 1970, as `Date.now()` gives them. */
export type Clock = () => number;

/**
 * Resolves after `ms` milliseconds.
 * @throws {CanceledError} as soon as `signal` fires
 */
export type Sleep = (ms: number, signal?: AbortSignal) => Promise<void>;

/** A number from 0 (inclusive) to 1 (exclusive), as `Math.random()` gives it. */
export type Random = () => number;

/** What the core needs of the outside besides a transport; the faces supply it, tests replace it. */
export interface Runtime {
  readonly clock: Clock;
  readonly sleep: Sleep;
  readonly random: Random;
}

/** Something worth telling while an operation runs; for a wait, one note per look. */
export interface ProgressNote {
  /** One line for people: "db-01: REPLICATE_DISKS 41 %, about 22 min left". */
  readonly message: string;
  readonly progress: Progress;
}

/** What an operation works with: the server, the clock, and the caller's patience. */
export interface Coriolis extends Runtime {
  readonly client: CoriolisClient;
  /** Fires when the caller gives up. Waiting ends; the work on the server goes on. */
  readonly signal?: AbortSignal;
  /** Receives news of long work. Must not throw. */
  readonly report?: (note: ProgressNote) => void;
}
