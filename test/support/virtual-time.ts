import { setImmediate as turn } from 'node:timers/promises';

/** Time that passes only when everybody sleeps: then it jumps to the moment at which the first one wakes. */
export class VirtualTime {
  private now: number;
  private readonly sleepers: Array<{ readonly at: number; readonly wake: () => void }> = [];

  constructor(begin = Date.UTC(2026, 0, 1)) {
    this.now = begin;
  }

  clock(): number {
    return this.now;
  }

  sleep(ms: number): Promise<void> {
    return new Promise((wake) => this.sleepers.push({ at: this.now + ms, wake }));
  }

  /** Lets time pass until `work` has ended. */
  async run<Result>(work: Promise<Result>): Promise<Result> {
    let isRunning = true;
    const end = (): void => {
      isRunning = false;
    };
    const hasEnded = (): boolean => !isRunning;
    work.then(end, end);
    await turn();
    while (!hasEnded()) {
      const next = this.sleepers.reduce((first, one) => (one.at < first.at ? one : first));
      this.sleepers.splice(this.sleepers.indexOf(next), 1);
      this.now = next.at;
      next.wake();
      await turn();
    }
    return await work;
  }
}
