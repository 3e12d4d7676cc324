import { CanceledError } from './errors';

/**
 * Call that several callers wait for. It is aborted once all of them have canceled. Until then, a caller that cancels
 * only ends its own wait.
 */
export class SharedCall<Answer> {
  readonly answer: Promise<Answer>;
  private readonly abort = new AbortController();
  private followers = 0;

  constructor(begin: (signal: AbortSignal) => Promise<Answer>) {
    this.answer = begin(this.abort.signal);
    // Callers receive an error through `waitForAnswer`. This handler only keeps an error without callers from being unhandled.
    this.answer.catch(() => undefined);
  }

  /** Whether all callers have canceled. */
  get isAbandoned(): boolean {
    return this.abort.signal.aborted;
  }

  /**
   * Waits for the answer.
   * @param words message of the error for a caller that cancels
   * @throws {CanceledError} `signal` fired
   */
  waitForAnswer(signal: AbortSignal | undefined, words = 'The call was canceled'): Promise<Answer> {
    this.followers += 1;
    if (signal === undefined) return this.answer;
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.followers -= 1;
        if (this.followers === 0) this.abort.abort();
        reject(new CanceledError(words));
      };
      if (signal.aborted) {
        leave();
        return;
      }
      signal.addEventListener('abort', leave, { once: true });
      const settle = (pass: () => void): void => {
        signal.removeEventListener('abort', leave);
        pass();
      };
      this.answer.then(
        (answer) => settle(() => resolve(answer)),
        (error: unknown) => settle(() => reject(error instanceof Error ? error : new Error(String(error)))),
      );
    });
  }
}
