/** Maximum number of consecutive turns of the event loop in which new connections keep a request from starting. */
const MAX_POSTPONED = 20;

/**
 * Queue that starts one request in each turn of the event loop, in order of arrival, and none in a turn that accepted a
 * new connection. Node.js accepts one connection a turn, so without this queue a health check would wait until hundreds
 * of requests that arrived before it have been processed.
 */
export class PacedQueue {
  private readonly waiting: Array<() => void> = [];
  private hasConnection = false;
  private postponed = 0;

  /** Resolves when the caller may start its request. */
  waitForTurn(): Promise<void> {
    return new Promise((resolve) => {
      this.waiting.push(resolve);
      if (this.waiting.length === 1) setImmediate(this.begin);
    });
  }

  /**
   * Must be called for each new connection. No request starts in this turn, because more connections may be waiting.
   */
  reportConnection(): void {
    this.hasConnection = true;
  }

  private readonly begin = (): void => {
    const isPostponed = this.hasConnection && this.postponed < MAX_POSTPONED;
    this.hasConnection = false;
    this.postponed = isPostponed ? this.postponed + 1 : 0;
    if (!isPostponed) this.waiting.shift()?.();
    if (this.waiting.length > 0) setImmediate(this.begin);
  };
}
