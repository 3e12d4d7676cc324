import { describeSchedule, computeNextRunTimes } from '../../model/schedule';
import { isFinal, purposeOf } from '../../model/status';
import { formatIsoTime, parseServerTime } from '../../model/timestamps';
import type { Deployment, Execution, Schedule, Transfer } from '../../model/api-objects';
import { number } from '../../vocabulary/field-constructors';
import { makeCursorPart } from '../cursor';
import { defineEvent, type EventPollResult } from '../define-event';
import { NO_EVENT_DETAILS, type EventDraft } from '../event-view';
import { acceptsTransfer, type EventFilter } from '../event-filter';
import { requestChangedRows } from '../request-changed-rows';
import { makeTransferOrDeploymentEventName, makeTransferProperties } from '../event-parts';
import { continueTransferScan, scanPositionCodec, type ScanPosition } from '../transfer-scan';
import { requestRows, type WatchSteps } from '../watch-steps';
import { endTimeOf, hasStarted, requestExecutionsUntil, startTimeOf } from '../request-executions';

/** A scheduled run that did not start. */
interface MissedRun {
  readonly transfer: Transfer;
  readonly schedule: Schedule;
  /** Planned start, milliseconds since 1970. */
  readonly plannedAt: number;
  /** The execution that was active at the planned time, or that the server refused; undefined when there is none. */
  readonly execution: Execution | undefined;
  /**
   * Reason of the miss:
   * - `execution`, `deployment`: one of the transfer was active;
   * - `refused`: the server created an execution and refused to run it;
   * - `unknown`: the server shows no reason.
   */
  readonly reason: 'execution' | 'deployment' | 'refused' | 'unknown';
}

/** A planned time without a sync, before the deployments of the transfer are considered. */
interface Candidate extends MissedRun {
  /**
   * Whether the planned execution may have started and been deleted: the transfer changed since, and no execution shows
   * why.
   */
  readonly isDoubtful: boolean;
}

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/**
 * Milliseconds by which an execution may start before its planned time, because the clocks of Coriolis' scheduler and
 * conductor may differ.
 */
const EARLY_MS = 5_000;
/** Milliseconds after a planned time within which the scheduler tries to start the execution. */
const FIRED_WITHIN_MS = MINUTE_MS;
/** Maximum age in milliseconds of planned times that are reported after a pause of the watch. */
const LOOK_BACK_MS = 7 * DAY_MS;

export const scheduleMissed = defineEvent({
  kind: 'schedule_missed',
  title: 'Scheduled Run Did Not Happen',
  description: 'No sync started at a planned time; once for each planned time',
  requestsPerPoll: '1 for each 200 transfers, and 1 or 2 for each of at most 20 transfers',
  pollOrder: 6,
  settings: {
    graceMinutes: number(
      'Grace in Minutes',
      'Minutes after its planned time in which a scheduled run may start.',
      { default: 10, minimum: 2, maximum: 1440 },
    ),
  },
  cursorPart: makeCursorPart('schedules', scanPositionCodec),
  poll: (state, { settingValues, filter }) => poll(state, settingValues.graceMinutes * MINUTE_MS, filter),
  select: (found) => found,
  accepts: ({ transfer }, filter) => acceptsTransfer(transfer, filter),
  *sample({ settingValues, filter, localNow }) {
    const from = localNow - LOOK_BACK_MS;
    return (yield* poll({ from, until: from }, settingValues.graceMinutes * MINUTE_MS, filter)).result;
  },
  render,
  page: ({ transfer }) => ['schedule', transfer.id],
});

/**
 * Polls for scheduled executions that did not start (docs/reference/coriolis-api.md §9). Any sync of the transfer that
 * started within the grace period counts as the scheduled execution. The server lists schedules for one transfer at a
 * time only, so each poll reads those of some transfers.
 *
 * Three kinds of planned times are not reported: those before the last change of their schedule, those whose execution
 * may have been deleted since, and those more than a week ago.
 */
function* poll(
  state: ScanPosition | undefined,
  graceMs: number,
  filter: EventFilter,
): WatchSteps<EventPollResult<ScanPosition, readonly MissedRun[]>> {
  const { position, results } = yield* continueTransferScan<readonly Candidate[]>(state, {
    filter,
    settleMs: graceMs,
    needsRequest: (row, { until }) => (parseServerTime(row.created_at) ?? 0) < until,
    lookup: (row, period) => lookup(row, period, graceMs),
  });
  const candidates = results.flat();
  const first = Math.min(...candidates.map(({ plannedAt }) => plannedAt));
  const deployments = candidates.some(isUnexplained)
    ? ((yield* requestChangedRows('deployment', () => first - EARLY_MS))?.rows ?? [])
    : [];
  const missed = candidates.flatMap(({ isDoubtful, ...run }) => {
    const own = deployments.filter(({ row }) => row.transfer_id === run.transfer.id);
    if (
      run.reason === 'unknown' &&
      own.some(({ row, changedAt }) => wasActive(row, changedAt, run.plannedAt))
    ) {
      return [{ ...run, reason: 'deployment' as const }];
    }
    // A deployment without cloned disks explains why the transfer changed (docs/reference/watching.md §1). Without one,
    // an execution may have been deleted, and a doubtful time is not reported.
    return isDoubtful && own.length === 0 ? [] : [run];
  });
  return { result: missed, state: position };
}

const isUnexplained = ({ reason, isDoubtful }: Candidate): boolean => reason === 'unknown' || isDoubtful;

/** Whether a deployment could prevent an execution planned for `time`. */
function wasActive(deployment: Deployment, changedAt: number, time: number): boolean {
  const createdAt = parseServerTime(deployment.created_at) ?? 0;
  const hasEnded = isFinal(deployment.last_execution_status);
  return createdAt < time + FIRED_WITHIN_MS && (!hasEnded || changedAt > time);
}

/** Reads schedules and executions of a transfer, and finds the planned times in the period without a sync. */
function* lookup(
  row: Transfer,
  { from, until }: ScanPosition,
  graceMs: number,
): WatchSteps<readonly Candidate[]> {
  // Nothing was planned before the transfer existed.
  if ((parseServerTime(row.created_at) ?? 0) >= until) return [];
  const { rows: schedules } = yield* requestRows('schedule', [row.id]);
  const start = Math.max(from, until - LOOK_BACK_MS);
  const planned = schedules.flatMap((schedule) =>
    timesOf(schedule, start, until).map((plannedAt) => ({ schedule, plannedAt })),
  );
  const first = Math.min(...planned.map(({ plannedAt }) => plannedAt));
  if (planned.length === 0) return [];

  const changedAt = parseServerTime(row.updated_at) ?? 0;
  const isIdle = isFinal(row.last_execution_status) || row.last_execution_status === 'UNEXECUTED';
  if (isIdle && changedAt < first - EARLY_MS) {
    return planned.map((one) => ({
      ...one,
      transfer: row,
      execution: undefined,
      reason: 'unknown',
      isDoubtful: false,
    }));
  }
  const { executions } = yield* requestExecutionsUntil(
    row.id,
    ([oldest]) => oldest !== undefined && startTimeOf(oldest) < first - EARLY_MS,
  );
  return planned.flatMap(({ schedule, plannedAt }) => {
    const verdict = missedRunReason(executions, plannedAt, graceMs, changedAt);
    return verdict === null ? [] : [{ transfer: row, schedule, plannedAt, ...verdict }];
  });
}

/** Planned times of a schedule within a period and after the schedule's last change. */
function timesOf(schedule: Schedule, from: number, until: number): readonly number[] {
  if (!schedule.enabled) return [];
  const since = Math.max(
    parseServerTime(schedule.created_at) ?? 0,
    parseServerTime(schedule.updated_at) ?? 0,
    from,
  );
  const end = Math.min(parseServerTime(schedule.expiration_date) ?? Infinity, until + 1);
  return since >= end ? [] : computeNextRunTimes(schedule.schedule, since, Infinity, end);
}

/** Reason of a missed execution; null when it started, or when it may have started and been deleted since. */
function missedRunReason(
  executions: readonly Execution[],
  plannedAt: number,
  graceMs: number,
  changedAt: number,
): Pick<Candidate, 'execution' | 'reason' | 'isDoubtful'> | null {
  const earliest = plannedAt - EARLY_MS;
  const isInTime = (run: Execution) =>
    startTimeOf(run) >= earliest && startTimeOf(run) <= plannedAt + graceMs;
  if (executions.some((run) => isInTime(run) && hasStarted(run) && purposeOf(run.type) === 'sync')) {
    return null;
  }

  const before = executions.findLast((run) => startTimeOf(run) < earliest);
  const after = executions.find((run) => startTimeOf(run) >= earliest);
  const active = executions.find(
    (run) =>
      hasStarted(run) &&
      startTimeOf(run) < plannedAt + FIRED_WITHIN_MS &&
      (!isFinal(run.status) || endTimeOf(run) > plannedAt),
  );
  if (active !== undefined) return { execution: active, reason: 'execution', isDoubtful: false };
  const refused = executions.find((run) => isInTime(run) && !hasStarted(run));
  if (refused !== undefined) return { execution: refused, reason: 'refused', isDoubtful: false };

  // A gap in the numbers means a deleted execution, which may have been the planned one.
  if (after !== undefined && after.number > (before?.number ?? 0) + 1) return null;
  const isUnshown =
    after === undefined && changedAt >= earliest && (before === undefined || endTimeOf(before) < changedAt);
  return { execution: undefined, reason: 'unknown', isDoubtful: isUnshown };
}

function render({ transfer, schedule, plannedAt, execution, reason }: MissedRun): EventDraft {
  return {
    ...NO_EVENT_DETAILS,
    key: `${schedule.id}@${formatIsoTime(plannedAt)}`,
    event: 'schedule_missed',
    kind: 'schedule',
    summary: `The sync of ${makeTransferOrDeploymentEventName(transfer)} that was planned ${describeSchedule(schedule.schedule)} did not start.`,
    occurred_at: formatIsoTime(plannedAt),
    status: transfer.last_execution_status,
    reason: reasonOf(reason, execution),
    ...makeTransferProperties(transfer),
    ...(execution === undefined ? {} : { execution_id: execution.id, number: execution.number }),
    schedule_id: schedule.id,
  };
}

function reasonOf(reason: MissedRun['reason'], execution: Execution | undefined): string {
  switch (reason) {
    case 'execution':
      return `Execution #${execution?.number ?? '?'} was going on, and only one can at a time.`;
    case 'deployment':
      return 'A deployment of the transfer was going on.';
    case 'refused':
      return `The server refused it: execution #${execution?.number ?? '?'} never started. The rights of the schedule's owner may be gone: create the schedule again.`;
    case 'unknown':
      return "Nothing shows why: the scheduler of Coriolis may have been down, or the rights of the schedule's owner may be gone.";
  }
}
