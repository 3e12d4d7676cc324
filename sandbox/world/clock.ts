/** Where the sandbox takes the time from, in milliseconds since the epoch. */
export interface Clock {
  now(): number;
}

/** The time of the machine. */
export const systemClock: Clock = { now: () => Date.now() };

/** A clock that a test moves by hand. */
export class ManualClock implements Clock {
  constructor(private time: number = Date.UTC(2026, 0, 15, 8, 0, 0)) {}

  now(): number {
    return this.time;
  }

  /** Lets time pass. */
  advance(seconds: number): void {
    this.time += seconds * 1000;
  }
}

/** Writes whole epoch seconds as the server does: UTC without a zone, fraction always zero (coriolis-api.md §1.3). */
export function timestamp(seconds: number): string;
export function timestamp(seconds: number | null): string | null;
export function timestamp(seconds: number | null): string | null {
  return seconds === null ? null : `${new Date(seconds * 1000).toISOString().slice(0, 19)}.000000`;
}
