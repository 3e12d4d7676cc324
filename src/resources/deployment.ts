import { path } from '../api/path';
import type { Coriolis } from '../api/coriolis';
import { isBeingStopped } from '../model/status';
import type { Deployment, Transfer } from '../model/types';
import { latestExecutions } from './execution';
import { newestFirst } from './listing';

/** Body of a deployment creation (coriolis-api.md §10.2). */
export interface DeploymentBody {
  readonly transfer_id: string;
  readonly [key: string]: unknown;
}

/**
 * Lists the deployments of a transfer, newest first and without tasks. The API has no filter by transfer, but they are
 * younger than it.
 */
export async function deploymentsOf(
  { client, signal }: Coriolis,
  transfer: Pick<Transfer, 'id' | 'created_at'>,
): Promise<readonly Deployment[]> {
  const found: Deployment[] = [];
  const until = signal === undefined ? {} : { signal };
  for await (const one of client.rows<Deployment>('/deployments', 'deployments', until)) {
    if (one.created_at < transfer.created_at) break;
    if (one.transfer_id === transfer.id) found.push(one);
  }
  return found;
}

/** Creates a deployment, which starts at once. */
export async function createDeployment({ client }: Coriolis, body: DeploymentBody): Promise<Deployment> {
  const { deployment } = await client.post<{ deployment: Deployment }>(
    '/deployments',
    { deployment: body },
    {
      recover: async (createdSince) => {
        for await (const candidate of newestFirst<Deployment>(client, '/deployments', 'deployments')) {
          if (!createdSince(candidate.created_at)) return undefined;
          // UNEXECUTED is the orphan of a refused request (trap 32).
          if (
            candidate.transfer_id === body.transfer_id &&
            candidate.last_execution_status !== 'UNEXECUTED'
          ) {
            return { deployment: candidate };
          }
        }
        return undefined;
      },
    },
  );
  return deployment;
}

/**
 * Finds a recently created and completed deployment, when nothing was executed since: another one would create the same
 * machines again.
 */
export async function findDeployed(
  coriolis: Coriolis,
  transferId: string,
  lately: (createdAt: string) => boolean,
): Promise<Deployment | undefined> {
  const { client } = coriolis;
  for await (const one of newestFirst<Deployment>(client, '/deployments', 'deployments')) {
    if (!lately(one.created_at)) return undefined;
    if (one.transfer_id !== transferId || one.last_execution_status !== 'COMPLETED') continue;
    const [newest] = await latestExecutions(coriolis, transferId, 1);
    return newest !== undefined && newest.created_at > one.created_at ? undefined : one;
  }
  return undefined;
}

/** Requests the cancellation of a deployment, which ends later. */
export async function cancelDeployment(
  { client }: Coriolis,
  deploymentId: string,
  force: boolean,
): Promise<void> {
  const where = path`/deployments/${deploymentId}`;
  await client.post(
    `${where}/actions`,
    { cancel: { force } },
    // Node.js rejects the answer of servers before 1.2.2, whose 204 has a body (trap 6).
    {
      recover: async () => {
        const { deployment } = await client.get<{ deployment: Deployment }>(where);
        return isBeingStopped(deployment.last_execution_status) ? true : undefined;
      },
    },
  );
}
