// Third-party servers (n8n, PostgreSQL, Redis) that are stopped on request, and also when this process ends without
// stopping them.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { repositoryRoot } from '../install.mjs';

export interface GuardedProcess {
  /** Resolves when the program has ended for any reason. */
  readonly ended: Promise<void>;
  /** Memory of the program and its helpers in MiB (RSS); 0 when it has ended. */
  memoryMib(): number;
  /** Output so far, of both streams. */
  log(): string;
  /** Stops the program, by force after 15 s. */
  stop(): Promise<void>;
  /** Kills the program and its helpers. */
  kill(): Promise<void>;
  /**
   * Waits until `answers` returns true.
   * @throws with the end of the log when the program ends first, or after `ms`
   */
  waitUntilReady(answers: () => Promise<boolean>, ms: number): Promise<void>;
}

export interface GuardedProgram {
  /** Name for messages. */
  readonly name: string;
  readonly command: readonly [program: string, ...args: string[]];
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
  /** User and group to run as; those of this process when left out. */
  readonly user?: { readonly uid: number; readonly gid: number };
}

/** Starts a program whose output goes to `<folder>/<name>.log`. */
export function startGuardedProcess({ name, command, folder, env, user }: GuardedProgram): GuardedProcess {
  const file = join(folder, `${name}.log`);
  const output = openSync(file, 'w');
  const child = spawn(process.execPath, [join(repositoryRoot, 'tools', 'servers', 'guard.mjs'), ...command], {
    cwd: folder,
    env: user === undefined ? env : { ...env, GUARD_USER: `${user.uid}:${user.gid}` },
    stdio: ['ignore', output, output, 'ipc'],
  });
  closeSync(output);
  const ended = once(child, 'exit').then(() => undefined);
  const log = (): string => readFileSync(file, 'utf8');
  const running = (): boolean => child.exitCode === null && child.signalCode === null;
  const tell = async (message: 'stop' | 'SIGKILL'): Promise<void> => {
    if (running() && child.connected) child.send(message);
    await ended;
  };
  return {
    ended,
    memoryMib: () => groupMemory(child.pid),
    log,
    stop: () => tell('stop'),
    kill: () => tell('SIGKILL'),
    async waitUntilReady(answers, ms) {
      const deadline = Date.now() + ms;
      while (running() && Date.now() < deadline) {
        if (await answers().catch(() => false)) return;
        await sleep(250);
      }
      throw new Error(`${name} did not start. The end of its log:\n${log().slice(-2000)}`);
    },
  };
}

/** Memory in MiB of the descendants of a process: the guard itself, its child, does not count. */
function groupMemory(guard: number | undefined): number {
  const rows = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,rss='], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/u).map(Number));
  const under = new Set([guard]);
  let kib = 0;
  // A parent is usually listed before its children. The second pass finds children that are listed before their parent.
  for (const [pid = 0, parent = 0, rss = 0] of [...rows, ...rows]) {
    if (!under.has(parent) || under.has(pid)) continue;
    under.add(pid);
    kib += rss;
  }
  return kib / 1024;
}

/** Finds a free port of the loopback interface, preferably the given one. */
export async function findFreePort(preferred = 0): Promise<number> {
  const server = createServer();
  const port = await new Promise<number | undefined>((resolve) => {
    server.once('error', () => resolve(undefined));
    server.listen(preferred, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
  if (port === undefined) return findFreePort();
  server.close();
  await once(server, 'close');
  return port;
}
