/** Counts messages that are being served, for each caller. A wait is one message for as long as it lasts. */
export class InFlightCounter {
  private readonly counts = new Map<string, number>();
  private sum = 0;

  /**
   * @param maximum messages of one caller at a time
   * @param total messages of all callers at a time. Less than the maximum of connections, so that a connection is
   *   always left for health checks and refusals.
   */
  constructor(
    private readonly maximum: number,
    private readonly total: number,
  ) {}

  /**
   * Adds messages of a caller. When a maximum would be exceeded, adds none and returns that maximum; else undefined.
   */
  addUnlessFull(caller: string, messages: number): number | undefined {
    const count = (this.counts.get(caller) ?? 0) + messages;
    if (count > this.maximum) return this.maximum;
    if (this.sum + messages > this.total) return this.total;
    this.counts.set(caller, count);
    this.sum += messages;
    return undefined;
  }

  remove(caller: string, messages: number): void {
    this.sum -= messages;
    const count = (this.counts.get(caller) ?? 0) - messages;
    if (count > 0) this.counts.set(caller, count);
    else this.counts.delete(caller);
  }
}
