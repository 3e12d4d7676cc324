/** Counts messages that are being served, for each caller. A wait is one message for as long as it lasts. */
export class InFlightCounter {
  private readonly counts = new Map<string, number>();

  /** @param maximum messages of one caller at a time */
  constructor(private readonly maximum: number) {}

  /** Adds messages of a caller; returns false, and adds none, when that would be more than the maximum. */
  add(caller: string, messages: number): boolean {
    const count = (this.counts.get(caller) ?? 0) + messages;
    if (count > this.maximum) return false;
    this.counts.set(caller, count);
    return true;
  }

  remove(caller: string, messages: number): void {
    const count = (this.counts.get(caller) ?? 0) - messages;
    if (count > 0) this.counts.set(caller, count);
    else this.counts.delete(caller);
  }
}
