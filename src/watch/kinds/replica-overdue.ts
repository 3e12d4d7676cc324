import { isCompletedSync, type NoCopyReason } from '../../model/last-copy';
import { isFinal, outcomeOf, statusLabelOf } from '../../model/status';
import { describeSeconds, formatIsoTime, READ_OVERLAP_MS, parseServerTime } from '../../model/timestamps';
import type { Execution, Transfer } from '../../model/api-objects';
import { number } from '../../vocabulary/field-constructors';
import { makeCopyPeriods, computeOverdueTime, type CopyLoss, type CopyPeriod } from '../copy-periods';
import { makeCursorPart } from '../cursor';
import { defineEvent, type EventPollResult } from '../define-event';
import { NO_EVENT_DETAILS, type EventDraft } from '../event-view';
import { acceptsTransfer, type EventFilter } from '../event-filter';
import {
  makeFailedTaskExplanation,
  makeTransferOrDeploymentEventName,
  makeTransferProperties,
  withExplanation,
} from '../event-parts';
import { continueTransferScan, scanPositionProperties, type ScanPosition } from '../transfer-scan';
import { requestRows, type WatchSteps } from '../watch-steps';
import {
  optionalStoredProperty,
  storedProperty,
  numberCodec,
  makeObjectCodec,
  makeTableCodec,
  type StoredValue,
} from '../stored-codec';
import { endTimeOf, requestExecutionsUntil } from '../request-executions';

/** Stored data about a transfer. Times are milliseconds since 1970 on the server's clock. */
const replicaEntry = makeObjectCodec({
  /** `updated_at` of the transfer. */
  changedAt: storedProperty('u', numberCodec),
  /** Time from which the age of the transfer's last copy counts. */
  copiedAt: storedProperty('f', numberCodec),
  /**
   * Time at which a deployment used up the copied disks. It is stored because later changes of the transfer hide it.
   */
  usedAt: optionalStoredProperty('l', numberCodec),
});

const stored = makeObjectCodec({
  ...scanPositionProperties,
  /** Start of the watch. Replicas that were already overdue then are not reported. */
  begun: optionalStoredProperty('b', numberCodec),
  /** Entries of the transfers whose last copy cannot be told from `updated_at`. */
  known: storedProperty('known', makeTableCodec(replicaEntry)),
});

type State = StoredValue<typeof stored>;
type ReplicaEntry = StoredValue<typeof replicaEntry>;

/** A replica that became older than its recovery point objective. */
interface OverdueReplica {
  readonly transfer: Transfer;
  readonly period: CopyPeriod;
  /** Time at which the replica became overdue, milliseconds since 1970 on the server's clock. */
  readonly overdueAt: number;
  /** The newest execution; undefined when there is none. */
  readonly newest: Execution | undefined;
}

const HOUR_MS = 3_600_000;
/** Period searched for sample events (a manual test in n8n). */
const SAMPLE_MS = 30 * 24 * HOUR_MS;
/** Maximum milliseconds between the end of a deployment that used up the disks and the change of its transfer. */
const SAME_CHANGE_MS = 5_000;
/** Number of the newest deployments that are read, in one request. */
const DEPLOYMENT_ROWS = 200;

/**
 * Maximum milliseconds of a sync whose copy is not stored. `updated_at` is the end of the sync, so such a copy is
 * looked up that long before it can become overdue.
 */
const shortSyncMs = (rpoMs: number): number => Math.min(HOUR_MS, rpoMs / 24);

export const replicaOverdue = defineEvent({
  kind: 'replica_overdue',
  title: 'Replica Older Than Its RPO',
  description: 'The last usable copy of a replica is too old, or gone; once for each copy',
  requestsPerPoll:
    '1 for each 200 transfers, and 1 or 2 for each of at most 20 transfers that changed or are overdue',
  pollOrder: 5,
  settings: {
    rpoHours: number(
      'RPO in Hours',
      'Recovery point objective: maximum age of the last usable copy, in hours, counted from the start of its sync. Give more than the interval of the syncs and their duration: 26 for nightly ones.',
      { default: 26, minimum: 1, maximum: 8760 },
    ),
  },
  cursorPart: makeCursorPart('replicas', stored),
  poll: (state, { settingValues, filter }) => poll(state, settingValues.rpoHours * HOUR_MS, filter),
  select: (found) => found,
  accepts: ({ transfer }, filter) => acceptsTransfer(transfer, filter),
  *sample({ settingValues, filter, localNow }) {
    const from = localNow - SAMPLE_MS;
    return (yield* poll({ from, until: from, known: new Map() }, settingValues.rpoHours * HOUR_MS, filter))
      .result;
  },
  render,
  page: ({ transfer }) => ['transfer', transfer.id],
});

/** Result of looking up one transfer. */
interface Finding {
  readonly row: Transfer;
  /** Entry to store; undefined when `updated_at` of the transfer is enough. */
  readonly entry: ReplicaEntry | undefined;
  readonly overdue: readonly OverdueReplica[];
}

/**
 * Polls for replicas that became overdue. The row of a transfer shows its last change. So requests are needed only for
 * transfers with an execution that ended since the last scan, and for those about to be reported. Transfers of scenario
 * `live_migration` are left out.
 */
function* poll(
  state: State | undefined,
  rpoMs: number,
  filter: EventFilter,
): WatchSteps<EventPollResult<State, readonly OverdueReplica[]>> {
  const known = state?.known ?? new Map<string, ReplicaEntry>();
  const { position, results, isComplete } = yield* continueTransferScan<Finding>(state, {
    filter,
    settleMs: READ_OVERLAP_MS,
    isIncluded: ({ scenario }) => scenario !== 'live_migration',
    needsRequest: (row, period) => needsRequest(row, known.get(row.id), period, rpoMs),
    lookup: (row, period) => lookup(row, known.get(row.id), { ...period, begun: state?.begun }, rpoMs),
  });
  const entries = new Map(known);
  for (const { row, entry } of results) {
    if (entry === undefined) entries.delete(row.id);
    else entries.set(row.id, entry);
  }
  // A transfer whose last change is that old cannot become overdue again without another change: drop its entry.
  const current = [...entries].filter(
    ([, { changedAt }]) => !isComplete || changedAt + rpoMs > position.until,
  );
  return {
    result: results.flatMap(({ overdue }) => overdue),
    state: {
      ...position,
      known: new Map(current),
      begun: state === undefined ? position.until : state.begun,
    },
  };
}

/** Period that a scan covers. */
type Covered = Pick<ScanPosition, 'from' | 'until'>;

const isWithin = (time: number, { from, until }: Covered): boolean => time > from && time <= until;

function needsRequest(
  row: Transfer,
  entry: ReplicaEntry | undefined,
  period: Covered,
  rpoMs: number,
): boolean {
  const changedAt = parseServerTime(row.updated_at);
  if (changedAt === null) return false;
  const status = row.last_execution_status;
  if (entry !== undefined) {
    const hasChanged = entry.changedAt !== changedAt;
    const overdueAt = entry.copiedAt + rpoMs;
    return (
      isWithin(overdueAt, period) ||
      // A change may hide syncs that no scan has seen.
      (hasChanged && (isFinal(status) || overdueAt <= period.from)) ||
      // The copy before the stored one may have become overdue after the last period.
      (changedAt > period.from && isFinal(status))
    );
  }
  // No sync ended after the row's last change. When that change is old enough, everything has been reported.
  if (changedAt + rpoMs <= period.from) return false;
  if (outcomeOf(status) !== 'completed') return true;
  return changedAt > period.from || changedAt + rpoMs - shortSyncMs(rpoMs) <= period.until;
}

/** Reads the executions of a transfer, and finds the copies that became overdue in the covered period. */
function* lookup(
  row: Transfer,
  entry: ReplicaEntry | undefined,
  covered: Covered & { readonly begun: number | undefined },
  rpoMs: number,
): WatchSteps<Finding> {
  const createdAt = parseServerTime(row.created_at) ?? 0;
  const changedAt = parseServerTime(row.updated_at);
  if (changedAt === null) {
    // A transfer that was never executed becomes overdue counted from its creation.
    const [period] = makeCopyPeriods([], createdAt);
    const overdueAt = createdAt + rpoMs;
    const overdue =
      period !== undefined && isWithin(overdueAt, covered)
        ? [{ transfer: row, period, overdueAt, newest: undefined }]
        : [];
    return { row, entry: undefined, overdue };
  }
  if (!needsRequest(row, entry, covered, rpoMs)) {
    return { row, entry: entry && { ...entry, changedAt }, overdue: [] };
  }
  const { executions, isWholeList } = yield* requestExecutionsUntil(row.id, ([oldest]) =>
    isEnough(oldest, covered, rpoMs),
  );
  const last = yield* lastChange(row, executions, changedAt);
  const used =
    entry?.usedAt === undefined ? [] : [{ at: entry.usedAt, by: 'deployed_without_clones' as const }];
  const periods = makeCopyPeriods(executions, isWholeList ? createdAt : undefined, last, used);
  const isFirstLook = entry === undefined && wasNeverLookedUp(executions, changedAt, covered, rpoMs);
  const overdue = periods.flatMap((period) => {
    const overdueAt = computeOverdueTime(period, rpoMs);
    const from =
      isFirstLook && period.since <= (covered.begun ?? 0) ? (covered.begun ?? covered.from) : covered.from;
    return isWithin(overdueAt, { from, until: covered.until }) && period.until > overdueAt
      ? [{ transfer: row, period, overdueAt, newest: executions.at(-1) }]
      : [];
  });
  // When no sync is found, the last one is so old that it was reported before.
  const newest = periods.at(-1);
  const nextAt = newest === undefined ? covered.from : computeOverdueTime(newest, rpoMs);
  const isShown =
    outcomeOf(row.last_execution_status) === 'completed' &&
    newest?.since === changedAt &&
    nextAt >= changedAt + rpoMs - shortSyncMs(rpoMs) &&
    changedAt + rpoMs - shortSyncMs(rpoMs) > covered.until;
  const usedAt = newest?.lostBy === 'deployed_without_clones' ? { usedAt: newest.lostAt } : {};
  return { row, entry: isShown ? undefined : { changedAt, copiedAt: nextAt - rpoMs, ...usedAt }, overdue };
}

/**
 * Finds the reason why a transfer changed after its last execution: a deployment that used up the disks, or else a
 * deleted execution. Undefined when the last execution explains the change.
 */
function* lastChange(
  row: Transfer,
  executions: readonly Execution[],
  changedAt: number,
): WatchSteps<CopyLoss | { readonly deletedRunAt: number } | undefined> {
  if (!isFinal(row.last_execution_status)) return undefined;
  const lastEnd = executions.findLast(({ status }) => isFinal(status));
  if (lastEnd !== undefined && endTimeOf(lastEnd) >= changedAt) return undefined;
  const { rows } = yield* requestRows('deployment', [], {
    sort_key: 'updated_at',
    sort_dir: 'desc',
    limit: DEPLOYMENT_ROWS,
  });
  // A deployment with cloned disks does not change the transfer. The lists of legacy servers lack `clone_disks`, so
  // there any deployment that ended at that time counts.
  const consumer = rows.find(
    (one) =>
      one.transfer_id === row.id &&
      outcomeOf(one.last_execution_status) === 'completed' &&
      one.clone_disks !== true &&
      Math.abs((parseServerTime(one.updated_at) ?? 0) - changedAt) <= SAME_CHANGE_MS,
  );
  return consumer === undefined
    ? { deletedRunAt: changedAt }
    : { at: changedAt, by: 'deployed_without_clones' };
}

/**
 * Whether the transfer has not been looked up since the watch began: none of its executions has ended since, and its
 * copy was not old enough for a lookup.
 */
function wasNeverLookedUp(
  executions: readonly Execution[],
  changedAt: number,
  { from, begun }: Covered & { readonly begun: number | undefined },
  rpoMs: number,
): boolean {
  if (begun === undefined) return false;
  const ends = [...executions.filter(({ status }) => isFinal(status)).map(endTimeOf), changedAt];
  const before = Math.max(...ends.filter((end) => end <= begun));
  return before + rpoMs > from && !ends.some((end) => end > begun && end <= from);
}

/** Whether executions that go back to `oldest` suffice to decide whether the replica became overdue in the period. */
function isEnough(oldest: Execution | undefined, { from }: Covered, rpoMs: number): boolean {
  if (oldest === undefined) return true;
  if (isCompletedSync(oldest) && endTimeOf(oldest) <= from) return true;
  return isFinal(oldest.status) && endTimeOf(oldest) + rpoMs <= from;
}

/** Reasons without a usable copy, in words. */
const LOST: Readonly<Record<NoCopyReason, string>> = {
  never_synced: 'never synced',
  disks_deleted: 'its disks were deleted',
  deployed_without_clones: 'a deployment without clones used its disks up',
};

function render({ transfer, period, overdueAt, newest }: OverdueReplica): EventDraft {
  const { isCopy, copiedAt, since, lostAt, lostBy } = period;
  const isLost = lostBy !== null && lostAt <= overdueAt;
  const age = Math.max(0, Math.round((overdueAt - copiedAt) / 1000));
  const reason =
    newest === undefined
      ? 'It has never been executed.'
      : `The newest run, #${newest.number}, is ${statusLabelOf(newest.status)}.`;
  const event: EventDraft = {
    ...NO_EVENT_DETAILS,
    key: `${transfer.id}@overdue@${formatIsoTime(overdueAt)}`,
    event: 'replica_overdue',
    kind: 'transfer',
    summary: isLost
      ? `${makeTransferOrDeploymentEventName(transfer)} has no usable copy: ${LOST[lostBy]}.`
      : isCopy
        ? `The last usable copy of ${makeTransferOrDeploymentEventName(transfer)} is ${describeSeconds(age)} old.`
        : `${makeTransferOrDeploymentEventName(transfer)} has had no completed sync for ${describeSeconds(age)}, since it was created.`,
    occurred_at: formatIsoTime(overdueAt),
    status: transfer.last_execution_status,
    reason,
    ...makeTransferProperties(transfer),
    ...(newest === undefined ? {} : { execution_id: newest.id, number: newest.number }),
    last_sync_at: isCopy ? formatIsoTime(since) : null,
    last_copy_at: isCopy && !isLost ? formatIsoTime(copiedAt) : null,
    last_copy_age_seconds: isCopy && !isLost ? age : null,
    no_copy_reason: isLost ? lostBy : isCopy ? null : 'never_synced',
  };
  return withExplanation(event, makeFailedTaskExplanation(newest?.tasks ?? []));
}
