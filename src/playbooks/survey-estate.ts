import { mapConcurrently } from '../api/map-concurrently';
import type { Coriolis } from '../api/operation-context';
import { tolerateErrors } from '../api/tolerate-errors';
import { countConsecutiveFailures } from '../model/run-statistics';
import { countExpiries, pickLicencesEndingSoon, type LicenceExpiryCounts } from '../model/licence';
import { computeProgress, type Progress } from '../model/run-progress';
import type { CombinedScheduleState } from '../model/schedule';
import type { StallFacts } from '../model/stall-facts';
import { outcomeOf } from '../model/status';
import type { Deployment, Execution, MinionPool, Service, Transfer } from '../model/api-objects';
import { fetchNewestExecutions } from '../resources/execution';
import type { LastCopyFacts } from '../model/last-copy';
import { findCachedLastCopy, fetchLastCopies, makeLastCopyFacts } from '../facts/fetch-last-copies';
import { LICENSING_UNAVAILABLE_ERROR_KINDS } from '../resources/licensing/licensing-server';
import { fetchAppliances } from '../resources/licensing/appliance';
import { fetchLicences, type Licence } from '../resources/licensing/licence';
import { makeTransferOrDeploymentMatcher, type TransferOrDeploymentFilter } from '../fields/list-filters';
import { fetchAll, fetchAllWithTime, fetchPaged } from '../requests/object-requests';
import { fetchCombinedScheduleState } from '../resources/schedule';
import { findKnownErrorOfRun } from '../facts/find-known-error';
import type { KnownError } from '../model/known-errors/match-known-error';
import { fetchDiskSizes } from '../facts/run-disk-sizes';
import { fetchStallFacts } from '../facts/fetch-stall-facts';
import { fetchDeploymentRun } from '../waiting/fetch-run';
import {
  pickFirstRowsInOrder,
  isDeployment,
  lacksFreshCopy,
  TransferOrDeploymentCounts,
  MAX_STALL_LOOKUPS,
  compareNewestFirst,
  compareOldestFirst,
  type SurveyBounds,
} from './estate-counts';

/**
 * A transfer or deployment with the run that matters: of a transfer an execution, of a deployment the deployment
 * itself, or the execution that it waits for. The run is undefined when it was deleted.
 */
export interface RowWithRun {
  readonly row: Transfer | Deployment;
  readonly run: Execution | Deployment | undefined;
}

/** A running transfer or deployment with its progress; undefined when its run was deleted. */
export interface RunningRow extends RowWithRun {
  readonly progress: Progress | undefined;
}

/** A stalled transfer or deployment with the time of its last change. */
export interface StalledRow extends RunningRow {
  readonly stall: StallFacts;
}

/** A failed transfer or deployment. */
export interface FailedRow extends RowWithRun {
  /** Number of consecutive failures among the `EXECUTIONS_READ` latest executions; null for a deployment. */
  readonly consecutiveFailures: number | null;
  /** Known error of the run; undefined when none matches. */
  readonly known: KnownError | undefined;
}

/** A replica with its last usable copy and the state of its schedules; null when the schedules cannot be read. */
export type ReplicaRow = Transfer & LastCopyFacts & { readonly schedule: CombinedScheduleState | null };

/** State of all transfers, deployments, pools and workers at one moment. */
export interface EstateSurvey extends EstateSurveyOptions {
  /** Server's time, milliseconds since 1970. */
  readonly now: number;
  readonly transfers: TransferOrDeploymentCounts<Transfer>;
  readonly deployments: TransferOrDeploymentCounts<Deployment>;
  /** Running transfers and deployments that are not stalled. */
  readonly running: readonly RunningRow[];
  /** All stalled transfers and deployments that were found; their number may exceed `rows`. */
  readonly stalled: readonly StalledRow[];
  /** Number of running rows without a recent change that were not checked for a stall: see `MAX_STALL_LOOKUPS`. */
  readonly uncheckedForStall: number;
  readonly failed: readonly FailedRow[];
  /** Executed replicas without a usable copy from the period. */
  readonly staleReplicas: {
    readonly count: number;
    /** Those with the oldest copies, or without any. */
    readonly rows: readonly ReplicaRow[];
    /** Number of replicas whose copy was not looked up. */
    readonly unknown: number;
  };
  readonly poolsInError: readonly MinionPool[];
  /** Enabled workers that are not up; null when the user may not list workers. */
  readonly workersDown: readonly Service[] | null;
  /** Licences that ended or end soon; null without a licensing server. */
  readonly licences: LicenceEnds | null;
  /** Start of the period in which ended runs count, milliseconds since 1970. */
  readonly periodStart: number;
}

/** Licences of all appliances that have ended or end soon. */
export interface LicenceEnds extends LicenceExpiryCounts {
  /** Those that end soon, the next first, at most `rows`. */
  readonly ending: ReadonlyArray<Licence & { readonly appliance_id: string }>;
}

/** Options of a survey: period, filter and number of rows. */
export interface EstateSurveyOptions extends TransferOrDeploymentFilter {
  /** Length of the period in hours: ended runs of the period count, and copies from before it are stale. */
  readonly hours: number;
  /** Start of the period for ended runs, unix seconds; undefined to take `hours`. The age of copies is not affected. */
  readonly since?: number | undefined;
  /** Maximum number of rows of each kind. */
  readonly rows: number;
}

/** Number of rows in a page; 1,000 are about 1.5 MB. */
const PAGE = 1000;
/** Maximum number of rows that are looked up at the same time. */
const CONCURRENCY = 4;
/** Number of executions that are read to count consecutive failures. It is small: each comes with all its tasks. */
const EXECUTIONS_READ = 3;

/**
 * Surveys the estate, or the part of it that a filter accepts. Takes one pass over the transfers and one over the
 * deployments (a request for each 1,000), the lists of pools, workers and licences, and one request for each row that
 * is shown with progress, cause or schedule. Memory does not grow with the estate.
 */
export async function surveyEstate(coriolis: Coriolis, options: EstateSurveyOptions): Promise<EstateSurvey> {
  const unreadable = ['forbidden', 'not_found'] as const;
  const { rows: pools, date: now } = await tolerateErrors(
    fetchAllWithTime(coriolis, 'minionPool', []),
    unreadable,
    {
      rows: [],
      date: coriolis.clock(),
    },
  );
  const services = await tolerateErrors(fetchAll(coriolis, 'service'), unreadable, null);
  const freshSince = now - options.hours * 3_600_000;
  const since = options.since === undefined ? freshSince : options.since * 1000;
  const bounds: SurveyBounds = { now, since, freshSince, maxRows: options.rows };
  const isWanted = makeTransferOrDeploymentMatcher(options) ?? (() => true);
  const transfers = new TransferOrDeploymentCounts<Transfer>(bounds, (row) =>
    findCachedLastCopy(coriolis, row),
  );
  for await (const row of fetchPaged(coriolis, 'transfer', [], { pageSize: PAGE }))
    if (isWanted(row)) transfers.count(row);
  const deployments = new TransferOrDeploymentCounts<Deployment>(bounds);
  for await (const row of fetchPaged(coriolis, 'deployment', [], { pageSize: PAGE }))
    if (isWanted(row)) deployments.count(row);

  const of = (part: 'running' | 'failed') => [...transfers[part].rows(), ...deployments[part].rows()];
  const longest = [...transfers.longestUnchanged.rows(), ...deployments.longestUnchanged.rows()];
  const checked = pickFirstRowsInOrder(longest, compareOldestFirst, MAX_STALL_LOOKUPS);
  const stalled = await stalledRuns(coriolis, checked, now);
  const standing = new Set(stalled.map(({ row: { id } }) => id));
  const moving = of('running').filter(({ id }) => !standing.has(id));
  return {
    ...options,
    now,
    transfers,
    deployments,
    running: await mapConcurrently(
      pickFirstRowsInOrder(moving, compareNewestFirst, options.rows),
      CONCURRENCY,
      (row) => runningRow(coriolis, row, now),
    ),
    stalled,
    uncheckedForStall: transfers.longestUnchanged.total + deployments.longestUnchanged.total - checked.length,
    failed: await mapConcurrently(
      pickFirstRowsInOrder(of('failed'), compareNewestFirst, options.rows),
      CONCURRENCY,
      (row) => failedRow(coriolis, row),
    ),
    staleReplicas: await staleReplicas(coriolis, transfers, bounds),
    poolsInError: pools.filter(({ status }) => status === 'ERROR'),
    workersDown: services && services.filter(({ enabled, status }) => enabled && status !== 'UP'),
    licences: await findLicenceEnds(coriolis, bounds),
    periodStart: since,
  };
}

/** Finds the licences of all appliances that have ended or end soon; null without a usable licensing server. */
async function findLicenceEnds(
  coriolis: Coriolis,
  { now, maxRows }: Pick<SurveyBounds, 'now' | 'maxRows'>,
): Promise<LicenceEnds | null> {
  const find = async (): Promise<LicenceEnds> => {
    const appliances = await fetchAppliances(coriolis);
    const licences = await mapConcurrently(appliances, CONCURRENCY, async ({ id }) =>
      (await fetchLicences(coriolis, id)).map((licence) => ({ ...licence, appliance_id: id })),
    );
    const all = licences.flat();
    return { ...countExpiries(all, now), ending: pickLicencesEndingSoon(all, now).slice(0, maxRows) };
  };
  return await tolerateErrors(find(), LICENSING_UNAVAILABLE_ERROR_KINDS, null);
}

/**
 * Counts the replicas without a usable copy from the period, and returns those with the oldest copies or without any.
 */
async function staleReplicas(
  coriolis: Coriolis,
  { stale, copyUnknown: recent }: TransferOrDeploymentCounts<Transfer>,
  { now, freshSince, maxRows }: SurveyBounds,
): Promise<EstateSurvey['staleReplicas']> {
  const certain = stale.rows();
  const looked = recent.rows();
  // Replicas that are certainly stale are looked up first, so that the limit of lookups affects only the others.
  const states = await fetchLastCopies(coriolis, [...certain, ...looked]);
  const found = looked.filter((row) => {
    const state = states.get(row.id);
    return state !== undefined && lacksFreshCopy(state, freshSince);
  });
  const age = (row: Transfer): string => states.get(row.id)?.copy?.at ?? '';
  const all = [...certain, ...found].sort((one, other) => age(one).localeCompare(age(other)));
  return {
    count: stale.total + found.length,
    unknown: recent.total - looked.filter(({ id }) => states.has(id)).length,
    rows: await mapConcurrently(all.slice(0, maxRows), CONCURRENCY, async (row) => ({
      ...row,
      ...makeLastCopyFacts(states.get(row.id), now),
      schedule: await fetchCombinedScheduleState(coriolis, row.id, now),
    })),
  };
}

/** Reads the run that matters of a transfer or deployment (see `RowWithRun`). */
const decisiveRun = async (
  coriolis: Coriolis,
  row: Transfer | Deployment,
): Promise<Execution | Deployment | undefined> =>
  isDeployment(row)
    ? await tolerateErrors(fetchDeploymentRun(coriolis, row.id), ['not_found'], undefined).then(
        (look) => look?.deployer ?? look?.run,
      )
    : (await tolerateErrors(fetchNewestExecutions(coriolis, row.id, 1), ['not_found'], []))[0];

async function failedRow(coriolis: Coriolis, row: Transfer | Deployment): Promise<FailedRow> {
  const found = await failedRun(coriolis, row);
  return { ...found, row, known: await findKnownErrorOfRun(coriolis, found.run, row) };
}

async function failedRun(
  coriolis: Coriolis,
  row: Transfer | Deployment,
): Promise<Pick<FailedRow, 'run' | 'consecutiveFailures'>> {
  if (isDeployment(row)) return { run: await decisiveRun(coriolis, row), consecutiveFailures: null };
  const executions = await tolerateErrors(
    fetchNewestExecutions(coriolis, row.id, EXECUTIONS_READ),
    ['not_found'],
    [],
  );
  // Another execution may have begun since the transfers were listed, so the newest failed one is shown.
  const failed = executions.find(({ status }) => outcomeOf(status) === 'failed');
  return { run: failed ?? executions[0], consecutiveFailures: countConsecutiveFailures(executions) };
}

const runningRow = async (coriolis: Coriolis, row: Transfer | Deployment, now: number): Promise<RunningRow> =>
  await withProgress(coriolis, { row, run: await decisiveRun(coriolis, row) }, now);

async function withProgress(coriolis: Coriolis, { row, run }: RowWithRun, now: number): Promise<RunningRow> {
  const sizes = run && (await fetchDiskSizes(coriolis, run));
  return { row, run, progress: run && computeProgress(run, now, { diskSizes: sizes }) };
}

/** Finds the stalled rows among running transfers and deployments. */
async function stalledRuns(
  coriolis: Coriolis,
  rows: readonly (Transfer | Deployment)[],
  now: number,
): Promise<readonly StalledRow[]> {
  const found = await mapConcurrently(rows, CONCURRENCY, async (row) => {
    const run = await decisiveRun(coriolis, row);
    const stall = run && (await fetchStallFacts(coriolis, run, now));
    return stall === undefined || stall.stalled_seconds === null
      ? []
      : [{ ...(await withProgress(coriolis, { row, run }, now)), stall }];
  });
  return found.flat();
}
