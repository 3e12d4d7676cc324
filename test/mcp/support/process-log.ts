import type { Readable } from 'node:stream';
import { until } from '../../support/until';

/**
 * Log that a server process writes to stderr. A line may arrive after the answer to the request that caused it.
 * Therefore a test waits for a line, or reads the log after the process has ended.
 */
export class ProcessLog {
  private text = '';
  private isComplete = false;

  constructor(stderr: Readable) {
    stderr.on('data', (chunk) => {
      this.text += String(chunk);
    });
    stderr.once('close', () => {
      this.isComplete = true;
    });
  }

  /**
   * Waits for text in the log.
   *
   * @throws with the whole log, when the process ends or a minute passes without the text
   */
  async find(expected: RegExp): Promise<RegExpExecArray> {
    await until(
      `${expected} in the log`,
      () => this.text,
      (text) => this.isComplete || expected.test(text),
    );
    const found = expected.exec(this.text);
    if (found === null) throw new Error(`no ${expected} in the log:\n${this.text}`);
    return found;
  }

  /** Waits for the end of the log, which is the end of the process. */
  async complete(): Promise<void> {
    await until(
      'the end of the log',
      () => this.isComplete,
      (isComplete) => isComplete,
    );
  }

  /**
   * The whole log.
   *
   * @throws while the process runs, because lines may be missing
   */
  whole(): string {
    if (!this.isComplete) throw new Error('The process still runs: wait for a line with find(), or stop it.');
    return this.text;
  }
}
