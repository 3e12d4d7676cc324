import { isCoriolisError } from '../../src/api/errors';
import { CoriolisClient } from '../../src/api/coriolis-client';
import { makeKeystoneSession } from '../../src/api/keystone-session';
import type { Coriolis } from '../../src/api/operation-context';
import type { Runtime } from '../../src/api/core-runtime';
import { isActive, isFinal } from '../../src/model/status';
import type { Deployment, MinionPool, Schedule, Transfer } from '../../src/model/api-objects';
import type { Sandbox } from '../../sandbox/sandbox';
import type { ManualClock } from '../../sandbox/world/clock';
import { realFetch } from '../support/coriolis';

/** The same sequence in every run: a failure can be repeated. */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The core on the sandbox's own clock, which also moves while it waits between two attempts. */
export function connect({ connection }: Sandbox, clock: ManualClock): Coriolis {
  const runtime: Runtime = {
    clock: () => clock.now(),
    random: seeded(1),
    sleep: async (ms) => clock.advance(ms / 1000),
  };
  const transport = makeKeystoneSession({
    transport: realFetch,
    runtime,
    identity: {
      method: 'password',
      authUrl: connection.auth_url,
      user: { name: connection.username, domain: { name: connection.user_domain } },
      password: connection.password,
      project: { name: connection.project, domain: { name: connection.project_domain } },
    },
  });
  return { ...runtime, client: new CoriolisClient({ transport, runtime, retry: { attempts: 2 } }) };
}

/** A run that somebody holds up. */
export interface Held {
  readonly executionId: string;
  readonly transferId: string;
  readonly startedAt: number;
  readonly heldAt: number;
  /** When it was let go; undefined while it is held. */
  releasedAt: number | undefined;
}

/** A schedule that fires at a minute of every hour. */
export interface Planned {
  readonly id: string;
  readonly transferId: string;
  readonly minute: number;
  readonly since: number;
}

/** People who start, hold up, cancel, deploy and delete at random, and connections that break. */
export class People {
  refused = 0;
  readonly held: Held[] = [];
  /** Executions whose records were deleted, and the transfers that lost some, or themselves. */
  readonly deleted = new Set<string>();
  readonly doubtful = new Set<string>();
  readonly planned: Planned[] = [];
  private readonly letGo = new Map<Held, () => void>();
  private endSilence: (() => void) | undefined;

  /** @param forgotten is told of executions whose records were deleted */
  constructor(
    private readonly sandbox: Sandbox,
    private readonly clock: ManualClock,
    private readonly coriolis: Coriolis,
    private readonly random: () => number,
    private readonly forgotten: (executionIds: readonly string[]) => void = () => undefined,
  ) {}

  /** Transfers of machines that fail at different stages, and of one that is slow. */
  async addTroubled(): Promise<void> {
    const [like] = await this.transfers();
    if (like === undefined) throw new Error('The sandbox has no transfers');
    const { origin_endpoint_id, destination_endpoint_id, network_map, storage_mappings } = like;
    const {
      network_map: _,
      storage_mappings: __,
      ...destination_environment
    } = like.destination_environment ?? {};
    for (const instance of ['fail-validation-vm', 'fail-replication-vm', 'fail-deploy-vm', 'slow-vm']) {
      const transfer = {
        origin_endpoint_id,
        destination_endpoint_id,
        instances: [instance],
        source_environment: like.source_environment ?? {},
        destination_environment,
        network_map: network_map ?? {},
        storage_mappings: storage_mappings ?? {},
      };
      await this.coriolis.client.post('/transfers', { transfer });
    }
  }

  /** Schedules that fire every hour. */
  async plan(transfers: readonly Transfer[]): Promise<void> {
    for (const { id } of transfers) {
      const minute = Math.floor(this.random() * 60);
      const { schedule } = await this.coriolis.client.post<{ schedule: Schedule }>(
        `/transfers/${id}/schedules`,
        { schedule: { minute }, enabled: true, shutdown_instance: false },
      );
      this.planned.push({ id: schedule.id, transferId: id, minute, since: this.clock.now() });
    }
  }

  /** From now on, or no longer, schedules do not fire. */
  silence(silent: boolean): void {
    this.endSilence?.();
    this.endSilence = undefined;
    if (!silent) return;
    const trouble = this.sandbox.faults.plan('silent-schedules');
    this.endSilence = () => this.sandbox.faults.remove(trouble.id);
  }

  /** Something that people do to a transfer; `dice` is below 1. */
  async act(dice: number): Promise<void> {
    const transfer = await this.someTransfer();
    if (transfer === undefined) return;
    if (dice < 0.5) await this.start(transfer);
    else if (dice < 0.62) {
      await this.start(transfer);
      this.clock.advance(this.random() * 10);
      await this.cancel(transfer);
    } else if (dice < 0.74) await this.deploy(transfer);
    else if (dice < 0.84) {
      await this.deploy(transfer);
      this.clock.advance(this.random() * 5);
      await this.changeNewestDeployment();
    } else if (dice < 0.92) await this.deleteNewestExecution(transfer);
    else if (dice < 0.94) await this.deleteTransfer(transfer);
    else await this.changeNewestDeployment();
  }

  async transfers(): Promise<readonly Transfer[]> {
    return await this.list<Transfer>('transfers');
  }

  async isBusy(): Promise<boolean> {
    const all = [...(await this.transfers()), ...(await this.list<Deployment>('deployments'))];
    return all.some(({ last_execution_status: status }) => isActive(status) || status === 'PENDING');
  }

  /** Starts a run and stops it from getting on. */
  async hold(): Promise<void> {
    const transfer = await this.someTransfer();
    if (transfer === undefined || isActive(transfer.last_execution_status)) return;
    const startedAt = this.clock.now();
    if (!(await this.start(transfer))) return;
    this.clock.advance(2);
    const executions: Array<Awaited<ReturnType<People['newestExecution']>>> = [];
    await this.attempt(async () => executions.push(await this.newestExecution(transfer.id)));
    const [execution] = executions;
    if (execution === undefined || !isActive(execution.status)) return;
    const trouble = this.sandbox.faults.plan(`stall id=${transfer.id}`);
    const held: Held = {
      executionId: execution.id,
      transferId: transfer.id,
      startedAt,
      heldAt: this.clock.now(),
      releasedAt: undefined,
    };
    this.held.push(held);
    this.letGo.set(held, () => this.sandbox.faults.remove(trouble.id));
  }

  release(): void {
    const held = this.held.find(({ releasedAt }) => releasedAt === undefined);
    if (held === undefined) return;
    this.letGo.get(held)?.();
    held.releasedAt = this.clock.now();
  }

  /** A pool that cannot be allocated, or another attempt at one. */
  async failPool(): Promise<void> {
    const pools = await this.list<MinionPool>('minion_pools');
    const pool = pools[Math.floor(this.random() * 2 * (pools.length + 1))];
    if (pool !== undefined) {
      const retry = { allocate: null };
      await this.attempt(() => this.coriolis.client.post(`/minion_pools/${pool.id}/actions`, retry));
      return;
    }
    const [like] = await this.transfers();
    const minion_pool = {
      name: `pool ${pools.length}`,
      endpoint_id: like?.destination_endpoint_id,
      platform: 'destination',
      os_type: 'linux',
      environment_options: { migr_network: 'private', migr_flavor_name: 'no-such-flavor' },
      minimum_minions: 1,
      maximum_minions: 1,
      minion_max_idle_time: 3600,
      minion_retention_strategy: 'delete',
    };
    await this.attempt(() => this.coriolis.client.post('/minion_pools', { minion_pool }));
  }

  /** How often each pool went into ERROR, by its own records. */
  async poolFailures(): Promise<ReadonlyMap<string, number>> {
    const failures = new Map<string, number>();
    for (const { id } of await this.list<MinionPool>('minion_pools')) {
      const { minion_pool: pool } = await this.coriolis.client.get<{ minion_pool: MinionPool }>(
        `/minion_pools/${id}`,
      );
      const into = (pool.events ?? []).filter(({ message }) => message.includes("to 'ERROR'"));
      failures.set(id, into.length);
    }
    return failures;
  }

  private async list<Row>(what: 'transfers' | 'deployments' | 'minion_pools'): Promise<readonly Row[]> {
    const body = await this.coriolis.client.get<Record<string, Row[]>>(`/${what}`);
    return body[what] ?? [];
  }

  breakSomething(): void {
    const kinds = [
      { kind: 'reset' },
      { kind: 'status', status: 503 },
      { kind: 'html', status: 502 },
      { kind: 'truncate' },
      { kind: 'status', status: 500, body: '{"computeFault": {"code": 500, "message": "no"}}' },
    ] as const;
    const fault = kinds[Math.floor(this.random() * kinds.length)] ?? kinds[0];
    // What the watcher asks for: legacy servers are not asked for an order or a page.
    this.sandbox.faults.add({
      method: 'GET',
      path: /executions(\?|$)|sort_key|show_deleted|status=|schedules$/,
      fault,
      times: 5,
    });
  }

  /** A refusal by the server is part of life here. */
  private async attempt(change: () => Promise<unknown>): Promise<boolean> {
    try {
      await change();
      return true;
    } catch (error) {
      if (!isCoriolisError(error)) throw error;
      this.refused += 1;
      return false;
    }
  }

  private async start({ id }: Transfer): Promise<boolean> {
    const execution = { shutdown_instances: false, auto_deploy: this.random() < 0.2 };
    return await this.attempt(() => this.coriolis.client.post(`/transfers/${id}/executions`, { execution }));
  }

  private async newestExecution(id: string) {
    const { executions } = await this.coriolis.client.get<{
      executions: ReadonlyArray<{ readonly id: string; readonly status: string; readonly number: number }>;
    }>(`/transfers/${id}/executions`, {
      query: { limit: 1, sort_key: 'number', sort_dir: 'desc', quiet: 1 },
    });
    // Legacy servers send all, in no order.
    return executions.toSorted((a, b) => b.number - a.number)[0];
  }

  private async cancel({ id }: Transfer): Promise<void> {
    await this.attempt(async () => {
      const execution = await this.newestExecution(id);
      const cancel = { force: this.random() < 0.3 };
      if (execution !== undefined) {
        await this.coriolis.client.post(`/transfers/${id}/executions/${execution.id}/actions`, { cancel });
      }
    });
  }

  private async deploy({ id }: Transfer): Promise<void> {
    const deployment = { transfer_id: id, clone_disks: true, skip_os_morphing: this.random() < 0.5 };
    await this.attempt(() => this.coriolis.client.post('/deployments', { deployment }));
  }

  private async deleteNewestExecution({ id }: Transfer): Promise<void> {
    await this.attempt(async () => {
      const execution = await this.newestExecution(id);
      if (execution === undefined || !isFinal(execution.status)) return;
      await this.coriolis.client.delete(`/transfers/${id}/executions/${execution.id}`);
      this.forget(id, [execution.id]);
    });
  }

  private async deleteTransfer({ id }: Transfer): Promise<void> {
    const runs = () =>
      this.sandbox
        .listFinishedRuns()
        .flatMap((run) => (run.kind === 'execution' && run.transferId === id ? [run.id] : []));
    if (await this.attempt(() => this.coriolis.client.delete(`/transfers/${id}`))) this.forget(id, runs());
  }

  /** Cancels it when it is at work, and deletes it when it is not. */
  private async changeNewestDeployment(): Promise<void> {
    const [deployment] = (await this.list<Deployment>('deployments')).toSorted((one, other) =>
      other.created_at.localeCompare(one.created_at),
    );
    if (deployment === undefined) return;
    const path = `/deployments/${deployment.id}`;
    await this.attempt(() =>
      isActive(deployment.last_execution_status)
        ? this.coriolis.client.post(`${path}/actions`, { cancel: { force: false } })
        : this.coriolis.client.delete(path),
    );
  }

  private async someTransfer(): Promise<Transfer | undefined> {
    const isHeld = (id: string) =>
      this.held.some(({ transferId, releasedAt }) => transferId === id && releasedAt === undefined);
    const free = (await this.transfers()).filter(({ id, deleted_at }) => deleted_at === null && !isHeld(id));
    return free[Math.floor(this.random() * free.length)];
  }

  private forget(transferId: string, executionIds: readonly string[]): void {
    this.doubtful.add(transferId);
    for (const id of executionIds) this.deleted.add(id);
    this.forgotten(executionIds);
  }
}
