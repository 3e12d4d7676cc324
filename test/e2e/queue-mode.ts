import { randomUUID } from 'node:crypto';
import { installN8n, type InstalledN8n } from '../../tools/n8n/install-n8n';
import {
  makeN8nHome,
  startN8nIn,
  startN8nWorkerIn,
  type N8nHome,
  type N8nServer,
} from '../../tools/n8n/n8n-server';
import type { GuardedProcess } from '../../tools/servers/guarded-process';
import { shared } from './lab';
import { startQueue } from './servers';

/** n8n in queue mode: a main process and two workers with Redis and PostgreSQL. */
export interface QueueMode {
  readonly installed: InstalledN8n;
  readonly n8n: N8nServer;
  readonly workers: readonly GuardedProcess[];
  stop(): Promise<void>;
}

/** Statuses of executions that are queued or running. */
export const UNFINISHED = ['new', 'running', 'waiting'];

/**
 * Starts n8n in queue mode.
 * @param concurrency maximum number of executions that a worker runs at a time
 */
export async function startQueueMode(concurrency: number): Promise<QueueMode> {
  const queue = await startQueue();
  const { packed } = shared();
  const encryptionKey = randomUUID();
  const makeHome = (): Promise<N8nHome> => makeN8nHome({ packed, encryptionKey });
  const [main, ...others] = [await makeHome(), await makeHome(), await makeHome()] as const;
  const installed = await installN8n('current');
  const { env } = queue;
  const n8n = await startN8nIn(main, installed, { env });
  const workers = await Promise.all(
    others.map((home) => startN8nWorkerIn(home, installed, { concurrency, env })),
  );
  return {
    installed,
    n8n,
    workers,
    stop: async () => {
      for (const worker of workers) await worker.stop();
      await n8n.stop();
      await queue.stop();
      for (const home of [main, ...others]) home.remove();
    },
  };
}
