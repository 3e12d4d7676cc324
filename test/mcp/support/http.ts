import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { built } from './server';
import type { Environment } from './server';

/** The built server, serving HTTP in a process of its own. */
export interface HttpProcess {
  /** Of MCP. */
  readonly url: string;
  /** Without a path. */
  readonly origin: string;
  readonly process: ChildProcess;
  /** What it wrote to stderr so far. */
  log(): string;
  /** Ends it as an operator would, and tells its exit code. */
  stop(): Promise<number | null>;
}

/** Starts the built server on a free port. @throws when it ends before it serves, with what it said */
export async function serveHttp(
  env: Environment,
  args: readonly string[] = [],
  address = '0',
): Promise<HttpProcess> {
  const child = spawn(process.execPath, [built, '--http', address, ...args], {
    env: { ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let log = '';
  const url = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stderr }).on('line', (line) => {
      log += `${line}\n`;
      const [, found] = /serving MCP at (\S+)/u.exec(line) ?? [];
      if (found !== undefined) resolve(found);
    });
    child.once('close', () => reject(new Error(log)));
  });
  return {
    url,
    origin: new URL(url).origin,
    process: child,
    log: () => log,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
      return child.exitCode;
    },
  };
}
