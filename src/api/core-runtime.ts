/** Clock that returns milliseconds since 1970, like `Date.now()`. */
export type Clock = () => number;

/**
 * Sleep of `ms` milliseconds.
 * @throws {CanceledError} as soon as `signal` fires
 */
export type Sleep = (ms: number, signal?: AbortSignal) => Promise<void>;

/** Random number from 0 (inclusive) to 1 (exclusive), like `Math.random()`. */
export type Random = () => number;

/** Clock, pause and randomness of the core. n8n, MCP and the library provide them, and tests replace them. */
export interface Runtime {
  readonly clock: Clock;
  readonly sleep: Sleep;
  readonly random: Random;
}
