import { contextForCaller, type Coriolis } from '../api/operation-context';
import { asError } from '../api/errors';
import { SharedCall } from '../api/shared-call';

interface Turn {
  readonly call: SharedCall<void>;
  state: 'waiting' | 'running' | 'over';
}

/**
 * Lets callers share the runs of one function. A call that arrives while the function runs waits for the next run, which
 * all such calls share; so each caller gets a run that began after its call.
 */
export class CallCoalescer {
  private running: Turn | undefined;
  private next: Turn | undefined;

  constructor(private readonly work: (coriolis: Coriolis) => Promise<void>) {}

  /**
   * Waits for a run that begins after this call. Joins the run that waits to begin, or else begins one.
   * @throws {CanceledError} `coriolis.signal` fired. Errors of the work are thrown too
   */
  async runAfterThisCall(coriolis: Coriolis): Promise<void> {
    const joined = this.waitingTurn();
    if (joined === undefined) {
      await this.begin(coriolis).call.waitForAnswer(coriolis.signal);
      return;
    }
    try {
      await joined.call.waitForAnswer(coriolis.signal);
    } catch (error) {
      if (coriolis.signal?.aborted === true) throw asError(error);
      // The joined run may have failed at the deadline of the caller that began it: begin one with our own deadline.
      await this.begin(coriolis).call.waitForAnswer(coriolis.signal);
    }
  }

  private waitingTurn(): Turn | undefined {
    return this.next?.state === 'waiting' && !this.next.call.isAbandoned ? this.next : undefined;
  }

  private begin(coriolis: Coriolis): Turn {
    const before =
      this.running?.state === 'running' && !this.running.call.isAbandoned ? this.running : undefined;
    const { deadline, reportProgress } = coriolis;
    const call = new SharedCall(async (signal) => {
      if (before !== undefined) {
        await before.call.answer.catch(() => undefined);
        turn.state = 'running';
        this.running = turn;
      }
      try {
        await this.work(contextForCaller(coriolis, { signal, deadline, reportProgress }));
      } finally {
        turn.state = 'over';
      }
    });
    const turn: Turn = { call, state: before === undefined ? 'running' : 'waiting' };
    if (before === undefined) this.running = turn;
    else this.next = turn;
    return turn;
  }
}
