import { execFileSync } from 'node:child_process';
import { chownSync, cpSync, mkdtempSync, rmSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  findFreePort,
  startGuardedProcess,
  type GuardedProcess,
  type GuardedProgram,
} from '../../tools/servers/guarded-process';
import { findDebianServers, findUnpackedServersFolder } from '../../tools/servers/debian-servers';

/** Servers of one test alone, in a folder that is gone when they are stopped. */
export interface Servers {
  readonly folder: string;
  /** Starts a program that listens on a port. @throws with the end of its log when it does not listen in time */
  readonly start: (program: Omit<GuardedProgram, 'folder'>, port: number) => Promise<GuardedProcess>;
  /** Starts Redis, empty. @returns its port */
  readonly redis: () => Promise<number>;
  /** Starts PostgreSQL with nothing but the database `postgres`. @param owner who may do everything, without a password @returns its port */
  readonly postgres: (owner: string) => Promise<number>;
  readonly stop: () => Promise<void>;
}

/** PostgreSQL refuses to run as root; whoever is `nobody` has rights to nothing but the folder it is given. */
const NOBODY = { uid: 65534, gid: 65534 };
const START_MS = 300_000;

const accepts = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = createConnection({ host: '127.0.0.1', port });
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });

export function servers(): Servers {
  const folder = mkdtempSync(join(tmpdir(), 'coriolis-servers-'));
  const root = process.getuid?.() === 0;
  if (root) chownSync(folder, NOBODY.uid, NOBODY.gid);
  const user = root ? { user: NOBODY } : {};
  // Nobody may not enter this repository either, wherever it lies.
  const unpacked = join(folder, 'debian');
  const downloaded = findUnpackedServersFolder();
  if (downloaded !== undefined) cpSync(downloaded, unpacked, { recursive: true });
  const { program, env } = findDebianServers(unpacked);
  const started: GuardedProcess[] = [];
  const start: Servers['start'] = async (what, port) => {
    const server = startGuardedProcess({ ...what, folder });
    started.push(server);
    await server.waitUntilReady(() => accepts(port), START_MS);
    return server;
  };
  return {
    folder,
    start,
    redis: async () => {
      const port = await findFreePort();
      const options = ['--bind', '127.0.0.1', '--port', String(port), '--save', '', '--appendonly', 'no'];
      await start({ name: 'redis', command: [program('redis-server'), ...options], env, ...user }, port);
      return port;
    },
    postgres: async (owner) => {
      const port = await findFreePort();
      const data = join(folder, 'postgres');
      execFileSync(
        program('initdb'),
        ['--pgdata', data, '--username', owner, '--auth', 'trust', '--encoding', 'UTF8', '--no-sync'],
        { cwd: folder, env, stdio: 'pipe', ...(root ? NOBODY : {}) },
      );
      const options = ['-h', '127.0.0.1', '-p', String(port), '-F', '-c', 'unix_socket_directories='];
      const command = [program('postgres'), '-D', data, ...options] as const;
      await start({ name: 'postgres', command, env, ...user }, port);
      return port;
    },
    stop: async () => {
      for (const server of started.reverse()) await server.stop();
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** What the processes of n8n's queue share, and how they reach it. */
export async function startQueue(): Promise<Pick<Servers, 'stop'> & { readonly env: NodeJS.ProcessEnv }> {
  const { redis, postgres, stop } = servers();
  try {
    const env = {
      EXECUTIONS_MODE: 'queue',
      OFFLOAD_MANUAL_EXECUTIONS_TO_WORKERS: 'true',
      DB_TYPE: 'postgresdb',
      DB_POSTGRESDB_HOST: '127.0.0.1',
      DB_POSTGRESDB_PORT: String(await postgres('n8n')),
      DB_POSTGRESDB_DATABASE: 'postgres',
      DB_POSTGRESDB_USER: 'n8n',
      QUEUE_BULL_REDIS_HOST: '127.0.0.1',
      QUEUE_BULL_REDIS_PORT: String(await redis()),
    };
    return { env, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
