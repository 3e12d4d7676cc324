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
