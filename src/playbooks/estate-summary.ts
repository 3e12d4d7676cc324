import { findFailureCause } from '../model/failed-task';
import { displayNameOf } from '../model/display-texts';
import { statusOf } from '../model/status';
import { formatIsoTime } from '../model/timestamps';
import type { TransferOrDeployment, MinionPool, Transfer } from '../model/api-objects';
import { quoteText, truncate } from '../model/untrusted-text';
import { lastCopyKeys } from '../facts/fetch-last-copies';
import { endingLicenceKeys } from '../resources/licensing/licence';
import { key, view, type ResultOf } from '../vocabulary/result-keys';
import type {
  EstateSurvey,
  FailedRow,
  LicenceEnds,
  ReplicaRow,
  RowWithRun,
  RunningRow,
  StalledRow,
} from './survey-estate';
import { describeEstateProblems, countFailedRuns } from './estate-problems';
import { isDeployment } from './estate-counts';

/** Maximum number of characters of a cause. */
const CAUSE_LENGTH = 140;
/** Maximum number of characters of a name. */
const NAME_LENGTH = 60;
/** Maximum number of minion pools in error that are shown. */
const SHOWN_POOLS = 10;

const nameOf = (row: TransferOrDeployment): string => quoteText(displayNameOf(row), NAME_LENGTH);

const runKeys = {
  kind: key.text('transfer or deployment', ({ row }: RowWithRun) =>
    isDeployment(row) ? 'deployment' : 'transfer',
  ),
  id: key.text('Id of the transfer or deployment', ({ row }: RowWithRun) => row.id),
  name: key.text('Notes, else the machines', ({ row }: RowWithRun) => nameOf(row), { untrusted: true }),
  execution_id: key.text('Latest execution of a transfer; null for a deployment', executionOf, {
    nullable: true,
  }),
};

/** Keys of a run. MCP may leave out the execution id here, because a call without it takes the newest execution. */
const newestRunKeys = {
  ...runKeys,
  execution_id: key.text('Latest execution of a transfer; null for a deployment', executionOf, {
    nullable: true,
    redundant: true,
  }),
};

function executionOf({ row, run }: RowWithRun): string | null | undefined {
  return isDeployment(row) ? null : run?.id;
}

const runningKeys = {
  ...newestRunKeys,
  status: key.text('Status', ({ row, run }: RunningRow) =>
    isDeployment(row) || run === undefined ? row.last_execution_status : statusOf(run),
  ),
  percent: key.number('0 to 100', ({ progress }: RunningRow) => progress?.percent, { nullable: true }),
  eta_seconds: key.number('Estimated seconds left', ({ progress }: RunningRow) => progress?.eta_seconds, {
    nullable: true,
  }),
};

const transferKeys = {
  id: key.text('Transfer id'),
  name: key.text('Notes, else the machines', nameOf, { untrusted: true }),
};

/** Cause of a failure in one line: the failing task and its known error or error text. */
function causeLine({ row, run, known }: FailedRow): string {
  const cause = findFailureCause(run?.tasks ?? []);
  if (cause === null) return `No task shows why; the status is ${row.last_execution_status}.`;
  return truncate(
    `${cause.task.task_type}: ${known?.title ?? cause.text?.textToShow ?? 'it left no text'}`,
    CAUSE_LENGTH,
  );
}

/** Result view of the summary of all transfers, deployments, pools and workers. */
export const estateSummaryView = view<EstateSurvey>()({
  as_of: key.time('Time of this result, by the server’s clock', ({ now }: EstateSurvey) =>
    formatIsoTime(now),
  ),
  transfers: key.number('Transfers in all', ({ transfers }: EstateSurvey) => transfers.total),
  transfers_by_status: key.json(
    'Status of the latest execution to number of transfers',
    ({ transfers }: EstateSurvey) => Object.fromEntries(transfers.statuses),
  ),
  transfers_by_scenario: key.json(
    'replica or live_migration to number of transfers',
    ({ transfers }: EstateSurvey) => Object.fromEntries(transfers.scenarios),
  ),
  deployments: key.number('Deployments in all', ({ deployments }: EstateSurvey) => deployments.total),
  deployments_by_status: key.json('Status to number of deployments', ({ deployments }: EstateSurvey) =>
    Object.fromEntries(deployments.statuses),
  ),
  running_count: key.number(
    'Transfers and deployments at work',
    ({ transfers, deployments }: EstateSurvey) => transfers.running.total + deployments.running.total,
  ),
  running: key.rows('Latest transfers and deployments at work, without the stalled ones', runningKeys),
  stalled_count: key.number(
    'Stalled runs, among those without a change for longest',
    ({ stalled }: EstateSurvey) => stalled.length,
  ),
  stalled: key.rows(
    'Some of the stalled runs',
    {
      ...runKeys,
      percent: key.number('0 to 100', ({ progress }: StalledRow) => progress?.percent, { nullable: true }),
      since: key.time('Last change', ({ stall }: StalledRow) => stall.last_progress_at, { nullable: true }),
    },
    ({ stalled, rows }: EstateSurvey) => stalled.slice(0, rows),
  ),
  failed_count: key.number(
    'Transfers and deployments that failed in the period and are not at work again',
    countFailedRuns,
  ),
  failed: key.rows('Latest failures', {
    ...newestRunKeys,
    finished_at: key.time('Time of the failure', ({ row }: RowWithRun) => row.updated_at, { nullable: true }),
    cause: key.text('Known error, else the failing task and its error text', causeLine, { untrusted: true }),
    in_a_row: key.number(
      'Failed executions in a row, 2 or 3 and more; null for the first and for a deployment',
      ({ consecutiveFailures }: FailedRow) =>
        consecutiveFailures !== null && consecutiveFailures > 1 ? consecutiveFailures : null,
      { nullable: true },
    ),
  }),
  completed_count: key.number(
    'Transfers and deployments that completed in the period',
    ({ transfers, deployments }: EstateSurvey) => transfers.completed + deployments.completed,
  ),
  never_executed_count: key.number(
    'Transfers that were never executed',
    ({ transfers }: EstateSurvey) => transfers.neverRun.total,
  ),
  never_executed: key.rows(
    'Newest transfers that were never executed',
    {
      ...transferKeys,
      scenario: key.text('Scenario', ({ scenario }: Transfer) => scenario, { nullable: true }),
    },
    ({ transfers }: EstateSurvey) => transfers.neverRun.rows(),
  ),
  stale_count: key.number(
    'Executed replicas without a usable copy from the period; a lower limit while copies_not_looked_up is not 0',
    ({ staleReplicas: stale }: EstateSurvey) => stale.count,
  ),
  stale: key.rows(
    'Replicas with the oldest copies or none',
    {
      ...transferKeys,
      finished_at: key.time('Last change of the transfer', ({ updated_at: at }: ReplicaRow) => at, {
        nullable: true,
        redundant: true,
      }),
      ...lastCopyKeys,
      schedule: key.text('State of the schedules of the transfer: enabled, expired, disabled or none', {
        nullable: true,
      }),
    },
    ({ staleReplicas: stale }: EstateSurvey) => stale.rows,
  ),
  copies_not_looked_up: key.number(
    'Replicas that changed in the period and whose copy was not looked up; call again to look up more',
    ({ staleReplicas: stale }: EstateSurvey) => stale.unknown,
  ),
  pools_in_error: key.rows(
    'Minion pools in error',
    {
      id: key.text('Pool id'),
      name: key.text('Name', ({ name }: MinionPool) => quoteText(name, NAME_LENGTH), { untrusted: true }),
    },
    ({ poolsInError }: EstateSurvey) => poolsInError.slice(0, SHOWN_POOLS),
  ),
  workers_down: key.texts(
    'Hosts of enabled workers that are not up; null when the user may not see workers',
    ({ workersDown }: EstateSurvey) =>
      workersDown &&
      workersDown.map(({ host, status }) => `${quoteText(host, NAME_LENGTH)} (${quoteText(status, 20)})`),
    { nullable: true },
  ),
  licences: key.object(
    'Licences that ended or end within 30 days; null when none does, or without a licensing server',
    {
      expired: key.number('Those that have ended'),
      ending_soon: key.number('Those that end within 30 days', ({ endingSoon }: LicenceEnds) => endingSoon),
      ending: key.rows('The next of them', {
        ...endingLicenceKeys,
        appliance_id: key.text('Appliance', { redundant: true }),
      }),
    },
    ({ licences }: EstateSurvey) =>
      licences === null || licences.expired + licences.endingSoon === 0 ? null : licences,
    { nullable: true },
  ),
  attention: key.texts('What to look at first, in this order', describeEstateProblems),
});

export type EstateSummary = ResultOf<typeof estateSummaryView>;
