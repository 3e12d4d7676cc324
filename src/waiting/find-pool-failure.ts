import type { Coriolis } from '../api/operation-context';
import { readErrorText, type ErrorText } from '../model/error-text';
import type { TransferOrDeployment, Deployment, Execution, TaskEvent } from '../model/api-objects';
import { fetchOptional } from '../requests/object-requests';

/** Maximum number of pools that are read for one run. */
const MAXIMUM_POOLS = 3;

/** Ids of the minion pools that a transfer or deployment uses. */
function poolIds(action: TransferOrDeployment): readonly string[] {
  const morphing = Object.values(action.instance_osmorphing_minion_pool_mappings ?? {});
  const ids = [action.origin_minion_pool_id, action.destination_minion_pool_id, ...morphing];
  return [...new Set(ids.filter((id) => typeof id === 'string' && id !== ''))] as readonly string[];
}

/**
 * Finds the reason why the minion pools of a run provided no machines: their newest ERROR event
 * (docs/reference/known-errors.md §1.1, rule 4). Null when there is no such event, or the user may not read pools.
 */
export async function findPoolFailure(
  coriolis: Coriolis,
  run: Execution | Deployment,
): Promise<ErrorText | null> {
  const unreadable = ['not_found', 'forbidden'] as const;
  const action =
    'transfer_id' in run ? run : await fetchOptional(coriolis, 'transfer', [run.action_id], unreadable);
  const events: TaskEvent[] = [];
  for (const id of action === undefined ? [] : poolIds(action).slice(0, MAXIMUM_POOLS)) {
    const pool = await fetchOptional(coriolis, 'minionPool', [id], unreadable);
    events.push(...(pool?.events ?? []).filter(({ level }) => level === 'ERROR'));
  }
  const newest = events.toSorted(
    (a, b) => a.created_at.localeCompare(b.created_at) || (a.index ?? 0) - (b.index ?? 0),
  );
  return readErrorText(newest.at(-1)?.message);
}
