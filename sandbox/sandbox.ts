import { omitUndefined } from './json-object';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import type { Server } from 'node:http';
import { createAdaptorServer } from '@hono/node-server';
import { FaultRegistry } from './faults/registry';
import { toSandboxPath } from './appliance/paths';
import { createHttpApp } from './http-app';
import { IdentityService, ExternalTokenValidator, REGION_NAME, addSandboxUsers } from './keystone';
import type { SandboxUsers, User } from './keystone';
import { LOG_STREAM_PATH } from './logger/routes';
import { serveLogStream } from './logger/log-stream';
import type { SandboxOptions } from './sandbox-options';
import { makePlatformsWithMachines } from './platforms';
import { RequestLog } from './http/request-log';
import { systemClock } from './world/clock';
import type { Clock } from './world/clock';
import { DEFAULT_RELEASES, generationOf } from './world/releases';
import type { Generation } from './world/releases';
import type { LicensingServer } from './world/stores/licensing-server';
import { makeServiceStartedLogMessage } from './world/stores/log-messages';
import type { LogStore } from './world/stores/log-store';
import type { SecretStore } from './world/stores/secret-store';
import {
  addEndpointPair,
  addGeneratedTransfers,
  addInitialTransfers,
  addForeignTransfer,
} from './world/initial-data';
import { addWorker } from './world/installation/workers';
import { World } from './world/world';
import type { FinishedRun } from './world/world';

export type { ExternalKeystone } from './keystone';
export type { SandboxOptions } from './sandbox-options';
export type { RequestFault, FaultRule } from './faults/rules';
export type { FinishedRun } from './world/world';

/** Services that write logs. */
const LOGGING_SERVICES = [
  'coriolis-api',
  'coriolis-conductor',
  'coriolis-minion-manager',
  'coriolis-scheduler',
  'coriolis-transfer-cron',
  'coriolis-worker',
];
/**
 * Milliseconds after which an idle connection is closed. The default of Node.js is five seconds: a client on a busy
 * machine then often sends its next request just when the connection is closed.
 */
const IDLE_MS = 65_000;
/** Ping interval of the log stream, as recorded from a real server. */
const LOG_STREAM_PING_MS = 54_000;

/** Login to the sandbox: user name, password and project. */
export interface SandboxLogin {
  readonly username: string;
  readonly password: string;
  readonly project: string;
}

/** Connection data of a sandbox, printed with `--json`. */
export interface SandboxConnection {
  readonly auth_url: string;
  readonly username: string;
  readonly password: string;
  readonly user_domain: string;
  readonly project: string;
  readonly project_domain: string;
  readonly region: string;
  /** Endpoint of Coriolis, with the project id. */
  readonly coriolis_url: string;
  readonly generation: Generation;
  /** Login in another project, whose data the first one does not see. */
  readonly other: SandboxLogin;
  /** Login that may only read, in the first project. */
  readonly reader: SandboxLogin;
  /** Login that may also read logs, in the first project. */
  readonly admin: SandboxLogin;
}

/** A running sandbox. */
export interface Sandbox {
  /** Address, e.g. `http://127.0.0.1:41234`. */
  readonly url: string;
  /** Address of Keystone, e.g. `http://127.0.0.1:41234/v3`. */
  readonly authUrl: string;
  /** Address of Coriolis with the main project's id, e.g. `http://127.0.0.1:41234/v1/<id>`. */
  readonly coriolisUrl: string;
  readonly connection: SandboxConnection;
  readonly identity: IdentityService;
  readonly users: SandboxUsers;
  /** Planned faults: failing requests (rules) and lasting states such as clock skew (conditions). */
  readonly faults: FaultRegistry;
  readonly requests: RequestLog;
  /** Logs of coriolis-logger; tests may add lines. */
  readonly logs: LogStore;
  readonly secrets: SecretStore;
  readonly licensing: LicensingServer;
  /** Objects and simulated time of the server; tests compare answers with them. */
  readonly world: World;
  /** Executions and deployments that have ended since the start, with their real outcome, for tests. */
  listFinishedRuns(): readonly FinishedRun[];
  /**
   * Answers a request without a body within this process, for tests that send very many. Faults that cut connections or
   * answers need a connection, so requests for which one is planned go over HTTP.
   */
  answerWithoutConnection(request: Request): Promise<Response>;
  /** Stops the sandbox and closes its connections. */
  stop(): Promise<void>;
}

/**
 * Starts a sandbox: Keystone and Coriolis on one port, with a few endpoints and transfers unless the options say
 * otherwise.
 * @throws when the port is in use (`EADDRINUSE`), and for an option that it does not accept, such as an unknown release
 */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const faults = new FaultRegistry();
  const { conditions } = faults;
  for (const fault of options.faults ?? []) faults.plan(fault);
  const base = options.clock ?? systemClock;
  const clock: Clock = { now: () => base.now() + conditions.sumSkewMs('clock-skew') };
  const release = options.release ?? DEFAULT_RELEASES[options.generation ?? 'current'];
  const generation = generationOf(release);
  if (options.generation !== undefined && options.generation !== generation) {
    throw new RangeError(`${release} is a release of the ${generation} generation.`);
  }
  const world: World = new World({
    rolesOf: (userId, projectId) => identity.roleNamesOf(userId, projectId),
    clock: base,
    conditions,
    release,
    ...omitUndefined({ watcherQuirks: options.watcherQuirks }),
    seed: options.seed ?? 1,
    speed: options.speed ?? 1,
    platforms: makePlatformsWithMachines(options.machines ?? []).filter(
      ({ name }) => options.platforms?.includes(name) ?? true,
    ),
  });
  addWorker(world);
  const identity = new IdentityService({
    nowMs: () => clock.now(),
    random: world.random.next,
    ...omitUndefined({ tokenLifetimeMs: options.tokenLifetimeMs }),
  });
  const users = addSandboxUsers(identity);
  world.licensing.isEnforced = options.licensing ?? false;
  if (options.populated ?? true) populate(world, users, options.transfers ?? 0);

  const requests = new RequestLog();
  const app = createHttpApp({
    world,
    identity,
    ...(options.keystone === undefined
      ? {}
      : { externalTokenValidator: new ExternalTokenValidator(options.keystone, identity) }),
    faults,
    requests,
    clock,
    generation,
    bodyOn204: options.bodyOn204 ?? world.features.bodyOn204,
    onInternalError: options.onInternalError ?? ((error) => process.stderr.write(`${inspect(error)}\n`)),
  });
  const server = createAdaptorServer({ fetch: app.fetch }) as Server;
  server.keepAliveTimeout = IDLE_MS;
  const endLogStream = serveLogStream(server, {
    world,
    identity,
    isStream: (path) => toSandboxPath(path).replace(/\/$/, '') === LOG_STREAM_PATH,
    pingMs: options.logStreamPingMs ?? LOG_STREAM_PING_MS,
  });
  if (options.background === true) {
    server.unref();
    server.on('connection', (socket) => socket.unref());
  }
  const url = await listen(server, options.port ?? 0, options.host ?? '127.0.0.1');
  const authUrl = options.keystone?.authUrl ?? `${url}/v3`;
  const coriolisUrl = `${url}/v1/${users.migration.id}`;
  return {
    url,
    authUrl,
    coriolisUrl,
    connection: {
      auth_url: authUrl,
      username: users.demo.name,
      password: users.demo.password,
      user_domain: users.demo.domain.name,
      project: users.migration.name,
      project_domain: users.migration.domain.name,
      region: REGION_NAME,
      coriolis_url: coriolisUrl,
      generation,
      other: login(users.other, users.otherProject.name),
      reader: login(users.reader, users.migration.name),
      admin: login(users.admin, users.migration.name),
    },
    identity,
    users: users,
    faults,
    requests,
    logs: world.logStore,
    secrets: world.secretStore,
    licensing: world.licensing,
    world,
    listFinishedRuns: () => {
      world.advance();
      return world.finishedRuns;
    },
    answerWithoutConnection: (request) => answerWithoutConnection(app, request),
    stop: () => {
      endLogStream();
      return stop(server);
    },
  };
}

function populate(world: World, people: SandboxUsers, transfers: number): void {
  for (const name of LOGGING_SERVICES) world.addLogLine(makeServiceStartedLogMessage(name));
  world.licensing.addLicence(world.licensing.addAppliance());
  const owner = { projectId: people.migration.id, userId: people.demo.id };
  const endpoints = addEndpointPair(world, owner, { source: 'vcenter', destination: 'openstack' });
  addInitialTransfers(world, owner, endpoints);
  addGeneratedTransfers(world, owner, endpoints, transfers);
  const foreigner = { projectId: people.otherProject.id, userId: people.other.id };
  addForeignTransfer(
    world,
    foreigner,
    addEndpointPair(world, foreigner, { source: 'other-vcenter', destination: 'other-openstack' }),
  );
}

async function answerWithoutConnection(
  app: ReturnType<typeof createHttpApp>,
  request: Request,
): Promise<Response> {
  const headers: Array<readonly [string, string]> = [];
  const outgoing = {
    headersSent: false,
    setHeader: (name: string, value: string) => headers.push([name, value]),
  };
  const connection: object = { incoming: [], outgoing };
  const answer = await app.fetch(request, connection);
  for (const [name, value] of headers) answer.headers.set(name, value);
  return answer;
}

function login(user: User, project: string): SandboxLogin {
  return { username: user.name, password: user.password, project };
}

function listen(server: Server, port: number, host: string): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      const { port: actual } = server.address() as AddressInfo;
      resolve(`http://${host.includes(':') ? `[${host}]` : host}:${actual}`);
    });
  });
}

function stop(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => {
      resolve();
    });
    server.closeAllConnections();
  });
}
