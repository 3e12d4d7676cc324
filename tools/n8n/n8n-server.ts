// A separate local n8n with the packed nodes: for trials, screenshots and end-to-end tests. It listens on loopback
// only, and keeps its data in a temporary folder, which is deleted when it is stopped.
import { randomBytes } from 'node:crypto';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findFreePort, startGuardedProcess, type GuardedProcess } from '../servers/guarded-process';
import { withHeartbeat } from '../install.mjs';
import { makeN8nClient, type N8nClient, type N8nSession } from './n8n-client';
import { installN8n, type InstalledN8n, type ReleaseName } from './install-n8n';
import { packAndUnpack } from '../packages/pack-and-unpack';

const START_MS = 600_000;

/** Folder with the nodes and the data of an n8n. It stays when the processes that use it have ended. */
export interface N8nHome {
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
  remove(): void;
}

/**
 * Makes a home folder with the packed nodes of this repository.
 * @param options.packed folder of the unpacked package; without it the package is packed now
 * @param options.encryptionKey key of n8n's credentials; all processes of one queue need the same
 */
export async function makeN8nHome({
  packed,
  encryptionKey = randomBytes(24).toString('hex'),
}: { readonly packed?: string; readonly encryptionKey?: string } = {}): Promise<N8nHome> {
  const folder = mkdtempSync(join(tmpdir(), 'coriolis-n8n-'));
  const nodes = join(folder, '.n8n', 'nodes', 'node_modules', 'n8n-nodes-coriolis');
  if (packed === undefined) await packAndUnpack('n8n-nodes-coriolis', nodes);
  else cpSync(packed, nodes, { recursive: true });
  return {
    folder,
    env: {
      ...process.env,
      // With the variables that jest sets, n8n would start in its test mode and do nothing.
      NODE_ENV: 'production',
      JEST_WORKER_ID: undefined,
      N8N_USER_FOLDER: folder,
      N8N_ENCRYPTION_KEY: encryptionKey,
      N8N_LISTEN_ADDRESS: '127.0.0.1',
      N8N_SECURE_COOKIE: 'false',
      N8N_DIAGNOSTICS_ENABLED: 'false',
      N8N_VERSION_NOTIFICATIONS_ENABLED: 'false',
      N8N_TEMPLATES_ENABLED: 'false',
      N8N_PERSONALIZATION_ENABLED: 'false',
      N8N_HIRING_BANNER_ENABLED: 'false',
    },
    remove: () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }),
  };
}

export interface N8nServer extends N8nClient, Pick<GuardedProcess, 'ended' | 'log' | 'stop' | 'kill'> {
  /** Address of the editor, for example `http://127.0.0.1:5678`. */
  readonly url: string;
  readonly installed: InstalledN8n;
}

interface StartOptions {
  /** Preferred port of the editor; another one when it is in use. */
  readonly port?: number;
  readonly env?: NodeJS.ProcessEnv;
  /** Session of an earlier start; without it a new owner is created. */
  readonly session?: N8nSession;
}

/** Starts n8n in a home folder and logs in. The folder stays when it is stopped. */
export async function startN8nIn(
  home: N8nHome,
  installed: InstalledN8n,
  { port: preferred, env, session }: StartOptions = {},
): Promise<N8nServer> {
  const port = await findFreePort(preferred);
  const url = `http://127.0.0.1:${port}`;
  const server = startGuardedProcess({
    name: 'n8n',
    command: [...installed.command, 'start'],
    folder: home.folder,
    env: {
      ...home.env,
      ...installed.env,
      N8N_PORT: String(port),
      N8N_RUNNERS_BROKER_PORT: String(await findFreePort()),
      N8N_EDITOR_BASE_URL: url,
      // Without it, links to forms and webhooks begin with `localhost`, which is an IPv6 address on some machines.
      WEBHOOK_URL: url,
      ...env,
    },
  });
  const client = makeN8nClient(url, installed, session);
  try {
    // The readiness check answers before the API's routes exist.
    await server.waitUntilReady(async () => (await fetch(`${url}/healthz/readiness`)).ok, START_MS);
    await server.waitUntilReady(async () => (await fetch(`${url}/rest/settings`)).ok, START_MS);
    if (session === undefined) await client.setUp();
  } catch (error) {
    await server.stop();
    throw error;
  }
  return { ...client, ...server, url, installed };
}

/** Starts a worker of a queue. It needs its own home folder. */
export async function startN8nWorkerIn(
  home: N8nHome,
  installed: InstalledN8n,
  { concurrency, env }: { readonly concurrency: number; readonly env: NodeJS.ProcessEnv },
): Promise<GuardedProcess> {
  const health = await findFreePort();
  const worker = startGuardedProcess({
    name: 'worker',
    command: [...installed.command, 'worker', `--concurrency=${concurrency}`],
    folder: home.folder,
    env: {
      ...home.env,
      ...installed.env,
      N8N_RUNNERS_BROKER_PORT: String(await findFreePort()),
      QUEUE_HEALTH_CHECK_ACTIVE: 'true',
      QUEUE_HEALTH_CHECK_PORT: String(health),
      ...env,
    },
  });
  await worker.waitUntilReady(
    async () => (await fetch(`http://127.0.0.1:${health}/healthz/readiness`)).ok,
    START_MS,
  );
  return worker;
}

/**
 * Installs and starts a temporary n8n, whose data is deleted when it is stopped.
 * @param options.packed folder of the unpacked package; without it the package is packed now
 */
export async function startTemporaryN8n({
  release = 'current',
  packed,
  ...options
}: {
  readonly release?: ReleaseName;
  readonly packed?: string;
  readonly port?: number;
} = {}): Promise<N8nServer> {
  const installed = await installN8n(release);
  const home = await makeN8nHome(packed === undefined ? {} : { packed });
  try {
    const server = await withHeartbeat(`Starting n8n ${installed.version}`, () =>
      startN8nIn(home, installed, options),
    );
    return {
      ...server,
      stop: async () => {
        await server.stop();
        home.remove();
      },
    };
  } catch (error) {
    home.remove();
    throw error;
  }
}
