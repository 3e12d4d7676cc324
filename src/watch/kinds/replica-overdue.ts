import { isFinal, outcomeOf, purposeOf, statusLabel } from '../../model/status';
import { describeSeconds, formatIso, parseServerTime } from '../../model/timestamps';
import type { Execution, Transfer } from '../../model/types';
import { number } from '../../vocabulary/field-constructors';
import { cursorPart } from '../cursor';
import { defineEvent } from '../define-event';
import type { Poll } from '../define-event';
import type { WatchEvent } from '../event';
import { acceptsTransfer } from '../filter';
import type { EventFilter } from '../filter';
import { OVERLAP_MS } from '../margins';
import { explainRun, eventName, NO_DETAILS, transferKeys, withExplanation } from '../render';
import { scanNext, scanPositionFields } from '../transfer-scan';
import type { ScanPosition } from '../transfer-scan';
import type { WatchSteps } from '../list-requests';
import { storedProperty, storedNumber, storedObject, storedTable } from '../stored';
import type { StoredValue } from '../stored';
import { endTime, runsUntil, startTime } from '../transfer-runs';

const replicaEntry = storedObject({
  /** `updated_at` of the transfer. */
  changedAt: storedProperty('u', storedNumber),
  /** End of its last completed sync. */
  syncedAt: storedProperty('f', storedNumber),
});

const stored = storedObject({
  ...scanPositionFields,
  /** Last syncs of transfers whose `updated_at` is not the end of that sync. */
  known: storedProperty('known', storedTable(replicaEntry)),
});

type State = StoredValue<typeof stored>;
type ReplicaEntry = StoredValue<typeof replicaEntry>;

/** A replica that became older than its recovery point objective. Times are milliseconds on the server's clock. */
interface OverdueReplica {
  readonly transfer: Transfer;
  /** End of its last completed sync; null when it never had one. */
  readonly syncedAt: number | null;
  readonly overdueAt: number;
  /** The newest execution; undefined when there is none. */
  readonly newest: Execution | undefined;
}

const HOUR_MS = 3_600_000;
/** Period searched for sample events (a manual test in n8n). */
const SAMPLE_MS = 30 * 24 * HOUR_MS;

export const replicaOverdue = defineEvent({
  kind: 'replica_overdue',
  title: 'Replica Older Than Its RPO',
  description: 'The last completed sync of a replica is too old; again after the next sync',
  requests: '1 for 200 transfers, and 1 for each that changed or is overdue, at most 20',
  order: 5,
  limits: {
    rpoHours: number(
      'RPO in Hours',
      'Recovery point objective: maximum age of the last completed sync, in hours.',
      { default: 24, minimum: 1, maximum: 8760 },
    ),
  },
  cursor: cursorPart('replicas', stored),
  poll: (state, { limits, filter }) => poll(state, limits.rpoHours * HOUR_MS, filter),
  select: (found) => found,
  accepts: ({ transfer }, filter) => acceptsTransfer(transfer, filter),
  *sample({ limits, filter, now }) {
    const from = now - SAMPLE_MS;
    return (yield* poll({ from, until: from, known: new Map() }, limits.rpoHours * HOUR_MS, filter)).result;
  },
  render,
});

interface Finding {
  readonly row: Transfer;
  /** Last sync to remember; undefined when `updated_at` gives it. */
  readonly entry: ReplicaEntry | undefined;
  readonly overdue: readonly OverdueReplica[];
}

/**
 * Polls for replicas that became overdue. A row shows when its transfer changed last, so only transfers whose run has
 * ended since the last scan, and those that are about to be reported, need a request. Direct migrations are no replicas.
 */
function* poll(
  state: State | undefined,
  rpoMs: number,
  filter: EventFilter,
): WatchSteps<Poll<State, readonly OverdueReplica[]>> {
  const known = state?.known ?? new Map<string, ReplicaEntry>();
  const { scan, results, isComplete } = yield* scanNext<Finding>(state, {
    filter,
    settleMs: OVERLAP_MS,
    wants: ({ scenario }) => scenario !== 'live_migration',
    needsRequest: (row, period) => needsRequest(row, known.get(row.id), period, rpoMs),
    lookup: (row, period) => lookup(row, known.get(row.id), period, rpoMs),
  });
  const entries = new Map(known);
  for (const { row, entry } of results) {
    if (entry === undefined) entries.delete(row.id);
    else entries.set(row.id, entry);
  }
  // A transfer that changed so long ago cannot become overdue without changing again.
  const current = [...entries].filter(([, { changedAt }]) => !isComplete || changedAt + rpoMs > scan.until);
  return {
    result: results.flatMap(({ overdue }) => overdue),
    state: { ...scan, known: new Map(current) },
  };
}

const isWithin = (time: number, { from, until }: ScanPosition): boolean => time > from && time <= until;

function needsRequest(
  row: Transfer,
  entry: ReplicaEntry | undefined,
  period: ScanPosition,
  rpoMs: number,
): boolean {
  const changedAt = parseServerTime(row.updated_at);
  if (changedAt === null) return false;
  const status = row.last_execution_status;
  if (entry !== undefined) {
    const hasChanged = entry.changedAt !== changedAt;
    const overdueAt = entry.syncedAt + rpoMs;
    return (
      isWithin(overdueAt, period) ||
      // A change may hide syncs that no scan has seen.
      (hasChanged && (isFinal(status) || overdueAt <= period.from))
    );
  }
  // No sync ended after the row's last change. When that is old enough, everything was reported.
  if (changedAt + rpoMs <= period.from) return false;
  if (outcomeOf(status) !== 'completed') return true;
  return changedAt > period.from || changedAt + rpoMs <= period.until;
}

function* lookup(
  row: Transfer,
  entry: ReplicaEntry | undefined,
  period: ScanPosition,
  rpoMs: number,
): WatchSteps<Finding> {
  const createdAt = parseServerTime(row.created_at) ?? 0;
  const changedAt = parseServerTime(row.updated_at);
  if (changedAt === null) {
    // Never executed: its age counts from its creation.
    const overdueAt = createdAt + rpoMs;
    const overdue = isWithin(overdueAt, period)
      ? [{ transfer: row, syncedAt: null, overdueAt, newest: undefined }]
      : [];
    return { row, entry: undefined, overdue };
  }
  if (!needsRequest(row, entry, period, rpoMs)) {
    return { row, entry: entry && { changedAt, syncedAt: entry.syncedAt }, overdue: [] };
  }
  const { executions, isAll } = yield* runsUntil(row.id, ([oldest]) => isEnough(oldest, period, rpoMs));
  const syncs = syncEnds(executions, isAll);
  const lastEnd = executions.findLast(({ status }) => isFinal(status));
  if (isFinal(row.last_execution_status) && (lastEnd === undefined || endTime(lastEnd) < changedAt)) {
    syncs.push(changedAt);
  }
  const overdue = gapsBetween(syncs, isAll ? createdAt : undefined)
    .map((gap) => ({ ...gap, overdueAt: gap.since + rpoMs }))
    .filter(({ until, overdueAt }) => isWithin(overdueAt, period) && until > overdueAt)
    .map(({ since, isSync, overdueAt }) => ({
      transfer: row,
      syncedAt: isSync ? since : null,
      overdueAt,
      newest: executions.at(-1),
    }));
  // No sync found: the last one is so old that it was reported.
  const syncedAt = syncs.at(-1) ?? (isAll ? createdAt : period.from - rpoMs);
  const isShown = outcomeOf(row.last_execution_status) === 'completed' && syncedAt === changedAt;
  return { row, entry: isShown ? undefined : { changedAt, syncedAt }, overdue };
}

const isCompletedSync = ({ status, type }: Execution): boolean =>
  outcomeOf(status) === 'completed' && purposeOf(type) === 'sync';

/**
 * End times of completed syncs. An execution that was deleted may have been one, so it counts as a sync: it ended when
 * the next run started, and the last one when the transfer changed last.
 */
function syncEnds(executions: readonly Execution[], isAll: boolean): number[] {
  return executions.flatMap((execution, index) => {
    const before = executions[index - 1]?.number ?? (isAll ? 0 : execution.number - 1);
    return [
      ...(execution.number > before + 1 ? [startTime(execution)] : []),
      ...(isCompletedSync(execution) ? [endTime(execution)] : []),
    ];
  });
}

/** Whether the listed executions reach far enough back to decide if the replica was overdue in this period. */
function isEnough(oldest: Execution | undefined, { from }: ScanPosition, rpoMs: number): boolean {
  if (oldest === undefined) return true;
  if (isCompletedSync(oldest) && endTime(oldest) <= from) return true;
  return isFinal(oldest.status) && endTime(oldest) + rpoMs <= from;
}

interface Gap {
  readonly since: number;
  /** Whether `since` is the end of a sync; otherwise it is the creation of the transfer. */
  readonly isSync: boolean;
  readonly until: number;
}

/** Intervals between syncs and, when all syncs are known, from the creation to the first. */
function gapsBetween(syncs: readonly number[], createdAt: number | undefined): readonly Gap[] {
  const starts = [
    ...(createdAt === undefined ? [] : [{ since: createdAt, isSync: false }]),
    ...syncs.map((since) => ({ since, isSync: true })),
  ];
  return starts.map((start, index) => ({ ...start, until: starts[index + 1]?.since ?? Infinity }));
}

function render({ transfer, syncedAt, overdueAt, newest }: OverdueReplica): WatchEvent {
  const age = describeSeconds((overdueAt - (syncedAt ?? parseServerTime(transfer.created_at) ?? 0)) / 1000);
  const reason =
    newest === undefined
      ? 'It has never been executed.'
      : `The newest run, #${newest.number}, is ${statusLabel(newest.status)}.`;
  const event: WatchEvent = {
    ...NO_DETAILS,
    key: `${transfer.id}@overdue@${formatIso(overdueAt)}`,
    event: 'replica_overdue',
    kind: 'transfer',
    summary:
      syncedAt === null
        ? `${eventName(transfer)} has had no completed sync for ${age}, since it was created.`
        : `The last completed sync of ${eventName(transfer)} is ${age} old.`,
    occurred_at: formatIso(overdueAt),
    status: transfer.last_execution_status,
    reason,
    ...transferKeys(transfer),
    ...(newest === undefined ? {} : { execution_id: newest.id, number: newest.number }),
    last_sync_at: syncedAt === null ? null : formatIso(syncedAt),
  };
  return withExplanation(event, explainRun(newest?.tasks ?? []));
}
