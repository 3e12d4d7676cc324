import { withoutUndefined } from '../../../src/model/json';
import { CoriolisClient } from '../../../src/api/coriolis-client';
import type { Transport } from '../../../src/api/transport';
import type { Coriolis, ProgressNote } from '../../../src/api/operation-context';
import type { Deployment, Execution, MinionMachine, MinionPool, Task } from '../../../src/model/api-objects';
import { CanceledError } from '../../../src/api/errors';
import { makeDeployment, makeExecution, makeTask } from '../api-objects';

/** The moment at which tests begin. */
export const BEGIN = Date.UTC(2026, 10, 22, 15, 0, 0);

/** A server's timestamp, `seconds` after the beginning. */
export const at = (seconds: number): string =>
  `${new Date(BEGIN + seconds * 1000).toISOString().slice(0, 19)}.000000`;

export const TRANSFER = 'aaaaaaaa-0000-4000-8000-000000000001';
export const EXECUTION = 'eeeeeeee-0000-4000-8000-000000000001';
export const DEPLOYMENT = 'dddddddd-0000-4000-8000-000000000001';
export const POOL = 'bbbbbbbb-0000-4000-8000-000000000001';
export const POOL_PATH = `/minion_pools/${POOL}`;
export const EXECUTION_PATH = `/transfers/${TRANSFER}/executions/${EXECUTION}`;
export const TRANSFER_PATH = `/transfers/${TRANSFER}`;
export const DEPLOYMENT_PATH = `/deployments/${DEPLOYMENT}`;

/** The transfer with the data of its machine, which has one disk. */
export const transferOfOneDisk = {
  transfer: {
    id: TRANSFER,
    instances: ['db-01'],
    info: { 'db-01': { export_info: { devices: { disks: [{ id: 'disk', size_bytes: 1024 }] } } } },
  },
};

export const task = (overrides: Partial<Task> = {}): Task =>
  makeTask(at(0), { id: `task ${overrides.index ?? 2}`, execution_id: EXECUTION, ...overrides });

/** A task that failed with this text five seconds after the beginning. */
export const failedTask = (text: string | null, overrides: Partial<Task> = {}): Task =>
  task({ status: 'ERROR', exception_details: text, updated_at: at(5), ...overrides });

export const execution = (status: string, overrides: Partial<Execution> = {}): Execution =>
  makeExecution(at(0), { id: EXECUTION, action_id: TRANSFER, status, tasks: [], ...overrides });

export const deployment = (status: string, overrides: Partial<Deployment> = {}): Deployment =>
  makeDeployment(at(0), {
    id: DEPLOYMENT,
    transfer_id: TRANSFER,
    deployer_id: null,
    last_execution_status: status,
    ...overrides,
  });

export const machine = (allocation: string): MinionMachine => ({
  id: 'machine',
  allocation_status: allocation,
  power_status: 'POWERED_ON',
  allocated_action: null,
  last_used_at: null,
  created_at: at(0),
  updated_at: null,
  deleted_at: null,
});

export const pool = (status: string, overrides: Partial<MinionPool> = {}): MinionPool => ({
  id: POOL,
  name: 'pool',
  notes: null,
  endpoint_id: 'd',
  platform: 'destination',
  os_type: 'linux',
  environment_options: {},
  status,
  minimum_minions: 1,
  maximum_minions: 1,
  minion_max_idle_time: 3600,
  minion_retention_strategy: 'delete',
  minion_machines: [],
  events: [],
  progress_updates: [],
  created_at: at(0),
  updated_at: null,
  deleted_at: null,
  ...overrides,
});

/** What the server shows at a path from a moment (seconds after the beginning) on: a body, nothing (404), or trouble. */
export type Moment = readonly [from: number, shown: object | 404 | 403 | 500 | 401 | 'reset'];

export interface Scene {
  readonly coriolis: Coriolis;
  readonly notes: ProgressNote[];
  /** Seconds after the beginning at which each request came, with its path. */
  readonly requests: Array<{ readonly at: number; readonly path: string }>;
  readonly now: () => number;
}

/** A real client before a server whose answers follow a script, on a clock that only `sleep` moves. */
export function scene(script: Readonly<Record<string, readonly Moment[]>>, signal?: AbortSignal): Scene {
  let now = BEGIN;
  const notes: ProgressNote[] = [];
  const requests: Array<{ at: number; path: string }> = [];
  const runtime = {
    clock: () => now,
    random: () => 0.5,
    sleep: async (ms: number, ended?: AbortSignal) => {
      now += ms;
      if (ended?.aborted === true) throw new CanceledError('canceled');
    },
  };
  const transport: Transport = {
    async send(request) {
      const path = request.url.split('?')[0] ?? '';
      requests.push({ at: (now - BEGIN) / 1000, path });
      const shown = script[path]?.findLast(([from]) => now >= BEGIN + from * 1000)?.[1] ?? 404;
      if (shown === 'reset') throw new (await import('../../../src/api/errors')).UnreachableError('reset');
      const headers = { 'content-type': 'application/json', date: new Date(now).toUTCString() };
      return typeof shown === 'number'
        ? { status: shown, headers, body: JSON.stringify({ error: { code: shown, message: 'no' } }) }
        : { status: 200, headers, body: JSON.stringify(shown) };
    },
  };
  const coriolis: Coriolis = {
    ...runtime,
    client: new CoriolisClient({ transport, runtime, retry: { attempts: 1 } }),
    reportProgress: (note) => notes.push(note),
    ...withoutUndefined({ signal }),
  };
  return { coriolis, notes, requests, now: () => (now - BEGIN) / 1000 };
}
