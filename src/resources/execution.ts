import { NotFoundError } from '../api/errors';
import type { Coriolis } from '../api/operation-context';
import { secondsBetween, parseServerTime } from '../model/timestamps';
import { isActive, isStoppedOrStopping, isFinal, outcomeOf } from '../model/status';
import type { Execution } from '../model/api-objects';
import { key, view } from '../vocabulary/result-keys';
import { cancellationKeys, type Cancellation } from '../fields/common-fields';
import { createOne, fetchAllByQuery, fetchOne, makeObjectPath } from '../requests/object-requests';

/** Keys of an execution without its tasks. */
export const executionKeys = {
  id: key.text('Execution id'),
  transfer_id: key.text('Transfer id', ({ action_id: transferId }: Execution) => transferId),
  number: key.number('Number among the executions of the transfer: 1, 2, 3 …'),
  type: key.text('transfer_execution (sync), transfer_update, transfer_disks_delete'),
  status: key.text('Status'),
  outcome: key.text(
    'completed, failed or canceled; null while the execution has not ended',
    ({ status }: Execution) => outcomeOf(status),
    { nullable: true },
  ),
  created_at: key.time('Started'),
  finished_at: key.time('Ended', finishedAt, { nullable: true }),
  duration_seconds: key.number(
    'Duration',
    (execution: Execution) => secondsBetween(execution.created_at, finishedAt(execution)),
    { nullable: true },
  ),
};

export const executionView = view<Execution>()(executionKeys);

/** Result view of the cancellation of an execution. */
export const executionCancellationView = view<Cancellation & { readonly transfer_id: string }>()({
  id: key.text('Execution id'),
  transfer_id: key.text('Transfer id'),
  ...cancellationKeys,
});

/**
 * End of a final execution: the time of its last change, since nothing changes the row later
 * (docs/reference/watching.md §1).
 */
function finishedAt({ status, updated_at }: Execution): string | null {
  return isFinal(status) ? updated_at : null;
}

/**
 * Reads the newest executions of a transfer, newest first. Each comes with all its tasks, so ask for few
 * (docs/reference/coriolis-api.md §17, trap 9).
 */
export async function fetchNewestExecutions(
  coriolis: Coriolis,
  transferId: string,
  limit: number,
): Promise<readonly Execution[]> {
  const query = { limit, sort_key: 'number', sort_dir: 'desc' };
  const executions = await fetchAllByQuery(coriolis, 'execution', [transferId], query);
  // Servers before 1.2.2 ignore order and limit and send all executions.
  return [...executions].sort((one, other) => other.number - one.number).slice(0, limit);
}

/** Number of the newest executions among which the latest failure or the running execution is searched. */
export const MAX_SEARCHED_EXECUTIONS = 10;

/**
 * Returns the given execution id. Without one, finds the newest execution; with `wanted: 'failure'` the newest failed
 * one, or else the newest.
 *
 * @throws {NotFoundError} the transfer does not exist, or was never executed
 */
export async function resolveExecutionId(
  coriolis: Coriolis,
  transferId: string,
  given: string | undefined,
  wanted: 'newest' | 'failure',
): Promise<string> {
  if (given !== undefined) return given;
  const latest = await fetchNewestExecutions(
    coriolis,
    transferId,
    wanted === 'newest' ? 1 : MAX_SEARCHED_EXECUTIONS,
  );
  const failed = latest.find(({ status }) => outcomeOf(status) === 'failed');
  const meant = (wanted === 'failure' ? failed : undefined) ?? latest[0];
  return meant === undefined ? await throwNoExecutions(coriolis, transferId) : meant.id;
}

/**
 * Returns the given execution id. Without one, finds the running execution of the transfer; Coriolis runs one at a
 * time.
 *
 * @throws {NotFoundError} the transfer does not exist, or it has no running execution
 */
export async function resolveRunningExecutionId(
  coriolis: Coriolis,
  transferId: string,
  given: string | undefined,
): Promise<string> {
  if (given !== undefined) return given;
  const latest = await fetchNewestExecutions(coriolis, transferId, MAX_SEARCHED_EXECUTIONS);
  const running = latest.find(({ status }) => isActive(status));
  if (running !== undefined) return running.id;
  const [newest] = latest;
  if (newest === undefined) return await throwNoExecutions(coriolis, transferId);
  throw new NotFoundError(
    `No execution of the transfer is running; the newest, ${newest.id}, is ${newest.status}.`,
    { advice: 'There is nothing to cancel. Deployments are canceled by their own ids.' },
  );
}

/**
 * Throws the error for a transfer without executions.
 * @throws {NotFoundError} always: the transfer was never executed, or does not exist. The server answers both with an
 * empty list (docs/reference/coriolis-api.md §17, trap 18).
 */
async function throwNoExecutions(coriolis: Coriolis, transferId: string): Promise<never> {
  await fetchOne(coriolis, 'transfer', transferId);
  throw new NotFoundError('The transfer has no executions yet.', { advice: 'Execute it first.' });
}

/**
 * Makes a function that finds the executions that a request with a lost response may have started. UNEXECUTED
 * executions are left out: they are left over from refused requests and never run (docs/reference/coriolis-api.md §17,
 * trap 32).
 */
const findStarted =
  (coriolis: Coriolis, transferId: string, type: string) =>
  async (createdSince: (createdAt: string) => boolean): Promise<readonly Execution[]> =>
    (await fetchNewestExecutions(coriolis, transferId, 3)).filter(
      (execution) =>
        execution.type === type && execution.status !== 'UNEXECUTED' && createdSince(execution.created_at),
    );

/** As `findStarted`, with each execution wrapped like the body of the server's response. */
export const makeStartedExecutionsFinder =
  (coriolis: Coriolis, transferId: string, type: string) =>
  async (createdSince: (createdAt: string) => boolean) => {
    const found = await findStarted(coriolis, transferId, type)(createdSince);
    return found.map((execution) => ({ execution }));
  };

/** Starts a sync of a transfer. */
export const startSync = (
  coriolis: Coriolis,
  transferId: string,
  { shutdownInstances, autoDeploy }: { readonly shutdownInstances: boolean; readonly autoDeploy: boolean },
): Promise<Execution> =>
  // The values must be booleans: the server reads the text "false" as true (docs/reference/coriolis-api.md §8).
  createOne(
    coriolis,
    'execution',
    [transferId],
    { shutdown_instances: shutdownInstances, auto_deploy: autoDeploy },
    { find: findStarted(coriolis, transferId, 'transfer_execution') },
  );

/** Requests the cancellation of an execution. The execution ends some time after this call. */
export async function cancelExecution(
  coriolis: Coriolis,
  transferId: string,
  executionId: string,
  force: boolean,
): Promise<void> {
  const ids = [transferId, executionId] as const;
  await coriolis.client.post(
    `${makeObjectPath('execution', ...ids)}/actions`,
    { cancel: { force } },
    // Node's HTTP clients lose the response of servers before 1.2.2, whose 204 has a body
    // (docs/reference/coriolis-api.md §17, trap 6).
    {
      recover: async () =>
        isStoppedOrStopping((await fetchOne(coriolis, 'execution', ...ids)).status) ? true : undefined,
    },
  );
}

/** Whether an execution is running, or ended at `from` (unix seconds) or later. */
export const isRunningOrEndedSince = ({ status, updated_at: changed }: Execution, from: number): boolean =>
  !isFinal(status) || (parseServerTime(changed) ?? 0) >= from * 1000;
