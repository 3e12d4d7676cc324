import type { Coriolis } from '../api/operation-context';
import type { Deployment } from '../model/api-objects';
import { tolerateErrors } from '../api/tolerate-errors';
import { fetchPaged } from '../requests/object-requests';

/** A completed execution that may have an auto-deployment. */
export interface CompletedExecution {
  readonly id: string;
  /** `created_at` of the execution. Its auto-deployment is created later. */
  readonly createdAt: string;
}

/** Number of deployments in a page. */
const PAGE = 20;
/** Maximum number of the newest deployments that are scanned; older ones are not found. */
const MAXIMUM_ROWS = 200;

/**
 * Finds the auto-deployments of executions, by execution id: the deployments that Coriolis starts by itself after a
 * sync. An execution does not name its deployment (docs/reference/coriolis-api.md §8), so the newest deployments are
 * scanned once for all executions. Those found so far are returned when the list cannot be read.
 */
export async function fetchAutoDeployments(
  coriolis: Coriolis,
  executions: readonly CompletedExecution[],
): Promise<ReadonlyMap<string, Deployment>> {
  const found = new Map<string, Deployment>();
  // Legacy servers have no auto-deployments.
  if (executions.length === 0 || coriolis.client.generationInUse === 'legacy') return found;
  const oldest = executions
    .map(({ createdAt }) => createdAt)
    .reduce((one, other) => (one < other ? one : other));
  const wanted = new Set(executions.map(({ id }) => id));
  const scan = async (): Promise<void> => {
    const options = { pageSize: PAGE, limit: MAXIMUM_ROWS };
    for await (const one of fetchPaged(coriolis, 'deployment', [], options)) {
      if (one.created_at < oldest) return;
      const deployer = one.deployer_id ?? '';
      if (wanted.has(deployer)) found.set(deployer, one);
      if (found.size === wanted.size) return;
    }
  };
  await tolerateErrors(scan(), ['forbidden', 'not_found', 'unreachable', 'timeout', 'server'], undefined);
  return found;
}
