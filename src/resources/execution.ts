import { path } from '../api/path';
import { NotFoundError } from '../api/errors';
import type { Coriolis } from '../api/coriolis';
import { failureOf } from '../model/failure';
import { progressOf } from '../model/progress';
import { durationSeconds } from '../model/timing';
import { isActive, isBeingStopped, isFinal, outcomeOf } from '../model/status';
import type { Deployment, Execution } from '../model/types';
import { key } from '../vocabulary/shape';

/** Result keys of an execution in a list, shared by several operations. */

export const executionRowShape = {
  id: key.text('Execution id'),
  transfer_id: key.text('Transfer id'),
  number: key.number('1, 2, 3 … per transfer'),
  type: key.text('transfer_execution (sync), transfer_update, transfer_disks_delete'),
  status: key.text('Status'),
  outcome: key.text('completed, failed or canceled; null while it is not over', { nullable: true }),
  created_at: key.time('Started'),
  finished_at: key.time('Ended', { nullable: true }),
  duration_seconds: key.number('From start to end', { nullable: true }),
};

/** Values of an execution in a list, without its tasks. */
export const executionRow = (execution: Execution) => {
  const over = isFinal(execution.status);
  return {
    id: execution.id,
    transfer_id: execution.action_id,
    number: execution.number,
    type: execution.type,
    status: execution.status,
    outcome: outcomeOf(execution.status) ?? null,
    created_at: execution.created_at,
    // The last change is the finish time; the row does not change later (watching.md §1).
    finished_at: over ? execution.updated_at : null,
    duration_seconds: over ? durationSeconds(execution.created_at, execution.updated_at) : null,
  };
};

export const runShape = {
  percent: key.number('0 to 100; null while unknown', { nullable: true }),
  eta_seconds: key.number('Estimated seconds left; null while unknown and when it is over', {
    nullable: true,
  }),
  running: key.rows('Tasks at work', {
    instance: key.text('Machine', { untrusted: true }),
    task_type: key.text('Task'),
    percent: key.number('0 to 100', { nullable: true }),
    message: key.text('Last message', { nullable: true, untrusted: true }),
  }),
  failure: key.object(
    'The task that failed first; null unless one did',
    {
      instance: key.text('Machine', { untrusted: true }),
      task_type: key.text('Task'),
      message: key.text('Its error, in the provider’s words', { untrusted: true }),
    },
    { nullable: true },
  ),
};

/** Progress and failure of a run. `now` is milliseconds since 1970 on the server's clock. */
export function runDetails(run: Execution | Deployment, now: number) {
  const { percent, eta_seconds, running } = progressOf(run, now);
  return { percent, eta_seconds, running, failure: failureOf(run.tasks ?? []) };
}

/** Fetches the newest executions, newest first. Each has all its tasks, so keep `limit` small (trap 9). */
export async function latestExecutions(
  { client }: Coriolis,
  transferId: string,
  limit: number,
): Promise<readonly Execution[]> {
  const { executions } = await client.get<{ executions: Execution[] }>(
    path`/transfers/${transferId}/executions`,
    {
      query: { limit, sort_key: 'number', sort_dir: 'desc' },
    },
  );
  // Servers before 1.2.2 ignore order and limit.
  return executions.sort((one, other) => other.number - one.number).slice(0, limit);
}

/** Number of newest executions to search for a failed one. */
const remembered = 10;

/**
 * The execution for a call without an id: the newest or, for a diagnosis, the newest that failed if there is one.
 *
 * @throws {NotFoundError} the transfer does not exist, or was never executed
 */
export async function executionMeant(
  coriolis: Coriolis,
  transferId: string,
  given: string | undefined,
  wanted: 'newest' | 'failure',
): Promise<string> {
  if (given !== undefined) return given;
  const latest = await latestExecutions(coriolis, transferId, wanted === 'newest' ? 1 : remembered);
  const failed = latest.find(({ status }) => outcomeOf(status) === 'failed');
  const meant = (wanted === 'failure' ? failed : undefined) ?? latest[0];
  return meant === undefined ? await noExecutions(coriolis, transferId) : meant.id;
}

/**
 * The execution for a cancel without an id: the running one. A transfer has one at a time.
 *
 * @throws {NotFoundError} the transfer does not exist, or nothing of it is running
 */
export async function executionToStop(
  coriolis: Coriolis,
  transferId: string,
  given: string | undefined,
): Promise<string> {
  if (given !== undefined) return given;
  const latest = await latestExecutions(coriolis, transferId, remembered);
  const running = latest.find(({ status }) => isActive(status));
  if (running !== undefined) return running.id;
  const [newest] = latest;
  if (newest === undefined) return await noExecutions(coriolis, transferId);
  throw new NotFoundError(
    `No execution of the transfer is running; the newest, ${newest.id}, is ${newest.status}.`,
    { advice: 'There is nothing to cancel. Deployments are cancelled by their own ids.' },
  );
}

/** @throws {NotFoundError} always: the transfer does not exist, or was never executed */
async function noExecutions({ client }: Coriolis, transferId: string): Promise<never> {
  // An unknown transfer has an empty list of executions, not a 404 (trap 18), so the transfer is read.
  await client.get(path`/transfers/${transferId}`);
  throw new NotFoundError('The transfer has no executions yet.', { advice: 'Execute it first.' });
}

/**
 * Finds the execution of a request whose answer was lost. An UNEXECUTED one is an orphan of a refused request and never
 * runs (trap 32).
 */
export const newestExecution =
  (coriolis: Coriolis, transferId: string, type: string) =>
  async (createdSince: (createdAt: string) => boolean): Promise<{ execution: Execution } | undefined> => {
    const found = (await latestExecutions(coriolis, transferId, 3)).find(
      (execution) =>
        execution.type === type && execution.status !== 'UNEXECUTED' && createdSince(execution.created_at),
    );
    return found && { execution: found };
  };

/** Starts a sync of a transfer. */
export async function startExecution(
  coriolis: Coriolis,
  transferId: string,
  { shutdownInstances, autoDeploy }: { readonly shutdownInstances: boolean; readonly autoDeploy: boolean },
): Promise<Execution> {
  const { execution } = await coriolis.client.post<{ execution: Execution }>(
    path`/transfers/${transferId}/executions`,
    // Real booleans, because the server reads the text "false" as true (coriolis-api.md §8).
    { execution: { shutdown_instances: shutdownInstances, auto_deploy: autoDeploy } },
    { recover: newestExecution(coriolis, transferId, 'transfer_execution') },
  );
  return execution;
}

/** Requests the cancellation of an execution, which ends later. */
export async function cancelExecution(
  { client }: Coriolis,
  transferId: string,
  executionId: string,
  force: boolean,
): Promise<void> {
  const where = path`/transfers/${transferId}/executions/${executionId}`;
  await client.post(
    `${where}/actions`,
    { cancel: { force } },
    // Node.js rejects the answer of servers before 1.2.2, whose 204 has a body (trap 6).
    {
      recover: async () => {
        const { execution } = await client.get<{ execution: Execution }>(where);
        return isBeingStopped(execution.status) ? true : undefined;
      },
    },
  );
}

export async function fetchExecution(
  { client }: Coriolis,
  transferId: string,
  id: string,
): Promise<Execution> {
  const where = path`/transfers/${transferId}/executions/${id}`;
  return (await client.get<{ execution: Execution }>(where)).execution;
}
