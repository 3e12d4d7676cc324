import { InvalidInputError } from '../api/errors';
import type { Coriolis } from '../api/coriolis';
import { isActive, outcomeOf, statusOf } from '../model/status';
import { toIsoTime } from '../model/timestamps';
import { defineOperation } from '../operation';
import { diagnoseDeployment, diagnoseExecution } from '../playbooks/diagnosis/diagnose';
import { callsAfterDiagnosis } from '../playbooks/diagnosis/next-steps';
import { diagnosisView, type DiagnosedRun } from '../playbooks/diagnosis/view';
import { fetchDeploymentsOf } from '../resources/deployment';
import { executionOrLatest } from '../fields/common-fields';
import { latestExecutions, resolveExecution } from '../resources/execution';
import { fetchOne } from '../requests/objects';
import { reference } from '../vocabulary/field-constructors';

export const estateDiagnose = defineOperation({
  resource: 'estate',
  name: 'diagnose',
  title: 'Diagnose',
  action: 'Diagnose a transfer or deployment',
  tool: 'diagnose',
  summary: 'Find out why a sync or deployment failed or stands still, and what to do next',
  description:
    'Of a transfer what failed last, sync or deployment: task, real error, known cause, remedy, next steps.',
  effect: 'read',
  whole: true,
  input: {
    transferId: reference('transfer', 'Transfer (Replica)', 'Id or name.', {
      optional: true,
    }),
    executionId: executionOrLatest('what failed last, or else the newest execution,'),
    deploymentId: reference('deployment', 'Deployment (Migration)', 'Instead of a transfer.', {
      optional: true,
    }),
  },
  output: diagnosisView,
  async run(coriolis, { transferId, executionId, deploymentId }) {
    if (deploymentId !== undefined) return await diagnoseDeployment(coriolis, deploymentId);
    if (transferId === undefined) {
      throw new InvalidInputError('There is nothing to diagnose.', {
        field: 'transferId',
        advice: 'Name a transfer or a deployment.',
      });
    }
    return executionId === undefined
      ? await diagnoseTransfer(coriolis, transferId)
      : await diagnoseExecution(coriolis, transferId, executionId);
  },
  next: callsAfterDiagnosis,
});

/**
 * Diagnoses what matters most of a transfer: its newest execution when that stands still; its newest deployment, when that
 * is running, or failed and no execution failed after it; else the latest failed execution, or the newest.
 */
async function diagnoseTransfer(coriolis: Coriolis, transferId: string): Promise<DiagnosedRun> {
  const [newestRun] = await latestExecutions(coriolis, transferId, 1);
  if (newestRun !== undefined && isActive(newestRun.status)) {
    const present = await diagnoseExecution(coriolis, transferId, newestRun.id);
    if (present.stalledSeconds !== undefined) return present;
  }
  const execution = await diagnoseExecution(
    coriolis,
    transferId,
    await resolveExecution(coriolis, transferId, undefined, 'failure'),
  );
  const transfer = await fetchOne(coriolis, 'transfer', transferId);
  const [deployed] = await fetchDeploymentsOf(coriolis, transfer);
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
