import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { SandboxConnection } from '../../sandbox/sandbox';

const BUILT = join(__dirname, '..', '..', 'sandbox', 'dist', 'coriolis-sandbox.cjs');

/** A sandbox in a process of its own, so that its work is not counted as ours. */
export interface SandboxProcess {
  readonly connection: SandboxConnection;
  stop(): Promise<void>;
}

/** Starts the built sandbox on a free port. @throws when it ends before it is ready */
export async function startSandboxProcess(options: {
  readonly transfers?: number;
  readonly speed?: number;
  /** Any free one when left out. */
  readonly port?: number;
}): Promise<SandboxProcess> {
  const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const child = spawn(process.execPath, [BUILT, '--json', ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  const lines = createInterface({ input: child.stdout });
  const first = await Promise.race([once(lines, 'line'), ended.then(() => undefined)]);
  if (first === undefined) throw new Error('The sandbox ended before it was ready');
  return {
    connection: JSON.parse(String(first[0])) as SandboxConnection,
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/** Runs `measure` with a sandbox process that is stopped in any case. */
export async function withSandboxProcess<T>(
  options: Parameters<typeof startSandboxProcess>[0],
  measure: (connection: SandboxConnection) => Promise<T>,
): Promise<T> {
  const sandbox = await startSandboxProcess(options);
  try {
    return await measure(sandbox.connection);
  } finally {
    await sandbox.stop();
  }
}
