import type { ApiClient } from '../api/api-client';
import { mapConcurrently } from '../api/map-concurrently';
import type { Coriolis } from '../api/operation-context';
import { tolerateErrors } from '../api/tolerate-errors';
import {
  computeCopyAgeSeconds,
  computeCopyState,
  type CopyState,
  type LastCopyFacts,
} from '../model/last-copy';
import { outcomeOf } from '../model/status';
import { describeSeconds, parseServerTime } from '../model/timestamps';
import type { Deployment, Execution, Transfer } from '../model/api-objects';
import { key } from '../vocabulary/result-keys';
import { fetchNewestExecutions } from '../resources/execution';
import { fetchOptional, fetchPaged } from '../requests/object-requests';

/** Result keys of the last usable copy of a transfer. */
export const lastCopyKeys = {
  last_copy_at: key.time('Start of the last completed sync whose disks are usable; null without one', {
    nullable: true,
  }),
  last_copy_age_seconds: key.number('Age of the last usable copy; null without one', { nullable: true }),
  last_copy_age: key.text(
    'Age of the last usable copy for people: 14 h 05 min',
    ({ last_copy_age_seconds: seconds }: Pick<LastCopyFacts, 'last_copy_age_seconds'>) =>
      seconds === null ? null : describeSeconds(seconds),
    { nullable: true, redundant: true },
  ),
  no_copy_reason: key.text(
    'Why there is no usable copy: never_synced, disks_deleted, deployed_without_clones; not_looked_up when it is unknown',
    { nullable: true },
  ),
};

/** Copy of an object that has no transfer, or whose copy nobody asked for. */
export const NO_LAST_COPY: LastCopyFacts = {
  last_copy_at: null,
  last_copy_age_seconds: null,
  no_copy_reason: null,
};

/**
 * Makes the result values of a copy. Time and age are null without a copy, or when the copy was not looked up.
 *
 * @param state undefined for a copy that was not looked up
 * @param now milliseconds since 1970 on the server's clock
 */
export const makeLastCopyFacts = (state: CopyState | undefined, now: number): LastCopyFacts =>
  state === undefined
    ? { ...NO_LAST_COPY, no_copy_reason: 'not_looked_up' }
    : {
        last_copy_at: state.copy?.at ?? null,
        last_copy_age_seconds: computeCopyAgeSeconds(state, now),
        no_copy_reason: state.reason,
      };

/** Maximum number of transfers whose executions one call looks up. */
export const MAX_COPY_LOOKUPS = 100;

/** Maximum number of transfers that are looked up at the same time. */
const CONCURRENCY = 8;
/** Number of executions in the first request. */
const FIRST_EXECUTIONS = 5;
/** Factor by which each further request asks for more executions. */
const GROWTH = 8;
/** Maximum number of executions in one request; each execution contains all its tasks. */
const MAX_EXECUTIONS = 320;
/** Maximum milliseconds between two times that the server writes for one change (docs/reference/watching.md §1). */
const SAME_CHANGE_MS = 1000;
/**
 * Age in milliseconds from which the state of a transfer may be cached. A younger row may change again within the same
 * second, and its time would not show that.
 */
const SETTLED_MS = 3000;
/** Maximum number of cached copies for each client. */
const MAX_REMEMBERED = 50_000;

/** Fields of a transfer that show whether its cached copy is still valid. */
export type TransferChangeMarks = Pick<Transfer, 'id' | 'updated_at' | 'last_execution_status'>;

const NEVER_SYNCED: CopyState = { copy: null, reason: 'never_synced' };

interface CachedCopy {
  /** `markerOf` the transfer when the copy was looked up. */
  readonly marker: string;
  readonly state: CopyState;
}

/**
 * Cached copies by transfer, for each client. An entry is valid while the row of its transfer is unchanged: each change
 * of executions, and each deployment that takes the disks, changes `updated_at` or the status
 * (docs/reference/watching.md §1).
 */
const memory = new WeakMap<ApiClient, Map<string, CachedCopy>>();

/** Text that differs as soon as the transfer may have another copy. */
const markerOf = ({ updated_at: changed, last_execution_status: status }: TransferChangeMarks): string =>
  `${changed ?? ''} ${status}`;

function cacheFor(client: ApiClient): Map<string, CachedCopy> {
  const known = memory.get(client.withoutDefaults) ?? new Map<string, CachedCopy>();
  memory.set(client.withoutDefaults, known);
  return known;
}

/**
 * Drops the cached copy of a transfer. Needed after the deletion of an execution, which does not change the
 * transfer's row.
 */
export const forgetLastCopy = (client: ApiClient, transferId: string): void => {
  memory.get(client.withoutDefaults)?.delete(transferId);
};

/** The copy of a transfer, when its row or the cache already shows the state; undefined when a request is needed. */
export function findCachedLastCopy(
  { client }: Coriolis,
  transfer: TransferChangeMarks,
): CopyState | undefined {
  if (transfer.last_execution_status === 'UNEXECUTED' && transfer.updated_at === null) return NEVER_SYNCED;
  const entry = memory.get(client.withoutDefaults)?.get(transfer.id);
  return entry?.marker === markerOf(transfer) ? entry.state : undefined;
}

/**
 * Finds the last usable copies of transfers. A cached copy costs no request, another one usually one or two small
 * requests. When transfers changed after their last execution, one pass over the newest deployments is added for all.
 *
 * @param limit maximum number of transfers that are looked up
 * @param newest newest executions already read; given only with a single transfer
 * @returns states by transfer id; transfers beyond the limit are missing
 */
export async function fetchLastCopies(
  coriolis: Coriolis,
  transfers: readonly TransferChangeMarks[],
  limit = MAX_COPY_LOOKUPS,
  newest: readonly Execution[] = [],
): Promise<ReadonlyMap<string, CopyState>> {
  const states = new Map<string, CopyState>();
  const unknown: TransferChangeMarks[] = [];
  for (const transfer of transfers) {
    const state = findCachedLastCopy(coriolis, transfer);
    if (state === undefined) unknown.push(transfer);
    else states.set(transfer.id, state);
  }
  const histories = await mapConcurrently(
    unknown.slice(0, Math.max(0, limit)),
    CONCURRENCY,
    async (transfer) => ({ transfer, executions: await historyOf(coriolis, transfer, newest) }),
  );
  const inDoubt = histories.filter(mayBeDeployed);
  const deployments = await tolerateErrors(deploymentsSince(coriolis, inDoubt), ['forbidden'], undefined);
  const untold = new Set(deployments === undefined ? inDoubt.map(({ transfer: { id } }) => id) : []);
  const { client } = coriolis;
  const known = cacheFor(client);
  if (known.size > MAX_REMEMBERED) known.clear();
  for (const { transfer, executions } of histories) {
    if (executions === undefined || untold.has(transfer.id)) continue;
    const state = computeCopyState(executions, deployments?.get(transfer.id));
    states.set(transfer.id, state);
    const changed = parseServerTime(transfer.updated_at);
    if (changed !== null && client.serverTime - changed > SETTLED_MS) {
      known.set(transfer.id, { marker: markerOf(transfer), state });
    }
  }
  return states;
}

/**
 * Finds the last usable copy of one transfer. Undefined when the copy stays unknown: too many executions without a
 * completed sync, or no permission to list deployments.
 * @param newest newest executions of the transfer already read
 */
export const fetchLastCopy = async (
  coriolis: Coriolis,
  transfer: Transfer,
  newest: readonly Execution[] = [],
): Promise<CopyState | undefined> =>
  (await fetchLastCopies(coriolis, [transfer], 1, newest)).get(transfer.id);

/**
 * Adds the last usable copies to rows of a list, in batches, and keeps their order.
 * @param limit maximum number of transfers that are looked up; the others get the cached copy, if there is one
 */
export async function* withLastCopies(
  coriolis: Coriolis,
  rows: AsyncIterable<Transfer>,
  limit = MAX_COPY_LOOKUPS,
): AsyncIterable<Transfer & LastCopyFacts> {
  let left = limit;
  const finish = async (batch: readonly Transfer[]) => {
    const unknown = batch.filter((transfer) => findCachedLastCopy(coriolis, transfer) === undefined).length;
    const states = await fetchLastCopies(coriolis, batch, left);
    left = Math.max(0, left - unknown);
    return batch.map((transfer) => ({
      ...transfer,
      ...makeLastCopyFacts(states.get(transfer.id), coriolis.client.serverTime),
    }));
  };
  let batch: Transfer[] = [];
  for await (const row of rows) {
    batch.push(row);
    if (batch.length < BATCH) continue;
    yield* await finish(batch);
    batch = [];
  }
  yield* await finish(batch);
}

/**
 * Yields the rows whose last usable copy is missing or older than `moment`, with their copies. After
 * `MAX_FILTER_LOOKUPS` lookups, further rows are kept and marked as not looked up.
 *
 * @param moment milliseconds since 1970
 * @param limit maximum number of rows
 */
export async function* filterByCopyAge(
  coriolis: Coriolis,
  rows: AsyncIterable<Transfer>,
  moment: number,
  limit: number | undefined,
): AsyncIterable<Transfer & LastCopyFacts> {
  let found = 0;
  for await (const row of withLastCopies(coriolis, rows, MAX_FILTER_LOOKUPS)) {
    const copied = parseServerTime(row.last_copy_at);
    if (copied !== null && copied >= moment) continue;
    yield row;
    found += 1;
    if (found === limit) return;
  }
}

/** Maximum number of transfers that a filter by the age of copies looks up. */
const MAX_FILTER_LOOKUPS = 300;

/** Number of rows whose copies are looked up in one go. */
const BATCH = 24;

/**
 * Reads the newest executions of a transfer back to its last completed sync, or all of them. Undefined when
 * `MAX_EXECUTIONS` contain no completed sync. When the last execution completed, it is usually that sync, so the first
 * request asks for one execution.
 */
async function historyOf(
  coriolis: Coriolis,
  transfer: TransferChangeMarks,
  newest: readonly Execution[],
): Promise<readonly Execution[] | undefined> {
  if (computeCopyState(newest).reason !== 'never_synced') return newest;
  const isCompleted = outcomeOf(transfer.last_execution_status) === 'completed';
  for (let limit = isCompleted ? 1 : FIRST_EXECUTIONS; ; limit *= limit === 1 ? FIRST_EXECUTIONS : GROWTH) {
    const executions = await tolerateErrors(
      fetchNewestExecutions(coriolis, transfer.id, limit),
      ['not_found'],
      [] as readonly Execution[],
    );
    if (executions.length < limit || computeCopyState(executions).reason !== 'never_synced')
      return executions;
    if (limit >= MAX_EXECUTIONS) return undefined;
  }
}

/**
 * Whether the transfer has a copy and changed after the copying sync, so that a deployment may have used up its disks.
 */
function mayBeDeployed({ transfer, executions }: History): boolean {
  const { copy } = computeCopyState(executions ?? []);
  if (copy === null) return false;
  const [newest] = executions ?? [];
  const changed = parseServerTime(transfer.updated_at);
  const ended = parseServerTime(newest?.updated_at);
  if (newest?.id !== copy.executionId || changed === null || ended === null) return true;
  return changed - ended > SAME_CHANGE_MS;
}

interface History {
  readonly transfer: TransferChangeMarks;
  /** Newest executions back to the last completed sync; undefined when there were too many. */
  readonly executions: readonly Execution[] | undefined;
}

/**
 * Reads the completed deployments that may have used up the disks of the given copies, by transfer. The lists of legacy
 * servers have no `clone_disks`, so there each deployment is read with its tasks.
 */
async function deploymentsSince(
  coriolis: Coriolis,
  histories: readonly History[],
): Promise<ReadonlyMap<string, readonly Deployment[]>> {
  const found = new Map<string, Deployment[]>();
  const syncs = new Map(
    histories.flatMap(({ transfer, executions }) => {
      const { copy } = computeCopyState(executions ?? []);
      const sync = executions?.find(({ id }) => id === copy?.executionId);
      return sync === undefined ? [] : [[transfer.id, sync] as const];
    }),
  );
  const oldest = [...syncs.values()].map(({ created_at: at }) => at).sort()[0];
  if (oldest === undefined) return found;
  for await (const one of fetchPaged(coriolis, 'deployment', [])) {
    if (one.created_at < oldest) break;
    const sync = syncs.get(one.transfer_id ?? '');
    if (sync === undefined || one.created_at < sync.created_at || one.clone_disks === true) continue;
    if (outcomeOf(one.last_execution_status) !== 'completed') continue;
    const known =
      typeof one.clone_disks === 'boolean'
        ? one
        : ((await fetchOptional(coriolis, 'deployment', [one.id])) ?? one);
    found.set(sync.action_id, [...(found.get(sync.action_id) ?? []), known]);
  }
  return found;
}
