import type { CopyState } from '../model/last-copy';
import { MIN_STALL_SECONDS } from '../model/stall-facts';
import { isActive, outcomeOf } from '../model/status';
import { parseServerTime } from '../model/timestamps';
import type { Action, Deployment, Transfer } from '../model/types';
import { MAX_COPY_LOOKUPS } from '../facts/last-copies';
import { ORPHAN_AFTER_MS } from '../waiting/wait-target';

/** Maximum number of running transfers and deployments that are checked for a stall, the longest unchanged first. */
export const MAX_STALL_LOOKUPS = 20;

/** Times of a survey, in milliseconds since 1970 by the server's clock, and its limit of rows. */
export interface SurveyBounds {
  readonly now: number;
  /** Runs that ended before this time do not count. */
  readonly since: number;
  /** Copies older than this time are stale. */
  readonly freshSince: number;
  /** Maximum number of rows of each kind. */
  readonly rows: number;
}

/** Counts of one kind of object, and the newest running and failed ones. */
export class KindSummary<Row extends Transfer | Deployment> {
  total = 0;
  /** Completed within the period. */
  completed = 0;
  readonly statuses = new Map<string, number>();
  readonly scenarios = new Map<string, number>();
  readonly running: TopRows<Row>;
  /** Running objects whose status has been unchanged for longest. */
  readonly longest: TopRows<Row>;
  readonly failed: TopRows<Row>;
  readonly neverRun: TopRows<Row>;
  /** Replicas whose copies are stale. */
  readonly stale: TopRows<Row>;
  /** Replicas changed since `freshSince`: the age of their copies needs a request. */
  readonly changed: TopRows<Row>;

  /** @param knownCopy last copy of a replica from the cache; undefined when it must be requested */
  constructor(
    private readonly bounds: SurveyBounds,
    private readonly knownCopy: (row: Row) => CopyState | undefined = () => undefined,
  ) {
    const { rows } = bounds;
    this.running = new TopRows(rows, newestFirst);
    this.longest = new TopRows(MAX_STALL_LOOKUPS, oldestFirst);
    this.failed = new TopRows(rows, newestFirst);
    this.neverRun = new TopRows(rows, newestFirst);
    this.stale = new TopRows(rows, oldestFirst);
    this.changed = new TopRows(MAX_COPY_LOOKUPS, doubtfulFirst);
  }

  count(row: Row): void {
    const status = row.last_execution_status;
    this.total += 1;
    increment(this.statuses, status);
    if (!isDeployment(row)) increment(this.scenarios, row.scenario ?? 'replica');
    if (!isDeployment(row)) this.countCopy(row);
    if (isActive(status) || status === 'PENDING') this.countRunning(row);
    else if (status === 'UNEXECUTED') this.countNeverRun(row);
    else if (outcomeOf(status) !== undefined) this.countEnded(row);
  }

  /** Counts a running object. When its status is old, its tasks are read later, because it may be stalled. */
  private countRunning(row: Row): void {
    this.running.add(row);
    const isOld = this.bounds.now - (parseServerTime(changedAt(row)) ?? 0) > MIN_STALL_SECONDS * 1000;
    if (isOld && isActive(row.last_execution_status)) this.longest.add(row);
  }

  /**
   * Counts an object that never ran. A deployment stays so when its request was refused after it was stored
   * (docs/reference/coriolis-api.md §17, trap 32); only those of the period count.
   */
  private countNeverRun(row: Row): void {
    const { since, now } = this.bounds;
    const created = parseServerTime(row.created_at) ?? 0;
    if (isDeployment(row) && (created < since || now - created < ORPHAN_AFTER_MS)) return;
    this.neverRun.add(row);
  }

  private countEnded(row: Row): void {
    if ((parseServerTime(row.updated_at) ?? 0) < this.bounds.since) return;
    const outcome = outcomeOf(row.last_execution_status);
    if (outcome === 'failed') this.failed.add(row);
    else if (outcome === 'completed') this.completed += 1;
  }

  /**
   * Counts the copy of a transfer. Live migrations are never stale; transfers that were never executed are counted
   * apart.
   */
  private countCopy(row: Row & Transfer): void {
    if (row.scenario === 'live_migration' || row.last_execution_status === 'UNEXECUTED') return;
    const { freshSince } = this.bounds;
    const known = this.knownCopy(row);
    if ((parseServerTime(row.updated_at) ?? 0) < freshSince) this.stale.add(row);
    else if (known === undefined) this.changed.add(row);
    else if (isStale(known, freshSince)) this.stale.add(row);
  }
}

/** Whether a replica has no copy that is younger than a time. */
export const isStale = ({ copy }: CopyState, freshSince: number): boolean =>
  copy === null || (parseServerTime(copy.at) ?? 0) < freshSince;

const increment = (counts: Map<string, number>, key: string): void => {
  counts.set(key, (counts.get(key) ?? 0) + 1);
};

/** Whether a row is a deployment, not a transfer. */
export const isDeployment = (row: Transfer | Deployment): row is Deployment => 'transfer_id' in row;

const changedAt = ({ updated_at, created_at }: Action): string => updated_at ?? created_at;

type Order = (one: Action, other: Action) => number;

export const oldestFirst: Order = (one, other) => changedAt(one).localeCompare(changedAt(other));
export const newestFirst: Order = (one, other) => oldestFirst(other, one);

/** Order in which copies are looked up: replicas whose latest execution did not complete, then the longest unchanged. */
const doubtfulFirst: Order = (one, other) =>
  Number(isCompleted(one)) - Number(isCompleted(other)) || oldestFirst(one, other);
const isCompleted = ({ last_execution_status: status }: Action): boolean => outcomeOf(status) === 'completed';

/** Sorts rows and returns the first ones. */
export const firstRows = <Row extends Action>(
  rows: readonly Row[],
  order: Order,
  most: number,
): readonly Row[] => [...rows].sort(order).slice(0, most);

/** Collects the first rows in an order, and counts all rows. */
export class TopRows<Row extends Action> {
  total = 0;
  private kept: Row[] = [];

  constructor(
    private readonly most: number,
    private readonly order: Order,
  ) {}

  add(row: Row): void {
    this.total += 1;
    this.kept.push(row);
    if (this.kept.length > 2 * this.most + 16) this.kept = [...this.rows()];
  }

  rows(): readonly Row[] {
    return firstRows(this.kept, this.order, this.most);
  }
}
