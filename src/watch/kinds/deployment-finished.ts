import { withoutUndefined } from '../../model/json';
import { MIN_FINAL_STATUS_AGE_MS, isFinal, outcomeOf } from '../../model/status';
import { secondsBetween, toIsoTime } from '../../model/timestamps';
import type { Deployment } from '../../model/api-objects';
import { makeCursorPart } from '../cursor';
import { defineEvent, type EventPollResult } from '../define-event';
import { NO_EVENT_DETAILS, type EventDraft } from '../event-view';
import { fetchAndAddDeploymentFailure } from '../explain-failed-event';
import { acceptsDeployment } from '../event-filter';
import { requestChangedRows, type ChangedRow } from '../request-changed-rows';
import { MAX_OLD_ENTRIES } from '../retention-limits';
import { sortLatestChangeFirst, recentRowsQuery } from '../find-recent-execution';
import { outcomeVerbOf } from '../../model/state-descriptions';
import { makeTransferOrDeploymentProperties, makeTransferOrDeploymentEventName } from '../event-parts';
import { requestRows, type WatchSteps } from '../watch-steps';
import {
  storedProperty,
  numberCodec,
  makeObjectCodec,
  makeTableCodec,
  type StoredValue,
} from '../stored-codec';
import {
  CLOCK_WENT_BACK_REASON,
  computeOldestChangeOfFirstPoll,
  computeFirstRememberedPeriodStart,
  wasClockSetBackTooFar,
  isFarAhead,
  computeRememberedPeriodStart,
  computeOldestChangeToRead,
  handledChangesProperties,
} from '../handled-changes';

const stored = makeObjectCodec({
  ...handledChangesProperties,
  /** End times of handled deployments, by id. */
  handled: storedProperty('done', makeTableCodec(numberCodec)),
});

type State = StoredValue<typeof stored>;
type DeploymentsPoll = EventPollResult<State, readonly Deployment[]>;

export const deploymentFinished = defineEvent({
  kind: 'deployment',
  title: 'Deployment Finished',
  description: 'A deployment (migration) completed, failed or was canceled',
  requestsPerPoll: '1, and 1 for each deployment that failed',
  pollOrder: 3,
  isDefault: true,
  settings: {},
  cursorPart: makeCursorPart('deployments', stored),
  poll: (state, { localNow }) => poll(state, localNow),
  select: (found) => found,
  accepts: acceptsDeployment,
  *sample() {
    const { rows } = yield* requestRows('deployment', [], recentRowsQuery);
    return sortLatestChangeFirst(rows).filter((row) => isFinal(row.last_execution_status));
  },
  render,
  page: ({ id }) => ['deployment', id],
  explain: fetchAndAddDeploymentFailure,
});

/**
 * Polls for deployments that ended. A deployment runs only once, so its id identifies the event, and the list of
 * deployments is enough (docs/reference/watching.md §3).
 */
function* poll(state: State | undefined, now: number): WatchSteps<DeploymentsPoll | undefined> {
  if (state === undefined) return yield* firstState(now);
  const changes = yield* requestChangedRows('deployment', ({ date }) =>
    computeOldestChangeToRead(state, date, now),
  );
  if (changes === undefined) return undefined;
  if (wasClockSetBackTooFar(state, changes.date)) return yield* firstState(now, CLOCK_WENT_BACK_REASON);

  const { rows, date: readAt } = changes;
  const finished = finishedSince(rows, state.handledUntil).filter(
    ({ row, changedAt, date }) =>
      !state.handled.has(row.id) &&
      (date - changedAt >= MIN_FINAL_STATUS_AGE_MS || isFarAhead(changedAt, date)),
  );
  const handled = new Map([...state.handled, ...endTimes(finished)]);
  const newestChange = Math.min(Math.max(state.newestChange, rows.at(-1)?.changedAt ?? 0), readAt);
  const handledUntil = Math.max(
    state.handledUntil,
    computeRememberedPeriodStart([...handled.values()], newestChange, MAX_OLD_ENTRIES),
  );
  return {
    result: finished.map(({ row }) => row),
    state: { handledUntil, newestChange, readAt, polledAt: now, handled: after(handled, handledUntil) },
  };
}

/** State of the first poll: only deployments that end from now on are reported. */
function* firstState(now: number, restart?: string): WatchSteps<DeploymentsPoll | undefined> {
  const changes = yield* requestChangedRows('deployment', computeOldestChangeOfFirstPoll);
  if (changes === undefined) return undefined;
  const { rows, date: readAt } = changes;
  const newestChange = Math.min(rows.at(-1)?.changedAt ?? 0, readAt);
  const handledUntil = computeFirstRememberedPeriodStart(changes, newestChange);
  const handled = new Map(endTimes(finishedSince(rows, handledUntil)));
  return {
    result: [],
    state: { handledUntil, newestChange, readAt, polledAt: now, handled },
    ...withoutUndefined({ restart }),
  };
}

const after = (times: ReadonlyMap<string, number>, start: number): ReadonlyMap<string, number> =>
  new Map([...times].filter(([, time]) => time > start));

type Row = ChangedRow<Deployment>;

const finishedSince = (rows: readonly Row[], time: number): readonly Row[] =>
  rows.filter(({ row, changedAt }) => isFinal(row.last_execution_status) && changedAt > time);

const endTimes = (rows: readonly Row[]): ReadonlyArray<readonly [string, number]> =>
  rows.map(({ row, changedAt }) => [row.id, changedAt] as const);

function render(found: Deployment): EventDraft {
  const status = found.last_execution_status;
  const outcome = outcomeOf(status) ?? 'failed';
  return {
    ...NO_EVENT_DETAILS,
    key: found.id,
    event: 'deployment_finished',
    kind: 'deployment',
    summary: `The deployment of ${makeTransferOrDeploymentEventName(found)} ${outcomeVerbOf(outcome)}.`,
    occurred_at: toIsoTime(found.updated_at),
    outcome,
    status,
    execution_id: found.deployer_id ?? null,
    deployment_id: found.id,
    type: 'deployment',
    transfer_id: found.transfer_id,
    scenario: found.transfer_scenario_type ?? null,
    ...makeTransferOrDeploymentProperties(found),
    started_at: toIsoTime(found.created_at),
    finished_at: toIsoTime(found.updated_at),
    duration_seconds: secondsBetween(found.created_at, found.updated_at),
  };
}
