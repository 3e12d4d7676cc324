import { setTimeout as delay } from 'node:timers/promises';
import { CoriolisClient } from '../../src/api/coriolis-client';
import { CanceledError } from '../../src/api/errors';
import { fetchTransport } from '../../src/api/fetch-transport';
import type { KeystoneCredentials } from '../../src/api/login-request';
import { makeKeystoneSession } from '../../src/api/keystone-session';
import { catalogue } from '../../src/catalogue';
import type { Coriolis, ProgressNote } from '../../src/api/operation-context';
import type { Runtime } from '../../src/api/core-runtime';
import type { Transport } from '../../src/api/transport';
import type { JsonObject } from '../../src/model/json';
import { operationId, type Operation } from '../../src/operation';
import {
  checkCall,
  prepareCall,
  fetchCallRows,
  type Detail,
  type PreparedCall,
} from '../../src/prepared-call';
import type { Preview } from '../../src/vocabulary/preview';
import type { Sandbox } from '../../sandbox/sandbox';
import type { ManualClock } from '../../sandbox/world/clock';

/** The real clock and timers. */
export const runtime: Runtime = {
  clock: Date.now,
  random: Math.random,
  sleep: async (ms, signal) => {
    try {
      await delay(ms, undefined, signal === undefined ? {} : { signal });
    } catch {
      throw new CanceledError('The wait was canceled');
    }
  },
};

export const realFetch = fetchTransport(fetch, {
  timeoutSignal: (ms) => AbortSignal.timeout(ms),
  anySignal: (signals) => AbortSignal.any([...signals]),
});

type Login = Pick<Sandbox['connection'], 'username' | 'password' | 'project'>;

/** Time that passes only when somebody sleeps, for a sandbox with the same clock: long waits take no time. */
export const sleepingOn = (clock: ManualClock): Runtime => ({
  clock: () => clock.now(),
  random: Math.random,
  sleep: async (ms) => {
    clock.advance(ms / 1000);
    await delay(0);
  },
});

/** Who somebody of a sandbox is for Keystone. */
export function identityOf(sandbox: Sandbox, login: Login = sandbox.connection): KeystoneCredentials {
  const { auth_url, user_domain, project_domain } = sandbox.connection;
  return {
    method: 'password',
    authUrl: auth_url,
    user: { name: login.username, domain: { name: user_domain } },
    password: login.password,
    project: { name: login.project, domain: { name: project_domain } },
  };
}

/** The core, logged in to a sandbox as its main user or somebody else. */
export function connect(
  sandbox: Sandbox,
  login: Login = sandbox.connection,
  time: Runtime = runtime,
  transport: Transport = realFetch,
): Coriolis & { readonly notes: ProgressNote[] } {
  const session = makeKeystoneSession({
    transport,
    runtime: time,
    identity: identityOf(sandbox, login),
  });
  const notes: ProgressNote[] = [];
  const client = new CoriolisClient({ transport: session, runtime: time });
  return { ...time, client, notes, reportProgress: (note) => notes.push(note) };
}

export function operationOf(id: string): Operation {
  const found = catalogue.find((operation) => operationId(operation) === id);
  if (found === undefined) throw new Error(`the catalogue has no ${id}`);
  return found;
}

/** Performs an operation with one result, as a face does. */
export async function one<Result = JsonObject>(
  coriolis: Coriolis,
  id: string,
  given: Readonly<Record<string, unknown>> = {},
  detail: Detail = 'summary',
): Promise<Result> {
  return (await (await prepareOne(coriolis, id, given)).run({ detail })) as Result;
}

/** Checks the call of an operation with one result, and resolves its names. */
export async function prepareOne(
  coriolis: Coriolis,
  id: string,
  given: Readonly<Record<string, unknown>> = {},
): Promise<PreparedCall> {
  const operation = operationOf(id);
  if (operation.kind !== 'single') throw new Error(`${id} has rows`);
  return await prepareCall(operation, coriolis, given);
}

/** What an operation would do and lose. */
export async function previewOf(coriolis: Coriolis, id: string, given: JsonObject): Promise<Preview> {
  const preview = await (await prepareOne(coriolis, id, given)).preview();
  if (preview === undefined) throw new Error(`${id} has no preview`);
  return preview;
}

/** Performs an operation with rows, as a face does; their type is the caller's word. */
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters
export async function rows<Row = JsonObject>(
  coriolis: Coriolis,
  id: string,
  given: Readonly<Record<string, unknown>> = {},
  window: { readonly limit?: number; readonly after?: string } = {},
  detail: Detail = 'summary',
): Promise<Array<{ readonly row: Row; readonly position: string }>> {
  const operation = operationOf(id);
  if (operation.kind !== 'list') throw new Error(`${id} has one result`);
  const found: Array<{ row: Row; position: string }> = [];
  for await (const { row, position } of fetchCallRows(checkCall(operation, given), coriolis, window, {
    detail,
  })) {
    found.push({ row: row as Row, position });
  }
  return found;
}
