import { path } from '../api/path';
import { nextRuns } from '../model/schedule';
import { isFinal, purposeOf } from '../model/status';
import { parseTime } from '../model/timing';
import type { Deployment, Execution, Schedule, Transfer } from '../model/types';
import { listChanges } from './changes';
import type { Walk } from './cursor';
import { beginOf, endOf, hasBegun, runsUntil } from './runs';
import { ask } from './steps';
import type { Steps } from './steps';
import { goOn } from './walk';

/** A planned run that did not happen. */
export interface MissedRun {
  readonly transfer: Transfer;
  readonly schedule: Schedule;
  /** When it should have begun, milliseconds. */
  readonly plannedAt: number;
  /** The execution that stood in the way, or that the server refused; undefined when none did. */
  readonly execution: Execution | undefined;
  /** Why, as far as the server shows. */
  readonly reason: 'execution' | 'deployment' | 'refused' | 'unknown';
}

export interface SchedulesPoll {
  readonly cursor: Walk;
  readonly missed: readonly MissedRun[];
}

export interface SchedulesOptions {
  /** How long after its time a run may begin, milliseconds. */
  readonly graceMs: number;
  readonly only?: readonly string[];
  readonly wants: (row: Transfer) => boolean;
}

/** The scheduler compares times once a minute, at any second of it; its clock may differ a little from the conductor's. */
const EARLY_MS = 5_000;
const FIRED_WITHIN_MS = 60_000;
/** After a longer pause older runs are no news. */
const LOOK_BACK_MS = 7 * 86_400_000;

interface Candidate extends MissedRun {
  /** Whether the transfer changed since and no execution tells why: the run may have happened and been deleted. */
  readonly isDoubtful: boolean;
}

/**
 * One poll for scheduled runs that did not happen: each planned time once (coriolis-api.md §9). A planned time counts as
 * kept when any sync of the transfer began within the grace period. Schedules can be read of one transfer at a time only,
 * so each poll reads those of some transfers and the next goes on behind them. Without a cursor the watch begins.
 *
 * Not told: times before the last change of their schedule, those whose execution may have been deleted since, and those
 * more than a week ago.
 */
export function* pollSchedules(
  cursor: Walk | undefined,
  { graceMs, ...rest }: SchedulesOptions,
): Steps<SchedulesPoll> {
  const { walk, results } = yield* goOn<readonly Candidate[]>(cursor, {
    ...rest,
    settleMs: graceMs,
    // Nothing was planned before it was there.
    needsLook: (row, { until }) => (parseTime(row.created_at) ?? 0) < until,
    look: (row, period) => look(row, period, graceMs),
  });
  const candidates = results.flat();
  const first = Math.min(...candidates.map(({ plannedAt }) => plannedAt));
  const deployments = candidates.some(isUnexplained)
    ? ((yield* listChanges<Deployment>('deployments', () => first - EARLY_MS))?.rows ?? [])
    : [];
  const missed = candidates.flatMap(({ isDoubtful, ...run }) => {
    const own = deployments.filter(({ row }) => row.transfer_id === run.transfer.id);
    if (
      run.reason === 'unknown' &&
      own.some(({ row, changedAt }) => wasAtWork(row, changedAt, run.plannedAt))
    ) {
      return [{ ...run, reason: 'deployment' as const }];
    }
    // A deployment without clones changes its transfer as well (watching.md §1).
    return isDoubtful && own.length === 0 ? [] : [run];
  });
  return { cursor: walk, missed };
}

const isUnexplained = ({ reason, isDoubtful }: Candidate): boolean => reason === 'unknown' || isDoubtful;

function wasAtWork(deployment: Deployment, changedAt: number, moment: number): boolean {
  const begun = parseTime(deployment.created_at) ?? 0;
  const isOver = isFinal(deployment.last_execution_status);
  return begun < moment + FIRED_WITHIN_MS && (!isOver || changedAt > moment);
}

function* look(row: Transfer, { from, until }: Walk, graceMs: number): Steps<readonly Candidate[]> {
  if ((parseTime(row.created_at) ?? 0) >= until) return [];
  const { rows: schedules } = yield* ask<Schedule>({
    path: path`/transfers/${row.id}/schedules`,
    key: 'schedules',
    query: {},
  });
  const begin = Math.max(from, until - LOOK_BACK_MS);
  const planned = schedules.flatMap((schedule) =>
    timesOf(schedule, begin, until).map((plannedAt) => ({ schedule, plannedAt })),
  );
  const first = Math.min(...planned.map(({ plannedAt }) => plannedAt));
  if (planned.length === 0) return [];

  const changedAt = parseTime(row.updated_at) ?? 0;
  const isAtRest = isFinal(row.last_execution_status) || row.last_execution_status === 'UNEXECUTED';
  if (isAtRest && changedAt < first - EARLY_MS) {
    return planned.map((one) => ({
      ...one,
      transfer: row,
      execution: undefined,
      reason: 'unknown',
      isDoubtful: false,
    }));
  }
  const { executions } = yield* runsUntil(
    row.id,
    ([oldest]) => oldest !== undefined && beginOf(oldest) < first - EARLY_MS,
  );
  return planned.flatMap(({ schedule, plannedAt }) => {
    const verdict = judge(executions, plannedAt, graceMs, changedAt);
    return verdict === null ? [] : [{ transfer: row, schedule, plannedAt, ...verdict }];
  });
}

/** The planned times of a schedule in a period, as far as it was the same all the time. */
function timesOf(schedule: Schedule, from: number, until: number): readonly number[] {
  if (!schedule.enabled) return [];
  const since = Math.max(parseTime(schedule.created_at) ?? 0, parseTime(schedule.updated_at) ?? 0, from);
  const end = Math.min(parseTime(schedule.expiration_date) ?? Infinity, until + 1);
  return since >= end ? [] : nextRuns(schedule.schedule, since, Infinity, end);
}

/** What became of a planned run; null when it happened, or may have and was deleted since. */
function judge(
  executions: readonly Execution[],
  plannedAt: number,
  graceMs: number,
  changedAt: number,
): Pick<Candidate, 'execution' | 'reason' | 'isDoubtful'> | null {
  const earliest = plannedAt - EARLY_MS;
  const isInTime = (run: Execution) => beginOf(run) >= earliest && beginOf(run) <= plannedAt + graceMs;
  if (executions.some((run) => isInTime(run) && hasBegun(run) && purposeOf(run.type) === 'sync')) return null;

  const before = executions.findLast((run) => beginOf(run) < earliest);
  const after = executions.find((run) => beginOf(run) >= earliest);
  const busy = executions.find(
    (run) =>
      hasBegun(run) &&
      beginOf(run) < plannedAt + FIRED_WITHIN_MS &&
      (!isFinal(run.status) || endOf(run) > plannedAt),
  );
  if (busy !== undefined) return { execution: busy, reason: 'execution', isDoubtful: false };
  const refused = executions.find((run) => isInTime(run) && !hasBegun(run));
  if (refused !== undefined) return { execution: refused, reason: 'refused', isDoubtful: false };

  // A number that is missing is one of a record that was deleted.
  if (after !== undefined && after.number > (before?.number ?? 0) + 1) return null;
  const isUnshown =
    after === undefined && changedAt >= earliest && (before === undefined || endOf(before) < changedAt);
  return { execution: undefined, reason: 'unknown', isDoubtful: isUnshown };
}
