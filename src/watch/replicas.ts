import { isFinal, outcomeOf, purposeOf } from '../model/status';
import { parseTime } from '../model/timing';
import type { Execution, Transfer } from '../model/types';
import { OVERLAP_MS } from './cursor';
import type { KnownReplica, ReplicasCursor, Walk } from './cursor';
import { beginOf, endOf, runsUntil } from './runs';
import type { Steps } from './steps';
import { goOn } from './walk';

/** A replica that became older than it may be. */
export interface OverdueReplica {
  readonly transfer: Transfer;
  /** When its last completed sync ended; null when it never had one. Milliseconds on the server's clock. */
  readonly syncedAt: number | null;
  /** When it became too old. */
  readonly overdueAt: number;
  /** The newest execution; undefined when nothing was looked up or there is none. */
  readonly newest: Execution | undefined;
}

export interface ReplicasPoll {
  readonly cursor: ReplicasCursor;
  readonly overdue: readonly OverdueReplica[];
}

export interface ReplicasOptions {
  /** Recovery point objective, milliseconds: how old the last completed sync may be. */
  readonly rpoMs: number;
  readonly only?: readonly string[];
  readonly wants: (row: Transfer) => boolean;
}

interface Finding {
  readonly row: Transfer;
  /** What must be remembered; undefined when the row tells. */
  readonly entry: KnownReplica | undefined;
  readonly overdue: readonly OverdueReplica[];
}

/**
 * One poll for replicas that became older than their recovery point objective: once for each time, and again after the
 * next sync. A row tells when its transfer changed last, so only transfers whose run has ended since the last look, and
 * those that are about to be told, need a request for their executions. Direct migrations are no replicas. Without a
 * cursor the watch begins: what was too old before is not told.
 */
export function* pollReplicas(
  cursor: ReplicasCursor | undefined,
  { rpoMs, wants, ...rest }: ReplicasOptions,
): Steps<ReplicasPoll> {
  const known = cursor?.known ?? {};
  const { walk, results, isOver } = yield* goOn<Finding>(cursor && walkOf(cursor), {
    ...rest,
    settleMs: OVERLAP_MS,
    wants: (row) => row.scenario !== 'live_migration' && wants(row),
    needsLook: (row, period) => needsLook(row, known[row.id], period, rpoMs),
    look: (row, period) => look(row, known[row.id], period, rpoMs),
  });
  const entries = new Map(Object.entries(known));
  for (const { row, entry } of results) {
    if (entry === undefined) entries.delete(row.id);
    else entries.set(row.id, entry);
  }
  // What changed so long ago cannot become overdue any more without changing again.
  const kept = [...entries].filter(([, { u }]) => !isOver || u + rpoMs > walk.until);
  return {
    overdue: results.flatMap(({ overdue }) => overdue),
    cursor: { ...walk, known: Object.fromEntries(kept) },
  };
}

const walkOf = ({ from, until, after }: ReplicasCursor): Walk => ({
  from,
  until,
  ...(after === undefined ? {} : { after }),
});

const isWithin = (moment: number, { from, until }: Walk): boolean => moment > from && moment <= until;

function needsLook(row: Transfer, entry: KnownReplica | undefined, period: Walk, rpoMs: number): boolean {
  const u = parseTime(row.updated_at);
  if (u === null) return false;
  const status = row.last_execution_status;
  if (entry !== undefined) {
    const hasChanged = entry.u !== u;
    const overdueAt = entry.f + rpoMs;
    return (
      isWithin(overdueAt, period) ||
      // Syncs that were not seen may hide behind a change.
      (hasChanged && (isFinal(status) || overdueAt <= period.from))
    );
  }
  // No sync ended after the row's last change: unless that is young enough, all was told that there is to tell.
  if (u + rpoMs <= period.from) return false;
  if (outcomeOf(status) !== 'completed') return true;
  return u > period.from || u + rpoMs <= period.until;
}

function* look(row: Transfer, entry: KnownReplica | undefined, period: Walk, rpoMs: number): Steps<Finding> {
  const u = parseTime(row.updated_at);
  if (u === null) {
    // Never executed: its age counts from its creation.
    const overdueAt = (parseTime(row.created_at) ?? 0) + rpoMs;
    const overdue = isWithin(overdueAt, period)
      ? [{ transfer: row, syncedAt: null, overdueAt, newest: undefined }]
      : [];
    return { row, entry: undefined, overdue };
  }
  if (!needsLook(row, entry, period, rpoMs)) {
    return { row, entry: entry && { u, f: entry.f }, overdue: [] };
  }
  const { executions, isAll } = yield* runsUntil(row.id, ([oldest]) => isEnough(oldest, period, rpoMs));
  const isCompleted = outcomeOf(row.last_execution_status) === 'completed';
  const syncs = syncEnds(executions, isAll);
  const lastEnd = executions.findLast(({ status }) => isFinal(status));
  if (isFinal(row.last_execution_status) && (lastEnd === undefined || endOf(lastEnd) < u)) syncs.push(u);
  const overdue = gaps(row, syncs, isAll)
    .map(({ since, until }) => ({ since, until, overdueAt: since.at + rpoMs }))
    .filter(({ until, overdueAt }) => isWithin(overdueAt, period) && until > overdueAt)
    .map(({ since, overdueAt }) => ({
      transfer: row,
      syncedAt: since.isSync ? since.at : null,
      overdueAt,
      newest: executions.at(-1),
    }));
  // Where nothing was found, it is so long ago that it was told.
  const f = syncs.at(-1) ?? (isAll ? (parseTime(row.created_at) ?? 0) : period.from - rpoMs);
  return { row, entry: isCompleted && f === u ? undefined : { u, f }, overdue };
}

const isCompletedSync = ({ status, type }: Execution): boolean =>
  outcomeOf(status) === 'completed' && purposeOf(type) === 'sync';

/**
 * When syncs completed. A record that was deleted may have been one, so nothing is called overdue on its account: it
 * counts as a sync that ended when the next run began, and the last one when the transfer changed last.
 */
function syncEnds(executions: readonly Execution[], isAll: boolean): number[] {
  return executions.flatMap((execution, index) => {
    const before = executions[index - 1]?.number ?? (isAll ? 0 : execution.number - 1);
    return [
      ...(execution.number > before + 1 ? [beginOf(execution)] : []),
      ...(isCompletedSync(execution) ? [endOf(execution)] : []),
    ];
  });
}

/** Whether what lies before an execution cannot become overdue in this period. */
function isEnough(oldest: Execution | undefined, { from }: Walk, rpoMs: number): boolean {
  if (oldest === undefined) return true;
  if (isCompletedSync(oldest) && endOf(oldest) <= from) return true;
  return isFinal(oldest.status) && endOf(oldest) + rpoMs <= from;
}

interface Gap {
  readonly since: { readonly at: number; readonly isSync: boolean };
  readonly until: number;
}

/** The times without a sync: from each to the next, and from the creation to the first when all are known. */
function gaps(row: Transfer, syncs: readonly number[], isAll: boolean): readonly Gap[] {
  const beginnings = [
    ...(isAll ? [{ at: parseTime(row.created_at) ?? 0, isSync: false }] : []),
    ...syncs.map((at) => ({ at, isSync: true })),
  ];
  return beginnings.map((since, index) => ({ since, until: beginnings[index + 1]?.at ?? Infinity }));
}
