/** Turns of the event loop that new connections may put work off. */
const MAX_POSTPONED = 20;

/**
 * Lets one piece of work begin in each turn of the event loop, in their order, and none in a turn that has brought a new
 * connection. A turn accepts one connection only: behind hundreds of requests that arrive at once a health check would wait
 * for the work on all of them before it is even read.
 */
export class Turns {
  private readonly waiting: Array<() => void> = [];
  private hasConnection = false;
  private postponed = 0;

  /** Waits until it is the caller's turn. */
  next(): Promise<void> {
    return new Promise((resolve) => {
      this.waiting.push(resolve);
      if (this.waiting.length === 1) setImmediate(this.begin);
    });
  }

  /** Tells of a new connection: others may be waiting behind it. */
  connected(): void {
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
