import { InvalidInputError } from '../api/errors';
import type { Coriolis } from '../api/coriolis';
import { outcomeOf } from '../model/status';
import { defineOperation } from '../operation';
import { diagnoseDeployment, diagnoseExecution } from '../playbooks/diagnosis/diagnose';
import { callAfterRemedy } from '../playbooks/diagnosis/next-steps';
import { diagnosisView, type DiagnosedRun } from '../playbooks/diagnosis/view';
import { deploymentsOf } from '../resources/deployment';
import { executionOrLatest } from '../resources/common-fields';
import { resolveExecution } from '../resources/execution';
import { fetchOne } from '../resources/objects';
import { reference } from '../vocabulary/field-constructors';

export const diagnose = defineOperation({
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
  next: callAfterRemedy,
});

/**
 * Diagnoses the latest failure of a transfer: its newest deployment, if that failed and no execution failed after it; else
 * an execution.
 */
async function diagnoseTransfer(coriolis: Coriolis, transferId: string): Promise<DiagnosedRun> {
  const execution = await diagnoseExecution(
    coriolis,
    transferId,
    await resolveExecution(coriolis, transferId, undefined, 'failure'),
  );
  const transfer = await fetchOne(coriolis, 'transfer', transferId);
  const [newest] = await deploymentsOf(coriolis, transfer);
  const isFailed = newest !== undefined && outcomeOf(newest.last_execution_status) === 'failed';
  const { run } = execution;
  const isLater =
    isFailed &&
    ('status' in run && outcomeOf(run.status) === 'failed' ? newest.created_at > run.created_at : true);
  return isLater ? await diagnoseDeployment(coriolis, newest.id) : execution;
}
