import type { Coriolis } from '../api/operation-context';
import { tolerateErrors } from '../api/tolerate-errors';
import { outcomeOf, statusOf } from '../model/status';
import type { Deployment, Transfer } from '../model/api-objects';
import { fetchAllByQuery } from '../requests/object-requests';
import { deploymentKeys } from '../resources/deployment';
import { key, pickShape } from '../vocabulary/result-keys';
import { deployedMachinesOf, newMachineKeys } from './deployment-detail';

/** Deployments of a transfer, as its details show them. */
export interface TransferDeployments {
  /** Newest first; null when they cannot be listed. */
  readonly deployments: readonly Deployment[] | null;
  /** Whether the answers prove that the transfer has no other deployments. */
  readonly all_deployments_read: boolean;
}

/** Number of deployments that are asked for: the newest ones of all transfers. A row has about 1.5 kB. */
const SEARCHED = 100;
/** Number of deployments that are shown, besides the newest completed one. */
const SHOWN = 2;

/** Result keys of the newest deployments of a transfer. */
export const transferDeploymentKeys = {
  deployments: key.rows(
    'Its two newest deployments and the newest completed one, newest first; null when they cannot be listed',
    {
      ...pickShape(deploymentKeys, 'id', 'status', 'created_at', 'finished_at'),
      deployed_machines: key.rows('Machines it made', newMachineKeys, deployedMachinesOf, { nullable: true }),
    },
    ({ deployments }: TransferDeployments) => deployments,
    { nullable: true },
  ),
  all_deployments_read: key.flag(
    `Whether the search reached the end of the list or the transfer's creation; if false, it may have others, because only the ${SEARCHED} newest of all deployments are searched`,
  ),
};

/** The transfer itself was read, so its details do not fail when only the list of deployments does. */
const TOLERATED = ['forbidden', 'not_found', 'server', 'timeout', 'unreachable', 'protocol'] as const;

/**
 * Finds the newest deployments of a transfer. Takes one request, since the server cannot filter by transfer: the first
 * page of all deployments, on legacy servers all of them. A second small request follows when the first does not prove
 * that there are no others. A transfer that was never executed has none, so it takes no request.
 */
export async function fetchTransferDeployments(
  coriolis: Coriolis,
  { id, created_at: created, last_execution_status: status, updated_at: changed }: Transfer,
): Promise<TransferDeployments> {
  if (status === 'UNEXECUTED' && changed === null) return { deployments: [], all_deployments_read: true };
  const page = await fetchPage(coriolis, { limit: SEARCHED });
  if (page === null) return { deployments: null, all_deployments_read: false };
  // An UNEXECUTED deployment is left over from a refused request (docs/reference/coriolis-api.md §17, trap 32).
  const own = page
    .filter((one) => one.transfer_id === id && statusOf(one) !== 'UNEXECUTED')
    .sort((one, other) => other.created_at.localeCompare(one.created_at));
  const completed = own.find((one) => outcomeOf(statusOf(one)) === 'completed');
  return {
    deployments: own.filter((one, index) => index < SHOWN || one === completed),
    all_deployments_read: await containsAllSince(coriolis, page, created),
  };
}

/** Reads deployments; null when they cannot be listed. */
const fetchPage = async (
  coriolis: Coriolis,
  query: { readonly limit: number; readonly marker?: string },
): Promise<readonly Deployment[] | null> =>
  await tolerateErrors(fetchAllByQuery(coriolis, 'deployment', [], query), TOLERATED, null);

/**
 * Whether a page has all deployments that were created since a time (`created_at` of the server). The number of its rows
 * proves nothing: a proxy or the server may have shortened the page. So when the page does not reach back to that time,
 * the row after it is asked for.
 */
async function containsAllSince(
  coriolis: Coriolis,
  page: readonly Deployment[],
  since: string,
): Promise<boolean> {
  const last = page.at(-1);
  // Servers before 1.2.2 ignore the limit and the order, and send all rows (docs/reference/coriolis-api.md §1.6).
  if (last === undefined || page.length > SEARCHED || !isNewestFirst(page)) return true;
  if (last.created_at < since) return true;
  const rest = await fetchPage(coriolis, { limit: 1, marker: last.id });
  if (rest === null) return false;
  if (rest.some(({ id }) => id === last.id)) {
    // The server ignores the marker as well, so it sent all rows both times, unless something is new.
    const known = new Set(page.map(({ id }) => id));
    return rest.every((one) => known.has(one.id));
  }
  // After a marker that was deleted meanwhile, the newest row comes again: it is younger, and proves nothing.
  return rest.every((one) => one.created_at < since);
}

/** Whether rows are in the order of servers that heed the limit. Few rows may be in this order by chance. */
const isNewestFirst = (rows: readonly Deployment[]): boolean =>
  rows.every((row, index) => row.created_at <= (rows[index - 1]?.created_at ?? row.created_at));
