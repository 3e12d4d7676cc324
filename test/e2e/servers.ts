import { execFileSync } from 'node:child_process';
import { chownSync, cpSync, mkdtempSync, rmSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, startGuarded, type Guarded } from '../../tools/guarded';
import { debianServers, unpackedDebian } from '../../tools/debian';

/** Redis and PostgreSQL that are empty, of one test alone, and gone afterwards. */
export interface Servers {
  /** How the processes of n8n's queue reach them. */
  readonly env: NodeJS.ProcessEnv;
  stop(): Promise<void>;
}

/** PostgreSQL refuses to run as root; whoever is `nobody` has rights to nothing but the folder it is given. */
const NOBODY = { uid: 65534, gid: 65534 };
const START_MS = 30_000;

const accepts = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = createConnection({ host: '127.0.0.1', port });
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });

export async function startServers(): Promise<Servers> {
  const folder = mkdtempSync(join(tmpdir(), 'coriolis-queue-'));
  const root = process.getuid?.() === 0;
  if (root) chownSync(folder, NOBODY.uid, NOBODY.gid);
  const user = root ? { user: NOBODY } : {};
  // Nobody may not enter this repository either, wherever it lies.
  const unpacked = join(folder, 'debian');
  const downloaded = unpackedDebian();
  if (downloaded !== undefined) cpSync(downloaded, unpacked, { recursive: true });
  const { program, env } = debianServers(unpacked);
  const started: Guarded[] = [];
  const stop = async (): Promise<void> => {
    for (const server of started.reverse()) await server.stop();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  const start = async (
    name: string,
    port: number,
    command: readonly [string, ...string[]],
  ): Promise<void> => {
    const server = startGuarded({ name, command, folder, env, ...user });
    started.push(server);
    await server.ready(() => accepts(port), START_MS);
  };

  const [redis, postgres] = [await freePort(), await freePort()];
  const data = join(folder, 'postgres');
  try {
    await start('redis', redis, [
      program('redis-server'),
      ...['--bind', '127.0.0.1', '--port', String(redis), '--save', '', '--appendonly', 'no'],
    ]);
    execFileSync(
      program('initdb'),
      ['--pgdata', data, '--username', 'n8n', '--auth', 'trust', '--encoding', 'UTF8', '--no-sync'],
      { cwd: folder, env, stdio: 'pipe', ...(root ? NOBODY : {}) },
    );
    await start('postgres', postgres, [
      program('postgres'),
      ...['-D', data, '-h', '127.0.0.1', '-p', String(postgres), '-F', '-c', 'unix_socket_directories='],
    ]);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    env: {
      EXECUTIONS_MODE: 'queue',
      OFFLOAD_MANUAL_EXECUTIONS_TO_WORKERS: 'true',
      DB_TYPE: 'postgresdb',
      DB_POSTGRESDB_HOST: '127.0.0.1',
      DB_POSTGRESDB_PORT: String(postgres),
      DB_POSTGRESDB_DATABASE: 'postgres',
      DB_POSTGRESDB_USER: 'n8n',
      QUEUE_BULL_REDIS_HOST: '127.0.0.1',
      QUEUE_BULL_REDIS_PORT: String(redis),
    },
    stop,
  };
}
