import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { scaledEnvironment } from './scaled-time';
import type { Call, Told } from './worker';

/** Processes that make calls. */
export class Workers {
  private readonly waiting = new Map<number, (told: Told) => void>();
  private calls = 0;

  private constructor(private readonly children: readonly ChildProcess[]) {
    for (const child of children) {
      child.on('message', (told: Told) => {
        this.waiting.get(told.id)?.(told);
        this.waiting.delete(told.id);
      });
    }
  }

  static async start(number: number): Promise<Workers> {
    const children = Array.from({ length: number }, () =>
      fork(join(__dirname, 'worker.ts'), [], {
        execArgv: ['--import', 'tsx'],
        env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...scaledEnvironment() },
        stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      }),
    );
    await Promise.all(children.map((child) => once(child, 'message')));
    return new Workers(children);
  }

  /** Makes a call in one of the processes. */
  async call(worker: number, call: Omit<Call, 'id'>): Promise<Told> {
    const id = (this.calls += 1);
    const child = this.children[worker % this.children.length];
    const told = new Promise<Told>((resolve) => this.waiting.set(id, resolve));
    child?.send({ ...call, id });
    return await told;
  }

  /** Closes all connections to a server. */
  forget(authUrl: string): void {
    for (const child of this.children) child.send({ forget: authUrl });
  }

  async stop(): Promise<void> {
    await Promise.all(
      this.children.map(async (child) => {
        const ended = once(child, 'exit');
        child.disconnect();
        await ended;
      }),
    );
  }
}
