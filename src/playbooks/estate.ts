import { concurrently } from '../api/concurrently';
import type { Coriolis } from '../api/coriolis';
import { computeProgress, type Progress } from '../model/progress';
import { isActive, outcomeOf } from '../model/status';
import { MIN_STALL_SECONDS, type StallFacts } from '../model/stall';
import { parseServerTime } from '../model/timestamps';
import type { Action, Deployment, Execution, MinionPool, Service, Transfer } from '../model/types';
import type { CopyState } from '../model/last-copy';
import { latestExecutions } from '../resources/execution';
import {
  cachedLastCopy,
  findLastCopies,
  lastCopyFacts,
  MAX_COPY_LOOKUPS,
  type LastCopyFacts,
} from '../resources/last-copies';
import { fetchAll, fetchAllDated, fetchPaged } from '../resources/objects';
import { findDiskSizes } from '../resources/run-facts';
import { computeStallByHistory } from '../resources/run-stall';
import { fetchDeploymentRun } from '../waiting/fetched-run';
import { tolerate } from '../api/tolerate';

/** A transfer or deployment with its latest run, if the server still has it. */
export interface RowOfRun {
  readonly row: Transfer | Deployment;
  readonly run: Execution | Deployment | undefined;
}

export interface RunningRow extends RowOfRun {
  readonly progress: Progress | undefined;
}

export interface StalledRow extends RowOfRun {
  readonly stall: StallFacts;
}

/** A replica with its last usable copy. */
export type ReplicaRow = Transfer & LastCopyFacts;

/** State of all transfers, deployments, pools and workers at one moment. */
export interface EstateSurvey extends SurveyOptions {
  /** Server's time, milliseconds since 1970. */
  readonly now: number;
  readonly transfers: KindSummary<Transfer>;
  readonly deployments: KindSummary<Deployment>;
  readonly running: readonly RunningRow[];
  /** All stalled runs that were found, not only the first rows. */
  readonly stalled: readonly StalledRow[];
  readonly failed: readonly RowOfRun[];
  readonly stale: {
    readonly count: number;
    readonly rows: readonly ReplicaRow[];
    /** Number of replicas whose copy was not looked up. */
    readonly unknown: number;
  };
  readonly poolsInError: readonly MinionPool[];
  /** Enabled workers that are not up; null when the user may not list workers. */
  readonly workersDown: readonly Service[] | null;
}

export interface SurveyOptions {
  /** Period for recent failures, in hours. */
  readonly hours: number;
  /** Maximum number of rows of each kind. */
  readonly rows: number;
}

/** Rows per request; 1,000 are about 1.5 MB. */
const PAGE = 1000;
const CONCURRENCY = 4;
/**
 * Maximum number of running transfers and deployments that are checked for a stall; those unchanged for longest come
 * first.
 */
const MAX_STALL_LOOKUPS = 20;

/**
 * Surveys the estate: one pass over the transfers and one over the deployments (a request for each 1,000), the pools,
 * the workers, and one request for each row shown with progress or cause. Memory use does not grow with the estate.
 */
export async function surveyEstate(coriolis: Coriolis, options: SurveyOptions): Promise<EstateSurvey> {
  const unreadable = ['forbidden', 'not_found'] as const;
  const { rows: pools, date: now } = await tolerate(fetchAllDated(coriolis, 'minionPool'), unreadable, {
    rows: [],
    date: coriolis.clock(),
  });
  const services = await tolerate(fetchAll(coriolis, 'service'), unreadable, null);
  const since = now - options.hours * 3_600_000;
  const transfers = new KindSummary<Transfer>(since, now, options.rows, (row) =>
    cachedLastCopy(coriolis, row),
  );
  for await (const row of fetchPaged(coriolis, 'transfer', [], { pageSize: PAGE })) transfers.count(row);
  const deployments = new KindSummary<Deployment>(since, now, options.rows);
  for await (const row of fetchPaged(coriolis, 'deployment', [], { pageSize: PAGE })) deployments.count(row);

  const of = (part: 'running' | 'failed') =>
    first([...transfers[part].rows(), ...deployments[part].rows()], newestFirst, options.rows);
  const longest = [...transfers.longest.rows(), ...deployments.longest.rows()];
  const stalled = await stalledRuns(coriolis, first(longest, oldestFirst, MAX_STALL_LOOKUPS), now);
  const standing = new Set(stalled.map(({ row: { id } }) => id));
  const running = await concurrently(of('running'), CONCURRENCY, (row) => runningRow(coriolis, row, now));
  return {
    ...options,
    now,
    transfers,
    deployments,
    // A stalled run has no estimated end.
    running: running.map((one) =>
      one.progress === undefined || !standing.has(one.row.id)
        ? one
        : { ...one, progress: { ...one.progress, eta_seconds: null } },
    ),
    stalled,
    failed: await concurrently(of('failed'), CONCURRENCY, (row) => withLatestRun(coriolis, row)),
    stale: await staleReplicas(coriolis, transfers, options.rows, since, now),
    poolsInError: pools.filter(({ status }) => status === 'ERROR'),
    workersDown: services && services.filter(({ enabled, status }) => enabled && status !== 'UP'),
  };
}

/** Counts of one kind of object, and the newest running and failed ones. */
export class KindSummary<Row extends Transfer | Deployment> {
  total = 0;
  readonly statuses = new Map<string, number>();
  readonly scenarios = new Map<string, number>();
  readonly running: TopRows<Row>;
  /** Running objects whose status has been unchanged for longest. */
  readonly longest: TopRows<Row>;
  readonly failed: TopRows<Row>;
  readonly neverRun: TopRows<Row>;
  /** Replicas without a change within the period, so that their copies are older than the period. */
  readonly stale: TopRows<Row>;
  /** Replicas with a change within the period: the age of their copies needs a request. */
  readonly changed: TopRows<Row>;

  /** @param knownCopy copy of a replica that is known without a request */
  constructor(
    private readonly since: number,
    private readonly now: number,
    rows: number,
    private readonly knownCopy: (row: Row) => CopyState | undefined = () => undefined,
  ) {
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
    else if (status === 'UNEXECUTED') this.neverRun.add(row);
    else if (outcomeOf(status) !== undefined) this.countEnded(row);
  }

  /** Counts a running object. When its status is old the run may be stalled, which only its tasks show. */
  private countRunning(row: Row): void {
    this.running.add(row);
    const isOld = this.now - (parseServerTime(changed(row)) ?? 0) > MIN_STALL_SECONDS * 1000;
    if (isOld && isActive(row.last_execution_status)) this.longest.add(row);
  }

  private countEnded(row: Row): void {
    const isRecent = (parseServerTime(row.updated_at) ?? 0) >= this.since;
    if (isRecent && outcomeOf(row.last_execution_status) === 'failed') this.failed.add(row);
  }

  /**
   * Counts the copy of a transfer. Live migrations are never stale; transfers that were never executed are counted
   * apart.
   */
  private countCopy(row: Row & Transfer): void {
    if (row.scenario === 'live_migration' || row.last_execution_status === 'UNEXECUTED') return;
    const known = this.knownCopy(row);
    if ((parseServerTime(row.updated_at) ?? 0) < this.since) this.stale.add(row);
    else if (known === undefined) this.changed.add(row);
    else if (isStale(known, this.since)) this.stale.add(row);
  }
}

const isStale = ({ copy }: CopyState, since: number): boolean =>
  copy === null || (parseServerTime(copy.at) ?? 0) < since;

/**
 * Replicas without a usable copy from within the period; those with the oldest copies or none first, limited to the
 * shown rows.
 */
async function staleReplicas(
  coriolis: Coriolis,
  { stale, changed: recent }: KindSummary<Transfer>,
  shown: number,
  since: number,
  now: number,
): Promise<EstateSurvey['stale']> {
  const certain = stale.rows();
  const looked = recent.rows();
  // Shown rows are looked up first, so that the limit affects only the others.
  const states = await findLastCopies(coriolis, [...certain, ...looked]);
  const found = looked.filter((row) => {
    const state = states.get(row.id);
    return state !== undefined && isStale(state, since);
  });
  const age = (row: Transfer): string => states.get(row.id)?.copy?.at ?? '';
  const all = [...certain, ...found].sort((one, other) => age(one).localeCompare(age(other)));
  return {
    count: stale.total + found.length,
    unknown: recent.total - looked.filter(({ id }) => states.has(id)).length,
    rows: all.slice(0, shown).map((row) => ({ ...row, ...lastCopyFacts(states.get(row.id), now) })),
  };
}

const increment = (counts: Map<string, number>, key: string): void => {
  counts.set(key, (counts.get(key) ?? 0) + 1);
};

export const isDeployment = (row: Transfer | Deployment): row is Deployment => 'transfer_id' in row;

const changed = ({ updated_at, created_at }: Action): string => updated_at ?? created_at;

type Order = (one: Action, other: Action) => number;

const oldestFirst: Order = (one, other) => changed(one).localeCompare(changed(other));
const newestFirst: Order = (one, other) => oldestFirst(other, one);

/** Orders replicas for copy lookups: those whose last run did not complete first, then those unchanged for longest. */
const doubtfulFirst: Order = (one, other) =>
  Number(isCompleted(one)) - Number(isCompleted(other)) || oldestFirst(one, other);
const isCompleted = ({ last_execution_status: status }: Action): boolean => outcomeOf(status) === 'completed';

const first = <Row extends Action>(rows: readonly Row[], order: Order, most: number): readonly Row[] =>
  [...rows].sort(order).slice(0, most);

/** The first rows in an order, up to a limit, and the number of all rows. */
class TopRows<Row extends Action> {
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
    return first(this.kept, this.order, this.most);
  }
}

const latestRun = async (
  coriolis: Coriolis,
  row: Transfer | Deployment,
): Promise<Execution | Deployment | undefined> =>
  isDeployment(row)
    ? await tolerate(fetchDeploymentRun(coriolis, row.id), ['not_found'], undefined).then(
        (look) => look?.deployer ?? look?.run,
      )
    : (await tolerate(latestExecutions(coriolis, row.id, 1), ['not_found'], []))[0];

const withLatestRun = async (coriolis: Coriolis, row: Transfer | Deployment): Promise<RowOfRun> => ({
  row,
  run: await latestRun(coriolis, row),
});

async function runningRow(coriolis: Coriolis, row: Transfer | Deployment, now: number): Promise<RunningRow> {
  const run = await latestRun(coriolis, row);
  const sizes = run && (await findDiskSizes(coriolis, run));
  return { row, run, progress: run && computeProgress(run, now, { sizes }) };
}

/** Finds the stalled runs among these. */
async function stalledRuns(
  coriolis: Coriolis,
  rows: readonly (Transfer | Deployment)[],
  now: number,
): Promise<readonly StalledRow[]> {
  const found = await concurrently(rows, CONCURRENCY, async (row) => {
    const run = await latestRun(coriolis, row);
    const stall = run && (await computeStallByHistory(coriolis, run, now));
    return stall === undefined || stall.stalled_seconds === null ? [] : [{ row, run, stall }];
  });
  return found.flat();
}
