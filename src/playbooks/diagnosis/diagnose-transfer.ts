import type { Coriolis } from '../../api/operation-context';
import { isActive, outcomeOf, statusOf } from '../../model/status';
import { toIsoTime } from '../../model/timestamps';
import { fetchOne } from '../../requests/object-requests';
import { fetchDeploymentsOfTransfer } from '../../resources/deployment';
import { fetchNewestExecutions, resolveExecutionId } from '../../resources/execution';
import { diagnoseExecution, diagnoseDeployment } from './diagnose-run';
import type { DiagnosedRun } from './diagnosed-run';

/**
 * Diagnoses the run of a transfer that matters most, in this order:
 * 1. its newest execution, when it is stalled;
 * 2. its newest deployment, when it is running or has failed and no later execution has failed;
 * 3. its latest failed execution;
 * 4. its newest execution.
 */
export async function diagnoseTransfer(coriolis: Coriolis, transferId: string): Promise<DiagnosedRun> {
  const [newestRun] = await fetchNewestExecutions(coriolis, transferId, 1);
  const present =
    newestRun !== undefined && isActive(newestRun.status)
      ? await diagnoseExecution(coriolis, transferId, newestRun.id)
      : undefined;
  if (present?.stalledSeconds !== undefined) return present;
  const id = await resolveExecutionId(coriolis, transferId, undefined, 'failure');
  // Without a failed execution, `id` is that of the newest one, which may have been diagnosed already.
  const execution =
    present !== undefined && present.run.id === id
      ? present
      : await diagnoseExecution(coriolis, transferId, id);
  const transfer = await fetchOne(coriolis, 'transfer', transferId);
  const [deployed] = await fetchDeploymentsOfTransfer(coriolis, transfer);
  if (deployed === undefined) return execution;
  const { run, summary } = execution;
  const status = deployed.last_execution_status;
  const hasFailed = outcomeOf(statusOf(run)) === 'failed';
  const matters = isActive(status) || outcomeOf(status) === 'failed';
  if (matters && (!hasFailed || deployed.created_at > run.created_at)) {
    return await diagnoseDeployment(coriolis, deployed.id);
  }
  if (hasFailed || outcomeOf(status) !== 'completed') return execution;
  const ended = toIsoTime(deployed.updated_at ?? deployed.created_at);
  return {
    ...execution,
    summary: `${summary} Its newest deployment, ${deployed.id}, completed at ${ended}.`,
  };
}
