import type { Coriolis } from '../api/operation-context';
import { tolerateErrors } from '../api/tolerate-errors';
import { outcomeOf, statusOf } from '../model/status';
import type { Deployment, Transfer } from '../model/api-objects';
import { fetchAllByQuery } from '../requests/objects';
import { deploymentKeys } from '../resources/deployment';
import { key, pickShape } from '../vocabulary/result-keys';
import { deployedMachines, newMachineKeys } from './deployment-detail';

/** Deployments of a transfer, as its details show them. */
export interface TransferDeployments {
  /** Newest first; null when they cannot be listed. */
  readonly deployments: readonly Deployment[] | null;
  /** Whether older deployments of the transfer cannot exist. */
  readonly all_deployments_read: boolean;
}

/** Number of deployments that are searched: the newest ones of all transfers. A row has about 1.5 kB. */
const SEARCHED = 100;
/** Number of deployments that are shown, besides the newest completed one. */
const SHOWN = 2;

/** Result keys of the newest deployments of a transfer. */
export const transferDeploymentKeys = {
  deployments: key.rows(
    'Its two newest deployments and the newest completed one, newest first; null when they cannot be listed',
    {
      ...pickShape(deploymentKeys, 'id', 'status', 'created_at', 'finished_at'),
      deployed_machines: key.rows('Machines it made', newMachineKeys, deployedMachines, { nullable: true }),
    },
    ({ deployments }: TransferDeployments) => deployments,
    { nullable: true },
  ),
  all_deployments_read: key.flag(
    `False when it may have others: only the ${SEARCHED} newest of all deployments are searched`,
  ),
};

/** The transfer itself was read, so its details do not fail when only the list of deployments does. */
const TOLERATED = ['forbidden', 'not_found', 'server', 'timeout', 'unreachable', 'protocol'] as const;

/**
 * Finds the newest deployments of a transfer. Takes one request, since the server cannot filter by transfer: the first
 * page of all deployments, on legacy servers all of them. A transfer that was never executed has none, so it takes no
 * request.
 */
export async function fetchDeploymentsOfDetail(
  coriolis: Coriolis,
  { id, created_at: created, last_execution_status: status, updated_at: changed }: Transfer,
): Promise<TransferDeployments> {
  if (status === 'UNEXECUTED' && changed === null) return { deployments: [], all_deployments_read: true };
  const page = await tolerateErrors(
    fetchAllByQuery(coriolis, 'deployment', [], { limit: SEARCHED }),
    TOLERATED,
    null,
  );
  if (page === null) return { deployments: null, all_deployments_read: false };
  // An UNEXECUTED deployment is left over from a refused request (docs/reference/coriolis-api.md §17, trap 32).
  const own = page
    .filter((one) => one.transfer_id === id && statusOf(one) !== 'UNEXECUTED')
    .sort((one, other) => other.created_at.localeCompare(one.created_at));
  const completed = own.find((one) => outcomeOf(statusOf(one)) === 'completed');
  const reachesBack = page.length !== SEARCHED || page.some((one) => one.created_at < created);
  return {
    deployments: own.filter((one, index) => index < SHOWN || one === completed),
    all_deployments_read: reachesBack,
  };
}
