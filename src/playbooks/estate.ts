import { concurrently } from '../api/concurrently';
import type { Coriolis } from '../api/coriolis';
import { findCause } from '../model/failure';
import { matchKnownError } from '../model/known-errors';
import { countNoun, transferName } from '../model/names';
import { computeProgress } from '../model/progress';
import { isActive, outcomeOf, statusOf } from '../model/status';
import { MIN_STALL_SECONDS } from '../model/stall';
import { formatIso, parseServerTime } from '../model/timestamps';
import type { Action, Deployment, Execution, Transfer } from '../model/types';
import { truncate, quoteText } from '../model/untrusted';
import type { CopyState } from '../model/last-copy';
import { latestExecutions } from '../resources/execution';
import {
  knownLastCopy,
  findLastCopies,
  lastCopyFacts,
  lastCopyKeys,
  MAX_COPY_LOOKUPS,
} from '../resources/last-copies';
import { fetchAll, fetchAllDated, fetchPaged } from '../resources/objects';
import { findDiskSizes } from '../resources/run-facts';
import { computeStallByHistory } from '../resources/run-stall';
import { key } from '../vocabulary/result-keys';
import type { OutputOf } from '../vocabulary/result-keys';
import { fetchDeploymentRun } from '../waiting/fetched-run';
import { tolerate } from '../api/tolerate';

const runRow = {
  kind: key.text('transfer or deployment'),
  id: key.text('Its id'),
  name: key.text('Notes, else the machines', { untrusted: true }),
  execution_id: key.text('The execution, of a transfer', { nullable: true }),
};

export const estateShape = {
  as_of: key.time('Now, by the server’s clock'),
  transfers: key.number('Transfers in all'),
  transfers_by_status: key.json('Status of the latest execution to number of transfers'),
  transfers_by_scenario: key.json('replica or live_migration to number of transfers'),
  deployments: key.number('Deployments in all'),
  deployments_by_status: key.json('Status to number of deployments'),
  running_count: key.number('Transfers and deployments at work'),
  running: key.rows('The latest of them', {
    ...runRow,
    status: key.text('Status'),
    percent: key.number('0 to 100', { nullable: true }),
    eta_seconds: key.number('Estimated seconds left', { nullable: true }),
  }),
  stalled_count: key.number('Those that stand still, of the longest unchanged'),
  stalled: key.rows('Some of them', { ...runRow, since: key.time('Last change', { nullable: true }) }),
  failed_count: key.number(
    'Transfers and deployments that failed within the hours and are not at work again',
  ),
  failed: key.rows('The latest of them', {
    ...runRow,
    finished_at: key.time('When', { nullable: true }),
    cause: key.text('Known error, else the failing task and its words', { untrusted: true }),
  }),
  never_executed_count: key.number('Transfers that were never executed'),
  never_executed: key.rows('The newest of them', {
    id: key.text('Transfer id'),
    name: key.text('Notes, else the machines', { untrusted: true }),
  }),
  stale_count: key.number('Executed replicas without a usable copy from within the hours'),
  stale: key.rows('Those with the oldest copies or none', {
    id: key.text('Transfer id'),
    name: key.text('Notes, else the machines', { untrusted: true }),
    finished_at: key.time('Last change of the transfer', { nullable: true }),
    ...lastCopyKeys,
  }),
  copies_not_looked_up: key.number(
    'Replicas that changed within the hours and whose copy was not looked up; call again to look at more',
  ),
  pools_in_error: key.rows('Minion pools in error', {
    id: key.text('Pool id'),
    name: key.text('Name', { untrusted: true }),
  }),
  workers_down: key.texts(
    'Hosts of enabled workers that are not up; null when the user may not see workers',
    {
      nullable: true,
    },
  ),
  attention: key.texts('What to look at first, in this order'),
};

/** Summary of all transfers, deployments, pools and workers. */
export type EstateSummary = OutputOf<typeof estateShape>;

export interface SurveyOptions {
  /** Period for recent failures, in hours. */
  readonly hours: number;
  /** Maximum number of rows of each kind. */
  readonly rows: number;
}

/** Rows per request; 1,000 are about 1.5 MB. */
const PAGE = 1000;
const CONCURRENCY = 4;
const CAUSE_LENGTH = 140;
const NAME_LENGTH = 60;
const SHOWN_POOLS = 10;
/** Maximum number of running transfers and deployments that are checked for a stall, the longest unchanged first. */
const MAX_STALL_LOOKUPS = 20;

/**
 * Summarises the estate: one pass over the transfers and one over the deployments (a request for each 1,000), the
 * pools, the workers, and one request for each row shown with progress or cause. Memory does not grow with the estate.
 */
export async function surveyEstate(coriolis: Coriolis, options: SurveyOptions): Promise<EstateSummary> {
  const unreadable = ['forbidden', 'not_found'] as const;
  const { rows: pools, date: now } = await tolerate(fetchAllDated(coriolis, 'minionPool'), unreadable, {
    rows: [],
    date: coriolis.clock(),
  });
  const services = await tolerate(fetchAll(coriolis, 'service'), unreadable, null);
  const since = now - options.hours * 3_600_000;
  const transfers = new KindSummary<Transfer>(since, now, options.rows, (row) =>
    knownLastCopy(coriolis, row),
  );
  for await (const row of fetchPaged(coriolis, 'transfer', [], { pageSize: PAGE })) transfers.count(row);
  const deployments = new KindSummary<Deployment>(since, now, options.rows);
  for await (const row of fetchPaged(coriolis, 'deployment', [], { pageSize: PAGE })) deployments.count(row);

  const of = (part: 'running' | 'failed') =>
    first([...transfers[part].rows(), ...deployments[part].rows()], newestFirst, options.rows);
  const running = await concurrently(of('running'), CONCURRENCY, (row) => runningRow(coriolis, row, now));
  const longest = [...transfers.longest.rows(), ...deployments.longest.rows()];
  const stalled = await stalledRuns(coriolis, first(longest, oldestFirst, MAX_STALL_LOOKUPS), now);
  const failed = await concurrently(of('failed'), CONCURRENCY, (row) => failedRow(coriolis, row));
  const inError = pools.filter(({ status }) => status === 'ERROR');
  const stale = await staleReplicas(coriolis, transfers, options.rows, since);
  const summary = {
    as_of: formatIso(now),
    transfers: transfers.total,
    transfers_by_status: Object.fromEntries(transfers.statuses),
    transfers_by_scenario: Object.fromEntries(transfers.scenarios),
    deployments: deployments.total,
    deployments_by_status: Object.fromEntries(deployments.statuses),
    running_count: transfers.running.total + deployments.running.total,
    running,
    stalled_count: stalled.length,
    stalled: stalled.slice(0, options.rows).map(({ row }) => row),
    failed_count: transfers.failed.total + deployments.failed.total,
    failed,
    never_executed_count: transfers.neverRun.total,
    never_executed: transfers.neverRun.rows().map(named),
    stale_count: stale.count,
    stale: stale.rows.map(({ row, state }) => ({
      ...named(row),
      finished_at: row.updated_at,
      ...lastCopyFacts(state, now),
    })),
    copies_not_looked_up: stale.unknown,
    pools_in_error: inError
      .slice(0, SHOWN_POOLS)
      .map(({ id, name }) => ({ id, name: quoteText(name, NAME_LENGTH) })),
    workers_down:
      services === null
        ? null
        : services
            .filter(({ enabled, status }) => enabled && status !== 'UP')
            .map(({ host, status }) => `${quoteText(host, NAME_LENGTH)} (${quoteText(status, 20)})`),
  };
  const endless = stalled.filter(({ isDone }) => isDone).length;
  return { ...summary, attention: attention(summary, endless, options.hours) };
}

/** Counts of one kind of object, and the newest running and failed ones. */
class KindSummary<Row extends Transfer | Deployment> {
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

  /** @param knownCopy what is known of the copy of a replica without a request */
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

  /** Counts a running object. One whose status is old may be stalled, which only its tasks show. */
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

/** Replicas without a usable copy from within the period; those with the oldest copies or none, as many as are shown. */
async function staleReplicas(
  coriolis: Coriolis,
  { stale, changed: recent }: KindSummary<Transfer>,
  shown: number,
  since: number,
): Promise<{
  count: number;
  unknown: number;
  rows: readonly { row: Transfer; state: CopyState | undefined }[];
}> {
  const certain = stale.rows();
  const looked = recent.rows();
  // Rows that are shown come first, so that the limit leaves out others.
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
    rows: all.slice(0, shown).map((row) => ({ row, state: states.get(row.id) })),
  };
}

const increment = (counts: Map<string, number>, key: string): void => {
  counts.set(key, (counts.get(key) ?? 0) + 1);
};

const isDeployment = (row: Transfer | Deployment): row is Deployment => 'transfer_id' in row;

const changed = ({ updated_at, created_at }: Action): string => updated_at ?? created_at;

type Order = (one: Action, other: Action) => number;

const oldestFirst: Order = (one, other) => changed(one).localeCompare(changed(other));
const newestFirst: Order = (one, other) => oldestFirst(other, one);

/** Orders replicas by the need to look up their copies: those that did not complete, then the longest unchanged. */
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

const named = (row: Action) => ({ id: row.id, name: quoteText(transferName(row), NAME_LENGTH) });

const latestRun = async (
  coriolis: Coriolis,
  row: Transfer | Deployment,
): Promise<Execution | Deployment | undefined> =>
  isDeployment(row)
    ? await tolerate(fetchDeploymentRun(coriolis, row.id), ['not_found'], undefined).then(
        (look) => look?.deployer ?? look?.run,
      )
    : (await tolerate(latestExecutions(coriolis, row.id, 1), ['not_found'], []))[0];

const rowOf = (row: Transfer | Deployment, run: Execution | Deployment | undefined) => ({
  kind: isDeployment(row) ? 'deployment' : 'transfer',
  ...named(row),
  execution_id: isDeployment(row) || run === undefined ? null : run.id,
});

async function runningRow(coriolis: Coriolis, row: Transfer | Deployment, now: number) {
  const run = await latestRun(coriolis, row);
  const progress =
    run === undefined ? undefined : computeProgress(run, now, { sizes: await findDiskSizes(coriolis, run) });
  return {
    ...rowOf(row, run),
    status: isDeployment(row) || run === undefined ? row.last_execution_status : statusOf(run),
    percent: progress?.percent ?? null,
    eta_seconds: progress?.eta_seconds ?? null,
  };
}

/** Finds the stalled runs among these, and whether all tasks of each have ended. */
async function stalledRuns(coriolis: Coriolis, rows: readonly (Transfer | Deployment)[], now: number) {
  const found = await concurrently(rows, CONCURRENCY, async (row) => {
    const run = await latestRun(coriolis, row);
    const stall = run && (await computeStallByHistory(coriolis, run, now));
    if (stall === undefined || stall.stalled_seconds === null) return [];
    return { row: { ...rowOf(row, run), since: stall.last_progress_at }, isDone: stall.all_tasks_done };
  });
  return found.flat();
}

async function failedRow(coriolis: Coriolis, row: Transfer | Deployment) {
  const run = await latestRun(coriolis, row);
  return { ...rowOf(row, run), finished_at: row.updated_at, cause: causeLine(row, run) };
}

/** The cause of a failure in one line; a diagnosis has the details. */
function causeLine(row: Transfer | Deployment, run: Execution | Deployment | undefined): string {
  const cause = findCause(run?.tasks ?? []);
  if (cause === null) return `No task tells; the status is ${row.last_execution_status}.`;
  const { task_type: taskType, status: taskStatus } = cause.task;
  const known = cause.text === null ? undefined : matchKnownError(cause.text, { taskType, taskStatus });
  return truncate(`${taskType}: ${known?.title ?? cause.text?.shown ?? 'it left no text'}`, CAUSE_LENGTH);
}

function attention(
  summary: Pick<
    EstateSummary,
    | 'stalled_count'
    | 'failed_count'
    | 'never_executed_count'
    | 'stale_count'
    | 'pools_in_error'
    | 'workers_down'
  >,
  endless: number,
  hours: number,
): readonly string[] {
  const down = summary.workers_down?.length ?? 0;
  const pools = summary.pools_in_error.length;
  return [
    ...(down === 0
      ? []
      : [`${countNoun(down, 'worker')} down: endpoints that only they reach cannot be used.`]),
    ...(endless === 0
      ? []
      : [`${endless} still running after all tasks have ended: cancel without force to free the transfer.`]),
    ...(summary.stalled_count === endless
      ? []
      : [`${summary.stalled_count - endless} running without any change: diagnose, then wait or cancel.`]),
    ...(summary.failed_count === 0
      ? []
      : [`${summary.failed_count} failed within ${hours} h: diagnose before the next run.`]),
    ...(pools === 0 ? [] : [`${countNoun(pools, 'minion pool')} in error: deallocate and allocate again.`]),
    ...(summary.never_executed_count === 0
      ? []
      : [`${countNoun(summary.never_executed_count, 'transfer')} never executed: nothing is copied yet.`]),
    ...(summary.stale_count === 0
      ? []
      : [`${countNoun(summary.stale_count, 'replica')} without a usable copy from the last ${hours} h.`]),
  ];
}
