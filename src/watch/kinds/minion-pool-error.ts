import { MIN_FINAL_STATUS_AGE_MS } from '../../model/status';
import { readErrorText } from '../../model/error-text';
import { parseServerTime, toIsoTime } from '../../model/timestamps';
import type { MinionPool, TaskEvent } from '../../model/api-objects';
import { quoteText } from '../../model/untrusted-text';
import { makeCursorPart } from '../cursor';
import { defineEvent, type EventPollResult } from '../define-event';
import { acceptsEndpoints } from '../event-filter';
import { NO_EVENT_DETAILS, type EventDraft } from '../event-view';
import { MAX_EVENT_NAME_LENGTH } from '../event-parts';
import { requestObject, requestRows, runInBatches, type WatchSteps } from '../watch-steps';
import {
  storedProperty,
  optionalStoredProperty,
  trueCodec,
  numberCodec,
  makeObjectCodec,
  makeTableCodec,
  textCodec,
  type StoredValue,
} from '../stored-codec';

/** Stored data about a pool. */
const poolEntry = makeObjectCodec({
  /** `updated_at` of the pool. */
  changedAt: storedProperty('u', numberCodec),
  status: storedProperty('s', textCodec),
  /** Number of the pool's events that are handled. */
  handledEvents: storedProperty('e', numberCodec),
  /** Whether the pool changed less than 2 s ago, so that the next poll reads it again. */
  recheck: optionalStoredProperty('hot', trueCodec),
});

const stored = makeObjectCodec({ known: storedProperty('known', makeTableCodec(poolEntry)) });

type State = StoredValue<typeof stored>;
type PoolEntry = StoredValue<typeof poolEntry>;

/** A change of a minion pool into ERROR. */
interface FailedPool {
  readonly pool: MinionPool;
  /** The pool's event for the change into ERROR; null when there is none. */
  readonly change: TaskEvent | null;
  /** The newest error event before the change; null when there is none. */
  readonly error: TaskEvent | null;
}

export const minionPoolError = defineEvent({
  kind: 'minion_pool_error',
  title: 'Minion Pool in Error',
  description: 'A minion pool went into ERROR',
  requestsPerPoll: '1, and 1 for each pool that changed',
  pollOrder: 7,
  settings: {},
  cursorPart: makeCursorPart('pools', stored),
  poll,
  select: (found) => found,
  accepts: ({ pool }, filter) => acceptsEndpoints(endpointIdsOf(pool), filter),
  *sample() {
    return (yield* poll({ known: new Map() })).result;
  },
  render,
  page: ({ pool }) => ['minionPool', pool.id],
});

/** Text of the server's event for a change into ERROR (docs/reference/coriolis-domain.md §11). */
const INTO_ERROR = /^Pool status (?:transitioned|reverted) from '[^']*' to 'ERROR'/;

/**
 * Polls for minion pools that went into ERROR. Each change is found once, even several between two polls, because the
 * events of the pool are read. The list of pools shows no events, so each changed pool is read separately.
 */
function* poll(state: State | undefined): WatchSteps<EventPollResult<State, readonly FailedPool[]>> {
  const { rows, date } = yield* requestRows('minionPool', []);
  const seen = rows.map((row) => {
    const changedAt = parseServerTime(row.updated_at) ?? parseServerTime(row.created_at) ?? 0;
    const before = state?.known.get(row.id);
    const isSame =
      before !== undefined &&
      before.recheck !== true &&
      before.changedAt === changedAt &&
      before.status === row.status;
    return { row, changedAt, before, isSame };
  });
  const changed = seen.filter(({ isSame }) => !isSame);
  const lookups = yield* runInBatches(changed, ({ row }) => requestObject('minionPool', row.id));

  const failed: FailedPool[] = [];
  const known = new Map<string, PoolEntry>(
    seen.flatMap(({ row, before, isSame }) => (isSame && before !== undefined ? [[row.id, before]] : [])),
  );
  for (const [index, { row, changedAt, before }] of changed.entries()) {
    const pool = lookups[index]?.rows[0];
    if (pool === undefined) continue;
    const events = inOrder(pool);
    if (events.length < (before?.handledEvents ?? 0)) {
      // The server never deletes events, so an answer with fewer events is incomplete: read the pool again next time.
      if (before !== undefined) known.set(row.id, { ...before, recheck: true });
      continue;
    }
    if (state !== undefined) failed.push(...failuresOf(pool, events, before));
    known.set(row.id, {
      changedAt,
      status: pool.status,
      handledEvents: events.length,
      recheck: date - changedAt < MIN_FINAL_STATUS_AGE_MS ? true : undefined,
    });
  }
  return { result: failed, state: { known } };
}

const inOrder = ({ events }: MinionPool): readonly TaskEvent[] =>
  (events ?? []).toSorted(
    (a, b) => (a.index ?? 0) - (b.index ?? 0) || a.created_at.localeCompare(b.created_at),
  );

function failuresOf(
  pool: MinionPool,
  events: readonly TaskEvent[],
  before: PoolEntry | undefined,
): readonly FailedPool[] {
  const handled = before?.handledEvents ?? 0;
  const changes = events.flatMap((event, position) =>
    position >= handled && INTO_ERROR.test(event.message)
      ? [{ pool, change: event, error: errorBefore(events, position) }]
      : [],
  );
  if (changes.length > 0) return changes;
  // When the server words its events differently, the status still shows the change.
  const isNewlyFailed = pool.status === 'ERROR' && before?.status !== 'ERROR';
  return isNewlyFailed ? [{ pool, change: null, error: errorBefore(events, events.length) }] : [];
}

const errorBefore = (events: readonly TaskEvent[], position: number): TaskEvent | null =>
  events.slice(0, position).findLast(({ level }) => level === 'ERROR') ?? null;

const endpointIdsOf = ({ platform, endpoint_id: id }: MinionPool) => ({
  origin_endpoint_id: platform === 'source' ? id : null,
  destination_endpoint_id: platform === 'source' ? null : id,
});

function render({ pool, change, error }: FailedPool): EventDraft {
  const text = readErrorText(error?.message);
  const name = quoteText(pool.name, MAX_EVENT_NAME_LENGTH);
  const at = toIsoTime(change?.created_at ?? pool.updated_at);
  return {
    ...NO_EVENT_DETAILS,
    key: `${pool.id}@${change?.id ?? at ?? ''}`,
    event: 'minion_pool_error',
    kind: 'minion_pool',
    summary: `Minion pool ${name} went into ERROR.${text === null ? '' : ` ${text.textToShow}`}`,
    occurred_at: at,
    status: pool.status,
    reason: text?.textToShow ?? null,
    minion_pool_id: pool.id,
    transfer_id: null,
    scenario: null,
    name,
    instances: [],
    ...endpointIdsOf(pool),
    notes: pool.notes === null ? null : quoteText(pool.notes, MAX_EVENT_NAME_LENGTH),
    error: text && { text },
  };
}
