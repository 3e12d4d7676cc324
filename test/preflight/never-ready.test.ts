import fc from 'fast-check';
import { startSandbox, type Sandbox } from '../../sandbox/sandbox';
import { ManualClock } from '../../sandbox/world/clock';
import { isCoriolisError } from '../../src/api/errors';
import { GENERATIONS, type Generation } from '../../sandbox/world/releases';
import type { JsonObject } from '../../src/model/json';
import type { PreflightResult } from '../../src/playbooks/preflight/preflight';
import { cases, isSoak } from '../support/cases';
import { connect, one, rows, sleepingOn } from '../support/coriolis';

/**
 * Random worlds: pools of any kind and state, runs that end in any way, deletions, disabled workers and regions, licences.
 * Wherever the server then refuses an execution or a deployment, the preflight has said "blocked" before.
 */

const MACHINES = [
  'web-01',
  'web-02',
  'app-01',
  'slow-vm',
  'fail-replicate-vm',
  'fail-os-morphing-vm',
] as const;

const pool = fc.record({
  onSource: fc.boolean(),
  size: fc.integer({ min: 1, max: 2 }),
  allocated: fc.constantFrom(true, true, true, false),
  windows: fc.constantFrom(false, false, false, true),
});
const at = fc.nat({ max: 20 });
const transfer = fc.record({
  instances: fc.uniqueArray(fc.constantFrom(...MACHINES), { minLength: 1, maxLength: 2 }),
  live: fc.boolean(),
  clone: fc.boolean(),
  originPool: fc.option(at, { nil: undefined }),
  destinationPool: fc.option(at, { nil: undefined }),
  morphingPool: fc.option(at, { nil: undefined }),
});

type Step =
  | { readonly do: 'pass'; readonly seconds: number }
  | {
      readonly do:
        | 'execute'
        | 'sync'
        | 'move'
        | 'autoDeploy'
        | 'deploy'
        | 'deployWithoutClones'
        | 'deleteDisks'
        | 'cancel'
        | 'forget'
        | 'forgetDeployments'
        | 'allocate'
        | 'deallocate'
        | 'deletePool'
        | 'busyPools'
        | 'freePools'
        | 'disableWorker'
        | 'enableWorker'
        | 'disableRegion'
        | 'mapRegion';
      readonly at: number;
    };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('pass' as const), seconds: fc.constantFrom(5, 60, 9000) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constantFrom(
        'execute',
        'sync',
        'sync',
        'move',
        'autoDeploy',
        'deploy',
        'deployWithoutClones',
        'deleteDisks' as const,
      ),
      at,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constantFrom(
        'cancel',
        'forget',
        'forgetDeployments',
        'allocate',
        'deallocate',
        'deletePool',
        'busyPools',
        'freePools',
        'disableWorker',
        'enableWorker',
        'disableRegion',
        'mapRegion' as const,
      ),
      at,
    }),
  },
);

const history = fc.record({
  pools: fc.array(pool, { maxLength: 3 }),
  transfers: fc.array(transfer, { minLength: 1, maxLength: 3 }),
  steps: fc.array(step, { maxLength: 14 }),
  licensing: fc.boolean(),
});
type History = typeof history extends fc.Arbitrary<infer Value> ? Value : never;

/** What a world's server refused, and whether the preflight knew. */
interface Tally {
  refused: number;
  accepted: number;
  readonly reasons: Set<string>;
}

class Lived {
  private readonly pools: string[] = [];
  private readonly sides = new Map<string, 'source' | 'destination'>();
  readonly transfers: string[] = [];
  private region: string | undefined;

  private constructor(
    readonly sandbox: Sandbox,
    readonly clock: ManualClock,
    readonly coriolis: ReturnType<typeof connect>,
  ) {}

  static async of(generation: Generation, { licensing, ...plan }: History): Promise<Lived> {
    const clock = new ManualClock();
    const sandbox = await startSandbox({ clock, generation, licensing, populated: true });
    const lived = new Lived(sandbox, clock, connect(sandbox, sandbox.connection.admin, sleepingOn(clock)));
    await lived.build(plan);
    for (const each of plan.steps) await lived.take(each);
    return lived;
  }

  /** Calls an operation; a refusal is part of the world. */
  private async attempt(id: string, given: JsonObject): Promise<JsonObject | undefined> {
    try {
      return await one(this.coriolis, id, given);
    } catch (error) {
      if (isCoriolisError(error)) return undefined;
      throw error;
    }
  }

  private async build({ pools, transfers }: Pick<History, 'pools' | 'transfers'>): Promise<void> {
    for (const { onSource, size, allocated, windows } of pools) {
      const made = await this.attempt('minionPool.create', {
        name: `pool ${this.pools.length}`,
        endpointId: onSource ? 'vcenter' : 'openstack',
        platform: onSource ? 'source' : 'destination',
        osType: windows && !onSource ? 'windows' : 'linux',
        environmentOptions: onSource ? {} : { migr_network: 'private' },
        minimumMinions: 1,
        maximumMinions: size,
        skipAllocation: !allocated,
      });
      if (made === undefined) continue;
      this.pools.push(String(made['id']));
      this.sides.set(String(made['id']), onSource ? 'source' : 'destination');
    }
    this.clock.advance(3000);
    const isLegacy = (await this.coriolis.client.detectGeneration()) === 'legacy';
    for (const one of transfers) {
      const pick = (index: number | undefined, side: 'source' | 'destination') => {
        const fitting = this.pools.filter((id) => this.sides.get(id) === side);
        return index === undefined ? undefined : fitting[index % Math.max(1, fitting.length)];
      };
      const morphing = pick(one.morphingPool, 'destination');
      const given = {
        originEndpointId: 'vcenter',
        destinationEndpointId: 'openstack',
        instances: one.instances,
        scenario: one.live && !isLegacy ? 'live_migration' : 'replica',
        ...(isLegacy ? {} : { cloneDisks: one.clone }),
        destinationEnvironment: { migr_network: 'private' },
        networkMap: { 'VM Network': 'private', Backend: 'private' },
        checkInstances: false,
      };
      const made =
        (await this.attempt('transfer.create', {
          ...given,
          originMinionPoolId: pick(one.originPool, 'source'),
          destinationMinionPoolId: pick(one.destinationPool, 'destination'),
          osMorphingPools: morphing === undefined ? undefined : { [String(one.instances[0])]: morphing },
        })) ?? (await this.attempt('transfer.create', given));
      if (made !== undefined) this.transfers.push(String(made['id']));
    }
  }

  private async take(given: Step): Promise<void> {
    if (given.do === 'pass') {
      this.clock.advance(given.seconds);
      return;
    }
    const transferId = this.transfers[given.at % Math.max(1, this.transfers.length)] ?? '';
    const minionPoolId = this.pools[given.at % Math.max(1, this.pools.length)] ?? '';
    switch (given.do) {
      case 'execute':
        await this.attempt('execution.start', { transferId });
        return;
      case 'sync':
        await this.attempt('execution.start', { transferId });
        this.clock.advance(9000);
        return;
      case 'move':
        await this.attempt('execution.start', { transferId });
        this.clock.advance(9000);
        await this.attempt('deployment.create', { transferId });
        this.clock.advance(9000);
        return;
      case 'autoDeploy':
        await this.attempt('execution.start', { transferId, autoDeploy: true });
        return;
      case 'deploy':
        await this.attempt('deployment.create', { transferId });
        return;
      case 'deployWithoutClones':
        await this.attempt('deployment.create', { transferId, cloneDisks: false });
        return;
      case 'deleteDisks':
        await this.attempt('transfer.deleteDisks', { transferId });
        return;
      case 'cancel':
        await this.attempt('execution.cancel', { transferId });
        return;
      case 'forget': {
        const [newest] = await rows(this.coriolis, 'execution.getAll', { transferId }, { limit: 1 });
        if (newest === undefined) return;
        await this.attempt('execution.delete', { transferId, executionId: newest.row['id'] });
        return;
      }
      case 'forgetDeployments':
        for (const { row } of await rows(this.coriolis, 'deployment.getAll', { transferId })) {
          await this.attempt('deployment.delete', { deploymentId: row['id'] });
        }
        return;
      case 'allocate':
        await this.attempt('minionPool.allocate', { minionPoolId });
        return;
      case 'deallocate':
        await this.attempt('minionPool.deallocate', { minionPoolId, force: given.at % 2 === 0 });
        this.clock.advance(given.at % 3 === 0 ? 1 : 3000);
        return;
      case 'deletePool':
        await this.attempt('minionPool.delete', { minionPoolId });
        return;
      case 'busyPools':
        if (this.sandbox.faults.list().length === 0) this.sandbox.faults.plan('busy-pools');
        return;
      case 'freePools':
        this.sandbox.faults.clear();
        return;
      case 'disableWorker':
      case 'enableWorker':
        for (const { row } of await rows(this.coriolis, 'service.getAll')) {
          await this.attempt('service.update', {
            serviceId: row['id'],
            enabled: given.do === 'enableWorker',
          });
        }
        return;
      case 'mapRegion': {
        const made = await this.attempt('region.create', { name: `region ${given.at}` });
        this.region = made === undefined ? this.region : String(made['id']);
        if (this.region === undefined) return;
        const endpointId = given.at % 2 === 0 ? 'vcenter' : 'openstack';
        await this.attempt('endpoint.update', { endpointId, regions: [this.region] });
        return;
      }
      case 'disableRegion':
        if (this.region === undefined) return;
        await this.attempt('region.update', { regionId: this.region, enabled: false });
        return;
    }
  }
}

const PURPOSES = { execution: 'execution.start', deployment: 'deployment.create' } as const;

/** The states of a run that could not even begin for want of machines. */
const UNALLOCATED = 'ERROR_ALLOCATING_MINIONS';

async function judge(lived: Lived, tally: Tally): Promise<void> {
  const { coriolis, clock } = lived;
  for (const transferId of lived.transfers) {
    for (const purpose of ['deployment', 'execution'] as const) {
      const { verdict, checks } = await one<PreflightResult>(coriolis, 'transfer.preflight', {
        transferId,
        purpose,
      });
      let reason: string | undefined;
      try {
        const begun = await one(coriolis, PURPOSES[purpose], { transferId });
        clock.advance(1);
        const run =
          purpose === 'execution'
            ? await one(coriolis, 'execution.get', { transferId, executionId: begun['id'] })
            : await one(coriolis, 'deployment.get', { deploymentId: begun['id'] });
        if (run['status'] === UNALLOCATED) reason = UNALLOCATED;
      } catch (error) {
        if (!isCoriolisError(error) || error.status === undefined) throw error;
        reason = error.serverMessage ?? error.message;
      }
      if (reason === undefined) {
        tally.accepted += 1;
        continue;
      }
      tally.refused += 1;
      tally.reasons.add(reason.replaceAll(/'[^']*'|[0-9a-f]{8}-[0-9a-f-]{27}|\[.*\]/gu, '…').slice(0, 90));
      expect({ purpose, reason, verdict, checks }).toMatchObject({ verdict: 'blocked' });
    }
  }
}

describe.each(GENERATIONS)('preflight, %s', (generation) => {
  it('never says ready where the server refuses', async () => {
    const tally: Tally = { refused: 0, accepted: 0, reasons: new Set() };
    await fc.assert(
      fc.asyncProperty(history, async (plan) => {
        const lived = await Lived.of(generation, plan);
        try {
          await judge(lived, tally);
        } finally {
          await lived.sandbox.stop();
        }
      }),
      cases(12),
    );
    if (isSoak)
      process.stdout.write(`${generation} ${JSON.stringify({ ...tally, reasons: [...tally.reasons] })}\n`);
    // The generator has to reach both.
    expect(tally.refused).toBeGreaterThan(10);
    expect(tally.accepted).toBeGreaterThan(5);
  });
});
