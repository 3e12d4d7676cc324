import type { Coriolis } from '../api/coriolis';
import type { Deployment } from '../model/types';
import { tolerate } from '../api/tolerate';

/** An execution that may have an auto-deployment. */
export interface Deployer {
  readonly id: string;
  /** Its `created_at`. The deployment is younger. */
  readonly begunAt: string;
}

/** Deployments per page. A second page is rarely needed. */
const PAGE = 20;
const MOST_ROWS = 200;

/**
 * Finds the auto-deployments of executions, by execution id. Executions do not name them (coriolis-api.md §8), so one
 * scan of the newest deployments serves all. Empty wthing where deployments may not be listed.
 */
export async function autoDeploymentsOf(
  { client, signal }: Coriolis,
  executions: readonly Deployer[],
): Promise<ReadonlyMap<string, Deployment>> {
  const found = new Map<string, Deployment>();
  // Legacy servers have no auto-deployments.
  if (executions.length === 0 || client.spoken === 'legacy') return found;
  const oldest = executions.map(({ begunAt }) => begunAt).reduce((one, other) => (one < other ? one : other));
  const wanted = new Set(executions.map(({ id }) => id));
  const walk = async (): Promise<void> => {
    for await (const one of client.rows<Deployment>('/deployments', 'deployments', {
      pageSize: PAGE,
      limit: MOST_ROWS,
      ...(signal === undefined ? {} : { signal }),
    })) {
      if (one.created_at < oldest) return;
      const deployer = one.deployer_id ?? '';
      if (wanted.has(deployer)) found.set(deployer, one);
      if (found.size === wanted.size) return;
    }
  };
  await tolerate(walk(), ['forbidden', 'not_found', 'unreachable', 'timeout', 'server'], undefined);
  return found;
}
