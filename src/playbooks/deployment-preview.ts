import type { Coriolis } from '../api/operation-context';
import { displayNameOf } from '../model/display-texts';
import { isActive, statusOf } from '../model/status';
import type { Deployment } from '../model/api-objects';
import { fetchOne } from '../requests/object-requests';
import { type Preview, makePreviewSubject } from '../vocabulary/preview';
import { fetchMoveDescription } from './transfer-preview';

/** Previews the cancellation of a deployment: what may stay half made, and why it would be refused. Reads only. */
export async function previewDeploymentCancellation(coriolis: Coriolis, id: string): Promise<Preview> {
  const deployment = await fetchOne(coriolis, 'deployment', id);
  return {
    subject: subjectOf(deployment),
    consequences: [
      ...(await fetchMoveDescription(coriolis, deployment)),
      'Coriolis does not wait for its workers: half-made machines, disks and snapshots may stay on the destination.',
    ],
    refusal: refusalOfCancellation(deployment),
  };
}

/** Previews the deletion of the record of a deployment: what is lost and what stays. Reads only. */
export async function previewDeploymentDeletion(coriolis: Coriolis, id: string): Promise<Preview> {
  const deployment = await fetchOne(coriolis, 'deployment', id);
  return {
    subject: subjectOf(deployment),
    consequences: [
      'Its tasks, error texts and result are lost.',
      describeRemains(deployment),
      ...(await fetchMoveDescription(coriolis, deployment)),
    ],
    refusal: isActive(deployment.last_execution_status) ? 'it is still running: cancel it first' : undefined,
  };
}

const subjectOf = (deployment: Deployment) =>
  makePreviewSubject(deployment, displayNameOf(deployment), statusOf(deployment));

/** Reason why a deployment cannot be canceled; undefined when it can be canceled. */
function refusalOfCancellation({ last_execution_status: status }: Deployment): string | undefined {
  if (isActive(status)) return undefined;
  return status === 'PENDING'
    ? 'it is still pending: cancel the execution that it waits for, or delete it'
    : `it is not running (${status})`;
}

/** Describes what remains on the destination when the record of a deployment is deleted. */
function describeRemains({ last_execution_status: status, instances, tasks = [] }: Deployment): string {
  const names = instances.join(', ');
  if (status === 'COMPLETED') return `Deployed machines stay on the destination: ${names}.`;
  const hasRun = tasks.some(({ status: one }) => !['SCHEDULED', 'UNSCHEDULED', 'PENDING'].includes(one));
  return hasRun
    ? `The deployment did not complete and deployed no machine: ${names}. Half-made machines or disks may be on the destination: diagnose the deployment first.`
    : `The deployment never began and deployed no machine: ${names}.`;
}
