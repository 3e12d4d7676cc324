import type { CopyState } from '../model/last-copy';
import { MIN_STALL_SECONDS } from '../model/stall-facts';
import { isActive, outcomeOf } from '../model/status';
import { parseServerTime } from '../model/timestamps';
import type { TransferOrDeployment, Deployment, Transfer } from '../model/api-objects';
import { MAX_COPY_LOOKUPS } from '../facts/fetch-last-copies';
import { ORPHAN_AFTER_MS } from '../waiting/wait-target';

/** Maximum number of running transfers and deployments that are checked for a stall: those unchanged for longest. */
export const MAX_STALL_LOOKUPS = 20;

/** Bounds of a survey of the estate. Times are milliseconds since 1970 on the server's clock. */
export interface SurveyBounds {
  readonly now: number;
  /** Runs that ended before this time do not count. */
  readonly since: number;
  /** Copies older than this time are stale. */
  readonly freshSince: number;
  /** Maximum number of rows of each kind. */
  readonly maxRows: number;
}

/** Counts of the transfers, or of the deployments, of the estate, with the rows that need attention. */
export class TransferOrDeploymentCounts<Row extends Transfer | Deployment> {
  total = 0;
  /** Number of those that completed within the period. */
  completed = 0;
  /** Number of rows by status. */
  readonly statuses = new Map<string, number>();
  /** Number of transfers by scenario. */
  readonly scenarios = new Map<string, number>();
  readonly running: TopRows<Row>;
  /** Running rows that have been unchanged for longest. */
  readonly longestUnchanged: TopRows<Row>;
  readonly failed: TopRows<Row>;
  readonly neverRun: TopRows<Row>;
  /** Replicas whose last usable copy is known to be stale. */
  readonly stale: TopRows<Row>;
  /** Replicas that changed since `freshSince` and whose copy is not cached: the age of the copy needs a request. */
  readonly copyUnknown: TopRows<Row>;

  /** @param knownCopy last copy of a replica from the cache; undefined when it must be requested */
  constructor(
    private readonly bounds: SurveyBounds,
    private readonly knownCopy: (row: Row) => CopyState | undefined = () => undefined,
  ) {
    const { maxRows } = bounds;
    this.running = new TopRows(maxRows, compareNewestFirst);
    this.longestUnchanged = new TopRows(MAX_STALL_LOOKUPS, compareOldestFirst);
    this.failed = new TopRows(maxRows, compareNewestFirst);
    this.neverRun = new TopRows(maxRows, compareNewestFirst);
    this.stale = new TopRows(maxRows, compareOldestFirst);
    this.copyUnknown = new TopRows(MAX_COPY_LOOKUPS, doubtfulFirst);
  }

  /** Adds a row to all counts and lists that it belongs to. */
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

  /** Counts a running row. A row that has not changed for long may be stalled, so its tasks are read later. */
  private countRunning(row: Row): void {
    this.running.add(row);
    const isOld = this.bounds.now - (parseServerTime(changedAt(row)) ?? 0) > MIN_STALL_SECONDS * 1000;
    if (isOld && isActive(row.last_execution_status)) this.longestUnchanged.add(row);
  }

  /**
   * Counts a row that never ran. For a deployment this means that the server stored it and then refused to run it
   * (docs/reference/coriolis-api.md §17, trap 32). Only deployments of the period count.
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
   * Counts the copy of a transfer. Live migrations never count as stale, and transfers that were never executed are
   * counted in `neverRun`.
   */
  private countCopy(row: Row & Transfer): void {
    if (row.scenario === 'live_migration' || row.last_execution_status === 'UNEXECUTED') return;
    const { freshSince } = this.bounds;
    const known = this.knownCopy(row);
    if ((parseServerTime(row.updated_at) ?? 0) < freshSince) this.stale.add(row);
    else if (known === undefined) this.copyUnknown.add(row);
    else if (lacksFreshCopy(known, freshSince)) this.stale.add(row);
  }
}

/** Whether a replica has no usable copy, or one from before `freshSince`. */
export const lacksFreshCopy = ({ copy }: CopyState, freshSince: number): boolean =>
  copy === null || (parseServerTime(copy.at) ?? 0) < freshSince;

const increment = (counts: Map<string, number>, key: string): void => {
  counts.set(key, (counts.get(key) ?? 0) + 1);
};

/** Whether a row is a deployment, not a transfer. */
export const isDeployment = (row: Transfer | Deployment): row is Deployment => 'transfer_id' in row;

/** Time of a row's last change, else of its creation. */
const changedAt = ({ updated_at, created_at }: TransferOrDeployment): string => updated_at ?? created_at;

type Order = (one: TransferOrDeployment, other: TransferOrDeployment) => number;

export const compareOldestFirst: Order = (one, other) => changedAt(one).localeCompare(changedAt(other));
export const compareNewestFirst: Order = (one, other) => compareOldestFirst(other, one);

/**
 * Order in which copies are looked up: first replicas whose latest execution did not complete, then the oldest change.
 */
const doubtfulFirst: Order = (one, other) =>
  Number(isCompleted(one)) - Number(isCompleted(other)) || compareOldestFirst(one, other);
const isCompleted = ({ last_execution_status: status }: TransferOrDeployment): boolean =>
  outcomeOf(status) === 'completed';

/** Returns the first `limit` rows in an order. */
export const pickFirstRowsInOrder = <Row extends TransferOrDeployment>(
  rows: readonly Row[],
  order: Order,
  limit: number,
): readonly Row[] => [...rows].sort(order).slice(0, limit);

/** Collects the first `limit` rows in an order, and counts all rows. Memory does not grow with the number of rows. */
class TopRows<Row extends TransferOrDeployment> {
  total = 0;
  private kept: Row[] = [];

  constructor(
    private readonly limit: number,
    private readonly order: Order,
  ) {}

  add(row: Row): void {
    this.total += 1;
    this.kept.push(row);
    if (this.kept.length > 2 * this.limit + 16) this.kept = [...this.rows()];
  }

  rows(): readonly Row[] {
    return pickFirstRowsInOrder(this.kept, this.order, this.limit);
  }
}
