const WINDOW_MS = 60_000;
/** Maximum number of counted callers. Beyond it all counts are dropped, which only allows more calls. */
const MOST_CALLERS = 10_000;

/** Rate limit in windows of a minute. */
export class RateLimit {
  private readonly counts = new Map<string, number>();
  private windowEnds = 0;

  constructor(
    private readonly perMinute: number,
    private readonly clock: () => number,
  ) {}

  /** Counts a call; returns the seconds until the caller may call again, or undefined when it may call now. */
  exceeded(caller: string): number | undefined {
    const now = this.clock();
    if (now >= this.windowEnds || this.counts.size >= MOST_CALLERS) {
      this.counts.clear();
      this.windowEnds = now + WINDOW_MS;
    }
    const count = (this.counts.get(caller) ?? 0) + 1;
    this.counts.set(caller, count);
    return count > this.perMinute ? Math.ceil((this.windowEnds - now) / 1000) : undefined;
  }
}
