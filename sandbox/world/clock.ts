/** Clock of the sandbox, in milliseconds since the epoch. */
export interface Clock {
  now(): number;
}

/** Clock of the machine. */
export const systemClock: Clock = { now: () => Date.now() };

/** Clock that a test advances. */
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
 * Formats epoch seconds as the server does: UTC without a zone, fraction always zero (docs/reference/coriolis-api.md
 * §1.3).
 */
export function timestamp(seconds: number): string;
export function timestamp(seconds: number | null): string | null;
export function timestamp(seconds: number | null): string | null {
  return seconds === null ? null : `${new Date(seconds * 1000).toISOString().slice(0, 19)}.000000`;
}
