import { formatCount } from '../../model/display-texts';
import { quoteText } from '../../model/untrusted-text';
import type { AdmissionContext, AdmissionCandidate, MachineWait, WaveLimits } from './admission-types';

/** Maximum number of characters of the name of an endpoint. */
const MAX_NAME = 60;

/** Ids of the endpoints and minion pools that a running step uses. */
export type UsedResourceIds = Pick<AdmissionCandidate, 'endpoints' | 'pools'>;

/** Counter of slots for running steps: overall, for each endpoint and for each minion pool. */
export class SlotCounter {
  /** Number of free slots overall. */
  private total: number;
  /** Number of running steps by endpoint. */
  private readonly endpoints: Map<string, number>;
  /** Number of free machines by minion pool. */
  private readonly pools: Map<string, number>;
  private readonly names: Pick<AdmissionContext, 'poolReasons' | 'endpointNames'>;

  constructor(
    private readonly limits: Pick<WaveLimits, 'maxParallel' | 'maxParallelPerEndpoint'>,
    {
      foreignRuns,
      pools,
      ...names
    }: Pick<AdmissionContext, 'foreignRuns' | 'pools' | 'poolReasons' | 'endpointNames'>,
  ) {
    this.names = names;
    this.total = limits.maxParallel;
    this.pools = new Map(
      [...pools].map(([pool, machines]) => [pool, machines - (foreignRuns.get(pool) ?? 0)]),
    );
    this.endpoints = new Map(foreignRuns);
  }

  get isFull(): boolean {
    return this.total <= 0;
  }

  /** Takes a slot; returns the reason for waiting when none is free. */
  tryTake(one: UsedResourceIds): MachineWait | undefined {
    const { maxParallel, maxParallelPerEndpoint: limit } = this.limits;
    const empty = one.pools.find((pool) => (this.pools.get(pool) ?? 1) <= 0);
    if (empty !== undefined) {
      return {
        kind: 'pool',
        why: this.names.poolReasons?.get(empty) ?? `minion pool ${empty} has no free machine`,
      };
    }
    const full = one.endpoints.findIndex(
      (endpoint) => limit !== undefined && (this.endpoints.get(endpoint) ?? 0) >= limit,
    );
    if (full !== -1) {
      // One endpoint alone may be either: the other one of the row is not known.
      const side = one.endpoints.length < 2 ? '' : full === 0 ? 'its origin, ' : 'its destination, ';
      return {
        kind: 'endpoint',
        why: `${formatCount(limit ?? 0, 'run')} at work at ${side}endpoint ${this.nameOfEndpoint(one.endpoints[full] ?? '')}: no more are allowed`,
      };
    }
    if (this.isFull)
      return { kind: 'parallelism', why: `${formatCount(maxParallel, 'machine')} at work already` };
    this.occupy(one);
    return undefined;
  }

  /** Takes a slot for a step that is running already, whether or not one is free. */
  occupy(one: UsedResourceIds): void {
    this.count(one, 1);
  }

  /** Frees the slot of a step that has ended. */
  release(one: UsedResourceIds): void {
    this.count(one, -1);
  }

  /** Name of an endpoint in quotes; its id when the name is not known. */
  private nameOfEndpoint(id: string): string {
    const name = this.names.endpointNames?.get(id) ?? '';
    return name === '' ? id : `"${quoteText(name, MAX_NAME)}"`;
  }

  private count({ endpoints, pools }: UsedResourceIds, by: 1 | -1): void {
    this.total -= by;
    for (const endpoint of endpoints) this.endpoints.set(endpoint, (this.endpoints.get(endpoint) ?? 0) + by);
    // Pools that were not read have no limit, so they are not counted.
    for (const pool of pools) {
      const free = this.pools.get(pool);
      if (free !== undefined) this.pools.set(pool, free - by);
    }
  }
}
