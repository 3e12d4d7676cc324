const WINDOW_MS = 60_000;
/**
 * Maximum number of callers that are counted. With more, all counts start at 0 again, which allows some more messages.
 */
const MAX_CALLERS = 10_000;

/** Counts messages of each caller in windows of a minute. */
export class RateLimiter {
  private readonly counts = new Map<string, number>();
  private windowEnd = 0;

  constructor(
    private readonly perMinute: number,
    private readonly clock: () => number,
  ) {}

  /** Adds messages of a caller. Returns the seconds until the caller may send again; undefined within the limit. */
  countAndGetWaitSeconds(caller: string, messages = 1): number | undefined {
    const now = this.clock();
    if (now >= this.windowEnd || this.counts.size >= MAX_CALLERS) {
      this.counts.clear();
      this.windowEnd = now + WINDOW_MS;
    }
    const count = (this.counts.get(caller) ?? 0) + messages;
    this.counts.set(caller, count);
    return count > this.perMinute ? Math.ceil((this.windowEnd - now) / 1000) : undefined;
  }
}
