import type { Coriolis } from '../api/operation-context';
import { displayNameOf } from '../model/display-texts';
import { isStoppedOrStopping, isFinal, outcomeOf, statusOf } from '../model/status';
import { isSameJson, type JsonObject } from '../model/json';
import { secondsBetween } from '../model/timestamps';
import type { Deployment, Transfer } from '../model/api-objects';
import { key, view } from '../vocabulary/result-keys';
import { toComparableScripts } from '../fields/user-scripts-field';
import { fetchNewestExecutions } from './execution';
import { fetchNewestFirst, fetchRecentlyCreated } from '../requests/fetch-lists';
import { createOne, fetchOne, fetchPaged, makeObjectPath } from '../requests/object-requests';

export const deploymentKeys = {
  id: key.text('Deployment id'),
  transfer_id: key.text('Transfer that was deployed; null for a direct migration', { nullable: true }),
  name: key.text('Notes, else the instances', (deployment: Deployment) => displayNameOf(deployment), {
    untrusted: true,
  }),
  status: key.text('Status; PENDING while the deployment waits for its execution', (deployment: Deployment) =>
    statusOf(deployment),
  ),
  outcome: key.text(
    'completed, failed or canceled; null while the deployment has not ended',
    (deployment: Deployment) => outcomeOf(statusOf(deployment)),
    { nullable: true },
  ),
  instances: key.texts('Machines of the deployment', { untrusted: true }),
  execution_id: key.text(
    'Execution for which the deployment waits or waited',
    ({ deployer_id: id }: Deployment) => id,
    {
      nullable: true,
    },
  ),
  created_at: key.time('Created'),
  finished_at: key.time('Ended', finishedAt, { nullable: true }),
  duration_seconds: key.number(
    'From creation to end',
    (deployment: Deployment) => secondsBetween(deployment.created_at, finishedAt(deployment)),
    { nullable: true },
  ),
};

/** A deployment as one row of a list. */
export const deploymentView = view<Deployment>()(deploymentKeys);

/** End of a final deployment: the time of its last change (docs/reference/watching.md §1). */
function finishedAt(deployment: Deployment): string | null {
  return isFinal(statusOf(deployment)) ? deployment.updated_at : null;
}

/**
 * Reads the deployments of a transfer, newest first and without tasks. The server cannot filter by transfer, so the
 * list of all deployments is scanned. The scan ends at the age of the transfer, since its deployments are younger.
 */
export const fetchDeploymentsOfTransfer = async (
  coriolis: Coriolis,
  transfer: Pick<Transfer, 'id' | 'created_at'>,
): Promise<readonly Deployment[]> =>
  (await fetchDeploymentsByTransfer(coriolis, [transfer])).get(transfer.id) ?? [];

/** As `fetchDeploymentsOfTransfer` for several transfers, by transfer id, in one scan. */
export async function fetchDeploymentsByTransfer(
  coriolis: Coriolis,
  transfers: ReadonlyArray<Pick<Transfer, 'id' | 'created_at'>>,
): Promise<ReadonlyMap<string, readonly Deployment[]>> {
  const found = new Map(transfers.map(({ id }) => [id, [] as Deployment[]]));
  const oldest = transfers.map(({ created_at: at }) => at).sort()[0];
  if (oldest === undefined) return found;
  for await (const one of fetchPaged(coriolis, 'deployment', [])) {
    if (one.created_at < oldest) break;
    found.get(one.transfer_id ?? '')?.push(one);
  }
  return found;
}

/**
 * Finds the newest completed deployment of a transfer, if it was created recently and the transfer was not executed
 * since. A further deployment would then create a second set of the same machines.
 */
export async function findRecentDeployment(
  coriolis: Coriolis,
  transferId: string,
  isRecent: (createdAt: string) => boolean,
): Promise<Deployment | undefined> {
  for await (const one of fetchNewestFirst(coriolis, 'deployment')) {
    if (!isRecent(one.created_at)) return undefined;
    if (one.transfer_id !== transferId || statusOf(one) !== 'COMPLETED') continue;
    const [newest] = await fetchNewestExecutions(coriolis, transferId, 1);
    return newest !== undefined && newest.created_at > one.created_at ? undefined : one;
  }
  return undefined;
}

/** Settings of a new deployment. Undefined settings are taken from the transfer. */
export interface DeploymentSettings {
  readonly cloneDisks?: boolean | undefined;
  readonly skipOsMorphing?: boolean | undefined;
  readonly userScripts?: JsonObject | undefined;
  /** Ids of minion pools, by instance. */
  readonly osMorphingPools?: Readonly<Record<string, unknown>> | undefined;
}

/** Whether a deployment has the settings of a call, so that the call would create the same deployment again. */
export function matchesDeploymentSettings(
  one: Deployment,
  { cloneDisks, skipOsMorphing, userScripts: scripts, osMorphingPools: pools = {} }: DeploymentSettings,
): boolean {
  const inForm = (of: JsonObject | null | undefined) => toComparableScripts(of, one.instances);
  const heldPools = one.instance_osmorphing_minion_pool_mappings ?? {};
  return (
    (cloneDisks === undefined || one.clone_disks === cloneDisks) &&
    (skipOsMorphing === undefined || one.skip_os_morphing === skipOsMorphing) &&
    (scripts === undefined || isSameJson(inForm(one.user_scripts), inForm(scripts))) &&
    // A deployment also has the pools of its transfer (docs/reference/coriolis-api.md §10.2), so others are ignored.
    Object.entries(pools).every(([instance, pool]) => heldPools[instance] === pool)
  );
}

/** Body of a new deployment, under the server's keys (docs/reference/coriolis-api.md §10.2). */
export interface DeploymentRequestBody {
  readonly transfer_id: string;
  readonly [key: string]: unknown;
}

/** Creates a deployment, which starts at once. */
export const createDeployment = (coriolis: Coriolis, body: DeploymentRequestBody): Promise<Deployment> =>
  createOne(coriolis, 'deployment', [], body, {
    find: (createdSince) =>
      // An UNEXECUTED deployment is left over from a refused request (docs/reference/coriolis-api.md §17, trap 32).
      fetchRecentlyCreated(
        coriolis,
        'deployment',
        createdSince,
        (one) => one.transfer_id === body.transfer_id && statusOf(one) !== 'UNEXECUTED',
      ),
  });

/** Requests the cancellation of a deployment. The deployment ends some time after this call. */
export async function cancelDeployment(coriolis: Coriolis, id: string, force: boolean): Promise<void> {
  await coriolis.client.post(
    `${makeObjectPath('deployment', id)}/actions`,
    { cancel: { force } },
    // Node's HTTP clients lose the response of servers before 1.2.2, whose 204 has a body
    // (docs/reference/coriolis-api.md §17, trap 6).
    {
      recover: async () =>
        isStoppedOrStopping(statusOf(await fetchOne(coriolis, 'deployment', id))) ? true : undefined,
    },
  );
}
