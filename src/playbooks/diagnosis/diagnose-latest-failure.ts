import type { Coriolis } from '../../api/operation-context';
import { InvalidInputError } from '../../api/errors';
import { outcomeOf } from '../../model/status';
import type { Deployment, Transfer } from '../../model/api-objects';
import { fetchLatestChanged } from '../../requests/fetch-lists';
import { diagnoseDeployment } from './diagnose-run';
import { diagnoseTransfer } from './diagnose-transfer';
import type { DiagnosedRun } from './diagnosed-run';

/** Number of the last changed transfers, and of the last changed deployments, that are searched for a failure. */
const SEARCHED = 100;

const hasFailed = ({ last_execution_status: status }: Transfer | Deployment): boolean =>
  outcomeOf(status) === 'failed';

/**
 * Diagnoses the latest failure of all transfers and deployments. Costs two lists besides the diagnosis.
 * @throws {InvalidInputError} none of the searched transfers and deployments has failed
 */
export async function diagnoseLatestFailure(coriolis: Coriolis): Promise<DiagnosedRun> {
  const transfer = (await fetchLatestChanged(coriolis, 'transfer', SEARCHED)).find(hasFailed);
  const deployment = (await fetchLatestChanged(coriolis, 'deployment', SEARCHED)).find(hasFailed);
  if (deployment !== undefined && (deployment.updated_at ?? '') > (transfer?.updated_at ?? '')) {
    return await diagnoseDeployment(coriolis, deployment.id);
  }
  if (transfer !== undefined) return await diagnoseTransfer(coriolis, transfer.id);
  throw new InvalidInputError(
    `Nothing has failed of the ${SEARCHED} transfers and the ${SEARCHED} deployments that changed last.`,
    { field: 'transferId', advice: 'Name a transfer or a deployment.' },
  );
}
