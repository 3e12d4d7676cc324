import { describeProgress, computeProgress } from '../../model/run-progress';
import { isFinal } from '../../model/status';
import { describeSeconds, formatIsoTime, parseServerTime } from '../../model/timestamps';
import type { Execution, Transfer } from '../../model/api-objects';
import { number } from '../../vocabulary/field-constructors';
import { makeCursorPart } from '../cursor';
import { defineEvent, type EventPollResult } from '../define-event';
import { NO_EVENT_DETAILS, type EventDraft } from '../event-view';
import { acceptsTransfer } from '../event-filter';
import { ALWAYS_KEPT_AGE_MS } from '../retention-limits';
import { makeExecutionProperties, formatExecutionTitle, makeTransferProperties } from '../event-parts';
import { requestRows, runInBatches, type WatchSteps } from '../watch-steps';
import {
  storedProperty,
  optionalStoredProperty,
  trueCodec,
  numberCodec,
  makeObjectCodec,
  makeTableCodec,
  type StoredValue,
} from '../stored-codec';
import { endTimeOf, requestNewestExecutions } from '../request-executions';

/** Stored data about the active execution of a transfer. Times are milliseconds since 1970 on the server's clock. */
const executionEntry = makeObjectCodec({
  /** `updated_at` of the transfer. While it is unchanged, the execution is the same and has made no progress. */
  changedAt: storedProperty('u', numberCodec),
  /** Number of the execution. */
  number: storedProperty('n', numberCodec),
  /**
   * Time of the last progress. For a stalled execution that is not reported, or not again, the time of its last lookup:
   * it is then looked up again after `stallMs`.
   */
  progressAt: storedProperty('p', numberCodec),
  /** Whether the stall was reported. */
  isReported: optionalStoredProperty('told', trueCodec),
  /** Time at which the transfer was last seen active. */
  seenAt: storedProperty('seen', numberCodec),
});

const stored = makeObjectCodec({
  /** Start of the watch. Executions that were already stalled then are not reported. */
  since: storedProperty('t0', numberCodec),
  /** Executions without recent progress, by transfer id. */
  known: storedProperty('known', makeTableCodec(executionEntry)),
});

type State = StoredValue<typeof stored>;

/** An active execution without progress. Times are milliseconds since 1970 on the server's clock. */
interface StalledExecution {
  readonly transfer: Transfer;
  readonly execution: Execution;
  /** Time of the last progress. */
  readonly progressAt: number;
  /** Time from which the execution counts as stalled. */
  readonly stalledAt: number;
}

export const executionStalled = defineEvent({
  kind: 'execution_stalled',
  title: 'Execution Stalled',
  description: 'An active execution has shown no progress for a while; once for each execution',
  requestsPerPoll:
    '2; and once in _Stalled After Minutes_, 1 for each active execution that has not changed for so long',
  pollOrder: 4,
  settings: {
    stallMinutes: number(
      'Stalled After Minutes',
      'Minutes without any progress until an execution counts as stalled.',
      { default: 30, minimum: 5, maximum: 10_080 },
    ),
  },
  cursorPart: makeCursorPart('stalls', stored),
  poll: (state, { settingValues }) => poll(state, settingValues.stallMinutes * 60_000),
  select: (found) => found,
  accepts: ({ transfer }, filter) => acceptsTransfer(transfer, filter),
  *sample({ settingValues }) {
    return (yield* poll({ since: 0, known: new Map() }, settingValues.stallMinutes * 60_000)).result;
  },
  render,
  page: ({ transfer }) => ['execution', transfer.id],
});

/** Maximum number of executions that one poll reads; the next poll continues. */
const MAX_LOOKUPS = 50;

/**
 * Statuses of active executions for which the list of transfers can be filtered. AWAITING_MINION_ALLOCATIONS is
 * missing: the server's filter refuses it (docs/reference/coriolis-api.md §7.3). Such an execution ends by itself when
 * the pool fails.
 */
const ACTIVE = ['RUNNING', 'CANCELLING'];

/**
 * Polls for active executions without progress for `stallMs`. Every report of a task changes the transfer's row. So an
 * execution is read only when the row is old, and read again only when its last known progress is old too
 * (docs/reference/coriolis-domain.md §7).
 */
function* poll(
  state: State | undefined,
  stallMs: number,
): WatchSteps<EventPollResult<State, readonly StalledExecution[]>> {
  const { rows, date } = yield* activeTransfers();
  const { known } = state ?? { known: new Map<string, never>() };
  // When the server's clock was set back, the start of the watch lies in its future: move it to now.
  const since = Math.min(state?.since ?? date, date);
  const slow = rows.flatMap((row) => {
    const changedAt = parseServerTime(row.updated_at);
    return changedAt === null || date - changedAt < stallMs
      ? []
      : [{ row, changedAt, before: known.get(row.id) }];
  });
  const due = slow
    .filter(({ changedAt, before }) => {
      if (before?.changedAt !== changedAt) return true;
      return before.isReported !== true && date - before.progressAt >= stallMs;
    })
    .slice(0, MAX_LOOKUPS);

  const active = new Set(rows.map(({ id }) => id));
  // A transfer whose status changes between the two requests is in neither list, so its entry is kept for a while.
  const entries = new Map(
    [...known]
      .map(([id, entry]) => [id, active.has(id) ? { ...entry, seenAt: date } : entry] as const)
      .filter(([, { seenAt }]) => date - seenAt < ALWAYS_KEPT_AGE_MS),
  );
  const stalled: StalledExecution[] = [];
  const lookups = yield* runInBatches(due, ({ row }) => requestNewestExecutions(row.id, 1));
  for (const [index, { row, changedAt, before }] of due.entries()) {
    const execution = lookups[index]?.executions.at(-1);
    if (execution === undefined || isFinal(execution.status)) continue;
    // Each report of a task also changes the transfer's `updated_at`.
    const progressAt = Math.max(changedAt, lastProgress(execution));
    const stalledAt = progressAt + stallMs;
    const wasReported = before?.number === execution.number && before.isReported === true;
    const isStalled = stalledAt <= date;
    const isNew = isStalled && !wasReported && stalledAt > since;
    if (isNew) stalled.push({ transfer: row, execution, progressAt, stalledAt });
    entries.set(row.id, {
      changedAt,
      number: execution.number,
      // A stalled execution that is not reported, or not again, may continue and stall anew: look it up again after
      // `stallMs`.
      progressAt: isStalled && !isNew ? date : progressAt,
      seenAt: date,
      isReported: isNew || wasReported ? true : undefined,
    });
  }
  return { result: stalled, state: { since, known: entries } };
}

/**
 * Lists the transfers with an active execution. Servers before 1.2.3 ignore the filter and send all transfers, so that
 * the first request is enough.
 */
function* activeTransfers(): WatchSteps<{ readonly rows: readonly Transfer[]; readonly date: number }> {
  const found = new Map<string, Transfer>();
  let date: number | undefined;
  for (const status of ACTIVE) {
    const page = yield* requestRows('transfer', [], { status });
    date ??= page.date;
    for (const row of page.rows) {
      if (ACTIVE.includes(row.last_execution_status)) found.set(row.id, row);
    }
    if (page.rows.some(({ last_execution_status: shown }) => shown !== status)) break;
  }
  return { rows: [...found.values()], date: date ?? 0 };
}

/** Time of the last change of an execution: its status, the progress of a task, an event. */
function lastProgress(execution: Execution): number {
  const times = (execution.tasks ?? []).flatMap(({ updated_at, progress_updates, events }) => [
    updated_at,
    ...progress_updates.map((update) => update.updated_at ?? update.created_at),
    ...events.map(({ created_at }) => created_at),
  ]);
  return Math.max(endTimeOf(execution), ...times.map((time) => parseServerTime(time) ?? 0));
}

function render({ transfer, execution, progressAt, stalledAt }: StalledExecution): EventDraft {
  const progress = computeProgress(execution, stalledAt);
  const numbers = describeProgress(progress);
  const pause = describeSeconds((stalledAt - progressAt) / 1000);
  return {
    ...NO_EVENT_DETAILS,
    key: `${execution.id}@stalled`,
    event: 'execution_stalled',
    kind: 'execution',
    summary: `${formatExecutionTitle(execution, transfer)} has made no progress for ${pause}.`,
    occurred_at: formatIsoTime(stalledAt),
    status: execution.status,
    reason: `Nothing changed since ${formatIsoTime(progressAt)}${numbers === '' ? '' : `; ${numbers}`}.`,
    ...makeTransferProperties(transfer),
    ...makeExecutionProperties(execution),
    percent: progress.percent,
  };
}
