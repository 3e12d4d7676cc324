import { defineOperation } from '../operation';
import { diagnoseDeployment, diagnoseExecution } from '../playbooks/diagnosis/diagnose-run';
import { callsAfterDiagnosis } from '../playbooks/diagnosis/next-steps';
import { diagnosisView } from '../playbooks/diagnosis/diagnosed-run';
import { makeExecutionOrLatestField } from '../fields/common-fields';
import { reference } from '../vocabulary/field-constructors';
import { diagnoseLatestFailure } from '../playbooks/diagnosis/diagnose-latest-failure';
import { diagnoseTransfer } from '../playbooks/diagnosis/diagnose-transfer';

export const estateDiagnose = defineOperation({
  resource: 'estate',
  name: 'diagnose',
  title: 'Diagnose',
  form: { action: 'Diagnose a transfer or deployment' },
  tool: 'diagnose',
  summary: 'Find out why a sync or deployment failed or stands still, and what to do next',
  description:
    'Explains the latest failure of a transfer, or of all transfers: task, real error, known cause, remedy, next steps. Tells when the newest deployment completed.',
  effect: 'read',
  input: {
    transferId: reference('transfer', 'Transfer (Replica)', 'Transfer to diagnose, by id or name.', {
      optional: true,
    }),
    executionId: makeExecutionOrLatestField('the latest failure, or else the newest execution,'),
    deploymentId: reference('deployment', 'Deployment', 'Deployment to diagnose, instead of a transfer.', {
      optional: true,
    }),
  },
  output: diagnosisView,
  result: { whole: true, next: callsAfterDiagnosis },
  async run(coriolis, { transferId, executionId, deploymentId }) {
    if (deploymentId !== undefined) return await diagnoseDeployment(coriolis, deploymentId);
    if (transferId === undefined) return await diagnoseLatestFailure(coriolis);
    return executionId === undefined
      ? await diagnoseTransfer(coriolis, transferId)
      : await diagnoseExecution(coriolis, transferId, executionId);
  },
});
