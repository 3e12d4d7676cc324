import { isCoriolisError } from '../../src/api/errors';
import type { Coriolis, Runtime } from '../../src/coriolis';
import type { Deployment, Transfer } from '../../src/model/types';
import { isActive, isFinal } from '../../src/model/status';
import { watch } from '../../src/watch/watch';
import type { WatchEvent } from '../../src/watch/watch';
import { startSandbox } from '../../sandbox/sandbox';
import type { Sandbox } from '../../sandbox/sandbox';
import { ManualClock } from '../../sandbox/world/clock';
import { CoriolisClient } from '../../src/api/client';
import { keystoneSession } from '../../src/api/session';
import { realFetch } from '../support/coriolis';

/**
 * Over HTTP, against the sandbox: people start, cancel, deploy and delete at random while connections break and the
 * watcher is killed; afterwards its events are compared with what really happened. The sandbox's clock is moved by hand,
 * so a day of work takes seconds.
 */

const SCOPE = 'sandbox';

/** The same sequence in every run: a failure can be repeated. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

class Chaos {
  /** Of runs that ended. */
  readonly events: WatchEvent[] = [];
  /** Keys of the events of runs that began. */
  readonly begun: string[] = [];
  /** Runs whose records were deleted before anything was told of them. */
  readonly deletedUntold = new Set<string>();
  refused = 0;
  brokenPolls = 0;
  private cursor: unknown;
  private saved: unknown;

  constructor(
    private readonly sandbox: Sandbox,
    private readonly clock: ManualClock,
    private readonly coriolis: Coriolis,
    private readonly random: () => number,
  ) {}

  async poll(): Promise<void> {
    try {
      const { cursor, events } = await watch(this.coriolis, this.cursor, {
        scope: SCOPE,
        kinds: ['execution', 'execution_started', 'deployment'],
      });
      this.cursor = JSON.parse(JSON.stringify(cursor));
      const isBeginning = ({ event }: WatchEvent) => event === 'execution_started';
      this.begun.push(...events.filter(isBeginning).map(({ key }) => key));
      this.events.push(...events.filter((event) => !isBeginning(event)));
      if (events.length > 0 || this.saved === undefined) this.saved = this.cursor;
    } catch (error) {
      if (!isCoriolisError(error)) throw error;
      this.brokenPolls += 1;
    }
  }

  /** Transfers of machines that fail at different stages, and of one that is slow. */
  async addTroubled(): Promise<void> {
    const [like] = await this.list<Transfer>('transfers');
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

  /** One thing that happens. */
  async step(): Promise<void> {
    this.clock.advance(this.random() * 4);
    const transfers = (await this.list<Transfer>('transfers')).filter(
      ({ deleted_at }) => deleted_at === null,
    );
    const transfer = transfers[Math.floor(this.random() * transfers.length)];
    const dice = this.random();
    if (dice < 0.3) await this.poll();
    else if (dice < 0.32) this.cursor = this.saved;
    else if (dice < 0.37) this.breakSomething();
    else if (transfer === undefined) return;
    else if (dice < 0.7) await this.start(transfer);
    else if (dice < 0.78) await this.cancel(transfer);
    else if (dice < 0.86) await this.deploy(transfer);
    else if (dice < 0.92) await this.deleteNewestExecution(transfer);
    else if (dice < 0.94) await this.deleteTransfer(transfer);
    else await this.changeDeployments();
  }

  /** Everything comes to rest, and the watcher looks a few times more. */
  async settle(): Promise<void> {
    this.sandbox.faults.clear();
    for (let round = 0; round < 40; round++) {
      this.clock.advance(60);
      await this.poll();
      const busy = [
        ...(await this.list<Transfer>('transfers')),
        ...(await this.list<Deployment>('deployments')),
      ];
      if (!busy.some(({ last_execution_status: status }) => isActive(status) || status === 'PENDING')) break;
    }
    for (let round = 0; round < 3; round++) {
      this.clock.advance(10);
      await this.poll();
    }
  }

  private async list<Row>(what: 'transfers' | 'deployments'): Promise<readonly Row[]> {
    const body = await this.coriolis.client.get<Record<string, Row[]>>(`/${what}`);
    return body[what] ?? [];
  }

  private breakSomething(): void {
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
      path: /executions(\?|$)|sort_key|show_deleted/,
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

  private async start({ id }: Transfer): Promise<void> {
    const execution = { shutdown_instances: false, auto_deploy: this.random() < 0.2 };
    await this.attempt(() => this.coriolis.client.post(`/transfers/${id}/executions`, { execution }));
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
      this.forget([execution.id]);
    });
  }

  private async deleteTransfer({ id }: Transfer): Promise<void> {
    const runs = () =>
      this.sandbox
        .truth()
        .flatMap((run) => (run.kind === 'execution' && run.transferId === id ? [run.id] : []));
    if (await this.attempt(() => this.coriolis.client.delete(`/transfers/${id}`))) this.forget(runs());
  }

  private async changeDeployments(): Promise<void> {
    const deployments = await this.list<Deployment>('deployments');
    const deployment = deployments[Math.floor(this.random() * deployments.length)];
    if (deployment === undefined) return;
    const path = `/deployments/${deployment.id}`;
    await this.attempt(() =>
      isActive(deployment.last_execution_status)
        ? this.coriolis.client.post(`${path}/actions`, { cancel: { force: false } })
        : this.coriolis.client.delete(path),
    );
  }

  private forget(ids: readonly string[]): void {
    for (const id of ids) {
      if (!this.events.some(({ key }) => key === id)) this.deletedUntold.add(id);
    }
  }
}

/** The core on the sandbox's own clock, which also moves while it waits between two attempts. */
function connect({ connection }: Sandbox, clock: ManualClock): Coriolis {
  const runtime: Runtime = {
    clock: () => clock.now(),
    random: seeded(1),
    sleep: async (ms) => clock.advance(ms / 1000),
  };
  const transport = keystoneSession({
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

describe('a watcher over HTTP, while everything happens at once', () => {
  let running: Sandbox | undefined;
  afterEach(() => running?.stop());

  test.each([
    { generation: 'current', steps: 250 },
    { generation: 'legacy', steps: 150 },
  ] as const)(
    'tells each run of a $generation server exactly once, as it really ended',
    async ({ generation, steps }) => {
      const clock = new ManualClock(Date.now());
      const sandbox = await startSandbox({ clock, generation, speed: 20, transfers: 15 });
      running = sandbox;
      const coriolis = connect(sandbox, clock);
      const chaos = new Chaos(sandbox, clock, coriolis, seeded(20261122));
      await chaos.addTroubled();
      await chaos.poll();
      const begun = sandbox.truth().length;

      for (let step = 0; step < steps; step++) await chaos.step();
      await chaos.settle();

      const ours = sandbox
        .truth()
        .slice(begun)
        .filter(({ projectId }) => projectId === sandbox.people.migration.id);
      const truth = new Map(ours.map((run) => [run.id, run.status]));
      const keys = chaos.events.map(({ key }) => key);
      const named = chaos.events.filter(
        ({ execution_id, kind }) => execution_id !== null || kind === 'deployment',
      );
      const unnamed = chaos.events.length - named.length;
      const missing = [...truth.keys()].filter((id) => !keys.includes(id));
      const ended = named.filter(({ kind }) => kind === 'execution');
      expect({
        doubled: [...keys, ...chaos.begun].filter((key, index, all) => all.indexOf(key) !== index),
        begunUntold: ended.filter(({ key }) => !chaos.begun.includes(`${key}@started`)),
        wrong: named.filter(({ key, status }) => truth.get(key) !== status),
        lost: missing.filter((id) => !chaos.deletedUntold.has(id)),
      }).toEqual({ doubled: [], begunUntold: [], wrong: [], lost: [] });
      expect(unnamed).toBeLessThanOrEqual(missing.length);
      // It was worth it: enough happened, of every kind, with enough trouble.
      expect(named.length).toBeGreaterThan(steps / 7);
      expect([...new Set(named.map(({ kind, outcome }) => `${kind} ${outcome}`))]).toEqual(
        expect.arrayContaining([
          'execution completed',
          'execution failed',
          'execution canceled',
          'deployment completed',
          'deployment failed',
        ]),
      );
      expect(chaos.brokenPolls).toBeGreaterThan(0);
    },
    60_000,
  );
});
