// A whole n8n of its own on this machine, with the packed nodes in it: for trying them, for pictures, for end-to-end tests.
// It listens on loopback only, keeps everything in a temporary folder, and is gone when stopped.
import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection } from '../sandbox/sandbox';
import { npm, root, say, tool } from './install.mjs';
import { packInto } from './package';

const FIRST_START_MS = 120_000;
const STOP_MS = 15_000;
const OWNER_EMAIL = 'owner@example.com';
/** n8n 2.41 refuses to run on anything older. */
const NODE_MAJOR = 24;

/** A workflow as n8n exports it; templates/ holds such files. */
export interface WorkflowFile {
  name: string;
  nodes: {
    name: string;
    type: string;
    parameters: Record<string, unknown>;
    position: [number, number];
    credentials?: Record<string, { id: string; name: string }>;
  }[];
  connections: Record<string, unknown>;
  settings?: Record<string, unknown>;
}

export interface N8nServer {
  /** Where the editor is, for example `http://127.0.0.1:5678` */
  readonly url: string;
  readonly owner: { readonly email: string; readonly password: string };
  /** Calls n8n's internal API as the owner. @throws when n8n answers with an error */
  call(method: 'GET' | 'POST', path: string, body?: unknown): Promise<unknown>;
  /** Adds a Coriolis credential and returns its id. */
  addCredential(name: string, data: Record<string, unknown>): Promise<string>;
  /** Adds a workflow whose Coriolis nodes use the credential, and returns its id. */
  addWorkflow(workflow: WorkflowFile, credential: { id: string; name: string }): Promise<string>;
  /** Resolved when n8n has ended, stopped or not. */
  readonly ended: Promise<void>;
  stop(): Promise<void>;
}

async function freePort(preferred = 0): Promise<number> {
  const server = createServer();
  const port = await new Promise<number | undefined>((resolve) => {
    server.once('error', () => resolve(undefined));
    server.listen(preferred, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
  if (port === undefined) return freePort();
  server.close();
  await once(server, 'close');
  return port;
}

/** The Node.js that n8n runs on: ours when it is new enough, otherwise the one installed beside n8n. */
function nodeFor(folder: string): string {
  if (Number(process.versions.node.split('.')[0]) >= NODE_MAJOR) return process.execPath;
  const platform = process.platform === 'win32' ? 'win' : process.platform;
  const file = platform === 'win' ? 'node.exe' : 'node';
  const installed = join(folder, 'node_modules', `node-${platform}-${process.arch}`, 'bin', file);
  if (existsSync(installed)) return installed;
  throw new Error(`n8n needs Node.js ${NODE_MAJOR} or newer; this is ${process.version}`);
}

/** Installs n8n into the cache. Of all its packages only the database needs its install script. */
async function installN8n(): Promise<string> {
  const folder = await tool('n8n', 'n8n (once, 3 GB, about five minutes)');
  const sqlite = join(folder, 'node_modules', 'sqlite3', 'build', 'Release', 'node_sqlite3.node');
  if (!existsSync(sqlite)) {
    say(
      'Building the database of n8n (once, up to three minutes; needs a C++ compiler, make and Python when it cannot be downloaded)',
    );
    await npm(['rebuild', 'sqlite3', '--ignore-scripts=false', '--loglevel=error'], { cwd: folder });
  }
  return folder;
}

function environment(home: string, port: number, brokerPort: number): NodeJS.ProcessEnv {
  return {
    ...process.env,
    N8N_USER_FOLDER: home,
    N8N_ENCRYPTION_KEY: randomBytes(24).toString('hex'),
    N8N_LISTEN_ADDRESS: '127.0.0.1',
    N8N_PORT: String(port),
    N8N_RUNNERS_BROKER_PORT: String(brokerPort),
    N8N_EDITOR_BASE_URL: `http://127.0.0.1:${port}`,
    N8N_SECURE_COOKIE: 'false',
    N8N_DIAGNOSTICS_ENABLED: 'false',
    N8N_VERSION_NOTIFICATIONS_ENABLED: 'false',
    N8N_TEMPLATES_ENABLED: 'false',
    N8N_PERSONALIZATION_ENABLED: 'false',
    N8N_HIRING_BANNER_ENABLED: 'false',
  };
}

async function stopProcess(child: ChildProcess, ended: Promise<unknown>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  const patience = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
  await ended;
  clearTimeout(patience);
}

async function untilReady(url: string, child: ChildProcess, log: string): Promise<void> {
  const deadline = Date.now() + FIRST_START_MS;
  while (child.exitCode === null && Date.now() < deadline) {
    const answer = await fetch(`${url}/healthz/readiness`).catch(() => undefined);
    if (answer?.ok) return;
    await sleep(500);
  }
  throw new Error(`n8n did not start. The end of its log:\n${readFileSync(log, 'utf8').slice(-2000)}`);
}

/**
 * Starts n8n with the nodes of this repository, packed as npm would publish them, and an owner who can log in.
 * @param options.port the port of the editor when it is free; any other one when it is not
 */
export async function startN8n(options: { readonly port?: number } = {}): Promise<N8nServer> {
  const folder = await installN8n();
  const home = mkdtempSync(join(tmpdir(), 'coriolis-n8n-'));
  await packInto('n8n-nodes-coriolis', join(home, '.n8n', 'nodes', 'node_modules', 'n8n-nodes-coriolis'));

  const port = await freePort(options.port);
  const url = `http://127.0.0.1:${port}`;
  const log = join(home, 'n8n.log');
  const output = openSync(log, 'w');
  say('Starting n8n');
  const child = spawn(nodeFor(folder), [join(folder, 'node_modules', 'n8n', 'bin', 'n8n'), 'start'], {
    cwd: home,
    env: environment(home, port, await freePort()),
    stdio: ['ignore', output, output],
  });
  closeSync(output);
  const ended = once(child, 'exit').then(() => undefined);
  const stop = async (): Promise<void> => {
    await stopProcess(child, ended);
    rmSync(home, { recursive: true, force: true, maxRetries: 5 });
  };

  const owner = { email: OWNER_EMAIL, password: `A1${randomBytes(9).toString('base64url')}` };
  const browserId = randomBytes(8).toString('hex');
  let cookie = '';
  const call: N8nServer['call'] = async (method, path, body) => {
    const answer = await fetch(`${url}${path}`, {
      method,
      headers: { 'content-type': 'application/json', 'browser-id': browserId, cookie },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    cookie = answer.headers.getSetCookie()[0]?.split(';')[0] ?? cookie;
    if (!answer.ok)
      throw new Error(`n8n answered ${method} ${path} with ${answer.status}: ${await answer.text()}`);
    return ((await answer.json()) as { data: unknown }).data;
  };
  const created = async (path: string, body: unknown): Promise<string> =>
    ((await call('POST', path, body)) as { id: string }).id;

  try {
    await untilReady(url, child, log);
    await call('POST', '/rest/owner/setup', { ...owner, firstName: 'Migration', lastName: 'Engineer' });
  } catch (error) {
    await stop();
    throw error;
  }

  return {
    url,
    owner,
    call,
    addCredential: (name, data) => created('/rest/credentials', { name, type: 'coriolisKeystoneApi', data }),
    addWorkflow: (workflow, credential) =>
      created('/rest/workflows', {
        name: workflow.name,
        nodes: workflow.nodes.map((node) =>
          node.type.startsWith('n8n-nodes-coriolis.')
            ? { ...node, credentials: { coriolisKeystoneApi: credential } }
            : node,
        ),
        connections: workflow.connections,
        settings: workflow.settings ?? {},
        active: false,
      }),
    ended,
    stop,
  };
}

/** The fields of a Coriolis credential that logs in to a sandbox. */
export const credentialFor = (sandbox: Connection): Record<string, unknown> => ({
  authUrl: sandbox.auth_url,
  method: 'password',
  userBy: 'name',
  userName: sandbox.username,
  password: sandbox.password,
  projectBy: 'name',
  projectName: sandbox.project,
  domainsBy: 'name',
  userDomain: sandbox.user_domain,
  projectDomain: sandbox.project_domain,
  region: sandbox.region,
});

/** The workflows that users import. */
export const templates = (): WorkflowFile[] =>
  readdirSync(join(root, 'templates'))
    .filter((file) => file.endsWith('.json'))
    .map((file) => JSON.parse(readFileSync(join(root, 'templates', file), 'utf8')) as WorkflowFile);
