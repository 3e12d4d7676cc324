interface Entry {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly order: number;
  readonly happen: () => void;
}

/** Queue of simulated events by time, as a binary heap. Events at the same time keep their order. */
export class EventQueue {
  private readonly heap: Entry[] = [];
  private count = 0;

  add(at: number, happen: () => void): void {
    this.count += 1;
    this.heap.push({ at, order: this.count, happen });
    this.rise(this.heap.length - 1);
  }

  /** Removes and returns the earliest entry that is due; `undefined` when none is. */
  takeDue(now: number): Entry | undefined {
    const first = this.heap[0];
    if (!first || first.at > now) return undefined;
    const last = this.heap.pop();
    if (last && last !== first) {
      this.heap[0] = last;
      this.sink(0);
    }
    return first;
  }

  private rise(start: number): void {
    let index = start;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!this.before(index, parent)) return;
      this.swap(index, parent);
      index = parent;
    }
  }

  private sink(start: number): void {
    let index = start;
    for (;;) {
      const left = 2 * index + 1;
      if (left >= this.heap.length) return;
      const right = left + 1;
      const child = right < this.heap.length && this.before(right, left) ? right : left;
      if (!this.before(child, index)) return;
      this.swap(index, child);
      index = child;
    }
  }

  private before(one: number, other: number): boolean {
    const a = this.heap[one];
    const b = this.heap[other];
    if (!a || !b) return false;
    return a.at < b.at || (a.at === b.at && a.order < b.order);
  }

  private swap(one: number, other: number): void {
    const a = this.heap[one];
    const b = this.heap[other];
    if (!a || !b) return;
    this.heap[one] = b;
    this.heap[other] = a;
  }
}
