import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { until } from '../../support/until';
import { ProcessLog } from './process-log';
import { built } from './server';
import type { Environment } from './server';

/** The built server, serving HTTP in a process of its own. */
export interface HttpProcess {
  /** Of MCP. */
  readonly url: string;
  /** Without a path. */
  readonly origin: string;
  readonly process: ChildProcess;
  readonly log: ProcessLog;
  /** Ends it as an operator would, and returns its exit code. */
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
  const log = new ProcessLog(child.stderr);
  // The next character shows that the address is complete.
  const [, url = ''] = await log.find(/serving MCP at ([^\s"]+)[\s"]/u);
  return {
    url,
    origin: new URL(url).origin,
    process: child,
    log,
    async stop() {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
      await log.complete();
      await until(
        'the exit of the server',
        () => child.exitCode ?? child.signalCode,
        (exit) => exit !== null,
      );
      return child.exitCode;
    },
  };
}

/** Milliseconds of CPU that a process has used, in steps of ten; 0 where the system does not tell. */
export function cpuMs({ pid }: ChildProcess): number {
  if (process.platform !== 'linux') return 0;
  const [, ...fields] = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /su, '')
    .split(' ');
  // utime and stime; the state is the first field after the name.
  return (Number(fields[10]) + Number(fields[11])) * 10;
}
