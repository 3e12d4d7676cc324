/** Source of the current time of a sandbox, in milliseconds since 1970. */
export interface Clock {
  now(): number;
}

/** Clock of the computer that the sandbox runs on. */
export const systemClock: Clock = { now: () => Date.now() };

/** Clock that stands still until a test advances it. */
export class ManualClock implements Clock {
  constructor(private time: number = Date.UTC(2026, 0, 15, 8, 0, 0)) {}

  now(): number {
    return this.time;
  }

  /** Advances the clock. */
  advance(seconds: number): void {
    this.time += seconds * 1000;
  }
}

/**
 * Formats seconds since 1970 as the server does: in UTC without a zone, with a fraction that is always zero
 * (docs/reference/coriolis-api.md §1.3).
 */
export function formatTimestamp(seconds: number): string;
export function formatTimestamp(seconds: number | null): string | null;
export function formatTimestamp(seconds: number | null): string | null {
  return seconds === null ? null : `${new Date(seconds * 1000).toISOString().slice(0, 19)}.000000`;
}
