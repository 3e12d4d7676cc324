import type { Coriolis } from '../api/operation-context';
import { outcomeOf, statusOf } from '../model/status';
import type { Deployment, Execution } from '../model/api-objects';
import { tolerateErrors } from '../api/tolerate-errors';
import { fetchOneWithTime } from '../requests/object-requests';

/** Ids of an execution or a deployment. */
export type RunRef =
  | { readonly kind: 'execution'; readonly transferId: string; readonly executionId: string }
  | { readonly kind: 'deployment'; readonly deploymentId: string };

/** An execution or deployment as the server showed it at one moment. */
export interface FetchedRun {
  readonly run: Execution | Deployment;
  /** The server's time of the answer, milliseconds since 1970. Timestamps of the run are compared with it. */
  readonly date: number;
  /**
   * The execution that a deployment waits or waited for; null when that execution was deleted. Undefined unless the
   * deployment has no tasks and is PENDING or in ERROR.
   */
  readonly deployer?: Execution | null | undefined;
}

/** Fetches an execution with the server's time. */
export async function fetchExecutionRun(
  coriolis: Coriolis,
  transferId: string,
  executionId: string,
): Promise<FetchedRun & { readonly run: Execution }> {
  const { object: run, date } = await fetchOneWithTime(coriolis, 'execution', [transferId, executionId]);
  return { run, date };
}

/**
 * Fetches a deployment with the server's time. When it has no tasks and is PENDING or in ERROR, also fetches the
 * execution that it waits or waited for, because only that execution shows the reason (docs/reference/coriolis-api.md
 * §17, trap 14).
 */
export async function fetchDeploymentRun(
  coriolis: Coriolis,
  deploymentId: string,
): Promise<FetchedRun & { readonly run: Deployment }> {
  const { object: run, date } = await fetchOneWithTime(coriolis, 'deployment', [deploymentId]);
  const executionId = run.deployer_id ?? null;
  const isUnexplained = run.tasks === undefined && ['PENDING', 'ERROR'].includes(statusOf(run));
  if (!isUnexplained || executionId === null || run.transfer_id === null) return { run, date };
  const waitedFor = await tolerateErrors(
    fetchExecutionRun(coriolis, run.transfer_id, executionId),
    ['not_found'],
    null,
  );
  return { run, date, deployer: waitedFor?.run ?? null };
}

/**
 * Reason why a deployment failed without tasks although its execution had completed; undefined for all other runs. The
 * server checks once more whether the transfer can be deployed, and stores no reason when it refuses
 * (docs/reference/coriolis-api.md §17, trap 14).
 */
export function findReasonNotStarted({ run, deployer }: FetchedRun): string | undefined {
  return deployer && outcomeOf(statusOf(run)) === 'failed' && outcomeOf(deployer.status) === 'completed'
    ? 'It never started although the execution that it waited for had completed: the server refused to start it, most often because another run of the transfer had begun, or a minion pool was not allocated.'
    : undefined;
}

/**
 * Fetches an execution or a deployment.
 * @throws {NotFoundError} the run does not exist (any more)
 */
export function fetchRun(coriolis: Coriolis, target: RunRef): Promise<FetchedRun> {
  return target.kind === 'execution'
    ? fetchExecutionRun(coriolis, target.transferId, target.executionId)
    : fetchDeploymentRun(coriolis, target.deploymentId);
}
